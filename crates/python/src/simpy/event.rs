//! Events: what may happen, is going to happen, or has happened.

use std::cell::RefCell;

use pyo3::exceptions::{PyAttributeError, PyBaseException, PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use pyo3::{PyTraverseError, PyVisit, intern};

use super::agenda::{Delay, NORMAL, Pending};
use super::attached::{self, Attached, Held, Mark, Opened, let_go, mark};
use super::condition::{Condition, Rule};
use super::environment::Environment;
use super::names;
use super::waiters::{self, Waiters};

/// How an event ended, once it is triggered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Unset,
    Succeeded,
    Failed,
}

/// Something that may happen in an environment.
///
/// Models may give it attributes of their own; the dictionary for them is made with the first. (PyO3's option `dict`
/// would make one with every event on some versions of the interpreter.)
#[pyclass(subclass, frozen, weakref, module = "pluriverse.simpy.events")]
pub(super) struct Event {
    pub(super) env: Held<PyAny>,
    /// Whether there is a value.
    is_triggered: Mark<bool>,
    /// The value, unless it is Python's `None`: most are, and need not be held.
    value: Held<PyAny>,
    pub(super) outcome: Mark<Outcome>,
    pub(super) is_defused: Mark<bool>,
    pub(super) waiters: Opened<Waiters>,
    attributes: Held<PyDict>,
}

impl Event {
    /// An event that belongs nowhere yet.
    pub(super) const fn unset() -> Self {
        Self {
            env: Held::none(),
            is_triggered: mark(false),
            value: Held::none(),
            outcome: mark(Outcome::Unset),
            is_defused: mark(false),
            waiters: Attached::new(RefCell::new(Waiters::None)),
            attributes: Held::none(),
        }
    }

    /// An event that may happen in `env`.
    #[inline]
    pub(super) fn within(env: Py<PyAny>, waiters: Waiters) -> Self {
        Self {
            env: Held::of(env),
            is_triggered: mark(false),
            value: Held::none(),
            outcome: mark(Outcome::Unset),
            is_defused: mark(false),
            waiters: Attached::new(RefCell::new(waiters)),
            attributes: Held::none(),
        }
    }

    /// An event of `env` that has succeeded with `value`, or Python's `None`.
    #[inline]
    pub(super) fn succeeded(env: Py<PyAny>, value: Option<Py<PyAny>>, waiters: Waiters) -> Self {
        Self {
            env: Held::of(env),
            is_triggered: mark(true),
            value: value.map_or_else(Held::none, Held::of),
            outcome: mark(Outcome::Succeeded),
            is_defused: mark(false),
            waiters: Attached::new(RefCell::new(waiters)),
            attributes: Held::none(),
        }
    }

    /// An event of `env` that has failed, which is taken care of already.
    pub(super) fn failed(env: Py<PyAny>, exception: Py<PyAny>, waiters: Waiters) -> Self {
        Self {
            env: Held::of(env),
            is_triggered: mark(true),
            value: Held::of(exception),
            outcome: mark(Outcome::Failed),
            is_defused: mark(true),
            waiters: Attached::new(RefCell::new(waiters)),
            attributes: Held::none(),
        }
    }

    #[inline]
    pub(super) fn is_triggered(&self, py: Python<'_>) -> bool {
        self.is_triggered.get(py).get()
    }

    /// Gives it a value.
    #[inline]
    pub(super) fn set_value(&self, py: Python<'_>, value: Py<PyAny>) {
        self.is_triggered.get(py).set(true);
        self.value.put(py, (!value.is_none(py)).then_some(value));
    }

