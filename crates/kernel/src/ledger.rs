//! The ledger: what happened, in order, once and for all.
//!
//! Rows are appended in columns, a chunk of [`CHUNK_ROWS`] at a time; a row's number is its sequence number and a
//! cause is the number of an earlier row. A full chunk is hashed (xxh3), handed to the sink and let go, so memory
//! stays bounded; the ledger's hash is blake3 over the dictionary and all chunk hashes, whatever was kept.
//! Appending never waits and never allocates outside a chunk change. Knows no file formats: sinks do.

use std::{collections::VecDeque, fmt};

use serde::{Deserialize, Serialize};

use crate::{simulation::PAYLOAD_KIND, time::SimTime};

mod chunk;
mod cursor;
mod dictionary;

pub use chunk::{CHUNK_ROWS, Chunk};
pub use cursor::{Batch, Cursor, KindSet};
pub use dictionary::{Dictionary, EventKind, Label, Noun};

/// Stands in `subject` and `object` where there is none.
pub const NONE: u32 = u32::MAX;
/// Stands in `cause` where an event has no cause inside the world.
pub const NO_CAUSE: u64 = u64::MAX;

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// When it happened.
    pub time: SimTime,
    /// What happened: an index into the dictionary's kinds.
    pub kind: u16,
    /// To whom, [`NONE`] where nobody.
    pub subject: u32,
    /// With, at or by what, [`NONE`] where nothing.
    pub object: u32,
    /// How much, in the unit that the dictionary tells for the kind.
    pub value: f64,
    /// Number of the row that led to this one, [`NO_CAUSE`] for a first cause.
    pub cause: u64,
}

/// The hash of a whole ledger.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LedgerHash(pub [u8; 32]);

impl fmt::Display for LedgerHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for LedgerHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "LedgerHash({self})")
    }
}

impl LedgerHash {
    /// One hash for many ledgers, in their order.
    #[must_use]
    pub fn combine(hashes: impl IntoIterator<Item = Self>) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("pluriverse ledgers of one experiment");
        for hash in hashes {
            hasher.update(&hash.0);
        }
        Self(*hasher.finalize().as_bytes())
    }
}

/// Why a sink refused a chunk; the run stops and what was written before stays readable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkError {
    /// The file or table.
    pub target: String,
    /// What went wrong.
    pub message: String,
}

impl fmt::Display for SinkError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "the ledger cannot be written to `{}`: {}",
            self.target, self.message
        )
    }
}

impl std::error::Error for SinkError {}

fn after_closing() -> SinkError {
    SinkError {
        target: "ledger".to_owned(),
        message: "it has been closed, and more rows have come".to_owned(),
    }
}

/// Where complete chunks go: a file, a table.
pub trait LedgerSink: Send {
    /// Takes one chunk; chunks come in order and only the last may be short. A ledger without rows hands in one
    /// empty chunk, so that every sink sees the dictionary.
    ///
    /// # Errors
    /// When it cannot be stored; no further chunk follows.
    fn write(&mut self, dictionary: &Dictionary, chunk: &Chunk) -> Result<(), SinkError>;

    /// Closes the store, which is complete after this.
    ///
    /// # Errors
    /// When the closing part cannot be stored.
    fn finish(&mut self, closing: &Closing) -> Result<(), SinkError>;
}

/// What a ledger says of itself at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Number of rows since the start of the world.
    pub rows: u64,
    /// Hash over all of them.
    pub hash: LedgerHash,
}

/// What becomes of rows once they are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeping {
    /// Nothing is recorded at all.
    Off,
    /// This many complete chunks stay readable.
    Window(usize),
    /// Every row stays readable.
    All,
}

/// An append-only record of all events of a run.
pub struct Ledger {
    is_on: bool,
    keeping: Keeping,
    dictionary: std::sync::Arc<Dictionary>,
    tail: Box<Chunk>,
    kept: VecDeque<Box<Chunk>>,
    spare: Vec<Box<Chunk>>,
    chunk_hashes: Vec<u64>,
    sink: Option<Box<dyn LedgerSink>>,
    sink_error: Option<SinkError>,
    /// How many rows there were when the sink was closed.
    finished_at: Option<u64>,
}

