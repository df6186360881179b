//! One typed world: a model, its context, and the loop that moves them.
//!
//! The loop is compiled for the model, so nothing is dispatched or boxed per event. Every way to move a world
//! (`step`, `run_until`, `run`, `seek`) goes through the same few lines; that is why they agree to the bit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    context::Context,
    executor::Executor,
    ledger::{Cursor, KindSet, Ledger, LedgerPosition, NO_CAUSE, SinkError},
    model::Model,
    pending::{PendingEvents, SavedEvents},
    random::Stream,
    scenario::RunKey,
    snapshot::{SnapshotError, SnapshotReader, SnapshotWriter},
    time::{SimDuration, SimTime},
    view::{Measures, Outline, State},
    world::{Input, InputError, Phase, Progress, RunError, World},
};

mod checkpoints;

use checkpoints::Checkpoints;

/// Inputs that may wait to be handled.
pub const INPUT_LIMIT: usize = 1 << 20;
/// Events at one instant after which time is taken to stand still.
pub const INSTANT_LIMIT: u64 = 10_000_000;
/// The kind of rows that tell the length (value) and xxh3 (subject: low half, object: high half) of a payload.
pub const PAYLOAD_KIND: u16 = u16::MAX;

/// A running world of one model.
pub struct Simulation<M: Model> {
    model: M,
    cx: Context<M::Event>,
    phase: Phase,
    inputs: BTreeMap<(SimTime, u64), Input>,
    next_input: u64,
    events_at_now: u64,
    checkpoints: Option<Checkpoints>,
}

impl<M: Model + Clone> Simulation<M> {
    /// A new world, before its start, that records into `ledger`.
    pub fn new(model: M, key: RunKey, mut ledger: Ledger) -> Self {
        ledger.begin(model.dictionary());
        Self {
            model,
            cx: Context::new(key, ledger),
            phase: Phase::New,
            inputs: BTreeMap::new(),
            next_input: 0,
            events_at_now: 0,
            checkpoints: None,
        }
    }

    /// The model's state.
    #[must_use]
    pub fn model(&self) -> &M {
        &self.model
    }

    fn ensure_started(&mut self, call: &'static str) -> Result<(), RunError> {
        match self.phase {
            Phase::New => self.start(),
            Phase::Failed => Err(RunError::WrongPhase {
                call,
                phase: self.phase,
            }),
            Phase::Ready | Phase::Paused | Phase::Finished => Ok(()),
        }
    }

    /// Handles what is due up to `until`, at most `max_events`, and keeps checkpoints on the way.
    fn advance(&mut self, until: SimTime, max_events: u64) -> Result<Progress, RunError> {
        let first = self.cx.events;
        loop {
            let leg = self
                .checkpoints
                .as_ref()
                .map_or(until, |checkpoints| until.min(checkpoints.due()));
            let left = max_events - (self.cx.events - first);
            let progress = self.advance_leg(leg, left)?;
            let is_due = self
                .checkpoints
                .as_ref()
                .is_some_and(|checkpoints| self.cx.now >= checkpoints.due());
            if is_due && progress == Progress::More && self.cx.events - first < max_events {
                let snapshot = World::snapshot(self);
                if let Some(checkpoints) = &mut self.checkpoints {
                    checkpoints.keep(self.cx.now, snapshot);
                }
                if leg < until {
                    continue;
                }
            }
            return Ok(progress);
        }
    }

    fn advance_leg(&mut self, until: SimTime, max_events: u64) -> Result<Progress, RunError> {
        let until = until.min(self.cx.horizon);
        let last = self.cx.events.saturating_add(max_events);
        while self.cx.events < last {
            // Inputs go before the events of their instant.
            let input_at = self.inputs.first_key_value().map(|((at, _), _)| *at);
            let event_limit = match input_at {
                Some(at) if at <= until => SimTime::from_nanos(at.nanos().saturating_sub(1)),
                _ => until,
            };
            self.handle_events(event_limit, last);
            self.end_on_fault()?;
            if self.cx.events == last {
                break;
            }
            if input_at.is_none_or(|at| at > until) {
                return Ok(self.arrive(until));
            }
            self.handle_next_input();
            self.end_on_fault()?;
        }
        Ok(if self.is_idle(until) {
            self.arrive(until)
        } else {
            Progress::More
        })
    }

    /// The hot loop.
    fn handle_events(&mut self, limit: SimTime, last: u64) {
        let cx = &mut self.cx;
        while cx.events < last {
            let Some(entry) = cx.pending.pop_until(limit) else {
                return;
            };
            if entry.time == cx.now {
                self.events_at_now += 1;
                if self.events_at_now > INSTANT_LIMIT {
                    let last = format!("{:?}", entry.event);
                    cx.fault = Some(RunError::TimeStands {
                        at: cx.now,
                        events: self.events_at_now,
                        last,
                    });
                    return;
                }
            } else {
                self.events_at_now = 1;
            }
            cx.now = entry.time;
            cx.cause = entry.cause;
            cx.events += 1;
            self.model.handle(entry.time, entry.event, cx);
            if cx.fault.is_some() || cx.ledger.sink_error().is_some() {
                return;
            }
        }
    }

