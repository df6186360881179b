//! Chunks as they are sent: columns of little-endian numbers, and the hash over them.

use std::{fmt, str::FromStr};

use pluriverse_kernel::{
    ledger::{CHUNK_ROWS, Chunk, Row},
    time::SimTime,
};

use crate::error::ArchiveError;

/// Bytes that a row takes in a chunk as it is sent.
pub const ROW_BYTES: usize = 34;
/// Most bytes of a chunk as it is sent.
pub const CHUNK_BYTES_MAX: usize = CHUNK_ROWS * ROW_BYTES;

/// The hash of a chunk: [`Chunk::hash`], written as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChunkHash(pub u64);

impl fmt::Display for ChunkHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

impl fmt::Debug for ChunkHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ChunkHash({self})")
    }
}

impl FromStr for ChunkHash {
    type Err = ArchiveError;

    fn from_str(text: &str) -> Result<Self, ArchiveError> {
        let is_hash = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let hash = u64::from_str_radix(text, 16).ok().filter(|_| is_hash);
        hash.map(Self).ok_or_else(|| ArchiveError::Invalid {
            what: "the chunk's hash",
            got: text.chars().take(40).collect(),
            expected: "16 hexadecimal digits".to_owned(),
        })
    }
}

/// The rows of a chunk as it is sent, whose length is a whole number of rows.
pub(super) fn decode(first_row: u64, bytes: &[u8]) -> Box<Chunk> {
    let rows = bytes.len() / ROW_BYTES;
    let mut rest = bytes;
    let mut column = |width: usize| {
        let (column, others) = rest.split_at(rows * width);
        rest = others;
        column
    };
    let times = column(8).as_chunks().0;
    let kinds = column(2).as_chunks().0;
    let subjects = column(4).as_chunks().0;
    let objects = column(4).as_chunks().0;
    let values = column(8).as_chunks().0;
    let causes = column(8).as_chunks().0;
    let mut chunk = Chunk::starting_at(first_row);
    for row in 0..rows {
        chunk.push(Row {
            time: SimTime::from_nanos(i64::from_le_bytes(times[row])),
            kind: u16::from_le_bytes(kinds[row]),
            subject: u32::from_le_bytes(subjects[row]),
            object: u32::from_le_bytes(objects[row]),
            value: f64::from_le_bytes(values[row]),
            cause: u64::from_le_bytes(causes[row]),
        });
    }
    chunk
}

/// A chunk as it is sent: what [`Archive::put_chunk`] takes.
#[must_use]
pub fn chunk_bytes(chunk: &Chunk) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(chunk.len() * ROW_BYTES);
    bytes.extend(chunk.times().iter().flat_map(|time| time.to_le_bytes()));
    bytes.extend(chunk.kinds().iter().flat_map(|kind| kind.to_le_bytes()));
    bytes.extend(
        chunk
            .subjects()
            .iter()
            .flat_map(|number| number.to_le_bytes()),
    );
    bytes.extend(
        chunk
            .objects()
            .iter()
            .flat_map(|number| number.to_le_bytes()),
    );
    bytes.extend(chunk.values().iter().flat_map(|value| value.to_le_bytes()));
    bytes.extend(chunk.causes().iter().flat_map(|cause| cause.to_le_bytes()));
    bytes
}
