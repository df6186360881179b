//! Tests of the crate through its public face.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod designs;
mod expression;
mod figures;
mod long_run;
mod machine;
mod reader;
mod resume;
mod staffing;
mod studies;
mod validation;
