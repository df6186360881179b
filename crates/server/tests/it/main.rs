//! The server over real sockets: what it answers, what it refuses, and that nobody's watching changes a world.
#![allow(clippy::unwrap_used, reason = "a test says by failing what went wrong")]

mod client;
#[path = "../../../archive/tests/it/server.rs"]
mod cluster;
mod connections;
mod contract;
mod crossing;
mod documents;
mod ledgers;
mod metrics;
mod mounted;
mod postgres;
mod refusals;
mod runs;
mod tls;
mod tokens;
mod upkeep;
mod uploads;
mod watching;
mod worlds;
