//! The hold model: take the next event and put one back, with the number pending constant.
//!
//! Source: Vaucher and Duval, "A comparison of simulation event list algorithms", CACM 18(4), 1975. The queue is
//! brought to its steady state first: how times spread over a queue after many holds is not how they were pushed.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
    str::FromStr,
};

use anyhow::bail;
use pluriverse_kernel::{
    pending::{PendingEvents, Priority},
    random::{Purpose, Stream, StreamKey},
    time::{SimDuration, SimTime},
};
use serde_json::json;

use crate::stopwatch::Stopwatch;

/// Pairs of pop and push that are timed.
const HOLDS: u64 = 1 << 20;
/// Increments that are drawn beforehand, so that drawing is not measured; they stay in the second-level cache.
const INCREMENTS: usize = 1 << 14;
/// Mean increment; the whole run then fits into a few simulated hours.
const MEAN_NANOS: f64 = 1e6;

/// How increments are distributed, all with the same mean.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    Exponential,
    Uniform,
    /// Nine in ten short, one in ten ten times as long (Rönngren and Ayani 1997).
    Bimodal,
    /// Index 1.5: the variance is infinite.
    Pareto,
}

impl FromStr for Shape {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        Ok(match text {
            "exponential" => Self::Exponential,
            "uniform" => Self::Uniform,
            "bimodal" => Self::Bimodal,
            "pareto" => Self::Pareto,
            _ => bail!("no increments are called `{text}`"),
        })
    }
}

impl Shape {
    fn draw(self, stream: &mut Stream) -> SimDuration {
        let increment = match self {
            Self::Exponential => stream.exponential(),
            Self::Uniform => 2.0 * stream.next_f64(),
            Self::Bimodal if stream.next_f64() < 0.1 => 10.0 * stream.next_f64() / 0.95,
            Self::Bimodal => stream.next_f64() / 0.95,
            Self::Pareto => stream.next_open_f64().powf(-2.0 / 3.0) / 3.0,
        };
        SimDuration::from_nanos_f64(increment * MEAN_NANOS).expect("increments are short")
    }
}

/// What both queues can do.
trait Queue: Default {
    fn push(&mut self, time: SimTime, cause: u64, event: u32);
    fn pop(&mut self) -> Option<(SimTime, u64, u32)>;
}

impl Queue for PendingEvents<u32> {
    fn push(&mut self, time: SimTime, cause: u64, event: u32) {
        Self::push(self, time, Priority::default(), cause, event);
    }

    fn pop(&mut self) -> Option<(SimTime, u64, u32)> {
        let due = Self::pop(self)?;
        Some((due.time, due.cause, due.event))
    }
}

/// The standard library's heap with the same order of events and the same load.
#[derive(Default)]
struct StdHeap {
    heap: BinaryHeap<Reverse<Entry>>,
    next_rank: u64,
}

struct Entry {
    time: SimTime,
    rank: u64,
    cause: u64,
    event: u32,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.time, self.rank).cmp(&(other.time, other.rank))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

impl Queue for StdHeap {
    fn push(&mut self, time: SimTime, cause: u64, event: u32) {
        let rank = self.next_rank;
        self.next_rank += 1;
        self.heap.push(Reverse(Entry {
            time,
            rank,
            cause,
            event,
        }));
    }

    fn pop(&mut self) -> Option<(SimTime, u64, u32)> {
        let Reverse(entry) = self.heap.pop()?;
        Some((entry.time, entry.cause, entry.event))
    }
}

/// Measures one queue with `count` events pending; the answer is a digest of the order in which they came.
pub(crate) fn measure(queue: &str, shape: Shape, count: u32) -> anyhow::Result<()> {
    match queue {
        "heap" => measure_queue(StdHeap::default(), shape, count),
        "pluriverse" => measure_queue(PendingEvents::<u32>::default(), shape, count),
        _ => bail!("no queue is called `{queue}`"),
    }
}

fn measure_queue(mut queue: impl Queue, shape: Shape, count: u32) -> anyhow::Result<()> {
    let mut stream = Stream::new(StreamKey {
        seed: 1,
        replication: 0,
        entity: 0,
        purpose: Purpose::named("bench.hold"),
    });
    let increments: Vec<SimDuration> = (0..INCREMENTS).map(|_| shape.draw(&mut stream)).collect();
    for event in 0..count {
        let after = shape.draw(&mut stream);
        queue.push(SimTime::from_nanos(after.nanos()), 0, event);
    }
    hold(&mut queue, &increments, 2 * u64::from(count) + HOLDS / 8)?;
    let stopwatch = Stopwatch::start();
    let digest = hold(&mut queue, &increments, HOLDS)?;
    stopwatch.print(HOLDS, &json!({ "digest": digest }).to_string());
    Ok(())
}

fn hold(queue: &mut impl Queue, increments: &[SimDuration], holds: u64) -> anyhow::Result<u64> {
    let mut digest = 0_u64;
    let mut draws = increments.iter().cycle();
    for turn in 0..holds {
        let (Some((time, cause, event)), Some(after)) = (queue.pop(), draws.next()) else {
            bail!("a hold leaves as many events as it found");
        };
        digest = digest.rotate_left(1) ^ time.nanos().cast_unsigned() ^ u64::from(event) ^ cause;
        queue.push(time.saturating_add(*after), turn, event);
    }
    Ok(digest)
}
