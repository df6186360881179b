//! Pools of agents: who is on duty, who is idle, who serves whom.
//!
//! Agents have numbers of their own across all pools, which the ledger names. The last one to become idle is the
//! first to be asked. An agent whose shift ended while it was busy goes off duty when it is done.

use pluriverse_kernel::{
    pending::TimerId,
    time::{SimDuration, SimTime},
};
use serde::{Deserialize, Serialize};

use super::NOBODY;
use crate::spec::{EndOfShift, PoolSpec, Preemption, Spec};

/// One agent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Agent {
    pub(super) pool: u32,
    /// The case that it serves or is held up by.
    pub(super) case: u32,
    /// The station that counts it as busy, [`NOBODY`] for none.
    pub(super) busy_at: u32,
    /// When it began with the case.
    pub(super) started: SimTime,
    pub(super) timer: Option<TimerId>,
    pub(super) doing: Doing,
}

/// What an agent is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Doing {
    Nothing,
    OffDuty,
    Serving,
    /// Serving, until somebody outside says that it is done.
    Outside,
    /// Held up by a case that cannot go on.
    Blocked,
}

/// One pool.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Pool {
    /// How many should be on duty; `u32::MAX` is without limit.
    pub(super) on_duty: u32,
    /// How many have a case.
    pub(super) engaged: u32,
    pub(super) idle: Vec<u32>,
    pub(super) off_duty: Vec<u32>,
    /// Stations that it serves.
    pub(super) stations: Vec<u32>,
    /// The next entry of its shifts, and how often they have come round.
    pub(super) next_shift: usize,
    pub(super) round: i64,
    /// Whether a service may have to be stopped.
    pub(super) is_stoppable: bool,
}

/// All pools and agents.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Pools {
    pub(super) pools: Vec<Pool>,
    pub(super) agents: Vec<Agent>,
}

impl Pools {
    pub(super) fn new(spec: &Spec) -> Self {
        let mut made = Self {
            pools: Vec::with_capacity(spec.pools.len()),
            agents: Vec::new(),
        };
        for (index, pool) in (0..).zip(&spec.pools) {
            made.add_pool(spec, index, pool);
        }
        made
    }

    fn add_pool(&mut self, spec: &Spec, index: u32, pool: &PoolSpec) {
        let on_duty = pool.agents.unwrap_or(u32::MAX);
        let most = pool.most_agents().unwrap_or(0);
        let first =
            u32::try_from(self.agents.len()).expect("the reader limits the number of agents");
        let doing = |number: u32| {
            if number < on_duty {
                Doing::Nothing
            } else {
                Doing::OffDuty
            }
        };
        self.agents.extend((0..most).map(|number| Agent {
            pool: index,
            case: NOBODY,
            busy_at: NOBODY,
            started: SimTime::ZERO,
            timer: None,
            doing: doing(number),
        }));
        let stations = (0..)
            .zip(&spec.stations)
            .filter(|(_, station)| station.pool == index as usize);
        // Stacks: the lowest number is asked first.
        let numbers = |from: u32, to: u32| (first + from..first + to).rev().collect();
        self.pools.push(Pool {
            on_duty,
            engaged: 0,
            idle: numbers(0, on_duty.min(most)),
            off_duty: numbers(on_duty.min(most), most),
            stations: stations.map(|(station, _)| station).collect(),
            next_shift: 0,
            round: 0,
            is_stoppable: is_stoppable(spec, index as usize),
        });
    }

    /// An idle agent of a pool, which is engaged from here on.
    #[inline(always)]
    pub(super) fn engage(&mut self, pool: u32) -> Option<u32> {
        let pool_state = &mut self.pools[pool as usize];
        if let Some(agent) = pool_state.idle.pop() {
            pool_state.engaged += 1;
            return Some(agent);
        }
        if pool_state.on_duty != u32::MAX {
            return None;
        }
        let agent = u32::try_from(self.agents.len())
            .ok()
            .filter(|agent| *agent != NOBODY)?;
        self.agents.push(Agent {
            pool,
            case: NOBODY,
            busy_at: NOBODY,
            started: SimTime::ZERO,
            timer: None,
            doing: Doing::Nothing,
        });
        pool_state.engaged += 1;
        Some(agent)
    }

    /// Whether [`engage`](Self::engage) would find somebody.
    pub(super) fn has_idle(&self, pool: u32) -> bool {
        let pool = &self.pools[pool as usize];
        !pool.idle.is_empty() || pool.on_duty == u32::MAX
    }

    /// An agent is done with its case and takes no other at once.
    #[inline(always)]
    pub(super) fn disengage(&mut self, agent: u32) {
        let worker = &mut self.agents[agent as usize];
        let pool = &mut self.pools[worker.pool as usize];
        let over = pool.engaged > pool.on_duty;
        pool.engaged -= 1;
        let (doing, stack) = if over {
            (Doing::OffDuty, &mut pool.off_duty)
        } else {
            (Doing::Nothing, &mut pool.idle)
        };
        stack.push(agent);
        (worker.doing, worker.case) = (doing, NOBODY);
    }

    /// Whether an agent of a pool who is done may take another case, or its shift is over.
    #[inline(always)]
    pub(super) fn stays_on(&self, pool: u32) -> bool {
        let pool = &self.pools[pool as usize];
        pool.engaged <= pool.on_duty
    }

    /// Changes the number on duty; idle agents go or come at once. Returns how many busy ones are too many.
    pub(super) fn change_shift(&mut self, pool: u32, on_duty: u32) -> u32 {
        let state = &mut self.pools[pool as usize];
        state.on_duty = on_duty;
        // The longest idle ones go first: they are at the bottom of the stack.
        let over = (state.engaged + count(&state.idle)).saturating_sub(on_duty) as usize;
        for agent in state.idle.drain(..over.min(state.idle.len())) {
            self.agents[agent as usize].doing = Doing::OffDuty;
            state.off_duty.push(agent);
        }
        while state.engaged + count(&state.idle) < on_duty
            && let Some(agent) = state.off_duty.pop()
        {
            self.agents[agent as usize].doing = Doing::Nothing;
            state.idle.push(agent);
        }
        state.engaged.saturating_sub(on_duty)
    }
}

impl Pool {
    /// When the number on duty changes next; `None` when it never does.
    pub(super) fn next_change(&self, spec: &PoolSpec) -> Option<SimTime> {
        let (after, _) = spec.shifts.get(self.next_shift)?;
        let cycle = spec.cycle.unwrap_or(SimDuration::ZERO);
        let origin = cycle.nanos().checked_mul(self.round)?;
        origin.checked_add(after.nanos()).map(SimTime::from_nanos)
    }

    /// How many are paid: those on duty, and those who finish after their shift; a pool without limit pays whom it
    /// needs.
    #[inline]
    pub(super) fn staffed(&self) -> u32 {
        if self.on_duty == u32::MAX {
            self.engaged
        } else {
            self.on_duty.max(self.engaged)
        }
    }
}

/// Whether a service of a pool may have to be stopped.
pub(super) fn is_stoppable(spec: &Spec, pool: usize) -> bool {
    let mut stations = spec.stations.iter().filter(|station| station.pool == pool);
    spec.pools[pool].end_of_shift == EndOfShift::Preempt
        || stations.any(|station| station.preemption == Preemption::Resume)
}

fn count(agents: &[u32]) -> u32 {
    u32::try_from(agents.len()).unwrap_or(u32::MAX)
}
