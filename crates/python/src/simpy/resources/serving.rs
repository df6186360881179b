//! How those who wait at a resource are served: the one queue, and the other.
//!
//! What a model has replaced is called, and what it has not is done here. A queue is a Python list, or whatever else a
//! subclass says.

use pyo3::exceptions::{PyNotImplementedError, PyRuntimeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use super::super::event::{self, Event};
use super::super::names;
use super::base::{BaseResource, Discipline};
use super::{container, priority, resource, store};

/// Which queue.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::simpy) enum Side {
    Put,
    Get,
}

impl Side {
    /// Where those wait who may be served once a request of this side is met.
    #[inline(always)]
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Put => Self::Get,
            Self::Get => Self::Put,
        }
    }

    /// The attribute that the queue is.
    pub(super) fn queue(self, py: Python<'_>) -> &Bound<'_, PyString> {
        match self {
            Self::Put => intern!(py, "put_queue"),
            Self::Get => intern!(py, "get_queue"),
        }
    }

    /// The method that has the queue served.
    pub(in crate::simpy) fn trigger(self, py: Python<'_>) -> &Bound<'_, PyString> {
        match self {
            Self::Put => intern!(py, "_trigger_put"),
            Self::Get => intern!(py, "_trigger_get"),
        }
    }

    /// The method that meets one request.
    fn meeting(self, py: Python<'_>) -> &Bound<'_, PyString> {
        match self {
            Self::Put => intern!(py, "_do_put"),
            Self::Get => intern!(py, "_do_get"),
        }
    }
}

/// Serves those who wait on a side, by the method that the resource has for it.
#[inline]
pub(in crate::simpy) fn trigger(
    resource: &Bound<'_, BaseResource>,
    side: Side,
    event: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let py = resource.py();
    if resource.get().triggers_natively(py, side) {
        return serve(resource, side);
    }
    resource.call_method1(side.trigger(py), (event,)).map(drop)
}

/// A queue that is a list, and takes things out as lists do.
#[inline]
pub(super) fn as_list<'a, 'py>(
    queue: &'a Bound<'py, PyAny>,
) -> PyResult<Option<&'a Bound<'py, PyList>>> {
    if let Ok(list) = queue.cast_exact::<PyList>() {
        return Ok(Some(list));
    }
    if queue.get_type().is(names::sorted_queue(queue.py())?) {
        return Ok(queue.cast::<PyList>().ok());
    }
    Ok(None)
}

/// Goes through a queue: each request is tried, those that are met leave, and it ends when one says so.
#[inline]
pub(in crate::simpy) fn serve(resource: &Bound<'_, BaseResource>, side: Side) -> PyResult<()> {
    let py = resource.py();
    let queue = resource.get().queue(py, side)?;
    let Some(list) = as_list(&queue)? else {
        return serve_any(resource, side, &queue);
    };
    let mut index = 0;
    while index < list.len() {
        let event = list.get_item(index)?;
        let goes_on = meet(resource, side, &event)?;
        if !is_triggered(&event)? {
            index += 1;
        } else {
            let gone = list.get_item(index)?;
            list.del_item(index)?;
            if !gone.is(&event) && gone.ne(&event)? {
                return Err(violated(side));
            }
        }
        if !goes_on {
            break;
        }
    }
    Ok(())
}

fn violated(side: Side) -> PyErr {
    PyRuntimeError::new_err(match side {
        Side::Put => "Put queue invariant violated",
        Side::Get => "Get queue invariant violated",
    })
}

/// The same with a queue of a model's own.
#[cold]
fn serve_any(
    resource: &Bound<'_, BaseResource>,
    side: Side,
    queue: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let py = resource.py();
    let mut index = 0;
    while index < queue.len()? {
        let event = queue.get_item(index)?;
        let goes_on = meet(resource, side, &event)?;
        if !is_triggered(&event)? {
            index += 1;
        } else if queue
            .call_method1(intern!(py, "pop"), (index,))?
            .ne(&event)?
        {
            return Err(violated(side));
        }
        if !goes_on {
            break;
        }
    }
    Ok(())
}

#[inline]
fn is_triggered(event: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = event.py();
    match event.cast::<Event>() {
        Ok(event) => Ok(event.get().is_triggered(py)),
        Err(_) => event.getattr(intern!(py, "triggered"))?.is_truthy(),
    }
}

/// Tries to meet one request; says whether to go on with the next.
fn meet(
    resource: &Bound<'_, BaseResource>,
    side: Side,
    event: &Bound<'_, PyAny>,
) -> PyResult<bool> {
    let py = resource.py();
    let own = resource.get();
    if !own.meets_natively(py, side) {
        let met = resource.call_method1(side.meeting(py), (event,))?;
        return met.is_truthy();
    }
    match side {
        Side::Put => match own.discipline(py) {
            Discipline::Abstract => Err(not_implemented(resource)),
            Discipline::Slots => resource::take_slot(resource, event),
            Discipline::PreemptiveSlots => priority::take_slot(resource, event),
            Discipline::Matter => container::put(resource, event),
            Discipline::Objects | Discipline::FilteredObjects => store::put(resource, event),
            Discipline::SortedObjects => store::put_sorted(resource, event),
        },
        Side::Get => match own.discipline(py) {
            Discipline::Abstract => Err(not_implemented(resource)),
            Discipline::Slots | Discipline::PreemptiveSlots => {
                resource::give_back_slot(resource, event)
            }
            Discipline::Matter => container::get(resource, event),
            Discipline::Objects => store::get(resource, event),
            Discipline::SortedObjects => store::get_sorted(resource, event),
            Discipline::FilteredObjects => store::get_filtered(resource, event),
        },
    }
}

pub(super) fn not_implemented(resource: &Bound<'_, BaseResource>) -> PyErr {
    PyNotImplementedError::new_err((resource.clone().unbind(),))
}

/// Triggers a request, by its method where its class may have one of its own.
pub(super) fn succeed(event: &Bound<'_, PyAny>, value: Option<Bound<'_, PyAny>>) -> PyResult<()> {
    let py = event.py();
    if is_own_class(event)
        && let Ok(own) = event.cast::<Event>()
    {
        let value = value.map_or_else(|| py.None(), Bound::unbind);
        return event::succeed(own, value);
    }
    let name = intern!(py, "succeed");
    match value {
        Some(value) => event.call_method1(name, (value,)),
        None => event.call_method0(name),
    }
    .map(drop)
}

/// Whether an event is exactly of one of the classes of resources.
#[inline]
fn is_own_class(event: &Bound<'_, PyAny>) -> bool {
    event.is_exact_instance_of::<resource::Request>()
        || event.is_exact_instance_of::<priority::PriorityRequest>()
        || event.is_exact_instance_of::<resource::Release>()
        || event.is_exact_instance_of::<store::StorePut>()
        || event.is_exact_instance_of::<store::StoreGet>()
        || event.is_exact_instance_of::<store::FilterStoreGet>()
        || event.is_exact_instance_of::<container::ContainerPut>()
        || event.is_exact_instance_of::<container::ContainerGet>()
}

/// Whether nobody waits on a side, in a list.
#[inline]
pub(super) fn nobody_waits(resource: &Bound<'_, BaseResource>, side: Side) -> PyResult<bool> {
    let queue = resource.get().queue(resource.py(), side)?;
    Ok(queue
        .cast_exact::<PyList>()
        .is_ok_and(|list| list.is_empty()))
}

/// Adds a request to the end of a queue, or where the queue wants it.
#[inline]
pub(super) fn enqueue(
    resource: &Bound<'_, BaseResource>,
    side: Side,
    event: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let py = resource.py();
    let queue = resource.get().queue(py, side)?;
    if let Ok(list) = queue.cast_exact::<PyList>() {
        return list.append(event);
    }
    if queue.get_type().is(names::sorted_queue(py)?) {
        return priority::append_sorted(&queue, event);
    }
    queue
        .call_method1(intern!(py, "append"), (event,))
        .map(drop)
}

/// Queues a request that has just been made, and serves its side.
#[inline]
pub(super) fn queue_up(
    resource: &Bound<'_, BaseResource>,
    side: Side,
    event: &Bound<'_, PyAny>,
) -> PyResult<()> {
    enqueue(resource, side, event)?;
    trigger(resource, side, resource.py().None().bind(resource.py()))
}
