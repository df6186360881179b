//! Whether a restored state hangs together, so that a damaged snapshot is refused and never trips over itself.

use pluriverse_kernel::snapshot::SnapshotError;
use serde::{Deserialize, Serialize};

use super::{
    Event, NOBODY, State,
    cases::{Case, Place},
    meter::Meter,
    pools::Doing,
    queue::{List, Order, Queue},
};
use crate::spec::Spec;

/// Leaves the function with `reason` unless `holds`.
macro_rules! ensure {
    ($holds:expr, $reason:expr $(,)?) => {
        if !$holds {
            return Err($reason.to_owned());
        }
    };
}

/// What two descriptions must share for the state of one to fit the other.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shape {
    stations: Vec<String>,
    pools: Vec<String>,
    sources: Vec<String>,
    classes: Vec<String>,
    attributes: Vec<String>,
    until_nanos: i64,
    period_nanos: i64,
}

impl Shape {
    pub(super) fn of(spec: &Spec) -> Self {
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
            until_nanos: spec.run.until.nanos(),
            period_nanos: spec.run.period.nanos(),
        }
    }

    /// Checks that a state of this shape fits `spec`.
    pub(super) fn check(&self, spec: &Spec) -> Result<(), SnapshotError> {
        let here = Self::of(spec);
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
        if (self.until_nanos, self.period_nanos) != (here.until_nanos, here.period_nanos) {
            let reason = "its run has another end or other periods".to_owned();
            return Err(SnapshotError::OtherWorld { reason });
        }
        Ok(())
    }
}

/// Whether an event names things that exist.
pub(super) fn is_event_sound(state: &State, event: Event) -> bool {
    match event {
        Event::Arrive { source } => (source as usize) < state.sources.0.len(),
        Event::Finish { agent } => (agent as usize) < state.pools.agents.len(),
        Event::Renege { case } => state
            .cases
            .slots
            .get(case as usize)
            .is_some_and(|case| case.place == Place::Waiting),
        Event::Shift { pool } => (pool as usize) < state.pools.pools.len(),
        Event::Close => true,
    }
}

/// Checks every index and list of a state.
pub(super) fn check(spec: &Spec, state: &State) -> Result<(), String> {
    let fresh = super::Engine::new(std::sync::Arc::new(spec.clone())).state;
    check_sizes(spec, state, &fresh)?;
    check_cases(spec, state)?;
    check_pools(spec, state)?;
    for (index, station) in (0..).zip(&state.stations) {
        let held = station.held.iter().all(|held| {
            is_at(state, held.case, index, Place::Held)
                && (held.agent == NOBODY
                    || state
                        .pools
                        .agents
                        .get(held.agent as usize)
                        .is_some_and(|agent| agent.case == held.case))
        });
        ensure!(held, "a held case is not held");
        check_queue(
            state,
            &station.queue,
            &fresh.stations[index as usize].queue,
            index,
        )?;
    }
    Ok(())
}

fn check_sizes(spec: &Spec, state: &State, fresh: &State) -> Result<(), String> {
    let cases = &state.cases;
    ensure!(
        state.stations.len() == spec.stations.len(),
        "the number of stations",
    );
    ensure!(
        state.sources.0.len() == spec.sources.len(),
        "the number of sources",
    );
    ensure!(
        state.pools.pools.len() == spec.pools.len(),
        "the number of pools",
    );
    ensure!(
        cases.attribute_count == spec.attributes.len(),
        "the number of attributes",
    );
    ensure!(
        cases.attributes.len() == cases.slots.len() * cases.attribute_count,
        "the attributes of the cases",
    );
    ensure!(
        Meter::is_like(&state.meter, &fresh.meter),
        "what is measured",
    );
    ensure!(state.rooms.is_empty(), "a snapshot within an event");
    Ok(())
}

fn check_cases(spec: &Spec, state: &State) -> Result<(), String> {
    let cases = &state.cases;
    let mut is_free = vec![false; cases.slots.len()];
    for slot in &cases.free {
        let place = is_free.get_mut(*slot as usize).filter(|is_free| !**is_free);
        *place.ok_or("a free slot twice")? = true;
    }
    for (case, is_free) in cases.slots.iter().zip(is_free) {
        ensure!(
            (case.place == Place::Gone) == is_free,
            "a case is free and present",
        );
        ensure!((case.class as usize) < spec.classes.len(), "a case's class");
        let station = case.station == NOBODY || (case.station as usize) < spec.stations.len();
        ensure!(station, "a case's station");
    }
    Ok(())
}

