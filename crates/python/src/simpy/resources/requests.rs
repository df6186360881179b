//! What resources are asked: to put something in, or to get something out.
//!
//! A request is an event that happens once it is met. It can be taken back until then, and is at the end of a `with`
//! block.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};
use pyo3::{PyClass, PyTraverseError, PyTypeInfo, PyVisit, intern};

use super::super::attached::Held;
use super::super::environment::Environment;
use super::super::event::{self, Event};
use super::super::waiters::{self, Waiter, Waiters};
use super::base::{self, BaseResource};
use super::serving::{self, Side};

/// The process that is at work.
fn active_process(env: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    let py = env.py();
    match env.cast::<Environment>() {
        Ok(own) => Ok(own.get().active.get(py).map(Bound::unbind)),
        Err(_) => {
            let active = env.getattr(intern!(py, "active_process"))?;
            Ok((!active.is_none()).then(|| active.unbind()))
        }
    }
}

/// Whom a request asks, and for which process.
pub(super) struct Asked {
    resource: Held<PyAny>,
    proc: Held<PyAny>,
}

impl Asked {
    const fn unset() -> Self {
        Self {
            resource: Held::none(),
            proc: Held::none(),
        }
    }

    #[inline]
    fn of(resource: &Bound<'_, BaseResource>, proc: Option<Py<PyAny>>) -> Self {
        Self {
            resource: Held::of(resource.clone().into_any().unbind()),
            proc: proc.map_or_else(Held::none, Held::of),
        }
    }

    /// Sets what a request begins with and queues it.
    fn begin(
        &self,
        side: Side,
        request: &Bound<'_, Event>,
        resource: &Bound<'_, BaseResource>,
    ) -> PyResult<()> {
        let py = request.py();
        let env = resource.get().env(py)?;
        request.get().begin(&env);
        let asked = resource.clone().into_any().unbind();
        self.resource.put(py, Some(asked));
        self.proc.put(py, active_process(&env)?);
        let other = side.other();
        let waiter = if resource.get().triggers_natively(py, other) {
            Waiter::Trigger(other, resource.clone().unbind())
        } else {
            Waiter::Call(resource.getattr(other.trigger(py))?.unbind())
        };
        serving::enqueue(resource, side, request.as_any())?;
        waiters::add(request, waiter)?;
        serving::trigger(resource, side, py.None().bind(py))
    }

    /// Takes an unmet request back.
    fn take_back(&self, side: Side, request: &Bound<'_, Event>) -> PyResult<()> {
        let py = request.py();
        if request.get().is_triggered(py) {
            return Ok(());
        }
        remove_from(&self.resource(request)?, side.queue(py), request.as_any())
    }

    /// What the request `request` asks.
    pub(super) fn resource<'py>(&self, request: &Bound<'py, Event>) -> PyResult<Bound<'py, PyAny>> {
        let resource = self.resource.get(request.py());
        resource.ok_or_else(|| event::no_attribute(request, "resource"))
    }
}

fn remove_from(
    resource: &Bound<'_, PyAny>,
    queue: &Bound<'_, PyString>,
    event: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let queue = resource.getattr(queue)?;
    if let Some(list) = serving::as_list(&queue)?
        && let Some(place) = list.iter().position(|queued| queued.is(event))
    {
        return list.del_item(place);
    }
    queue
        .call_method1(intern!(event.py(), "remove"), (event,))
        .map(drop)
}

