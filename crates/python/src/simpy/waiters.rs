//! Who waits for an event: SimPy's list of callbacks, which is a Python list only once somebody has asked for it.

use pyo3::prelude::*;
use pyo3::types::PyList;
use pyo3::{PyTraverseError, PyVisit, intern};

use super::condition::Condition;
use super::event::Event;
use super::process::{Process, Signal};
use super::resources::base::BaseResource;
use super::resources::serving::{self, Side};

/// One callback.
pub(super) enum Waiter {
    /// A process goes on.
    Resume(Py<Process>),
    /// A condition looks whether it is met.
    Check(Py<Condition>),
    /// The condition that the event is puts together its value.
    Build,
    /// The interruption that the event is reaches its process.
    Interrupt,
    /// A resource looks at those who wait on a side.
    Trigger(Side, Py<BaseResource>),
    /// Anything that can be called.
    Call(Py<PyAny>),
}

impl Waiter {
    /// Calls it with the event that has happened.
    #[inline]
    pub(super) fn call(self, event: &Bound<'_, Event>) -> PyResult<()> {
        let py = event.py();
        match self {
            Self::Resume(process) => {
                super::process::resume(process.bind(py), Signal::of_event(event)?)
            }
            Self::Check(condition) => condition.bind(py).get().check(condition.bind(py), event),
            Self::Build => super::condition::build_value(event),
            Self::Interrupt => super::interruption::deliver(event),
            // Each by itself, so that the compiler knows the side.
            Self::Trigger(Side::Put, resource) => {
                serving::trigger(resource.bind(py), Side::Put, event.as_any())
            }
            Self::Trigger(Side::Get, resource) => {
                serving::trigger(resource.bind(py), Side::Get, event.as_any())
            }
            Self::Call(callable) => callable.bind(py).call1((event,)).map(drop),
        }
    }

    /// The same as an object that Python can call.
    fn callable<'py>(&self, event: &Bound<'py, Event>) -> PyResult<Bound<'py, PyAny>> {
        let py = event.py();
        match self {
            Self::Resume(process) => process.bind(py).getattr(intern!(py, "_resume")),
            Self::Check(condition) => condition.bind(py).getattr(intern!(py, "_check")),
            Self::Build => event.getattr(intern!(py, "_build_value")),
            Self::Interrupt => event.getattr(intern!(py, "_interrupt")),
            Self::Trigger(side, resource) => resource.bind(py).getattr(side.trigger(py)),
            Self::Call(callable) => Ok(callable.bind(py).clone()),
        }
    }

    fn is_resume_of(&self, process: &Bound<'_, Process>) -> bool {
        matches!(self, Self::Resume(own) if own.is(process))
    }

    fn is_check_of(&self, condition: &Bound<'_, Condition>) -> bool {
        matches!(self, Self::Check(own) if own.is(condition))
    }

    fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Self::Resume(process) => visit.call(process),
            Self::Check(condition) => visit.call(condition),
            Self::Build | Self::Interrupt => Ok(()),
            Self::Trigger(_, resource) => visit.call(resource),
            Self::Call(callable) => visit.call(callable),
        }
    }

    /// The object that it keeps alive.
    pub(super) fn into_object(self) -> Option<Py<PyAny>> {
        match self {
            Self::Resume(process) => Some(process.into_any()),
            Self::Check(condition) => Some(condition.into_any()),
            Self::Build | Self::Interrupt => None,
            Self::Trigger(_, resource) => Some(resource.into_any()),
            Self::Call(callable) => Some(callable),
        }
    }
}

/// The callbacks of one event.
pub(super) enum Waiters {
    /// The event has been processed: Python sees `None`.
    Processed,
    None,
    One(Waiter),
    Two(Waiter, Waiter),
    Many(Vec<Waiter>),
    /// Somebody has the list.
    List(Py<PyAny>),
}

