//! What all resources have: a capacity, a queue of those who want to put, and one of those who want to get.
//!
//! The methods that a model may replace, in a subclass or on one object, are called where it has, and passed over
//! where it has not ([`Overrides`]).

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyAnyMethods, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};
use pyo3::{PyTraverseError, PyVisit, intern};

use super::super::attached::{self, Held, Mark, mark};
use super::requests::{Get, Put};
use super::serving::{Side, not_implemented, serve};
use super::{container, priority, resource, store};

/// How requests are met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simpy) enum Discipline {
    /// Only a subclass knows.
    Abstract,
    Slots,
    PreemptiveSlots,
    Matter,
    Objects,
    SortedObjects,
    FilteredObjects,
}

/// How many may be in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Limit {
    Count(i64),
    Number(f64),
    /// Only the interpreter can compare.
    Unknown,
}

/// Which methods somebody has replaced.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one for each method, and all of them independent"
)]
struct Overrides {
    do_put: bool,
    do_get: bool,
    trigger_put: bool,
    trigger_get: bool,
    release: bool,
    capacity: bool,
}

/// What all resources have.
///
/// With the option `dict`, the interpreter may visit an object before its fields are there, and finds zeroes: these
/// are empty references.
#[pyclass(
    subclass,
    frozen,
    weakref,
    dict,
    module = "pluriverse.simpy.resources.base"
)]
pub(in crate::simpy) struct BaseResource {
    env: Held<PyAny>,
    capacity: Held<PyAny>,
    limit: Mark<Limit>,
    discipline: Mark<Discipline>,
    overrides: Mark<Overrides>,
    put_queue: Held<PyAny>,
    get_queue: Held<PyAny>,
    /// The users of slots, or the objects in a store.
    pub(super) contents: Held<PyAny>,
    /// The matter in a container.
    pub(super) level: Held<PyAny>,
}

impl BaseResource {
    pub(super) fn unset(discipline: Discipline) -> Self {
        Self {
            env: Held::none(),
            capacity: Held::none(),
            limit: mark(Limit::Unknown),
            discipline: mark(discipline),
            overrides: mark(Overrides::default()),
            put_queue: Held::none(),
            get_queue: Held::none(),
            contents: Held::none(),
            level: Held::none(),
        }
    }

