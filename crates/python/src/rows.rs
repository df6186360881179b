//! Rows in columns, as Python sees them: what a ledger and a batch of events have in common.
//!
//! Other libraries take the columns without a copy, and one row is an [`Event`]. Everything that a sequence has is
//! there, but `collections.abc.Sequence` does not know it: polars takes what is registered there apart row by row.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use arrow_array::{ArrayRef, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use pluriverse_kernel::{ledger::Row, time::SimTime};
use pluriverse_store::TableBuilder;
use pyo3::{
    exceptions::{PyIndexError, PyKeyError, PyValueError},
    prelude::*,
    types::{PyCapsule, PySlice, slice::PySliceIndices},
};

use crate::{
    columns::{self, Capsules, Column},
    event::{Event, EventBatch},
    names::Names,
};

mod iteration;

use iteration::{Direction, EventIterator};

/// The columns of numbered rows, which are those of every ledger after the numbers.
static NUMBERED: OnceLock<SchemaRef> = OnceLock::new();

/// Events in the order in which they happened.
#[pyclass(frozen, subclass, sequence, module = "pluriverse._native")]
pub(crate) struct Rows {
    batch: RecordBatch,
    /// The column of the rows' numbers, which stands first; without one they count from 0.
    numbers: Option<Arc<UInt64Array>>,
    names: Names,
}

impl Rows {
    /// All rows of a ledger from the first one on, in its columns.
    pub(crate) fn from_first(batch: RecordBatch, names: Names) -> Self {
        Self {
            batch,
            numbers: None,
            names,
        }
    }

    /// Rows of a ledger, in its columns, with their numbers.
    pub(crate) fn numbered(numbers: Vec<u64>, table: &RecordBatch, names: Names) -> Self {
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
            names,
        }
    }

    pub(crate) fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    pub(crate) fn names(&self) -> &Names {
        &self.names
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

    /// The number of the row at this place, which is one.
    pub(crate) fn number(&self, place: usize) -> u64 {
        match &self.numbers {
            Some(numbers) => numbers.value(place),
            None => place as u64,
        }
    }

    /// The event at this place.
    pub(crate) fn event(&self, place: usize) -> Option<Event> {
        Some(Event::new(
            self.number(place),
            self.row(place)?,
            &self.names,
        ))
    }

    /// The places among these where this event is.
    fn places_of<'a>(
        &'a self,
        event: &'a Bound<'_, PyAny>,
        places: Range<usize>,
    ) -> impl Iterator<Item = usize> + 'a {
        let event = event.cast::<Event>().ok().map(Bound::get);
        places.filter(move |place| {
            event.is_some_and(|event| {
                let is_there = event.number() == self.number(*place);
                is_there && self.event(*place).is_some_and(|found| found.is(event))
            })
        })
    }

    /// The rows of a slice; where no row is left out, the columns are shared.
    fn part(&self, slice: &PySliceIndices) -> Self {
        let (len, start) = (slice.slicelength, slice.start.unsigned_abs());
        if slice.step == 1 {
            let batch = self.batch.slice(start, len);
            return match &self.numbers {
                Some(numbers) => Self {
                    numbers: Some(Arc::new(numbers.slice(start, len))),
                    batch,
                    names: self.names.clone(),
                },
                None => {
                    let numbers = (start as u64..).take(len).collect();
                    Self::numbered(numbers, &batch, self.names.clone())
                }
            };
        }
        let places = (0..)
            .take(len)
            .map(|nth: isize| slice.start + nth * slice.step);
        let mut table = TableBuilder::with_capacity(len);
        let mut numbers = Vec::with_capacity(len);
        for place in places.map(isize::unsigned_abs) {
            if let Some(row) = self.row(place) {
                numbers.push(self.number(place));
                table.push(&row);
            }
        }
        Self::numbered(numbers, &table.finish(), self.names.clone())
    }
}

#[pymethods]
impl Rows {
    /// Names of the kinds of events; the column `kind` has indices into them.
    #[getter]
    fn kinds(&self) -> Vec<&str> {
        let kinds = self.names.kinds.iter();
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

    fn __getitem__<'py>(
        slf: &Bound<'py, Self>,
        index: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, rows) = (slf.py(), slf.get());
        if let Ok(slice) = index.cast::<PySlice>() {
            let part = rows.part(&slice.indices(rows.len().cast_signed())?);
            return Ok(EventBatch::around(py, part, 0)?.into_any());
        }
        let event = rows.event(columns::place(index, rows.len())?);
        let event = event.ok_or_else(|| PyIndexError::new_err("there is no such row"))?;
        Ok(Bound::new(py, event)?.into_any())
    }

    fn __iter__(slf: Py<Self>) -> EventIterator {
        EventIterator::over(slf, Direction::Forwards)
    }

    fn __reversed__(slf: Py<Self>) -> EventIterator {
        EventIterator::over(slf, Direction::Backwards)
    }

    fn __contains__(&self, value: &Bound<'_, PyAny>) -> bool {
        self.places_of(value, 0..self.len()).next().is_some()
    }

    /// The place of this event, of the places from `start` and before `stop`.
    #[pyo3(signature = (value, start=0, stop=None))]
    fn index(
        &self,
        value: &Bound<'_, PyAny>,
        start: isize,
        stop: Option<isize>,
    ) -> PyResult<usize> {
        let len = self.len();
        let from_start = |index: isize| match usize::try_from(index) {
            Ok(place) => place.min(len),
            Err(_) => len.saturating_sub(index.unsigned_abs()),
        };
        let places = from_start(start)..stop.map_or(len, from_start);
        let found = self.places_of(value, places).next();
        found.ok_or_else(|| PyValueError::new_err(format!("it is not among these {len} rows")))
    }

    /// How often this event is there: once, or not at all.
    fn count(&self, value: &Bound<'_, PyAny>) -> usize {
        self.places_of(value, 0..self.len()).count()
    }

    /// Rows do not change: a copy is the same object.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, memo: &Bound<'_, PyAny>) -> Py<Self> {
        let _ = memo;
        slf
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
