//! What resources are asked: to put something in, or to get something out.
//!
//! A request is an event that happens once it is met. It can be taken back until then, and is at the end of a `with`
//! block.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};
use pyo3::{PyTraverseError, PyVisit, intern};

use super::super::attached::Held;
use super::super::environment::Environment;
use super::super::event::{self, Event};
use super::super::waiters::{self, Waiter, Waiters};
use super::base::{self, BaseResource, Side};

/// A request to put something into a resource.
#[pyclass(subclass, frozen, extends = Event, module = "pluriverse.simpy.resources.base")]
pub(in crate::simpy) struct Put {
    pub(super) resource: Held<PyAny>,
    pub(super) proc: Held<PyAny>,
}

/// A request to get something out of a resource.
#[pyclass(subclass, frozen, extends = Event, module = "pluriverse.simpy.resources.base")]
pub(in crate::simpy) struct Get {
    pub(super) resource: Held<PyAny>,
    pub(super) proc: Held<PyAny>,
}

/// The process that is at work.
pub(super) fn active_process(env: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    let py = env.py();
    match env.cast::<Environment>() {
        Ok(own) => Ok(own.get().active.get(py).map(Bound::unbind)),
        Err(_) => {
            let active = env.getattr(intern!(py, "active_process"))?;
            Ok((!active.is_none()).then(|| active.unbind()))
        }
    }
}

impl Put {
    pub(super) const fn unset() -> Self {
        Self {
            resource: Held::none(),
            proc: Held::none(),
        }
    }

    /// An unmet request of the process at work.
    #[inline]
    pub(super) fn made(resource: &Bound<'_, BaseResource>) -> PyResult<PyClassInitializer<Self>> {
        let env = resource.get().env(resource.py())?;
        let proc = active_process(&env)?;
        let waiter = Waiter::TriggerGet(resource.clone().unbind());
        let event = Event::within(env.unbind(), Waiters::One(waiter));
        Ok(PyClassInitializer::from(event).add_subclass(Self {
            resource: Held::of(resource.clone().into_any().unbind()),
            proc: proc.map_or_else(Held::none, Held::of),
        }))
    }

    /// Sets what a request begins with and queues it, from `__init__`.
    pub(super) fn begin(slf: &Bound<'_, Self>, resource: &Bound<'_, BaseResource>) -> PyResult<()> {
        let py = slf.py();
        let env = resource.get().env(py)?;
        slf.as_super().get().begin(&env);
        let own = slf.get();
        own.resource
            .put(py, Some(resource.clone().into_any().unbind()));
        own.proc.put(py, active_process(&env)?);
        let waiter = if !resource.get().triggers_natively(py, Side::Get) {
            let trigger = resource.getattr(intern!(py, "_trigger_get"))?;
            Waiter::Call(trigger.unbind())
        } else {
            Waiter::TriggerGet(resource.clone().unbind())
        };
        base::enqueue(resource, Side::Put, slf.as_any())?;
        waiters::add(slf.as_super(), waiter)?;
        base::trigger_put(resource, py.None().bind(py))
    }

    /// Takes an unmet request back.
    pub(super) fn take_back(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        if slf.as_super().get().is_triggered(py) {
            return Ok(());
        }
        let Some(resource) = slf.get().resource.get(py) else {
            return Err(event::no_attribute(slf, "resource"));
        };
        remove_from(&resource, intern!(py, "put_queue"), slf.as_any())
    }
}

impl Get {
    pub(super) const fn unset() -> Self {
        Self {
            resource: Held::none(),
            proc: Held::none(),
        }
    }

    /// An unmet request of the process at work.
    pub(super) fn made(resource: &Bound<'_, BaseResource>) -> PyResult<PyClassInitializer<Self>> {
        let env = resource.get().env(resource.py())?;
        let proc = active_process(&env)?;
        Ok(Self::made_by(resource, env, proc))
    }

    /// The same of a process that is known.
    pub(super) fn made_by(
        resource: &Bound<'_, BaseResource>,
        env: Bound<'_, PyAny>,
        proc: Option<Py<PyAny>>,
    ) -> PyClassInitializer<Self> {
        let waiter = Waiter::TriggerPut(resource.clone().unbind());
        let event = Event::within(env.unbind(), Waiters::One(waiter));
        PyClassInitializer::from(event).add_subclass(Self {
            resource: Held::of(resource.clone().into_any().unbind()),
            proc: proc.map_or_else(Held::none, Held::of),
        })
    }

