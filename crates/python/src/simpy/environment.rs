//! The environment: the clock, the agenda, and the loop that takes one event after the other.
//!
//! `run` and `step` are in Python, where a model's tracebacks show them; they call [`Environment::_advance`], which
//! handles events until one fails, none is left, or somebody has put another `step` in its place.

use std::cell::RefCell;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFloat, PyInt, PyString, PyTuple};
use pyo3::{PyTraverseError, PyVisit, intern};

use super::agenda::{self, Agenda, Delay, Entry, NORMAL, Pending};
use super::attached::{self, Attached, Held, Mark, Opened, mark};
use super::condition::{Condition, Rule};
use super::event::{self, Event, Outcome};
use super::given::Given;
use super::moment::Moment;
use super::names;
use super::process::{self, Process, Signal};
use super::resources::resource;
use super::resources::serving::{self, Side};
use super::schedule::Schedule;
use super::timeout::Timeout;
use super::waiters;

/// Between two looks at the interpreter's signals so many events are handled.
const SIGNAL_INTERVAL: u32 = 256;

/// The original `Environment.step`.
static PLAIN_STEP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static INFINITY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Which methods somebody has replaced.
#[derive(Clone, Copy, Default)]
struct Patches {
    step: bool,
    schedule: bool,
}

/// What an environment is made of; `pluriverse.simpy.core.Environment` adds `run` and `step`.
#[pyclass(
    subclass,
    frozen,
    module = "pluriverse.simpy.core",
    name = "EnvironmentCore"
)]
pub(super) struct Environment {
    /// The time while it is a moment, and so the queue orders.
    clock: Mark<Option<Moment>>,
    /// The time as an object, once it was asked for; the only one with the heap.
    now: Held<PyAny>,
    agenda: Opened<Agenda>,
    pub(super) active: Held<PyAny>,
    patches: Mark<Patches>,
    /// What a failed event raised, on its way to `step`.
    failure: Held<PyAny>,
}

