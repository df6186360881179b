//! What the kernel itself writes into a snapshot, and how a world becomes what it reads from one.
//!
//! Everything is read and checked before anything changes, so a snapshot that is refused leaves the world as it was.

use serde::{Deserialize, Serialize};

use super::{INPUT_LIMIT, INSTANT_LIMIT, PastInputs, Simulation};
use crate::{
    context::Context,
    ledger::{Dictionary, Ledger, LedgerPosition, NO_CAUSE},
    model::Model,
    pending::{PendingEvents, SavedEvents},
    random::Stream,
    scenario::RunKey,
    snapshot::{SnapshotError, SnapshotReader, SnapshotWriter},
    time::SimTime,
    world::{Input, Phase, RunError},
};

/// An input that has been handed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WaitingInput {
    pub(super) at: SimTime,
    /// Which one it is of all of this world.
    pub(super) number: u64,
    /// How many events had happened when it was handed in: those that share its instant come before it.
    pub(super) after_events: u64,
    pub(super) input: Input,
}

/// The kernel's own part of a snapshot.
#[derive(Serialize, Deserialize)]
struct SavedWorld {
    seed: u64,
    replication: u64,
    now: SimTime,
    events: u64,
    events_at_now: u64,
    horizon: SimTime,
    phase: SavedPhase,
    next_input: u64,
    inputs: Vec<WaitingInput>,
    streams: Vec<Stream>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum SavedPhase {
    New,
    Started,
    Failed,
}

impl<M: Model + Clone> Simulation<M> {
    pub(super) fn store(&self) -> Vec<u8> {
        let mut snapshot = SnapshotWriter::new(M::KIND);
        snapshot.record("kernel.world", &self.saved());
        snapshot.record("kernel.pending", &self.cx.pending.save());
        snapshot.record("kernel.ledger", &self.cx.ledger.position());
        self.past_inputs.save(&mut snapshot);
        self.model.save(&mut snapshot);
        snapshot.finish()
    }

    fn saved(&self) -> SavedWorld {
        SavedWorld {
            seed: self.cx.key.seed,
            replication: self.cx.key.replication,
            now: self.cx.now,
            events: self.cx.events,
            events_at_now: self.events_at_now,
            horizon: self.cx.horizon,
            phase: match self.phase {
                Phase::New => SavedPhase::New,
                Phase::Ready | Phase::Paused | Phase::Finished => SavedPhase::Started,
                Phase::Failed => SavedPhase::Failed,
            },
            next_input: self.next_input,
            inputs: self.inputs.values().cloned().collect(),
            streams: self.cx.streams.clone(),
        }
    }

    /// How many streams a started world of this description has.
    pub(super) fn stream_count(&self) -> usize {
        if self.phase != Phase::New {
            return self.cx.streams.len();
        }
        let mut probe = Context::new(self.cx.key, Ledger::off());
        self.model.clone().start(&mut probe);
        probe.streams.len()
    }

    /// Becomes what `snapshot` was, when it is of a world with as many streams.
    pub(super) fn load(&mut self, snapshot: &[u8], stream_count: usize) -> Result<(), RunError> {
        let reader = SnapshotReader::new(snapshot, M::KIND)?;
        let saved: SavedWorld = reader.record("kernel.world")?;
        let pending: SavedEvents<M::Event> = reader.record("kernel.pending")?;
        let position: LedgerPosition = reader.record("kernel.ledger")?;
        let past_inputs = PastInputs::load(&reader)?;
        let mut model = self.model.clone();
        let dictionary = model.dictionary();
        check_world(&saved, stream_count, &dictionary)?;
        past_inputs.check(&dictionary, saved.events, saved.now)?;
        position
            .check(&dictionary, saved.now)
            .map_err(|reason| invalid("kernel.ledger", reason))?;
        let pending = PendingEvents::restore(pending, saved.now, position.rows())
            .map_err(|reason| invalid("kernel.pending", reason))?;
        if saved.phase == SavedPhase::New && !pending.is_empty() {
            return Err(invalid("kernel.pending", "there are events before the start").into());
        }
        model.load(&reader)?;
        model.check_restored(saved.now, &pending.upcoming())?;
        self.cx.ledger.rewind(&position)?;
        self.apply(model, saved, pending);
        self.past_inputs = past_inputs;
        Ok(())
    }

