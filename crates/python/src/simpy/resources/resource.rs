//! Resources with slots that processes use one at a time.

use pyo3::exceptions::PyGeneratorExit;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyList, PyTuple};
use pyo3::{PyClass, PyTraverseError, PyTypeInfo, PyVisit, intern};

use super::super::agenda::{Delay, Freed, NORMAL, Pending};
use super::super::attached::Held;
use super::super::environment::Environment;
use super::super::event::{Event, Outcome};
use super::super::given::Given;
use super::base::{BaseResource, Discipline};
use super::priority::PriorityRequest;
use super::requests::{Get, Put, queued, request_with};
use super::serving::{self, Side};

/// A number of slots.
#[pyclass(subclass, frozen, extends = BaseResource, module = "pluriverse.simpy.resources.resource")]
pub(in crate::simpy) struct Resource {
    /// What a model has put in place of the queue.
    queue: Held<PyAny>,
}

/// A request for a slot.
#[pyclass(subclass, frozen, extends = Put, module = "pluriverse.simpy.resources.resource")]
pub(in crate::simpy) struct Request {
    pub(super) usage_since: Held<PyAny>,
}

/// The end of a slot's use.
#[pyclass(subclass, frozen, extends = Get, module = "pluriverse.simpy.resources.resource")]
pub(in crate::simpy) struct Release {
    request: Held<PyAny>,
}

impl Resource {
    pub(super) fn unset(discipline: Discipline) -> PyClassInitializer<Self> {
        PyClassInitializer::from(BaseResource::unset(discipline)).add_subclass(Self {
            queue: Held::none(),
        })
    }
}

impl Request {
    pub(super) const fn unset() -> Self {
        Self {
            usage_since: Held::none(),
        }
    }
}

/// Grants a slot, if there is one.
#[inline]
pub(super) fn take_slot(
    resource: &Bound<'_, BaseResource>,
    event: &Bound<'_, PyAny>,
) -> PyResult<bool> {
    let py = resource.py();
    let users = resource.get().contents(py)?;
    let count = match users.cast_exact::<PyList>() {
        Ok(users) => users.len(),
        Err(_) => users.len()?,
    };
    if !BaseResource::has_room_for(resource, count)? {
        return Ok(false);
    }
    match users.cast_exact::<PyList>() {
        Ok(users) => users.append(event)?,
        Err(_) => users
            .call_method1(intern!(py, "append"), (event,))
            .map(drop)?,
    }
    let env = resource.get().env(py)?;
    let now = match env.cast::<Environment>() {
        Ok(own) => own.get().now(py),
        Err(_) => env.getattr(intern!(py, "now"))?,
    };
    match event.cast::<Request>() {
        Ok(request) => request.get().usage_since.put(py, Some(now.unbind())),
        Err(_) => event.setattr(intern!(py, "usage_since"), now)?,
    }
    serving::succeed(event, None)?;
    Ok(false)
}

/// Takes the request of a release out of the users, if it is one of them.
pub(super) fn give_back_slot(
    resource: &Bound<'_, BaseResource>,
    event: &Bound<'_, PyAny>,
) -> PyResult<bool> {
    let py = resource.py();
    let request = match event.cast::<Release>() {
        Ok(release) => release.get().request.get(py),
        Err(_) => Some(event.getattr(intern!(py, "request"))?),
    };
    if let Some(request) = request {
        remove_user(resource, &request)?;
    }
    serving::succeed(event, None)?;
    Ok(false)
}

#[inline]
fn remove_user(resource: &Bound<'_, BaseResource>, request: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = resource.py();
    let users = resource.get().contents(py)?;
    if let Ok(users) = users.cast_exact::<PyList>()
        && let Some(place) = users.iter().position(|user| user.is(request))
    {
        return users.del_item(place);
    }
    if users.contains(request)? {
        users.call_method1(intern!(py, "remove"), (request,))?;
    }
    Ok(())
}

/// Makes a request, of a class of ours, and queues it; at once where there is a slot and nobody waits.
#[inline]
pub(super) fn make<'py, T>(
    resource: &Bound<'py, BaseResource>,
    request: PyClassInitializer<T>,
) -> PyResult<Bound<'py, T>>
where
    T: PyClass + PyTypeInfo,
{
    let py = resource.py();
    let request = Bound::new(py, request)?;
    let own = resource.get();
    if own.serves_natively(py, Side::Put) && serving::nobody_waits(resource, Side::Put)? {
        let users = own.contents(py)?;
        if BaseResource::has_room_for(resource, users.len()?)? {
            take_slot(resource, request.as_any())?;
            return Ok(request);
        }
    }
    serving::queue_up(resource, Side::Put, request.as_any())?;
    Ok(request)
}

