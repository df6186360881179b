//! Events as Python sees them: one with its names, or many at once.

use std::sync::Arc;

use pluriverse_kernel::ledger::{Batch, Dictionary, NO_CAUSE, NONE, Row};
use pluriverse_store::TableBuilder;
use pyo3::prelude::*;

use crate::rows::Rows;

/// Something that happened.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct Event {
    number: u64,
    row: Row,
    dictionary: Arc<Dictionary>,
}

impl Event {
    pub(crate) fn new(number: u64, row: Row, dictionary: &Arc<Dictionary>) -> Self {
        Self {
            number,
            row,
            dictionary: Arc::clone(dictionary),
        }
    }

    /// What the thing of this number is called, where it is one.
    fn name_of(&self, noun: Option<u16>, number: u32) -> Option<String> {
        if number == NONE {
            return None;
        }
        let noun = self.dictionary.nouns.get(usize::from(noun?))?;
        Some(noun.name_of(number))
    }

    fn number_of(number: u32) -> Option<u32> {
        (number != NONE).then_some(number)
    }
}

#[pymethods]
impl Event {
    /// Its number in the ledger.
    #[getter]
    fn row(&self) -> u64 {
        self.number
    }

    /// When it happened, in seconds.
    #[getter]
    fn time(&self) -> f64 {
        self.row.time.as_secs_f64()
    }

    /// When it happened, in nanoseconds.
    #[getter]
    fn time_nanos(&self) -> i64 {
        self.row.time.nanos()
    }

    /// What happened.
    #[getter]
    fn kind(&self) -> &str {
        let kind = self.dictionary.kinds.get(usize::from(self.row.kind));
        kind.map_or("", |kind| &kind.name)
    }

    /// To whom; `None` where nobody.
    #[getter]
    fn subject(&self) -> Option<String> {
        let kind = self.dictionary.kinds.get(usize::from(self.row.kind))?;
        self.name_of(kind.subject, self.row.subject)
    }

    /// With, at or by what; `None` where nothing.
    #[getter]
    fn object(&self) -> Option<String> {
        let kind = self.dictionary.kinds.get(usize::from(self.row.kind))?;
        self.name_of(kind.object, self.row.object)
    }

    /// Number of whom it happened to.
    #[getter]
    fn subject_number(&self) -> Option<u32> {
        Self::number_of(self.row.subject)
    }

    /// Number of what it happened with.
    #[getter]
    fn object_number(&self) -> Option<u32> {
        Self::number_of(self.row.object)
    }

    /// How much.
    #[getter]
    fn value(&self) -> f64 {
        self.row.value
    }

    /// Number of the row that led to it; `None` for a first cause.
    #[getter]
    fn cause(&self) -> Option<u64> {
        (self.row.cause != NO_CAUSE).then_some(self.row.cause)
    }

    fn __eq__(&self, other: &Self) -> bool {
        let Row { value, .. } = self.row;
        let rows = Row {
            value: 0.0,
            ..self.row
        } == Row {
            value: 0.0,
            ..other.row
        };
        rows && self.number == other.number && value.to_bits() == other.row.value.to_bits()
    }

    fn __hash__(&self) -> u64 {
        self.number
    }

    fn __repr__(&self) -> String {
        let mut text = format!(
            "<Event {} at {}: {}",
            self.number,
            self.row.time,
            self.kind()
        );
        for name in [self.subject(), self.object()].into_iter().flatten() {
            text.push_str(", ");
            text.push_str(&name);
        }
        text.push('>');
        text
    }
}

/// Events that somebody who listens is told at once.
#[pyclass(frozen, extends = Rows, module = "pluriverse._native")]
pub(crate) struct EventBatch {
    dropped: u64,
}

impl EventBatch {
    /// What a live feed has read.
    pub(crate) fn of<'py>(
        py: Python<'py>,
        read: &Batch,
        dictionary: &Arc<Dictionary>,
    ) -> PyResult<Bound<'py, Self>> {
        let mut table = TableBuilder::with_capacity(read.rows.len());
        let mut numbers = Vec::with_capacity(read.rows.len());
        for (number, row) in &read.rows {
            numbers.push(*number);
            table.push(row);
        }
        let rows = Rows::numbered(numbers, &table.finish(), Arc::clone(dictionary));
        let dropped = read.dropped_count;
        Bound::new(py, (Self { dropped }, rows))
    }
}

#[pymethods]
impl EventBatch {
    /// Rows of any kind that were gone before these could be read.
    #[getter]
    fn dropped(&self) -> u64 {
        self.dropped
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        format!("<EventBatch of {} events>", slf.as_super().get().len())
    }
}
