//! Whose turn it is to use a world: one thread's at a time, and never a thread's that the world itself has called.
//!
//! Waiting lets go of the interpreter and hears Ctrl-C. A callback that asks its own world, or waits for another one
//! that is moving, is refused instead of waiting for ever. After a fork the child may use every world but those that
//! another thread was moving at that moment, whose state is then half changed. One word holds all of it, so that a
//! fork finds no lock taken that nobody is left to release.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use pyo3::prelude::*;

use crate::fault::Fault;

/// How long a waiting thread sleeps before it looks again.
const LOOK_AGAIN: Duration = Duration::from_micros(200);
/// How often a waiting thread listens to signals.
const LISTEN: Duration = Duration::from_millis(50);
/// Whose turn it is when it is nobody's.
const FREE: u64 = 0;

static THREADS: AtomicU32 = AtomicU32::new(1);

thread_local! {
    // Ordering: a counter of names publishes nothing.
    static THREAD: u32 = THREADS.fetch_add(1, Ordering::Relaxed);
    /// How many worlds are calling back on this thread at the moment.
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

/// The way to a world.
#[derive(Debug, Default)]
pub(crate) struct Gate(AtomicU64);

/// The right to use a world, until it is dropped.
pub(crate) struct Turn<'a>(&'a Gate);

impl Gate {
    /// Waits for this thread's turn.
    ///
    /// # Errors
    /// When it can never come, or Ctrl-C comes first.
    pub(crate) fn enter(&self, py: Python<'_>) -> Result<Turn<'_>, Fault> {
        let mut listened = Instant::now();
        loop {
            let holder = match self.try_enter() {
                Ok(turn) => return Ok(turn),
                Err(holder) => holder,
            };
            let (process, thread) = (holder >> 32, holder & u64::from(u32::MAX));
            if process != u64::from(std::process::id()) {
                return Err(Fault::Busy(
                    "this world was moving in another thread when the process was forked: \
                     make another one in the child"
                        .to_owned(),
                ));
            }
            if thread == u64::from(THREAD.with(|thread| *thread)) {
                return Err(Fault::Busy(
                    "this world is calling back: what is called by a world cannot use it, \
                     but for `now`, `events_handled`, `rows`, `phase` and `pause()`"
                        .to_owned(),
                ));
            }
            if CALLS.get() > 0 {
                return Err(Fault::Busy(
                    "that world is moving in another thread, and a callback does not wait for it"
                        .to_owned(),
                ));
            }
            py.detach(|| std::thread::sleep(LOOK_AGAIN));
            if listened.elapsed() >= LISTEN {
                py.check_signals()?;
                listened = Instant::now();
            }
        }
    }

    /// A turn, when nobody has one; else who has it.
    pub(crate) fn try_enter(&self) -> Result<Turn<'_>, u64> {
        let me = u64::from(std::process::id()) << 32 | u64::from(THREAD.with(|thread| *thread));
        // Ordering: what the last turn did is seen by this one.
        let entered = self
            .0
            .compare_exchange(FREE, me, Ordering::Acquire, Ordering::Relaxed);
        entered.map(|_| Turn(self))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // Ordering: what was done in this turn is seen by the next.
        self.0.0.store(FREE, Ordering::Release);
    }
}

/// Calls back into Python: worlds know of it.
pub(crate) fn call_back<T>(call: impl FnOnce() -> T) -> T {
    struct Depth;
    impl Drop for Depth {
        fn drop(&mut self) {
            CALLS.set(CALLS.get() - 1);
        }
    }
    CALLS.set(CALLS.get() + 1);
    let depth = Depth;
    let answer = call();
    drop(depth);
    answer
}
