//! Events further away than the nearest: unsorted in rungs of buckets, each rung finer than the one below it.
//!
//! After Tang, Goh and Thng, "Ladder queue: an O(1) priority queue structure for large-scale discrete event
//! simulation" (ACM TOMACS 15(3), 2005); the bottom there is [`Near`] here. While the ladder is empty every event
//! is near; it takes over when those become too many. Widths of buckets are powers of two, so that the bucket of an
//! instant is found by a shift, exactly.

use super::{
    Pending,
    near::{LIST_LIMIT, Near},
};
use crate::time::SimTime;

/// Events that a bucket should hold: they are sorted when the bucket is reached.
const BUCKET_EVENTS: usize = 8;
/// A bucket of more events is spread over a finer rung, unless it spans a single nanosecond.
const SPLIT_EVENTS: usize = LIST_LIMIT;
/// Buckets of one rung.
const MAX_BUCKETS: usize = 1 << 16;

/// An instant as a number that is never negative, in the same order.
#[inline(always)]
fn instant(time: SimTime) -> u64 {
    time.nanos().cast_unsigned() ^ (1 << 63)
}

/// One rung: equal steps of time.
#[derive(Clone, Debug)]
struct Rung<E> {
    start: u64,
    /// The last instant of the rung; the last bucket may be cut short by it.
    last: u64,
    /// The width of a bucket is two to this power.
    shift: u32,
    /// Buckets before this one have been emptied.
    current: usize,
    /// Buckets in use; the vector may hold more, kept for their buffers.
    bucket_count: usize,
    buckets: Vec<Vec<Pending<E>>>,
}

impl<E: Copy> Rung<E> {
    #[inline]
    fn index(&self, instant: u64) -> usize {
        let index = (instant - self.start) >> self.shift;
        usize::try_from(index).expect("a rung has fewer than MAX_BUCKETS buckets")
    }

    #[inline]
    fn push(&mut self, entry: Pending<E>) {
        let index = self.index(instant(entry.time));
        debug_assert!(index >= self.current, "an emptied bucket takes no events");
        self.buckets[index].push(entry);
    }

    /// First and last instant of a bucket.
    fn bounds(&self, index: usize) -> (u64, u64) {
        let first = self.start + ((index as u64) << self.shift);
        let last = first.saturating_add((1 << self.shift) - 1);
        (first, last.min(self.last))
    }
}

/// Events that are not near.
#[derive(Clone, Debug)]
pub(super) struct Ladder<E> {
    /// Coarse to fine; each covers one bucket of the one before it.
    rungs: Vec<Rung<E>>,
    /// Events after what the rungs cover, unsorted.
    far: Vec<Pending<E>>,
    /// First and last instant of the far events.
    far_span: Span,
    /// The last instant that the rungs cover.
    rungs_last: u64,
    /// Events after this instant are the ladder's; all up to it are near.
    near_last: SimTime,
    len: usize,
    near_limit: usize,
    spare: Vec<Rung<E>>,
}

/// First and last instant of some events.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: u64,
    last: u64,
}

impl Span {
    /// Of no events.
    const NONE: Self = Self {
        first: u64::MAX,
        last: 0,
    };

    #[inline]
    fn with(self, instant: u64) -> Self {
        Self {
            first: self.first.min(instant),
            last: self.last.max(instant),
        }
    }

    fn of<E>(entries: &[Pending<E>]) -> Self {
        let instants = entries.iter().map(|entry| instant(entry.time));
        instants.fold(Self::NONE, Self::with)
    }
}

