//! Processes: events that run a generator, which yields the events it waits for.

use pyo3::exceptions::{PyAttributeError, PyRuntimeError, PyStopIteration, PyValueError};
use pyo3::prelude::*;
use pyo3::types::iterator::PySendResult;
use pyo3::types::{PyDict, PyIterator, PyTuple};
use pyo3::{PyTraverseError, PyVisit, intern};

use super::agenda::{Delay, NORMAL, Pending, URGENT};
use super::attached::{Held, Mark, let_go, mark};
use super::environment::Environment;
use super::event::{self, Event, Outcome};
use super::interruption::Interruption;
use super::names;
use super::waiters::{self, Waiter, Waiters};

/// What a process waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Its start, whose event may not exist.
    Start,
    /// Its target, if it has one.
    Target,
}

/// How a generator is made to go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Drive {
    /// It is the interpreter's own, which can be sent values without a call.
    Directly,
    /// It is something else with the same methods.
    ByMethods,
}

/// An event that runs a generator and happens when that ends.
#[pyclass(subclass, frozen, extends = Event, module = "pluriverse.simpy.events")]
pub(super) struct Process {
    generator: Held<PyAny>,
    target: Held<PyAny>,
    stage: Mark<Stage>,
    drive: Mark<Drive>,
    /// Whether a subclass resumes in another way.
    is_resumed_by_method: Mark<bool>,
}

/// The event that starts a process.
#[pyclass(subclass, frozen, extends = Event, module = "pluriverse.simpy.events")]
pub(super) struct Initialize;

/// What a process is resumed with.
pub(super) enum Signal<'py> {
    /// The value of an event.
    Value(Bound<'py, PyAny>),
    /// The exception of a failed event.
    Failure(Bound<'py, PyAny>),
}

impl<'py> Signal<'py> {
    /// The signal of an event that has happened; its failure counts as taken care of.
    #[inline]
    pub(super) fn of_event(event: &Bound<'py, Event>) -> PyResult<Self> {
        let py = event.py();
        let own = event.get();
        match own.outcome.get(py).get() {
            Outcome::Succeeded => own.value_or_pending(py).map(Self::Value),
            Outcome::Failed => {
                own.is_defused.get(py).set(true);
                own.value_or_pending(py).map(Self::Failure)
            }
            Outcome::Unset => Err(event::no_attribute(event, "_ok")),
        }
    }

    /// The same for an object that only behaves like an event.
    #[cold]
    fn of_stranger(event: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = event.py();
        if let Ok(event) = event.cast::<Event>() {
            return Self::of_event(event);
        }
        let value = event.getattr(intern!(py, "_value"));
        if event.getattr(intern!(py, "_ok"))?.is_truthy()? {
            return value.map(Self::Value);
        }
        event.setattr(intern!(py, "_defused"), true)?;
        value.map(Self::Failure)
    }
}

/// How a generator answered.
enum Answer<'py> {
    Yielded(Bound<'py, PyAny>),
    Returned(Bound<'py, PyAny>),
    Raised(PyErr),
}

impl Process {
    const fn of(generator: Held<PyAny>, drive: Drive) -> Self {
        Self {
            generator,
            target: Held::none(),
            stage: mark(Stage::Start),
            drive: mark(drive),
            is_resumed_by_method: mark(false),
        }
    }

    /// A process that starts at this instant.
    pub(super) fn start<'py>(
        env: &Bound<'py, Environment>,
        generator: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, Self>> {
        let py = env.py();
        let drive = drive_of(generator)?;
        let own = Self::of(Held::of(generator.clone().unbind()), drive);
        let event = Event::within(env.clone().into_any().unbind(), Waiters::None);
        let process = Bound::new(py, PyClassInitializer::from(event).add_subclass(own))?;
        plan_start(&process, env.as_any())?;
        Ok(process)
    }

    /// The event of its start, when it waits for that and it exists.
    #[inline]
    pub(super) fn initialize<'py>(&self, py: Python<'py>) -> Option<Bound<'py, Event>> {
        if self.stage.get(py).get() == Stage::Start && self.target.is_some(py) {
            self.target.get(py)?.cast_into::<Event>().ok()
        } else {
            None
        }
    }

    /// What it waits for.
    pub(super) fn target<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = slf.py();
        let own = slf.get();
        if own.stage.get(py).get() == Stage::Start && own.generator.is_some(py) {
            return initialize_of(slf).map(|event| Some(event.into_any()));
        }
        Ok(own.target.get(py))
    }

    fn ask<'py>(&self, py: Python<'py>, signal: Signal<'py>) -> PyResult<Answer<'py>> {
        let Some(generator) = self.generator.get(py) else {
            return Err(PyAttributeError::new_err(
                "'Process' object has no attribute '_generator'",
            ));
        };
        let answer = match signal {
            Signal::Value(value) if self.drive.get(py).get() == Drive::Directly => {
                return Ok(match send(generator, &value) {
                    Ok(PySendResult::Next(yielded)) => Answer::Yielded(yielded),
                    Ok(PySendResult::Return(value)) => Answer::Returned(value),
                    Err(error) => Answer::Raised(error),
                });
            }
            Signal::Value(value) => generator.call_method1(intern!(py, "send"), (value,)),
            Signal::Failure(exception) => event::copied_exception(&exception)
                .and_then(|copy| generator.call_method1(intern!(py, "throw"), (copy,))),
        };
        match answer {
            Ok(yielded) => Ok(Answer::Yielded(yielded)),
            Err(error) if error.is_instance_of::<PyStopIteration>(py) => {
                let args = error.value(py).getattr(intern!(py, "args"))?;
                if args.len()? == 0 {
                    Ok(Answer::Returned(py.None().into_bound(py)))
                } else {
                    args.get_item(0).map(Answer::Returned)
                }
            }
            Err(error) => Ok(Answer::Raised(error)),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let_go([self.generator.last(), self.target.last()]);
    }
}