impl Waiters {
    /// Adds one at the end; `false` when the event has been processed or there is a list, which takes objects.
    #[inline]
    pub(super) fn push(&mut self, waiter: Waiter) -> Result<(), Waiter> {
        match self {
            Self::None => *self = Self::One(waiter),
            Self::One(_) => {
                if let Self::One(first) = std::mem::replace(self, Self::None) {
                    *self = Self::Two(first, waiter);
                }
            }
            Self::Two(..) => {
                if let Self::Two(first, second) = std::mem::replace(self, Self::None) {
                    *self = Self::Many(vec![first, second, waiter]);
                }
            }
            Self::Many(waiters) => waiters.push(waiter),
            Self::Processed | Self::List(_) => return Err(waiter),
        }
        Ok(())
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Self::Processed | Self::None => Ok(()),
            Self::One(waiter) => waiter.traverse(visit),
            Self::Two(first, second) => {
                first.traverse(visit)?;
                second.traverse(visit)
            }
            Self::Many(waiters) => waiters.iter().try_for_each(|waiter| waiter.traverse(visit)),
            Self::List(list) => visit.call(list),
        }
    }

    /// Those of a vector, in the shortest form.
    fn of(waiters: Vec<Waiter>) -> Self {
        if waiters.is_empty() {
            Self::None
        } else {
            Self::Many(waiters)
        }
    }

    /// Takes out the first that is meant, if they are not in a list.
    fn take(&mut self, is_meant: impl Fn(&Waiter) -> bool) -> Option<Waiter> {
        match std::mem::replace(self, Self::None) {
            Self::One(only) if is_meant(&only) => Some(only),
            Self::Two(first, second) if is_meant(&first) => {
                *self = Self::One(second);
                Some(first)
            }
            Self::Two(first, second) if is_meant(&second) => {
                *self = Self::One(first);
                Some(second)
            }
            Self::Many(mut waiters) => {
                let place = waiters.iter().position(is_meant);
                let gone = place.map(|place| waiters.remove(place));
                *self = Self::Many(waiters);
                gone
            }
            rest => {
                *self = rest;
                None
            }
        }
    }

    fn into_vec(self) -> Vec<Waiter> {
        match self {
            Self::Processed | Self::None | Self::List(_) => Vec::new(),
            Self::One(waiter) => vec![waiter],
            Self::Two(first, second) => vec![first, second],
            Self::Many(waiters) => waiters,
        }
    }
}

/// Adds a callback to an event that has not been processed.
pub(super) fn add(event: &Bound<'_, Event>, waiter: Waiter) -> PyResult<()> {
    let py = event.py();
    let pushed = event.get().waiters.get(py).borrow_mut().push(waiter);
    let Err(waiter) = pushed else {
        return Ok(());
    };
    let callable = waiter.callable(event)?;
    list(event)?
        .call_method1(intern!(py, "append"), (callable,))
        .map(drop)
}

/// The list of callbacks as Python sees it, from now on the list itself; `None` after they were called.
pub(super) fn list<'py>(event: &Bound<'py, Event>) -> PyResult<Bound<'py, PyAny>> {
    let py = event.py();
    let cell = event.get().waiters.get(py);
    match &*cell.borrow() {
        Waiters::Processed => return Ok(py.None().into_bound(py)),
        Waiters::List(list) => return Ok(list.bind(py).clone()),
        _ => {}
    }
    let list = PyList::empty(py);
    // Bound methods come from attributes, which a subclass may define: no borrow lasts meanwhile.
    let waiters = cell.replace(Waiters::None).into_vec();
    for waiter in &waiters {
        list.append(waiter.callable(event)?)?;
    }
    let list = list.into_any();
    cell.replace(Waiters::List(list.clone().unbind()));
    Ok(list)
}

/// Replaces what Python sees as `callbacks`.
pub(super) fn set(event: &Bound<'_, Event>, value: &Bound<'_, PyAny>) {
    let waiters = if value.is_none() {
        Waiters::Processed
    } else {
        Waiters::List(value.clone().unbind())
    };
    drop(event.get().waiters.get(event.py()).replace(waiters));
}

