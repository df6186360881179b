//! How rows become the bytes of a format.
//!
//! An encoder does no input or output. Whatever it puts out for rows is one piece that covers all rows so far, so a
//! file that is cut after any piece holds whole rows only; what it ends a file with says how many pieces are there.

use pluriverse_kernel::ledger::Chunk;

#[cfg(feature = "files")]
use crate::format::Format;
use crate::header::{Header, SealText};

pub(crate) mod arrow;
#[cfg(feature = "files")]
pub(crate) mod csv;
#[cfg(feature = "files")]
mod ndjson;
#[cfg(feature = "files")]
mod parquet;

/// Turns a ledger into the bytes of one format.
pub(crate) trait Encoder: Send {
    /// Puts out what a file begins with.
    fn begin(&mut self, header: &Header, out: &mut Vec<u8>) -> Result<(), String>;

    /// Takes rows, and puts out nothing or all rows that it holds, as a piece.
    fn add(&mut self, header: &Header, chunk: &Chunk, out: &mut Vec<u8>) -> Result<(), String>;

    /// Puts out the rows that it still holds, as a piece; nothing when it holds none.
    fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), String>;

    /// Puts out what a file ends with whose first `pieces` pieces are stored.
    fn end(
        &mut self,
        header: &Header,
        seal: &SealText,
        pieces: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), String>;

    /// What stands beside the file, when something does; without a seal as long as the ledger is written.
    fn sidecar(&self, _header: &Header, _seal: Option<&SealText>) -> Option<String> {
        None
    }

    /// At most how many bytes [`end`](Self::end) puts out after so many pieces.
    fn end_bytes(&self, header_bytes: u64, pieces: usize) -> u64;
}

/// An encoder of `format` whose pieces hold this many chunks.
#[cfg(feature = "files")]
pub(crate) fn encoder(format: Format, piece_chunks: usize) -> Box<dyn Encoder> {
    match format {
        Format::Parquet => Box::new(parquet::ParquetEncoder::new(piece_chunks)),
        Format::ArrowIpc => Box::new(arrow::ArrowEncoder::new(piece_chunks)),
        Format::Ndjson => Box::new(ndjson::NdjsonEncoder),
        Format::Csv => Box::new(csv::CsvEncoder),
    }
}
