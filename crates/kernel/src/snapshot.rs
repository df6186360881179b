//! The snapshot container: a header and named sections, each with its length and checksum.
//!
//! A file is checked whole before anything is read from it, so a corrupt or foreign one changes nothing. Bulk
//! columns go in as raw little-endian bytes, small records as postcard. Knows no model.
//!
//! Layout (little-endian): magic `PLURSNAP`, format `u16`, header length `u32`, header (postcard: model, layout,
//! section names and lengths and xxh3 of each), xxh3 of the header `u64`, then the sections one after the other.

use std::{fmt, hash::Hasher, ops::Range};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::xxh3;

const MAGIC: [u8; 8] = *b"PLURSNAP";
/// The newest format that this version writes and reads.
pub const SNAPSHOT_FORMAT: u16 = 1;

/// Why bytes are no snapshot of this world; the world is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The bytes do not begin as a snapshot does.
    NotASnapshot,
    /// A newer version wrote it.
    TooNew {
        /// Its format.
        got: u16,
        /// The newest that is known here.
        supported: u16,
    },
    /// It ends too early.
    Truncated {
        /// Offset at which bytes are missing.
        offset: usize,
        /// How many bytes are missing there.
        missing_bytes: usize,
    },
    /// Bytes were changed.
    Corrupt {
        /// The section, `header` for the header.
        section: String,
        /// Offset of its first byte.
        offset: usize,
    },
    /// It belongs to another model.
    Foreign {
        /// The model here.
        expected: String,
        /// The model that it names.
        got: String,
    },
    /// It belongs to a world of the same kind whose parts are others.
    OtherWorld {
        /// What differs.
        reason: String,
    },
    /// The model writes no state that could be read.
    NoState {
        /// The model.
        model: String,
    },
    /// A section is missing.
    MissingSection {
        /// Its name.
        section: String,
    },
    /// A section's content contradicts itself.
    Invalid {
        /// The section.
        section: String,
        /// What is wrong.
        reason: String,
    },
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASnapshot => write!(
                out,
                "this is not a snapshot (it does not begin with PLURSNAP)"
            ),
            Self::TooNew { got, supported } => {
                write!(
                    out,
                    "the snapshot has format {got}, this version reads up to {supported}"
                )
            }
            Self::Truncated {
                offset,
                missing_bytes,
            } => {
                write!(
                    out,
                    "the snapshot ends at byte {offset}, at least {missing_bytes} too early"
                )
            }
            Self::Corrupt { section, offset } => {
                write!(
                    out,
                    "the snapshot's section `{section}` at byte {offset} does not match its checksum"
                )
            }
            Self::Foreign { expected, got } => {
                write!(
                    out,
                    "the snapshot is of a `{got}` world, expected `{expected}`"
                )
            }
            Self::OtherWorld { reason } => {
                write!(out, "the snapshot is of another world: {reason}")
            }
            Self::NoState { model } => {
                write!(
                    out,
                    "a `{model}` world has no snapshots: its model does not save its state"
                )
            }
            Self::MissingSection { section } => {
                write!(out, "the snapshot has no section `{section}`")
            }
            Self::Invalid { section, reason } => {
                write!(
                    out,
                    "the snapshot's section `{section}` makes no sense: {reason}"
                )
            }
        }
    }
}

impl std::error::Error for SnapshotError {}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    model: String,
    sections: Vec<Section>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Section {
    name: String,
    len: u64,
    checksum: u64,
}

/// Collects the sections of a snapshot.
#[derive(Debug)]
pub struct SnapshotWriter {
    header: Header,
    body: Vec<u8>,
}

impl SnapshotWriter {
    /// An empty snapshot of a world of this model.
    #[must_use]
    pub fn new(model: &str) -> Self {
        Self {
            header: Header {
                model: model.to_owned(),
                sections: Vec::new(),
            },
            body: Vec::new(),
        }
    }

    /// Adds raw bytes; columns are little-endian by convention.
    pub fn bytes(&mut self, name: &str, bytes: &[u8]) {
        debug_assert!(
            self.header
                .sections
                .iter()
                .all(|section| section.name != name),
            "section names are unique"
        );
        let section = Section {
            name: name.to_owned(),
            len: bytes.len() as u64,
            checksum: xxh3::oneshot(bytes),
        };
        self.header.sections.push(section);
        self.body.extend_from_slice(bytes);
    }

    /// Adds a record.
    ///
    /// # Panics
    /// When the record refuses to be encoded, which derived implementations of plain data never do.
    pub fn record(&mut self, name: &str, record: &impl Serialize) {
        let bytes = postcard::to_allocvec(record).expect("plain data always encodes");
        self.bytes(name, &bytes);
    }

    /// The finished snapshot.
    ///
    /// # Panics
    /// Past 4 GiB of section names.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let header = postcard::to_allocvec(&self.header).expect("plain data always encodes");
        let header_len = u32::try_from(header.len()).expect("a header is small");
        let mut bytes = Vec::with_capacity(22 + header.len() + self.body.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&SNAPSHOT_FORMAT.to_le_bytes());
        bytes.extend_from_slice(&header_len.to_le_bytes());
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(&xxh3::oneshot(&header).to_le_bytes());
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// A snapshot whose every byte has been checked.
#[derive(Debug)]
pub struct SnapshotReader<'a> {
    bytes: &'a [u8],
    sections: Vec<(String, Range<usize>)>,
}

