//! Checks of a state against the world's time: nothing has begun after it.

use pluriverse_kernel::time::SimTime;

use super::{Place, State};

pub(super) fn check(state: &State, now: SimTime) -> Result<(), &'static str> {
    let cases = state.cases.slots.iter();
    for case in cases.filter(|case| case.place != Place::Gone) {
        ensure!(
            case.waiting_since <= now && case.waited_nanos <= now.since(case.entered).nanos(),
            "a case has come after the world's time"
        );
    }
    let mut agents = state.pools.agents.iter();
    ensure!(
        agents.all(|agent| agent.started <= now),
        "an agent has begun after the world's time"
    );
    ensure!(
        state.meter.last_change() <= now.nanos(),
        "something was measured after the world's time"
    );
    Ok(())
}
