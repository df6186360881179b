//! Pending events: what will happen next, in the one order that every run shares.
//!
//! Order is (time, priority, sequence): lower priority numbers first, equal keys in the order they came. A sorted
//! list serves up to some dozens of events; beyond that, events further away wait unsorted in a ladder (Tang, Goh,
//! Thng 2005) and only the nearest are in the list, so the cost stays flat. Which of the two is at work depends on
//! the number pending and never shows in the order. Cancelling is O(1): the timer's generation moves on and the
//! stale entry is dropped when it surfaces. Knows nothing of models.

use serde::{Deserialize, Serialize};

use crate::{ledger::NO_CAUSE, time::SimTime};

mod ladder;
mod near;
mod timers;

use ladder::Ladder;
use near::Near;
use timers::{NO_TIMER, Timers};

pub use timers::TimerId;

/// Priority of events at the same instant: lower goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Priority(pub u8);

impl Default for Priority {
    fn default() -> Self {
        Self(128)
    }
}

/// An event that is due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Due<E> {
    /// When it happens.
    pub time: SimTime,
    /// The ledger row that led to it.
    pub cause: u64,
    /// What happens.
    pub event: E,
}

/// An event that is to come, as a model is shown it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Upcoming<E> {
    /// When it happens.
    pub time: SimTime,
    /// What it can be cancelled by, where it can be.
    pub timer: Option<TimerId>,
    /// What happens.
    pub event: E,
}

/// An event with its place in the order and the ledger row that led to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Pending<E> {
    time: SimTime,
    /// Priority in the highest byte, sequence below.
    rank: u64,
    cause: u64,
    timer: TimerId,
    event: E,
}

impl<E> Pending<E> {
    /// Overwrites this entry, field by field: a copy of the whole would wait for the fields to reach memory.
    #[inline(always)]
    fn set(&mut self, entry: Self) {
        self.time = entry.time;
        self.rank = entry.rank;
        self.cause = entry.cause;
        self.timer = entry.timer;
        self.event = entry.event;
    }

    /// Whether it comes before another one.
    #[inline(always)]
    fn is_before(&self, other: &Self) -> bool {
        if cfg!(target_family = "wasm") {
            // There a comparison of this width takes more than a branch that is foreseen.
            let is_tie = self.time == other.time;
            return self.time < other.time || (is_tie && self.rank < other.rank);
        }
        self.key() < other.key()
    }

    /// The whole key as one number: comparing it is one subtraction without branches.
    #[inline(always)]
    fn key(&self) -> i128 {
        (i128::from(self.time.nanos()) << 64) | i128::from(self.rank)
    }
}

/// Room for 2⁵⁶ events, some eighty years at thirty million a second.
const SEQUENCE_BITS: u32 = 56;
/// A snapshot that says more was not made by a run, and would leave too little room for the next one.
const MAX_RESTORED_SEQUENCE: u64 = 1 << (SEQUENCE_BITS - 1);

/// The pending events of one world.
#[derive(Clone, Debug)]
pub struct PendingEvents<E> {
    near: Near<E>,
    ladder: Ladder<E>,
    timers: Timers,
    next_sequence: u64,
}

impl<E: Copy> Default for PendingEvents<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Copy> PendingEvents<E> {
    /// No events.
    #[must_use]
    pub fn new() -> Self {
        Self {
            near: Near::new(),
            ladder: Ladder::new(),
            timers: Timers::default(),
            next_sequence: 0,
        }
    }

    /// Adds an event at `time`.
    #[inline(always)]
    pub fn push(&mut self, time: SimTime, priority: Priority, cause: u64, event: E) {
        self.insert(time, priority, cause, NO_TIMER, event);
    }

