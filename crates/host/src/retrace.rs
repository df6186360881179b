//! A world's rows once more: a second world of the same run goes exactly as far, into a ledger of its own.
//!
//! So nobody has to keep rows for whoever may want them later, and a world that was branched or restored has all of
//! its rows, too. That they are the same is not believed but checked, by their hash.

use std::fmt;

use pluriverse_kernel::{
    ledger::{Ledger, LedgerHash, LedgerSink, SinkError},
    replicate::SLICE_EVENTS,
    scenario::{RunKey, Scenario},
    world::{Phase, Progress, RunError},
};

use crate::session::Session;

/// How far a world has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Which run it is.
    pub key: RunKey,
    /// Where it is in its life.
    pub phase: Phase,
    /// Events that it has handled.
    pub events: u64,
    /// The hash of its rows; `None` when it records nothing.
    pub hash: Option<LedgerHash>,
}

impl Reach {
    /// How far the world of `session` has come.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        let world = session.world();
        Self {
            key: world.key(),
            phase: world.phase(),
            events: world.events(),
            hash: world.ledger().hash(),
        }
    }
}

/// Why there are no rows.
#[derive(Debug)]
pub enum RetraceError {
    /// The caller wanted no more of it.
    Stopped,
    /// The second world's rows are others: something came from outside, or the scenario is another.
    Differs {
        /// What ended the second world, if an error did.
        ended: Option<RunError>,
    },
    /// The rows could not be written.
    Sink(SinkError),
}

impl fmt::Display for RetraceError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => out.write_str("the rows were not made again to the end"),
            Self::Differs { ended: None } => {
                out.write_str("rows that were let go cannot be made again")
            }
            Self::Differs { ended: Some(error) } => {
                write!(out, "rows that were let go cannot be made again: {error}")
            }
            Self::Sink(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for RetraceError {}

/// Writes to `sink` the rows of a world of `scenario` that has come as far as `reach`; asks now and then whether to
/// go on.
///
/// # Errors
/// See [`RetraceError`]; the sink is finished only when the rows are the same.
pub fn retrace(
    scenario: &dyn Scenario,
    reach: Reach,
    sink: Box<dyn LedgerSink>,
    mut goes_on: impl FnMut() -> bool,
) -> Result<(), RetraceError> {
    let mut again = scenario.world(reach.key, Ledger::to_sink(sink));
    let mut ended = None;
    let mut is_there = reach.phase == Phase::New;
    while !is_there {
        if !goes_on() {
            return Err(RetraceError::Stopped);
        }
        let left = reach.events - again.events();
        match again.run(left.min(SLICE_EVENTS)) {
            Ok(progress) => {
                is_there = progress != Progress::More || again.events() == reach.events;
            }
            Err(RunError::Ledger(error)) => return Err(RetraceError::Sink(error)),
            Err(error) => {
                ended = Some(error);
                is_there = true;
            }
        }
    }
    if again.ledger().hash() != reach.hash {
        return Err(RetraceError::Differs { ended });
    }
    again.finish_ledger().map_err(RetraceError::Sink)
}
