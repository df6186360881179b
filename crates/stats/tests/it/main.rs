//! Tests of the statistics crate, one module a concept.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accumulators;
mod distributions;
mod goodness_of_fit;
mod histogram;
mod near;
mod queueing;
mod ratio;
mod serialization;