#[inline]
fn send<'py>(
    generator: Bound<'py, PyAny>,
    value: &Bound<'py, PyAny>,
) -> PyResult<PySendResult<'py>> {
    generator.cast_into::<PyIterator>()?.send(value)
}

/// How a generator is driven; what has no `throw` is refused.
#[inline]
fn drive_of(generator: &Bound<'_, PyAny>) -> PyResult<Drive> {
    let py = generator.py();
    if generator.get_type().is(names::generator(py)?) {
        return Ok(Drive::Directly);
    }
    if generator.hasattr(intern!(py, "throw"))? {
        return Ok(Drive::ByMethods);
    }
    let text = generator.str()?;
    Err(PyValueError::new_err(format!("{text} is not a generator.")))
}

/// Puts the start of a process on the agenda.
#[inline]
fn plan_start(process: &Bound<'_, Process>, env: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = env.py();
    match env.cast::<Environment>() {
        Ok(own) if !own.get().is_schedule_patched(py) => {
            let what = Pending::Start(process.clone().unbind());
            own.get().plan(py, what, URGENT, Delay::None)
        }
        _ => event::schedule(&initialize_of(process)?, URGENT, Delay::None),
    }
}

/// The event that starts a process that waits for its start, made when it is first asked for.
pub(super) fn initialize_of<'py>(process: &Bound<'py, Process>) -> PyResult<Bound<'py, Event>> {
    let py = process.py();
    if let Some(event) = process.get().initialize(py) {
        return Ok(event);
    }
    let env = process.as_super().get().environment(py)?.unbind();
    let resume = resuming(process)?;
    let event = Event::succeeded(env, None, Waiters::One(resume));
    let event = Bound::new(py, PyClassInitializer::from(event).add_subclass(Initialize))?;
    let target = event.clone().into_any().unbind();
    process.get().target.put(py, Some(target));
    Ok(event.into_super())
}

/// What resumes a process when an event happens.
fn resuming(process: &Bound<'_, Process>) -> PyResult<Waiter> {
    let py = process.py();
    if process.get().is_resumed_by_method.get(py).get() {
        let resume = process.getattr(intern!(py, "_resume"))?;
        return Ok(Waiter::Call(resume.unbind()));
    }
    Ok(Waiter::Resume(process.clone().unbind()))
}

/// Lets the generator run until it waits for an event that is yet to happen, or ends.
pub(super) fn resume<'py>(process: &Bound<'py, Process>, signal: Signal<'py>) -> PyResult<()> {
    let py = process.py();
    let own = process.get();
    let env = process.as_super().get().environment(py)?;
    let home = env.cast::<Environment>().ok();
    match home {
        Some(home) => {
            let active = process.clone().into_any().unbind();
            home.get().active.put(py, Some(active));
        }
        None => env.setattr(intern!(py, "_active_proc"), process)?,
    }
    own.stage.get(py).set(Stage::Target);
    let mut signal = signal;
    let target = loop {
        match own.ask(py, signal)? {
            Answer::Yielded(event) => match wait_for(process, &event)? {
                None => break Some(event.unbind()),
                Some(next) => signal = next,
            },
            Answer::Returned(value) => {
                end(process, Outcome::Succeeded, value.unbind())?;
                break None;
            }
            Answer::Raised(error) => {
                end(process, Outcome::Failed, error.into_value(py).into_any())?;
                break None;
            }
        }
    };
    own.target.put(py, target);
    match home {
        Some(home) => home.get().active.put(py, None),
        None => env.setattr(intern!(py, "_active_proc"), py.None())?,
    }
    Ok(())
}

/// The generator has ended: the process happens.
fn end(process: &Bound<'_, Process>, outcome: Outcome, value: Py<PyAny>) -> PyResult<()> {
    let py = process.py();
    let event = process.as_super();
    event.get().outcome.get(py).set(outcome);
    event.get().set_value(py, value);
    event::schedule(event, NORMAL, Delay::None)
}