    pub(super) fn queue<'py>(&self, py: Python<'py>, side: Side) -> PyResult<Bound<'py, PyAny>> {
        let queue = match side {
            Side::Put => self.put_queue.get(py),
            Side::Get => self.get_queue.get(py),
        };
        queue.ok_or_else(|| not_initialised("queue"))
    }

    pub(in crate::simpy) fn env<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.env.get(py).ok_or_else(|| not_initialised("_env"))
    }

    pub(super) fn contents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.contents
            .get(py)
            .ok_or_else(|| not_initialised("items"))
    }

    pub(super) fn capacity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.capacity
            .get(py)
            .ok_or_else(|| not_initialised("_capacity"))
    }

    #[inline]
    pub(super) fn discipline(&self, py: Python<'_>) -> Discipline {
        self.discipline.get(py).get()
    }

    /// Whether nobody has replaced the method that meets one request of a side.
    #[inline]
    pub(super) fn meets_natively(&self, py: Python<'_>, side: Side) -> bool {
        let overrides = self.overrides.get(py).get();
        match side {
            Side::Put => !overrides.do_put,
            Side::Get => !overrides.do_get,
        }
    }

    /// Whether nobody has replaced the method that has a side served.
    #[inline]
    pub(in crate::simpy) fn triggers_natively(&self, py: Python<'_>, side: Side) -> bool {
        let overrides = self.overrides.get(py).get();
        match side {
            Side::Put => !overrides.trigger_put,
            Side::Get => !overrides.trigger_get,
        }
    }

    /// Whether nobody has replaced what serves a side.
    #[inline]
    pub(super) fn serves_natively(&self, py: Python<'_>, side: Side) -> bool {
        let overrides = self.overrides.get(py).get();
        match side {
            Side::Put => !overrides.do_put && !overrides.trigger_put && !overrides.capacity,
            Side::Get => !overrides.do_get && !overrides.trigger_get,
        }
    }

    #[inline]
    pub(super) fn releases_natively(&self, py: Python<'_>) -> bool {
        !self.overrides.get(py).get().release && self.serves_natively(py, Side::Get)
    }

    fn set_capacity(&self, capacity: &Bound<'_, PyAny>) {
        let py = capacity.py();
        let count = capacity.cast_exact::<PyInt>().ok();
        let count = count.and_then(|count| count.extract::<i64>().ok());
        let number = capacity.cast_exact::<PyFloat>().ok();
        let limit = match (count, number) {
            (Some(count), _) => Limit::Count(count),
            (None, Some(number)) => Limit::Number(number.value()),
            (None, None) => Limit::Unknown,
        };
        self.limit.get(py).set(limit);
        self.capacity.put(py, Some(capacity.clone().unbind()));
    }

    /// Whether one more than `count` are allowed.
    #[inline]
    pub(super) fn has_room_for(slf: &Bound<'_, Self>, count: usize) -> PyResult<bool> {
        let py = slf.py();
        let own = slf.get();
        if !own.overrides.get(py).get().capacity {
            match own.limit.get(py).get() {
                Limit::Count(limit) => return Ok((count as i64) < limit),
                Limit::Number(limit) => return Ok((count as f64) < limit),
                Limit::Unknown => {}
            }
        }
        let capacity = slf.getattr(intern!(py, "capacity"))?;
        PyInt::new(py, count).lt(capacity)
    }

    /// Sets what a resource begins with, from `__init__`.
    pub(super) fn begin(
        slf: &Bound<'_, Self>,
        env: &Bound<'_, PyAny>,
        capacity: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let py = slf.py();
        let own = slf.get();
        own.env.put(py, Some(env.clone().unbind()));
        own.set_capacity(capacity);
        let put_queue = slf.getattr(intern!(py, "PutQueue"))?.call0()?;
        own.put_queue.put(py, Some(put_queue.unbind()));
        let get_queue = slf.getattr(intern!(py, "GetQueue"))?.call0()?;
        own.get_queue.put(py, Some(get_queue.unbind()));
        own.overrides.get(py).set(Self::overrides_of_class(slf)?);
        Ok(())
    }

    /// The same with nobody and nothing in it.
    pub(super) fn begin_empty(
        slf: &Bound<'_, Self>,
        env: &Bound<'_, PyAny>,
        capacity: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let py = slf.py();
        check_capacity(capacity)?;
        Self::begin(slf, env, capacity)?;
        let contents = PyList::empty(py).into_any().unbind();
        slf.get().contents.put(py, Some(contents));
        Ok(())
    }

    /// Which methods its class has in place of those of its discipline.
    fn overrides_of_class(slf: &Bound<'_, Self>) -> PyResult<Overrides> {
        let py = slf.py();
        let class = slf.get_type();
        let original = match slf.get().discipline(py) {
            Discipline::Abstract => py.get_type::<Self>(),
            Discipline::Slots => py.get_type::<resource::Resource>(),
            Discipline::PreemptiveSlots => py.get_type::<priority::PreemptiveResource>(),
            Discipline::Matter => py.get_type::<container::Container>(),
            Discipline::Objects => py.get_type::<store::Store>(),
            Discipline::SortedObjects => py.get_type::<store::PriorityStore>(),
            Discipline::FilteredObjects => py.get_type::<store::FilterStore>(),
        };
        let differs = |name: &Bound<'_, PyString>| is_replaced(&class, &original, name);
        let has_release = class.hasattr(intern!(py, "release"))?;
        Ok(Overrides {
            do_put: differs(intern!(py, "_do_put"))?,
            do_get: differs(intern!(py, "_do_get"))?,
            trigger_put: differs(intern!(py, "_trigger_put"))?,
            trigger_get: differs(intern!(py, "_trigger_get"))?,
            capacity: differs(intern!(py, "capacity"))?,
            release: has_release && differs(intern!(py, "release"))?,
        })
    }
}

/// Whether a class has something else under a name than the original class, or that was replaced, too.
fn is_replaced(
    class: &Bound<'_, PyType>,
    original: &Bound<'_, PyType>,
    name: &Bound<'_, PyString>,
) -> PyResult<bool> {
    let found = class.getattr(name)?;
    let kind = found.get_type();
    let kind = kind.name()?;
    let is_native = matches!(kind.to_str()?, "method_descriptor" | "getset_descriptor");
    Ok(!is_native || !found.is(original.getattr(name)?))
}

fn not_initialised(name: &str) -> PyErr {
    pyo3::exceptions::PyAttributeError::new_err(format!("the resource has no attribute '{name}'"))
}