/// The class of the requests of one side. PyO3 takes one block of methods a class, which this writes.
macro_rules! requests_of {
    ($side:expr => $Request:ident) => {
        impl $Request {
            pub(super) fn unset() -> PyClassInitializer<Self> {
                PyClassInitializer::from(Event::unset()).add_subclass(Self(Asked::unset()))
            }

            /// An unmet request of the process at work.
            #[inline]
            pub(super) fn made(
                resource: &Bound<'_, BaseResource>,
            ) -> PyResult<PyClassInitializer<Self>> {
                let env = resource.get().env(resource.py())?;
                let proc = active_process(&env)?;
                Ok(Self::made_by(resource, env, proc))
            }

            /// The same of a process that is known.
            #[inline]
            pub(super) fn made_by(
                resource: &Bound<'_, BaseResource>,
                env: Bound<'_, PyAny>,
                proc: Option<Py<PyAny>>,
            ) -> PyClassInitializer<Self> {
                let waiter = Waiter::Trigger($side.other(), resource.clone().unbind());
                let event = Event::within(env.unbind(), Waiters::One(waiter));
                PyClassInitializer::from(event).add_subclass(Self(Asked::of(resource, proc)))
            }

            /// Sets what a request begins with and queues it, from `__init__`.
            pub(super) fn begin(
                slf: &Bound<'_, Self>,
                resource: &Bound<'_, BaseResource>,
            ) -> PyResult<()> {
                slf.get().0.begin($side, slf.as_super(), resource)
            }

            /// Takes an unmet request back.
            pub(super) fn take_back(slf: &Bound<'_, Self>) -> PyResult<()> {
                slf.get().0.take_back($side, slf.as_super())
            }
        }

        #[pymethods]
        impl $Request {
            #[new]
            #[pyo3(signature = (*_args, **_kwargs))]
            fn new(
                _args: &Bound<'_, PyTuple>,
                _kwargs: Option<&Bound<'_, PyDict>>,
            ) -> PyClassInitializer<Self> {
                Self::unset()
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
                slf.get().0.resource(slf.as_super())
            }

            #[setter]
            fn set_resource(&self, py: Python<'_>, resource: Py<PyAny>) {
                self.0.resource.put(py, Some(resource));
            }

            #[getter]
            fn get_proc<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
                self.0.proc.get(py)
            }

            #[setter]
            fn set_proc(&self, py: Python<'_>, proc: Option<Py<PyAny>>) {
                self.0.proc.put(py, proc);
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
                self.0.resource.traverse(&visit)?;
                self.0.proc.traverse(&visit)
            }

            fn __clear__(&self, py: Python<'_>) {
                self.0.resource.put(py, None);
                self.0.proc.put(py, None);
            }
        }
    };
}

/// A request to put something into a resource.
#[pyclass(subclass, frozen, extends = Event, module = "pluriverse.simpy.resources.base")]
pub(in crate::simpy) struct Put(pub(super) Asked);

requests_of!(Side::Put => Put);

/// A request to get something out of a resource.
#[pyclass(subclass, frozen, extends = Event, module = "pluriverse.simpy.resources.base")]
pub(in crate::simpy) struct Get(pub(super) Asked);

requests_of!(Side::Get => Get);

/// Makes a request of a class of ours, and queues it.
#[inline]
pub(super) fn queued<'py, T>(
    resource: &Bound<'py, BaseResource>,
    side: Side,
    request: PyClassInitializer<T>,
) -> PyResult<Bound<'py, T>>
where
    T: PyClass + PyTypeInfo,
{
    let request = Bound::new(resource.py(), request)?;
    serving::queue_up(resource, side, request.as_any())?;
    Ok(request)
}

/// The methods of a class of requests that say one thing more than whom they ask: its field, which a check may refuse.
macro_rules! request_with {
    ($Request:ident($resource:ident, $field:ident) of $Side:ident $(, $check:path)?) => {
        impl $Request {
            fn of($field: &Bound<'_, PyAny>) -> Self {
                Self {
                    $field: Held::of($field.clone().unbind()),
                }
            }
        }

        #[pymethods]
        impl $Request {
            #[new]
            #[pyo3(signature = (*_args, **_kwargs))]
            fn new(
                _args: &Bound<'_, PyTuple>,
                _kwargs: Option<&Bound<'_, PyDict>>,
            ) -> PyClassInitializer<Self> {
                $Side::unset().add_subclass(Self {
                    $field: Held::none(),
                })
            }

            fn __init__(
                slf: &Bound<'_, Self>,
                $resource: &Bound<'_, BaseResource>,
                $field: &Bound<'_, PyAny>,
            ) -> PyResult<()> {
                $($check($field)?;)?
                slf.get().$field.put(slf.py(), Some($field.clone().unbind()));
                $Side::begin(slf.as_super(), $resource)
            }

            #[getter($field)]
            fn field<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
                let field = slf.get().$field.get(slf.py());
                field.ok_or_else(|| $crate::simpy::event::no_attribute(slf, stringify!($field)))
            }

            #[setter($field)]
            fn set_field(&self, py: Python<'_>, $field: Py<PyAny>) {
                self.$field.put(py, Some($field));
            }

            fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
                self.$field.traverse(&visit)
            }

            fn __clear__(&self, py: Python<'_>) {
                self.$field.put(py, None);
            }
        }
    };
}

pub(super) use request_with;
