//! Reading stored ledgers back: the header, the seal, and the rows in chunks, whose hash is checked on the way.
//!
//! Memory stays bounded by the largest piece of the file. Nothing in a file is believed: lengths are checked
//! against the file's before memory is taken, and what does not fit is an error with its place.

use std::path::{Path, PathBuf};

use pluriverse_kernel::ledger::{Chunk, Closing, Dictionary, LedgerDigest, LedgerHash};

use crate::{
    device::sidecar_of,
    error::{Place, StoreError},
    format::Format,
    header::{Header, HeaderError, Seal, SealText, VERSION, reason},
    provenance::Provenance,
};

mod arrow;
mod csv;
mod lines;
mod ndjson;
mod parquet;
mod source;

use source::Source;

/// Reads the rows of one format.
pub(crate) trait RowReader: Send {
    /// Appends rows to `chunk` until it is full or the file has no more.
    fn fill(&mut self, chunk: &mut Chunk) -> Result<(), StoreError>;
}

/// What a reader of one format finds when it opens a file.
pub(crate) struct Opened {
    header: Header,
    seal: Option<SealText>,
    rows: Box<dyn RowReader>,
}

/// A stored ledger, open for reading from its first row to its last.
pub struct StoredLedger {
    path: PathBuf,
    format: Format,
    header: Header,
    seal: Option<Seal>,
    rows: Box<dyn RowReader>,
    chunk: Box<Chunk>,
    digest: LedgerDigest,
}

/// Opens the ledger at `path`, in the format that its extension tells.
///
/// # Errors
/// When it cannot be read, is none, or is damaged where that shows without reading the rows.
pub fn open(path: &Path) -> Result<StoredLedger, StoreError> {
    let format = Format::of_path(path)?;
    let refused = |source| StoreError::Io {
        path: path.to_owned(),
        action: "opened",
        source,
    };
    let source = Source::of_file(path).map_err(refused)?;
    let sidecar = match format {
        Format::Csv => Some(read_sidecar(path)?),
        Format::Parquet | Format::ArrowIpc | Format::Ndjson => None,
    };
    StoredLedger::from_source(path, format, source, sidecar.as_deref())
}

fn read_sidecar(path: &Path) -> Result<Vec<u8>, StoreError> {
    let sidecar = sidecar_of(path);
    std::fs::read(&sidecar).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => StoreError::SidecarMissing {
            path: path.to_owned(),
            sidecar,
        },
        _ => StoreError::Io {
            path: sidecar,
            action: "read",
            source,
        },
    })
}

impl StoredLedger {
    /// Opens a ledger that is in memory; `sidecar` is what stands beside a CSV ledger.
    ///
    /// # Errors
    /// As [`open`].
    pub fn from_bytes(
        format: Format,
        bytes: Vec<u8>,
        sidecar: Option<&[u8]>,
    ) -> Result<Self, StoreError> {
        Self::from_source(
            Path::new("memory"),
            format,
            Source::of_bytes(bytes),
            sidecar,
        )
    }

