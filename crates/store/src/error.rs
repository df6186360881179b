//! Why a stored ledger cannot be written or read, with the file and the place in it.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use pluriverse_kernel::ledger::{LedgerHash, SinkError};

use crate::format::Format;

/// A place in a stored ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// What the ledger says of its origin and of the meaning of its numbers.
    Header,
    /// What the ledger says of itself at its end.
    Closing,
    /// The row of this number.
    Row(u64),
    /// A byte of the file, counted from 0.
    Byte(u64),
    /// A place in a text file; both count from 1, columns in bytes.
    Line {
        /// The line.
        line: u64,
        /// The column.
        column: u64,
    },
    /// A field of a CSV file.
    Field {
        /// The line, from 1.
        line: u64,
        /// The field's name.
        name: &'static str,
    },
}

/// Why a ledger cannot be written or read. Rows that were read before stay valid, but for the last two variants of
/// reading ([`RowsDiffer`](Self::RowsDiffer), [`HashDiffers`](Self::HashDiffers)), which say that some are not.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The file's extension names no known format.
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// Its extension.
        got: String,
    },
    /// The operating system refused.
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: "opened", "read".
        action: &'static str,
        /// Its answer.
        source: io::Error,
    },
    /// The file is none of ours: another format, or the same format with other content.
    Foreign {
        /// The file.
        path: PathBuf,
        /// The format that was expected.
        format: Format,
        /// What is there instead.
        got: String,
    },
    /// The file was made by a newer version.
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        got: u32,
        /// The newest that is known here.
        known: u32,
    },
    /// The file is damaged.
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where.
        place: Place,
        /// What belongs there.
        expected: String,
        /// What is there.
        got: String,
    },
    /// The file ends before its closing: its writer was killed, or it was cut. The rows before are as written.
    Unfinished {
        /// The file.
        path: PathBuf,
        /// Number of whole rows before the end.
        rows: u64,
    },
    /// There are more or fewer rows than the ledger says.
    RowsDiffer {
        /// The file.
        path: PathBuf,
        /// What the ledger says.
        expected: u64,
        /// How many there are; when more, one more than there should be.
        got: u64,
    },
    /// The rows are not those that were written.
    HashDiffers {
        /// The file.
        path: PathBuf,
        /// What the ledger says.
        expected: LedgerHash,
        /// What its rows give.
        got: LedgerHash,
    },
    /// A CSV ledger has lost the file beside it.
    SidecarMissing {
        /// The ledger.
        path: PathBuf,
        /// What was expected beside it.
        sidecar: PathBuf,
    },
    /// The ledger could not be written.
    Sink(SinkError),
}

impl fmt::Display for StoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFormat { path, got } => write_unknown(path, got, out),
            Self::Io {
                path,
                action,
                source,
            } => write!(out, "`{}` cannot be {action}: {source}", path.display()),
            Self::Foreign { path, format, got } => {
                write!(out, "`{}` is no {format} ledger: {got}", path.display())
            }
            Self::Newer { path, got, known } => write!(
                out,
                "`{}` was made by a newer version (ledger format {got}, this one reads up to {known})",
                path.display()
            ),
            Self::Corrupt {
                path,
                place,
                expected,
                got,
            } => {
                write_place(path, *place, out)?;
                write!(out, "expected {expected}, got {got}")
            }
            Self::Unfinished { path, rows } => {
                write!(
                    out,
                    "`{}` was not finished: it ends after {rows} whole rows, without a closing",
                    path.display()
                )
            }
            Self::RowsDiffer {
                path,
                expected,
                got,
            } => {
                write!(
                    out,
                    "`{}` has {got} rows, it says {expected}",
                    path.display()
                )
            }
            Self::HashDiffers {
                path,
                expected,
                got,
            } => write!(
                out,
                "`{}` is not as it was written: its rows have the hash {got}, it says {expected}",
                path.display()
            ),
            Self::SidecarMissing { path, sidecar } => write!(
                out,
                "`{}` lacks `{}` beside it, which says what its numbers mean",
                path.display(),
                sidecar.display()
            ),
            Self::Sink(error) => error.fmt(out),
        }
    }
}

fn write_place(path: &Path, place: Place, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let path = path.display();
    match place {
        Place::Header => write!(out, "`{path}`, header: "),
        Place::Closing => write!(out, "`{path}`, closing: "),
        Place::Row(row) => write!(out, "`{path}`, row {row}: "),
        Place::Byte(offset) => write!(out, "`{path}`, byte {offset}: "),
        Place::Line { line, column } => write!(out, "{path}:{line}:{column}: "),
        Place::Field { line, name } => write!(out, "{path}:{line}, `{name}`: "),
    }
}

fn write_unknown(path: &Path, got: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(out, "`{}`: ", path.display())?;
    if got.is_empty() {
        write!(out, "a ledger's name needs an extension")?;
    } else {
        write!(out, "`.{got}` is no format of ledgers")?;
    }
    let known = Format::ALL.iter().flat_map(|format| format.extensions());
    let known: Vec<String> = known.map(|extension| format!(".{extension}")).collect();
    write!(out, "; expected {}", known.join(", "))
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Sink(error) => Some(error),
            _ => None,
        }
    }
}

impl From<SinkError> for StoreError {
    fn from(error: SinkError) -> Self {
        Self::Sink(error)
    }
}
