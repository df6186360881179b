//! Stores of objects: first in first out, the least first, or the first that a filter takes.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyList, PyTuple};
use pyo3::{PyTraverseError, PyVisit, intern};

use super::super::attached::Held;
use super::super::event;
use super::super::given::Given;
use super::base::{BaseResource, Discipline};
use super::requests::{Get, Put, queued, request_with};
use super::serving::{self, Side};

/// Objects in the order in which they came.
#[pyclass(subclass, frozen, extends = BaseResource, module = "pluriverse.simpy.resources.store")]
pub(in crate::simpy) struct Store;

/// Objects of which the least is got first.
#[pyclass(subclass, frozen, extends = Store, module = "pluriverse.simpy.resources.store")]
pub(in crate::simpy) struct PriorityStore;

/// Objects of which those that get choose.
#[pyclass(subclass, frozen, extends = Store, module = "pluriverse.simpy.resources.store")]
pub(in crate::simpy) struct FilterStore;

/// A request to put an object.
#[pyclass(subclass, frozen, extends = Put, module = "pluriverse.simpy.resources.store")]
pub(in crate::simpy) struct StorePut {
    item: Held<PyAny>,
}

/// A request to get an object.
#[pyclass(subclass, frozen, extends = Get, module = "pluriverse.simpy.resources.store")]
pub(in crate::simpy) struct StoreGet;

/// A request to get an object that a filter takes.
#[pyclass(subclass, frozen, extends = StoreGet, module = "pluriverse.simpy.resources.store")]
pub(in crate::simpy) struct FilterStoreGet {
    filter: Held<PyAny>,
}

fn item_of<'py>(event: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = event.py();
    if let Ok(own) = event.cast_exact::<StorePut>()
        && let Some(item) = own.get().item.get(py)
    {
        return Ok(item);
    }
    event.getattr(intern!(py, "item"))
}

fn has_room(store: &Bound<'_, BaseResource>, items: &Bound<'_, PyAny>) -> PyResult<bool> {
    BaseResource::has_room_for(store, items.len()?)
}

/// Adds an object at the end, if there is room.
pub(super) fn put(store: &Bound<'_, BaseResource>, event: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = store.py();
    let items = store.get().contents(py)?;
    if has_room(store, &items)? {
        let item = item_of(event)?;
        match items.cast_exact::<PyList>() {
            Ok(items) => items.append(item)?,
            Err(_) => items
                .call_method1(intern!(py, "append"), (item,))
                .map(drop)?,
        }
        serving::succeed(event, None)?;
    }
    Ok(false)
}

/// Takes the first object, if there is one.
pub(super) fn get(store: &Bound<'_, BaseResource>, event: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = store.py();
    let items = store.get().contents(py)?;
    if let Ok(list) = items.cast_exact::<PyList>() {
        if !list.is_empty() {
            let item = list.get_item(0)?;
            list.del_item(0)?;
            serving::succeed(event, Some(item))?;
        }
    } else if items.is_truthy()? {
        let item = items.call_method1(intern!(py, "pop"), (0,))?;
        serving::succeed(event, Some(item))?;
    }
    Ok(false)
}

/// Adds an object to the heap, if there is room.
pub(super) fn put_sorted(
    store: &Bound<'_, BaseResource>,
    event: &Bound<'_, PyAny>,
) -> PyResult<bool> {
    let py = store.py();
    let items = store.get().contents(py)?;
    if has_room(store, &items)? {
        let heapq = py.import(intern!(py, "heapq"))?;
        heapq.call_method1(intern!(py, "heappush"), (items, item_of(event)?))?;
        serving::succeed(event, None)?;
    }
    Ok(false)
}

/// Takes the least object, if there is one.
pub(super) fn get_sorted(
    store: &Bound<'_, BaseResource>,
    event: &Bound<'_, PyAny>,
) -> PyResult<bool> {
    let py = store.py();
    let items = store.get().contents(py)?;
    if items.is_truthy()? {
        let heapq = py.import(intern!(py, "heapq"))?;
        let item = heapq.call_method1(intern!(py, "heappop"), (items,))?;
        serving::succeed(event, Some(item))?;
    }
    Ok(false)
}

/// Takes the first object that the filter of a request takes; the next request is tried in any case.
pub(super) fn get_filtered(
    store: &Bound<'_, BaseResource>,
    event: &Bound<'_, PyAny>,
) -> PyResult<bool> {
    let py = store.py();
    let items = store.get().contents(py)?;
    let filter = event.getattr(intern!(py, "filter"))?;
    for item in items.try_iter()? {
        let item = item?;
        if filter.call1((&item,))?.is_truthy()? {
            items.call_method1(intern!(py, "remove"), (&item,))?;
            serving::succeed(event, Some(item))?;
            break;
        }
    }
    Ok(true)
}

