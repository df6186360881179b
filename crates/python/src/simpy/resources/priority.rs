//! Slots for those with the best claim: requests in the order of their keys, and preemption.
//!
//! A key is (priority, time of the request, whether it does without preemption). It is compared as numbers as long
//! as it is made of them, and as Python's tuple where it is not or a model has set another.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyTuple};
use pyo3::{PyTraverseError, PyVisit, intern};

use super::super::attached::{Held, Mark, mark};
use super::super::environment::Environment;
use super::super::event;
use super::super::given::Given;
use super::super::moment::Moment;
use super::base::{BaseResource, Discipline};
use super::requests::Put;
use super::resource::{self, Request, Resource};

/// Slots that are granted in the order of priorities.
#[pyclass(subclass, frozen, extends = Resource, module = "pluriverse.simpy.resources.resource")]
pub(in crate::simpy) struct PriorityResource;

/// Slots that are taken away from users with a lesser claim.
#[pyclass(subclass, frozen, extends = PriorityResource, module = "pluriverse.simpy.resources.resource")]
pub(in crate::simpy) struct PreemptiveResource;

/// A key of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Key {
    priority: i64,
    time: Moment,
    is_patient: bool,
}

impl Key {
    #[inline]
    fn order(&self) -> (i64, i64, bool) {
        (self.priority, self.time.place().nanos(), self.is_patient)
    }
}

/// A request with a priority.
#[pyclass(subclass, frozen, extends = Request, module = "pluriverse.simpy.resources.resource")]
pub(in crate::simpy) struct PriorityRequest {
    priority: Held<PyAny>,
    preempt: Held<PyAny>,
    time: Held<PyAny>,
    /// The key, as long as it is made of numbers.
    numbers: Mark<Option<Key>>,
    /// The key as Python's tuple, once it was asked for or set.
    key: Held<PyAny>,
}

impl PriorityRequest {
    const fn unset() -> Self {
        Self {
            priority: Held::none(),
            preempt: Held::none(),
            time: Held::none(),
            numbers: mark(None),
            key: Held::none(),
        }
    }

    /// Sets the claim of a request made now.
    fn claim<'py>(
        &self,
        priority: Given<'_, 'py>,
        preempt: Given<'_, 'py>,
        env: &Bound<'py, PyAny>,
    ) -> PyResult<()> {
        let py = env.py();
        let priority = priority.or(|| PyInt::new(py, 0));
        let preempt = preempt.or(|| PyBool::new(py, true).to_owned());
        let time = match env.cast::<Environment>() {
            Ok(own) => own.get().now(py),
            Err(_) => env.getattr(intern!(py, "now"))?,
        };
        let number = priority.cast_exact::<PyInt>().ok();
        let number = number.and_then(|number| number.extract::<i64>().ok());
        let moment = Moment::of(&time);
        let numbers = match (number, moment) {
            (Some(priority), Some(time)) => Some(Key {
                priority,
                time,
                is_patient: !preempt.is_truthy()?,
            }),
            _ => None,
        };
        self.numbers.get(py).set(numbers);
        self.key.put(py, None);
        self.priority.put(py, Some(priority.unbind()));
        self.preempt.put(py, Some(preempt.unbind()));
        self.time.put(py, Some(time.unbind()));
        Ok(())
    }

    /// The key as Python's tuple.
    fn key<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(key) = self.key.get(py) {
            return Ok(key);
        }
        let none = || py.None().into_bound(py);
        let is_patient = match self.preempt.get(py) {
            Some(preempt) => !preempt.is_truthy()?,
            None => false,
        };
        let priority = self.priority.get(py).unwrap_or_else(none);
        let time = self.time.get(py).unwrap_or_else(none);
        let key = (priority, time, is_patient).into_pyobject(py)?.into_any();
        self.key.put(py, Some(key.clone().unbind()));
        Ok(key)
    }
}

/// Whether the claim of `first` is the lesser one: its key is greater.
fn is_lesser(first: &Bound<'_, PyAny>, second: &Bound<'_, PyAny>) -> PyResult<bool> {
    if let (Some(first), Some(second)) = (numbers(first), numbers(second)) {
        return Ok(first.order() > second.order());
    }
    key_of(first)?.gt(key_of(second)?)
}

#[inline]
fn numbers(request: &Bound<'_, PyAny>) -> Option<Key> {
    let py = request.py();
    let own = request.cast_exact::<PriorityRequest>().ok()?;
    own.get().numbers.get(py).get()
}

fn key_of<'py>(request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    request.getattr(intern!(request.py(), "key"))
}

/// Adds a request to a queue that is kept in the order of keys.
///
/// # Errors
/// When the queue is full, or keys cannot be compared.
pub(super) fn append_sorted(queue: &Bound<'_, PyAny>, event: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = queue.py();
    let maxlen = queue.getattr(intern!(py, "maxlen"))?;
    let list = queue.cast::<PyList>()?;
    if !maxlen.is_none() && PyInt::new(py, list.len()).ge(&maxlen)? {
        return Err(PyRuntimeError::new_err(
            "Cannot append event. Queue is full.",
        ));
    }
    list.append(event)?;
    if in_order(list) {
        return Ok(());
    }
    let options = PyDict::new(py);
    let getter = py.import("operator")?.getattr("attrgetter")?;
    options.set_item("key", getter.call1(("key",))?)?;
    queue.call_method("sort", (), Some(&options)).map(drop)
}

