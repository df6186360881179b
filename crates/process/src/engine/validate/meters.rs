//! Checks of what was measured: levels are those of the state, sums are far from overflowing.

use super::State;

pub(super) fn check(fresh: &State, state: &State) -> Result<(), &'static str> {
    let meter = &state.meter;
    ensure!(meter.is_like(&fresh.meter), "what is measured");
    ensure!(meter.is_sound(), "a sum that was measured");
    let held: usize = state
        .stations
        .iter()
        .map(|station| station.held.len())
        .sum();
    let mut is_same = meter.held.current.level() == level(held);
    for (index, (station, measured)) in (0..).zip(state.stations.iter().zip(&meter.stations)) {
        let agents = state.pools.agents.iter();
        let busy = agents.filter(|agent| agent.busy_at == index).count();
        is_same &= measured.queue.current.level() == i64::from(station.queue.len);
        is_same &= measured.busy.current.level() == level(busy);
    }
    for (pool, staffed) in state.pools.pools.iter().zip(&meter.staffed) {
        let is_limited = pool.on_duty != u32::MAX;
        is_same &= !is_limited || staffed.current.level() == i64::from(pool.staffed());
    }
    ensure!(is_same, "a level that was measured");
    Ok(())
}

fn level(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