/// Takes a process out of those that wait; an error when it is not one of them, as from a list.
pub(super) fn remove_process(
    event: &Bound<'_, Event>,
    process: &Bound<'_, Process>,
) -> PyResult<()> {
    let py = event.py();
    let is_own = |waiter: &Waiter| waiter.is_resume_of(process);
    if remove(event, is_own) {
        return Ok(());
    }
    let resume = process.getattr(intern!(py, "_resume"))?;
    list(event)?
        .call_method1(intern!(py, "remove"), (resume,))
        .map(drop)
}

/// Takes a condition out of those that look at an event, once, if it is there.
pub(super) fn remove_check(
    event: &Bound<'_, Event>,
    condition: &Bound<'_, Condition>,
) -> PyResult<()> {
    let py = event.py();
    let is_list = matches!(&*event.get().waiters.get(py).borrow(), Waiters::List(_));
    if !is_list {
        remove(event, |waiter| waiter.is_check_of(condition));
        return Ok(());
    }
    let check = condition.getattr(intern!(py, "_check"))?;
    let list = list(event)?;
    if list.contains(&check)? {
        list.call_method1(intern!(py, "remove"), (check,))?;
    }
    Ok(())
}

/// Removes the first that is meant; says whether there was one. A list is left alone.
fn remove(event: &Bound<'_, Event>, is_meant: impl Fn(&Waiter) -> bool) -> bool {
    // What is let go may run code: not before the cell is closed.
    let gone = event
        .get()
        .waiters
        .get(event.py())
        .borrow_mut()
        .take(is_meant);
    gone.is_some()
}

/// Calls all callbacks of an event that is due, in order.
#[inline]
pub(super) fn call_all(event: &Bound<'_, Event>) -> PyResult<()> {
    let py = event.py();
    let waiters = event.get().waiters.get(py).replace(Waiters::Processed);
    match waiters {
        Waiters::None => Ok(()),
        Waiters::One(waiter) => waiter
            .call(event)
            .map_err(|error| stopped(event, error, Waiters::None)),
        Waiters::Two(first, second) => {
            if let Err(error) = first.call(event) {
                return Err(stopped(event, error, Waiters::One(second)));
            }
            let result = second.call(event);
            result.map_err(|error| stopped(event, error, Waiters::None))
        }
        Waiters::Many(waiters) => {
            let mut waiters = waiters.into_iter();
            while let Some(waiter) = waiters.next() {
                if let Err(error) = waiter.call(event) {
                    return Err(stopped(event, error, Waiters::of(waiters.collect())));
                }
            }
            Ok(())
        }
        Waiters::List(list) => call_list(event, list.bind(py)),
        Waiters::Processed => Err(not_iterable()),
    }
}

fn not_iterable() -> PyErr {
    pyo3::exceptions::PyTypeError::new_err("'NoneType' object is not iterable")
}

fn call_list(event: &Bound<'_, Event>, list: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = event.py();
    for callable in list.try_iter()? {
        let callable = callable?;
        let Err(error) = callable.call1((event,)) else {
            continue;
        };
        if !super::names::is_stop(py, &error) {
            return Err(error);
        }
        let place: usize = list
            .call_method1(intern!(py, "index"), (callable,))?
            .extract()?;
        let rest = list.get_item(pyo3::types::PySlice::new(
            py,
            isize::try_from(place + 1)?,
            isize::MAX,
            1,
        ))?;
        return Err(stopped(event, error, Waiters::List(rest.unbind())));
    }
    Ok(())
}

/// When a callback has stopped the simulation, the others get their turn when it goes on.
fn stopped(event: &Bound<'_, Event>, error: PyErr, rest: Waiters) -> PyErr {
    let py = event.py();
    if !super::names::is_stop(py, &error) {
        return error;
    }
    drop(event.get().waiters.get(py).replace(rest));
    match super::event::schedule_first(event) {
        Ok(()) => error,
        Err(failed) => failed,
    }
}
