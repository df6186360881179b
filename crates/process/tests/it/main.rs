//! Tests of the crate through its public face.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod antithetic;
mod behaviour;
mod conservation;
mod corpus;
mod determinism;
mod expression;
mod oracles;
mod reader;
mod recorded;
mod robustness;
mod worlds;
