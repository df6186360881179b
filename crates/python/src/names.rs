//! What the numbers of rows are called, shared by all who hold rows of one ledger.
//!
//! In a pickle it is an object of its own, the legend, which stands there once however many events refer to it.

use std::{ops::Deref, sync::Arc};

use pluriverse_kernel::ledger::Dictionary;
use pyo3::{prelude::*, sync::PyOnceLock, types::PyType};

use crate::{fault::Fault, scenario::json};

/// A ledger's dictionary, and the legend that Python knows it as.
#[derive(Clone)]
pub(crate) struct Names {
    dictionary: Arc<Dictionary>,
    legend: Arc<PyOnceLock<Py<Legend>>>,
}

/// A dictionary on its way through a pickle.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct Legend {
    dictionary: Arc<Dictionary>,
    fingerprint: [u8; 32],
}

impl From<Dictionary> for Names {
    fn from(dictionary: Dictionary) -> Self {
        Self {
            dictionary: Arc::new(dictionary),
            legend: Arc::new(PyOnceLock::new()),
        }
    }
}

impl Deref for Names {
    type Target = Dictionary;

    fn deref(&self) -> &Dictionary {
        &self.dictionary
    }
}

impl Names {
    /// The names that a legend tells.
    pub(crate) fn told_by(legend: &Bound<'_, Legend>) -> Self {
        let known = PyOnceLock::new();
        // It is empty, so it takes the legend.
        let _ = known.set(legend.py(), legend.clone().unbind());
        Self {
            dictionary: Arc::clone(&legend.get().dictionary),
            legend: Arc::new(known),
        }
    }

    /// The legend, always the same object.
    pub(crate) fn legend<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, Legend>> {
        let legend = self
            .legend
            .get_or_try_init(py, || Py::new(py, Legend::of(Arc::clone(&self.dictionary))))?;
        Ok(legend.bind(py).clone())
    }
}

impl Legend {
    fn of(dictionary: Arc<Dictionary>) -> Self {
        Self {
            fingerprint: dictionary.fingerprint(),
            dictionary,
        }
    }

    /// A hash over all names.
    pub(crate) fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }
}

#[pymethods]
impl Legend {
    #[staticmethod]
    #[pyo3(name = "_from_parts")]
    fn from_parts(dictionary: &str) -> Result<Self, Fault> {
        let damaged = |what: &str| Fault::Ledger(format!("a pickle of events is damaged: {what}"));
        let dictionary: Dictionary =
            serde_json::from_str(dictionary).map_err(|error| damaged(&error.to_string()))?;
        // Names are looked up by bisection.
        let mut nouns = dictionary.nouns.iter();
        if !nouns.all(|noun| noun.labels.is_sorted_by_key(|label| label.first)) {
            return Err(damaged("its names are in no order"));
        }
        Ok(Self::of(Arc::new(dictionary)))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py, (String,)>> {
        let dictionary = json(&*slf.get().dictionary);
        let rebuild = rebuild(slf.py())?;
        Ok((rebuild, (slf.get_type(), (dictionary,))))
    }
}

/// What `__reduce__` gives: what makes the object again, its class and the parts that it takes.
pub(crate) type Reduced<'py, P> = (Bound<'py, PyAny>, (Bound<'py, PyType>, P));

/// What makes objects again that come out of a pickle.
pub(crate) fn rebuild(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.import("pluriverse._ledgers")?.getattr("_rebuild")
}
