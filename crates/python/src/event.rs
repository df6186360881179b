//! Events as Python sees them: one with its names, or many at once.

use pluriverse_kernel::ledger::{Batch, NO_CAUSE, NONE, Row};
use pluriverse_store::TableBuilder;
use pyo3::{prelude::*, types::PyBytes};

use crate::{
    fault::Fault,
    names::{Legend, Names, Reduced, rebuild},
    packed,
    rows::Rows,
};

/// What stands in a pickle: the names, and the rows as bytes.
type Parts<'py> = (Bound<'py, Legend>, Bound<'py, PyBytes>);

/// Something that happened.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct Event {
    number: u64,
    row: Row,
    names: Names,
}

impl Event {
    pub(crate) fn new(number: u64, row: Row, names: &Names) -> Self {
        Self {
            number,
            row,
            names: names.clone(),
        }
    }

    /// Its number in the ledger.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Whether both are the same row, to the bit.
    pub(crate) fn is(&self, other: &Self) -> bool {
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

    /// What the thing of this number is called, where it is one.
    fn name_of(&self, noun: Option<u16>, number: u32) -> Option<String> {
        if number == NONE {
            return None;
        }
        let noun = self.names.nouns.get(usize::from(noun?))?;
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
        let kind = self.names.kinds.get(usize::from(self.row.kind));
        kind.map_or("", |kind| &kind.name)
    }

    /// To whom; `None` where nobody.
    #[getter]
    fn subject(&self) -> Option<String> {
        let kind = self.names.kinds.get(usize::from(self.row.kind))?;
        self.name_of(kind.subject, self.row.subject)
    }

    /// With, at or by what; `None` where nothing.
    #[getter]
    fn object(&self) -> Option<String> {
        let kind = self.names.kinds.get(usize::from(self.row.kind))?;
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
        self.is(other)
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

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, memo: &Bound<'_, PyAny>) -> Py<Self> {
        let _ = memo;
        slf
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py, Parts<'py>>> {
        let (py, own) = (slf.py(), slf.get());
        let legend = own.names.legend(py)?;
        let row = [(own.number, own.row)].into_iter();
        let bytes = PyBytes::new(py, &packed::pack(row, 0, legend.get()));
        Ok((rebuild(py)?, (slf.get_type(), (legend, bytes))))
    }

    #[staticmethod]
    #[pyo3(name = "_from_parts")]
    fn from_parts(legend: &Bound<'_, Legend>, bytes: &[u8]) -> Result<Self, Fault> {
        let (rows, _) = packed::unpack(bytes, legend)?;
        let event = (rows.len() == 1).then(|| rows.event(0)).flatten();
        event.ok_or_else(|| Fault::Ledger("a pickle of one event has more or none".to_owned()))
    }
}

/// Events that somebody who listens is told at once, or a slice of rows.
#[pyclass(frozen, extends = Rows, module = "pluriverse._native")]
pub(crate) struct EventBatch {
    dropped: u64,
}

impl EventBatch {
    /// What a live feed has read.
    pub(crate) fn of<'py>(
        py: Python<'py>,
        read: &Batch,
        names: &Names,
    ) -> PyResult<Bound<'py, Self>> {
        let mut table = TableBuilder::with_capacity(read.rows.len());
        let mut numbers = Vec::with_capacity(read.rows.len());
        for (number, row) in &read.rows {
            numbers.push(*number);
            table.push(row);
        }
        let rows = Rows::numbered(numbers, &table.finish(), names.clone());
        Self::around(py, rows, read.dropped_count)
    }

    /// Numbered rows, and how many were gone before them.
    pub(crate) fn around(py: Python<'_>, rows: Rows, dropped: u64) -> PyResult<Bound<'_, Self>> {
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

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py, Parts<'py>>> {
        let (py, rows) = (slf.py(), slf.as_super().get());
        let legend = rows.names().legend(py)?;
        let numbered = (0..rows.len()).map(|place| {
            let row = rows.row(place).expect("each place has a row");
            (rows.number(place), row)
        });
        let bytes = packed::pack(numbered, slf.get().dropped, legend.get());
        let bytes = PyBytes::new(py, &bytes);
        Ok((rebuild(py)?, (slf.get_type(), (legend, bytes))))
    }

    #[staticmethod]
    #[pyo3(name = "_from_parts")]
    fn from_parts<'py>(
        legend: &Bound<'py, Legend>,
        bytes: &[u8],
    ) -> Result<Bound<'py, Self>, Fault> {
        let (rows, dropped) = packed::unpack(bytes, legend)?;
        Ok(Self::around(legend.py(), rows, dropped)?)
    }
}