    /// The value.
    #[inline]
    pub(super) fn value<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        if !self.is_triggered(py) {
            return None;
        }
        let none = || py.None().into_bound(py);
        Some(self.value.get(py).unwrap_or_else(none))
    }

    #[inline]
    pub(super) fn is_processed(&self, py: Python<'_>) -> bool {
        matches!(&*self.waiters.get(py).borrow(), Waiters::Processed)
    }

    /// The value, or what stands for none.
    pub(super) fn value_or_pending<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.value(py) {
            Some(value) => Ok(value),
            None => names::pending(py).cloned(),
        }
    }

    /// The environment, which every event has been given.
    pub(super) fn environment<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.env
            .get(py)
            .ok_or_else(|| PyAttributeError::new_err("'Event' object has no attribute 'env'"))
    }

    /// The attributes that a model has given it.
    fn own_attributes<'py>(&self, py: Python<'py>) -> Bound<'py, PyDict> {
        if let Some(attributes) = self.attributes.get(py) {
            return attributes;
        }
        let attributes = PyDict::new(py);
        self.attributes.put(py, Some(attributes.clone().unbind()));
        attributes
    }

    /// Sets what an event begins with, from `__init__`.
    pub(super) fn begin(&self, env: &Bound<'_, PyAny>) {
        let py = env.py();
        self.env.put(py, Some(env.clone().unbind()));
        drop(self.waiters.get(py).replace(Waiters::None));
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        let waiters = std::mem::replace(self.waiters.owned().get_mut(), Waiters::None);
        let (first, second) = match waiters {
            Waiters::Processed | Waiters::None => (None, None),
            Waiters::One(first) => (first.into_object(), None),
            Waiters::Two(first, second) => (first.into_object(), second.into_object()),
            Waiters::List(list) => (Some(list), None),
            Waiters::Many(waiters) => {
                for waiter in waiters {
                    let_go([waiter.into_object()]);
                }
                (None, None)
            }
        };
        let attributes = self.attributes.last().map(Py::into_any);
        // No chain leads through the environment, which most often others have, too.
        drop(self.env.last());
        let_go([first, second, self.value.last(), attributes]);
    }
}

/// Puts an event on its environment's agenda.
#[inline]
pub(super) fn schedule(
    event: &Bound<'_, Event>,
    priority: i8,
    delay: Delay<'_, '_>,
) -> PyResult<()> {
    let py = event.py();
    let env = event.get().environment(py)?;
    match env.cast::<Environment>() {
        Ok(own) if !own.get().is_schedule_patched(py) => {
            let what = Pending::Event(event.clone().unbind());
            own.get().plan(py, what, priority, delay)
        }
        _ => schedule_by_method(&env, event, priority, delay),
    }
}

/// Through the environment's method, which somebody has replaced.
#[cold]
fn schedule_by_method(
    env: &Bound<'_, PyAny>,
    event: &Bound<'_, Event>,
    priority: i8,
    delay: Delay<'_, '_>,
) -> PyResult<()> {
    let py = env.py();
    let name = intern!(py, "schedule");
    match delay {
        Delay::None if priority == NORMAL => env.call_method1(name, (event,)),
        Delay::None => env.call_method1(name, (event, priority)),
        Delay::Exact(_, delay) | Delay::Object(delay) => {
            env.call_method1(name, (event, priority, delay))
        }
    }
    .map(drop)
}

/// Before everything else at this instant.
pub(super) fn schedule_first(event: &Bound<'_, Event>) -> PyResult<()> {
    schedule(event, -1, Delay::None)
}

/// Triggers an event of an exactly known class.
#[inline]
pub(super) fn succeed(event: &Bound<'_, Event>, value: Py<PyAny>) -> PyResult<()> {
    let py = event.py();
    let own = event.get();
    if own.is_triggered(py) {
        return Err(already_triggered(event));
    }
    own.outcome.get(py).set(Outcome::Succeeded);
    own.set_value(py, value);
    schedule(event, NORMAL, Delay::None)
}

#[cold]
fn already_triggered(event: &Bound<'_, Event>) -> PyErr {
    match event.str() {
        Ok(text) => PyRuntimeError::new_err(format!("{text} has already been triggered")),
        Err(error) => error,
    }
}