    /// Sets what a request begins with and queues it, from `__init__`.
    pub(super) fn begin(slf: &Bound<'_, Self>, resource: &Bound<'_, BaseResource>) -> PyResult<()> {
        let py = slf.py();
        let env = resource.get().env(py)?;
        slf.as_super().get().begin(&env);
        let own = slf.get();
        own.resource
            .put(py, Some(resource.clone().into_any().unbind()));
        own.proc.put(py, active_process(&env)?);
        let waiter = if !resource.get().triggers_natively(py, Side::Put) {
            let trigger = resource.getattr(intern!(py, "_trigger_put"))?;
            Waiter::Call(trigger.unbind())
        } else {
            Waiter::TriggerPut(resource.clone().unbind())
        };
        base::enqueue(resource, Side::Get, slf.as_any())?;
        waiters::add(slf.as_super(), waiter)?;
        base::trigger_get(resource, py.None().bind(py))
    }

    /// Takes an unmet request back.
    pub(super) fn take_back(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        if slf.as_super().get().is_triggered(py) {
            return Ok(());
        }
        let Some(resource) = slf.get().resource.get(py) else {
            return Err(event::no_attribute(slf, "resource"));
        };
        remove_from(&resource, intern!(py, "get_queue"), slf.as_any())
    }
}

fn remove_from(
    resource: &Bound<'_, PyAny>,
    queue: &Bound<'_, PyString>,
    event: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let queue = resource.getattr(queue)?;
    if let Some(list) = base::as_list(&queue)?
        && let Some(place) = list.iter().position(|queued| queued.is(event))
    {
        return list.del_item(place);
    }
    queue
        .call_method1(intern!(event.py(), "remove"), (event,))
        .map(drop)
}

#[pymethods]
impl Put {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Event::unset()).add_subclass(Self::unset())
    }

    fn __init__(slf: &Bound<'_, Self>, resource: &Bound<'_, BaseResource>) -> PyResult<()> {
        Self::begin(slf, resource)
    }

    #[classmethod]
    fn __class_getitem__<'py>(
        class: &Bound<'py, PyType>,
        item: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        base::generic(class, item)
    }

    #[getter]
    fn get_resource<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let resource = slf.get().resource.get(slf.py());
        resource.ok_or_else(|| event::no_attribute(slf, "resource"))
    }

    #[setter]
    fn set_resource(&self, py: Python<'_>, resource: Py<PyAny>) {
        self.resource.put(py, Some(resource));
    }

    #[getter]
    fn get_proc<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.proc.get(py)
    }

    #[setter]
    fn set_proc(&self, py: Python<'_>, proc: Option<Py<PyAny>>) {
        self.proc.put(py, proc);
    }

    fn cancel(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::take_back(slf)
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (exc_type, exc_value, traceback))]
    fn __exit__(
        slf: &Bound<'_, Self>,
        exc_type: &Bound<'_, PyAny>,
        exc_value: &Bound<'_, PyAny>,
        traceback: &Bound<'_, PyAny>,
    ) -> PyResult<Option<bool>> {
        let _ = (exc_type, exc_value, traceback);
        slf.call_method0(intern!(slf.py(), "cancel"))?;
        Ok(None)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.resource.traverse(&visit)?;
        self.proc.traverse(&visit)
    }

    fn __clear__(&self, py: Python<'_>) {
        self.resource.put(py, None);
        self.proc.put(py, None);
    }
}

#[pymethods]
impl Get {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Event::unset()).add_subclass(Self::unset())
    }

    fn __init__(slf: &Bound<'_, Self>, resource: &Bound<'_, BaseResource>) -> PyResult<()> {
        Self::begin(slf, resource)
    }

    #[classmethod]
    fn __class_getitem__<'py>(
        class: &Bound<'py, PyType>,
        item: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        base::generic(class, item)
    }

    #[getter]
    fn get_resource<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let resource = slf.get().resource.get(slf.py());
        resource.ok_or_else(|| event::no_attribute(slf, "resource"))
    }

    #[setter]
    fn set_resource(&self, py: Python<'_>, resource: Py<PyAny>) {
        self.resource.put(py, Some(resource));
    }

    #[getter]
    fn get_proc<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.proc.get(py)
    }

    #[setter]
    fn set_proc(&self, py: Python<'_>, proc: Option<Py<PyAny>>) {
        self.proc.put(py, proc);
    }

    fn cancel(slf: &Bound<'_, Self>) -> PyResult<()> {
        Self::take_back(slf)
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (exc_type, exc_value, traceback))]
    fn __exit__(
        slf: &Bound<'_, Self>,
        exc_type: &Bound<'_, PyAny>,
        exc_value: &Bound<'_, PyAny>,
        traceback: &Bound<'_, PyAny>,
    ) -> PyResult<Option<bool>> {
        let _ = (exc_type, exc_value, traceback);
        slf.call_method0(intern!(slf.py(), "cancel"))?;
        Ok(None)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.resource.traverse(&visit)?;
        self.proc.traverse(&visit)
    }

    fn __clear__(&self, py: Python<'_>) {
        self.resource.put(py, None);
        self.proc.put(py, None);
    }
}
