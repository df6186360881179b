//! What a stored ledger says besides its rows: a header when it begins, a seal when it ends.
//!
//! Both are JSON, the same in every format. The seal carries the ledger's hash, which covers rows and dictionary,
//! and a checksum of the header, so that nothing in the file changes unnoticed.

use pluriverse_kernel::ledger::{Closing, Dictionary, LedgerHash};
use serde::{Deserialize, Serialize};

use crate::provenance::Provenance;

/// The version of the stored form that is written here, and the newest that is read.
pub(crate) const VERSION: u32 = 1;

/// Longest reason that a seal carries, in bytes: a reader looks for the seal in the last bytes of a file.
const REASON_BYTES: usize = 2048;

/// What made the ledger and what its numbers mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pluriverse_ledger: u32,
    pub(crate) provenance: Provenance,
    pub(crate) dictionary: Dictionary,
}

/// Why a text is no header.
#[derive(Debug)]
pub(crate) enum HeaderError {
    /// It was made by a newer version.
    Newer(u32),
    /// Something else is wrong with it.
    Malformed(String),
}

impl Header {
    pub(crate) fn new(provenance: Provenance, dictionary: Dictionary) -> Self {
        Self {
            pluriverse_ledger: VERSION,
            provenance,
            dictionary,
        }
    }

    /// The header as one line of JSON.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers always encode")
    }

    pub(crate) fn from_json(text: &str) -> Result<Self, HeaderError> {
        #[derive(Deserialize)]
        struct Version {
            pluriverse_ledger: u32,
        }
        let malformed = |error: serde_json::Error| HeaderError::Malformed(reason(&error));
        let version: Version = serde_json::from_str(text).map_err(malformed)?;
        if version.pluriverse_ledger > VERSION {
            return Err(HeaderError::Newer(version.pluriverse_ledger));
        }
        let header: Self = serde_json::from_str(text).map_err(malformed)?;
        check(&header.dictionary).map_err(HeaderError::Malformed)?;
        Ok(header)
    }

    /// blake3 of the header's JSON, in hexadecimal.
    pub(crate) fn checksum(&self) -> String {
        blake3::hash(self.to_json().as_bytes()).to_hex().to_string()
    }
}

/// Whether names can be looked up in the dictionary.
pub(crate) fn check(dictionary: &Dictionary) -> Result<(), String> {
    for noun in &dictionary.nouns {
        if !noun.labels.is_sorted_by_key(|label| label.first) {
            return Err(format!(
                "the labels of the noun `{}` are not in ascending order",
                noun.name
            ));
        }
    }
    Ok(())
}

/// How a stored ledger ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Number of rows that are stored, and their hash.
    pub closing: Closing,
    /// Why rows are missing at the end; `None` when the ledger is complete.
    pub cut: Option<String>,
}

/// A seal as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SealText {
    rows: u64,
    hash: String,
    header: String,
    cut: Option<String>,
}

impl Seal {
    /// The stored form, under a header with this checksum.
    pub(crate) fn to_text(&self, header_checksum: String) -> SealText {
        let cut = self.cut.as_ref().map(|reason| {
            let end = reason.floor_char_boundary(REASON_BYTES);
            reason[..end].to_owned()
        });
        SealText {
            rows: self.closing.rows,
            hash: self.closing.hash.to_string(),
            header: header_checksum,
            cut,
        }
    }
}

impl SealText {
    /// The seal as one line of JSON.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers always encode")
    }

    /// The seal, once it is known to belong to `header`.
    pub(crate) fn check(self, header: &Header) -> Result<Seal, String> {
        if header.checksum() != self.header {
            return Err(format!("a header with the checksum {}", self.header));
        }
        let hash = parse_hash(&self.hash)
            .ok_or_else(|| format!("a hash of 64 hexadecimal digits, not {}", self.hash))?;
        Ok(Seal {
            closing: Closing {
                rows: self.rows,
                hash,
            },
            cut: self.cut,
        })
    }
}

fn parse_hash(text: &str) -> Option<LedgerHash> {
    Some(LedgerHash(*blake3::Hash::from_hex(text).ok()?.as_bytes()))
}

/// What is wrong with a text, without the place, which only means something within the text.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}
