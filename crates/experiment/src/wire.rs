//! Jobs, results and workloads as bytes, for sending them to another process.
//!
//! Numbers keep every bit, which not every reader of JSON promises.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

/// Bytes that are not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireError {
    /// What is wrong with them.
    pub reason: String,
}

impl fmt::Display for WireError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "these bytes are no message of an experiment: {}; expected one of the same version",
            self.reason
        )
    }
}

impl std::error::Error for WireError {}

/// A [`Job`](crate::Job), [`JobResult`](crate::JobResult) or [`Workload`](crate::Workload) as bytes.
///
/// # Panics
/// When a map inside tells no length beforehand; none of these has one.
#[must_use]
pub fn to_bytes(message: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(message).expect("plain values serialise")
}

/// What [`to_bytes`] made bytes of.
///
/// # Errors
/// When the bytes are of something else, or not whole.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WireError> {
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        Ok((_, rest)) => Err(WireError {
            reason: format!("{} bytes are left over", rest.len()),
        }),
        Err(error) => Err(WireError {
            reason: error.to_string(),
        }),
    }
}
