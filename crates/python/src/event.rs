//! Events as Python sees them: one with its names, or many at once in columns.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use pluriverse_kernel::{
    ledger::{Batch, Dictionary, NO_CAUSE, NONE, Row},
    time::SimTime,
};
use pluriverse_store::TableBuilder;
use pyo3::{prelude::*, types::PyCapsule};

use crate::columns::{self, Column, frame};

/// Names of the columns of a batch of events.
const COLUMNS: [&str; 7] = ["row", "time", "kind", "subject", "object", "value", "cause"];

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

/// The row of `batch` at this place; its columns are those of a ledger, from `first` on.
pub(crate) fn row_at(batch: &RecordBatch, first: usize, place: usize) -> Option<Row> {
    use arrow_array::{Float64Array, Int64Array, UInt16Array, UInt32Array};
    let column = |offset: usize| {
        batch
            .columns()
            .get(first + offset)
            .map(|array| array.as_any())
    };
    Some(Row {
        time: SimTime::from_nanos(column(0)?.downcast_ref::<Int64Array>()?.value(place)),
        kind: column(1)?.downcast_ref::<UInt16Array>()?.value(place),
        subject: column(2)?.downcast_ref::<UInt32Array>()?.value(place),
        object: column(3)?.downcast_ref::<UInt32Array>()?.value(place),
        value: column(4)?.downcast_ref::<Float64Array>()?.value(place),
        cause: column(5)?.downcast_ref::<UInt64Array>()?.value(place),
    })
}

/// Events in the order in which they happened.
#[pyclass(frozen, sequence, module = "pluriverse._native")]
pub(crate) struct EventBatch {
    batch: RecordBatch,
    numbers: Arc<UInt64Array>,
    dictionary: Arc<Dictionary>,
    dropped: u64,
}

impl EventBatch {
    /// What a live feed has read.
    pub(crate) fn new(read: &Batch, dictionary: &Arc<Dictionary>) -> Self {
        let mut rows = TableBuilder::with_capacity(read.rows.len());
        let mut numbers = Vec::with_capacity(read.rows.len());
        for (number, row) in &read.rows {
            numbers.push(*number);
            rows.push(row);
        }
        let table = rows.finish();
        let numbers = Arc::new(UInt64Array::from(numbers));
        let mut fields = vec![Arc::new(Field::new(COLUMNS[0], DataType::UInt64, false))];
        fields.extend(table.schema().fields().iter().cloned());
        let mut arrays: Vec<ArrayRef> = vec![Arc::clone(&numbers) as ArrayRef];
        arrays.extend(table.columns().iter().cloned());
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .expect("a number for each row");
        Self {
            batch,
            numbers,
            dictionary: Arc::clone(dictionary),
            dropped: read.dropped_count,
        }
    }

    fn event(&self, place: usize) -> Option<Event> {
        let row = row_at(&self.batch, 1, place)?;
        Some(Event::new(self.numbers.value(place), row, &self.dictionary))
    }
}

#[pymethods]
impl EventBatch {
    /// Rows of any kind that were gone before these could be read.
    #[getter]
    fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Names of the kinds of events; the column `kind` has indices into them.
    #[getter]
    fn kinds(&self) -> Vec<String> {
        kind_names(&self.dictionary)
    }

    /// Names of the columns.
    #[getter]
    fn columns(&self) -> [&'static str; 7] {
        COLUMNS
    }

    /// The column of this name.
    fn column(&self, name: &str) -> PyResult<Column> {
        column(&self.batch, &COLUMNS, name)
    }

    /// As a table of pyarrow.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        frame(slf, "to_arrow", None)
    }

    /// As a data frame of polars; with `names`, kinds of events are told by name.
    #[pyo3(signature = (*, names=true))]
    #[allow(
        clippy::fn_params_excessive_bools,
        reason = "Python calls it by its name"
    )]
    fn to_polars<'py>(slf: &Bound<'py, Self>, names: bool) -> PyResult<Bound<'py, PyAny>> {
        frame(slf, "to_polars", Some(names))
    }

    /// As a data frame of pandas; with `names`, kinds of events are told by name.
    #[pyo3(signature = (*, names=true))]
    #[allow(
        clippy::fn_params_excessive_bools,
        reason = "Python calls it by its name"
    )]
    fn to_pandas<'py>(slf: &Bound<'py, Self>, names: bool) -> PyResult<Bound<'py, PyAny>> {
        frame(slf, "to_pandas", Some(names))
    }

    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }

    fn __getitem__(&self, index: isize) -> PyResult<Event> {
        let place = columns::place(index, self.batch.num_rows())?;
        self.event(place)
            .ok_or_else(|| pyo3::exceptions::PyIndexError::new_err("there is no such row"))
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        let _ = requested_schema;
        columns::batch_capsules(py, &self.batch)
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        columns::stream_capsule(py, &self.batch)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        columns::schema_capsule(py, &self.batch)
    }

    fn __repr__(&self) -> String {
        format!("<EventBatch of {} events>", self.batch.num_rows())
    }
}

/// Names of the kinds of events, in the order of their numbers.
pub(crate) fn kind_names(dictionary: &Dictionary) -> Vec<String> {
    dictionary
        .kinds
        .iter()
        .map(|kind| kind.name.clone())
        .collect()
}

/// The column of this name.
///
/// # Errors
/// `KeyError` when there is none.
pub(crate) fn column(batch: &RecordBatch, names: &[&'static str], name: &str) -> PyResult<Column> {
    let known = names.iter().find(|known| **known == name);
    let found = known.and_then(|known| Column::of(batch, known));
    found.ok_or_else(|| {
        let message = format!(
            "there is no column `{name}`; there are: {}",
            names.join(", ")
        );
        pyo3::exceptions::PyKeyError::new_err(message)
    })
}
