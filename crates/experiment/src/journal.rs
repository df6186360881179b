//! A journal of results: what a host writes down so that an experiment that was killed goes on where it was.
//!
//! A journal begins with a header that says whose it is. Each record is complete in itself: its length, its hash, and a
//! [`JobResult`]. What was torn off at the end by a kill is not read; what is damaged elsewhere, or belongs to another
//! experiment, is refused. Bytes only: the file is the host's.

use std::{collections::BTreeMap, fmt};

use twox_hash::XxHash3_64;

use crate::{job::JobResult, study::Study};

/// What every journal begins with; the last byte is the version.
const MAGIC: [u8; 8] = *b"plvexpj\x01";
const FINGERPRINT_BYTES: usize = 32;
/// Bytes of a header.
pub const HEADER_BYTES: usize = MAGIC.len() + FINGERPRINT_BYTES;
/// Bytes before a record's content: its length and its hash.
const RECORD_HEAD_BYTES: usize = 4 + 8;

/// Why bytes are no journal of an experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JournalError {
    /// They begin with something else.
    NotAJournal,
    /// They are of a version that is not read.
    Version {
        /// Which.
        got: u8,
    },
    /// They belong to another experiment, or this one was changed since.
    Foreign,
    /// A record is not what was written.
    Damaged {
        /// Where it begins, in bytes.
        at: usize,
    },
}

impl fmt::Display for JournalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAJournal => out.write_str("it is no journal of an experiment"),
            Self::Version { got } => write!(
                out,
                "it is a journal of version {got}: this program reads version {}",
                MAGIC[MAGIC.len() - 1]
            ),
            Self::Foreign => out.write_str(
                "it belongs to another experiment, or to this one before it or its scenario was changed",
            ),
            Self::Damaged { at } => write!(out, "the record at byte {at} is damaged"),
        }
    }
}

impl std::error::Error for JournalError {}

/// The first bytes of the journal of this study.
#[must_use]
pub fn header(study: &Study) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(study.fingerprint);
    bytes
}

/// A result as a record, to be appended.
#[must_use]
pub fn record(result: &JobResult) -> Vec<u8> {
    let content = postcard::to_allocvec(result).expect("plain values serialise");
    let length = u32::try_from(content.len()).expect("a job has few replications");
    let mut bytes = Vec::with_capacity(RECORD_HEAD_BYTES + content.len());
    bytes.extend(length.to_le_bytes());
    bytes.extend(XxHash3_64::oneshot(&content).to_le_bytes());
    bytes.extend(content);
    bytes
}

/// What a journal holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal {
    /// Results by the number of their job.
    pub results: BTreeMap<u64, JobResult>,
    /// Bytes up to which it is whole; what is behind them was torn off and is to be cut away before more is appended.
    pub whole_bytes: usize,
}

/// Reads the journal of this study; no bytes at all are an empty one.
///
/// # Errors
/// When it is none, belongs to another experiment, or is damaged other than at its end.
pub fn read(study: &Study, bytes: &[u8]) -> Result<Journal, JournalError> {
    let head = header(study);
    if bytes.len() < HEADER_BYTES {
        // A header that was torn off.
        return if head.starts_with(bytes) {
            Ok(Journal::default())
        } else {
            Err(JournalError::NotAJournal)
        };
    }
    let (version_at, magic) = (MAGIC.len() - 1, &bytes[..MAGIC.len()]);
    if magic[..version_at] != MAGIC[..version_at] {
        return Err(JournalError::NotAJournal);
    }
    if magic[version_at] != MAGIC[version_at] {
        return Err(JournalError::Version {
            got: magic[version_at],
        });
    }
    if bytes[..HEADER_BYTES] != head {
        return Err(JournalError::Foreign);
    }
    let mut journal = Journal {
        results: BTreeMap::new(),
        whole_bytes: HEADER_BYTES,
    };
    while let Some((result, after)) = next_record(bytes, journal.whole_bytes)? {
        journal.results.insert(result.id, result);
        journal.whole_bytes = after;
    }
    Ok(journal)
}

/// The record at `at` and where it ends; `None` at the end, or where a record was torn off.
fn next_record(bytes: &[u8], at: usize) -> Result<Option<(JobResult, usize)>, JournalError> {
    let Some(head) = bytes.get(at..at + RECORD_HEAD_BYTES) else {
        return Ok(None);
    };
    let (length, hash) = head.split_at(4);
    let length = u32::from_le_bytes(length.try_into().expect("four bytes were split off"));
    let hash = u64::from_le_bytes(hash.try_into().expect("eight bytes are left"));
    let start = at + RECORD_HEAD_BYTES;
    let end = start.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
    let Some(content) = bytes.get(start..end) else {
        return Ok(None);
    };
    let is_whole = XxHash3_64::oneshot(content) == hash;
    match postcard::from_bytes(content) {
        Ok(result) if is_whole => Ok(Some((result, end))),
        // The last record may have been torn in its middle, its length being there already.
        _ if end == bytes.len() => Ok(None),
        _ => Err(JournalError::Damaged { at }),
    }
}