impl Ledger {
    fn with(keeping: Keeping, sink: Option<Box<dyn LedgerSink>>) -> Self {
        Self {
            is_on: keeping != Keeping::Off,
            keeping,
            dictionary: std::sync::Arc::default(),
            tail: Chunk::starting_at(0),
            kept: VecDeque::new(),
            spare: Vec::new(),
            chunk_hashes: Vec::new(),
            sink,
            sink_error: None,
            finished_at: None,
        }
    }

    /// A ledger that records nothing: for measuring what recording costs.
    #[must_use]
    pub fn off() -> Self {
        Self::with(Keeping::Off, None)
    }

    /// A ledger that is hashed and let go; memory stays constant.
    #[must_use]
    pub fn hashed() -> Self {
        Self::with(Keeping::Window(0), None)
    }

    /// A ledger that keeps every row in memory (34 bytes each).
    #[must_use]
    pub fn in_memory() -> Self {
        Self::with(Keeping::All, None)
    }

    /// A ledger whose chunks go to `sink`; memory stays constant.
    #[must_use]
    pub fn to_sink(sink: Box<dyn LedgerSink>) -> Self {
        Self::with(Keeping::Window(0), Some(sink))
    }

    /// Forgets all rows and starts over under `dictionary`; buffers and the sink are kept.
    ///
    /// # Panics
    /// When rows have already gone to a sink, which cannot forget them.
    pub fn begin(&mut self, dictionary: std::sync::Arc<Dictionary>) {
        assert!(
            self.sink.is_none() || self.rows() == 0,
            "a ledger that goes to a sink begins once"
        );
        self.dictionary = dictionary;
        self.spare.extend(self.kept.drain(..));
        self.tail.reset(0);
        self.chunk_hashes.clear();
        self.finished_at = None;
    }

    /// Appends a row and returns its number; [`NO_CAUSE`] when recording is off.
    #[inline]
    pub fn append(&mut self, row: Row) -> u64 {
        if !self.is_on {
            return NO_CAUSE;
        }
        if self.tail.is_full() {
            self.turn_chunk();
        }
        self.tail.push_unless_full(row)
    }

