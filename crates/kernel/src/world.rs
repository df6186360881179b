//! The world that hosts hold: any kind, one lifecycle.
//!
//! `new, start, step, run, run_until, pause, resume, state, snapshot, restore, seek, branch, ledger` mean the same
//! in Rust, Python, JavaScript and HTTP. A host never matches on the kind. Inner loops are inside the calls, so
//! nothing is dispatched per event.

use std::{any::Any, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    executor::Executor,
    ledger::{Batch, Cursor, KindSet, Ledger, RewindError, SinkError},
    scenario::RunKey,
    snapshot::SnapshotError,
    time::{SimDuration, SimTime},
    view::{Measures, Outline, State},
};

/// Where a world is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Made, not started.
    New,
    /// Started; events are to come, or inputs may be.
    Ready,
    /// Stopped by [`World::pause`]: `step` still works, `run` does nothing until `resume`.
    Paused,
    /// Nothing is left to happen before the horizon.
    Finished,
    /// An error ended it; state and ledger can still be read.
    Failed,
}

impl Phase {
    /// What it is called outside: `new`, `ready`, `paused`, `finished` or `failed`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Ready => "ready",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Failed => "failed",
        }
    }
}

/// What a call that moves a world ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The limit of the call was reached; more is to come.
    More,
    /// The world is paused.
    Paused,
    /// Nothing is left to happen.
    Finished,
}

/// Something from outside: recorded data, an order, an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// A kind of the world's dictionary.
    pub kind: u16,
    /// To whom, [`NONE`](crate::ledger::NONE) where nobody.
    pub subject: u32,
    /// With what.
    pub object: u32,
    /// How much.
    pub value: f64,
    /// Anything larger; the ledger records its length and hash.
    pub payload: Vec<u8>,
}

/// Something from outside that a world has handled, and when: with it a second world of the same run can be given
/// the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastInput {
    /// The instant that it was for.
    pub at: SimTime,
    /// Events and inputs that the world had handled before it.
    pub after_events: u64,
    /// What it was.
    pub input: Input,
}

/// Why a world takes no notice of an input; it is as before.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum InputError {
    /// This world knows no input of this kind.
    Unknown {
        /// The kind.
        kind: u16,
    },
    /// The input is for a time that has passed.
    Past {
        /// The time asked for.
        at: SimTime,
        /// The world's time.
        now: SimTime,
    },
    /// A field is out of range.
    OutOfRange {
        /// The field.
        field: &'static str,
        /// Its value.
        got: f64,
        /// What is allowed.
        expected: String,
    },
    /// Too many inputs wait to be handled.
    Full {
        /// The limit.
        limit: usize,
    },
    /// The world has not started, or has ended.
    NotRunning,
}

impl fmt::Display for InputError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { kind } => write!(out, "this world takes no input of kind {kind}"),
            Self::Past { at, now } => {
                write!(out, "the input is for {at}, the world is at {now} already")
            }
            Self::OutOfRange {
                field,
                got,
                expected,
            } => {
                write!(out, "the input's `{field}` is {got}, expected {expected}")
            }
            Self::Full { limit } => write!(out, "{limit} inputs are waiting already"),
            Self::NotRunning => write!(out, "the world is not running"),
        }
    }
}

impl std::error::Error for InputError {}