/// The release that a `with` block ended with, as an event that is due.
pub(in crate::simpy) fn release_of(freed: Freed, py: Python<'_>) -> PyResult<Bound<'_, Event>> {
    let resource = freed.resource.bind(py);
    let env = resource.get().env(py)?;
    let release = Get::made_by(resource, env, freed.by).add_subclass(Release {
        request: Held::of(freed.request),
    });
    let release = Bound::new(py, release)?.into_super().into_super();
    let own = release.get();
    own.set_value(py, py.None());
    own.outcome.get(py).set(Outcome::Succeeded);
    Ok(release)
}

/// Ends the use of a slot at the end of a `with` block.
#[inline]
fn leave(request: &Bound<'_, Request>, resource: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = request.py();
    if let Ok(own) = resource.cast::<BaseResource>()
        && own.get().releases_natively(py)
        && own.get().triggers_natively(py, Side::Put)
        && serving::nobody_waits(own, Side::Get)?
    {
        let env = own.get().env(py)?;
        if let Ok(home) = env.cast::<Environment>()
            && !home.get().is_schedule_patched(py)
        {
            remove_user(own, request.as_any())?;
            let freed = Pending::Freed(Freed {
                resource: own.clone().unbind(),
                request: request.clone().into_any().unbind(),
                by: home.get().active.get(py).map(Bound::unbind),
            });
            return home.get().plan(py, freed, NORMAL, Delay::None);
        }
    }
    resource
        .call_method1(intern!(py, "release"), (request,))
        .map(drop)
}

#[pymethods]
impl Resource {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        Self::unset(Discipline::Slots)
    }

    #[pyo3(signature = (env, capacity = Given::NOTHING))]
    fn __init__<'py>(
        slf: &Bound<'py, Self>,
        env: &Bound<'py, PyAny>,
        capacity: Given<'_, 'py>,
    ) -> PyResult<()> {
        let capacity = capacity.or(|| PyInt::new(slf.py(), 1));
        BaseResource::begin_empty(slf.as_super(), env, &capacity)
    }

    #[getter]
    fn get_users<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.as_super().get().contents(slf.py())
    }

    #[setter]
    fn set_users(slf: &Bound<'_, Self>, users: Py<PyAny>) {
        slf.as_super().get().contents.put(slf.py(), Some(users));
    }

    #[getter]
    fn get_queue<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        match slf.get().queue.get(py) {
            Some(queue) => Ok(queue),
            None => slf.getattr(intern!(py, "put_queue")),
        }
    }

    #[setter]
    fn set_queue(&self, py: Python<'_>, queue: Py<PyAny>) {
        self.queue.put(py, Some(queue));
    }

    #[getter]
    fn get_count(slf: &Bound<'_, Self>) -> PyResult<usize> {
        slf.as_super().get().contents(slf.py())?.len()
    }

    fn request<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, Request>> {
        let resource = slf.as_super();
        make(
            resource,
            Put::made(resource)?.add_subclass(Request::unset()),
        )
    }

    fn release<'py>(
        slf: &Bound<'py, Self>,
        request: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, Release>> {
        let release = Get::made(slf.as_super())?.add_subclass(Release::of(request));
        queued(slf.as_super(), Side::Get, release)
    }

    fn _do_put(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        take_slot(slf.as_super(), event).map(|_| None)
    }

    fn _do_get(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        give_back_slot(slf.as_super(), event).map(|_| None)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.queue.traverse(&visit)
    }
}

#[pymethods]
impl Request {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        Put::unset().add_subclass(Self::unset())
    }

    fn __init__(slf: &Bound<'_, Self>, resource: &Bound<'_, BaseResource>) -> PyResult<()> {
        Put::begin(slf.as_super(), resource)
    }

    #[getter]
    fn get_usage_since<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.usage_since.get(py)
    }

    #[setter]
    fn set_usage_since(&self, py: Python<'_>, usage_since: Option<Py<PyAny>>) {
        self.usage_since.put(py, usage_since);
    }

    #[pyo3(signature = (exc_type, exc_value, traceback))]
    fn __exit__(
        slf: &Bound<'_, Self>,
        exc_type: &Bound<'_, PyAny>,
        exc_value: &Bound<'_, PyAny>,
        traceback: &Bound<'_, PyAny>,
    ) -> PyResult<Option<bool>> {
        let _ = (exc_value, traceback);
        let py = slf.py();
        let is_own =
            slf.is_exact_instance_of::<Self>() || slf.is_exact_instance_of::<PriorityRequest>();
        if is_own {
            Put::take_back(slf.as_super())?;
        } else {
            slf.call_method0(intern!(py, "cancel"))?;
        }
        // A generator that is closed has no say any more in what happens.
        if exc_type.is(py.get_type::<PyGeneratorExit>()) {
            return Ok(None);
        }
        let put = slf.as_super();
        leave(slf, &put.get().0.resource(put.as_super())?)?;
        Ok(None)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.usage_since.traverse(&visit)
    }
}

request_with!(Release(resource, request) of Get);
