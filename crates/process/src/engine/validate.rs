//! Whether a restored state hangs together, so that a damaged snapshot is refused and never trips over itself.

use pluriverse_kernel::{pending::Upcoming, snapshot::SnapshotError, time::SimTime};
use serde::{Deserialize, Serialize};

use super::{Event, NOBODY, State, cases::Place};
use crate::spec::Spec;

/// Leaves the function with `reason` unless `holds`.
macro_rules! ensure {
    ($holds:expr, $reason:expr $(,)?) => {
        if !$holds {
            return Err($reason);
        }
    };
}

mod cases;
mod events;
mod meters;
mod pools;
mod queues;
mod times;

/// More than anything that can be counted in a run.
const COUNT_LIMIT: u64 = 1 << 60;

/// What the state of a world is the state of: names, so that people are told what differs, and all the rest.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shape {
    stations: Vec<String>,
    pools: Vec<String>,
    sources: Vec<String>,
    classes: Vec<String>,
    attributes: Vec<String>,
    /// [`Spec::fingerprint`].
    description: u64,
}

impl Shape {
    pub(super) fn of(spec: &Spec, description: u64) -> Self {
        Self {
            stations: spec
                .stations
                .iter()
                .map(|station| station.name.clone())
                .collect(),
            pools: spec.pools.iter().map(|pool| pool.name.clone()).collect(),
            sources: spec
                .sources
                .iter()
                .map(|source| source.name.clone())
                .collect(),
            classes: spec
                .classes
                .iter()
                .map(|class| class.name.clone())
                .collect(),
            attributes: spec.attributes.clone(),
            description,
        }
    }

    /// Checks that a state of this shape belongs `here`.
    pub(super) fn check(&self, here: &Self) -> Result<(), SnapshotError> {
        let parts = [
            ("stations", &self.stations, &here.stations),
            ("pools", &self.pools, &here.pools),
            ("sources", &self.sources, &here.sources),
            ("classes", &self.classes, &here.classes),
            ("attributes", &self.attributes, &here.attributes),
        ];
        for (part, there, here) in parts {
            if there != here {
                let reason = format!("its {part} are {there:?}, here they are {here:?}");
                return Err(SnapshotError::OtherWorld { reason });
            }
        }
        if self.description != here.description {
            let reason = "it was taken with another scenario, other data or other overrides";
            return Err(SnapshotError::OtherWorld {
                reason: reason.to_owned(),
            });
        }
        Ok(())
    }
}

/// Checks every number, index and list of a state against each other and against those of a new world.
///
/// What it and [`check_restored`] let in never breaks an invariant later, whatever happens to it.
pub(super) fn check(spec: &Spec, fresh: &State, state: &State) -> Result<(), SnapshotError> {
    check_state(spec, fresh, state).map_err(|reason| invalid("process.state", reason))
}

/// Checks a state that has passed [`check`] against the world's time and the events to come.
pub(super) fn check_restored(
    spec: &Spec,
    state: &State,
    now: SimTime,
    upcoming: &[Upcoming<Event>],
) -> Result<(), SnapshotError> {
    times::check(state, now).map_err(|reason| invalid("process.state", reason))?;
    events::check(spec, state, upcoming).map_err(|reason| invalid("kernel.pending", reason))
}

fn invalid(section: &str, reason: &str) -> SnapshotError {
    SnapshotError::Invalid {
        section: section.to_owned(),
        reason: reason.to_owned(),
    }
}

fn check_state(spec: &Spec, fresh: &State, state: &State) -> Result<(), &'static str> {
    ensure!(
        state.stations.len() == fresh.stations.len(),
        "the number of stations"
    );
    ensure!(state.rooms.is_empty(), "a snapshot within an event");
    check_sources(fresh, state)?;
    cases::check(spec, state)?;
    pools::check(spec, fresh, state)?;
    queues::check(fresh, state)?;
    meters::check(fresh, state)
}

fn check_sources(fresh: &State, state: &State) -> Result<(), &'static str> {
    let (sources, fresh) = (&state.sources.0, &fresh.sources.0);
    ensure!(sources.len() == fresh.len(), "the number of sources");
    let is_sound = sources.iter().all(|source| {
        let is_factor = source.factor >= 0.0 && source.factor.is_finite();
        is_factor && source.count < COUNT_LIMIT && (source.next_entry as u64) < COUNT_LIMIT
    });
    ensure!(is_sound, "a source");
    Ok(())
}
