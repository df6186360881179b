//! The integration tests of the kernel: one binary, one module a subject.
#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps an error fails, as it should"
)]

mod clock;
mod distribution;
mod distribution_closed_forms;
mod distribution_fit;
mod first_model;
mod grid;
mod inputs;
mod ledger;
mod lifecycle;
mod mirrored;
mod pending;
mod random;
mod random_goodness;
mod random_ziggurat;
mod replicate;
mod room;
mod seek;
mod sinks;
mod snapshot;
mod time;
mod ways;
mod worlds;
