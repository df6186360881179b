//! Pending events against a sorted reference: whatever is pushed, cancelled and popped, in any order of calls.

use std::collections::BTreeMap;

use pluriverse_kernel::{
    pending::{Due, PendingEvents, Priority, TimerId},
    random::{Purpose, Stream, StreamKey},
    time::SimTime,
};
use proptest::prelude::*;

/// The order that the kernel promises: time, priority, sequence.
type Key = (i64, u8, u64);

/// Pending events and their reference, asked the same questions.
struct Twin {
    events: PendingEvents<u32>,
    reference: BTreeMap<Key, u32>,
    /// Every timer ever opened, with what the reference calls it.
    timers: Vec<(TimerId, Key)>,
    pushed: u64,
    now: i64,
}

impl Twin {
    fn new() -> Self {
        Self {
            events: PendingEvents::new(),
            reference: BTreeMap::new(),
            timers: Vec::new(),
            pushed: 0,
            now: 0,
        }
    }

    fn note(&mut self, time: i64, priority: u8) -> (Key, u32) {
        let key = (time, priority, self.pushed);
        let event = u32::try_from(self.pushed).unwrap();
        self.pushed += 1;
        self.reference.insert(key, event);
        (key, event)
    }

    fn push(&mut self, time: i64, priority: u8) {
        let (_, event) = self.note(time, priority);
        let cause = cause_of(event);
        self.events
            .push(SimTime::from_nanos(time), Priority(priority), cause, event);
    }

    fn push_timer(&mut self, time: i64, priority: u8) {
        let (key, event) = self.note(time, priority);
        let (time, cause) = (SimTime::from_nanos(time), cause_of(event));
        let timer = self
            .events
            .push_timer(time, Priority(priority), cause, event);
        self.timers.push((timer, key));
    }

    /// Cancels one of all timers ever opened, so mostly stale ones: those must answer "no".
    fn cancel(&mut self, pick: usize) {
        if self.timers.is_empty() {
            return;
        }
        let (timer, key) = self.timers[pick % self.timers.len()];
        let was_pending = self.reference.remove(&key).is_some();
        assert_eq!(self.events.cancel(timer), was_pending, "cancel {key:?}");
    }

    fn pop_until(&mut self, limit: i64) -> bool {
        let first = self.reference.first_key_value();
        let expected = first.filter(|((time, ..), _)| *time <= limit);
        let expected = expected.map(|(key, event)| (*key, *event));
        let due = self.events.pop_until(SimTime::from_nanos(limit));
        let Some((key, event)) = expected else {
            assert_eq!(due, None, "nothing is due by {limit}");
            return false;
        };
        let (time, cause) = (SimTime::from_nanos(key.0), cause_of(event));
        assert_eq!(due, Some(Due { time, cause, event }), "due by {limit}");
        self.reference.remove(&key);
        self.now = key.0;
        true
    }

    fn pop(&mut self) -> bool {
        self.pop_until(i64::MAX)
    }

    fn check(&mut self) {
        assert_eq!(self.events.len(), self.reference.len());
        assert_eq!(self.events.is_empty(), self.reference.is_empty());
        let first = self.reference.first_key_value();
        let first = first.map(|((time, ..), _)| SimTime::from_nanos(*time));
        assert_eq!(self.events.next_time(), first);
    }

    fn drain(&mut self) {
        self.check();
        while self.pop() {}
        assert_eq!(self.events.pop(), None);
        self.check();
    }
}

fn cause_of(event: u32) -> u64 {
    u64::from(event) * 3 + 1
}

/// Where events lie in time, as seen from a point.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// All at one instant.
    Equal,
    /// At a few instants, each a handful of nanoseconds wide.
    Clustered,
    /// Half near, half far.
    Bimodal,
    /// Density 1/x²: no mean.
    Pareto,
    /// Each later than the one before it.
    Increasing,
    /// Each earlier than the one before it.
    Decreasing,
    /// At both ends of time.
    Extremes,
    /// Several at each nanosecond.
    Dense,
    /// Over all that `i64` holds.
    Uniform,
}

