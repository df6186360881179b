//! Where the bytes of a ledger go while it is written: a file, or memory.
//!
//! A device can lose its tail again, and keeps room in reserve, so that a ledger on a full disk can still be closed.
//! Knows nothing of formats.

use std::io::{self, Write};

mod file;
mod memory;

pub(crate) use file::{FileDevice, sidecar_of};
pub(crate) use memory::MemoryDevice;
pub use memory::MemoryFile;

/// Bytes under construction.
pub(crate) trait Device: Write + Send {
    /// What errors call the ledger.
    fn name(&self) -> String;
    /// What errors call the ledger as long as it is not published.
    fn partial_name(&self) -> String;
    /// Forgets everything after the first `bytes` bytes.
    fn truncate(&mut self, bytes: u64) -> io::Result<()>;
    /// Keeps at least `bytes` free for [`release`](Self::release).
    fn reserve(&mut self, bytes: u64) -> io::Result<()>;
    /// Frees what was reserved.
    fn release(&mut self);
    /// Replaces what stands beside the ledger.
    fn write_sidecar(&mut self, text: &[u8]) -> io::Result<()>;
    /// Makes sure that what was written outlasts a power failure.
    fn sync(&mut self) -> io::Result<()>;
    /// Puts the ledger, complete, in its place.
    fn publish(&mut self) -> io::Result<()>;
    /// Removes every trace of the ledger.
    fn discard(&mut self);
}
