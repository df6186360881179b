//! Sessions and documents, seen as a host sees them.
#![allow(clippy::unwrap_used, reason = "tests")]

mod outside;
mod results;
mod scenario;
mod session;
