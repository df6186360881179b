//! Those who are called back with what happens, in batches.
//!
//! A callback is called between two slices, in the thread that moves the world. What it raises ends the call that
//! moved the world and nothing else: its batch counts as delivered, later ones come with the next call.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, Weak,
    atomic::{AtomicBool, Ordering},
};

use pluriverse_kernel::{
    ledger::{Batch, Cursor, Ledger},
    replicate::SLICE_EVENTS,
};
use pyo3::{PyTraverseError, PyVisit, prelude::*};

use super::journey::DELIVERY_EVENTS;
use crate::{event::EventBatch, gate::call_back, names::Names};

/// What is delivered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Full batches; what is left waits for more.
    FullBatches,
    /// All that has happened: nothing more is to come for now.
    Everything,
}

/// Everybody who listens to one world.
#[derive(Default)]
pub(super) struct Listeners(Mutex<Vec<Arc<Listener>>>);

/// One who listens.
struct Listener {
    callback: Py<PyAny>,
    batch: usize,
    is_closed: AtomicBool,
    waiting: Mutex<Waiting>,
}

/// What a listener has not been told yet.
struct Waiting {
    cursor: Cursor,
    batch: Batch,
}

/// A callback's place among those who listen; closing it ends the calls.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct Subscription(Weak<Listener>);

#[pymethods]
impl Subscription {
    /// Ends the calls.
    fn close(&self) {
        if let Some(listener) = self.0.upgrade() {
            // Ordering: the flag publishes no data.
            listener.is_closed.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the calls have ended.
    #[getter]
    fn closed(&self) -> bool {
        self.0.upgrade().is_none_or(|listener| listener.is_closed())
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __exit__(
        &self,
        _kind: &Bound<'_, PyAny>,
        _value: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) {
        self.close();
    }
}

impl Listener {
    fn is_closed(&self) -> bool {
        // Ordering: the flag publishes no data.
        self.is_closed.load(Ordering::Relaxed)
    }

    /// Reads what has happened.
    fn gather(&self, ledger: &Ledger) {
        let Waiting { cursor, batch } = &mut *self.lock();
        let read = ledger.read(cursor, usize::MAX);
        batch.rows.extend(read.rows);
        batch.dropped_count += read.dropped_count;
    }

    /// The next batch, when it is full or everything is wanted.
    fn next_batch(&self, extent: Extent) -> Option<Batch> {
        let waiting = &mut *self.lock();
        let batch = &mut waiting.batch;
        let is_due = batch.rows.len() >= self.batch || extent == Extent::Everything;
        if !is_due || (batch.rows.is_empty() && batch.dropped_count == 0) {
            return None;
        }
        let rest = batch.rows.split_off(self.batch.min(batch.rows.len()));
        let rows = std::mem::replace(&mut batch.rows, rest);
        let dropped_count = std::mem::take(&mut batch.dropped_count);
        Some(Batch {
            rows,
            dropped_count,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listeners {
    pub(super) fn add(&self, callback: Py<PyAny>, cursor: Cursor, batch: usize) -> Subscription {
        let listener = Arc::new(Listener {
            callback,
            batch,
            is_closed: AtomicBool::new(false),
            waiting: Mutex::new(Waiting {
                cursor,
                batch: Batch::default(),
            }),
        });
        let subscription = Subscription(Arc::downgrade(&listener));
        self.lock().push(listener);
        subscription
    }

    /// Events that the world may handle before it delivers again.
    pub(super) fn slice_events(&self) -> u64 {
        let batches = self
            .lock()
            .iter()
            .map(|listener| listener.batch as u64)
            .min();
        batches.map_or(SLICE_EVENTS, |batch| batch.clamp(1, DELIVERY_EVENTS))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Reads what has happened, for everybody.
    pub(super) fn gather(&self, ledger: &Ledger) {
        for listener in &*self.lock() {
            listener.gather(ledger);
        }
    }

    /// Calls back with every batch that is full, or with everything.
    ///
    /// # Errors
    /// What a callback raises.
    pub(super) fn deliver(&self, py: Python<'_>, names: &Names, extent: Extent) -> PyResult<()> {
        // Nothing is held while Python runs: it may close a subscription.
        let everybody: Vec<_> = self.lock().iter().map(Arc::clone).collect();
        for listener in everybody {
            while !listener.is_closed() {
                let Some(batch) = listener.next_batch(extent) else {
                    break;
                };
                let events = EventBatch::of(py, &batch, names)?;
                call_back(|| listener.callback.call1(py, (events,)))?;
            }
        }
        let gone: Vec<_> = self
            .lock()
            .extract_if(.., |listener| listener.is_closed())
            .collect();
        // What they hold may run code of Python when it goes.
        drop(gone);
        Ok(())
    }

    /// Shows the callbacks to the garbage collector, which comes again when they are being looked at.
    pub(super) fn visit(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Ok(listeners) = self.0.try_lock() {
            for listener in &*listeners {
                visit.call(&listener.callback)?;
            }
        }
        Ok(())
    }

    pub(super) fn clear(&self) {
        let gone = std::mem::take(&mut *self.lock());
        drop(gone);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Listener>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
