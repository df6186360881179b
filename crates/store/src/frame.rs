//! Rows as one Arrow table in memory, for data frames: made from chunks, or as a ledger comes, and stored from there.
//!
//! A table has the columns that files have. It is a copy: a world goes on beside it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use pluriverse_kernel::ledger::{Chunk, Closing, Dictionary, LedgerSink, Row, SinkError};

use crate::columns::{Columns, fields};
#[cfg(feature = "files")]
use crate::{error::StoreError, header::Seal, sink::LedgerWriter};

/// Rows on their way into a table.
#[derive(Debug, Default)]
pub struct TableBuilder(Columns);

impl TableBuilder {
    /// A table of about so many rows.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        Self(Columns::with_capacity(rows))
    }

    /// Takes the rows of `chunk`.
    pub fn extend(&mut self, chunk: &Chunk) {
        self.0.extend(chunk);
    }

    /// Takes one row.
    pub fn push(&mut self, row: &Row) {
        self.0.push(row);
    }

    /// The table.
    ///
    /// # Panics
    /// Never: columns are filled together.
    #[must_use]
    pub fn finish(mut self) -> RecordBatch {
        let schema = Arc::new(Schema::new(fields()));
        RecordBatch::try_new(schema, self.0.take_arrays()).expect("columns are filled together")
    }
}

/// A ledger's sink that makes a table.
#[derive(Debug, Default)]
pub struct TableSink(Arc<Mutex<TableBuilder>>);

/// Where a [`TableSink`]'s table appears.
#[derive(Debug)]
pub struct TableRows(Arc<Mutex<TableBuilder>>);

impl TableSink {
    /// A sink, and where its rows appear.
    #[must_use]
    pub fn new() -> (Self, TableRows) {
        let sink = Self::default();
        let rows = TableRows(Arc::clone(&sink.0));
        (sink, rows)
    }
}

impl TableRows {
    /// The rows that have come.
    #[must_use]
    pub fn take(self) -> RecordBatch {
        std::mem::take(&mut *lock(&self.0)).finish()
    }
}

fn lock(rows: &Mutex<TableBuilder>) -> MutexGuard<'_, TableBuilder> {
    rows.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LedgerSink for TableSink {
    fn write(&mut self, _dictionary: &Dictionary, chunk: &Chunk) -> Result<(), SinkError> {
        lock(&self.0).extend(chunk);
        Ok(())
    }

    fn finish(&mut self, _closing: &Closing) -> Result<(), SinkError> {
        Ok(())
    }
}

/// The rows of `table`, a chunk at a time, the first of them numbered 0.
///
/// # Errors
/// What `each` says.
///
/// # Panics
/// When `table` has other columns than ours.
pub fn each_chunk<E>(
    table: &RecordBatch,
    mut each: impl FnMut(&Chunk) -> Result<(), E>,
) -> Result<(), E> {
    let mut columns = Columns::default();
    assert!(
        columns.fill_from(table),
        "the columns are those of a ledger"
    );
    let mut chunk = Chunk::starting_at(0);
    let mut rows = 0;
    while columns.len() > 0 {
        chunk.reset(rows);
        columns.take_into(&mut chunk);
        rows += chunk.len() as u64;
        each(&chunk)?;
    }
    Ok(())
}

/// Stores `table`, a ledger from its first row, which ends as `seal` says.
///
/// # Errors
/// When it cannot be written, or its rows are not those of the seal.
#[cfg(feature = "files")]
pub fn store_table(
    table: &RecordBatch,
    dictionary: &Dictionary,
    seal: &Seal,
    mut writer: LedgerWriter,
) -> Result<(), StoreError> {
    each_chunk(table, |chunk| writer.write(dictionary, chunk))?;
    if table.num_rows() == 0 {
        writer.write(dictionary, &Chunk::starting_at(0))?;
    }
    match &seal.cut {
        None => writer.finish(&seal.closing)?,
        Some(reason) => writer.finish_cut(reason)?,
    }
    Ok(())
}
