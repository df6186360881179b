//! Instants as SimPy's programs write them: whole or floating-point numbers, whose type is part of the answer.
//!
//! A [`Moment`] is a number that orders exactly as a double does: any float but NaN, and whole numbers up to 2⁵³
//! either way. Everything else (fractions, decimals, larger numbers) is left to the interpreter's own arithmetic.

use pluriverse_kernel::time::SimTime;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt};

/// Whole numbers up to here are doubles, too.
const MAX_EXACT: i64 = 1 << 53;

/// An instant or a delay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Moment {
    /// A whole number up to 2⁵³ either way.
    Whole(i64),
    /// Any floating-point number but NaN.
    Real(f64),
}

impl Moment {
    /// No time.
    pub(super) const ZERO: Self = Self::Whole(0);

    /// The number in `object`, when it is exactly a Python float or int and fits.
    #[inline]
    pub(super) fn of(object: &Bound<'_, PyAny>) -> Option<Self> {
        if let Ok(float) = object.cast_exact::<PyFloat>() {
            let value = float.value();
            return (!value.is_nan()).then_some(Self::Real(value));
        }
        let whole = object.cast_exact::<PyInt>().ok()?.extract::<i64>().ok()?;
        Self::whole(whole)
    }

    fn whole(value: i64) -> Option<Self> {
        (-MAX_EXACT..=MAX_EXACT)
            .contains(&value)
            .then_some(Self::Whole(value))
    }

    /// The number as Python's own.
    #[inline]
    pub(super) fn to_object<'py>(self, py: Python<'py>) -> Bound<'py, PyAny> {
        match self {
            Self::Whole(value) => PyInt::new(py, value).into_any(),
            Self::Real(value) => PyFloat::new(py, value).into_any(),
        }
    }

    #[inline]
    fn as_f64(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Real(value) => value,
        }
    }

    #[inline]
    pub(super) fn is_negative(self) -> bool {
        self.as_f64() < 0.0
    }

    /// The sum with Python's types: whole only where both are. `None` when it is no moment.
    #[inline]
    pub(super) fn plus(self, delay: Self) -> Option<Self> {
        if let (Self::Whole(a), Self::Whole(b)) = (self, delay) {
            return Self::whole(a + b);
        }
        let sum = self.as_f64() + delay.as_f64();
        (!sum.is_nan()).then_some(Self::Real(sum))
    }

    /// Its place in the order of the kernel's queue: the order of numbers, with equal ones at one place.
    #[inline]
    pub(super) fn place(self) -> SimTime {
        // Adding zero leaves no negative zero.
        let bits = (self.as_f64() + 0.0).to_bits().cast_signed();
        // The bits of a double without its sign grow with it; those of negative ones have to fall.
        SimTime::from_nanos(if bits < 0 { bits ^ i64::MAX } else { bits })
    }
}