    fn from_source(
        path: &Path,
        format: Format,
        source: Source,
        sidecar: Option<&[u8]>,
    ) -> Result<Self, StoreError> {
        let context = Context {
            path: path.to_owned(),
            format,
        };
        let opened = match format {
            Format::Parquet => parquet::open(&context, source),
            Format::ArrowIpc => arrow::open(&context, source),
            Format::Ndjson => ndjson::open(&context, source),
            Format::Csv => csv::open(&context, source, sidecar),
        }?;
        let seal = match opened.seal {
            Some(text) => Some(
                text.check(&opened.header)
                    .map_err(|expected| context.corrupt(Place::Closing, &expected, "another"))?,
            ),
            None => None,
        };
        Ok(Self {
            path: context.path,
            format,
            header: opened.header,
            seal,
            rows: opened.rows,
            chunk: Chunk::starting_at(0),
            digest: LedgerDigest::default(),
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// What made the ledger.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.header.provenance
    }

    /// What the numbers in the rows mean.
    #[must_use]
    pub fn dictionary(&self) -> &Dictionary {
        &self.header.dictionary
    }

    /// How the ledger ends by its own account; `None` when its writer was killed.
    #[must_use]
    pub fn seal(&self) -> Option<&Seal> {
        self.seal.as_ref()
    }

    /// The next rows, full chunks but for the last; `None` after the last, once their number and hash are what
    /// the ledger says.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged; [`StoreError::Unfinished`] after the last row of a ledger
    /// without a seal.
    pub fn next_chunk(&mut self) -> Result<Option<&Chunk>, StoreError> {
        self.chunk.reset(self.digest.rows());
        self.rows.fill(&mut self.chunk)?;
        if self.chunk.is_empty() {
            return self.check_end().map(|_| None);
        }
        self.digest.add(&self.chunk);
        match &self.seal {
            Some(seal) if self.digest.rows() > seal.closing.rows => {
                Err(self.rows_differ(seal.closing.rows))
            }
            _ => Ok(Some(&self.chunk)),
        }
    }

    /// Reads what is left and checks it.
    ///
    /// # Errors
    /// As [`next_chunk`](Self::next_chunk).
    pub fn verify(&mut self) -> Result<LedgerHash, StoreError> {
        while self.next_chunk()?.is_some() {}
        Ok(self.read_so_far().hash)
    }

    /// Number and hash of the rows that have been read.
    #[must_use]
    pub fn read_so_far(&self) -> Closing {
        Closing {
            rows: self.digest.rows(),
            hash: self.digest.finish(&self.header.dictionary),
        }
    }

    fn check_end(&self) -> Result<(), StoreError> {
        let rows = self.digest.rows();
        let Some(Seal { closing, .. }) = &self.seal else {
            return Err(StoreError::Unfinished {
                path: self.path.clone(),
                rows,
            });
        };
        if rows != closing.rows {
            return Err(self.rows_differ(closing.rows));
        }
        let got = self.digest.finish(&self.header.dictionary);
        if got != closing.hash {
            return Err(StoreError::HashDiffers {
                path: self.path.clone(),
                expected: closing.hash,
                got,
            });
        }
        Ok(())
    }

    fn rows_differ(&self, expected: u64) -> StoreError {
        StoreError::RowsDiffer {
            path: self.path.clone(),
            expected,
            got: self.digest.rows(),
        }
    }
}

impl std::fmt::Debug for StoredLedger {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("StoredLedger")
            .field("path", &self.path)
            .field("format", &self.format)
            .field("seal", &self.seal)
            .finish_non_exhaustive()
    }
}

/// What every error of a file says.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    path: PathBuf,
    format: Format,
}

impl Context {
    fn foreign(&self, got: impl Into<String>) -> StoreError {
        StoreError::Foreign {
            path: self.path.clone(),
            format: self.format,
            got: got.into(),
        }
    }

    fn unreadable(&self, source: std::io::Error) -> StoreError {
        StoreError::Io {
            path: self.path.clone(),
            action: "read",
            source,
        }
    }

    fn corrupt(
        &self,
        place: Place,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> StoreError {
        StoreError::Corrupt {
            path: self.path.clone(),
            place,
            expected: expected.into(),
            got: got.into(),
        }
    }

    fn header(&self, text: &str) -> Result<Header, StoreError> {
        Header::from_json(text).map_err(|error| match error {
            HeaderError::Newer(got) => StoreError::Newer {
                path: self.path.clone(),
                got,
                known: VERSION,
            },
            HeaderError::Malformed(got) => {
                self.corrupt(Place::Header, "a ledger's", format!("another: {got}"))
            }
        })
    }

    fn seal(&self, text: &str) -> Result<SealText, StoreError> {
        serde_json::from_str(text).map_err(|error| {
            self.corrupt(
                Place::Closing,
                "a ledger's",
                format!("another: {}", reason(&error)),
            )
        })
    }
}
