//! Classes that are written in Python, found once: exceptions that models catch, and the interpreter's own types.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

static INTERRUPT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static STOP: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static EMPTY: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static GENERATOR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static SORTED_QUEUE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static PENDING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// What is thrown into a process that is interrupted.
pub(super) fn interrupt(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    INTERRUPT.import(py, "pluriverse.simpy.exceptions", "Interrupt")
}

/// What a callback raises to stop the simulation.
fn stop(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    STOP.import(py, "pluriverse.simpy.core", "StopSimulation")
}

/// What a step raises where nothing is to come.
pub(super) fn empty_schedule(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    EMPTY.import(py, "pluriverse.simpy.core", "EmptySchedule")
}

/// The queue of requests that is kept in order.
pub(super) fn sorted_queue(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    SORTED_QUEUE.import(py, "pluriverse.simpy.resources.resource", "SortedQueue")
}

/// The interpreter's type of generators.
pub(super) fn generator(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    GENERATOR.import(py, "types", "GeneratorType")
}

/// What stands for the value of an event that has none yet.
pub(super) fn pending(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    let object = PENDING.get_or_try_init(py, || {
        let object = py.import("builtins")?.getattr("object")?;
        object.call0().map(Bound::unbind)
    })?;
    Ok(object.bind(py))
}

/// Whether an error is the wish to stop the simulation.
pub(super) fn is_stop(py: Python<'_>, error: &PyErr) -> bool {
    stop(py).is_ok_and(|stop| error.is_instance(py, stop.as_any()))
}
