//! Which cancellable events are still to come: a generation for each slot.

use serde::{Deserialize, Serialize};

/// A cancellable event: its slot and the slot's generation at the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TimerId {
    slot: u32,
    generation: u32,
}

/// Marks events that nobody can cancel.
pub(super) const NO_TIMER: TimerId = TimerId {
    slot: u32::MAX,
    generation: 0,
};

impl TimerId {
    #[inline]
    pub(super) fn is_some(self) -> bool {
        self.slot != NO_TIMER.slot
    }
}

/// Generations of all slots; odd while the slot's event is to come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Timers {
    generations: Vec<u32>,
    free: Vec<u32>,
    stale_count: usize,
}

impl Timers {
    #[inline]
    pub(super) fn open(&mut self) -> TimerId {
        if let Some(slot) = self.free.pop() {
            let generation = &mut self.generations[slot as usize];
            *generation = generation.wrapping_add(1);
            return TimerId {
                slot,
                generation: *generation,
            };
        }
        let slot = u32::try_from(self.generations.len()).expect("fewer than 2^32 timers at once");
        assert!(slot != NO_TIMER.slot, "fewer than 2^32 timers at once");
        self.generations.push(1);
        TimerId {
            slot,
            generation: 1,
        }
    }

    #[inline]
    pub(super) fn is_open(&self, timer: TimerId) -> bool {
        self.generations.get(timer.slot as usize) == Some(&timer.generation)
    }

    /// The event happens now, unless it was cancelled: then its entry is forgotten, and the answer is `false`.
    #[inline]
    pub(super) fn fire(&mut self, timer: TimerId) -> bool {
        let is_open = self.release(timer);
        if !is_open {
            self.stale_count -= 1;
        }
        is_open
    }

    /// Frees the slot of a timer that is open; says whether it was.
    #[inline]
    fn release(&mut self, timer: TimerId) -> bool {
        match self.generations.get_mut(timer.slot as usize) {
            Some(generation) if *generation == timer.generation => {
                *generation = generation.wrapping_add(1);
                self.free.push(timer.slot);
                true
            }
            _ => false,
        }
    }

    /// The event will not happen; its entry is stale from here on.
    pub(super) fn close(&mut self, timer: TimerId) -> bool {
        let is_open = self.release(timer);
        self.stale_count += usize::from(is_open);
        is_open
    }

    pub(super) fn stale_count(&self) -> usize {
        self.stale_count
    }

    pub(super) fn forget_stale(&mut self) {
        self.stale_count -= 1;
    }

    pub(super) fn forget_all_stale(&mut self) {
        self.stale_count = 0;
    }

    /// Whether every slot is either free once or one of `open`, as after a sound history.
    pub(super) fn is_consistent(&self, open: &[TimerId]) -> bool {
        let mut seen = vec![false; self.generations.len()];
        let slots = open
            .iter()
            .map(|timer| timer.slot)
            .chain(self.free.iter().copied());
        for slot in slots {
            match seen.get_mut(slot as usize) {
                Some(place) if !*place => *place = true,
                _ => return false,
            }
        }
        let is_free_even = self
            .free
            .iter()
            .all(|slot| self.generations[*slot as usize].is_multiple_of(2));
        let is_open_odd = open.iter().all(|timer| timer.generation % 2 == 1);
        is_free_even && is_open_odd && seen.iter().all(|place| *place)
    }
}