/// Why a run ended early. State and ledger up to the event can still be read; the world does not go on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RunError {
    /// Time would pass the year 2262 of its count.
    TimeOverflow {
        /// The world's time.
        now: SimTime,
        /// The delay that does not fit.
        delay: SimDuration,
        /// Number of the event that asked for it.
        event: u64,
    },
    /// An event was asked for in the past, or after a delay that is no number.
    InThePast {
        /// The world's time.
        now: SimTime,
        /// The time asked for.
        at: SimTime,
        /// Number of the event that asked for it.
        event: u64,
    },
    /// Events follow each other without any time passing.
    TimeStands {
        /// The instant.
        at: SimTime,
        /// How many events happened there.
        events: u64,
        /// The last of them.
        last: String,
    },
    /// The model gave up.
    Model {
        /// The world's time.
        now: SimTime,
        /// Why.
        message: String,
    },
    /// The ledger could not be written.
    Ledger(SinkError),
    /// An invariant of the model broke: a defect of this program.
    Panicked {
        /// Which run.
        key: RunKey,
        /// What broke.
        message: String,
    },
    /// The call does not fit the world's phase.
    WrongPhase {
        /// The call.
        call: &'static str,
        /// The phase.
        phase: Phase,
    },
    /// The world cannot go back that far; it is where it was.
    NoCheckpoint {
        /// The time asked for.
        at: SimTime,
        /// The earliest that can be gone back to, if any.
        earliest: Option<SimTime>,
    },
    /// A snapshot could not be used.
    Snapshot(SnapshotError),
    /// The ledger cannot go back to that point.
    Rewind(RewindError),
}