impl<'a> SnapshotReader<'a> {
    /// Checks `bytes` as a snapshot of a world of `model`.
    ///
    /// # Errors
    /// Anything that keeps it from being read completely.
    pub fn new(bytes: &'a [u8], model: &str) -> Result<Self, SnapshotError> {
        let mut at = 0;
        if take(bytes, &mut at, MAGIC.len()) != Ok(&MAGIC[..]) {
            return Err(SnapshotError::NotASnapshot);
        }
        let got = u16::from_le_bytes(array(take(bytes, &mut at, 2)?));
        if got > SNAPSHOT_FORMAT {
            return Err(SnapshotError::TooNew {
                got,
                supported: SNAPSHOT_FORMAT,
            });
        }
        if got == 0 {
            return Err(SnapshotError::Invalid {
                section: "format".to_owned(),
                reason: "formats are numbered from 1".to_owned(),
            });
        }
        let header_len = u32::from_le_bytes(array(take(bytes, &mut at, 4)?));
        let header_at = at;
        let header_bytes = take(bytes, &mut at, header_len as usize)?;
        let checksum = u64::from_le_bytes(array(take(bytes, &mut at, 8)?));
        let corrupt_header = || SnapshotError::Corrupt {
            section: "header".to_owned(),
            offset: header_at,
        };
        if xxh3::oneshot(header_bytes) != checksum {
            return Err(corrupt_header());
        }
        let (header, rest): (Header, _) =
            postcard::take_from_bytes(header_bytes).map_err(|_| corrupt_header())?;
        if !rest.is_empty() {
            return Err(corrupt_header());
        }
        if header.model != model {
            return Err(SnapshotError::Foreign {
                expected: model.to_owned(),
                got: header.model,
            });
        }
        let mut sections = Vec::with_capacity(header.sections.len());
        for section in header.sections {
            let start = at;
            let content = take(
                bytes,
                &mut at,
                usize::try_from(section.len).unwrap_or(usize::MAX),
            )?;
            if xxh3::oneshot(content) != section.checksum {
                return Err(SnapshotError::Corrupt {
                    section: section.name,
                    offset: start,
                });
            }
            sections.push((section.name, start..at));
        }
        if at != bytes.len() {
            return Err(SnapshotError::Invalid {
                section: "end".to_owned(),
                reason: format!("there is more after byte {at}"),
            });
        }
        Ok(Self { bytes, sections })
    }

    /// The bytes of a section.
    ///
    /// # Errors
    /// [`SnapshotError::MissingSection`].
    pub fn bytes(&self, name: &str) -> Result<&'a [u8], SnapshotError> {
        let found = self.sections.iter().find(|(section, _)| section == name);
        let (_, range) = found.ok_or_else(|| SnapshotError::MissingSection {
            section: name.to_owned(),
        })?;
        Ok(&self.bytes[range.clone()])
    }

    /// A record of a section.
    ///
    /// # Errors
    /// When the section is missing or is no such record.
    pub fn record<T: DeserializeOwned>(&self, name: &str) -> Result<T, SnapshotError> {
        let invalid = |reason: String| SnapshotError::Invalid {
            section: name.to_owned(),
            reason,
        };
        let (record, rest) = postcard::take_from_bytes(self.bytes(name)?)
            .map_err(|error| invalid(error.to_string()))?;
        if rest.is_empty() {
            Ok(record)
        } else {
            Err(invalid(format!("{} bytes too many", rest.len())))
        }
    }
}

/// The model that a snapshot names, without checking the rest: to tell people what they hold.
#[must_use]
pub fn snapshot_model(bytes: &[u8]) -> Option<String> {
    match SnapshotReader::new(bytes, "\u{0}") {
        Err(SnapshotError::Foreign { got, .. }) => Some(got),
        _ => None,
    }
}

/// A number that tells records apart: xxh3 over what [`SnapshotWriter::record`] would store, which is never whole in
/// memory here.
///
/// # Panics
/// As [`SnapshotWriter::record`].
#[must_use]
pub fn fingerprint(record: &impl Serialize) -> u64 {
    postcard::serialize_with_flavor(record, Digest(xxh3::Hasher::new()))
        .expect("plain data always encodes")
}

/// Takes bytes in and keeps their hash.
struct Digest(xxh3::Hasher);

impl postcard::ser_flavors::Flavor for Digest {
    type Output = u64;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.write(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<u64> {
        Ok(self.0.finish())
    }
}

fn take<'a>(bytes: &'a [u8], at: &mut usize, len: usize) -> Result<&'a [u8], SnapshotError> {
    let end = at.saturating_add(len);
    let Some(part) = bytes.get(*at..end) else {
        return Err(SnapshotError::Truncated {
            offset: bytes.len(),
            missing_bytes: end - bytes.len(),
        });
    };
    *at = end;
    Ok(part)
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes
        .try_into()
        .expect("`take` returns as many bytes as asked for")
}
