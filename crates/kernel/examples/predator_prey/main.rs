//! A million cells of predators and prey: a world without queues under the same kernel.
//!
//! `cargo run --release -p pluriverse-kernel --example predator_prey`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]
#![allow(dead_code, reason = "the tests use more of the model than this does")]

use pluriverse_kernel::{
    ledger::Ledger,
    scenario::RunKey,
    simulation::Simulation,
    time::{SimDuration, SimTime},
    world::{RunError, World},
};

mod grid;

use grid::{Grid, Landscape};

const TICKS: u64 = 144;
/// Height of the chart in lines.
const LINES: usize = 16;

fn main() -> Result<(), RunError> {
    let landscape = Landscape {
        width: 1_000,
        height: 1_000,
        birth: 0.1,
        hunt: 0.35,
        death: 0.12,
        tick: SimDuration::from_secs(3_600),
        ticks: TICKS,
    };
    let key = RunKey {
        seed: 1,
        replication: 0,
    };
    let mut world = Simulation::new(Grid::new(landscape), key, Ledger::in_memory());
    world.run(TICKS / 2)?;

    // The second half is told twice: here, and by a world made from a snapshot of the first.
    let snapshot = world.snapshot();
    let mut second = Simulation::new(Grid::new(landscape), key, Ledger::in_memory());
    second.restore(&snapshot)?;
    world.run(u64::MAX)?;
    second.run(u64::MAX)?;

    print!("{}", chart(world.model().populations()));
    println!(
        "{} cells, {} ticks, snapshots of {} bytes",
        world.model().cells().len(),
        TICKS,
        snapshot.len()
    );
    for (name, world) in [("straight", &world), ("from a snapshot", &second)] {
        let hash = world.ledger().hash().map(|hash| hash.to_string());
        println!("ledger {} {name}", hash.unwrap_or_default());
    }
    assert_eq!(world.ledger().hash(), second.ledger().hash());
    assert_eq!(
        world.now(),
        SimTime::from_secs(3_600 * i64::try_from(TICKS).unwrap_or(i64::MAX))
    );
    Ok(())
}

/// Prey (`o`) and predators (`x`) over time, a column for two ticks.
fn chart(populations: &[[u64; 2]]) -> String {
    let most = populations
        .iter()
        .flatten()
        .copied()
        .max()
        .unwrap_or(1)
        .max(1);
    let columns: Vec<_> = populations.iter().step_by(2).collect();
    let line_of = |count: u64| usize::try_from(count * (LINES as u64 - 1) / most).unwrap_or(0);
    let mut text = String::new();
    for line in (0..LINES).rev() {
        text.push_str(&format!("{:>8} |", most * line as u64 / (LINES as u64 - 1)));
        text.extend(columns.iter().map(|[prey, predators]| {
            match (line_of(*prey) == line, line_of(*predators) == line) {
                (true, true) => '*',
                (true, false) => 'o',
                (false, true) => 'x',
                (false, false) => ' ',
            }
        }));
        text.push('\n');
    }
    text.push_str(&format!("         +{}\n", "-".repeat(columns.len())));
    text.push_str("          prey o, predators x, a tick of an hour twice a column\n");
    text
}