#[pymethods]
impl BaseResource {
    #[classattr]
    #[pyo3(name = "PutQueue")]
    fn put_queue_class(py: Python<'_>) -> Py<PyType> {
        py.get_type::<PyList>().unbind()
    }

    #[classattr]
    #[pyo3(name = "GetQueue")]
    fn get_queue_class(py: Python<'_>) -> Py<PyType> {
        py.get_type::<PyList>().unbind()
    }

    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self::unset(Discipline::Abstract)
    }

    fn __init__(
        slf: &Bound<'_, Self>,
        env: &Bound<'_, PyAny>,
        capacity: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        Self::begin(slf, env, capacity)
    }

    #[classmethod]
    fn __class_getitem__<'py>(
        class: &Bound<'py, PyType>,
        item: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        generic(class, item)
    }

    #[getter(_env)]
    fn private_env<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.env(py)
    }

    #[setter(_env)]
    fn set_private_env(&self, py: Python<'_>, env: Py<PyAny>) {
        self.env.put(py, Some(env));
    }

    #[getter]
    fn get_capacity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.capacity(py)
    }

    #[getter(_capacity)]
    fn private_capacity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.capacity(py)
    }

    #[setter(_capacity)]
    fn set_private_capacity(&self, capacity: &Bound<'_, PyAny>) {
        self.set_capacity(capacity);
    }

    #[getter]
    fn get_put_queue<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.queue(py, Side::Put)
    }

    #[setter]
    fn set_put_queue(&self, py: Python<'_>, queue: Py<PyAny>) {
        self.put_queue.put(py, Some(queue));
    }

    #[getter]
    fn get_get_queue<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.queue(py, Side::Get)
    }

    #[setter]
    fn set_get_queue(&self, py: Python<'_>, queue: Py<PyAny>) {
        self.get_queue.put(py, Some(queue));
    }

    fn put<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().get_type::<Put>().call1((slf,))
    }

    fn get<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().get_type::<Get>().call1((slf,))
    }

    fn _do_put(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        let _ = event;
        Err(not_implemented(slf))
    }

    fn _do_get(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        let _ = event;
        Err(not_implemented(slf))
    }

    fn _trigger_put(slf: &Bound<'_, Self>, get_event: &Bound<'_, PyAny>) -> PyResult<()> {
        let _ = get_event;
        serve(slf, Side::Put)
    }

    fn _trigger_get(slf: &Bound<'_, Self>, put_event: &Bound<'_, PyAny>) -> PyResult<()> {
        let _ = put_event;
        serve(slf, Side::Get)
    }

    fn __setattr__(
        slf: &Bound<'_, Self>,
        name: &Bound<'_, PyString>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        attached::set_attribute(slf, name, Some(value))?;
        let overrides = slf.get().overrides.get(slf.py());
        let mut now = overrides.get();
        match name.to_str()? {
            "_do_put" => now.do_put = true,
            "_do_get" => now.do_get = true,
            "_trigger_put" => now.trigger_put = true,
            "_trigger_get" => now.trigger_get = true,
            "release" => now.release = true,
            _ => {}
        }
        overrides.set(now);
        Ok(())
    }

    fn __delattr__(slf: &Bound<'_, Self>, name: &Bound<'_, PyString>) -> PyResult<()> {
        // What was replaced on the object goes on being looked up, which finds the class's own.
        attached::set_attribute(slf, name, None)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.env.traverse(&visit)?;
        self.capacity.traverse(&visit)?;
        self.put_queue.traverse(&visit)?;
        self.get_queue.traverse(&visit)?;
        self.contents.traverse(&visit)?;
        self.level.traverse(&visit)
    }

    fn __clear__(&self, py: Python<'_>) {
        self.env.put(py, None);
        self.put_queue.put(py, None);
        self.get_queue.put(py, None);
        self.contents.put(py, None);
    }
}

/// `Class[Parameter]`, for annotations and base classes.
pub(super) fn generic<'py>(
    class: &Bound<'py, PyType>,
    item: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let alias = class.py().import("types")?.getattr("GenericAlias")?;
    alias.call1((class, item))
}

/// Refuses a capacity that leaves no room.
pub(super) fn check_capacity(capacity: &Bound<'_, PyAny>) -> PyResult<()> {
    if capacity.le(0)? {
        return Err(PyValueError::new_err("\"capacity\" must be > 0."));
    }
    Ok(())
}
