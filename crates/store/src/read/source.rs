//! The bytes of a stored ledger: a file, or memory.

use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
};

use bytes::Bytes;
use parquet::{
    errors::{ParquetError, Result as ParquetResult},
    file::reader::{ChunkReader, Length},
};

/// Where the bytes are.
#[derive(Clone, Debug)]
enum Place {
    File(Arc<File>),
    Memory(Bytes),
}

/// The bytes of a stored ledger, of known length.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    place: Place,
    length: u64,
}

/// Reads from a place to the end.
pub(crate) enum SourceReader {
    File(BufReader<Positioned>),
    Memory(Cursor<Bytes>),
}

/// Reads a file from a position of its own, whatever other readers of the same file do between its reads.
pub(crate) struct Positioned {
    file: Arc<File>,
    position: u64,
}

impl Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(self.position))?;
        let count = file.read(buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Source {
    pub(crate) fn of_file(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        Ok(Self {
            place: Place::File(Arc::new(file)),
            length: metadata.len(),
        })
    }

    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Self {
        let length = bytes.len() as u64;
        Self {
            place: Place::Memory(Bytes::from(bytes)),
            length,
        }
    }

    /// Number of bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Reads on from byte `start`.
    pub(crate) fn reader(&self, start: u64) -> SourceReader {
        match &self.place {
            Place::File(file) => {
                let positioned = Positioned {
                    file: Arc::clone(file),
                    position: start,
                };
                SourceReader::File(BufReader::with_capacity(64 * 1024, positioned))
            }
            Place::Memory(bytes) => {
                let mut cursor = Cursor::new(bytes.clone());
                cursor.set_position(start);
                SourceReader::Memory(cursor)
            }
        }
    }

    /// At most the first `count` bytes.
    pub(crate) fn first(&self, count: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.reader(0).take(count).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// At most the last `count` bytes.
    pub(crate) fn last(&self, count: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let start = self.length.saturating_sub(count);
        self.reader(start).take(count).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for SourceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Memory(bytes) => bytes.read(buffer),
        }
    }
}

impl io::BufRead for SourceReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::File(file) => file.fill_buf(),
            Self::Memory(bytes) => bytes.fill_buf(),
        }
    }

    fn consume(&mut self, count: usize) {
        match self {
            Self::File(file) => file.consume(count),
            Self::Memory(bytes) => bytes.consume(count),
        }
    }
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Source {
    type T = SourceReader;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        if start > self.length {
            return Err(ParquetError::EOF(format!(
                "byte {start} of {}",
                self.length
            )));
        }
        Ok(self.reader(start))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let end = start
            .checked_add(length as u64)
            .filter(|end| *end <= self.length);
        let (Some(end), Ok(first)) = (end, usize::try_from(start)) else {
            return Err(ParquetError::EOF(format!(
                "{length} bytes from byte {start} of {}",
                self.length
            )));
        };
        if let (Place::Memory(bytes), Ok(end)) = (&self.place, usize::try_from(end)) {
            return Ok(bytes.slice(first..end));
        }
        let mut bytes = vec![0; length];
        self.reader(start).read_exact(&mut bytes)?;
        Ok(Bytes::from(bytes))
    }
}
