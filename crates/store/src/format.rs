//! The formats that ledgers are stored in, and how a file's name tells which.

use std::{fmt, path::Path};

use crate::error::StoreError;

/// A format of stored ledgers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Apache Parquet, zstd: smallest, for analysis.
    Parquet,
    /// Arrow IPC file, uncompressed: fastest, can be mapped into memory.
    ArrowIpc,
    /// One JSON object a line, with names: for programs that stream.
    Ndjson,
    /// Plain CSV with names, beside it a `.json` with everything else: for spreadsheets.
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Parquet, Self::ArrowIpc, Self::Ndjson, Self::Csv];

    /// Extensions of its files, the usual one first.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Parquet => &["parquet"],
            Self::ArrowIpc => &["arrow", "ipc", "feather"],
            Self::Ndjson => &["ndjson", "jsonl"],
            Self::Csv => &["csv"],
        }
    }

    /// The format that the name of `path` tells; a trailing `.partial` is looked through.
    ///
    /// # Errors
    /// [`StoreError::UnknownFormat`], which lists the known extensions.
    pub fn of_path(path: &Path) -> Result<Self, StoreError> {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_ascii_lowercase();
        let name = name.strip_suffix(".partial").unwrap_or(&name);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        Self::ALL
            .into_iter()
            .find(|format| format.extensions().contains(&extension))
            .ok_or_else(|| StoreError::UnknownFormat {
                path: path.to_owned(),
                got: extension.to_owned(),
            })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Parquet => "Parquet",
            Self::ArrowIpc => "Arrow IPC",
            Self::Ndjson => "NDJSON",
            Self::Csv => "CSV",
        })
    }
}