    fn apply(&mut self, model: M, saved: SavedWorld, pending: PendingEvents<M::Event>) {
        self.model = model;
        self.cx.key = RunKey {
            seed: saved.seed,
            replication: saved.replication,
        };
        self.cx.now = saved.now;
        self.cx.events = saved.events;
        self.cx.cause = NO_CAUSE;
        self.cx.horizon = saved.horizon;
        self.cx.streams = saved.streams;
        if self.cx.key.is_mirrored() {
            let streams = self.cx.streams.drain(..).map(Stream::mirrored).collect();
            self.cx.streams = streams;
        }
        self.cx.pending = pending;
        self.cx.fault = None;
        self.cx.is_interrupted = false;
        self.events_at_now = saved.events_at_now;
        self.next_input = saved.next_input;
        let inputs = saved.inputs.into_iter();
        self.inputs = inputs
            .map(|input| ((input.at, input.number), input))
            .collect();
        self.phase = match (saved.phase, self.phase) {
            (SavedPhase::New, _) => Phase::New,
            (SavedPhase::Failed, _) => Phase::Failed,
            (SavedPhase::Started, Phase::Paused) => Phase::Paused,
            (SavedPhase::Started, _) => Phase::Ready,
        };
    }

    /// Goes back to the last checkpoint at or before `at`; inputs that have come since will come again.
    pub(super) fn go_back(&mut self, at: SimTime) -> Result<(), RunError> {
        let checkpoints = self.checkpoints.as_ref();
        let snapshot = checkpoints.and_then(|checkpoints| checkpoints.at_or_before(at));
        let Some(snapshot) = snapshot.map(<[u8]>::to_vec) else {
            let earliest = checkpoints.and_then(|checkpoints| checkpoints.earliest());
            return Err(RunError::NoCheckpoint { at, earliest });
        };
        let next_input = self.next_input;
        self.load(&snapshot, self.stream_count())?;
        if let Some(checkpoints) = &self.checkpoints {
            let again = checkpoints.inputs_from(self.next_input).iter().cloned();
            self.inputs
                .extend(again.map(|input| ((input.at, input.number), input)));
        }
        self.next_input = next_input;
        Ok(())
    }
}

/// No run has as many events or inputs, and counting on from here overflows nothing.
const COUNT_LIMIT: u64 = 1 << 60;

fn check_world(
    saved: &SavedWorld,
    stream_count: usize,
    dictionary: &Dictionary,
) -> Result<(), SnapshotError> {
    let expected = match saved.phase {
        SavedPhase::New => 0,
        SavedPhase::Started => stream_count,
        // It may have failed before it had opened them all.
        SavedPhase::Failed => stream_count.min(saved.streams.len()),
    };
    if saved.streams.len() != expected {
        let reason = format!(
            "it has {} streams, here are {expected}",
            saved.streams.len()
        );
        return Err(SnapshotError::OtherWorld { reason });
    }
    let refuse = |reason| Err(invalid("kernel.world", reason));
    if saved.now < SimTime::ZERO {
        return refuse("its time lies before all time");
    }
    // One more than the limit is what a world has failed by.
    let is_counted = saved.events.max(saved.next_input) < COUNT_LIMIT
        && saved.events_at_now <= saved.events.min(INSTANT_LIMIT) + 1;
    if !is_counted {
        return refuse("it has more events than can have happened");
    }
    if saved.inputs.len() > INPUT_LIMIT {
        return refuse("too many inputs wait");
    }
    for input in &saved.inputs {
        if input.at < saved.now || input.number >= saved.next_input {
            return refuse("an input lies in the past");
        }
        if usize::from(input.input.kind) >= dictionary.kinds.len() {
            return refuse("an input is of a kind that there is not");
        }
    }
    Ok(())
}

fn invalid(section: &str, reason: &str) -> SnapshotError {
    SnapshotError::Invalid {
        section: section.to_owned(),
        reason: reason.to_owned(),
    }
}
