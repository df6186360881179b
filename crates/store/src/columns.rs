//! Rows as Arrow columns: `time i64, kind u16, subject u32?, object u32?, value f64, cause u64?`.
//!
//! Where the ledger has [`NONE`] or [`NO_CAUSE`], the columns have null, which is what data frames expect; since
//! those numbers stand for nothing else, reading gives back exactly what was written.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, UInt16Array, UInt32Array, UInt64Array,
};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::{DataType, Field, Fields};
use pluriverse_kernel::{
    ledger::{Chunk, NO_CAUSE, NONE, Row},
    time::SimTime,
};

/// Names of the columns, in order.
pub(crate) const NAMES: [&str; 6] = ["time", "kind", "subject", "object", "value", "cause"];

/// The columns' names, types and whether they may be null.
pub(crate) fn fields() -> Fields {
    let types = [
        (DataType::Int64, false),
        (DataType::UInt16, false),
        (DataType::UInt32, true),
        (DataType::UInt32, true),
        (DataType::Float64, false),
        (DataType::UInt64, true),
    ];
    NAMES
        .into_iter()
        .zip(types)
        .map(|(name, (data_type, nullable))| Field::new(name, data_type, nullable))
        .collect()
}

/// Rows in columns, filled by writers and emptied by readers.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    pub(crate) time: Vec<i64>,
    pub(crate) kind: Vec<u16>,
    pub(crate) subject: Vec<u32>,
    pub(crate) object: Vec<u32>,
    pub(crate) value: Vec<f64>,
    pub(crate) cause: Vec<u64>,
    taken: usize,
}

impl Columns {
    /// Columns with room for so many rows.
    pub(crate) fn with_capacity(rows: usize) -> Self {
        Self {
            time: Vec::with_capacity(rows),
            kind: Vec::with_capacity(rows),
            subject: Vec::with_capacity(rows),
            object: Vec::with_capacity(rows),
            value: Vec::with_capacity(rows),
            cause: Vec::with_capacity(rows),
            taken: 0,
        }
    }

    pub(crate) fn push(&mut self, row: &Row) {
        self.time.push(row.time.nanos());
        self.kind.push(row.kind);
        self.subject.push(row.subject);
        self.object.push(row.object);
        self.value.push(row.value);
        self.cause.push(row.cause);
    }

    /// Number of rows that have not been taken.
    pub(crate) fn len(&self) -> usize {
        self.time.len() - self.taken
    }

    pub(crate) fn clear(&mut self) {
        self.time.clear();
        self.kind.clear();
        self.subject.clear();
        self.object.clear();
        self.value.clear();
        self.cause.clear();
        self.taken = 0;
    }

    pub(crate) fn extend(&mut self, chunk: &Chunk) {
        self.time.extend_from_slice(chunk.times());
        self.kind.extend_from_slice(chunk.kinds());
        self.subject.extend_from_slice(chunk.subjects());
        self.object.extend_from_slice(chunk.objects());
        self.value.extend_from_slice(chunk.values());
        self.cause.extend_from_slice(chunk.causes());
    }

    /// Moves rows into `chunk` until it is full or none is left.
    pub(crate) fn take_into(&mut self, chunk: &mut Chunk) {
        while !chunk.is_full() && self.len() > 0 {
            let index = self.taken;
            chunk.push(Row {
                time: SimTime::from_nanos(self.time[index]),
                kind: self.kind[index],
                subject: self.subject[index],
                object: self.object[index],
                value: self.value[index],
                cause: self.cause[index],
            });
            self.taken = index + 1;
        }
    }

    /// All rows as Arrow arrays, leaving none here.
    pub(crate) fn take_arrays(&mut self) -> Vec<ArrayRef> {
        let Self {
            time,
            kind,
            subject,
            object,
            value,
            cause,
            ..
        } = std::mem::take(self);
        let subjects = present(&subject, NONE);
        let objects = present(&object, NONE);
        let causes = present(&cause, NO_CAUSE);
        vec![
            Arc::new(Int64Array::from(time)),
            Arc::new(UInt16Array::from(kind)),
            Arc::new(UInt32Array::new(subject.into(), subjects)),
            Arc::new(UInt32Array::new(object.into(), objects)),
            Arc::new(Float64Array::from(value)),
            Arc::new(UInt64Array::new(cause.into(), causes)),
        ]
    }

    /// Becomes the rows of `batch`; `false`, and empty, when its columns are of other types.
    pub(crate) fn fill_from(&mut self, batch: &RecordBatch) -> bool {
        self.clear();
        self.try_fill_from(batch).is_some()
    }

    fn try_fill_from(&mut self, batch: &RecordBatch) -> Option<()> {
        let column = |index: usize| batch.columns().get(index).map(|array| array.as_any());
        let time: &Int64Array = column(0)?.downcast_ref()?;
        let kind: &UInt16Array = column(1)?.downcast_ref()?;
        let subject: &UInt32Array = column(2)?.downcast_ref()?;
        let object: &UInt32Array = column(3)?.downcast_ref()?;
        let value: &Float64Array = column(4)?.downcast_ref()?;
        let cause: &UInt64Array = column(5)?.downcast_ref()?;
        self.time.extend_from_slice(time.values());
        self.kind.extend_from_slice(kind.values());
        self.subject
            .extend(subject.iter().map(|number| number.unwrap_or(NONE)));
        self.object
            .extend(object.iter().map(|number| number.unwrap_or(NONE)));
        self.value.extend_from_slice(value.values());
        self.cause
            .extend(cause.iter().map(|row| row.unwrap_or(NO_CAUSE)));
        Some(())
    }
}

/// Which of `values` are not `absent`; `None` when all are.
fn present<T: PartialEq + Copy>(values: &[T], absent: T) -> Option<NullBuffer> {
    let present = BooleanBuffer::collect_bool(values.len(), |index| values[index] != absent);
    Some(NullBuffer::new(present)).filter(|nulls| nulls.null_count() > 0)
}
