//! A ledger in memory: what happened, in columns, with the hash that it is known by.
//!
//! It is taken from a world or read from a file, and does not change any more.

use std::{path::PathBuf, sync::Arc};

use arrow_array::RecordBatch;
use pluriverse_kernel::ledger::{Dictionary, Row};
use pluriverse_store::{
    Format, LedgerWriter, Plan, Provenance, Seal, TableBuilder, open, store_table,
};
use pyo3::{exceptions::PyIndexError, prelude::*, types::PyCapsule};

use crate::{
    columns::{self, Column, frame},
    event::{self, Event},
    fault::Fault,
    scenario::json,
};

/// Names of its columns.
const COLUMNS: [&str; 6] = ["time", "kind", "subject", "object", "value", "cause"];

/// The record of all events of a run.
#[pyclass(frozen, sequence, module = "pluriverse._native", name = "Ledger")]
pub(crate) struct Ledger {
    pub(crate) batch: RecordBatch,
    pub(crate) dictionary: Arc<Dictionary>,
    pub(crate) seal: Seal,
    pub(crate) provenance: Provenance,
}

impl Ledger {
    fn row(&self, number: usize) -> Option<Row> {
        event::row_at(&self.batch, 0, number)
    }
}

#[pymethods]
impl Ledger {
    /// Its hash, in hexadecimal.
    #[getter]
    fn hash(&self) -> String {
        self.seal.closing.hash.to_string()
    }

    /// Why rows are missing at the end; `None` when it is complete.
    #[getter]
    fn cut(&self) -> Option<&str> {
        self.seal.cut.as_deref()
    }

    /// Names of the kinds of events; the column `kind` has indices into them.
    #[getter]
    fn kinds(&self) -> Vec<String> {
        event::kind_names(&self.dictionary)
    }

    /// Names of the columns.
    #[getter]
    fn columns(&self) -> [&'static str; 6] {
        COLUMNS
    }

    /// The column of this name.
    fn column(&self, name: &str) -> PyResult<Column> {
        event::column(&self.batch, &COLUMNS, name)
    }

    /// What made it, as JSON.
    fn provenance_json(&self) -> String {
        json(&self.provenance)
    }

    /// What its numbers mean, as JSON.
    fn dictionary_json(&self) -> String {
        json(&*self.dictionary)
    }

    /// An event and what led to it, the first cause last.
    fn causes(&self, row: isize) -> PyResult<Vec<Event>> {
        let first = columns::place(row, self.batch.num_rows())?;
        let next = |number: &usize| {
            let cause = self.row(*number)?.cause;
            usize::try_from(cause).ok().filter(|cause| cause < number)
        };
        let chain = std::iter::successors(Some(first), next);
        let event = |number: usize| {
            Some(Event::new(
                number as u64,
                self.row(number)?,
                &self.dictionary,
            ))
        };
        Ok(chain.filter_map(event).collect())
    }

    /// Writes it to a file, in the format that the name tells.
    fn write(&self, py: Python<'_>, path: PathBuf) -> Result<(), Fault> {
        py.detach(|| {
            let plan = Plan::new(Format::of_path(&path)?, self.provenance.clone());
            let writer = LedgerWriter::to_path(&path, plan)?;
            Ok(store_table(
                &self.batch,
                &self.dictionary,
                &self.seal,
                writer,
            )?)
        })
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
        let number = columns::place(index, self.batch.num_rows())?;
        let row = self.row(number);
        let row = row.ok_or_else(|| PyIndexError::new_err("there is no such row"))?;
        Ok(Event::new(number as u64, row, &self.dictionary))
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
        let hash = self.hash();
        format!(
            "<Ledger of {} rows, hash {}…>",
            self.batch.num_rows(),
            &hash[..12]
        )
    }
}

/// Reads a ledger's file into memory; its hash is checked on the way.
#[pyfunction]
pub(crate) fn read_ledger(py: Python<'_>, path: PathBuf) -> Result<Ledger, Fault> {
    py.detach(|| {
        let mut stored = open(&path)?;
        let announced = stored.seal().map_or(0, |seal| seal.closing.rows);
        // Not believed beyond what costs nothing when it is wrong.
        let capacity = usize::try_from(announced).unwrap_or(0).min(1 << 24);
        let mut rows = TableBuilder::with_capacity(capacity);
        while let Some(chunk) = stored.next_chunk()? {
            rows.extend(chunk);
        }
        let cut = stored.seal().and_then(|seal| seal.cut.clone());
        Ok(Ledger {
            batch: rows.finish(),
            dictionary: Arc::new(stored.dictionary().clone()),
            seal: Seal {
                closing: stored.read_so_far(),
                cut,
            },
            provenance: stored.provenance().clone(),
        })
    })
}
