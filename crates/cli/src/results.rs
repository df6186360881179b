//! What a run came to, for whatever form it is told in.

use std::time::Duration;

use pluriverse_kernel::{
    clock::Punctuality,
    replicate::{Outcome, RunPlan},
    scenario::Scenario,
    time::SimTime,
};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nothing was left to happen.
    Finished,
    /// At the time that the user had named.
    PausedAt(SimTime),
    /// The user stopped it.
    Interrupted,
}

/// What had happened in a run before it went on here.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Past {
    pub(crate) events: u64,
    pub(crate) sim_seconds: f64,
}

/// A run and what it came to.
pub(crate) struct Results<'a> {
    pub(crate) scenario: &'a dyn Scenario,
    pub(crate) plan: RunPlan,
    pub(crate) outcome: &'a Outcome,
    pub(crate) ending: Ending,
    /// What no time was spent on here.
    pub(crate) past: Past,
    pub(crate) wall: Duration,
    /// How well the wall clock was followed, where it was.
    pub(crate) punctuality: Option<Punctuality>,
    /// What to know before trusting the figures, one line each.
    pub(crate) warnings: Vec<String>,
}

impl Results<'_> {
    /// Why the figures come without a confidence interval, where they do.
    pub(crate) fn no_interval(&self) -> Option<&'static str> {
        (self.outcome.replications == 1)
            .then_some("none: it takes two replications or more to see how far they differ")
    }

    /// Wall time in seconds.
    pub(crate) fn wall_seconds(&self) -> f64 {
        self.wall.as_secs_f64()
    }

    /// Simulated seconds in one of the wall clock's.
    pub(crate) fn speedup(&self) -> f64 {
        (self.outcome.sim_seconds - self.past.sim_seconds) / self.wall_seconds().max(1e-9)
    }

    /// Events handled in a second of the wall clock.
    pub(crate) fn events_per_second(&self) -> f64 {
        (self.outcome.events - self.past.events) as f64 / self.wall_seconds().max(1e-9)
    }
}
