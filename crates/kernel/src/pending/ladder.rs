//! Events further away than the heap's: unsorted in rungs of buckets, each rung finer than the one below it.
//!
//! After Tang, Goh and Thng, "Ladder queue: an O(1) priority queue structure for large-scale discrete event
//! simulation" (ACM TOMACS 15(3), 2005); the bottom there is the heap here. While the ladder is empty every event
//! goes to the heap; it takes over when the heap outgrows [`HEAP_LIMIT`].

use super::{Pending, heap::Heap};
use crate::time::SimTime;

/// Number of events up to which the heap alone is faster.
const HEAP_LIMIT: usize = 384;
/// Events that a bucket should hold: they are sorted when the bucket is reached.
const BUCKET_EVENTS: usize = 32;
/// A bucket of more events is spread over a finer rung, unless it spans a single nanosecond.
const SPLIT_EVENTS: usize = 4 * BUCKET_EVENTS;
/// Buckets of one rung.
const MAX_BUCKETS: usize = 1 << 16;

/// One rung: equal steps of time.
#[derive(Clone, Debug)]
struct Rung<E> {
    start: i128,
    /// Where the rung stops; the last bucket may be cut short by it.
    end: i128,
    width: i128,
    /// Buckets before this one have been emptied.
    current: usize,
    /// Buckets in use; the vector may hold more, kept for their buffers.
    bucket_count: usize,
    len: usize,
    buckets: Vec<Vec<Pending<E>>>,
}

impl<E: Copy> Rung<E> {
    fn index(&self, time: i128) -> usize {
        // Spans of up to 2^63 ns divide in 64 bits, three times as fast.
        let offset = time - self.start;
        let index = match (u64::try_from(offset), u64::try_from(self.width)) {
            (Ok(offset), Ok(width)) => usize::try_from(offset / width).unwrap_or(usize::MAX),
            _ => usize::try_from(offset / self.width).unwrap_or(usize::MAX),
        };
        index.min(self.bucket_count - 1)
    }

    fn push(&mut self, entry: Pending<E>) {
        let index = self.index(i128::from(entry.time.nanos()));
        debug_assert!(index >= self.current, "an emptied bucket takes no events");
        self.buckets[index].push(entry);
        self.len += 1;
    }
}

/// Events that are not near.
#[derive(Clone, Debug)]
pub(super) struct Ladder<E> {
    /// Coarse to fine; each covers one bucket of the one before it.
    rungs: Vec<Rung<E>>,
    /// Events at or after `far_start`, unsorted.
    far: Vec<Pending<E>>,
    far_start: i128,
    /// Events after this instant are the ladder's; the heap has all up to it.
    near_last: i64,
    len: usize,
    heap_limit: usize,
    spare: Vec<Rung<E>>,
}

const NEVER: i128 = i128::MAX;

