//! Jobs, results and workloads as bytes, for sending them to another process.
//!
//! Numbers keep every bit, which not every reader of JSON promises. A message opens with the version that made it, as a line
//! of text: another version may have other rules, so that its results are not those of this one.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

/// The version whose messages are read here.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// What a message opens with, before the version and the end of the line.
const OPENING: &[u8] = b"pluriverse ";

/// Bytes that are not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireError {
    /// Another version made them.
    OtherVersion {
        /// Which.
        got: String,
    },
    /// They are of something else, or not whole.
    NotAMessage {
        /// What is wrong with them.
        reason: String,
    },
}

impl fmt::Display for WireError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherVersion { got } => write!(
                out,
                "this message of an experiment was made by version {got} of Pluriverse, and here is version {VERSION}: \
                 install the same version wherever its runs are made"
            ),
            Self::NotAMessage { reason } => write!(
                out,
                "these bytes are no message of an experiment: {reason}; expected one of version {VERSION}"
            ),
        }
    }
}

impl std::error::Error for WireError {}

/// A [`Job`](crate::Job), [`JobResult`](crate::JobResult) or [`Workload`](crate::Workload) as bytes.
///
/// # Panics
/// When a map inside tells no length beforehand; none of these has one.
#[must_use]
pub fn to_bytes(message: &impl Serialize) -> Vec<u8> {
    let opening = [OPENING, VERSION.as_bytes(), b"\n"].concat();
    postcard::to_extend(message, opening).expect("plain values serialise")
}

/// What [`to_bytes`] made bytes of.
///
/// # Errors
/// When another version made the bytes, or they are of something else or not whole.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WireError> {
    let not_a_message = |reason: String| WireError::NotAMessage { reason };
    let (version, content) =
        opened(bytes).ok_or_else(|| not_a_message("they do not begin as one does".to_owned()))?;
    if version != VERSION {
        let got = version.to_owned();
        return Err(WireError::OtherVersion { got });
    }
    match postcard::take_from_bytes(content) {
        Ok((message, [])) => Ok(message),
        Ok((_, rest)) => Err(not_a_message(format!("{} bytes are left over", rest.len()))),
        Err(error) => Err(not_a_message(error.to_string())),
    }
}

/// The version that made a message, and what follows.
fn opened(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let line = bytes.strip_prefix(OPENING)?;
    let end = line.iter().position(|byte| *byte == b'\n')?;
    let version = str::from_utf8(&line[..end]).ok()?;
    Some((version, &line[end + 1..]))
}
