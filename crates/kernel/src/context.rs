//! What a model can do while it handles an event: schedule, cancel, draw, record, hand out work.
//!
//! Mistakes of a model (an event in the past, time past its end) do not unwind through its code: they are noted and
//! end the run when the handler returns. Each row that a handler records is caused by the row before it in the same
//! handler, the first by the row that led to the event; an event is caused by the last row before it was scheduled.

use crate::{
    executor::{Completion, Executor, SimulatedExecutor, Work},
    ledger::{Ledger, NO_CAUSE, Row},
    pending::{PendingEvents, Priority, TimerId},
    random::{Purpose, Stream},
    scenario::RunKey,
    time::{SimDuration, SimTime},
    world::RunError,
};

/// A stream that a model has opened; by default the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StreamId(usize);

impl StreamId {
    /// The stream that is opened as number `index`, from 0, for models that know their streams beforehand.
    #[must_use]
    pub const fn nth(index: usize) -> Self {
        Self(index)
    }
}

/// Who does the work; the simulated executor is told apart so that its answer costs no call.
enum Hands {
    Simulated(SimulatedExecutor),
    Other(Box<dyn Executor>),
}

/// The kernel as a model sees it.
pub struct Context<E> {
    pub(crate) key: RunKey,
    pub(crate) now: SimTime,
    pub(crate) events: u64,
    pub(crate) cause: u64,
    pub(crate) horizon: SimTime,
    pub(crate) pending: PendingEvents<E>,
    pub(crate) ledger: Ledger,
    pub(crate) streams: Vec<Stream>,
    pub(crate) fault: Option<RunError>,
    /// Whether the loop should look up: there is a fault, or the horizon has moved.
    pub(crate) is_interrupted: bool,
    hands: Hands,
}

impl<E: Copy> Context<E> {
    pub(crate) fn new(key: RunKey, ledger: Ledger) -> Self {
        Self {
            key,
            now: SimTime::ZERO,
            events: 0,
            cause: NO_CAUSE,
            horizon: SimTime::MAX,
            pending: PendingEvents::new(),
            ledger,
            streams: Vec::new(),
            fault: None,
            is_interrupted: false,
            hands: Hands::Simulated(SimulatedExecutor),
        }
    }

    pub(crate) fn set_executor(&mut self, executor: Box<dyn Executor>) {
        self.hands = Hands::Other(executor);
    }

    /// Simulated time.
    #[inline]
    #[must_use]
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Seed and replication of this run.
    #[must_use]
    pub fn key(&self) -> RunKey {
        self.key
    }

    /// Opens a stream of random numbers of this run, by whom and what for.
    ///
    /// Streams are opened in [`Model::start`](crate::model::Model::start), in an order that does not depend on
    /// chance. What comes into being later draws from a [`Stream`] of its own, in the model's state.
    ///
    /// # Panics
    /// Once the first event has happened: a world that is restored must know its streams before.
    pub fn open_stream(&mut self, entity: u64, purpose: Purpose) -> StreamId {
        assert!(self.events == 0, "streams are opened at the start");
        self.streams.push(self.key.stream(entity, purpose));
        StreamId(self.streams.len() - 1)
    }

    /// Opens one stream for each of these purposes, of no entity in particular: of entity 0.
    ///
    /// # Panics
    /// As [`open_stream`](Self::open_stream).
    pub fn open_streams<const N: usize>(&mut self, purposes: [&str; N]) -> [StreamId; N] {
        purposes.map(|purpose| self.open_stream(0, Purpose::named(purpose)))
    }

    /// Draws a duration that is exponential with this mean. One that is no duration ends the run when this handler
    /// returns.
    ///
    /// # Panics
    /// As [`stream`](Self::stream).
    pub fn exponential(&mut self, id: StreamId, mean_secs: f64) -> SimDuration {
        let secs = self.stream(id).exponential() * mean_secs;
        SimDuration::from_secs_f64(secs).unwrap_or_else(|| {
            self.fail(format!("a draw of mean {mean_secs:?} s is no duration"));
            SimDuration::MAX
        })
    }

