//! Checks of the events to come: each is what the state waits for, once, at its time and under its timer.

use pluriverse_kernel::{
    pending::{TimerId, Upcoming},
    time::{SimDuration, SimTime},
};

use super::{Event, Spec, State};
use crate::engine::pools::Doing;

/// What is waited for and has not yet been found to come, by index.
struct Awaited {
    arrivals: Vec<bool>,
    ends: Vec<bool>,
    reneges: Vec<bool>,
    shifts: Vec<bool>,
}

pub(super) fn check(
    spec: &Spec,
    state: &State,
    upcoming: &[Upcoming<Event>],
) -> Result<(), &'static str> {
    let mut awaited = Awaited::by(state);
    for next in upcoming {
        let (time, timer) = awaited.take(spec, state, next)?;
        ensure!(
            time.is_none_or(|time| time == next.time),
            "an event comes at another time than its own"
        );
        ensure!(
            timer == next.timer,
            "an event has another timer than its own"
        );
    }
    ensure!(
        !awaited.arrivals.contains(&true),
        "a source is open and nobody comes"
    );
    ensure!(!awaited.ends.contains(&true), "a service never ends");
    ensure!(
        !awaited.reneges.contains(&true),
        "a case never loses its patience"
    );
    // A pool whose shifts are still to come may have no event: before the start none is scheduled.
    Ok(())
}

impl Awaited {
    fn by(state: &State) -> Self {
        let sources = state.sources.0.iter();
        let agents = state.pools.agents.iter();
        let cases = state.cases.slots.iter();
        Self {
            arrivals: sources.map(|source| source.is_open).collect(),
            ends: agents.map(|agent| agent.doing == Doing::Serving).collect(),
            reneges: cases.map(|case| case.patience.is_some()).collect(),
            shifts: vec![true; state.pools.pools.len()],
        }
    }

    /// Takes note of an event, and says when it is due, where that follows from the state, and by what it is
    /// cancelled.
    fn take(
        &mut self,
        spec: &Spec,
        state: &State,
        next: &Upcoming<Event>,
    ) -> Result<(Option<SimTime>, Option<TimerId>), &'static str> {
        Ok(match next.event {
            Event::Arrive { source } => {
                ensure!(
                    take(&mut self.arrivals, source),
                    "a case comes that its source does not wait for"
                );
                (None, None)
            }
            Event::Finish { agent } => {
                ensure!(
                    take(&mut self.ends, agent),
                    "an agent is done that is not at work"
                );
                let agent = &state.pools.agents[agent as usize];
                let left = SimDuration::from_nanos(state.cases[agent.case].left_nanos);
                let end = agent.started.checked_add(left);
                (
                    Some(end.ok_or("a service ends after all time")?),
                    agent.timer,
                )
            }
            Event::Renege { case } => {
                ensure!(
                    take(&mut self.reneges, case),
                    "a case gives up that does not wait, or has patience"
                );
                (None, state.cases[case].patience)
            }
            Event::Shift { pool } => {
                ensure!(
                    take(&mut self.shifts, pool),
                    "a pool changes that is not there, or is to change already"
                );
                let pool = pool as usize;
                let change = state.pools.pools[pool].next_change(&spec.pools[pool]);
                (
                    Some(change.ok_or("a pool changes that has no more shifts")?),
                    None,
                )
            }
            Event::Close => (Some(spec.run.until), None),
        })
    }
}

/// Whether this index is still waited for; it no longer is.
fn take(awaited: &mut [bool], index: u32) -> bool {
    awaited.get_mut(index as usize).is_some_and(std::mem::take)
}
