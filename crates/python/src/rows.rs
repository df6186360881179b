//! Rows in columns, as Python sees them: what a ledger and a batch of events have in common.
//!
//! Other libraries take the columns without a copy, and one row is an [`Event`].

use std::sync::{Arc, OnceLock};

use arrow_array::{Array, ArrayRef, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use pluriverse_kernel::{
    ledger::{Dictionary, Row},
    time::SimTime,
};
use pyo3::{
    exceptions::{PyIndexError, PyKeyError},
    prelude::*,
    types::PyCapsule,
};

use crate::{
    columns::{self, Capsules, Column},
    event::Event,
};

/// The columns of numbered rows, which are those of every ledger after the numbers.
static NUMBERED: OnceLock<SchemaRef> = OnceLock::new();

/// Events in the order in which they happened.
#[pyclass(frozen, subclass, sequence, module = "pluriverse._native")]
pub(crate) struct Rows {
    batch: RecordBatch,
    /// The column of the rows' numbers, which stands first; without one they count from 0.
    numbers: Option<Arc<UInt64Array>>,
    dictionary: Arc<Dictionary>,
}

impl Rows {
    /// All rows of a ledger from the first one on, in its columns.
    pub(crate) fn from_first(batch: RecordBatch, dictionary: Arc<Dictionary>) -> Self {
        Self {
            batch,
            numbers: None,
            dictionary,
        }
    }

    /// Rows of a ledger, in its columns, with their numbers.
    pub(crate) fn numbered(
        numbers: Vec<u64>,
        table: &RecordBatch,
        dictionary: Arc<Dictionary>,
    ) -> Self {
        let numbers = Arc::new(UInt64Array::from(numbers));
        let schema = NUMBERED.get_or_init(|| {
            let mut fields = vec![Arc::new(Field::new("row", DataType::UInt64, false))];
            fields.extend(table.schema().fields().iter().cloned());
            Arc::new(Schema::new(fields))
        });
        let mut arrays: Vec<ArrayRef> = vec![Arc::clone(&numbers) as ArrayRef];
        arrays.extend(table.columns().iter().cloned());
        let batch =
            RecordBatch::try_new(Arc::clone(schema), arrays).expect("a number for each row");
        Self {
            batch,
            numbers: Some(numbers),
            dictionary,
        }
    }

    pub(crate) fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    pub(crate) fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    pub(crate) fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// The row at this place.
    pub(crate) fn row(&self, place: usize) -> Option<Row> {
        use arrow_array::{Float64Array, Int64Array, UInt16Array, UInt32Array};
        let first = usize::from(self.numbers.is_some());
        let column = |offset: usize| {
            let array = self.batch.columns().get(first + offset);
            array.map(|array| array.as_any())
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

    /// The event at this place.
    pub(crate) fn event(&self, place: usize) -> Option<Event> {
        let number = match &self.numbers {
            Some(numbers) => numbers.value(place),
            None => place as u64,
        };
        Some(Event::new(number, self.row(place)?, &self.dictionary))
    }
}

#[pymethods]
impl Rows {
    /// Names of the kinds of events; the column `kind` has indices into them.
    #[getter]
    fn kinds(&self) -> Vec<&str> {
        let kinds = self.dictionary.kinds.iter();
        kinds.map(|kind| kind.name.as_str()).collect()
    }

    /// Names of the columns.
    #[getter]
    fn columns(&self) -> Vec<&str> {
        let fields = self.batch.schema_ref().fields().iter();
        fields.map(|field| field.name().as_str()).collect()
    }

    /// The column of this name.
    fn column(&self, name: &str) -> PyResult<Column> {
        Column::of(&self.batch, name).ok_or_else(|| {
            let known = self.columns().join(", ");
            PyKeyError::new_err(format!("there is no column `{name}`; there are: {known}"))
        })
    }

    /// As a table of pyarrow.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        frames(slf.py())?.call_method1("to_arrow", (slf,))
    }

    /// As a data frame of polars; with `names`, kinds of events are told by name.
    #[pyo3(signature = (*, names=true))]
    #[allow(
        clippy::fn_params_excessive_bools,
        reason = "Python calls it by its name"
    )]
    fn to_polars<'py>(slf: &Bound<'py, Self>, names: bool) -> PyResult<Bound<'py, PyAny>> {
        frames(slf.py())?.call_method1("to_polars", (slf, names))
    }

    /// As a data frame of pandas; with `names`, kinds of events are told by name.
    #[pyo3(signature = (*, names=true))]
    #[allow(
        clippy::fn_params_excessive_bools,
        reason = "Python calls it by its name"
    )]
    fn to_pandas<'py>(slf: &Bound<'py, Self>, names: bool) -> PyResult<Bound<'py, PyAny>> {
        frames(slf.py())?.call_method1("to_pandas", (slf, names))
    }

    fn __len__(&self) -> usize {
        self.len()
    }

    fn __getitem__(&self, index: isize) -> PyResult<Event> {
        let place = columns::place(index, self.len())?;
        self.event(place)
            .ok_or_else(|| PyIndexError::new_err("there is no such row"))
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Capsules<'py>> {
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
}

/// What makes data frames of other libraries.
fn frames(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import("pluriverse._frames")
}
