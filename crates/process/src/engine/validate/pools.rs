//! Checks of pools and agents: who serves whom, who is idle, and that both sides agree.

use super::{COUNT_LIMIT, NOBODY, Place, Spec, State};
use crate::engine::pools::{Agent, Doing, Pool};

pub(super) fn check(spec: &Spec, fresh: &State, state: &State) -> Result<(), &'static str> {
    check_agents(spec, fresh, state)?;
    check_served(state)?;
    let (pools, fresh_pools) = (&state.pools.pools, &fresh.pools.pools);
    ensure!(pools.len() == fresh_pools.len(), "the number of pools");
    // Each agent without work stands in one list of its pool, once.
    let mut is_listed: Vec<bool> = vec![false; state.pools.agents.len()];
    for (index, (pool, fresh)) in (0_u32..).zip(pools.iter().zip(fresh_pools)) {
        check_pool(pool, fresh)?;
        let shift_count = spec.pools[index as usize].shifts.len();
        ensure!(pool.next_shift <= shift_count, "a pool's next shift");
        for (agents, doing) in [
            (&pool.idle, Doing::Nothing),
            (&pool.off_duty, Doing::OffDuty),
        ] {
            for number in agents {
                let agent = state.pools.agents.get(*number as usize);
                let agent = agent.ok_or("an idle agent")?;
                ensure!(
                    agent.pool == index && agent.doing == doing,
                    "an idle agent is not idle"
                );
                let is_listed = &mut is_listed[*number as usize];
                ensure!(!*is_listed, "an idle agent twice");
                *is_listed = true;
            }
        }
        let agents = state.pools.agents.iter();
        let engaged = agents.filter(|agent| agent.pool == index && agent.case != NOBODY);
        ensure!(
            engaged.count() == pool.engaged as usize,
            "the number of engaged agents"
        );
    }
    let mut agents = state.pools.agents.iter().zip(is_listed);
    ensure!(
        agents.all(|(agent, is_listed)| is_listed == (agent.case == NOBODY)),
        "an agent is idle and engaged"
    );
    Ok(())
}

fn check_pool(pool: &Pool, fresh: &Pool) -> Result<(), &'static str> {
    ensure!(
        pool.stations == fresh.stations && pool.is_stoppable == fresh.is_stoppable,
        "what a pool serves"
    );
    ensure!(
        (pool.on_duty == u32::MAX) == (fresh.on_duty == u32::MAX),
        "whether a pool has a limit"
    );
    ensure!(
        (0..COUNT_LIMIT.cast_signed()).contains(&pool.round),
        "how often a pool's shifts have come round"
    );
    Ok(())
}

fn check_agents(spec: &Spec, fresh: &State, state: &State) -> Result<(), &'static str> {
    let (agents, fixed) = (&state.pools.agents, &fresh.pools.agents);
    ensure!(agents.len() >= fixed.len(), "the number of agents");
    for (index, agent) in agents.iter().enumerate() {
        // After those that the description counts there are those of pools without limit.
        let is_in_its_pool = match fixed.get(index) {
            Some(fixed) => agent.pool == fixed.pool,
            None => {
                let pool = spec.pools.get(agent.pool as usize);
                pool.is_some_and(|pool| pool.agents.is_none())
            }
        };
        ensure!(is_in_its_pool, "an agent's pool");
        ensure!(agent.started.nanos() >= 0, "when an agent began");
        check_agent(spec, state, agent)?;
    }
    Ok(())
}

fn check_agent(spec: &Spec, state: &State, agent: &Agent) -> Result<(), &'static str> {
    let place = match agent.doing {
        Doing::Nothing | Doing::OffDuty => {
            ensure!(
                agent.case == NOBODY && agent.busy_at == NOBODY && agent.timer.is_none(),
                "an idle agent has something to do"
            );
            return Ok(());
        }
        Doing::Serving | Doing::Outside => Place::Served,
        Doing::Blocked => Place::Held,
    };
    let case = state.cases.slots.get(agent.case as usize);
    let case = case.ok_or("an agent's case")?;
    ensure!(case.place == place, "an agent's case is elsewhere");
    if place == Place::Held {
        ensure!(
            agent.busy_at == NOBODY && agent.timer.is_none(),
            "a held agent is busy"
        );
        return Ok(());
    }
    let pool = spec.stations[case.station as usize].pool;
    ensure!(
        agent.busy_at == case.station && agent.pool as usize == pool,
        "an agent serves elsewhere"
    );
    Ok(())
}

/// Whether each case that is served has one agent, and each held one at most one.
fn check_served(state: &State) -> Result<(), &'static str> {
    let mut is_attended = vec![false; state.cases.slots.len()];
    for agent in state
        .pools
        .agents
        .iter()
        .filter(|agent| agent.case != NOBODY)
    {
        let is_attended = &mut is_attended[agent.case as usize];
        ensure!(!*is_attended, "a case has two agents");
        *is_attended = true;
    }
    let mut cases = state.cases.slots.iter().zip(&is_attended);
    ensure!(
        cases.all(|(case, is_attended)| case.place != Place::Served || *is_attended),
        "nobody serves a case"
    );
    for held in state.stations.iter().flat_map(|station| &station.held) {
        let is_kept = is_attended.get(held.case as usize) == Some(&true);
        let agent = state.pools.agents.get(held.agent as usize);
        let is_known = match agent {
            Some(agent) => agent.case == held.case && agent.doing == Doing::Blocked,
            None => held.agent == NOBODY && !is_kept,
        };
        ensure!(is_known, "a held case's agent");
    }
    Ok(())
}