    /// A stream to draw from.
    ///
    /// # Panics
    /// When the stream was opened by another world.
    #[inline(always)]
    pub fn stream(&mut self, id: StreamId) -> &mut Stream {
        &mut self.streams[id.0]
    }

    /// Has `event` happen at `time`.
    #[inline(always)]
    pub fn schedule_at(&mut self, time: SimTime, event: E) {
        self.schedule_with_priority(time, Priority::default(), event);
    }

    /// Has `event` happen after `delay`.
    #[inline(always)]
    pub fn schedule_after(&mut self, delay: SimDuration, event: E) {
        if let Some(time) = self.time_after(delay) {
            self.schedule_at(time, event);
        }
    }

    /// Has `event` happen at `time`, before events of larger priority numbers at that instant.
    #[inline(always)]
    pub fn schedule_with_priority(&mut self, time: SimTime, priority: Priority, event: E) {
        if time < self.now {
            self.refuse_past(time);
            return;
        }
        self.pending.push(time, priority, self.cause, event);
    }

    /// Has `event` happen after `delay`, unless it is cancelled.
    #[inline]
    pub fn timer_after(&mut self, delay: SimDuration, event: E) -> Option<TimerId> {
        let time = self.time_after(delay)?;
        if time < self.now {
            self.refuse_past(time);
            return None;
        }
        Some(
            self.pending
                .push_timer(time, Priority::default(), self.cause, event),
        )
    }

    /// Cancels a timer; says whether its event was still to come.
    pub fn cancel(&mut self, timer: TimerId) -> bool {
        self.pending.cancel(timer)
    }

    /// Appends a row to the ledger and returns its number.
    #[inline(always)]
    pub fn record(&mut self, kind: u16, subject: u32, object: u32, value: f64) -> u64 {
        let row = Row {
            time: self.now,
            kind,
            subject,
            object,
            value,
            cause: self.cause,
        };
        let number = self.ledger.append(row);
        self.cause = number;
        number
    }

    /// Whether rows are recorded, and so have numbers.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.ledger.is_on()
    }

    /// The row that the next one will name as its cause.
    #[inline]
    #[must_use]
    pub fn cause(&self) -> u64 {
        self.cause
    }

    /// Says what led to the next row, where it is not the row before it.
    #[inline]
    pub fn set_cause(&mut self, row: u64) {
        self.cause = row;
    }

    /// Hands out work that starts now.
    #[inline(always)]
    pub fn begin_work(&mut self, work: Work) -> Completion {
        match &mut self.hands {
            Hands::Simulated(executor) => executor.begin(self.now, work),
            Hands::Other(executor) => executor.begin(self.now, work),
        }
    }

    /// Lets nothing happen after `time`: the world is finished there. The horizon may move while the world runs.
    pub fn set_horizon(&mut self, time: SimTime) {
        self.horizon = time;
        self.is_interrupted = true;
    }

    /// Ends the run with an error when this handler returns.
    #[cold]
    pub fn fail(&mut self, message: impl Into<String>) {
        self.note(RunError::Model {
            now: self.now,
            message: message.into(),
        });
    }

    #[inline(always)]
    fn time_after(&mut self, delay: SimDuration) -> Option<SimTime> {
        let time = self.now.checked_add(delay);
        if time.is_none() {
            self.refuse_overflow(delay);
        }
        time
    }

    #[cold]
    fn refuse_overflow(&mut self, delay: SimDuration) {
        self.note(RunError::TimeOverflow {
            now: self.now,
            delay,
            event: self.events,
        });
    }

    #[cold]
    fn refuse_past(&mut self, at: SimTime) {
        self.note(RunError::InThePast {
            now: self.now,
            at,
            event: self.events,
        });
    }

    /// The first fault of a handler is the one that is told.
    #[cold]
    pub(crate) fn note(&mut self, fault: RunError) {
        self.fault.get_or_insert(fault);
        self.is_interrupted = true;
    }
}
