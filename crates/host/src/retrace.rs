//! A world's rows once more: a second world of the same run goes exactly as far, into a ledger of its own.
//!
//! So nobody has to keep rows for whoever may want them later, and a world that was branched or restored has all of
//! its rows, too. What came from outside is handed in again. That the rows are the same is not believed but checked,
//! by their hash.

use std::fmt;

use pluriverse_kernel::{
    ledger::{Ledger, LedgerHash, LedgerSink, SinkError},
    replicate::SLICE_EVENTS,
    scenario::{RunKey, Scenario},
    world::{InputError, PastInput, Phase, Progress, RunError, World},
};

use crate::session::Session;

/// How far a world has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    /// Which run it is.
    pub key: RunKey,
    /// Where it is in its life.
    pub phase: Phase,
    /// Events that it has handled.
    pub events: u64,
    /// The hash of its rows; `None` when it records nothing.
    pub hash: Option<LedgerHash>,
    /// What came from outside; `None` when that is not known any more.
    pub inputs: Option<Vec<PastInput>>,
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
            inputs: world.past_inputs().map(<[_]>::to_vec),
        }
    }
}

/// Why there are no rows.
#[derive(Debug)]
pub enum RetraceError {
    /// The caller wanted no more of it.
    Stopped,
    /// Something came from outside that cannot be handed in again.
    Outside {
        /// Why the second world takes no notice of it; `None` when it is not known any more.
        refused: Option<InputError>,
    },
    /// The second world's rows are others: work was done outside, or the scenario is another.
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
            Self::Outside { refused } => out.write_str(&cannot_repeat(refused.as_ref())),
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

/// Gives a new world all that another world of its run has had from outside, and begins it then.
///
/// # Errors
/// When it takes no notice of something, as of work that an executor has not handed out.
pub fn repeat(world: &mut dyn World, inputs: &[PastInput]) -> Result<(), InputError> {
    if inputs.is_empty() {
        return Ok(());
    }
    world.start().map_err(|_| InputError::NotRunning)?;
    inputs
        .iter()
        .try_for_each(|past| world.repeat(past.clone()))
}

/// Why a run cannot be made again, for people.
#[must_use]
pub fn cannot_repeat(refused: Option<&InputError>) -> String {
    let run = "the run had inputs from outside, and a second one cannot be given them";
    match refused {
        Some(error) => format!("{run}: {error}"),
        None => format!("{run}: they are not known any more"),
    }
}

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
    let inputs = reach
        .inputs
        .ok_or(RetraceError::Outside { refused: None })?;
    repeat(&mut *again, &inputs).map_err(|refused| RetraceError::Outside {
        refused: Some(refused),
    })?;
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