/// Whether all keys are numbers in order already.
fn in_order(list: &Bound<'_, PyList>) -> bool {
    let mut before = None;
    for request in list {
        let Some(key) = numbers(&request) else {
            return false;
        };
        let order = key.order();
        if before.is_some_and(|before| before > order) {
            return false;
        }
        before = Some(order);
    }
    true
}

/// Grants a slot, if need be that of the user with the least claim.
pub(super) fn take_slot(
    resource: &Bound<'_, BaseResource>,
    event: &Bound<'_, PyAny>,
) -> PyResult<bool> {
    let py = resource.py();
    let users = resource.get().contents(py)?;
    let may_preempt = !BaseResource::has_room_for(resource, users.len()?)? && preempts(event)?;
    if may_preempt {
        let mut least: Option<Bound<'_, PyAny>> = None;
        for user in users.try_iter()? {
            let user = user?;
            let is_least = match &least {
                Some(least) => is_lesser(&user, least)?,
                None => true,
            };
            if is_least {
                least = Some(user);
            }
        }
        if let Some(user) = least
            && is_lesser(&user, event)?
        {
            users.call_method1(intern!(py, "remove"), (&user,))?;
            let cause = preempted(resource, event, &user)?;
            user.getattr(intern!(py, "proc"))?
                .call_method1(intern!(py, "interrupt"), (cause,))?;
        }
    }
    resource::take_slot(resource, event)
}

fn preempts(event: &Bound<'_, PyAny>) -> PyResult<bool> {
    match numbers(event) {
        Some(key) => Ok(!key.is_patient),
        None => event.getattr(intern!(event.py(), "preempt"))?.is_truthy(),
    }
}

/// The cause that the preempted process is told.
fn preempted<'py>(
    resource: &Bound<'py, BaseResource>,
    event: &Bound<'py, PyAny>,
    user: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = resource.py();
    let module = py.import(intern!(py, "pluriverse.simpy.resources.resource"))?;
    let by = event.getattr(intern!(py, "proc"))?;
    let since = user.getattr(intern!(py, "usage_since"))?;
    module
        .getattr(intern!(py, "Preempted"))?
        .call1((by, since, resource))
}

#[pymethods]
impl PriorityResource {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        Resource::unset(Discipline::Slots).add_subclass(Self)
    }

    #[pyo3(
        signature = (priority = Given::NOTHING, preempt = Given::NOTHING),
        text_signature = "($self, priority=0, preempt=True)"
    )]
    fn request<'py>(
        slf: &Bound<'py, Self>,
        priority: Given<'_, 'py>,
        preempt: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PriorityRequest>> {
        let resource = slf.as_super().as_super();
        let own = PriorityRequest::unset();
        own.claim(priority, preempt, &resource.get().env(slf.py())?)?;
        let request = Put::made(resource)?
            .add_subclass(Request::unset())
            .add_subclass(own);
        resource::make(resource, request)
    }
}

#[pymethods]
impl PreemptiveResource {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        Resource::unset(Discipline::PreemptiveSlots)
            .add_subclass(PriorityResource)
            .add_subclass(Self)
    }

    fn _do_put(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        take_slot(slf.as_super().as_super().as_super(), event).map(|_| None)
    }
}

#[pymethods]
impl PriorityRequest {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        Put::unset()
            .add_subclass(Request::unset())
            .add_subclass(Self::unset())
    }

    #[pyo3(signature = (resource, priority = Given::NOTHING, preempt = Given::NOTHING))]
    fn __init__<'py>(
        slf: &Bound<'py, Self>,
        resource: &Bound<'py, BaseResource>,
        priority: Given<'_, 'py>,
        preempt: Given<'_, 'py>,
    ) -> PyResult<()> {
        let env = resource.get().env(slf.py())?;
        slf.get().claim(priority, preempt, &env)?;
        Put::begin(slf.as_super().as_super(), resource)
    }

    #[getter]
    fn get_priority<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let priority = slf.get().priority.get(slf.py());
        priority.ok_or_else(|| event::no_attribute(slf, "priority"))
    }

    #[setter]
    fn set_priority(&self, py: Python<'_>, priority: Py<PyAny>) -> PyResult<()> {
        // The key was made with the old one, and stays.
        self.key(py)?;
        self.priority.put(py, Some(priority));
        Ok(())
    }

    #[getter]
    fn get_preempt<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let preempt = slf.get().preempt.get(slf.py());
        preempt.ok_or_else(|| event::no_attribute(slf, "preempt"))
    }

    #[setter]
    fn set_preempt(&self, py: Python<'_>, preempt: Py<PyAny>) -> PyResult<()> {
        self.key(py)?;
        self.numbers.get(py).set(None);
        self.preempt.put(py, Some(preempt));
        Ok(())
    }

    #[getter]
    fn get_time<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let time = slf.get().time.get(slf.py());
        time.ok_or_else(|| event::no_attribute(slf, "time"))
    }

    #[setter]
    fn set_time(&self, py: Python<'_>, time: Py<PyAny>) -> PyResult<()> {
        self.key(py)?;
        self.time.put(py, Some(time));
        Ok(())
    }

    #[getter]
    fn get_key<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.key(py)
    }

    #[setter]
    fn set_key(&self, py: Python<'_>, key: Py<PyAny>) {
        self.numbers.get(py).set(None);
        self.key.put(py, Some(key));
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.priority.traverse(&visit)?;
        self.preempt.traverse(&visit)?;
        self.time.traverse(&visit)?;
        self.key.traverse(&visit)
    }
}
