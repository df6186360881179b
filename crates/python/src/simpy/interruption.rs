//! Interruptions: events that throw an `Interrupt` into a process at once.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use pyo3::{PyTraverseError, PyVisit, intern};

use super::agenda::{Delay, URGENT};
use super::attached::Held;
use super::event::{self, Event, Outcome};
use super::names;
use super::process::{self, Process, Signal};
use super::waiters::{self, Waiter, Waiters};

/// The event that interrupts a process.
#[pyclass(subclass, frozen, extends = Event, module = "pluriverse.simpy.events")]
pub(super) struct Interruption {
    process: Held<Process>,
}

/// Refuses to interrupt a process that has ended, or itself.
fn check(process: &Bound<'_, Process>, env: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = process.py();
    if process.as_super().get().is_triggered(py) {
        let text = process.str()?;
        return Err(PyRuntimeError::new_err(format!(
            "{text} has terminated and cannot be interrupted."
        )));
    }
    if env.getattr(intern!(py, "active_process"))?.is(process) {
        return Err(PyRuntimeError::new_err(
            "A process is not allowed to interrupt itself.",
        ));
    }
    Ok(())
}

fn exception<'py>(py: Python<'py>, cause: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    let cause = cause.unwrap_or_else(|| py.None());
    names::interrupt(py)?.call1((cause,))
}

impl Interruption {
    /// Interrupts a process.
    pub(super) fn start(process: &Bound<'_, Process>, cause: Option<Py<PyAny>>) -> PyResult<()> {
        let py = process.py();
        let env = process.as_super().get().environment(py)?;
        check(process, &env)?;
        let event = Event::failed(
            env.unbind(),
            exception(py, cause)?.unbind(),
            Waiters::One(Waiter::Interrupt),
        );
        let own = Self {
            process: Held::of(process.clone().unbind()),
        };
        let own = Bound::new(py, PyClassInitializer::from(event).add_subclass(own))?;
        event::schedule(own.as_super(), URGENT, Delay::None)
    }
}

/// The interruption is due: its process is torn from what it waits for.
pub(super) fn deliver(event: &Bound<'_, Event>) -> PyResult<()> {
    let py = event.py();
    let Some(process) = event.cast::<Interruption>()?.get().process.get(py) else {
        return Ok(());
    };
    // One that has ended while it dealt with an earlier interrupt is left alone.
    if process.as_super().get().is_triggered(py) {
        return Ok(());
    }
    if let Some(target) = Process::target(&process)? {
        match target.cast::<Event>() {
            Ok(target) => waiters::remove_process(target, &process)?,
            Err(_) => {
                let resume = process.getattr(intern!(py, "_resume"))?;
                let callbacks = target.getattr(intern!(py, "callbacks"))?;
                callbacks.call_method1(intern!(py, "remove"), (resume,))?;
            }
        }
    }
    process::resume(&process, Signal::of_event(event)?)
}

#[pymethods]
impl Interruption {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Event::unset()).add_subclass(Self {
            process: Held::none(),
        })
    }

    #[pyo3(signature = (process, cause))]
    fn __init__(
        slf: &Bound<'_, Self>,
        process: &Bound<'_, Process>,
        cause: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let py = slf.py();
        let env = process.as_super().get().environment(py)?;
        let event = slf.as_super();
        event.get().begin(&env);
        event.get().set_value(py, exception(py, cause)?.unbind());
        event.get().outcome.get(py).set(Outcome::Failed);
        event.get().is_defused.get(py).set(true);
        waiters::add(event, Waiter::Interrupt)?;
        check(process, &env)?;
        slf.get().process.put(py, Some(process.clone().unbind()));
        event::schedule(event, URGENT, Delay::None)
    }

    #[getter]
    fn get_process<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, Process>> {
        match slf.get().process.get(slf.py()) {
            Some(process) => Ok(process),
            None => Err(event::no_attribute(slf, "process")),
        }
    }

    fn _interrupt(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<()> {
        let _ = event;
        deliver(slf.as_super())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.process.traverse(&visit)
    }

    fn __clear__(&self, py: Python<'_>) {
        self.process.put(py, None);
    }
}
