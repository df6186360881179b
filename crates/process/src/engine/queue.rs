//! The cases that wait at one station, in the order of its discipline.
//!
//! First-come orders are doubly linked through the cases themselves, one list a priority, so that a case that gives
//! up leaves in O(1). Shortest-processing keeps a sorted map. A case that was stopped in service goes to the head.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    NOBODY,
    cases::{Cases, Links, Place},
};
use crate::spec::{ClassSpec, Discipline};

/// One station's queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Queue {
    pub(super) order: Order,
    pub(super) len: u32,
}

/// How a queue is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// One list, whatever the priorities.
    Line { list: List, newest_first: bool },
    /// Lists by priority, the most urgent first.
    Lists {
        lists: Vec<List>,
        /// The list of each class.
        list_of_class: Vec<u32>,
    },
    /// By service time, then by ticket.
    Sorted {
        cases: BTreeMap<(i64, u64), u32>,
        next_ticket: u64,
    },
}

/// A list through the cases' `before` and `behind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct List {
    pub(super) first: u32,
    pub(super) last: u32,
}

const EMPTY: List = List {
    first: NOBODY,
    last: NOBODY,
};

/// Tickets of cases that go to the head count down from here.
pub(super) const FIRST_TICKET: u64 = 1 << 63;

impl Queue {
    pub(super) fn new(discipline: Discipline, classes: &[ClassSpec]) -> Self {
        let mut levels: Vec<i32> = classes.iter().map(|class| class.priority).collect();
        levels.sort_unstable_by(|a, b| b.cmp(a));
        levels.dedup();
        let list_of = |class: &ClassSpec| {
            levels
                .iter()
                .position(|level| *level == class.priority)
                .unwrap_or(0)
        };
        let order = match discipline {
            Discipline::Fifo | Discipline::Lifo => Order::Line {
                list: EMPTY,
                newest_first: discipline == Discipline::Lifo,
            },
            Discipline::Priority => Order::Lists {
                lists: vec![EMPTY; levels.len()],
                list_of_class: classes
                    .iter()
                    .map(|class| u32::try_from(list_of(class)).unwrap_or(0))
                    .collect(),
            },
            Discipline::ShortestProcessing => Order::Sorted {
                cases: BTreeMap::new(),
                next_ticket: FIRST_TICKET,
            },
        };
        Self { order, len: 0 }
    }

    /// Adds a case that has just come.
    #[inline(always)]
    pub(super) fn join(&mut self, cases: &mut Cases, slot: u32) {
        match &mut self.order {
            Order::Line {
                list,
                newest_first: false,
            } => list.push_back(cases, slot),
            Order::Line { list, .. } => list.push_front(cases, slot),
            Order::Lists {
                lists,
                list_of_class,
            } => lists[list_of_class[cases[slot].class as usize] as usize].push_back(cases, slot),
            Order::Sorted {
                cases: sorted,
                next_ticket,
            } => {
                cases[slot].ticket = *next_ticket;
                *next_ticket += 1;
                cases[slot].place = Place::Waiting;
                sorted.insert((cases[slot].left_nanos, cases[slot].ticket), slot);
            }
        }
        self.len += 1;
    }

    /// Adds a case ahead of its equals: it was stopped in service.
    pub(super) fn push_front(&mut self, cases: &mut Cases, slot: u32) {
        match &mut self.order {
            Order::Line { list, .. } => list.push_front(cases, slot),
            Order::Lists {
                lists,
                list_of_class,
            } => lists[list_of_class[cases[slot].class as usize] as usize].push_front(cases, slot),
            Order::Sorted {
                cases: sorted,
                next_ticket,
            } => {
                cases[slot].ticket = FIRST_TICKET - (*next_ticket - FIRST_TICKET) - 1;
                *next_ticket += 1;
                cases[slot].place = Place::Waiting;
                sorted.insert((cases[slot].left_nanos, cases[slot].ticket), slot);
            }
        }
        self.len += 1;
    }

    /// Who is next.
    #[inline(always)]
    pub(super) fn first(&self) -> Option<u32> {
        match &self.order {
            Order::Line { list, .. } => (list.first != NOBODY).then_some(list.first),
            Order::Lists { lists, .. } => lists
                .iter()
                .map(|list| list.first)
                .find(|first| *first != NOBODY),
            Order::Sorted { cases, .. } => cases.first_key_value().map(|(_, slot)| *slot),
        }
    }

    /// Takes out a case that has just [stopped waiting](super::cases::Case::stop_waiting) here, between `links`.
    #[inline(always)]
    pub(super) fn remove(&mut self, cases: &mut Cases, slot: u32, links: Links) {
        match &mut self.order {
            Order::Line { list, .. } => list.remove(cases, links),
            Order::Lists {
                lists,
                list_of_class,
            } => lists[list_of_class[cases[slot].class as usize] as usize].remove(cases, links),
            Order::Sorted { cases: sorted, .. } => {
                let case = &cases[slot];
                let removed = sorted.remove(&(case.left_nanos, case.ticket));
                assert!(
                    removed == Some(slot),
                    "a sorted queue knows its cases (case {})",
                    case.number
                );
            }
        }
        self.len -= 1;
    }
}

impl List {
    #[inline(always)]
    fn push_back(&mut self, cases: &mut Cases, slot: u32) {
        let last = std::mem::replace(&mut self.last, slot);
        if last == NOBODY {
            self.first = slot;
        } else {
            cases[last].links.behind = slot;
        }
        cases[slot].wait_between(last, NOBODY);
    }

    fn push_front(&mut self, cases: &mut Cases, slot: u32) {
        let first = std::mem::replace(&mut self.first, slot);
        if first == NOBODY {
            self.last = slot;
        } else {
            cases[first].links.before = slot;
        }
        cases[slot].wait_between(NOBODY, first);
    }

    #[inline(always)]
    fn remove(&mut self, cases: &mut Cases, Links { before, behind }: Links) {
        if before == NOBODY {
            self.first = behind;
        } else {
            cases[before].links.behind = behind;
        }
        if behind == NOBODY {
            self.last = before;
        } else {
            cases[behind].links.before = before;
        }
    }
}
