//! The integration tests of the kernel: one binary, one module a subject.
#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps an error fails, as it should"
)]

mod random;
mod random_ziggurat;