    fn handle_next_input(&mut self) {
        let Some(((at, _), input)) = self.inputs.pop_first() else {
            return;
        };
        let cx = &mut self.cx;
        cx.now = at;
        cx.cause = NO_CAUSE;
        cx.events += 1;
        cx.record(input.kind, input.subject, input.object, input.value);
        if !input.payload.is_empty() {
            let hash = xxhash_rust::xxh3::xxh3_64(&input.payload);
            let [a, b, c, d, e, f, g, h] = hash.to_le_bytes();
            let (low, high) = (
                u32::from_le_bytes([a, b, c, d]),
                u32::from_le_bytes([e, f, g, h]),
            );
            cx.record(PAYLOAD_KIND, low, high, input.payload.len() as f64);
        }
        self.model.handle_input(at, &input, cx);
    }

    fn end_on_fault(&mut self) -> Result<(), RunError> {
        let fault = self.cx.fault.take();
        let fault = fault.or_else(|| self.cx.ledger.sink_error().cloned().map(RunError::Ledger));
        match fault {
            None => Ok(()),
            Some(fault) => {
                self.phase = Phase::Failed;
                Err(fault)
            }
        }
    }

    fn is_idle(&mut self, until: SimTime) -> bool {
        World::next_time(self).is_none_or(|next| next > until)
    }

    /// Nothing more is due by `until`: the world has come there.
    fn arrive(&mut self, until: SimTime) -> Progress {
        if until < SimTime::MAX {
            self.cx.now = self.cx.now.max(until);
        }
        let is_over = self.cx.now >= self.cx.horizon || World::next_time(self).is_none();
        if is_over {
            self.phase = Phase::Finished;
            return Progress::Finished;
        }
        Progress::More
    }
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
    is_started: bool,
    next_input: u64,
    inputs: Vec<SavedInput>,
    streams: Vec<Stream>,
}

#[derive(Serialize, Deserialize)]
struct SavedInput {
    at: SimTime,
    number: u64,
    kind: u16,
    subject: u32,
    object: u32,
    value: f64,
    payload: Vec<u8>,
}

impl<M: Model + Clone> Simulation<M> {
    fn saved(&self) -> SavedWorld {
        let inputs = self.inputs.iter().map(|((at, number), input)| SavedInput {
            at: *at,
            number: *number,
            kind: input.kind,
            subject: input.subject,
            object: input.object,
            value: input.value,
            payload: input.payload.clone(),
        });
        SavedWorld {
            seed: self.cx.key.seed,
            replication: self.cx.key.replication,
            now: self.cx.now,
            events: self.cx.events,
            events_at_now: self.events_at_now,
            horizon: self.cx.horizon,
            is_started: self.phase != Phase::New,
            next_input: self.next_input,
            inputs: inputs.collect(),
            streams: self.cx.streams.clone(),
        }
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
        self.cx.pending = pending;
        self.cx.fault = None;
        self.events_at_now = saved.events_at_now;
        self.next_input = saved.next_input;
        self.inputs = saved
            .inputs
            .into_iter()
            .map(
                |SavedInput {
                     at,
                     number,
                     kind,
                     subject,
                     object,
                     value,
                     payload,
                 }| {
                    (
                        (at, number),
                        Input {
                            kind,
                            subject,
                            object,
                            value,
                            payload,
                        },
                    )
                },
            )
            .collect();
        self.phase = match (saved.is_started, self.phase) {
            (false, _) => Phase::New,
            (true, Phase::Paused) => Phase::Paused,
            (true, _) => Phase::Ready,
        };
    }
}