impl<E: Copy> Ladder<E> {
    pub(super) fn new() -> Self {
        Self {
            rungs: Vec::new(),
            far: Vec::new(),
            far_start: NEVER,
            near_last: i64::MAX,
            len: 0,
            heap_limit: HEAP_LIMIT,
            spare: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Size at which the heap should be handed over.
    #[inline]
    pub(super) fn heap_limit(&self) -> usize {
        self.heap_limit
    }

    #[inline]
    pub(super) fn takes(&self, time: SimTime) -> bool {
        time.nanos() > self.near_last
    }

    #[inline(never)]
    pub(super) fn push(&mut self, entry: Pending<E>) {
        let time = i128::from(entry.time.nanos());
        self.len += 1;
        if time >= self.far_start {
            self.far.push(entry);
            return;
        }
        for rung in self.rungs.iter_mut().rev() {
            if time < rung.end {
                rung.push(entry);
                return;
            }
        }
        unreachable!("rungs cover everything between the heap and the far events");
    }

    /// Takes the events of an overgrown heap and gives it back the nearest.
    #[cold]
    pub(super) fn take_over(&mut self, heap: &mut Heap<E>) {
        let mut entries = heap.drain();
        let (first, last) = span(&entries);
        if first == last {
            // Simultaneous events cannot be spread out; look again when there are twice as many.
            self.heap_limit = entries.len() * 2;
            heap.fill(&mut entries);
            return;
        }
        self.heap_limit = HEAP_LIMIT;
        self.len += entries.len();
        if self.near_last == i64::MAX {
            self.far_start = last + 1;
            self.near_last = last_before(self.far_start);
        }
        let end = i128::from(self.near_last) + 1;
        self.near_last = last_before(first);
        self.add_rung(first, end, &mut entries);
        self.refill(heap);
    }

    /// Moves the nearest bucket into the empty heap.
    #[cold]
    pub(super) fn refill(&mut self, heap: &mut Heap<E>) {
        loop {
            let Some(rung) = self.rungs.last_mut() else {
                self.climb_far(heap);
                if heap.len() > 0 {
                    return;
                }
                continue;
            };
            while rung.current < rung.bucket_count && rung.buckets[rung.current].is_empty() {
                rung.current += 1;
            }
            if rung.current == rung.bucket_count {
                self.near_last = last_before(rung.end);
                assert!(rung.len == 0, "a rung is left when it is empty");
                self.spare.extend(self.rungs.pop());
                continue;
            }
            let mut bucket = std::mem::take(&mut rung.buckets[rung.current]);
            let start = rung.start + rung.width * rung.current as i128;
            let end = (start + rung.width).min(rung.end);
            let index = rung.current;
            rung.current += 1;
            rung.len -= bucket.len();
            if bucket.len() > SPLIT_EVENTS && rung.width > 1 && span(&bucket).0 != span(&bucket).1 {
                self.near_last = last_before(start);
                self.add_rung(start, end, &mut bucket);
                continue;
            }
            self.near_last = last_before(end);
            self.len -= bucket.len();
            heap.fill(&mut bucket);
            // The heap's old buffer serves the bucket's place in a later rung.
            rung.buckets[index] = bucket;
            self.close_when_small(heap);
            return;
        }
    }

    /// Spreads the far events over a rung, or hands them all to the heap when they are few.
    fn climb_far(&mut self, heap: &mut Heap<E>) {
        let mut far = std::mem::take(&mut self.far);
        assert!(!far.is_empty(), "a ladder that has events finds them");
        let (first, last) = span(&far);
        if far.len() <= HEAP_LIMIT / 2 || first == last {
            self.len -= far.len();
            self.heap_limit = HEAP_LIMIT.max(far.len() * 2);
            heap.fill(&mut far);
            self.far = far;
            self.far_start = NEVER;
            self.near_last = i64::MAX;
            return;
        }
        self.far_start = last + 1;
        self.near_last = last_before(first);
        self.add_rung(first, last + 1, &mut far);
        self.far = far;
    }

    /// Once nothing is left in the ladder the heap takes everything again.
    fn close_when_small(&mut self, heap: &Heap<E>) {
        if self.len == 0 && heap.len() <= HEAP_LIMIT {
            self.spare.append(&mut self.rungs);
            self.far_start = NEVER;
            self.near_last = i64::MAX;
        }
    }

    /// Adds the finest rung over [start, end) and spreads `entries` over it.
    fn add_rung(&mut self, start: i128, end: i128, entries: &mut Vec<Pending<E>>) {
        let wanted = (entries.len() / BUCKET_EVENTS).clamp(2, MAX_BUCKETS) as i128;
        let width = ((end - start + wanted - 1) / wanted).max(1);
        let bucket_count =
            usize::try_from((end - start + width - 1) / width).expect("at most MAX_BUCKETS");
        // A rung is laid aside empty, so its buckets' buffers can serve again.
        let mut buckets = self
            .spare
            .pop()
            .map(|rung| rung.buckets)
            .unwrap_or_default();
        if buckets.len() < bucket_count {
            buckets.resize_with(bucket_count, Vec::new);
        }
        let mut rung = Rung {
            start,
            end,
            width,
            current: 0,
            bucket_count,
            len: 0,
            buckets,
        };
        for entry in entries.drain(..) {
            rung.push(entry);
        }
        self.rungs.push(rung);
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Pending<E>> {
        let in_rungs = self.rungs.iter().flat_map(|rung| {
            rung.buckets[rung.current..rung.bucket_count]
                .iter()
                .flatten()
        });
        self.far.iter().chain(in_rungs)
    }

    /// Takes everything, in no order.
    pub(super) fn drain(&mut self) -> Vec<Pending<E>> {
        let mut entries = std::mem::take(&mut self.far);
        for rung in &mut self.rungs {
            for bucket in &mut rung.buckets[rung.current..rung.bucket_count] {
                entries.append(bucket);
            }
        }
        assert!(
            entries.len() == self.len,
            "a ladder knows how many events it has"
        );
        *self = Self::new();
        entries
    }
}

/// First and last instant of `entries`, which are some.
fn span<E>(entries: &[Pending<E>]) -> (i128, i128) {
    let times = entries.iter().map(|entry| i128::from(entry.time.nanos()));
    times.fold((i128::MAX, i128::MIN), |(first, last), time| {
        (first.min(time), last.max(time))
    })
}

/// The last instant before `end`; before all time it is the first, until the bucket there has been moved.
fn last_before(end: i128) -> i64 {
    i64::try_from(end - 1).unwrap_or(i64::MIN)
}