const SHAPES: [Shape; 9] = [
    Shape::Equal,
    Shape::Clustered,
    Shape::Bimodal,
    Shape::Pareto,
    Shape::Increasing,
    Shape::Decreasing,
    Shape::Extremes,
    Shape::Dense,
    Shape::Uniform,
];

/// Draws times of a shape.
struct Times {
    shape: Shape,
    stream: Stream,
    drawn: i64,
}

impl Times {
    fn new(shape: Shape, seed: u64) -> Self {
        let key = StreamKey {
            seed,
            replication: 0,
            entity: 0,
            purpose: Purpose::named("pending"),
        };
        Self {
            shape,
            stream: Stream::new(key),
            drawn: 0,
        }
    }

    fn below(&mut self, bound: i64) -> i64 {
        let bound = u64::try_from(bound).unwrap();
        i64::try_from(self.stream.below(bound)).unwrap()
    }

    fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.stream.below(len as u64)).unwrap()
    }

    fn after(&mut self, from: i64) -> i64 {
        self.drawn += 1;
        let drawn = self.drawn;
        match self.shape {
            Shape::Equal => from,
            Shape::Clustered => {
                from.saturating_add(self.below(5) * 1_000_000_000 + self.below(4) * self.below(4))
            }
            Shape::Bimodal => {
                let far = self.below(2) * 1_000_000_000_000;
                from.saturating_add(far + self.below(1_000_000))
            }
            Shape::Pareto => {
                let scale = 1_i64 << 53;
                let share = 1 + self.below(scale - 1);
                from.saturating_add(scale / share * 100 + self.below(100))
            }
            Shape::Increasing => from.saturating_add(drawn * 10),
            Shape::Decreasing => from
                .saturating_add(1_000_000_000_000)
                .saturating_sub(drawn * 10),
            Shape::Extremes => {
                let ends = [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
                let place = self.index(ends.len());
                ends[place]
            }
            Shape::Dense => from.saturating_add(self.below(1_000)),
            Shape::Uniform => self.stream.next_u64().cast_signed(),
        }
    }

    fn priority(&mut self) -> u8 {
        [0, 127, 128, 128, 128, 255][self.index(6)]
    }
}

/// Fills up far beyond the heap, holds the size, thins out by cancelling, and drains through the heap again.
fn live_through(shape: Shape, size: usize) {
    let mut twin = Twin::new();
    let mut times = Times::new(shape, 1);
    for place in 0..size {
        let (time, priority) = (times.after(0), times.priority());
        if place % 8 == 0 {
            twin.push_timer(time, priority);
        } else {
            twin.push(time, priority);
        }
    }
    twin.check();
    for _ in 0..size / 2 {
        assert!(twin.pop());
        let (time, priority) = (times.after(twin.now), times.priority());
        twin.push(time, priority);
        if times.below(8) == 0 {
            let time = times.after(twin.now);
            twin.push_timer(time, 128);
            let pick = times.index(twin.timers.len());
            twin.cancel(pick);
        }
    }
    twin.check();
    for pick in 0..twin.timers.len() {
        twin.cancel(pick);
    }
    twin.drain();
}

#[test]
fn every_distribution_leaves_in_order() {
    for shape in SHAPES {
        live_through(shape, 3_000);
    }
}

#[test]
fn hundreds_of_thousands_leave_in_order() {
    for shape in SHAPES {
        live_through(shape, 50_000);
    }
    live_through(Shape::Pareto, 200_000);
}

#[test]
fn sizes_around_the_change_from_heap_to_ladder_leave_in_order() {
    for size in [1, 2, 3, 191, 192, 193, 383, 384, 385, 386, 767, 768, 769] {
        for shape in SHAPES {
            live_through(shape, size);
        }
    }
}

