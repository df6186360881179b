//! Conditions: events that happen when others have, and the value that tells which.

use std::cell::{Cell, RefCell};

use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use pyo3::{PyTraverseError, PyVisit, intern};

use super::attached::{Attached, Held, Opened, let_go};
use super::event::{self, Event, Outcome};
use super::waiters::{self, Waiter, Waiters};

/// When a condition is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// All events have happened.
    All,
    /// One has.
    Any,
    /// A function of the model says so.
    Custom,
}

/// An event that happens when others have.
#[pyclass(subclass, frozen, extends = Event, module = "pluriverse.simpy.events")]
pub(super) struct Condition {
    rule: Attached<Cell<Rule>>,
    /// The function of a custom rule.
    evaluate: Held<PyAny>,
    events: Opened<Vec<Py<PyAny>>>,
    count: Attached<Cell<usize>>,
}

/// All of some events.
#[pyclass(subclass, frozen, extends = Condition, module = "pluriverse.simpy.events")]
pub(super) struct AllOf;

/// Any of some events.
#[pyclass(subclass, frozen, extends = Condition, module = "pluriverse.simpy.events")]
pub(super) struct AnyOf;

impl Condition {
    const fn unset(rule: Rule) -> Self {
        Self {
            rule: Attached::new(Cell::new(rule)),
            evaluate: Held::none(),
            events: Attached::new(RefCell::new(Vec::new())),
            count: Attached::new(Cell::new(0)),
        }
    }

    /// `first & second` or `first | second`.
    pub(super) fn of_two<'py>(
        rule: Rule,
        first: &Bound<'py, Event>,
        second: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, Self>> {
        let py = first.py();
        let env = first.get().environment(py)?.unbind();
        let event = Event::within(env, Waiters::None);
        let own = Self::unset(rule);
        let condition = Bound::new(py, PyClassInitializer::from(event).add_subclass(own))?;
        let events = vec![first.clone().into_any().unbind(), second.clone().unbind()];
        begin(&condition, events)?;
        Ok(condition)
    }

    /// The class for a rule, of many events.
    pub(super) fn of_many<'py>(
        rule: Rule,
        env: &Bound<'py, super::environment::Environment>,
        events: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = env.py();
        let event = Event::within(env.clone().into_any().unbind(), Waiters::None);
        let base = PyClassInitializer::from(event).add_subclass(Self::unset(rule));
        let events = events.try_iter()?.map(|event| event.map(Bound::unbind));
        let events = events.collect::<PyResult<Vec<_>>>()?;
        if rule == Rule::All {
            let condition = Bound::new(py, base.add_subclass(AllOf))?;
            begin(condition.as_super(), events)?;
            Ok(condition.into_any())
        } else {
            let condition = Bound::new(py, base.add_subclass(AnyOf))?;
            begin(condition.as_super(), events)?;
            Ok(condition.into_any())
        }
    }

    /// An event has happened: is the condition met?
    pub(super) fn check(&self, slf: &Bound<'_, Self>, event: &Bound<'_, Event>) -> PyResult<()> {
        let py = slf.py();
        if slf.as_super().get().is_triggered(py) {
            return Ok(());
        }
        match event.get().outcome.get(py).get() {
            Outcome::Succeeded => self.count_one(slf, None),
            Outcome::Failed => {
                event.get().is_defused.get(py).set(true);
                self.count_one(slf, Some(event.get().value_or_pending(py)?))
            }
            Outcome::Unset => Err(event::no_attribute(event, "_ok")),
        }
    }

    /// The same for an object that only behaves like an event.
    fn check_stranger(&self, slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = slf.py();
        if let Ok(event) = event.cast::<Event>() {
            return self.check(slf, event);
        }
        if slf.as_super().get().is_triggered(py) {
            return Ok(());
        }
        if event.getattr(intern!(py, "_ok"))?.is_truthy()? {
            return self.count_one(slf, None);
        }
        event.setattr(intern!(py, "_defused"), true)?;
        self.count_one(slf, Some(event.getattr(intern!(py, "_value"))?))
    }

    fn count_one(&self, slf: &Bound<'_, Self>, failure: Option<Bound<'_, PyAny>>) -> PyResult<()> {
        let py = slf.py();
        let own = slf.as_super();
        let count = self.count.get(py).get() + 1;
        self.count.get(py).set(count);
        if let Some(exception) = failure {
            return event::fail(own, &exception);
        }
        let is_met = match self.rule.get(py).get() {
            Rule::All => count == self.events.get(py).borrow().len(),
            Rule::Any => count > 0,
            Rule::Custom => {
                let events = self.tuple(py)?;
                let Some(evaluate) = self.evaluate.get(py) else {
                    return Err(event::no_attribute(slf, "_evaluate"));
                };
                evaluate.call1((events, count))?.is_truthy()?
            }
        };
        if is_met {
            event::succeed(own, py.None())?;
        }
        Ok(())
    }

    fn tuple<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.list(py))
    }

    /// References of one's own to the events.
    fn list<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyAny>> {
        let events = self.events.get(py).borrow();
        events.iter().map(|event| event.bind(py).clone()).collect()
    }
}

