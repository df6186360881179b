//! Timeouts: events that are triggered when they are made, and happen after a delay.

use pyo3::basic::CompareOp;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

use super::agenda::{Delay, NORMAL, Pending};
use super::attached::Held;
use super::environment::Environment;
use super::event::{self, Event, Outcome};
use super::moment::Moment;
use super::waiters::Waiters;

/// An event that happens after a delay.
#[pyclass(subclass, frozen, extends = Event, module = "pluriverse.simpy.events")]
pub(super) struct Timeout {
    delay: Held<PyAny>,
}

/// Reads a delay; one below zero is refused.
#[inline]
fn checked<'a, 'py>(delay: &'a Bound<'py, PyAny>) -> PyResult<Delay<'a, 'py>> {
    let given = Delay::of(delay);
    let is_negative = match given {
        Delay::Exact(moment, _) => moment.is_negative(),
        _ => delay
            .rich_compare(Moment::ZERO.to_object(delay.py()), CompareOp::Lt)?
            .is_truthy()?,
    };
    if is_negative {
        return Err(PyValueError::new_err(format!(
            "Negative delay {}",
            delay.str()?
        )));
    }
    Ok(given)
}

impl Timeout {
    /// A timeout that begins now.
    #[inline]
    pub(super) fn start<'py>(
        env: &Bound<'py, Environment>,
        delay: &Bound<'py, PyAny>,
        value: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        let py = env.py();
        let given = checked(delay)?;
        let home = env.clone().into_any().unbind();
        let event = Event::succeeded(home, value, Waiters::None);
        let own = Self {
            delay: Held::of(delay.clone().unbind()),
        };
        let timeout = Bound::new(py, PyClassInitializer::from(event).add_subclass(own))?;
        if env.get().is_schedule_patched(py) {
            event::schedule(timeout.as_super(), NORMAL, given)?;
        } else {
            let what = Pending::Event(timeout.as_super().clone().unbind());
            env.get().plan(py, what, NORMAL, given)?;
        }
        Ok(timeout)
    }
}

#[pymethods]
impl Timeout {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Event::unset()).add_subclass(Self {
            delay: Held::none(),
        })
    }

    #[pyo3(signature = (env, delay, value = None))]
    fn __init__<'py>(
        slf: &Bound<'py, Self>,
        env: &Bound<'py, PyAny>,
        delay: &Bound<'py, PyAny>,
        value: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let py = env.py();
        let given = checked(delay)?;
        let event = slf.as_super();
        event.get().begin(env);
        let value = value.unwrap_or_else(|| py.None());
        event.get().set_value(py, value);
        event.get().outcome.get(py).set(Outcome::Succeeded);
        slf.get().delay.put(py, Some(delay.clone().unbind()));
        event::schedule(event, NORMAL, given)
    }

    fn _desc(slf: &Bound<'_, Self>) -> PyResult<String> {
        let py = slf.py();
        let class = slf.get_type();
        let Some(delay) = slf.get().delay.get(py) else {
            return Err(event::no_attribute(slf, "_delay"));
        };
        let (name, delay) = (class.name()?, delay.str()?);
        match slf.as_super().get().value(py) {
            Some(value) if value.is_none() => Ok(format!("{name}({delay})")),
            Some(value) => Ok(format!("{name}({delay}, value={})", value.str()?)),
            None => Ok(format!("{name}({delay})")),
        }
    }

    #[getter(_delay)]
    fn private_delay<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        match slf.get().delay.get(slf.py()) {
            Some(delay) => Ok(delay),
            None => Err(event::no_attribute(slf, "_delay")),
        }
    }

    #[setter(_delay)]
    fn set_private_delay(&self, py: Python<'_>, delay: Py<PyAny>) {
        self.delay.put(py, Some(delay));
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.delay.traverse(&visit)
    }
}
