//! A binary heap that leaves a gap at its top when an event is taken, for the event that usually follows to fill.
//!
//! Taking and adding then cost one walk down instead of a walk down and a walk up.

use super::Pending;

/// The nearest events.
#[derive(Clone, Debug)]
pub(super) struct Heap<E> {
    entries: Vec<Pending<E>>,
    /// Whether `entries[0]` has been taken.
    is_open: bool,
}

impl<E: Copy> Heap<E> {
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::new(),
            is_open: false,
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.entries.len() - usize::from(self.is_open)
    }

    /// Whether there is a first event; only after [`close_gap`](Self::close_gap).
    #[inline]
    pub(super) fn has_top(&self) -> bool {
        !self.entries.is_empty()
    }

    /// The first event, which must be there; only after [`close_gap`](Self::close_gap).
    #[inline]
    pub(super) fn top(&self) -> &Pending<E> {
        &self.entries[0]
    }

    /// Takes the first event out; the gap stays open.
    #[inline]
    pub(super) fn take_top(&mut self) {
        debug_assert!(!self.is_open, "only a closed top can be taken");
        self.is_open = true;
    }

    /// Whether the top has been taken and nothing has come in its place.
    #[inline]
    pub(super) fn has_gap(&self) -> bool {
        self.is_open
    }

    /// Fills the gap at the top.
    #[inline(always)]
    pub(super) fn replace_top(&mut self, entry: Pending<E>) {
        debug_assert!(self.is_open, "there is a gap to fill");
        self.is_open = false;
        self.sift_down(entry);
    }

    pub(super) fn push(&mut self, entry: Pending<E>) {
        if self.is_open {
            self.replace_top(entry);
        } else {
            self.entries.push(entry);
            self.sift_up(self.entries.len() - 1);
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Pending<E>> {
        self.entries.iter().skip(usize::from(self.is_open))
    }

    /// Takes everything, in no order.
    pub(super) fn drain(&mut self) -> Vec<Pending<E>> {
        self.close_gap();
        std::mem::take(&mut self.entries)
    }

    /// Takes over `entries`, which must find the heap empty, and leaves its old buffer there.
    pub(super) fn fill(&mut self, entries: &mut Vec<Pending<E>>) {
        assert!(self.len() == 0, "the heap is filled when it is empty");
        self.entries.clear();
        self.is_open = false;
        std::mem::swap(&mut self.entries, entries);
        // A sorted array is a heap, and the sort's inner loops are faster than building one.
        self.entries.sort_unstable_by_key(Pending::key);
    }

    /// Moves the last event into the gap at the top, if nothing has filled it.
    #[inline]
    pub(super) fn close_gap(&mut self) {
        if self.is_open {
            self.fill_gap();
        }
    }

    fn fill_gap(&mut self) {
        self.is_open = false;
        if let Some(last) = self.entries.pop()
            && !self.entries.is_empty()
        {
            self.sift_down(last);
        }
    }

    /// Puts `entry` at the top and lets it sink.
    #[inline(always)]
    fn sift_down(&mut self, entry: Pending<E>) {
        let entries = self.entries.as_mut_slice();
        let count = entries.len();
        let key = entry.key();
        let mut hole = 0;
        let mut child = 1;
        while child < count {
            if child + 1 < count && entries[child + 1].key() < entries[child].key() {
                child += 1;
            }
            if entries[child].key() >= key {
                break;
            }
            entries[hole] = entries[child];
            hole = child;
            child = 2 * hole + 1;
        }
        entries[hole].set(entry);
    }

    #[inline]
    fn sift_up(&mut self, place: usize) {
        let entries = self.entries.as_mut_slice();
        let entry = entries[place];
        let key = entry.key();
        let mut hole = place;
        while hole > 0 {
            let parent = (hole - 1) / 2;
            if entries[parent].key() <= key {
                break;
            }
            entries[hole] = entries[parent];
            hole = parent;
        }
        entries[hole] = entry;
    }
}