    /// What the kinds, subjects and objects of the rows mean.
    #[must_use]
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Whether rows are recorded.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Number of rows since the start of the world.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tail.first_row() + self.tail.len() as u64
    }

    /// Number of the first row that can still be read here.
    #[must_use]
    pub fn first_kept_row(&self) -> u64 {
        self.kept
            .front()
            .map_or(self.tail.first_row(), |chunk| chunk.first_row())
    }

    /// The row of this number, when it can still be read here.
    #[must_use]
    pub fn row(&self, number: u64) -> Option<Row> {
        let chunk = self.chunk(self.chunk_index(number)?)?;
        let index = usize::try_from(number - chunk.first_row()).ok()?;
        (index < chunk.len()).then(|| chunk.row(index))
    }

    /// The place among [`chunks`](Self::chunks) where the row of this number is or would be.
    fn chunk_index(&self, number: u64) -> Option<usize> {
        let offset = number.checked_sub(self.first_kept_row())?;
        usize::try_from(offset / CHUNK_ROWS as u64).ok()
    }

    fn chunk(&self, index: usize) -> Option<&Chunk> {
        if index == self.kept.len() {
            return Some(&self.tail);
        }
        self.kept.get(index).map(|chunk| &**chunk)
    }

    /// The chunks that can still be read here, in order; the last one may be short.
    pub fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.kept
            .iter()
            .map(|chunk| &**chunk)
            .chain(std::iter::once(&*self.tail))
    }

    /// Hash over every row so far; `None` when recording is off.
    #[must_use]
    pub fn hash(&self) -> Option<LedgerHash> {
        if !self.is_on {
            return None;
        }
        let mut digest = LedgerDigest {
            chunk_hashes: self.chunk_hashes.clone(),
            rows: self.tail.first_row(),
        };
        digest.add(&self.tail);
        Some(digest.finish(&self.dictionary))
    }

    /// Hands the last rows to the sink and closes it; without a sink, nothing.
    ///
    /// # Errors
    /// When the sink refuses, now or earlier in the run, or has been closed before and more rows have come since.
    pub fn finish(&mut self) -> Result<(), SinkError> {
        self.close_sink();
        self.sink_error.clone().map_or(Ok(()), Err)
    }

    fn close_sink(&mut self) {
        let rows = self.rows();
        let (None, Some(hash)) = (&self.sink_error, self.hash()) else {
            return;
        };
        let Some(sink) = &mut self.sink else {
            return;
        };
        let closed = match self.finished_at.replace(rows) {
            Some(before) if before == rows => Ok(()),
            Some(_) => Err(after_closing()),
            None => sink
                .write(&self.dictionary, &self.tail)
                .and_then(|()| sink.finish(&Closing { rows, hash })),
        };
        self.sink_error = closed.err();
    }

    /// The sink's refusal, if there was one; the run ends at the next event.
    #[inline]
    #[must_use]
    pub fn sink_error(&self) -> Option<&SinkError> {
        self.sink_error.as_ref()
    }

    #[cold]
    #[inline(never)]
    fn turn_chunk(&mut self) {
        let hash = self.tail.hash();
        self.chunk_hashes.push(hash);
        if let (Some(sink), None) = (&mut self.sink, &self.sink_error) {
            let written = match self.finished_at {
                None => sink.write(&self.dictionary, &self.tail),
                Some(_) => Err(after_closing()),
            };
            self.sink_error = written.err();
        }
        let first_row = self.rows();
        let keep = match self.keeping {
            Keeping::Off => 0,
            Keeping::Window(count) => count,
            Keeping::All => usize::MAX,
        };
        if keep == 0 {
            self.tail.reset(first_row);
            return;
        }
        let mut next = self
            .spare
            .pop()
            .unwrap_or_else(|| Chunk::starting_at(first_row));
        next.reset(first_row);
        self.kept.push_back(std::mem::replace(&mut self.tail, next));
        while self.kept.len() > keep {
            self.spare.extend(self.kept.pop_front());
        }
    }

    /// Makes sure that at least the last `rows` rows stay readable from here on.
    pub(crate) fn widen_window(&mut self, rows: usize) {
        if let Keeping::Window(count) = &mut self.keeping {
            *count = (*count).max(rows.div_ceil(CHUNK_ROWS));
        }
    }

    /// What is needed to go on hashing elsewhere: complete chunks' hashes and the rows after them.
    pub(crate) fn position(&self) -> LedgerPosition {
        LedgerPosition {
            is_on: self.is_on(),
            chunk_hashes: self.chunk_hashes.clone(),
            tail: (0..self.tail.len())
                .map(|index| self.tail.row(index))
                .collect(),
        }
    }

    /// Goes on from `position`: rows after it are forgotten, rows before it stay where they are still held.
    ///
    /// # Errors
    /// [`RewindError`] when rows after `position` have already gone to a sink.
    pub(crate) fn rewind(&mut self, position: &LedgerPosition) -> Result<(), RewindError> {
        if !self.is_on() {
            return Ok(());
        }
        if !position.is_on {
            return Err(RewindError::NotRecorded);
        }
        if self.sink.is_some() {
            self.check_written(position)?;
        }
        let first_row = position.first_row();
        let same_past = self.chunk_hashes.starts_with(&position.chunk_hashes);
        while self
            .kept
            .back()
            .is_some_and(|chunk| !same_past || chunk.first_row() >= first_row)
        {
            self.spare.extend(self.kept.pop_back());
        }
        self.chunk_hashes.clone_from(&position.chunk_hashes);
        self.tail.reset(first_row);
        for row in &position.tail {
            self.tail.push(*row);
        }
        self.finished_at = None;
        Ok(())
    }

    /// Whether the chunks that the sink has are those that lead to `position`, and none is left out.
    fn check_written(&self, position: &LedgerPosition) -> Result<(), RewindError> {
        let written = self.chunk_hashes.len();
        if self.finished_at.is_some() || !position.chunk_hashes.starts_with(&self.chunk_hashes) {
            return Err(RewindError::Written);
        }
        // A sink that has nothing yet may begin in the middle: its first chunk tells where.
        if written > 0 && written < position.chunk_hashes.len() {
            return Err(RewindError::Gap);
        }
        Ok(())
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Ledger")
            .field("keeping", &self.keeping)
            .field("rows", &self.rows())
            .finish_non_exhaustive()
    }
}