/// Each event brings two more at its own instant until there are many: nothing may overtake.
#[test]
fn storms_without_delay_keep_the_order_of_coming() {
    let mut twin = Twin::new();
    let mut times = Times::new(Shape::Equal, 2);
    twin.push(7, 128);
    for _ in 0..20_000 {
        assert!(twin.pop());
        for _ in 0..2 {
            let priority = times.priority();
            twin.push(twin.now, priority);
        }
    }
    twin.drain();
}

/// Timers of which nearly all are cancelled, as patience and time-outs are.
#[test]
fn storms_of_cancelling_leave_what_was_not_cancelled() {
    let mut twin = Twin::new();
    let mut times = Times::new(Shape::Bimodal, 3);
    for round in 0..200 {
        let first = twin.timers.len();
        for _ in 0..500 {
            let time = times.after(twin.now);
            twin.push_timer(time, 128);
        }
        for pick in first..twin.timers.len() {
            if pick % 50 != round % 50 {
                twin.cancel(pick);
            }
        }
        twin.check();
        for _ in 0..round % 20 {
            twin.pop();
        }
    }
    twin.drain();
}

/// A slot is used again at once; the old number must not reach the new event.
#[test]
fn an_old_timer_does_not_cancel_its_successor() {
    let mut events = PendingEvents::new();
    let at = SimTime::from_secs(1);
    let old = events.push_timer(at, Priority::default(), 0, 'a');
    assert!(events.cancel(old));
    let new = events.push_timer(at, Priority::default(), 0, 'b');
    assert!(!events.cancel(old));
    assert_eq!(events.len(), 1);
    assert_eq!(events.pop().map(|due| due.event), Some('b'));
    assert!(!events.cancel(new));
    assert!(events.is_empty());
}

#[derive(Clone, Debug)]
enum Call {
    Push(i64, u8),
    PushTimer(i64, u8),
    Fill(u16, usize),
    Cancel(usize),
    CancelMany(u16, usize),
    PopUntil(i64),
    PopMany(u16),
    Check,
}

fn instant() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 0..100_i64,
        4 => 0..10_000_000_000_i64,
        1 => any::<i64>(),
        1 => prop_oneof![Just(i64::MIN), Just(i64::MAX)],
    ]
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        4 => (instant(), any::<u8>()).prop_map(|(time, priority)| Call::Push(time, priority)),
        4 => (instant(), any::<u8>()).prop_map(|(time, priority)| Call::PushTimer(time, priority)),
        2 => (1..600_u16, 0..SHAPES.len()).prop_map(|(count, shape)| Call::Fill(count, shape)),
        3 => any::<usize>().prop_map(Call::Cancel),
        1 => (1..600_u16, any::<usize>()).prop_map(|(count, from)| Call::CancelMany(count, from)),
        3 => instant().prop_map(Call::PopUntil),
        3 => (1..600_u16).prop_map(Call::PopMany),
        2 => Just(Call::Check),
    ]
}

fn apply(twin: &mut Twin, call: &Call) {
    match *call {
        Call::Push(time, priority) => twin.push(time, priority),
        Call::PushTimer(time, priority) => twin.push_timer(time, priority),
        Call::Fill(count, shape) => {
            let mut times = Times::new(SHAPES[shape], u64::from(count));
            for _ in 0..count {
                let (time, priority) = (times.after(twin.now), times.priority());
                twin.push_timer(time, priority);
            }
        }
        Call::Cancel(pick) => twin.cancel(pick),
        Call::CancelMany(count, from) => {
            for pick in 0..usize::from(count) {
                twin.cancel(from.wrapping_add(pick));
            }
        }
        Call::PopUntil(limit) => {
            twin.pop_until(limit);
        }
        Call::PopMany(count) => {
            for _ in 0..count {
                twin.pop();
            }
        }
        Call::Check => twin.check(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_calls_are_answered_as_the_reference_answers(calls in prop::collection::vec(call(), 1..60)) {
        let mut twin = Twin::new();
        for call in &calls {
            apply(&mut twin, call);
        }
        twin.drain();
    }
}
