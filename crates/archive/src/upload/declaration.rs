//! What a sender says of a ledger before it comes.

use pluriverse_kernel::ledger::{CHUNK_ROWS, Closing, Dictionary, LedgerHash};
use pluriverse_store::Provenance;
use serde::Deserialize;

use super::chunk::ROW_BYTES;
use crate::error::ArchiveError;

/// What is to come.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// What made the ledger.
    pub provenance: Provenance,
    /// What its numbers mean.
    pub dictionary: Dictionary,
    /// Number and hash of its rows.
    pub closing: Closing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeclarationText {
    provenance: Provenance,
    dictionary: Dictionary,
    rows: u64,
    hash: String,
    chunks: Option<u64>,
}

impl Declaration {
    /// Reads `{"provenance": …, "dictionary": …, "rows": n, "hash": "64 hexadecimal digits", "chunks": n}`, the last
    /// of which may be left out; the first two are as in a stored ledger's header.
    ///
    /// # Errors
    /// [`ArchiveError::Invalid`] when it is something else.
    pub fn from_json(text: &str) -> Result<Self, ArchiveError> {
        let wrong = |got: String, expected: &str| ArchiveError::Invalid {
            what: "the declaration",
            got,
            expected: expected.to_owned(),
        };
        let read: DeclarationText = serde_json::from_str(text)
            .map_err(|error| wrong(error.to_string(), "provenance, dictionary, rows and hash"))?;
        let hash = parse_ledger_hash(&read.hash)
            .ok_or_else(|| wrong(read.hash.clone(), "a hash of 64 hexadecimal digits"))?;
        let declaration = Self {
            provenance: read.provenance,
            dictionary: read.dictionary,
            closing: Closing {
                rows: read.rows,
                hash,
            },
        };
        let chunks = declaration.chunk_count();
        if read.chunks.is_some_and(|told| told != chunks) {
            return Err(wrong(
                format!("{} chunks", read.chunks.unwrap_or_default()),
                &format!("{chunks} of up to {CHUNK_ROWS} rows"),
            ));
        }
        Ok(declaration)
    }

    /// How many chunks there will be.
    #[must_use]
    pub fn chunk_count(&self) -> u64 {
        chunk_count(self.closing.rows)
    }

    /// How many bytes all of them will be.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.closing.rows.saturating_mul(ROW_BYTES as u64)
    }
}

/// How many chunks so many rows fill.
pub(super) fn chunk_count(rows: u64) -> u64 {
    rows.div_ceil(CHUNK_ROWS as u64)
}

/// The hash of a ledger from 64 hexadecimal digits.
pub(crate) fn parse_ledger_hash(text: &str) -> Option<LedgerHash> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let pairs: &[[u8; 2]; 32] = pairs.try_into().ok().filter(|_| rest.is_empty())?;
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(pairs) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(LedgerHash(hash))
}