/// Lets an event fail with an exception.
pub(super) fn fail(event: &Bound<'_, Event>, exception: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = event.py();
    let own = event.get();
    if own.is_triggered(py) {
        return Err(already_triggered(event));
    }
    if !exception.is_instance_of::<PyBaseException>() {
        let text = exception.str()?;
        return Err(PyTypeError::new_err(format!("{text} is not an exception.")));
    }
    own.outcome.get(py).set(Outcome::Failed);
    own.set_value(py, exception.clone().unbind());
    schedule(event, NORMAL, Delay::None)
}

/// What an attribute that is not there is answered with, in the interpreter's words.
#[cold]
pub(super) fn no_attribute(object: &Bound<'_, PyAny>, name: &str) -> PyErr {
    match object.get_type().name() {
        Ok(class) => {
            PyAttributeError::new_err(format!("'{class}' object has no attribute '{name}'"))
        }
        Err(error) => error,
    }
}

/// A new exception like `exception`, caused by it, so that everyone who gets it has a traceback of one's own.
pub(super) fn copied_exception<'py>(exception: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = exception.py();
    let args = exception.getattr(intern!(py, "args"))?;
    let copy = exception.get_type().call1(args.cast_into::<PyTuple>()?)?;
    copy.setattr(intern!(py, "__cause__"), exception)?;
    Ok(copy)
}

/// Whether an attribute could not be set only because the class has none of its name.
#[cold]
fn may_be_added(
    event: &Bound<'_, Event>,
    name: &Bound<'_, PyAny>,
    error: &PyErr,
) -> PyResult<bool> {
    let py = event.py();
    Ok(error.is_instance_of::<PyAttributeError>(py)
        && !event.get_type().hasattr(name.cast::<PyString>()?)?)
}

