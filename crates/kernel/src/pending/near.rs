//! The nearest events, ready to be taken.
//!
//! A short list, sorted, with the next event at its end: taking one moves nothing, and adding one moves those that
//! come before it. Only where more events than a list should hold share one instant, so that the ladder cannot
//! tell them apart, they wait in a crowd: a binary heap, from which the list is filled one by one.

use super::Pending;

/// A list has no more events than this.
pub(super) const LIST_LIMIT: usize = 64;

/// The nearest events.
#[derive(Clone, Debug)]
pub(super) struct Near<E> {
    /// From the last to the next; with a crowd, all before the crowd's.
    list: Vec<Pending<E>>,
    /// The first is the next, the children of the one at `i` are at `2i + 1` and `2i + 2`.
    crowd: Vec<Pending<E>>,
    /// How many events the list takes: with a crowd, none.
    room: usize,
}

impl<E: Copy> Near<E> {
    pub(super) fn new() -> Self {
        Self {
            list: Vec::with_capacity(LIST_LIMIT),
            crowd: Vec::new(),
            room: LIST_LIMIT,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.list.len() + self.crowd.len()
    }

    /// Whether there is more than fits a list.
    pub(super) fn is_crowded(&self) -> bool {
        !self.crowd.is_empty()
    }

    /// The next event, unless the list has to be [`filled`](Self::fill_list) first.
    #[inline(always)]
    pub(super) fn next(&self) -> Option<&Pending<E>> {
        self.list.last()
    }

    /// Lets go of the next event, which must be there.
    #[inline(always)]
    pub(super) fn drop_next(&mut self) {
        self.list.truncate(self.list.len() - 1);
    }

    /// Whether the list takes any other event.
    #[inline(always)]
    pub(super) fn has_room(&self) -> bool {
        self.list.len() < self.room
    }

    /// Adds an event to the list, where there is no crowd.
    #[inline(always)]
    pub(super) fn insert(&mut self, entry: Pending<E>) {
        let mut hole = self.list.len();
        self.list.push(entry);
        let list = self.list.as_mut_slice();
        while hole > 0 && list[hole - 1].is_before(&entry) {
            list[hole] = list[hole - 1];
            hole -= 1;
        }
        if hole + 1 < list.len() {
            list[hole].set(entry);
        }
    }

    /// Adds an event to the list or to the crowd.
    pub(super) fn push(&mut self, entry: Pending<E>) {
        let is_before = |last: &Pending<E>| entry.key() < last.key();
        if !self.is_crowded() {
            self.insert(entry);
        } else if !self.list.first().is_some_and(is_before) {
            self.join_crowd(entry);
        } else if self.list.len() < LIST_LIMIT {
            self.insert(entry);
        } else {
            for listed in std::mem::take(&mut self.list) {
                self.join_crowd(listed);
            }
            self.join_crowd(entry);
        }
    }

    /// Brings the first of the crowd, which must be there, into an empty list.
    pub(super) fn fill_list(&mut self) {
        self.list.push(self.crowd.swap_remove(0));
        self.sift_down();
        if self.crowd.is_empty() {
            self.room = LIST_LIMIT;
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Pending<E>> {
        self.list.iter().chain(&self.crowd)
    }

    /// Takes everything, in no order.
    pub(super) fn drain(&mut self) -> Vec<Pending<E>> {
        let mut entries = std::mem::take(&mut self.crowd);
        entries.append(&mut self.list);
        self.room = LIST_LIMIT;
        entries
    }

    /// Takes all of `entries`, which must find nothing here.
    pub(super) fn fill(&mut self, entries: &mut Vec<Pending<E>>) {
        assert!(self.len() == 0, "what is near is filled when it is empty");
        if entries.len() <= LIST_LIMIT {
            self.list.append(entries);
            self.list
                .sort_unstable_by_key(|entry| std::cmp::Reverse(entry.key()));
        } else {
            self.room = 0;
            self.crowd.append(entries);
            // A sorted array is a heap.
            self.crowd.sort_unstable_by_key(Pending::key);
        }
    }

    /// Lets the root of the crowd sink to its place.
    fn sift_down(&mut self) {
        let crowd = self.crowd.as_mut_slice();
        let mut place = 0;
        loop {
            let mut child = 2 * place + 1;
            if child >= crowd.len() {
                return;
            }
            if child + 1 < crowd.len() && crowd[child + 1].key() < crowd[child].key() {
                child += 1;
            }
            if crowd[place].key() < crowd[child].key() {
                return;
            }
            crowd.swap(place, child);
            place = child;
        }
    }

    /// Adds an event to the crowd and lets it rise to its place.
    fn join_crowd(&mut self, entry: Pending<E>) {
        let mut place = self.crowd.len();
        self.crowd.push(entry);
        let crowd = self.crowd.as_mut_slice();
        while place > 0 {
            let parent = (place - 1) / 2;
            if crowd[parent].key() < crowd[place].key() {
                return;
            }
            crowd.swap(parent, place);
            place = parent;
        }
    }
}