impl Drop for Condition {
    fn drop(&mut self) {
        for event in self.events.owned().get_mut().drain(..) {
            let_go([Some(event)]);
        }
    }
}

/// Gives a condition its events and looks at those that have happened.
fn begin(condition: &Bound<'_, Condition>, events: Vec<Py<PyAny>>) -> PyResult<()> {
    let py = condition.py();
    let own = condition.get();
    let event = condition.as_super();
    let is_empty = events.is_empty();
    own.events.get(py).replace(events);
    if is_empty {
        let value = Bound::new(py, ConditionValue::empty(py))?;
        return event::succeed(event, value.into_any().unbind());
    }
    let env = event.get().environment(py)?;
    let events = own.list(py);
    for event in &events {
        check_home(&env, event)?;
    }
    for event in &events {
        watch(condition, event)?;
    }
    waiters::add(event, Waiter::Build)
}

/// Refuses an event of another environment.
fn check_home(env: &Bound<'_, PyAny>, event: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = env.py();
    let is_same = match event.cast::<Event>() {
        Ok(event) => event.get().env.is(env),
        Err(_) => false,
    };
    if is_same || !env.ne(event.getattr(intern!(py, "env"))?)? {
        return Ok(());
    }
    Err(PyValueError::new_err(
        "It is not allowed to mix events from different environments",
    ))
}

/// Counts an event that has happened, and waits for another.
fn watch(condition: &Bound<'_, Condition>, event: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = condition.py();
    let own = condition.get();
    if let Ok(event) = event.cast::<Event>() {
        if event.get().is_processed(py) {
            return own.check(condition, event);
        }
        return waiters::add(event, Waiter::Check(condition.clone().unbind()));
    }
    let callbacks = event.getattr(intern!(py, "callbacks"))?;
    if callbacks.is_none() {
        return own.check_stranger(condition, event);
    }
    let check = condition.getattr(intern!(py, "_check"))?;
    callbacks.call_method1(intern!(py, "append"), (check,))?;
    Ok(())
}

/// The condition is processed: it lets go of events that it no longer waits for, and lists those that happened.
pub(super) fn build_value(event: &Bound<'_, Event>) -> PyResult<()> {
    let py = event.py();
    let condition = event.cast::<Condition>()?;
    remove_checks(condition)?;
    match event.get().outcome.get(py).get() {
        Outcome::Succeeded => {
            let value = ConditionValue::empty(py);
            let list = value.events.bind(py).clone();
            let value = Bound::new(py, value)?;
            event.get().set_value(py, value.into_any().unbind());
            list_happened(condition, &list)
        }
        _ => Ok(()),
    }
}

/// Appends the events that have happened, those of nested conditions in the conditions' places.
fn list_happened(condition: &Bound<'_, Condition>, list: &Bound<'_, PyList>) -> PyResult<()> {
    let py = condition.py();
    // Nesting may be deeper than any stack.
    let mut open = vec![condition.get().list(py).into_iter()];
    while let Some(events) = open.last_mut() {
        let Some(event) = events.next() else {
            open.pop();
            continue;
        };
        if let Ok(nested) = event.cast::<Condition>() {
            open.push(nested.get().list(py).into_iter());
            continue;
        }
        let has_happened = match event.cast::<Event>() {
            Ok(own) => own.get().is_processed(py),
            Err(_) => event.getattr(intern!(py, "callbacks"))?.is_none(),
        };
        if has_happened {
            list.append(event)?;
        }
    }
    Ok(())
}