#[pymethods]
impl Event {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self::unset()
    }

    fn __init__(slf: &Bound<'_, Self>, env: &Bound<'_, PyAny>) {
        slf.get().begin(env);
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let text = slf.call_method0(intern!(slf.py(), "_desc"))?;
        Ok(format!(
            "<{} object at {:#x}>",
            text.str()?,
            slf.as_ptr() as usize
        ))
    }

    fn _desc(slf: &Bound<'_, Self>) -> PyResult<String> {
        Ok(format!("{}()", slf.get_type().name()?))
    }

    #[getter]
    fn get_env(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        match slf.get().env.get(slf.py()) {
            Some(env) => Ok(env.unbind()),
            None => Err(no_attribute(slf, "env")),
        }
    }

    #[setter]
    fn set_env(slf: &Bound<'_, Self>, env: Py<PyAny>) {
        slf.get().env.put(slf.py(), Some(env));
    }

    #[getter]
    fn get_callbacks<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        waiters::list(slf)
    }

    #[setter]
    fn set_callbacks(slf: &Bound<'_, Self>, callbacks: &Bound<'_, PyAny>) {
        waiters::set(slf, callbacks);
    }

    #[getter]
    fn get_triggered(&self, py: Python<'_>) -> bool {
        self.is_triggered(py)
    }

    #[getter]
    fn get_processed(&self, py: Python<'_>) -> bool {
        self.is_processed(py)
    }

    #[getter]
    fn get_ok(slf: &Bound<'_, Self>) -> PyResult<bool> {
        Self::private_ok(slf)
    }

    #[getter(_ok)]
    fn private_ok(slf: &Bound<'_, Self>) -> PyResult<bool> {
        match slf.get().outcome.get(slf.py()).get() {
            Outcome::Unset => Err(no_attribute(slf, "_ok")),
            outcome => Ok(outcome == Outcome::Succeeded),
        }
    }

    #[setter(_ok)]
    fn set_private_ok(slf: &Bound<'_, Self>, ok: &Bound<'_, PyAny>) -> PyResult<()> {
        let outcome = if ok.is_truthy()? {
            Outcome::Succeeded
        } else {
            Outcome::Failed
        };
        slf.get().outcome.get(slf.py()).set(outcome);
        Ok(())
    }

    #[getter]
    fn get_defused(&self, py: Python<'_>) -> bool {
        self.is_defused.get(py).get()
    }

    #[setter]
    fn set_defused(&self, py: Python<'_>, value: &Bound<'_, PyAny>) {
        let _ = value;
        self.is_defused.get(py).set(true);
    }

    #[getter(_defused)]
    fn private_defused(slf: &Bound<'_, Self>) -> PyResult<bool> {
        if slf.get().is_defused.get(slf.py()).get() {
            Ok(true)
        } else {
            Err(no_attribute(slf, "_defused"))
        }
    }

    #[setter(_defused)]
    fn set_private_defused(&self, py: Python<'_>, value: &Bound<'_, PyAny>) {
        let _ = value;
        self.is_defused.get(py).set(true);
    }

    #[getter]
    fn get_value<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        match slf.get().value(slf.py()) {
            Some(value) => Ok(value),
            None => Err(PyAttributeError::new_err(format!(
                "Value of {} is not yet available",
                slf.str()?
            ))),
        }
    }

    #[getter(_value)]
    fn private_value<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.get().value_or_pending(slf.py())
    }

    #[setter(_value)]
    fn set_private_value(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = slf.py();
        if value.is(names::pending(py)?) {
            slf.get().is_triggered.get(py).set(false);
            slf.get().value.put(py, None);
        } else {
            slf.get().set_value(py, value.clone().unbind());
        }
        Ok(())
    }

    fn trigger(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = slf.py();
        Self::set_private_ok(slf, &event.getattr(intern!(py, "_ok"))?)?;
        Self::set_private_value(slf, &event.getattr(intern!(py, "_value"))?)?;
        schedule(slf, NORMAL, Delay::None)
    }

    #[pyo3(signature = (value = None))]
    fn succeed<'py>(slf: Bound<'py, Self>, value: Option<Py<PyAny>>) -> PyResult<Bound<'py, Self>> {
        let value = value.unwrap_or_else(|| slf.py().None());
        succeed(&slf, value)?;
        Ok(slf)
    }

    fn fail<'py>(
        slf: Bound<'py, Self>,
        exception: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, Self>> {
        fail(&slf, exception)?;
        Ok(slf)
    }

    fn __and__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, Condition>> {
        Condition::of_two(Rule::All, slf, other)
    }

    fn __or__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, Condition>> {
        Condition::of_two(Rule::Any, slf, other)
    }

    #[getter(__dict__)]
    fn dictionary<'py>(&self, py: Python<'py>) -> Bound<'py, PyDict> {
        self.own_attributes(py)
    }

    /// Asked when the ordinary way has found nothing.
    fn __getattr__<'py>(
        slf: &Bound<'py, Self>,
        name: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let Some(attributes) = slf.get().attributes.get(slf.py())
            && let Some(found) = attributes.get_item(name)?
        {
            return Ok(found);
        }
        // The ordinary way says best what is missing.
        attached::get_attribute(slf, name)
    }

    fn __setattr__(
        slf: &Bound<'_, Self>,
        name: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let py = slf.py();
        match attached::set_attribute(slf, name, Some(value)) {
            Err(error) if may_be_added(slf, name, &error)? => {
                slf.get().own_attributes(py).set_item(name, value)
            }
            result => result,
        }
    }

    fn __delattr__(slf: &Bound<'_, Self>, name: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = slf.py();
        if let Some(attributes) = slf.get().attributes.get(py)
            && attributes.contains(name)?
        {
            return attributes.del_item(name);
        }
        attached::set_attribute(slf, name, None)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.attributes.traverse(&visit)?;
        self.env.traverse(&visit)?;
        self.value.traverse(&visit)?;
        match self.waiters.visited(&visit).try_borrow() {
            Ok(waiters) => waiters.traverse(&visit),
            Err(_) => Ok(()),
        }
    }

    fn __clear__(&self, py: Python<'_>) {
        self.attributes.put(py, None);
        self.env.put(py, None);
        self.value.put(py, None);
        let waiters = self.waiters.get(py).replace(Waiters::None);
        drop(waiters);
    }
}
