//! Sessions and documents, seen as a host sees them.
#![allow(clippy::unwrap_used, reason = "tests")]

mod scenario;
mod session;
