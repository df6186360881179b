//! One typed world: a model, its context, and the loop that moves them.
//!
//! The loop is compiled for the model, so nothing is dispatched or boxed per event. Every way to move a world
//! (`step`, `run_until`, `run`, `seek`) goes through the same few lines; that is why they agree to the bit.

use std::collections::BTreeMap;

use crate::{
    context::Context,
    executor::Executor,
    ledger::{Cursor, KindSet, Ledger, NO_CAUSE, SinkError},
    model::Model,
    scenario::RunKey,
    time::{SimDuration, SimTime},
    view::{Measures, Outline, State},
    world::{Input, InputError, PastInput, Phase, Progress, RunError, World},
    xxh3,
};

mod checkpoints;
mod past;
mod saved;

use checkpoints::Checkpoints;
pub use past::PAST_INPUT_LIMIT;
use past::PastInputs;
use saved::WaitingInput;

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
    /// By instant, then in the order in which they were handed in.
    inputs: BTreeMap<(SimTime, u64), WaitingInput>,
    next_input: u64,
    past_inputs: PastInputs,
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
            past_inputs: PastInputs::default(),
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
        let last = self.cx.events.saturating_add(max_events);
        loop {
            let checkpoints = self.checkpoints.as_ref();
            let checkpoint = checkpoints.map_or(SimTime::MAX, Checkpoints::due);
            self.handle_until(until.min(checkpoint), last)?;
            match World::next_time(self) {
                Some(next) if next <= until && next <= checkpoint => return Ok(Progress::More),
                Some(next) if next <= until => self.keep_checkpoint(next),
                _ => return Ok(self.arrive(until)),
            }
        }
    }

    /// Handles everything that is due by `limit`, up to event number `last`.
    fn handle_until(&mut self, limit: SimTime, last: u64) -> Result<(), RunError> {
        while self.cx.events < last {
            let limit = limit.min(self.cx.horizon);
            let input = self.inputs.first_key_value();
            let input = input.filter(|((at, _), _)| *at <= limit);
            let (limit, stop) = match input {
                None => (limit, last),
                // When it was handed in, some events of its instant had happened: they come first again.
                Some(((at, _), input)) if input.after_events > self.cx.events => {
                    (*at, last.min(input.after_events))
                }
                Some(((at, _), _)) => (SimTime::from_nanos(at.nanos().saturating_sub(1)), last),
            };
            let is_input_next = input.is_some();
            let ending = self.handle_events(limit, stop);
            self.end_on_fault()?;
            match ending {
                Ending::Limit if is_input_next => {
                    self.handle_next_input();
                    self.end_on_fault()?;
                }
                Ending::Limit => return Ok(()),
                Ending::LastEvent | Ending::Interrupt => {}
            }
        }
        Ok(())
    }

    /// The hot loop.
    fn handle_events(&mut self, limit: SimTime, last: u64) -> Ending {
        let cx = &mut self.cx;
        while cx.events < last {
            let Some(entry) = cx.pending.pop_until(limit) else {
                return Ending::Limit;
            };
            if entry.time == cx.now {
                self.events_at_now += 1;
                if self.events_at_now > INSTANT_LIMIT {
                    cx.note(RunError::TimeStands {
                        at: cx.now,
                        events: self.events_at_now,
                        last: format!("{:?}", entry.event),
                    });
                    return Ending::Interrupt;
                }
            } else {
                self.events_at_now = 1;
            }
            cx.now = entry.time;
            cx.cause = entry.cause;
            cx.events += 1;
            self.model.handle(entry.time, entry.event, cx);
            if cx.is_interrupted || cx.ledger.sink_error().is_some() {
                return Ending::Interrupt;
            }
        }
        Ending::LastEvent
    }

    fn handle_next_input(&mut self) {
        let Some(((at, _), WaitingInput { input, .. })) = self.inputs.pop_first() else {
            return;
        };
        self.come_to(at);
        let cx = &mut self.cx;
        cx.cause = NO_CAUSE;
        cx.events += 1;
        cx.record(input.kind, input.subject, input.object, input.value);
        if !input.payload.is_empty() {
            let hash = xxh3::oneshot(&input.payload);
            let [a, b, c, d, e, f, g, h] = hash.to_le_bytes();
            let (low, high) = (
                u32::from_le_bytes([a, b, c, d]),
                u32::from_le_bytes([e, f, g, h]),
            );
            cx.record(PAYLOAD_KIND, low, high, input.payload.len() as f64);
        }
        self.model.handle_input(at, &input, cx);
        self.past_inputs.note(PastInput {
            at,
            after_events: cx.events - 1,
            input,
        });
    }

    fn hand_in(&mut self, next: PastInput) -> Result<(), InputError> {
        let PastInput {
            at,
            after_events,
            input,
        } = next;
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
        let input = WaitingInput {
            at,
            number: self.next_input,
            after_events,
            input,
        };
        self.next_input += 1;
        self.inputs.insert((at, input.number), input.clone());
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.forget_after(self.cx.now);
            if !checkpoints.note(input) {
                self.restart_checkpoints();
            }
        }
        if self.phase == Phase::Finished {
            self.phase = Phase::Ready;
        }
        Ok(())
    }

    fn end_on_fault(&mut self) -> Result<(), RunError> {
        self.cx.is_interrupted = false;
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

    /// Lets time pass without an event.
    fn come_to(&mut self, time: SimTime) {
        if time > self.cx.now {
            self.cx.now = time;
            self.events_at_now = 0;
        }
    }

    /// Nothing more is due by `until`: the world has come there.
    fn arrive(&mut self, until: SimTime) -> Progress {
        let until = until.min(self.cx.horizon);
        if until < SimTime::MAX {
            self.come_to(until);
        }
        let is_over = self.cx.now >= self.cx.horizon || World::next_time(self).is_none();
        if is_over {
            self.phase = Phase::Finished;
            return Progress::Finished;
        }
        Progress::More
    }

    /// Keeps a checkpoint, if any are kept; the next event is not before `next`.
    fn keep_checkpoint(&mut self, next: SimTime) {
        if self.checkpoints.is_none() {
            return;
        }
        let snapshot = World::snapshot(self);
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.keep(self.cx.now, next, snapshot);
        }
    }

    /// Lets checkpoints begin here, because what was before will not happen again as it did.
    fn restart_checkpoints(&mut self) {
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.clear();
            if self.phase != Phase::New {
                self.keep_checkpoint(self.cx.now);
            }
        }
    }
}

