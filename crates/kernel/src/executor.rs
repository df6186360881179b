//! The executor seam: who does the work, and so when it is done.
//!
//! A model hands out a [`Work`] with the duration that it drew for it. [`SimulatedExecutor`] takes the drawn
//! duration at its word. An executor that asks real agents answers [`Completion::External`] and the model waits for
//! an [`Input`](crate::world::Input). The duration is drawn either way, so simulated parts of a mixed world see the
//! same random numbers.

use crate::time::{SimDuration, SimTime};

/// A piece of work that starts now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// For whom or what: the model's number, as in the ledger's subjects.
    pub subject: u32,
    /// By whom: the model's number, as in the ledger's objects.
    pub agent: u32,
    /// How long it takes in the model.
    pub drawn: SimDuration,
}

/// When a piece of work will be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// After this long.
    After(SimDuration),
    /// When somebody outside says so.
    External,
}

/// Decides when work is done.
pub trait Executor: Send {
    /// Takes on `work` at `now`.
    fn begin(&mut self, now: SimTime, work: Work) -> Completion;
}

/// Does everything in the drawn time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SimulatedExecutor;

impl Executor for SimulatedExecutor {
    #[inline]
    fn begin(&mut self, _now: SimTime, work: Work) -> Completion {
        Completion::After(work.drawn)
    }
}
