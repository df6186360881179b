//! Ledgers that come over a line: written to a temporary file as they come, unpacked on the way.
//!
//! Only what has come completely is looked at, so a slow sender holds no transaction open. However small the packed
//! bytes are, no more than the limit is unpacked. The file goes when it is dropped.

use std::{
    fmt,
    io::{self, BufWriter, Write},
    path::Path,
    str::FromStr,
};

use flate2::write::MultiGzDecoder;
use pluriverse_store::{Format, StoredLedger, open};
use tempfile::NamedTempFile;

use crate::error::ArchiveError;

/// How far back zstd may reach, as a power of two: 128 MiB, its usual limit.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// How bytes are packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    #[default]
    None,
    /// By gzip.
    Gzip,
    /// By Zstandard.
    Zstd,
}

impl FromStr for Packing {
    type Err = ArchiveError;

    /// Reads the value of the HTTP header `Content-Encoding`.
    fn from_str(text: &str) -> Result<Self, ArchiveError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::None),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "zstd" => Ok(Self::Zstd),
            other => Err(ArchiveError::Invalid {
                what: "the content's encoding",
                got: other.chars().take(40).collect(),
                expected: "gzip, zstd or identity".to_owned(),
            }),
        }
    }
}

/// A ledger that is coming in; packed bytes are written to it.
pub struct Spool {
    file: NamedTempFile,
    unpacker: Unpacker,
    limit_bytes: u64,
}

enum Unpacker {
    None(Limited),
    Gzip(Box<MultiGzDecoder<Limited>>),
    Zstd(Box<zstd::stream::write::Decoder<'static, Limited>>),
}

/// A file that takes so many bytes and no more.
struct Limited {
    file: BufWriter<std::fs::File>,
    room: u64,
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() as u64 > self.room {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let count = self.file.write(bytes)?;
        self.room -= count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Spool {
    /// Begins a file in `folder`, or where the system keeps temporary files, for a ledger of at most `limit_bytes`
    /// unpacked bytes.
    ///
    /// # Errors
    /// [`ArchiveError::Spool`] when it cannot be made.
    pub fn begin(
        folder: Option<&Path>,
        format: Format,
        packing: Packing,
        limit_bytes: u64,
    ) -> Result<Self, ArchiveError> {
        let failed = |error: io::Error| ArchiveError::Spool {
            message: error.to_string(),
        };
        let folder = folder.map_or_else(std::env::temp_dir, Path::to_owned);
        let file = tempfile::Builder::new()
            .prefix("pluriverse-")
            .suffix(&format!(".{}", format.extensions()[0]))
            .tempfile_in(folder)
            .map_err(failed)?;
        let limited = Limited {
            file: BufWriter::with_capacity(1 << 16, file.reopen().map_err(failed)?),
            room: limit_bytes,
        };
        let unpacker = match packing {
            Packing::None => Unpacker::None(limited),
            Packing::Gzip => Unpacker::Gzip(Box::new(MultiGzDecoder::new(limited))),
            Packing::Zstd => {
                let mut decoder = zstd::stream::write::Decoder::new(limited).map_err(failed)?;
                decoder
                    .window_log_max(ZSTD_WINDOW_LOG_MAX)
                    .map_err(failed)?;
                Unpacker::Zstd(Box::new(decoder))
            }
        };
        Ok(Self {
            file,
            unpacker,
            limit_bytes,
        })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`ArchiveError::TooLarge`] beyond the limit; [`ArchiveError::Invalid`] when they cannot be unpacked;
    /// [`ArchiveError::Spool`] when they cannot be kept. Nothing more can be written then.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let written = match &mut self.unpacker {
            Unpacker::None(file) => file.write_all(bytes),
            Unpacker::Gzip(decoder) => decoder.write_all(bytes),
            Unpacker::Zstd(decoder) => decoder.write_all(bytes),
        };
        written.map_err(|error| self.failure(&error))
    }

    /// Opens what has come.
    ///
    /// # Errors
    /// As [`write`](Self::write), and [`ArchiveError::Ledger`] when it is no ledger.
    pub fn finish(mut self) -> Result<SpooledLedger, ArchiveError> {
        let flushed = match &mut self.unpacker {
            Unpacker::None(file) => file.flush(),
            Unpacker::Gzip(decoder) => decoder
                .try_finish()
                .and_then(|()| decoder.get_mut().flush()),
            Unpacker::Zstd(decoder) => decoder.flush(),
        };
        flushed.map_err(|error| self.failure(&error))?;
        let ledger = open(self.file.path())?;
        Ok(SpooledLedger {
            ledger,
            _file: self.file,
        })
    }

    fn failure(&self, error: &io::Error) -> ArchiveError {
        let is_packed = !matches!(self.unpacker, Unpacker::None(_));
        match error.kind() {
            io::ErrorKind::FileTooLarge => ArchiveError::TooLarge {
                limit_bytes: self.limit_bytes,
            },
            // The system's own errors carry a number; those of the unpackers do not.
            _ if is_packed && error.raw_os_error().is_none() => ArchiveError::Invalid {
                what: "the packed content",
                got: error.to_string(),
                expected: "what its encoding says".to_owned(),
            },
            _ => ArchiveError::Spool {
                message: error.to_string(),
            },
        }
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Spool")
            .field("file", &self.file.path())
            .finish_non_exhaustive()
    }
}

/// A ledger in a temporary file.
#[derive(Debug)]
pub struct SpooledLedger {
    ledger: StoredLedger,
    _file: NamedTempFile,
}

impl SpooledLedger {
    /// The ledger, to be read.
    pub fn ledger(&mut self) -> &mut StoredLedger {
        &mut self.ledger
    }
}
