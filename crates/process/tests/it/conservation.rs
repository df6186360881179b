//! Nothing is lost and nothing is counted twice: worlds against a second telling from their ledgers alone.

mod figures;
mod replay;

use pluriverse_kernel::{ledger::Ledger, time::SimTime, view::Observation, world::World};
use pluriverse_process::scenario::ProcessScenario;
use proptest::{collection::vec, prelude::*, test_runner::RngSeed};

use crate::worlds::{
    KEY, Story, committed,
    orders::{open, orders, told},
    random::worlds,
    scenario, short_scenarios,
};
use figures::{Figures, figures};
use replay::Replay;

/// Random worlds may go round for ever (as when all wait for each other); so many events of them are enough.
const EVENTS: u64 = 20_000;

/// Runs a world and compares all that it measured with what its ledger says.
fn check(scenario: &ProcessScenario) {
    let mut world = scenario.simulation(KEY, Ledger::in_memory());
    world.run(EVENTS).unwrap();
    check_world(scenario, &world);
}

fn check_world(scenario: &ProcessScenario, world: &dyn World) {
    let story = Story::of(world, Ok(pluriverse_kernel::world::Progress::More));
    let replay = Replay::of(scenario.spec(), &story);
    let expected = figures(scenario.spec(), &replay);
    check_littles_law(&replay);
    check_figures(&story, &expected);
}

/// The area of each queue is the sum of all waits in it, to the nanosecond.
fn check_littles_law(replay: &Replay<'_>) {
    for station in &replay.stations {
        let waits: i128 = station
            .waiting
            .iter()
            .map(|(from, to)| i128::from(to - from))
            .sum();
        let mut area = 0;
        let (mut before, mut length) = (0, 0);
        for (at, next) in station.lengths.iter().copied().chain([(replay.now, 0)]) {
            area += i128::from(at - before) * i128::try_from(length).unwrap();
            (before, length) = (at, next);
        }
        assert_eq!(area, waits, "L = λW");
    }
}

fn check_figures(story: &Story, expected: &Figures) {
    let Figures {
        scalars,
        series,
        spreads,
    } = expected;
    let outline = &story.outline;
    assert_eq!(
        outline.scalars.len(),
        scalars.len(),
        "all figures are known"
    );
    for (info, seen) in outline.scalars.iter().zip(&story.measures.scalars) {
        let known = scalars.get(&info.name);
        let known = known.unwrap_or_else(|| panic!("{} is computed again", info.name));
        assert!(
            is_same(*seen, *known),
            "{}: {seen:?}, by the ledger {known:?}",
            info.name
        );
    }
    assert_eq!(outline.series.len(), series.len(), "all series are known");
    for (info, seen) in outline.series.iter().zip(&story.measures.series) {
        let known = &series[&(info.chart.clone(), info.name.clone())];
        let all = seen.len() == known.len() && seen.iter().zip(known).all(|(a, b)| is_same(*a, *b));
        assert!(all, "{info:?}: {seen:?}, by the ledger {known:?}");
    }
    assert_eq!(
        outline.spreads.len(),
        spreads.len(),
        "all spreads are known"
    );
    for (info, seen) in outline.spreads.iter().zip(&story.measures.spreads) {
        assert!(*seen == spreads[&info.name], "{}", info.name);
    }
}

/// Sums of integers are the same; only costs, which are sums of fractions, may differ in their last digits.
fn is_same(seen: Observation, known: Observation) -> bool {
    let is_close = (seen.numerator - known.numerator).abs() <= 1e-12 * known.numerator.abs();
    seen.denominator == known.denominator && is_close
}

#[test]
fn committed_scenarios() {
    for (name, overrides) in short_scenarios() {
        let overrides: Vec<(&str, &str)> =
            overrides.iter().map(|(a, b)| (*a, b.as_str())).collect();
        check(&committed(&name, &overrides));
    }
}

#[test]
fn a_world_that_is_looked_at_on_its_way() {
    let scenario = committed("contact-centre.toml", &[]);
    let mut world = scenario.simulation(KEY, Ledger::in_memory());
    for minutes in [0, 1, 59, 60, 61, 300, 779, 780, 781, 1_000] {
        world
            .run_until(SimTime::from_secs(60 * minutes), u64::MAX)
            .unwrap();
        check_world(&scenario, &world);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_worlds(text in worlds()) {
        check(&scenario(&text));
    }

    #[test]
    fn random_worlds_with_orders(text in worlds(), choices in vec(any::<u8>(), 3..60)) {
        let scenario = open(&scenario(&text));
        let orders = orders(scenario.spec(), &choices);
        let mut world = told(&scenario, &orders, Ledger::in_memory());
        world.run(EVENTS).unwrap();
        check_world(&scenario, &world);
    }
}
