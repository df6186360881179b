//! The cases that wait at one station, in the order of its discipline.
//!
//! First-come orders are doubly linked through the cases themselves, one list a priority, so that a case that gives
//! up leaves in O(1). Shortest-processing keeps a sorted map. A case that was stopped in service goes to the head.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    NOBODY,
    cases::{Cases, Place},
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
    /// Lists by priority, the most urgent first; a queue that minds no priority has one.
    Lists {
        lists: Vec<List>,
        /// The list of each class.
        list_of_class: Vec<u32>,
        newest_first: bool,
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
            Discipline::Fifo | Discipline::Lifo => Order::Lists {
                lists: vec![EMPTY],
                list_of_class: vec![0; classes.len()],
                newest_first: discipline == Discipline::Lifo,
            },
            Discipline::Priority => Order::Lists {
                lists: vec![EMPTY; levels.len()],
                list_of_class: classes
                    .iter()
                    .map(|class| u32::try_from(list_of(class)).unwrap_or(0))
                    .collect(),
                newest_first: false,
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
            Order::Lists {
                newest_first: true, ..
            } => self.push_front(cases, slot),
            Order::Lists {
                lists,
                list_of_class,
                ..
            } => {
                let case = &mut cases[slot];
                let list = &mut lists[list_of_class[case.class as usize] as usize];
                let last = std::mem::replace(&mut list.last, slot);
                (case.before, case.behind) = (last, NOBODY);
                case.place = Place::Waiting;
                self.len += 1;
                if last == NOBODY {
                    list.first = slot;
                } else {
                    cases[last].behind = slot;
                }
            }
            Order::Sorted {
                cases: sorted,
                next_ticket,
            } => {
                cases[slot].ticket = *next_ticket;
                *next_ticket += 1;
                sorted.insert((cases[slot].left_nanos, cases[slot].ticket), slot);
                self.len += 1;
                cases[slot].place = Place::Waiting;
            }
        }
    }

    /// Adds a case ahead of its equals: it was stopped in service.
    pub(super) fn push_front(&mut self, cases: &mut Cases, slot: u32) {
        match &mut self.order {
            Order::Lists {
                lists,
                list_of_class,
                ..
            } => {
                let list = &mut lists[list_of_class[cases[slot].class as usize] as usize];
                let first = std::mem::replace(&mut list.first, slot);
                if first == NOBODY {
                    list.last = slot;
                } else {
                    cases[first].before = slot;
                }
                (cases[slot].before, cases[slot].behind) = (NOBODY, first);
            }
            Order::Sorted {
                cases: sorted,
                next_ticket,
            } => {
                cases[slot].ticket = FIRST_TICKET - (*next_ticket - FIRST_TICKET) - 1;
                *next_ticket += 1;
                sorted.insert((cases[slot].left_nanos, cases[slot].ticket), slot);
            }
        }
        self.len += 1;
        cases[slot].place = Place::Waiting;
    }

    /// Who is next.
    #[inline(always)]
    pub(super) fn first(&self) -> Option<u32> {
        if self.len == 0 {
            return None;
        }
        match &self.order {
            Order::Lists { lists, .. } => lists
                .iter()
                .map(|list| list.first)
                .find(|first| *first != NOBODY),
            Order::Sorted { cases, .. } => cases.first_key_value().map(|(_, slot)| *slot),
        }
    }

    /// Takes out a case that waits here.
    #[inline(always)]
    pub(super) fn remove(&mut self, cases: &mut Cases, slot: u32) {
        let case = &mut cases[slot];
        assert!(
            case.place == Place::Waiting,
            "only who waits can stop waiting (case {})",
            case.number
        );
        case.place = Place::Moving;
        let (class, before, behind) = (case.class, case.before, case.behind);
        match &mut self.order {
            Order::Lists {
                lists,
                list_of_class,
                ..
            } => {
                let list = &mut lists[list_of_class[class as usize] as usize];
                if before == NOBODY {
                    list.first = behind;
                } else {
                    cases[before].behind = behind;
                }
                if behind == NOBODY {
                    list.last = before;
                } else {
                    cases[behind].before = before;
                }
            }
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
