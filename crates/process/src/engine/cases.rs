//! The cases that are in the world: slots that are used again, so that memory follows the number present.

use pluriverse_kernel::{
    pending::TimerId,
    time::{SimDuration, SimTime},
};
use serde::{Deserialize, Serialize};

use super::{NOBODY, between};

/// One case.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Case {
    /// Its number in the ledger.
    pub(super) number: u32,
    /// The station where it is, was last, or [`NOBODY`].
    pub(super) station: u32,
    pub(super) class: u32,
    pub(super) priority: i32,
    /// When it came into the world.
    pub(super) arrived: SimTime,
    /// When it entered the station.
    pub(super) entered: SimTime,
    /// When it began to wait there, the last time.
    pub(super) waiting_since: SimTime,
    /// How long it waited there before.
    pub(super) waited_nanos: i64,
    /// Service that is left, where it is known; -1 where it is not yet drawn.
    pub(super) left_nanos: i64,
    /// Service drawn for this visit.
    pub(super) service_nanos: i64,
    /// When it gives up, while it waits.
    pub(super) patience: Option<TimerId>,
    /// Its neighbours in the queue.
    pub(super) links: Links,
    /// Its place in a sorted queue.
    pub(super) ticket: u64,
    pub(super) place: Place,
}

/// Who stands before and behind a case that waits; [`NOBODY`] at the ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Links {
    pub(super) before: u32,
    pub(super) behind: u32,
}

impl Case {
    /// It comes to a station.
    #[inline(always)]
    pub(super) fn begin_visit(&mut self, now: SimTime, station: u32) {
        self.station = station;
        self.entered = now;
        self.waiting_since = now;
        self.waited_nanos = 0;
        self.left_nanos = -1;
    }

    /// Its service here takes so long.
    #[inline(always)]
    pub(super) fn needs(&mut self, service: SimDuration) {
        self.service_nanos = service.nanos();
        self.left_nanos = service.nanos();
    }

    /// It is in the queue of its station.
    #[inline(always)]
    pub(super) fn wait_between(&mut self, before: u32, behind: u32) {
        self.place = Place::Waiting;
        self.links = Links { before, behind };
    }

    /// It is no longer in the queue of its station, where it was between these.
    #[inline(always)]
    pub(super) fn stop_waiting(&mut self, now: SimTime) -> Links {
        assert!(
            self.place == Place::Waiting,
            "only who waits can stop waiting (case {})",
            self.number
        );
        self.place = Place::Moving;
        self.waited_nanos += between(self.waiting_since, now).nanos();
        self.links
    }
}

/// What a case is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Place {
    /// The slot is free.
    Gone,
    /// On its way, within an event.
    Moving,
    /// In the queue of its station.
    Waiting,
    /// With an agent of its station.
    Served,
    /// Held back from a full station.
    Held,
}

/// All cases, by slot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Cases {
    pub(super) slots: Vec<Case>,
    pub(super) free: Vec<u32>,
    /// Attributes of all slots, one after the other.
    pub(super) attributes: Vec<f64>,
    pub(super) attribute_count: usize,
    pub(super) next_number: u32,
}

/// Memory that the cases in a world may take: some nineteen million without attributes.
const CASES_BYTES: usize = 2 << 30;

impl Cases {
    pub(super) fn new(attribute_count: usize) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            attributes: Vec::new(),
            attribute_count,
            next_number: 0,
        }
    }

    /// The slot of a new case, with all attributes zero; `None` once all numbers are used or the world is full.
    #[inline(always)]
    pub(super) fn admit(&mut self, now: SimTime, class: u32, priority: i32) -> Option<u32> {
        let number = self.next_number;
        if number == NOBODY {
            return None;
        }
        self.next_number = number + 1;
        let case = Case {
            number,
            station: NOBODY,
            class,
            priority,
            arrived: now,
            entered: now,
            waiting_since: now,
            waited_nanos: 0,
            left_nanos: -1,
            service_nanos: 0,
            patience: None,
            links: Links {
                before: NOBODY,
                behind: NOBODY,
            },
            ticket: 0,
            place: Place::Moving,
        };
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = case;
            if self.attribute_count > 0 {
                self.attributes_mut(slot).fill(0.0);
            }
            return Some(slot);
        }
        if self.slots.len() >= self.limit() {
            return None;
        }
        let slot = u32::try_from(self.slots.len()).ok()?;
        self.slots.push(case);
        self.attributes
            .resize(self.slots.len() * self.attribute_count, 0.0);
        Some(slot)
    }

    /// How many may be in the world at once.
    pub(super) fn limit(&self) -> usize {
        CASES_BYTES / (size_of::<Case>() + self.attribute_count * size_of::<f64>())
    }

    /// Lets a slot go; its last case can still be read until the next one is admitted.
    #[inline(always)]
    pub(super) fn release(&mut self, slot: u32) -> &Case {
        self.free.push(slot);
        let case = &mut self[slot];
        assert!(
            case.place != Place::Gone,
            "a case leaves once (case {})",
            case.number
        );
        case.place = Place::Gone;
        case
    }

    /// How many are in the world.
    pub(super) fn count(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(super) fn attributes(&self, slot: u32) -> &[f64] {
        let first = slot as usize * self.attribute_count;
        &self.attributes[first..first + self.attribute_count]
    }

    pub(super) fn attributes_mut(&mut self, slot: u32) -> &mut [f64] {
        let first = slot as usize * self.attribute_count;
        &mut self.attributes[first..first + self.attribute_count]
    }
}

impl std::ops::Index<u32> for Cases {
    type Output = Case;

    #[inline(always)]
    fn index(&self, slot: u32) -> &Case {
        &self.slots[slot as usize]
    }
}

impl std::ops::IndexMut<u32> for Cases {
    #[inline(always)]
    fn index_mut(&mut self, slot: u32) -> &mut Case {
        &mut self.slots[slot as usize]
    }
}
