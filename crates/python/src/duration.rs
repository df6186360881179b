//! Durations as Python writes them: `"1h30m"`, seconds as a number, or a `datetime.timedelta`; exact where they are.

use pluriverse_kernel::time::{SimDuration, SimTime};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyBool, PyDelta, PyFloat, PyInt, PyString},
};

const EXPECTED: &str = "expected seconds as a number, a text such as \"1h30m\", or a timedelta";

/// The duration that `value` is.
///
/// # Errors
/// `TypeError` for what is none, `ValueError` for what no clock can show.
pub(crate) fn duration(value: &Bound<'_, PyAny>) -> PyResult<SimDuration> {
    if let Ok(text) = value.cast::<PyString>() {
        let parsed = text.to_cow()?.parse::<SimDuration>();
        return parsed.map_err(|error| PyValueError::new_err(format!("{error}; {EXPECTED}")));
    }
    if value.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err(format!(
            "a bool is no duration; {EXPECTED}"
        )));
    }
    let too_far = || PyValueError::new_err(format!("{value} is no duration that fits; {EXPECTED}"));
    if value.is_instance_of::<PyInt>() {
        let secs: i64 = value.extract().map_err(|_| too_far())?;
        let secs = SimDuration::from_nanos(1_000_000_000).checked_mul(secs);
        return secs.ok_or_else(too_far);
    }
    if value.is_instance_of::<PyFloat>() {
        return SimDuration::from_secs_f64(value.extract()?).ok_or_else(too_far);
    }
    if value.is_instance_of::<PyDelta>() {
        return timedelta(value)?.ok_or_else(too_far);
    }
    // Numbers of other libraries, such as NumPy's.
    match value.extract::<f64>() {
        Ok(secs) => SimDuration::from_secs_f64(secs).ok_or_else(too_far),
        Err(_) => {
            let kind = value.get_type().name()?;
            Err(PyTypeError::new_err(format!(
                "a {kind} is no duration; {EXPECTED}"
            )))
        }
    }
}

/// The time so long after the scenario's origin.
///
/// # Errors
/// As [`duration`].
pub(crate) fn time(value: &Bound<'_, PyAny>) -> PyResult<SimTime> {
    Ok(SimTime::ZERO.saturating_add(duration(value)?))
}

/// A `timedelta` to the microsecond; `None` when it does not fit.
fn timedelta(value: &Bound<'_, PyAny>) -> PyResult<Option<SimDuration>> {
    let part = |name: &str| value.getattr(name)?.extract::<i128>();
    let micros = (part("days")? * 86_400 + part("seconds")?) * 1_000_000 + part("microseconds")?;
    let nanos = i64::try_from(micros * 1_000).ok();
    Ok(nanos.map(SimDuration::from_nanos))
}

/// A duration in nanoseconds.
#[pyfunction]
pub(crate) fn nanos(duration: &Bound<'_, PyAny>) -> PyResult<i64> {
    Ok(self::duration(duration)?.nanos())
}
