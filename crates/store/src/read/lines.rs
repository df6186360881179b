//! Lines of bounded length, with their numbers.

use std::io::{self, BufRead, Read};

use super::source::SourceReader;

/// Longest header line.
pub(crate) const HEADER_BYTES_MAX: u64 = 1 << 30;
/// Longest line of a row.
pub(crate) const ROW_BYTES_MAX: u64 = 16 << 20;

/// What the next line is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A whole line, which is in the buffer without its end.
    Whole,
    /// The file ends within the line.
    Cut,
    /// The line is longer than allowed.
    TooLong,
    /// The file has ended.
    End,
}

/// Reads lines one after the other.
pub(crate) struct Lines {
    reader: SourceReader,
    number: u64,
}

impl Lines {
    pub(crate) fn new(reader: SourceReader) -> Self {
        Self { reader, number: 0 }
    }

    /// The number of the line that was read last, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Whether the file goes on with `text`, as far as one reading of it goes.
    pub(crate) fn continue_with(&mut self, text: &str) -> io::Result<bool> {
        let ahead = self.reader.fill_buf()?;
        Ok(ahead.starts_with(text.as_bytes()))
    }

    /// Reads the next line, of at most `limit` bytes, into `buffer`.
    pub(crate) fn read(&mut self, buffer: &mut Vec<u8>, limit: u64) -> io::Result<Line> {
        buffer.clear();
        let count = self.reader.by_ref().take(limit).read_until(b'\n', buffer)? as u64;
        if count == 0 {
            return Ok(Line::End);
        }
        self.number += 1;
        if buffer.pop_if(|last| *last == b'\n').is_some() {
            return Ok(Line::Whole);
        }
        Ok(if count == limit {
            Line::TooLong
        } else {
            Line::Cut
        })
    }
}
