//! Ctrl-C: the first asks the run to stop where it is, the second ends the program.

use std::{
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{
    failure::{Failure, finding},
    output,
};

/// Exit code of a program that Ctrl-C killed, as shells count it.
const KILLED: i32 = 130;

static INTERRUPT: Interrupt = Interrupt {
    is_requested: AtomicBool::new(false),
    lock: Mutex::new(()),
    requested: Condvar::new(),
};

/// Whether the user has asked the run to stop.
pub(crate) struct Interrupt {
    is_requested: AtomicBool,
    lock: Mutex<()>,
    requested: Condvar,
}

/// Listens to Ctrl-C (and to the signal that asks a program to end) from here on.
pub(crate) fn listen() -> Result<&'static Interrupt, Failure> {
    ctrlc::set_handler(|| INTERRUPT.request()).map_err(|error| {
        Failure::run(finding(format!(
            "this program cannot listen to Ctrl-C: {error}"
        )))
    })?;
    Ok(&INTERRUPT)
}

impl Interrupt {
    fn request(&self) {
        // Ordering: the flag publishes no data.
        if self.is_requested.swap(true, Ordering::Relaxed) {
            // Whatever is going on: the user asked twice.
            std::process::exit(KILLED);
        }
        output::tell("\nstopping (Ctrl-C again to end at once)\n");
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
        self.requested.notify_all();
    }

    /// Whether it was asked for.
    pub(crate) fn is_requested(&self) -> bool {
        // Ordering: the flag publishes no data.
        self.is_requested.load(Ordering::Relaxed)
    }

    /// Sleeps for `duration`, or until it is asked for.
    pub(crate) fn sleep(&self, duration: Duration) {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let is_awaited = |(): &mut ()| !self.is_requested();
        let woken = self
            .requested
            .wait_timeout_while(guard, duration, is_awaited);
        drop(woken.unwrap_or_else(PoisonError::into_inner));
    }
}
