//! A run of rows in columns, the unit of hashing and of writing.

use std::hash::Hasher as _;

use super::Row;
use crate::{time::SimTime, xxh3};

/// Rows in a full chunk (139 KiB: it stays in the second-level cache while it fills).
pub const CHUNK_ROWS: usize = 4096;

/// Up to [`CHUNK_ROWS`] rows in columns.
#[derive(Clone, Debug)]
pub struct Chunk {
    first_row: u64,
    len: usize,
    time: [i64; CHUNK_ROWS],
    cause: [u64; CHUNK_ROWS],
    value: [f64; CHUNK_ROWS],
    subject: [u32; CHUNK_ROWS],
    object: [u32; CHUNK_ROWS],
    kind: [u16; CHUNK_ROWS],
}

impl Chunk {
    /// An empty chunk whose first row will have this number.
    #[must_use]
    pub fn starting_at(first_row: u64) -> Box<Self> {
        Box::new(Self {
            first_row,
            len: 0,
            time: [0; CHUNK_ROWS],
            cause: [0; CHUNK_ROWS],
            value: [0.0; CHUNK_ROWS],
            subject: [0; CHUNK_ROWS],
            object: [0; CHUNK_ROWS],
            kind: [0; CHUNK_ROWS],
        })
    }

    /// Empties the chunk; its first row will have this number.
    pub fn reset(&mut self, first_row: u64) {
        self.first_row = first_row;
        self.len = 0;
    }

    /// Becomes the same as `other`, copying only the rows that are there.
    pub fn copy_from(&mut self, other: &Self) {
        let rows = ..other.len;
        self.time[rows].copy_from_slice(other.times());
        self.cause[rows].copy_from_slice(other.causes());
        self.value[rows].copy_from_slice(other.values());
        self.subject[rows].copy_from_slice(other.subjects());
        self.object[rows].copy_from_slice(other.objects());
        self.kind[rows].copy_from_slice(other.kinds());
        self.first_row = other.first_row;
        self.len = other.len;
    }

    /// Appends a row and returns its number; every NaN is stored as one and the same.
    ///
    /// # Panics
    /// When the chunk is full.
    pub fn push(&mut self, row: Row) -> u64 {
        assert!(!self.is_full(), "a chunk takes {CHUNK_ROWS} rows");
        self.push_unless_full(row)
    }

    /// Appends a row to a chunk that is known to have room; a full one would lose its first row.
    #[inline]
    pub(super) fn push_unless_full(&mut self, row: Row) -> u64 {
        // The mask tells the compiler what the caller knows, so that no column is checked again.
        let index = self.len & (CHUNK_ROWS - 1);
        self.time[index] = row.time.nanos();
        self.cause[index] = row.cause;
        self.value[index] = if row.value.is_nan() {
            f64::NAN
        } else {
            row.value
        };
        self.subject[index] = row.subject;
        self.object[index] = row.object;
        self.kind[index] = row.kind;
        self.len = index + 1;
        self.first_row + index as u64
    }

    /// Number of rows.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether no further row fits.
    #[inline]
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len == CHUNK_ROWS
    }

    /// Number of the first row.
    #[must_use]
    pub fn first_row(&self) -> u64 {
        self.first_row
    }

    /// Whether the row of this number is here.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        number >= self.first_row && number - self.first_row < self.len as u64
    }

    /// The row at this place.
    ///
    /// # Panics
    /// When `index` is not below `len`.
    #[must_use]
    pub fn row(&self, index: usize) -> Row {
        assert!(index < self.len, "row {index} of {}", self.len);
        Row {
            time: SimTime::from_nanos(self.time[index]),
            kind: self.kind[index],
            subject: self.subject[index],
            object: self.object[index],
            value: self.value[index],
            cause: self.cause[index],
        }
    }

    /// Times in nanoseconds.
    #[must_use]
    pub fn times(&self) -> &[i64] {
        &self.time[..self.len]
    }

    /// Kinds.
    #[must_use]
    pub fn kinds(&self) -> &[u16] {
        &self.kind[..self.len]
    }

    /// Subjects.
    #[must_use]
    pub fn subjects(&self) -> &[u32] {
        &self.subject[..self.len]
    }

    /// Objects.
    #[must_use]
    pub fn objects(&self) -> &[u32] {
        &self.object[..self.len]
    }

    /// Values.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.value[..self.len]
    }

    /// Causes.
    #[must_use]
    pub fn causes(&self) -> &[u64] {
        &self.cause[..self.len]
    }

    /// xxh3 over the columns (time, kind, subject, object, value, cause) as little-endian bytes.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let mut hasher = xxh3::Hasher::new();
        hash_column(&mut hasher, self.times(), i64::to_le_bytes);
        hash_column(&mut hasher, self.kinds(), u16::to_le_bytes);
        hash_column(&mut hasher, self.subjects(), u32::to_le_bytes);
        hash_column(&mut hasher, self.objects(), u32::to_le_bytes);
        hash_column(&mut hasher, self.values(), f64::to_le_bytes);
        hash_column(&mut hasher, self.causes(), u64::to_le_bytes);
        hasher.finish()
    }
}

/// Hashes a column by way of a small buffer, which stays in the first-level cache.
fn hash_column<T: Copy, const N: usize>(
    hasher: &mut xxh3::Hasher,
    column: &[T],
    encode: impl Fn(T) -> [u8; N],
) {
    const BUFFER_BYTES: usize = 4096;
    let mut buffer = [0; BUFFER_BYTES];
    for part in column.chunks(BUFFER_BYTES / N) {
        let bytes = &mut buffer[..part.len() * N];
        // Whole arrays, so that the loop compiles to one copy.
        for (place, value) in bytes.as_chunks_mut::<N>().0.iter_mut().zip(part) {
            *place = encode(*value);
        }
        hasher.write(bytes);
    }
}