impl<M: Model + Clone> World for Simulation<M> {
    fn kind(&self) -> &'static str {
        M::KIND
    }

    fn key(&self) -> RunKey {
        self.cx.key
    }

    fn now(&self) -> SimTime {
        self.cx.now
    }

    fn events(&self) -> u64 {
        self.cx.events
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn next_time(&mut self) -> Option<SimTime> {
        let input = self.inputs.first_key_value().map(|((at, _), _)| *at);
        let event = self.cx.pending.next_time();
        let next = input.into_iter().chain(event).min()?;
        (next <= self.cx.horizon).then_some(next)
    }

    fn start(&mut self) -> Result<(), RunError> {
        if self.phase != Phase::New {
            return Err(RunError::WrongPhase {
                call: "start",
                phase: self.phase,
            });
        }
        self.phase = Phase::Ready;
        self.model.start(&mut self.cx);
        self.end_on_fault()?;
        if self.checkpoints.is_some() {
            let snapshot = World::snapshot(self);
            if let Some(checkpoints) = &mut self.checkpoints {
                checkpoints.keep(self.cx.now, snapshot);
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Result<Progress, RunError> {
        self.ensure_started("step")?;
        self.advance(SimTime::MAX, 1)
    }

    fn run_until(&mut self, until: SimTime, max_events: u64) -> Result<Progress, RunError> {
        self.ensure_started("run_until")?;
        match self.phase {
            Phase::Paused => Ok(Progress::Paused),
            _ => self.advance(until, max_events),
        }
    }

    fn run(&mut self, max_events: u64) -> Result<Progress, RunError> {
        self.run_until(SimTime::MAX, max_events)
    }

    fn pause(&mut self) {
        if matches!(self.phase, Phase::Ready) {
            self.phase = Phase::Paused;
        }
    }

    fn resume(&mut self) {
        if self.phase == Phase::Paused {
            self.phase = Phase::Ready;
        }
    }

    fn input(&mut self, at: SimTime, input: Input) -> Result<(), InputError> {
        if matches!(self.phase, Phase::New | Phase::Failed) || at > self.cx.horizon {
            return Err(InputError::NotRunning);
        }
        if at < self.cx.now {
            return Err(InputError::Past {
                at,
                now: self.cx.now,
            });
        }
        if self.inputs.len() >= INPUT_LIMIT {
            return Err(InputError::Full { limit: INPUT_LIMIT });
        }
        self.model.check_input(&input)?;
        self.inputs.insert((at, self.next_input), input);
        self.next_input += 1;
        if self.phase == Phase::Finished {
            self.phase = Phase::Ready;
        }
        Ok(())
    }

    fn set_executor(&mut self, executor: Box<dyn Executor>) {
        self.cx.set_executor(executor);
    }

    fn state(&self) -> State {
        State {
            now: self.cx.now,
            events: self.cx.events,
            tables: self.model.state(self.cx.now),
        }
    }

    fn outline(&self) -> Outline {
        self.model.outline()
    }

    fn measures(&self) -> Measures {
        self.model.measures(self.cx.now)
    }

    fn snapshot(&self) -> Vec<u8> {
        let mut snapshot = SnapshotWriter::new(M::KIND);
        snapshot.record("kernel.world", &self.saved());
        snapshot.record("kernel.pending", &self.cx.pending.save());
        snapshot.record("kernel.ledger", &self.cx.ledger.position());
        self.model.save(&mut snapshot);
        snapshot.finish()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), RunError> {
        let reader = SnapshotReader::new(snapshot, M::KIND)?;
        let saved: SavedWorld = reader.record("kernel.world")?;
        let pending: SavedEvents<M::Event> = reader.record("kernel.pending")?;
        let position: LedgerPosition = reader.record("kernel.ledger")?;
        let pending = PendingEvents::restore(pending).ok_or_else(|| SnapshotError::Invalid {
            section: "kernel.pending".to_owned(),
            reason: "the events contradict their timers".to_owned(),
        })?;
        let mut model = self.model.clone();
        // A world of the same description opens the same number of streams.
        let mut probe = Context::new(self.cx.key, Ledger::off());
        model.start(&mut probe);
        if saved.is_started && probe.streams.len() != saved.streams.len() {
            let reason = format!(
                "it has {} streams, here are {}",
                saved.streams.len(),
                probe.streams.len()
            );
            return Err(SnapshotError::OtherWorld { reason }.into());
        }
        model.load(&reader)?;
        if !pending.events().all(|event| model.accepts(event)) {
            let reason = "an event names what does not exist".to_owned();
            return Err(SnapshotError::Invalid {
                section: "kernel.pending".to_owned(),
                reason,
            }
            .into());
        }
        self.cx.ledger.rewind(&position)?;
        self.apply(model, saved, pending);
        Ok(())
    }

    fn keep_checkpoints(&mut self, interval: Option<SimDuration>) {
        self.checkpoints = Some(Checkpoints::every(interval));
        if self.phase != Phase::New {
            let snapshot = World::snapshot(self);
            if let Some(checkpoints) = &mut self.checkpoints {
                checkpoints.keep(self.cx.now, snapshot);
            }
        }
    }

    fn seek(&mut self, at: SimTime) -> Result<Progress, RunError> {
        self.ensure_started("seek")?;
        if at < self.cx.now {
            let checkpoint = self
                .checkpoints
                .as_ref()
                .and_then(|checkpoints| checkpoints.at_or_before(at));
            let no_checkpoint = RunError::WrongPhase {
                call: "seek (no checkpoint kept)",
                phase: self.phase,
            };
            let snapshot = checkpoint.ok_or(no_checkpoint)?.to_vec();
            self.restore(&snapshot)?;
        }
        self.advance(at, u64::MAX)
    }

    fn branch(&self, ledger: Ledger) -> Result<Box<dyn World>, RunError> {
        if self.phase == Phase::New {
            return Err(RunError::WrongPhase {
                call: "branch",
                phase: self.phase,
            });
        }
        let mut branch = Self::new(self.model.clone(), self.cx.key, ledger);
        branch.restore(&World::snapshot(self))?;
        Ok(Box::new(branch))
    }

    fn ledger(&self) -> &Ledger {
        &self.cx.ledger
    }

    fn subscribe(&mut self, kinds: KindSet, window_rows: usize) -> Cursor {
        self.cx.ledger.subscribe(kinds, window_rows)
    }

    fn finish_ledger(&mut self) -> Result<(), SinkError> {
        self.cx.ledger.finish()
    }

    fn into_ledger(self: Box<Self>) -> Ledger {
        self.cx.ledger
    }
}