/// Takes a condition and those nested in it out of the callbacks of their events.
fn remove_checks(condition: &Bound<'_, Condition>) -> PyResult<()> {
    let py = condition.py();
    let mut open = vec![condition.clone()];
    while let Some(condition) = open.pop() {
        for event in condition.get().list(py) {
            if let Ok(own) = event.cast::<Event>() {
                waiters::remove_check(own, &condition)?;
            } else {
                remove_from_stranger(&event, &condition)?;
            }
            if let Ok(nested) = event.cast_into::<Condition>() {
                open.push(nested);
            }
        }
    }
    Ok(())
}

#[cold]
fn remove_from_stranger(
    event: &Bound<'_, PyAny>,
    condition: &Bound<'_, Condition>,
) -> PyResult<()> {
    let py = event.py();
    let callbacks = event.getattr(intern!(py, "callbacks"))?;
    let check = condition.getattr(intern!(py, "_check"))?;
    if callbacks.is_truthy()? && callbacks.contains(&check)? {
        callbacks.call_method1(intern!(py, "remove"), (check,))?;
    }
    Ok(())
}

#[pymethods]
impl Condition {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Event::unset()).add_subclass(Self::unset(Rule::Custom))
    }

    fn __init__(
        slf: &Bound<'_, Self>,
        env: &Bound<'_, PyAny>,
        evaluate: &Bound<'_, PyAny>,
        events: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let py = slf.py();
        let class = py.get_type::<Self>();
        let rule = if evaluate.is(class.getattr(intern!(py, "all_events"))?) {
            Rule::All
        } else if evaluate.is(class.getattr(intern!(py, "any_events"))?) {
            Rule::Any
        } else {
            Rule::Custom
        };
        slf.as_super().get().begin(env);
        slf.get().rule.get(py).set(rule);
        slf.get().evaluate.put(py, Some(evaluate.clone().unbind()));
        let events = events.try_iter()?.map(|event| event.map(Bound::unbind));
        begin(slf, events.collect::<PyResult<Vec<_>>>()?)
    }

    fn _desc(slf: &Bound<'_, Self>) -> PyResult<String> {
        let py = slf.py();
        let evaluate = Self::private_evaluate(slf)?.getattr(intern!(py, "__name__"))?;
        let events = slf.get().tuple(py)?;
        let class = slf.get_type();
        Ok(format!(
            "{}({}, {})",
            class.name()?,
            evaluate.str()?,
            events.str()?
        ))
    }

    #[getter(_evaluate)]
    fn private_evaluate<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let class = py.get_type::<Self>();
        match slf.get().rule.get(py).get() {
            Rule::All => class.getattr(intern!(py, "all_events")),
            Rule::Any => class.getattr(intern!(py, "any_events")),
            Rule::Custom => match slf.get().evaluate.get(py) {
                Some(evaluate) => Ok(evaluate),
                None => Err(event::no_attribute(slf, "_evaluate")),
            },
        }
    }

    #[getter(_events)]
    fn private_events<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.tuple(py)
    }

    #[getter(_count)]
    fn private_count(&self, py: Python<'_>) -> usize {
        self.count.get(py).get()
    }

    fn _check(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<()> {
        slf.get().check_stranger(slf, event)
    }

    fn _build_value(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<()> {
        let _ = event;
        build_value(slf.as_super())
    }

    fn _populate_value(slf: &Bound<'_, Self>, value: &Bound<'_, ConditionValue>) -> PyResult<()> {
        list_happened(slf, value.get().events.bind(slf.py()))
    }

    fn _remove_check_callbacks(slf: &Bound<'_, Self>) -> PyResult<()> {
        remove_checks(slf)
    }

    #[staticmethod]
    fn all_events(events: &Bound<'_, PyAny>, count: usize) -> PyResult<bool> {
        Ok(events.len()? == count)
    }

    #[staticmethod]
    fn any_events(events: &Bound<'_, PyAny>, count: usize) -> PyResult<bool> {
        Ok(count > 0 || events.len()? == 0)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.evaluate.traverse(&visit)?;
        match self.events.visited(&visit).try_borrow() {
            Ok(events) => events.iter().try_for_each(|event| visit.call(event)),
            Err(_) => Ok(()),
        }
    }

    fn __clear__(&self, py: Python<'_>) {
        self.evaluate.put(py, None);
        let events = self.events.get(py).take();
        drop(events);
    }
}

/// Gives an `AllOf` or `AnyOf` its events, from `__init__`.
fn begin_many(
    condition: &Bound<'_, Condition>,
    env: &Bound<'_, PyAny>,
    events: &Bound<'_, PyAny>,
) -> PyResult<()> {
    condition.as_super().get().begin(env);
    let events = events.try_iter()?.map(|event| event.map(Bound::unbind));
    begin(condition, events.collect::<PyResult<Vec<_>>>()?)
}

#[pymethods]
impl AllOf {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Event::unset())
            .add_subclass(Condition::unset(Rule::All))
            .add_subclass(Self)
    }

    fn __init__(
        slf: &Bound<'_, Self>,
        env: &Bound<'_, PyAny>,
        events: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        begin_many(slf.as_super(), env, events)
    }
}

