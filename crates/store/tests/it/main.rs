//! Stored ledgers, written and read back, whole and damaged.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod arrow_bytes;
mod conversion;
mod corpus;
mod damage;
mod full_disk;
mod killed;
mod layout;
mod ledgers;
mod memory;
mod refusals;
mod round_trip;
mod unfinished;
