//! What Python objects hold, reached only by a thread that is attached to the interpreter.
//!
//! The classes of this module are frozen to PyO3, which then asks for no borrow flags of its own; what changes in
//! them lies in these cells. A cell is opened for as long as no Python code can run, or its content is taken out.
//! Chains of objects that own each other are let go in steps ([`let_go`]), so that no length of chain can exhaust
//! the stack.

#![allow(
    unsafe_code,
    reason = "cells shared under the interpreter's lock, and one slot that PyO3 does not wrap"
)]

use std::cell::{Cell, RefCell};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit, ffi};

/// A value that is reached only with proof of being attached to the interpreter.
pub(super) struct Attached<T>(T);

// SAFETY: every access needs a token of being attached, or happens while the collector visits, which holds the
// interpreter too. The stable ABI that this crate is built for exists only for interpreters with a global lock, so
// at most one thread is attached, and handing the lock over orders its accesses after those of the thread before.
// References to the value cannot be kept across letting go of the lock: `Python::detach` takes closures that are
// `Ungil`, which a reference to a cell is not.
unsafe impl<T: Send> Sync for Attached<T> {}

impl<T> Attached<T> {
    pub(super) const fn new(value: T) -> Self {
        Self(value)
    }

    #[inline(always)]
    pub(super) fn get<'a>(&'a self, _py: Python<'a>) -> &'a T {
        &self.0
    }

    /// For the collector's visit, which the interpreter makes while it is attached.
    pub(super) fn visited<'a>(&'a self, _visit: &PyVisit<'a>) -> &'a T {
        &self.0
    }

    /// Of an object that is being deallocated, which nobody else sees.
    pub(super) fn owned(&mut self) -> &mut T {
        &mut self.0
    }
}

/// A plain value that may change.
pub(super) type Mark<T> = Attached<Cell<T>>;

pub(super) const fn mark<T>(value: T) -> Mark<T> {
    Attached::new(Cell::new(value))
}

/// A value that is opened for a moment, in which no Python code runs.
pub(super) type Opened<T> = Attached<RefCell<T>>;

/// A reference to a Python object, or none.
pub(super) struct Held<T>(Attached<Cell<Option<Py<T>>>>);

impl<T> Held<T> {
    pub(super) const fn none() -> Self {
        Self(Attached::new(Cell::new(None)))
    }

    pub(super) const fn of(object: Py<T>) -> Self {
        Self(Attached::new(Cell::new(Some(object))))
    }

    /// A reference of one's own.
    #[inline(always)]
    pub(super) fn get<'py>(&self, py: Python<'py>) -> Option<Bound<'py, T>> {
        let cell = self.0.get(py);
        let object = cell.take();
        let copy = object.as_ref().map(|object| object.clone_ref(py));
        // Nothing has been put in since, so nothing is dropped.
        cell.set(object);
        copy.map(|copy| copy.into_bound(py))
    }

    #[inline(always)]
    pub(super) fn is_some(&self, py: Python<'_>) -> bool {
        let cell = self.0.get(py);
        let object = cell.take();
        let is_some = object.is_some();
        cell.set(object);
        is_some
    }

    /// Whether it is this very object.
    #[inline(always)]
    pub(super) fn is(&self, other: &Bound<'_, T>) -> bool {
        let cell = self.0.get(other.py());
        let object = cell.take();
        let is_same = object
            .as_ref()
            .is_some_and(|object| object.as_ptr() == other.as_ptr());
        cell.set(object);
        is_same
    }

    /// Replaces the object; the old one is let go after the new one is in its place.
    #[inline(always)]
    pub(super) fn put(&self, py: Python<'_>, object: Option<Py<T>>) {
        drop(self.0.get(py).replace(object));
    }

    #[inline(always)]
    pub(super) fn take(&self, py: Python<'_>) -> Option<Py<T>> {
        self.0.get(py).take()
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        let cell = self.0.visited(visit);
        let object = cell.take();
        let result = visit.call(&object);
        cell.set(object);
        result
    }

    /// What it holds, at the end of the object that holds it.
    pub(super) fn last(&mut self) -> Option<Py<T>> {
        self.0.owned().take()
    }
}

/// Objects that own objects that own objects are let go to this depth at once.
const MAX_DEPTH: u32 = 40;
static DEPTH: AtomicU32 = AtomicU32::new(0);
static POSTPONED: Mutex<Vec<Py<PyAny>>> = Mutex::new(Vec::new());

/// Lets go of what a dying object owned, at once or, deep inside a chain, when the chain's first is done.
pub(super) fn let_go<const N: usize>(objects: [Option<Py<PyAny>>; N]) {
    if objects.iter().all(Option::is_none) {
        return;
    }
    let_go_of_some(objects.into_iter().flatten());
}

fn let_go_of_some(objects: impl Iterator<Item = Py<PyAny>>) {
    // Ordering: changed by attached threads only, which the interpreter's lock orders.
    let depth = DEPTH.load(Ordering::Relaxed);
    if depth >= MAX_DEPTH {
        let mut postponed = POSTPONED.lock().unwrap_or_else(|error| error.into_inner());
        postponed.extend(objects);
        return;
    }
    DEPTH.store(depth + 1, Ordering::Relaxed);
    objects.for_each(drop);
    if depth == 0 {
        loop {
            let mut postponed = POSTPONED.lock().unwrap_or_else(|error| error.into_inner());
            let batch = std::mem::take(&mut *postponed);
            drop(postponed);
            if batch.is_empty() {
                break;
            }
            drop(batch);
        }
    }
    let depth = DEPTH.load(Ordering::Relaxed);
    DEPTH.store(depth.saturating_sub(1), Ordering::Relaxed);
}

/// Looks an attribute up in the ordinary way, from within a class that has more of them.
#[inline]
pub(super) fn get_attribute<'py>(
    object: &Bound<'py, PyAny>,
    name: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the object and the name are valid for the call, whose result is a new reference or an error.
    unsafe {
        let found = ffi::PyObject_GenericGetAttr(object.as_ptr(), name.as_ptr());
        Bound::from_owned_ptr_or_err(object.py(), found)
    }
}

/// Sets or deletes an attribute in the ordinary way, from within a class that looks at it first.
pub(super) fn set_attribute(
    object: &Bound<'_, PyAny>,
    name: &Bound<'_, PyAny>,
    value: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let value = value.map_or(std::ptr::null_mut(), |value| value.as_ptr());
    // SAFETY: the object and the name are valid for the call; a missing value means deletion.
    let result = unsafe { ffi::PyObject_GenericSetAttr(object.as_ptr(), name.as_ptr(), value) };
    if result == 0 {
        Ok(())
    } else {
        Err(PyErr::fetch(object.py()))
    }
}
