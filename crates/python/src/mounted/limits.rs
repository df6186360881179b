//! What a server grants, as Python names it: the fields of `pluriverse.fastapi.Limits`.

use std::time::Duration;

use pluriverse_server::Limits;
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyAny, PyDict},
};

const KEEP_RUNS: &str = "keep_runs_secs";
const KEEP_LATEST: &str = "keep_latest";

/// The usual limits with those changed that `named` names.
///
/// # Errors
/// For a name that is no limit, and for a value that cannot be one.
pub(super) fn read(named: &Bound<'_, PyDict>) -> PyResult<Limits> {
    let mut limits = Limits::default();
    for (name, value) in named {
        let name: String = name.extract()?;
        change(&mut limits, &name, &value)?;
    }
    Ok(limits)
}

fn change(limits: &mut Limits, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    match name {
        "worlds" => limits.worlds = count(name, value)?,
        "memory_bytes" => limits.memory_bytes = count(name, value)?,
        "call_secs" => limits.call = secs(name, value)?,
        "world_idle_secs" => limits.world_idle = secs(name, value)?,
        "database_answer_secs" => limits.database_answer = secs(name, value)?,
        "body_bytes" => limits.body_bytes = count(name, value)?,
        "snapshot_bytes" => limits.snapshot_bytes = count(name, value)?,
        "runs" => limits.runs = count(name, value)?,
        "run_secs" => limits.run = secs(name, value)?,
        "run_threads" => limits.run_threads = count(name, value)?,
        "upload_bytes" => limits.upload_bytes = count(name, value)?,
        "upload_idle_secs" => limits.upload_idle = secs(name, value)?,
        "audit_bytes" => limits.audit_bytes = count(name, value)?,
        "watchers" => limits.watchers = count(name, value)?,
        "patience_secs" => limits.patience = secs(name, value)?,
        "requests_per_minute" => limits.requests_per_minute = count(name, value)?,
        // Not what is granted, but how long what was granted stays.
        KEEP_RUNS | KEEP_LATEST => {}
        _ => return Err(PyTypeError::new_err(format!("there is no limit `{name}`"))),
    }
    Ok(())
}

/// How long runs are kept that have ended.
///
/// # Errors
/// When it is no span of time.
pub(super) fn keep_runs(named: &Bound<'_, PyDict>) -> PyResult<Option<Duration>> {
    let value = named.get_item(KEEP_RUNS)?;
    value.map(|value| secs(KEEP_RUNS, &value)).transpose()
}

/// How many of the latest runs are kept that have ended.
///
/// # Errors
/// When it is no number.
pub(super) fn keep_latest(named: &Bound<'_, PyDict>) -> PyResult<Option<u64>> {
    let value = named.get_item(KEEP_LATEST)?;
    value.map(|value| count(KEEP_LATEST, &value)).transpose()
}

/// A whole number from 1.
fn count<T: TryFrom<u64>>(name: &str, value: &Bound<'_, PyAny>) -> PyResult<T> {
    let number: Option<u64> = value.extract().ok();
    let number = number.filter(|number| *number > 0);
    number
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| wrong(name, value, "a whole number from 1"))
}

/// A span of time, longer than none.
fn secs(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let number: Option<f64> = value.extract().ok();
    let span = number.and_then(|number| Duration::try_from_secs_f64(number).ok());
    span.filter(|span| !span.is_zero())
        .ok_or_else(|| wrong(name, value, "a number of seconds above 0"))
}

fn wrong(name: &str, value: &Bound<'_, PyAny>, expected: &str) -> PyErr {
    let value = value.repr().map_or_else(
        |_| "what cannot be shown".to_owned(),
        |text| text.to_string(),
    );
    PyValueError::new_err(format!("the limit `{name}` is {value}, not {expected}"))
}
