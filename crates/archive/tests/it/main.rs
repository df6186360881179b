//! Archives on both databases: every test that can runs on SQLite and on a PostgreSQL server of its own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod claim;
mod databases;
mod faults;
mod figures;
mod ingest;
mod killed;
mod ledgers;
mod runs;
mod server;
mod spool;
mod upload;