    /// Adds an event that can be cancelled.
    #[inline]
    pub fn push_timer(
        &mut self,
        time: SimTime,
        priority: Priority,
        cause: u64,
        event: E,
    ) -> TimerId {
        let timer = self.timers.open();
        self.insert(time, priority, cause, timer, event);
        timer
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "an entry in parts stays in registers, as one it would go through memory"
    )]
    #[inline(always)]
    fn insert(&mut self, time: SimTime, priority: Priority, cause: u64, timer: TimerId, event: E) {
        let sequence = self.next_sequence;
        self.next_sequence = sequence + 1;
        let rank = (u64::from(priority.0) << SEQUENCE_BITS) | sequence;
        if self.near.has_room() && !self.ladder.takes(time) {
            self.near.insert(Pending {
                time,
                rank,
                cause,
                timer,
                event,
            });
        } else {
            // In parts, so that the entry need not be in memory on the way above.
            self.place_parts(time, rank, cause, timer, event);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "an entry in parts stays in registers, as one it would go through memory"
    )]
    #[inline(never)]
    fn place_parts(&mut self, time: SimTime, rank: u64, cause: u64, timer: TimerId, event: E) {
        self.place(Pending {
            time,
            rank,
            cause,
            timer,
            event,
        });
    }

    /// Puts an event where it belongs, whatever the state.
    fn place(&mut self, entry: Pending<E>) {
        if self.ladder.takes(entry.time) {
            self.ladder.push(entry);
            return;
        }
        self.near.push(entry);
        if self.near.len() > self.ladder.near_limit() {
            self.ladder.take_over(&mut self.near);
        }
    }

    /// Cancels a timer; says whether its event was still to come.
    pub fn cancel(&mut self, timer: TimerId) -> bool {
        let was_open = self.timers.close(timer);
        if self.timers.stale_count() > 64 && self.timers.stale_count() > self.stored() / 2 {
            self.drop_stale();
        }
        was_open
    }

    /// When the next event happens.
    pub fn next_time(&mut self) -> Option<SimTime> {
        loop {
            let Some(next) = self.near.next() else {
                if self.bring_near() {
                    continue;
                }
                return None;
            };
            if self.is_live(next) {
                return Some(next.time);
            }
            self.near.drop_next();
            self.timers.forget_stale();
        }
    }

    /// The next event, which stays.
    pub fn peek(&mut self) -> Option<Due<E>> {
        self.next_time()?;
        let next = self.near.next()?;
        Some(Due {
            time: next.time,
            cause: next.cause,
            event: next.event,
        })
    }

    /// Takes the next event.
    #[inline]
    pub fn pop(&mut self) -> Option<Due<E>> {
        self.pop_until(SimTime::MAX)
    }

    /// Takes the next event when it happens at or before `limit`.
    #[inline(always)]
    pub fn pop_until(&mut self, limit: SimTime) -> Option<Due<E>> {
        loop {
            // Field by field: copying the entry whole would go through memory, and wait for it.
            let Some(next) = self.near.next() else {
                if self.bring_near() {
                    continue;
                }
                return None;
            };
            if next.time > limit {
                return None;
            }
            let (time, cause, timer, event) = (next.time, next.cause, next.timer, next.event);
            self.near.drop_next();
            if !timer.is_some() || self.timers.fire(timer) {
                return Some(Due { time, cause, event });
            }
        }
    }

    /// Fills the list of what is near, which has become empty; `false` where nothing is to come.
    #[inline(never)]
    fn bring_near(&mut self) -> bool {
        if self.near.is_crowded() {
            self.near.fill_list();
            if !self.near.is_crowded() {
                self.ladder.forget_crowd();
            }
            return true;
        }
        if self.ladder.len() == 0 {
            return false;
        }
        self.ladder.refill(&mut self.near);
        true
    }

    /// Number of events to come.
    #[must_use]
    pub fn len(&self) -> usize {
        self.stored() - self.timers.stale_count()
    }

    /// Whether nothing is to come.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The events to come, in no order.
    pub(crate) fn upcoming(&self) -> Vec<Upcoming<E>> {
        let upcoming = self.live().map(|entry| Upcoming {
            time: entry.time,
            timer: entry.timer.is_some().then_some(entry.timer),
            event: entry.event,
        });
        upcoming.collect()
    }

    fn live(&self) -> impl Iterator<Item = &Pending<E>> {
        let stored = self.near.entries().chain(self.ladder.entries());
        stored.filter(|entry| self.is_live(entry))
    }

    #[inline]
    fn is_live(&self, entry: &Pending<E>) -> bool {
        !entry.timer.is_some() || self.timers.is_open(entry.timer)
    }

    fn stored(&self) -> usize {
        self.near.len() + self.ladder.len()
    }

    #[cold]
    fn drop_stale(&mut self) {
        for entry in self.drain() {
            if self.is_live(&entry) {
                self.place(entry);
            }
        }
        self.timers.forget_all_stale();
    }

    fn drain(&mut self) -> Vec<Pending<E>> {
        let mut entries = self.near.drain();
        entries.append(&mut self.ladder.drain());
        entries
    }

    /// Everything that is needed to go on elsewhere, independent of what is near.
    pub(crate) fn save(&self) -> SavedEvents<E> {
        let mut entries: Vec<_> = self.live().copied().collect();
        entries.sort_unstable_by_key(Pending::key);
        let mut timers = self.timers.clone();
        timers.forget_all_stale();
        SavedEvents {
            entries,
            timers,
            next_sequence: self.next_sequence,
        }
    }

    /// The events of `saved`, in a world at `now` whose ledger has so many rows, if it keeps one.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(crate) fn restore(
        saved: SavedEvents<E>,
        now: SimTime,
        rows: Option<u64>,
    ) -> Result<Self, &'static str> {
        if saved.next_sequence > MAX_RESTORED_SEQUENCE {
            return Err("more events were scheduled than can be");
        }
        if saved.entries.first().is_some_and(|first| first.time < now) {
            return Err("an event lies in the past");
        }
        if !saved.entries.is_sorted_by(|a, b| a.key() < b.key()) {
            return Err("the events are not in their order");
        }
        let mut events = Self {
            timers: saved.timers,
            next_sequence: saved.next_sequence,
            ..Self::new()
        };
        let mut open = Vec::new();
        for entry in saved.entries {
            let sequence = entry.rank & ((1 << SEQUENCE_BITS) - 1);
            if sequence >= events.next_sequence {
                return Err("an event has a number that was not given out");
            }
            let is_caused = entry.cause != NO_CAUSE;
            if is_caused && rows.is_some_and(|rows| entry.cause >= rows) {
                return Err("an event's cause is a row that is not there");
            }
            if !events.is_live(&entry) {
                return Err("an event was cancelled and is to come");
            }
            open.extend(entry.timer.is_some().then_some(entry.timer));
            events.place(entry);
        }
        if events.timers.is_consistent(&open) {
            Ok(events)
        } else {
            Err("the events contradict their timers")
        }
    }
}

/// Pending events in a snapshot, in order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SavedEvents<E> {
    entries: Vec<Pending<E>>,
    timers: Timers,
    next_sequence: u64,
}
