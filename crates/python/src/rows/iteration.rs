//! Going through rows, one event at a time, from either end.

use std::{
    ops::Range,
    sync::{Mutex, PoisonError},
};

use pyo3::prelude::*;

use super::Rows;
use crate::event::Event;

/// Which end an iteration begins at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// The first row.
    Forwards,
    /// The last row.
    Backwards,
}

/// The events of rows, one by one.
#[pyclass(frozen, module = "pluriverse._native")]
pub(super) struct EventIterator {
    rows: Py<Rows>,
    direction: Direction,
    left: Mutex<Range<usize>>,
}

impl EventIterator {
    pub(super) fn over(rows: Py<Rows>, direction: Direction) -> Self {
        let left = Mutex::new(0..rows.get().len());
        Self {
            rows,
            direction,
            left,
        }
    }
}

#[pymethods]
impl EventIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self) -> Option<Event> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let place = match self.direction {
            Direction::Forwards => left.next(),
            Direction::Backwards => left.next_back(),
        }?;
        self.rows.get().event(place)
    }

    fn __length_hint__(&self) -> usize {
        self.left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}
