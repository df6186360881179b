//! Snapshots kept along a run, to go back to, and the inputs that came since the first of them.
//!
//! At most [`CHECKPOINT_LIMIT`] are held, of [`LIMIT_BYTES`] in all but for the first; when they would be more, every
//! second one is dropped and the interval doubles. The first one stays. Inputs are kept up to [`INPUT_LIMIT`] and [`PAYLOAD_LIMIT_BYTES`]; past that the
//! past begins anew.

use super::{INPUT_LIMIT, WaitingInput};
use crate::time::{SimDuration, SimTime};

/// Snapshots held at most.
const CHECKPOINT_LIMIT: usize = 256;
/// Bytes of the snapshots held at most, so that a world of millions does not take hundreds of times its memory.
const LIMIT_BYTES: usize = 1 << 26;
/// Payloads of inputs held at most.
const PAYLOAD_LIMIT_BYTES: usize = 1 << 26;

#[derive(Debug)]
pub(super) struct Checkpoints {
    interval: Option<SimDuration>,
    due: SimTime,
    /// Ascending in time.
    kept: Vec<(SimTime, Vec<u8>)>,
    /// Inputs since the first checkpoint, in the order in which they were handed in.
    inputs: Vec<WaitingInput>,
    payload_bytes: usize,
}

impl Checkpoints {
    pub(super) fn every(interval: Option<SimDuration>) -> Self {
        Self {
            interval: interval.filter(|interval| *interval > SimDuration::ZERO),
            due: SimTime::MAX,
            kept: Vec::new(),
            inputs: Vec::new(),
            payload_bytes: 0,
        }
    }

    /// The last instant that belongs before the next checkpoint.
    pub(super) fn due(&self) -> SimTime {
        self.due
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::every(self.interval);
    }

    /// Keeps the snapshot of a world that has come to `now` and whose next event is not before `next`.
    pub(super) fn keep(&mut self, now: SimTime, next: SimTime, snapshot: Vec<u8>) {
        let place = self.kept.partition_point(|(at, _)| *at < now);
        if self.kept.get(place).is_none_or(|(at, _)| *at != now) {
            self.kept.insert(place, (now, snapshot));
        }
        while self.kept.len() > CHECKPOINT_LIMIT
            || (self.kept.len() > 1 && self.bytes() > LIMIT_BYTES)
        {
            let mut index = 0;
            self.kept.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.interval = self.interval.and_then(|interval| interval.checked_mul(2));
        }
        self.due = self.multiple_from(next);
    }

    fn bytes(&self) -> usize {
        self.kept.iter().map(|(_, snapshot)| snapshot.len()).sum()
    }

    /// The first multiple of the interval at or after `time`.
    fn multiple_from(&self, time: SimTime) -> SimTime {
        let Some(interval) = self.interval else {
            return SimTime::MAX;
        };
        let interval = interval.nanos();
        let into = time.nanos().rem_euclid(interval);
        let left = if into == 0 { 0 } else { interval - into };
        time.saturating_add(SimDuration::from_nanos(left))
    }

    /// Forgets what came after `now`, because it will come otherwise.
    pub(super) fn forget_after(&mut self, now: SimTime) {
        let place = self.kept.partition_point(|(at, _)| *at <= now);
        if place < self.kept.len() {
            self.kept.truncate(place);
            self.due = self.multiple_from(now);
        }
    }

    /// Notes an input, to be handed in again by a world that goes back; `false` when there are too many.
    pub(super) fn note(&mut self, input: WaitingInput) -> bool {
        self.payload_bytes += input.input.payload.len();
        self.inputs.push(input);
        self.inputs.len() <= INPUT_LIMIT && self.payload_bytes <= PAYLOAD_LIMIT_BYTES
    }

    /// Inputs that were handed in as number `first` and later.
    pub(super) fn inputs_from(&self, first: u64) -> &[WaitingInput] {
        let place = self.inputs.partition_point(|input| input.number < first);
        &self.inputs[place..]
    }

    pub(super) fn at_or_before(&self, at: SimTime) -> Option<&[u8]> {
        let place = self.kept.partition_point(|(kept, _)| *kept <= at);
        Some(&self.kept[place.checked_sub(1)?].1)
    }

    pub(super) fn earliest(&self) -> Option<SimTime> {
        self.kept.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_snapshots_are_fewer_and_the_first_one_stays() {
        let mut checkpoints = Checkpoints::every(Some(SimDuration::from_secs(1)));
        for second in 0..100 {
            let now = SimTime::from_secs(second);
            checkpoints.keep(now, now, vec![0; LIMIT_BYTES / 10]);
            assert!(checkpoints.bytes() <= LIMIT_BYTES);
        }
        assert_eq!(checkpoints.earliest(), Some(SimTime::ZERO));
        assert!(checkpoints.kept.len() > 2);

        checkpoints.clear();
        for second in 0..3 {
            let now = SimTime::from_secs(second);
            checkpoints.keep(now, now, vec![0; LIMIT_BYTES + 1]);
        }
        assert_eq!(checkpoints.kept.len(), 1, "the first one, however large");
    }
}
