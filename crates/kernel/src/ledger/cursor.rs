//! The emitter: subscribers read the ledger's last rows at their own pace.
//!
//! A subscriber holds a cursor; the kernel neither knows nor waits for it, so a slow one costs nothing and cannot
//! change a run. What it misses because the window moved on is counted and told.

use super::{Ledger, Row};

/// A set of kinds of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KindSet {
    /// Every kind.
    All,
    /// Only these, ascending.
    Only(Vec<u16>),
}

impl KindSet {
    /// The kinds of these indices.
    #[must_use]
    pub fn only(mut kinds: Vec<u16>) -> Self {
        kinds.sort_unstable();
        kinds.dedup();
        Self::Only(kinds)
    }

    /// Whether `kind` belongs to it.
    #[must_use]
    pub fn contains(&self, kind: u16) -> bool {
        match self {
            Self::All => true,
            Self::Only(kinds) => kinds.binary_search(&kind).is_ok(),
        }
    }
}

/// A subscriber's place in a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    next_row: u64,
    kinds: KindSet,
}

/// What a subscriber gets at a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Rows with their numbers, in order.
    pub rows: Vec<(u64, Row)>,
    /// Rows of any kind that were gone before this batch's first row could be read.
    pub dropped_count: u64,
}

impl Ledger {
    /// Opens a subscription to `kinds` from the next row on; at least the last `window_rows` rows stay readable.
    pub fn subscribe(&mut self, kinds: KindSet, window_rows: usize) -> Cursor {
        self.widen_window(window_rows);
        Cursor {
            next_row: self.rows(),
            kinds,
        }
    }

    /// Reads on from `cursor`, but only what is among the last `limit` rows of any kind; the others count as dropped.
    pub fn read_latest(&self, cursor: &mut Cursor, limit: usize) -> Batch {
        cursor.next_row = cursor.next_row.min(self.rows());
        let start = self.rows().saturating_sub(limit as u64);
        let skipped = start.saturating_sub(cursor.next_row);
        cursor.next_row += skipped;
        let mut batch = self.read(cursor, limit);
        batch.dropped_count += skipped;
        batch
    }

    /// Reads on from `cursor`, at most `limit` rows of its kinds.
    pub fn read(&self, cursor: &mut Cursor, limit: usize) -> Batch {
        // After a seek back the rows that follow are new ones.
        cursor.next_row = cursor.next_row.min(self.rows());
        let first = self.first_kept_row();
        let mut batch = Batch {
            rows: Vec::new(),
            dropped_count: first.saturating_sub(cursor.next_row),
        };
        cursor.next_row = cursor.next_row.max(first);
        let nearest = self.chunk_index(cursor.next_row).unwrap_or(0);
        for chunk in (nearest..).map_while(|index| self.chunk(index)) {
            while chunk.contains(cursor.next_row) && batch.rows.len() < limit {
                let offset =
                    usize::try_from(cursor.next_row - chunk.first_row()).unwrap_or(usize::MAX);
                if cursor.kinds.contains(chunk.kinds()[offset]) {
                    batch.rows.push((cursor.next_row, chunk.row(offset)));
                }
                cursor.next_row += 1;
            }
        }
        batch
    }
}