impl<E: Copy> Ladder<E> {
    pub(super) fn new() -> Self {
        Self {
            rungs: Vec::new(),
            far: Vec::new(),
            far_span: Span::NONE,
            rungs_last: 0,
            near_last: SimTime::MAX,
            len: 0,
            near_limit: LIST_LIMIT,
            spare: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// How many near events are too many.
    #[inline]
    pub(super) fn near_limit(&self) -> usize {
        self.near_limit
    }

    /// More simultaneous events than a list takes have been near, and are no more.
    pub(super) fn forget_crowd(&mut self) {
        self.near_limit = LIST_LIMIT;
    }

    pub(super) fn takes(&self, time: SimTime) -> bool {
        time > self.near_last
    }

    /// Adds an event that is not near.
    #[inline]
    pub(super) fn push(&mut self, entry: Pending<E>) {
        let instant = instant(entry.time);
        self.len += 1;
        if instant > self.rungs_last {
            self.far_span = self.far_span.with(instant);
            self.far.push(entry);
            return;
        }
        for rung in self.rungs.iter_mut().rev() {
            if instant <= rung.last {
                rung.push(entry);
                return;
            }
        }
        unreachable!("rungs cover everything between what is near and what is far");
    }

    /// Takes the near events, which are too many, and gives the nearest of them back.
    #[cold]
    pub(super) fn take_over(&mut self, near: &mut Near<E>) {
        let mut entries = near.drain();
        let Span { first, last } = Span::of(&entries);
        if first == last {
            // Simultaneous events cannot be spread out; look again when there are twice as many.
            self.near_limit = limit_after(entries.len());
            near.fill(&mut entries);
            return;
        }
        self.near_limit = LIST_LIMIT;
        self.len += entries.len();
        let mut rung_last = instant(self.near_last);
        if self.near_last == SimTime::MAX {
            (self.rungs_last, rung_last) = (last, last);
        }
        self.add_rung(first, rung_last, &mut entries);
        self.refill(near);
    }

    /// Moves the nearest bucket into what is near, which must be empty.
    #[cold]
    pub(super) fn refill(&mut self, near: &mut Near<E>) {
        loop {
            let Some(rung) = self.rungs.last_mut() else {
                if self.climb_far(near) {
                    return;
                }
                continue;
            };
            let filled = rung.buckets[rung.current..rung.bucket_count]
                .iter()
                .position(|bucket| !bucket.is_empty());
            let Some(skipped) = filled else {
                self.spare.extend(self.rungs.pop());
                continue;
            };
            let index = rung.current + skipped;
            rung.current = index + 1;
            let (first, last) = rung.bounds(index);
            let mut bucket = std::mem::take(&mut rung.buckets[index]);
            if bucket.len() > SPLIT_EVENTS && first != last {
                self.add_rung(first, last, &mut bucket);
                continue;
            }
            self.near_last = at(last);
            self.len -= bucket.len();
            self.near_limit = limit_after(bucket.len());
            near.fill(&mut bucket);
            // The old buffer serves the bucket's place in a later rung.
            rung.buckets[index] = bucket;
            if self.len == 0 {
                self.close();
            }
            return;
        }
    }

    /// Spreads the far events over a rung, or makes them near and says so when they are few or simultaneous.
    fn climb_far(&mut self, near: &mut Near<E>) -> bool {
        let mut far = std::mem::take(&mut self.far);
        assert!(!far.is_empty(), "a ladder that has events finds them");
        let Span { first, last } = std::mem::replace(&mut self.far_span, Span::NONE);
        let is_near = far.len() <= LIST_LIMIT / 2 || first == last;
        if is_near {
            self.len -= far.len();
            self.near_limit = limit_after(far.len());
            near.fill(&mut far);
            self.close();
        } else {
            self.rungs_last = last;
            self.add_rung(first, last, &mut far);
        }
        self.far = far;
        is_near
    }

    /// Nothing is left in the ladder: everything is near again.
    fn close(&mut self) {
        self.spare.append(&mut self.rungs);
        self.rungs_last = 0;
        self.near_last = SimTime::MAX;
    }

    /// Adds the finest rung over `first` to `last` and spreads `entries` over it.
    fn add_rung(&mut self, first: u64, last: u64, entries: &mut Vec<Pending<E>>) {
        let wanted = (entries.len() / BUCKET_EVENTS).clamp(2, MAX_BUCKETS);
        // The first power of two above the width of so many buckets.
        let shift = u64::BITS - ((last - first) / wanted as u64).leading_zeros();
        let bucket_count =
            usize::try_from((last - first) >> shift).expect("fewer than MAX_BUCKETS") + 1;
        // A rung is laid aside empty, so its buckets' buffers can serve again.
        let spare = self.spare.pop();
        let mut buckets = spare.map(|rung| rung.buckets).unwrap_or_default();
        if buckets.len() < bucket_count {
            buckets.resize_with(bucket_count, Vec::new);
        }
        let mut rung = Rung {
            start: first,
            last,
            shift,
            current: 0,
            bucket_count,
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

/// How many near events are too many when there were `count`: more than a list takes are simultaneous, and it is no
/// use to look at them again before there are twice as many.
fn limit_after(count: usize) -> usize {
    if count > LIST_LIMIT {
        2 * count
    } else {
        LIST_LIMIT
    }
}

/// The time of an instant.
fn at(instant: u64) -> SimTime {
    SimTime::from_nanos((instant ^ (1 << 63)).cast_signed())
}