#[pymethods]
impl AnyOf {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Event::unset())
            .add_subclass(Condition::unset(Rule::Any))
            .add_subclass(Self)
    }

    fn __init__(
        slf: &Bound<'_, Self>,
        env: &Bound<'_, PyAny>,
        events: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        begin_many(slf.as_super(), env, events)
    }
}

/// The events of a condition that have happened, with their values, like a dictionary in their order.
#[pyclass(subclass, frozen, module = "pluriverse.simpy.events")]
pub(super) struct ConditionValue {
    events: Py<PyList>,
}

fn value_of<'py>(event: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match event.cast::<Event>() {
        Ok(event) => event.get().value_or_pending(event.py()),
        Err(_) => event.getattr(intern!(event.py(), "_value")),
    }
}

impl ConditionValue {
    fn empty(py: Python<'_>) -> Self {
        Self {
            events: PyList::empty(py).unbind(),
        }
    }

    fn holds(&self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        let events = self.events.bind(key.py());
        if events.iter().any(|event| event.is(key)) {
            return Ok(true);
        }
        events.contains(key)
    }
}

#[pymethods]
impl ConditionValue {
    #[new]
    fn new(py: Python<'_>) -> Self {
        Self::empty(py)
    }

    #[getter]
    fn get_events<'py>(&self, py: Python<'py>) -> Bound<'py, PyList> {
        self.events.bind(py).clone()
    }

    fn __getitem__<'py>(&self, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if self.holds(key)? {
            value_of(key)
        } else {
            Err(PyKeyError::new_err(key.str()?.unbind()))
        }
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.holds(key)
    }

    fn __eq__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        let own = self.events.bind(py);
        let is_equal = if let Ok(other) = other.cast::<Self>() {
            own.eq(other.get().events.bind(py))?
        } else if other.is_instance_of::<PyDict>() {
            self.todict(py)?.eq(other)?
        } else {
            return Ok(py.NotImplemented().into_bound(py));
        };
        Ok(pyo3::types::PyBool::new(py, is_equal).to_owned().into_any())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("<ConditionValue {}>", self.todict(py)?.repr()?))
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.keys(py)
    }

    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.events.bind(py).try_iter()?.into_any())
    }

    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let values = self.events.bind(py).iter().map(|event| value_of(&event));
        let values = PyList::new(py, values.collect::<PyResult<Vec<_>>>()?)?;
        Ok(values.try_iter()?.into_any())
    }

    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let items = self.events.bind(py).iter().map(|event| {
            let value = value_of(&event)?;
            (event, value).into_pyobject(py)
        });
        let items = PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)?;
        Ok(items.try_iter()?.into_any())
    }

    fn todict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for event in self.events.bind(py) {
            let value = value_of(&event)?;
            dict.set_item(event, value)?;
        }
        Ok(dict)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.events)
    }
}