/// What the hot loop ended at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// Nothing more is due by the limit.
    Limit,
    /// As many events have been handled as were wanted.
    LastEvent,
    /// A handler has failed or moved the horizon.
    Interrupt,
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
        self.restart_checkpoints();
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
        self.hand_in(PastInput {
            at,
            after_events: self.cx.events,
            input,
        })
    }

    fn repeat(&mut self, past: PastInput) -> Result<(), InputError> {
        self.hand_in(past)
    }

    fn past_inputs(&self) -> Option<&[PastInput]> {
        self.past_inputs.known()
    }

    fn set_executor(&mut self, executor: Box<dyn Executor>) {
        self.cx.set_executor(executor);
        self.restart_checkpoints();
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
        self.store()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), RunError> {
        self.load(snapshot, self.stream_count())?;
        self.restart_checkpoints();
        Ok(())
    }

    fn keep_checkpoints(&mut self, interval: Option<SimDuration>) {
        self.checkpoints = Some(Checkpoints::every(interval));
        self.restart_checkpoints();
    }

    fn seek(&mut self, at: SimTime) -> Result<Progress, RunError> {
        self.rewind(at)?;
        self.advance(at, u64::MAX)
    }

    fn rewind(&mut self, at: SimTime) -> Result<(), RunError> {
        self.ensure_started("seek")?;
        if at < self.cx.now {
            self.go_back(at)?;
        }
        Ok(())
    }

    fn branch(&self, ledger: Ledger) -> Result<Box<dyn World>, RunError> {
        if self.phase == Phase::New {
            return Err(RunError::WrongPhase {
                call: "branch",
                phase: self.phase,
            });
        }
        let mut branch = Self::new(self.model.clone(), self.cx.key, ledger);
        branch.load(&self.store(), self.stream_count())?;
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
