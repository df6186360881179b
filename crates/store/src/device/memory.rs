//! A ledger in memory: for downloads, and to see what a full disk does to a ledger at any byte of it.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::Device;

/// What is in the memory.
#[derive(Debug, Default)]
struct Content {
    bytes: Vec<u8>,
    sidecar: Option<Vec<u8>>,
    reserved: u64,
}

/// A ledger that is written to memory; clones see the same bytes.
#[derive(Clone, Debug, Default)]
pub struct MemoryFile(Arc<Mutex<Content>>);

impl MemoryFile {
    /// A copy of what has been written so far, complete once the writer has finished.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.content().bytes.clone()
    }

    /// A copy of what would stand beside the file, for formats that need it.
    #[must_use]
    pub fn sidecar(&self) -> Option<Vec<u8>> {
        self.content().sidecar.clone()
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Memory of limited size under construction.
pub(crate) struct MemoryDevice {
    file: MemoryFile,
    limit_bytes: u64,
}

impl MemoryDevice {
    pub(crate) fn new(limit_bytes: u64) -> (Self, MemoryFile) {
        let file = MemoryFile::default();
        (
            Self {
                file: file.clone(),
                limit_bytes,
            },
            file,
        )
    }

    /// Whatever the limit leaves for more.
    fn room(&self, content: &Content) -> u64 {
        let sidecar = content.sidecar.as_ref().map_or(0, Vec::len);
        self.limit_bytes
            .saturating_sub(content.reserved + (content.bytes.len() + sidecar) as u64)
    }
}

fn full() -> io::Error {
    io::Error::new(
        io::ErrorKind::StorageFull,
        "the limit of the ledger in memory is reached",
    )
}

impl Write for MemoryDevice {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut content = self.file.content();
        let room = usize::try_from(self.room(&content)).unwrap_or(usize::MAX);
        let count = bytes.len().min(room);
        if count == 0 && !bytes.is_empty() {
            return Err(full());
        }
        content.bytes.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Device for MemoryDevice {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn partial_name(&self) -> String {
        self.name()
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.file.content().bytes.truncate(bytes);
        Ok(())
    }

    fn reserve(&mut self, bytes: u64) -> io::Result<()> {
        let mut content = self.file.content();
        let more = bytes.saturating_sub(content.reserved);
        if more > self.room(&content) {
            return Err(full());
        }
        content.reserved += more;
        Ok(())
    }

    fn release(&mut self) {
        self.file.content().reserved = 0;
    }

    fn write_sidecar(&mut self, text: &[u8]) -> io::Result<()> {
        let mut content = self.file.content();
        let old = content.sidecar.as_ref().map_or(0, Vec::len) as u64;
        if text.len() as u64 > self.room(&content) + old {
            return Err(full());
        }
        content.sidecar = Some(text.to_vec());
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn publish(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn discard(&mut self) {
        *self.file.content() = Content::default();
    }
}
