//! Arguments that a call may leave out. `None` is not left out: as with SimPy, it is for the comparison or the sum that
//! comes to it to refuse it.

use std::convert::Infallible;

use pyo3::{Borrowed, prelude::*};

/// An argument, where there is one.
pub(super) struct Given<'a, 'py>(Option<Borrowed<'a, 'py, PyAny>>);

impl<'py> Given<'_, 'py> {
    /// What a call gives that leaves it out.
    pub(super) const NOTHING: Self = Self(None);

    /// The argument, or its default.
    #[inline]
    pub(super) fn or<T>(self, default: impl FnOnce() -> Bound<'py, T>) -> Bound<'py, PyAny> {
        match self.0 {
            Some(given) => given.to_owned(),
            None => default().into_any(),
        }
    }

    /// The argument.
    #[inline]
    pub(super) fn get(self) -> Option<Bound<'py, PyAny>> {
        self.0.map(|given| given.to_owned())
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Given<'a, 'py> {
    type Error = Infallible;

    #[inline]
    fn extract(object: Borrowed<'a, 'py, PyAny>) -> Result<Self, Infallible> {
        Ok(Self(Some(object)))
    }
}
