//! Snapshots kept along a run, to go back to.
//!
//! At most [`CHECKPOINT_LIMIT`] are held; when they would be more, every second one is dropped and the interval
//! doubles. The first one stays.

use crate::time::{SimDuration, SimTime};

/// Snapshots held at most.
const CHECKPOINT_LIMIT: usize = 256;

#[derive(Debug)]
pub(super) struct Checkpoints {
    interval: Option<SimDuration>,
    due: SimTime,
    /// Ascending in time.
    kept: Vec<(SimTime, Vec<u8>)>,
}

impl Checkpoints {
    pub(super) fn every(interval: Option<SimDuration>) -> Self {
        let interval = interval.filter(|interval| *interval > SimDuration::ZERO);
        Self {
            interval,
            due: SimTime::MAX,
            kept: Vec::new(),
        }
    }

    /// When the next one should be taken.
    pub(super) fn due(&self) -> SimTime {
        self.due
    }

    pub(super) fn keep(&mut self, now: SimTime, snapshot: Vec<u8>) {
        let place = self.kept.partition_point(|(at, _)| *at < now);
        if self.kept.get(place).is_none_or(|(at, _)| *at != now) {
            self.kept.insert(place, (now, snapshot));
        }
        if self.kept.len() > CHECKPOINT_LIMIT {
            let mut index = 0;
            self.kept.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.interval = self.interval.and_then(|interval| interval.checked_mul(2));
        }
        self.due = match self.interval {
            None => SimTime::MAX,
            Some(interval) => {
                let next =
                    (now.nanos().div_euclid(interval.nanos()) + 1).checked_mul(interval.nanos());
                next.map_or(SimTime::MAX, SimTime::from_nanos)
            }
        };
    }

    pub(super) fn at_or_before(&self, at: SimTime) -> Option<&[u8]> {
        let place = self.kept.partition_point(|(kept, _)| *kept <= at);
        Some(&self.kept[place.checked_sub(1)?].1)
    }
}