impl Store {
    fn of(discipline: Discipline) -> PyClassInitializer<Self> {
        PyClassInitializer::from(BaseResource::unset(discipline)).add_subclass(Self)
    }
}

#[pymethods]
impl Store {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        Self::of(Discipline::Objects)
    }

    #[pyo3(signature = (env, capacity = Given::NOTHING))]
    fn __init__<'py>(
        slf: &Bound<'py, Self>,
        env: &Bound<'py, PyAny>,
        capacity: Given<'_, 'py>,
    ) -> PyResult<()> {
        let capacity = capacity.or(|| PyFloat::new(slf.py(), f64::INFINITY));
        BaseResource::begin_empty(slf.as_super(), env, &capacity)
    }

    #[getter]
    fn get_items<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.as_super().get().contents(slf.py())
    }

    #[setter]
    fn set_items(slf: &Bound<'_, Self>, items: Py<PyAny>) {
        slf.as_super().get().contents.put(slf.py(), Some(items));
    }

    fn put<'py>(
        slf: &Bound<'py, Self>,
        item: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, StorePut>> {
        let request = Put::made(slf.as_super())?.add_subclass(StorePut::of(item));
        queued(slf.as_super(), Side::Put, request)
    }

    fn get<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, StoreGet>> {
        let request = Get::made(slf.as_super())?.add_subclass(StoreGet);
        queued(slf.as_super(), Side::Get, request)
    }

    fn _do_put(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        put(slf.as_super(), event).map(|_| None)
    }

    fn _do_get(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        get(slf.as_super(), event).map(|_| None)
    }
}

#[pymethods]
impl PriorityStore {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        Store::of(Discipline::SortedObjects).add_subclass(Self)
    }

    fn _do_put(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        put_sorted(slf.as_super().as_super(), event).map(|_| None)
    }

    fn _do_get(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        get_sorted(slf.as_super().as_super(), event).map(|_| None)
    }
}

#[pymethods]
impl FilterStore {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        Store::of(Discipline::FilteredObjects).add_subclass(Self)
    }

    #[pyo3(signature = (filter = Given::NOTHING))]
    fn get<'py>(
        slf: &Bound<'py, Self>,
        filter: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, FilterStoreGet>> {
        let py = slf.py();
        let store = slf.as_super().as_super();
        let request = Get::made(store)?
            .add_subclass(StoreGet)
            .add_subclass(FilterStoreGet {
                filter: Held::of(chosen(py, filter)?),
            });
        queued(store, Side::Get, request)
    }

    fn _do_get(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        get_filtered(slf.as_super().as_super(), event).map(Some)
    }
}

/// The filter of a request; without one, everything is taken.
fn chosen(py: Python<'_>, filter: Given<'_, '_>) -> PyResult<Py<PyAny>> {
    if let Some(filter) = filter.get() {
        return Ok(filter.unbind());
    }
    let module = py.import(intern!(py, "pluriverse.simpy.resources.store"))?;
    module.getattr(intern!(py, "_take_all")).map(Bound::unbind)
}

request_with!(StorePut(store, item) of Put);

#[pymethods]
impl StoreGet {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        Get::unset().add_subclass(Self)
    }
}

#[pymethods]
impl FilterStoreGet {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        Get::unset().add_subclass(StoreGet).add_subclass(Self {
            filter: Held::none(),
        })
    }

    #[pyo3(signature = (resource, filter = Given::NOTHING))]
    fn __init__(
        slf: &Bound<'_, Self>,
        resource: &Bound<'_, BaseResource>,
        filter: Given<'_, '_>,
    ) -> PyResult<()> {
        let py = slf.py();
        slf.get().filter.put(py, Some(chosen(py, filter)?));
        Get::begin(slf.as_super().as_super(), resource)
    }

    #[getter]
    fn get_filter<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let filter = slf.get().filter.get(slf.py());
        filter.ok_or_else(|| event::no_attribute(slf, "filter"))
    }

    #[setter]
    fn set_filter(&self, py: Python<'_>, filter: Py<PyAny>) {
        self.filter.put(py, Some(filter));
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.filter.traverse(&visit)
    }

    fn __clear__(&self, py: Python<'_>) {
        self.filter.put(py, None);
    }
}
