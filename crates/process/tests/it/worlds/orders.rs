//! Orders from outside: how many agents of which pool are on duty from when.

use pluriverse_kernel::{
    ledger::{Ledger, NONE},
    time::SimTime,
    world::{Input, World},
};
use pluriverse_process::{
    scenario::ProcessScenario,
    spec::{AtEnd, Spec, Staffing},
};

use super::KEY;

/// An order and when it holds.
pub(crate) type Order = (SimTime, Input);

/// The order that `pool` has `agents` on duty.
pub(crate) fn staff(pool: u32, agents: f64) -> Input {
    Input {
        kind: 12,
        subject: pool,
        object: NONE,
        value: agents,
        payload: Vec::new(),
    }
}

/// The same scenario, open to orders.
pub(crate) fn open(scenario: &ProcessScenario) -> ProcessScenario {
    let mut spec = scenario.spec().clone();
    spec.run.staffing = Staffing::Outside;
    ProcessScenario::new(spec)
}

/// Orders that the world of `spec` takes, three bytes each; on whole seconds, where other things happen, too.
pub(crate) fn orders(spec: &Spec, bytes: &[u8]) -> Vec<Order> {
    let secs = spec.run.until.nanos() / 1_000_000_000;
    let after = if spec.run.at_end == AtEnd::Drain {
        5
    } else {
        0
    };
    let given = bytes.chunks_exact(3).filter_map(|bytes| {
        let pool = usize::from(bytes[1]) % spec.pools.len();
        let most = spec.pools[pool].most_agents()?;
        let at = SimTime::from_secs(i64::from(bytes[0]) % (secs + after + 1));
        let agents = u32::from(bytes[2]) % (most + 1);
        Some((at, staff(u32::try_from(pool).unwrap(), f64::from(agents))))
    });
    given.collect()
}

/// A world that has all orders before it begins.
pub(crate) fn told(
    scenario: &ProcessScenario,
    orders: &[Order],
    ledger: Ledger,
) -> impl World + use<> {
    let mut world = scenario.simulation(KEY, ledger);
    if !orders.is_empty() {
        world.start().unwrap();
    }
    for (at, order) in orders {
        world.input(*at, order.clone()).unwrap();
    }
    world
}
