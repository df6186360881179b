//! What has come from outside, so that a second world can be given the same.
//!
//! It travels in snapshots, in a section that worlds without inputs do not have. Past a limit, or once an input had a
//! payload, nothing is known any more: a part would make another run.

use serde::{Deserialize, Serialize};

use crate::{
    ledger::Dictionary,
    snapshot::{SnapshotError, SnapshotReader, SnapshotWriter},
    time::SimTime,
    world::PastInput,
};

/// Handled inputs that a world remembers.
pub const PAST_INPUT_LIMIT: usize = 1 << 18;

const SECTION: &str = "kernel.past-inputs";

/// The inputs that were handled, in order; `None` when that is not known any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PastInputs(Option<Vec<PastInput>>);

impl Default for PastInputs {
    fn default() -> Self {
        Self(Some(Vec::new()))
    }
}

impl PastInputs {
    pub(super) fn known(&self) -> Option<&[PastInput]> {
        self.0.as_deref()
    }

    pub(super) fn note(&mut self, past: PastInput) {
        if let Some(known) = &mut self.0 {
            if known.len() < PAST_INPUT_LIMIT && past.input.payload.is_empty() {
                known.push(past);
            } else {
                self.0 = None;
            }
        }
    }

    pub(super) fn save(&self, snapshot: &mut SnapshotWriter) {
        if self.known().is_none_or(|known| !known.is_empty()) {
            snapshot.record(SECTION, self);
        }
    }

    pub(super) fn load(snapshot: &SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        match snapshot.record(SECTION) {
            Err(SnapshotError::MissingSection { .. }) => Ok(Self::default()),
            read => read,
        }
    }

    /// Checks that they can be those of a world that has handled so many `events` and is at `now`.
    pub(super) fn check(
        &self,
        dictionary: &Dictionary,
        events: u64,
        now: SimTime,
    ) -> Result<(), SnapshotError> {
        let known = self.known().unwrap_or_default();
        let is_possible = |past: &PastInput| {
            past.after_events < events
                && (SimTime::ZERO..=now).contains(&past.at)
                && usize::from(past.input.kind) < dictionary.kinds.len()
                && past.input.payload.is_empty()
        };
        let follows = |one: &PastInput, next: &PastInput| {
            one.at <= next.at && one.after_events < next.after_events
        };
        if known.len() <= PAST_INPUT_LIMIT
            && known.iter().all(is_possible)
            && known.is_sorted_by(follows)
        {
            return Ok(());
        }
        Err(SnapshotError::Invalid {
            section: SECTION.to_owned(),
            reason: "it has inputs that cannot have been handled".to_owned(),
        })
    }
}
