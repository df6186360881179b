//! The agenda as models see it that trace their events: `env._queue` and `env._eid`.

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

use super::agenda::Entry;
use super::attached::Held;
use super::environment::Environment;

/// What is to come, as a sequence of tuples (time, priority, number, event) of which the first is next.
#[pyclass(frozen, sequence, module = "pluriverse.simpy.core")]
pub(super) struct Schedule {
    env: Held<Environment>,
}

impl Schedule {
    pub(super) fn of(env: Bound<'_, Environment>) -> Self {
        Self {
            env: Held::of(env.unbind()),
        }
    }

    fn tuple<'py>(env: &Bound<'py, Environment>, entry: Entry) -> PyResult<Bound<'py, PyTuple>> {
        let py = env.py();
        let (time, priority) = (entry.time.clone_ref(py), entry.priority.clone_ref(py));
        let number = entry.number;
        let event = env.get().event_of(py, entry)?;
        (time, priority, number, event).into_pyobject(py)
    }

    fn list<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        if let Some(env) = self.env.get(py) {
            let entries = env.get().agenda(py).borrow().entries(py);
            for entry in entries {
                list.append(Self::tuple(&env, entry)?)?;
            }
        }
        Ok(list)
    }
}

#[pymethods]
impl Schedule {
    fn __len__(&self, py: Python<'_>) -> usize {
        let env = self.env.get(py);
        env.map_or(0, |env| env.get().agenda(py).borrow().len())
    }

    fn __getitem__<'py>(&self, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = index.py();
        let is_first = index.extract::<isize>().is_ok_and(|index| index == 0);
        if let (true, Some(env)) = (is_first, self.env.get(py)) {
            let first = env.get().agenda(py).borrow_mut().first(py);
            if let Some(entry) = first {
                return Ok(Self::tuple(&env, entry)?.into_any());
            }
        }
        self.list(py)?.as_any().get_item(index)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.list(py)?.as_any().try_iter()?.into_any())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.list(py)?.repr()?.to_string())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.env.traverse(&visit)
    }

    fn __clear__(&self, py: Python<'_>) {
        self.env.put(py, None);
    }
}

/// The numbers that events get: `next` takes one.
#[pyclass(frozen, module = "pluriverse.simpy.core")]
pub(super) struct Numbers {
    env: Held<Environment>,
}

impl Numbers {
    pub(super) fn of(env: Bound<'_, Environment>) -> Self {
        Self {
            env: Held::of(env.unbind()),
        }
    }
}

#[pymethods]
impl Numbers {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> Option<u64> {
        let env = self.env.get(py)?;
        Some(env.get().agenda(py).borrow_mut().next_number())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.env.traverse(&visit)
    }

    fn __clear__(&self, py: Python<'_>) {
        self.env.put(py, None);
    }
}
