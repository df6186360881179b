//! A feed that whoever wants events reads when it wants them.

use std::sync::{Mutex, PoisonError};

use pluriverse_kernel::ledger::{Batch, Cursor, Ledger};
use pyo3::prelude::*;

/// A reader's place in a world's ledger.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct Feed(Mutex<Cursor>);

impl Feed {
    pub(super) fn new(cursor: Cursor) -> Self {
        Self(Mutex::new(cursor))
    }

    /// What has happened since it was read last, at most `limit` events.
    pub(super) fn read(&self, ledger: &Ledger, limit: usize) -> Batch {
        let mut cursor = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.read(&mut cursor, limit)
    }
}
