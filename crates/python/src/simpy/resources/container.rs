//! Containers of matter that is put and got by amounts, in the interpreter's arithmetic.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt, PyTuple};
use pyo3::{PyTraverseError, PyVisit, intern};

use super::super::attached::Held;
use super::super::event;
use super::super::given::Given;
use super::base::{self, BaseResource, Discipline};
use super::requests::{Get, Put, queued, request_with};
use super::serving::{self, Side};

/// Matter up to a capacity.
#[pyclass(subclass, frozen, extends = BaseResource, module = "pluriverse.simpy.resources.container")]
pub(in crate::simpy) struct Container;

/// A request to put an amount.
#[pyclass(subclass, frozen, extends = Put, module = "pluriverse.simpy.resources.container")]
pub(in crate::simpy) struct ContainerPut {
    amount: Held<PyAny>,
}

/// A request to get an amount.
#[pyclass(subclass, frozen, extends = Get, module = "pluriverse.simpy.resources.container")]
pub(in crate::simpy) struct ContainerGet {
    amount: Held<PyAny>,
}

fn check_amount(amount: &Bound<'_, PyAny>) -> PyResult<()> {
    if amount.le(0)? {
        let text = amount.str()?;
        return Err(PyValueError::new_err(format!(
            "amount(={text}) must be > 0."
        )));
    }
    Ok(())
}

fn level_of<'py>(container: &Bound<'py, BaseResource>) -> PyResult<Bound<'py, PyAny>> {
    let level = container.get().level.get(container.py());
    level.ok_or_else(|| event::no_attribute(container, "_level"))
}

fn amount_of<'py>(event: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    event.getattr(intern!(event.py(), "amount"))
}

/// Adds an amount, if it fits.
pub(super) fn put(container: &Bound<'_, BaseResource>, event: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = container.py();
    let (level, amount) = (level_of(container)?, amount_of(event)?);
    let capacity = container.get().capacity(py)?;
    if !capacity.sub(&level)?.ge(&amount)? {
        return Ok(false);
    }
    let level = level.add(amount)?.unbind();
    container.get().level.put(py, Some(level));
    serving::succeed(event, None)?;
    Ok(true)
}

/// Takes an amount, if it is there.
pub(super) fn get(container: &Bound<'_, BaseResource>, event: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = container.py();
    let (level, amount) = (level_of(container)?, amount_of(event)?);
    if !level.ge(&amount)? {
        return Ok(false);
    }
    let level = level.sub(amount)?.unbind();
    container.get().level.put(py, Some(level));
    serving::succeed(event, None)?;
    Ok(true)
}

#[pymethods]
impl Container {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        PyClassInitializer::from(BaseResource::unset(Discipline::Matter)).add_subclass(Self)
    }

    #[pyo3(signature = (env, capacity = Given::NOTHING, init = Given::NOTHING))]
    fn __init__<'py>(
        slf: &Bound<'py, Self>,
        env: &Bound<'py, PyAny>,
        capacity: Given<'_, 'py>,
        init: Given<'_, 'py>,
    ) -> PyResult<()> {
        let py = slf.py();
        let capacity = capacity.or(|| PyFloat::new(py, f64::INFINITY));
        let init = init.or(|| PyInt::new(py, 0));
        base::check_capacity(&capacity)?;
        if init.lt(0)? {
            return Err(PyValueError::new_err("\"init\" must be >= 0."));
        }
        if init.gt(&capacity)? {
            return Err(PyValueError::new_err("\"init\" must be <= \"capacity\"."));
        }
        BaseResource::begin(slf.as_super(), env, &capacity)?;
        slf.as_super().get().level.put(py, Some(init.unbind()));
        Ok(())
    }

    #[getter]
    fn get_level<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        level_of(slf.as_super())
    }

    #[getter(_level)]
    fn private_level<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        level_of(slf.as_super())
    }

    #[setter(_level)]
    fn set_private_level(slf: &Bound<'_, Self>, level: Py<PyAny>) {
        slf.as_super().get().level.put(slf.py(), Some(level));
    }

    fn put<'py>(
        slf: &Bound<'py, Self>,
        amount: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, ContainerPut>> {
        check_amount(amount)?;
        let request = Put::made(slf.as_super())?.add_subclass(ContainerPut::of(amount));
        queued(slf.as_super(), Side::Put, request)
    }

    fn get<'py>(
        slf: &Bound<'py, Self>,
        amount: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, ContainerGet>> {
        check_amount(amount)?;
        let request = Get::made(slf.as_super())?.add_subclass(ContainerGet::of(amount));
        queued(slf.as_super(), Side::Get, request)
    }

    fn _do_put(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        put(slf.as_super(), event).map(|is_met| is_met.then_some(true))
    }

    fn _do_get(slf: &Bound<'_, Self>, event: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        get(slf.as_super(), event).map(|is_met| is_met.then_some(true))
    }
}

request_with!(ContainerPut(container, amount) of Put, check_amount);
request_with!(ContainerGet(container, amount) of Get, check_amount);