/// What is returned where nothing is to come: always the same object.
pub(super) fn infinity(py: Python<'_>) -> &Bound<'_, PyAny> {
    INFINITY
        .get_or_init(py, || PyFloat::new(py, f64::INFINITY).into_any().unbind())
        .bind(py)
}

impl Environment {
    #[inline]
    pub(super) fn is_schedule_patched(&self, py: Python<'_>) -> bool {
        self.patches.get(py).get().schedule
    }

    /// The time as an object.
    #[inline]
    pub(super) fn now<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        if let Some(now) = self.now.get(py) {
            return now;
        }
        let moment = self.clock.get(py).get().unwrap_or(Moment::ZERO);
        let now = moment.to_object(py);
        self.now.put(py, Some(now.clone().unbind()));
        now
    }

    /// Adds to the agenda.
    #[inline]
    pub(super) fn plan(
        &self,
        py: Python<'_>,
        what: Pending,
        priority: i8,
        delay: Delay<'_, '_>,
    ) -> PyResult<()> {
        if let Some(now) = self.clock.get(py).get() {
            let time = match delay {
                Delay::None => now.plus(Moment::ZERO),
                Delay::Exact(delay, _) => now.plus(delay),
                Delay::Object(_) => None,
            };
            if let Some(time) = time {
                self.agenda
                    .get(py)
                    .borrow_mut()
                    .insert(time, priority, what);
                return Ok(());
            }
        }
        let priority = PyInt::new(py, priority).into_any();
        let zero = Moment::ZERO.to_object(py);
        let delay = match delay {
            Delay::None => &zero,
            Delay::Exact(_, delay) | Delay::Object(delay) => delay,
        };
        self.plan_anything(what, &priority, delay)
    }

    /// Adds to the agenda at a time or with a priority that only the interpreter can order.
    #[cold]
    fn plan_anything(
        &self,
        what: Pending,
        priority: &Bound<'_, PyAny>,
        delay: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let py = delay.py();
        let time = self.now(py).add(delay)?.unbind();
        self.clock.get(py).set(None);
        let agenda = self.agenda.get(py);
        agenda.borrow_mut().use_heap(py);
        let number = agenda.borrow_mut().next_number();
        let entry = Entry {
            time,
            priority: priority.clone().unbind(),
            number,
            what,
        };
        let mut heap = agenda.borrow_mut().open_heap().unwrap_or_default();
        let result = agenda::push(&mut heap, entry, py);
        agenda.borrow_mut().close_heap(heap);
        result
    }

    /// Takes what is next and sets the clock; `None` where nothing is to come.
    #[inline]
    fn take_next(&self, py: Python<'_>) -> PyResult<Option<Pending>> {
        if self.clock.get(py).get().is_none() {
            return self.take_from_heap(py);
        }
        let taken = self.agenda.get(py).borrow_mut().take();
        Ok(taken.map(|(time, what)| {
            if self.clock.get(py).replace(Some(time)) != Some(time) {
                self.now.put(py, None);
            }
            what
        }))
    }

    #[cold]
    fn take_from_heap(&self, py: Python<'_>) -> PyResult<Option<Pending>> {
        let agenda = self.agenda.get(py);
        agenda.borrow_mut().use_heap(py);
        let mut heap = agenda.borrow_mut().open_heap().unwrap_or_default();
        let result = agenda::pop(&mut heap, py);
        agenda.borrow_mut().close_heap(heap);
        let Some(entry) = result? else {
            return Ok(None);
        };
        self.now.put(py, Some(entry.time));
        Ok(Some(entry.what))
    }

    /// Lets happen what is due; the exception of a failed event that nobody has taken care of, if it is one.
    #[inline]
    fn handle<'py>(&self, py: Python<'py>, what: Pending) -> PyResult<Option<Bound<'py, PyAny>>> {
        match what {
            Pending::Event(event) => process_event(event.bind(py)),
            Pending::Start(process) => {
                let process = process.bind(py);
                if let Some(event) = process.get().initialize(py) {
                    return process_event(&event);
                }
                process::resume(process, Signal::Value(py.None().into_bound(py)))?;
                Ok(None)
            }
            Pending::Freed(freed) => {
                let own = freed.resource.bind(py);
                if own.get().triggers_natively(py, Side::Put) {
                    serving::serve(own, Side::Put)?;
                    return Ok(None);
                }
                process_event(&resource::release_of(freed, py)?)
            }
            Pending::Stranger(stranger) => process_stranger(stranger.bind(py)),
        }
    }

    /// The event of an entry, which from now on is what is pending.
    pub(super) fn event_of<'py>(
        &self,
        py: Python<'py>,
        entry: Entry,
    ) -> PyResult<Bound<'py, PyAny>> {
        let event = match entry.what {
            Pending::Event(event) => return Ok(event.into_bound(py).into_any()),
            Pending::Stranger(stranger) => return Ok(stranger.into_bound(py)),
            Pending::Start(process) => process::initialize_of(process.bind(py))?,
            Pending::Freed(freed) => resource::release_of(freed, py)?,
        };
        self.agenda
            .get(py)
            .borrow_mut()
            .replace(entry.number, event.clone().unbind());
        Ok(event.into_any())
    }

    pub(super) fn agenda<'a>(&'a self, py: Python<'a>) -> &'a RefCell<Agenda> {
        self.agenda.get(py)
    }

    /// Which methods its class has in place of the original ones.
    fn patches_of_class(slf: &Bound<'_, Self>) -> PyResult<Patches> {
        let py = slf.py();
        let class = slf.get_type();
        let step = class.getattr(intern!(py, "step"))?;
        let schedule = class.getattr(intern!(py, "schedule"))?;
        let own = py.get_type::<Self>();
        Ok(Patches {
            step: PLAIN_STEP.get(py).is_none_or(|plain| !plain.is(&step)),
            schedule: !schedule.is(own.getattr(intern!(py, "schedule"))?),
        })
    }
}

/// Calls the callbacks of an event that is due.
#[inline]
fn process_event<'py>(event: &Bound<'py, Event>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = event.py();
    waiters::call_all(event)?;
    let own = event.get();
    match own.outcome.get(py).get() {
        Outcome::Succeeded => Ok(None),
        Outcome::Failed if own.is_defused.get(py).get() => Ok(None),
        Outcome::Failed => event::copied_exception(&own.value_or_pending(py)?).map(Some),
        Outcome::Unset => Err(event::no_attribute(event, "_ok")),
    }
}