/// Where a ledger stands, for a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LedgerPosition {
    is_on: bool,
    chunk_hashes: Vec<u64>,
    tail: Vec<Row>,
}

impl LedgerPosition {
    fn first_row(&self) -> u64 {
        (self.chunk_hashes.len() * CHUNK_ROWS) as u64
    }

    /// Number of rows so far; `None` when none are recorded.
    pub(crate) fn rows(&self) -> Option<u64> {
        self.is_on
            .then(|| self.first_row() + self.tail.len() as u64)
    }

    /// Checks that it can be that of a ledger under `dictionary` at `now`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn check(&self, dictionary: &Dictionary, now: SimTime) -> Result<(), &'static str> {
        if self.tail.len() > CHUNK_ROWS {
            return Err("there are more rows than a chunk takes");
        }
        if !self.tail.is_sorted_by_key(|row| row.time)
            || self.tail.last().is_some_and(|row| row.time > now)
        {
            return Err("its rows are not in the order of time");
        }
        for (number, row) in (self.first_row()..).zip(&self.tail) {
            let is_known = usize::from(row.kind) < dictionary.kinds.len();
            if !is_known && row.kind != PAYLOAD_KIND {
                return Err("a row is of a kind that there is not");
            }
            if row.cause != NO_CAUSE && row.cause >= number {
                return Err("a row comes before its cause");
            }
        }
        Ok(())
    }
}

/// Why a ledger cannot go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RewindError {
    /// The snapshot was taken with recording off.
    NotRecorded,
    /// The rows have left for a sink.
    Written,
    /// The sink would miss the rows between.
    Gap,
}

impl fmt::Display for RewindError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NotRecorded => "the snapshot was taken without a ledger, this world keeps one",
            Self::Written => "rows after that point have already been written to the ledger's file",
            Self::Gap => "the ledger's file would miss the rows up to that point",
        })
    }
}

impl std::error::Error for RewindError {}

/// Computes a ledger's hash from its chunks, as a reader of a stored ledger does.
#[derive(Clone, Debug, Default)]
pub struct LedgerDigest {
    chunk_hashes: Vec<u64>,
    rows: u64,
}

impl LedgerDigest {
    /// Adds the next chunk; chunks are full but for the last.
    pub fn add(&mut self, chunk: &Chunk) {
        if !chunk.is_empty() {
            self.chunk_hashes.push(chunk.hash());
            self.rows += chunk.len() as u64;
        }
    }

    /// Number of rows that were added.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The hash of all that was added, under `dictionary`.
    #[must_use]
    pub fn finish(&self, dictionary: &Dictionary) -> LedgerHash {
        hash_of(dictionary, self.rows, &self.chunk_hashes)
    }

    /// The hash of the first `rows` rows alone, under `dictionary`: what the ledger would have said after them.
    ///
    /// `None` when `rows` is neither a whole number of chunks nor all that was added.
    #[must_use]
    pub fn finish_at(&self, rows: u64, dictionary: &Dictionary) -> Option<LedgerHash> {
        if rows == self.rows {
            return Some(self.finish(dictionary));
        }
        let chunks = usize::try_from(rows / CHUNK_ROWS as u64).ok()?;
        let is_boundary = rows < self.rows && rows.is_multiple_of(CHUNK_ROWS as u64);
        is_boundary.then(|| hash_of(dictionary, rows, &self.chunk_hashes[..chunks]))
    }
}

fn hash_of(dictionary: &Dictionary, rows: u64, chunk_hashes: &[u64]) -> LedgerHash {
    let mut hasher = blake3::Hasher::new_derive_key("pluriverse ledger 1");
    hasher.update(&dictionary.fingerprint());
    hasher.update(&rows.to_le_bytes());
    for hash in chunk_hashes {
        hasher.update(&hash.to_le_bytes());
    }
    LedgerHash(*hasher.finalize().as_bytes())
}