impl fmt::Display for RunError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimeOverflow { now, delay, event } => {
                write!(
                    out,
                    "time overflows: event {event} at {now} asked for a delay of {delay}"
                )
            }
            Self::InThePast { now, at, event } => {
                write!(
                    out,
                    "event {event} at {now} asked for an event in the past, at {at}"
                )
            }
            Self::TimeStands { at, events, last } => {
                write!(
                    out,
                    "time stands still: {events} events at {at}, the last one {last}"
                )
            }
            Self::Model { now, message } => write!(out, "the run ended at {now}: {message}"),
            Self::Ledger(error) => error.fmt(out),
            Self::Panicked { key, message } => write!(
                out,
                "a defect in the program ended the run (seed {}, replication {}): {message}",
                key.seed, key.replication
            ),
            Self::WrongPhase { call, phase } => {
                let phase = phase.name();
                write!(out, "`{call}` cannot be called on a world that is {phase}")
            }
            Self::NoCheckpoint {
                at,
                earliest: Some(earliest),
            } => write!(
                out,
                "the world cannot go back to {at}: checkpoints begin at {earliest}"
            ),
            Self::NoCheckpoint { at, .. } => write!(
                out,
                "the world cannot go back to {at}: it keeps no checkpoints"
            ),
            Self::Snapshot(error) => error.fmt(out),
            Self::Rewind(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for RunError {}

impl RunError {
    /// The error of a run that ended in this panic.
    #[must_use]
    pub fn panicked(key: RunKey, panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let message = text.unwrap_or("a panic without a message").to_owned();
        Self::Panicked { key, message }
    }
}

impl From<SnapshotError> for RunError {
    fn from(error: SnapshotError) -> Self {
        Self::Snapshot(error)
    }
}

impl From<RewindError> for RunError {
    fn from(error: RewindError) -> Self {
        Self::Rewind(error)
    }
}

/// A running instance of a scenario, of any kind.
pub trait World: Send {
    /// The kind's name.
    fn kind(&self) -> &'static str;
    /// Which run it is.
    fn key(&self) -> RunKey;
    /// Simulated time.
    fn now(&self) -> SimTime;
    /// Events handled so far.
    fn events(&self) -> u64;
    /// Where it is in its life.
    fn phase(&self) -> Phase;
    /// When the next event or input is due; `None` when nothing is.
    fn next_time(&mut self) -> Option<SimTime>;

    /// Begins: from here on there are events. Moving a new world starts it too.
    ///
    /// # Errors
    /// When it had started before, or an invariant of the model fails.
    fn start(&mut self) -> Result<(), RunError>;
    /// Handles one event or input.
    ///
    /// # Errors
    /// Whatever ends the run.
    fn step(&mut self) -> Result<Progress, RunError>;
    /// Handles everything that is due up to and including `until`, but at most `max_events`.
    ///
    /// Once nothing more is due by then, simulated time is `until`.
    ///
    /// # Errors
    /// Whatever ends the run.
    fn run_until(&mut self, until: SimTime, max_events: u64) -> Result<Progress, RunError>;
    /// Handles everything to the end, but at most `max_events`.
    ///
    /// # Errors
    /// Whatever ends the run.
    fn run(&mut self, max_events: u64) -> Result<Progress, RunError>;
    /// Holds the world: `run` and `run_until` do nothing until [`resume`](Self::resume).
    fn pause(&mut self);
    /// Lets a paused world go on.
    fn resume(&mut self);

    /// Hands in something from outside, to be handled at `at`, before the events of that instant that have not
    /// happened yet. A host that hands in what has come for an instant before it runs up to that instant can replay
    /// the inputs from the ledger alone: each finds its place again.
    ///
    /// # Errors
    /// When the world takes no notice of it.
    fn input(&mut self, at: SimTime, input: Input) -> Result<(), InputError>;
    /// Hands in what another world of this run has had from outside, to be handled where that one handled it. When
    /// all of it is handed in before the first event, both have the same rows.
    ///
    /// # Errors
    /// When the world takes no notice of it.
    fn repeat(&mut self, past: PastInput) -> Result<(), InputError>;
    /// All inputs that this world has handled, in order, also those before it was restored or branched; `None` when
    /// they are not known any more: there were more than
    /// [`PAST_INPUT_LIMIT`](crate::simulation::PAST_INPUT_LIMIT), or one had a payload.
    fn past_inputs(&self) -> Option<&[PastInput]>;
    /// Has work done by `executor` from here on, instead of in the drawn time. No snapshot holds it, and a world
    /// that seeks back goes no further than this: work that was done otherwise would not be done again so.
    fn set_executor(&mut self, executor: Box<dyn Executor>);

    /// The state in tables.
    fn state(&self) -> State;
    /// What is measured, in order.
    fn outline(&self) -> Outline;
    /// What has been measured so far.
    fn measures(&self) -> Measures;

    /// The complete state, for going on elsewhere or later.
    fn snapshot(&self) -> Vec<u8>;
    /// Becomes what the snapshot was. Checkpoints begin anew there.
    ///
    /// # Errors
    /// When the bytes are no snapshot of such a world; this one is then as before.
    fn restore(&mut self, snapshot: &[u8]) -> Result<(), RunError>;
    /// Keeps a checkpoint for every `interval` in which something happens, for seeking; `None` keeps only the
    /// first. They begin where the world is; should they become many, every second one is let go.
    fn keep_checkpoints(&mut self, interval: Option<SimDuration>);
    /// Goes to `at`, forwards or back: back to the nearest checkpoint and forwards from there. Inputs that came on
    /// the way come again. An executor is handed the work of that way again.
    ///
    /// # Errors
    /// As [`run_until`](Self::run_until); and when no checkpoint is as early, or rows after that point have left
    /// for a file. The world is then where it was.
    fn seek(&mut self, at: SimTime) -> Result<Progress, RunError>;
    /// Goes back to the nearest checkpoint that is not after `at`, and no way forwards: a host that goes it by
    /// [`run_until`](Self::run_until) has sought, and may stop in between. A world that is not past `at` stays.
    ///
    /// # Errors
    /// As [`seek`](Self::seek); the world is then where it was.
    fn rewind(&mut self, at: SimTime) -> Result<(), RunError>;
    /// A second world that goes on from here by itself, writing to `ledger`. It has the waiting inputs but not the
    /// executor, and keeps no checkpoints: work that is not handed out again is done in the drawn time.
    ///
    /// # Errors
    /// When this world has not started.
    fn branch(&self, ledger: Ledger) -> Result<Box<dyn World>, RunError>;

    /// The record of all events.
    fn ledger(&self) -> &Ledger;
    /// Opens a live feed of `kinds`; at least the last `window_rows` rows stay readable for it.
    fn subscribe(&mut self, kinds: KindSet, window_rows: usize) -> Cursor;
    /// Reads a live feed.
    fn read(&self, cursor: &mut Cursor, limit: usize) -> Batch {
        self.ledger().read(cursor, limit)
    }
    /// Closes the ledger, whose sink is complete after this.
    ///
    /// # Errors
    /// When the sink refuses.
    fn finish_ledger(&mut self) -> Result<(), SinkError>;
    /// Ends the world and gives its ledger back.
    fn into_ledger(self: Box<Self>) -> Ledger;
}
