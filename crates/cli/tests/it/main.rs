//! The program as users meet it: the real binary, its exit codes, and every word that it says.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod batch;
mod bench;
mod experiment;
mod input;
mod interrupt;
mod ledger;
mod places;
mod realtime;
mod serve;
#[cfg(target_os = "linux")]
mod serve_full;
mod serve_killed;
#[cfg(target_os = "linux")]
mod serve_loads;
mod serving;
mod sizes;
mod snapshot;
mod surface;
mod traces;
mod workshop;