fn check_pools(spec: &Spec, state: &State) -> Result<(), String> {
    let pools = &state.pools;
    let count = pools.agents.len();
    for agent in &pools.agents {
        ensure!((agent.pool as usize) < pools.pools.len(), "an agent's pool");
        let place = match agent.doing {
            Doing::Nothing | Doing::OffDuty => continue,
            Doing::Serving | Doing::Outside => Place::Served,
            Doing::Blocked => Place::Held,
        };
        let case = state
            .cases
            .slots
            .get(agent.case as usize)
            .ok_or("an agent's case")?;
        ensure!(
            case.place == place && case.station != NOBODY,
            "an agent's case is elsewhere",
        );
    }
    for (index, (pool, pool_spec)) in (0_u32..).zip(pools.pools.iter().zip(&spec.pools)) {
        let mut numbers = pool.idle.iter().chain(&pool.off_duty);
        let is_sound = numbers.all(|agent| {
            (*agent as usize) < count
                && pools.agents[*agent as usize].pool == index
                && matches!(
                    pools.agents[*agent as usize].doing,
                    Doing::Nothing | Doing::OffDuty
                )
        });
        ensure!(is_sound, "an idle agent");
        ensure!(
            pool.next_shift <= pool_spec.shifts.len(),
            "a pool's next shift",
        );
        let engaged = pools
            .agents
            .iter()
            .filter(|agent| agent.pool == index && agent.case != NOBODY)
            .count();
        ensure!(
            engaged == pool.engaged as usize,
            "the number of engaged agents",
        );
        let stations = pool
            .stations
            .iter()
            .all(|station| (*station as usize) < spec.stations.len());
        ensure!(stations, "a pool's stations");
    }
    Ok(())
}

fn is_at(state: &State, slot: u32, station: u32, place: Place) -> bool {
    let is_there = |case: &Case| case.station == station && case.place == place;
    state.cases.slots.get(slot as usize).is_some_and(is_there)
}

fn check_queue(state: &State, queue: &Queue, fresh: &Queue, station: u32) -> Result<(), String> {
    let found = match (&queue.order, &fresh.order) {
        (
            Order::Lists {
                lists,
                list_of_class,
                newest_first,
            },
            Order::Lists {
                lists: fresh_lists,
                list_of_class: fresh_classes,
                newest_first: fresh_newest,
            },
        ) => {
            let is_like = lists.len() == fresh_lists.len() && list_of_class == fresh_classes;
            ensure!(
                is_like && newest_first == fresh_newest,
                "the order of a queue",
            );
            let mut found = 0;
            for list in lists {
                found += walk(state, *list, station)?;
            }
            found
        }
        (Order::Sorted { cases, .. }, Order::Sorted { .. }) => {
            let keys = cases.iter().all(|((left, ticket), slot)| {
                is_at(state, *slot, station, Place::Waiting)
                    && state.cases[*slot].left_nanos == *left
                    && state.cases[*slot].ticket == *ticket
            });
            ensure!(keys, "a sorted queue");
            cases.len()
        }
        _ => return Err("the order of a queue".to_owned()),
    };
    let waiting = state
        .cases
        .slots
        .iter()
        .filter(|case| case.station == station && case.place == Place::Waiting);
    ensure!(
        found == queue.len as usize && found == waiting.count(),
        "the length of a queue",
    );
    Ok(())
}

/// Follows a list from end to end and counts it.
fn walk(state: &State, list: List, station: u32) -> Result<usize, String> {
    let (mut before, mut slot, mut count) = (NOBODY, list.first, 0);
    while slot != NOBODY {
        let linked =
            is_at(state, slot, station, Place::Waiting) && state.cases[slot].before == before;
        ensure!(
            linked && count < state.cases.slots.len(),
            "the links of a queue",
        );
        (before, slot, count) = (slot, state.cases[slot].behind, count + 1);
    }
    ensure!(list.last == before, "the end of a queue");
    Ok(count)
}