/// The same for an object that only behaves like an event.
#[cold]
fn process_stranger<'py>(event: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = event.py();
    let callbacks = event.getattr(intern!(py, "callbacks"))?;
    event.setattr(intern!(py, "callbacks"), py.None())?;
    for callback in callbacks.try_iter()? {
        callback?.call1((event,))?;
    }
    let is_fine = event.getattr(intern!(py, "_ok"))?.is_truthy()?
        || event.hasattr(intern!(py, "_defused"))?;
    if is_fine {
        return Ok(None);
    }
    event::copied_exception(&event.getattr(intern!(py, "_value"))?).map(Some)
}

/// The delay of a timeout that is given none.
fn at_once() -> Py<PyAny> {
    Python::attach(|py| Moment::ZERO.to_object(py).unbind())
}

/// A small whole number that is exactly an int.
fn small_priority(priority: &Bound<'_, PyAny>) -> Option<i8> {
    priority.cast_exact::<PyInt>().ok()?.extract().ok()
}

#[pymethods]
impl Environment {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self {
            clock: mark(Some(Moment::ZERO)),
            now: Held::none(),
            agenda: Attached::new(RefCell::new(Agenda::new())),
            active: Held::none(),
            patches: mark(Patches::default()),
            failure: Held::none(),
        }
    }

    #[pyo3(signature = (initial_time = Given::NOTHING))]
    fn __init__<'py>(slf: &Bound<'py, Self>, initial_time: Given<'_, 'py>) -> PyResult<()> {
        let initial_time = initial_time.or(|| Moment::ZERO.to_object(slf.py()));
        Self::set_private_now(slf, &initial_time);
        let patches = Self::patches_of_class(slf)?;
        slf.get().patches.get(slf.py()).set(patches);
        Ok(())
    }

    #[getter]
    fn get_now<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        self.now(py)
    }

    #[getter(_now)]
    fn private_now<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        self.now(py)
    }

    #[setter(_now)]
    fn set_private_now(slf: &Bound<'_, Self>, time: &Bound<'_, PyAny>) {
        let py = slf.py();
        let own = slf.get();
        let uses_heap = own.agenda.get(py).borrow().uses_heap();
        let moment = if uses_heap { None } else { Moment::of(time) };
        own.clock.get(py).set(moment);
        own.now.put(py, Some(time.clone().unbind()));
    }

    #[getter]
    fn get_active_process<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.active.get(py)
    }

    #[getter(_active_proc)]
    fn private_active_proc<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.active.get(py)
    }

    #[setter(_active_proc)]
    fn set_private_active_proc(&self, py: Python<'_>, process: Option<Py<PyAny>>) {
        self.active.put(py, process);
    }

    #[getter(_queue)]
    fn private_queue(slf: Bound<'_, Self>) -> Schedule {
        Schedule::of(slf)
    }

    #[getter(_eid)]
    fn private_eid(slf: Bound<'_, Self>) -> super::schedule::Numbers {
        super::schedule::Numbers::of(slf)
    }

    fn process<'py>(
        slf: &Bound<'py, Self>,
        generator: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, Process>> {
        Process::start(slf, generator)
    }

    #[pyo3(
        signature = (delay = at_once(), value = None),
        text_signature = "($self, delay=0, value=None)"
    )]
    fn timeout<'py>(
        slf: &Bound<'py, Self>,
        delay: Py<PyAny>,
        value: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, Timeout>> {
        Timeout::start(slf, delay.bind(slf.py()), value)
    }

    fn event<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, Event>> {
        let env = slf.clone().into_any().unbind();
        Bound::new(slf.py(), Event::within(env, waiters::Waiters::None))
    }

    fn all_of<'py>(
        slf: &Bound<'py, Self>,
        events: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Condition::of_many(Rule::All, slf, events)
    }

    fn any_of<'py>(
        slf: &Bound<'py, Self>,
        events: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Condition::of_many(Rule::Any, slf, events)
    }

    #[pyo3(
        signature = (event, priority = Given::NOTHING, delay = Given::NOTHING),
        text_signature = "($self, event, priority=1, delay=0)"
    )]
    fn schedule<'py>(
        &self,
        event: &Bound<'py, PyAny>,
        priority: Given<'_, 'py>,
        delay: Given<'_, 'py>,
    ) -> PyResult<()> {
        let py = event.py();
        let what = match event.cast::<Event>() {
            Ok(event) => Pending::Event(event.clone().unbind()),
            Err(_) => Pending::Stranger(event.clone().unbind()),
        };
        let priority = priority.or(|| PyInt::new(py, NORMAL));
        let delay = delay.get();
        match small_priority(&priority) {
            Some(small) => self.plan(
                py,
                what,
                small,
                delay.as_ref().map_or(Delay::None, Delay::of),
            ),
            None => {
                let delay = delay.unwrap_or_else(|| Moment::ZERO.to_object(py));
                self.plan_anything(what, &priority, &delay)
            }
        }
    }

    fn peek<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        let mut agenda = self.agenda.get(py).borrow_mut();
        if agenda.uses_heap() {
            let first = agenda.first(py);
            return first.map_or_else(|| infinity(py).clone(), |entry| entry.time.into_bound(py));
        }
        match agenda.next_moment() {
            Some(moment) => moment.to_object(py),
            None => infinity(py).clone(),
        }
    }

    /// Handles the next event; the exception of a failure that nobody has taken care of.
    fn _step<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = slf.py();
        let own = slf.get();
        if let Some(failure) = own.failure.take(py) {
            return Ok(Some(failure.into_bound(py)));
        }
        match own.take_next(py)? {
            Some(what) => own.handle(py, what),
            None => Err(PyErr::from_type(names::empty_schedule(py)?.clone(), ())),
        }
    }

    /// Handles events until `step` has something to say: none is left, one has failed, or it is not the plain one.
    fn _advance(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let own = slf.get();
        let mut handled: u32 = 0;
        while !own.patches.get(py).get().step && !own.failure.is_some(py) {
            let Some(what) = own.take_next(py)? else {
                return Ok(());
            };
            if let Some(failure) = own.handle(py, what)? {
                own.failure.put(py, Some(failure.unbind()));
                return Ok(());
            }
            handled = handled.wrapping_add(1);
            if handled.is_multiple_of(SIGNAL_INTERVAL) {
                py.check_signals()?;
            }
        }
        Ok(())
    }

    /// Remembers the `step` that may be passed over.
    #[staticmethod]
    fn _keep_step(py: Python<'_>, step: Py<PyAny>) {
        let _ = PLAIN_STEP.set(py, step);
    }

    fn __setattr__(
        slf: &Bound<'_, Self>,
        name: &Bound<'_, PyString>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        attached::set_attribute(slf, name, Some(value))?;
        let patches = slf.get().patches.get(slf.py());
        let mut now = patches.get();
        match name.to_str()? {
            "step" => now.step = true,
            "schedule" => now.schedule = true,
            _ => {}
        }
        patches.set(now);
        Ok(())
    }

    fn __delattr__(slf: &Bound<'_, Self>, name: &Bound<'_, PyString>) -> PyResult<()> {
        attached::set_attribute(slf, name, None)?;
        let patches = slf.get().patches.get(slf.py());
        let mut now = patches.get();
        match name.to_str()? {
            "step" => now.step = Self::patches_of_class(slf)?.step,
            "schedule" => now.schedule = Self::patches_of_class(slf)?.schedule,
            _ => {}
        }
        patches.set(now);
        Ok(())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.now.traverse(&visit)?;
        self.active.traverse(&visit)?;
        self.failure.traverse(&visit)?;
        match self.agenda.visited(&visit).try_borrow() {
            Ok(agenda) => agenda.traverse(&visit),
            Err(_) => Ok(()),
        }
    }

    fn __clear__(&self, py: Python<'_>) {
        self.active.put(py, None);
        self.failure.put(py, None);
        let agenda = self.agenda.get(py).replace(Agenda::new());
        drop(agenda);
    }
}