/// Registers a process with the event that it has yielded, or says what to go on with at once.
#[inline]
fn wait_for<'py>(
    process: &Bound<'py, Process>,
    yielded: &Bound<'py, PyAny>,
) -> PyResult<Option<Signal<'py>>> {
    let py = process.py();
    let Ok(event) = yielded.cast::<Event>() else {
        return wait_for_stranger(process, yielded);
    };
    if event.get().is_processed(py) {
        return Signal::of_event(event).map(Some);
    }
    waiters::add(event, resuming(process)?)?;
    Ok(None)
}

#[cold]
fn wait_for_stranger<'py>(
    process: &Bound<'py, Process>,
    yielded: &Bound<'py, PyAny>,
) -> PyResult<Option<Signal<'py>>> {
    let py = process.py();
    let callbacks = match yielded.getattr(intern!(py, "callbacks")) {
        Ok(callbacks) => callbacks,
        Err(error) if error.is_instance_of::<PyAttributeError>(py) => {
            let text = yielded.str()?;
            let place = describe(process)?;
            return Err(PyRuntimeError::new_err(format!(
                "\n{place}Invalid yield value \"{text}\""
            )));
        }
        Err(error) => return Err(error),
    };
    if callbacks.is_none() {
        return Signal::of_stranger(yielded).map(Some);
    }
    let resume = process.getattr(intern!(py, "_resume"))?;
    callbacks.call_method1(intern!(py, "append"), (resume,))?;
    Ok(None)
}

/// Where in its source a process stands.
fn describe(process: &Bound<'_, Process>) -> PyResult<String> {
    let py = process.py();
    let Some(generator) = process.get().generator.get(py) else {
        return Ok(String::new());
    };
    let events = py.import(intern!(py, "pluriverse.simpy.events"))?;
    events
        .call_method1(intern!(py, "_describe_place"), (generator,))?
        .extract()
}

#[pymethods]
impl Process {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Event::unset())
            .add_subclass(Self::of(Held::none(), Drive::ByMethods))
    }

    fn __init__(
        slf: &Bound<'_, Self>,
        env: &Bound<'_, PyAny>,
        generator: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let py = slf.py();
        let drive = drive_of(generator)?;
        let own = slf.get();
        own.drive.get(py).set(drive);
        slf.as_super().get().begin(env);
        own.generator.put(py, Some(generator.clone().unbind()));
        let resume = intern!(py, "_resume");
        let original = py.get_type::<Self>().getattr(resume)?;
        let by_method = !slf.get_type().getattr(resume)?.is(&original);
        own.is_resumed_by_method.get(py).set(by_method);
        plan_start(slf, env)
    }

    fn _desc(slf: &Bound<'_, Self>) -> PyResult<String> {
        let name = slf.getattr(intern!(slf.py(), "name"))?;
        Ok(format!("{}({})", slf.get_type().name()?, name.str()?))
    }

    #[getter]
    fn get_target<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        Self::target(slf)
    }

    #[getter(_target)]
    fn private_target<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        Self::target(slf)
    }

    #[setter(_target)]
    fn set_private_target(&self, py: Python<'_>, target: Option<Py<PyAny>>) {
        self.stage.get(py).set(Stage::Target);
        self.target.put(py, target);
    }

    #[getter(_generator)]
    fn private_generator<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.generator.get(py)
    }

    #[setter(_generator)]
    fn set_private_generator(&self, generator: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = generator.py();
        self.drive.get(py).set(drive_of(generator)?);
        self.generator.put(py, Some(generator.clone().unbind()));
        Ok(())
    }

    #[getter]
    fn get_name<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        match slf.get().generator.get(py) {
            Some(generator) => generator.getattr(intern!(py, "__name__")),
            None => Err(event::no_attribute(slf, "_generator")),
        }
    }

    #[getter]
    fn get_is_alive(slf: &Bound<'_, Self>) -> bool {
        !slf.as_super().get().is_triggered(slf.py())
    }

    #[pyo3(signature = (cause = None))]
    fn interrupt(slf: &Bound<'_, Self>, cause: Option<Py<PyAny>>) -> PyResult<()> {
        Interruption::start(slf, cause)
    }

    fn _resume<'py>(slf: &Bound<'py, Self>, event: &Bound<'py, PyAny>) -> PyResult<()> {
        resume(slf, Signal::of_stranger(event)?)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.generator.traverse(&visit)?;
        self.target.traverse(&visit)
    }

    fn __clear__(&self, py: Python<'_>) {
        self.target.put(py, None);
        self.generator.put(py, None);
    }
}

#[pymethods]
impl Initialize {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Event::unset()).add_subclass(Self)
    }

    fn __init__(
        slf: &Bound<'_, Self>,
        env: &Bound<'_, PyAny>,
        process: &Bound<'_, Process>,
    ) -> PyResult<()> {
        let py = slf.py();
        let event = slf.as_super();
        event.get().begin(env);
        event.get().set_value(py, py.None());
        event.get().outcome.get(py).set(Outcome::Succeeded);
        waiters::add(event, resuming(process)?)?;
        event::schedule(event, URGENT, Delay::None)
    }
}
