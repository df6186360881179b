//! A ledger in memory: what happened, in columns, with the hash that it is known by.
//!
//! It is taken from a world or read from a file, and does not change any more.

use std::path::PathBuf;

use pluriverse_store::{
    Format, LedgerWriter, Plan, Provenance, Seal, StoredLedger, TableBuilder, open, store_table,
};
use pyo3::{prelude::*, types::PyBytes};

use crate::{
    columns,
    event::Event,
    fault::Fault,
    names::{Names, Reduced, rebuild},
    rows::Rows,
    scenario::json,
};

/// The record of all events of a run.
#[pyclass(frozen, extends = Rows, module = "pluriverse._native", name = "Ledger")]
pub(crate) struct Ledger {
    pub(crate) seal: Seal,
    pub(crate) provenance: Provenance,
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

    /// What made it, as JSON.
    fn provenance_json(&self) -> String {
        json(&self.provenance)
    }

    /// What its numbers mean, as JSON.
    fn dictionary_json(slf: &Bound<'_, Self>) -> String {
        json(&**slf.as_super().get().names())
    }

    /// An event and what led to it, the first cause last.
    fn causes(slf: &Bound<'_, Self>, row: &Bound<'_, PyAny>) -> PyResult<Vec<Event>> {
        let rows = slf.as_super().get();
        let first = columns::place(row, rows.len())?;
        let next = |number: &usize| {
            let cause = rows.row(*number)?.cause;
            usize::try_from(cause).ok().filter(|cause| cause < number)
        };
        let chain = std::iter::successors(Some(first), next);
        Ok(chain.filter_map(|number| rows.event(number)).collect())
    }

    /// Writes it to a file, in the format that the name tells.
    fn write(slf: &Bound<'_, Self>, path: PathBuf) -> Result<(), Fault> {
        let (own, rows) = (slf.get(), slf.as_super().get());
        slf.py().detach(|| {
            let plan = Plan::new(Format::of_path(&path)?, own.provenance.clone());
            let writer = LedgerWriter::to_path(&path, plan)?;
            Ok(store_table(rows.batch(), rows.names(), &own.seal, writer)?)
        })
    }

    /// In a pickle stands what would stand in a file.
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> Result<Reduced<'py, (Bound<'py, PyBytes>,)>, Fault> {
        let (own, rows) = (slf.get(), slf.as_super().get());
        let bytes = slf.py().detach(|| {
            let plan = Plan::new(Format::ArrowIpc, own.provenance.clone());
            let (writer, file) = LedgerWriter::to_memory(u64::MAX, plan)?;
            store_table(rows.batch(), rows.names(), &own.seal, writer)?;
            Ok::<_, Fault>(file.bytes())
        })?;
        let bytes = PyBytes::new(slf.py(), &bytes);
        Ok((rebuild(slf.py())?, (slf.get_type(), (bytes,))))
    }

    #[staticmethod]
    #[pyo3(name = "_from_parts")]
    fn from_parts<'py>(py: Python<'py>, bytes: &[u8]) -> Result<Bound<'py, Self>, Fault> {
        let read = py.detach(|| {
            let stored = StoredLedger::from_bytes(Format::ArrowIpc, bytes.to_vec(), None);
            stored.map_err(Fault::from).and_then(load)
        });
        let read = read.map_err(|fault| match fault {
            Fault::Ledger(message) => {
                Fault::Ledger(format!("a pickle of a ledger is damaged: {message}"))
            }
            fault => fault,
        })?;
        Ok(Bound::new(py, read)?)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        let (count, hash) = (slf.as_super().get().len(), slf.get().hash());
        format!("<Ledger of {count} rows, hash {}…>", &hash[..12])
    }
}

/// Reads a ledger's file into memory; its hash is checked on the way.
#[pyfunction]
pub(crate) fn read_ledger(py: Python<'_>, path: PathBuf) -> Result<Bound<'_, Ledger>, Fault> {
    let read = py.detach(|| load(open(&path)?))?;
    Ok(Bound::new(py, read)?)
}

/// All rows of a stored ledger, once its hash is what it says.
fn load(mut stored: StoredLedger) -> Result<(Ledger, Rows), Fault> {
    let announced = stored.seal().map_or(0, |seal| seal.closing.rows);
    // Not believed beyond what costs nothing when it is wrong.
    let capacity = usize::try_from(announced).unwrap_or(0).min(1 << 24);
    let mut rows = TableBuilder::with_capacity(capacity);
    while let Some(chunk) = stored.next_chunk()? {
        rows.extend(chunk);
    }
    let cut = stored.seal().and_then(|seal| seal.cut.clone());
    let ledger = Ledger {
        seal: Seal {
            closing: stored.read_so_far(),
            cut,
        },
        provenance: stored.provenance().clone(),
    };
    let names = Names::from(stored.dictionary().clone());
    Ok((ledger, Rows::from_first(rows.finish(), names)))
}
