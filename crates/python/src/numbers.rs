//! Whole numbers that Python hands in: counts, seeds, numbers of rows.
//!
//! What does not fit is refused with the argument's name, its value and what was expected. What the number is for says
//! whoever asks.

use std::ops::RangeInclusive;

use pyo3::prelude::*;

use crate::fault::Fault;

/// Any count but none at all.
pub(crate) const SOME: RangeInclusive<u64> = 1..=u64::MAX;
/// Any count, seed or number of something.
pub(crate) const ANY: RangeInclusive<u64> = 0..=u64::MAX;

/// An argument that should be a whole number.
pub(crate) enum Whole {
    /// It is one that fits.
    Number(u64),
    /// It is one below 0, in its own words.
    Negative(String),
    /// It is one that is too great, in its own words.
    Huge(String),
    /// It is something else, of this type.
    Other(String),
}

impl FromPyObject<'_, '_> for Whole {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(number) = given.extract() {
            return Ok(Self::Number(number));
        }
        let Ok(number) = given.call_method0("__index__") else {
            return Ok(Self::Other(given.get_type().name()?.to_string()));
        };
        // Python itself writes no number of more than some thousand digits.
        let text = number
            .str()
            .map_or_else(|_| "a very long number".to_owned(), |text| text.to_string());
        Ok(if number.lt(0)? {
            Self::Negative(text)
        } else {
            Self::Huge(text)
        })
    }
}

impl Whole {
    /// The number, which is the argument `name` and has to be one of `allowed`.
    ///
    /// # Errors
    /// When it is none of them.
    pub(crate) fn within(self, name: &str, allowed: RangeInclusive<u64>) -> Result<u64, Fault> {
        let (least, most) = allowed.into_inner();
        match self {
            Self::Number(number) if number < least => Err(too_small(name, &number, least)),
            Self::Number(number) if number > most => Err(too_great(name, &number, most)),
            Self::Number(number) => Ok(number),
            Self::Negative(text) => Err(too_small(name, &text, least)),
            Self::Huge(text) => Err(too_great(name, &text, most)),
            Self::Other(kind) => Err(Fault::Type(format!(
                "`{name}` is a {kind}, expected a whole number"
            ))),
        }
    }
}

/// As [`Whole::within`], where the argument may be left out.
///
/// # Errors
/// As [`Whole::within`].
pub(crate) fn within(
    given: Option<Whole>,
    name: &str,
    allowed: RangeInclusive<u64>,
) -> Result<Option<u64>, Fault> {
    given.map(|given| given.within(name, allowed)).transpose()
}

fn too_small(name: &str, got: &impl std::fmt::Display, least: u64) -> Fault {
    Fault::Value(format!("`{name}` is {got}, expected {least} or more"))
}

fn too_great(name: &str, got: &impl std::fmt::Display, most: u64) -> Fault {
    Fault::Value(format!("`{name}` is {got}, expected {most} or less"))
}

/// A count of things in memory, of which there are never more than fit.
pub(crate) fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
