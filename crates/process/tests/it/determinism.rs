//! A run is a function of scenario and seed, whatever the way: in one go or in steps, held and let go, through
//! snapshots, back and forth in time, in branches, on one thread or two, recorded or not.

use pluriverse_kernel::{
    ledger::{Ledger, LedgerHash},
    replicate::{RunPlan, Unobserved, replicate},
    scenario::{RunKey, Scenario},
    time::{SimDuration, SimTime},
    view::Measures,
    world::{Progress, World},
};
use pluriverse_process::scenario::ProcessScenario;
use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngSeed, TestRng, TestRunner},
};

use crate::worlds::{KEY, committed, live, random::worlds, rows, scenario, short_scenarios};

/// No more events of a world than this: random ones may go round for ever.
const EVENTS: u64 = 5_000;

/// What a run came to.
#[derive(Debug, PartialEq)]
struct Fate {
    hash: Option<LedgerHash>,
    events: u64,
    now: SimTime,
    measures: Measures,
}

fn fate(world: &dyn World) -> Fate {
    Fate {
        hash: world.ledger().hash(),
        events: world.events(),
        now: world.now(),
        measures: world.measures(),
    }
}

/// A run in one go.
fn straight(scenario: &ProcessScenario, ledger: Ledger) -> Fate {
    let mut world = scenario.world(KEY, ledger);
    world.run(EVENTS).unwrap();
    fate(&*world)
}

/// Lets a world go on until as many events have happened as a run in one go has.
fn finish(world: &mut dyn World) {
    world.run(EVENTS - world.events()).unwrap();
}

/// All ways to the same end; `choices` say how.
fn check(scenario: &ProcessScenario, choices: &[u8]) {
    let expected = straight(scenario, Ledger::hashed());
    assert_eq!(straight(scenario, Ledger::hashed()), expected, "again");
    assert_eq!(
        straight(scenario, Ledger::in_memory()),
        expected,
        "with all rows kept"
    );
    let unrecorded = straight(scenario, Ledger::off());
    assert_eq!(unrecorded.measures, expected.measures, "without a ledger");
    assert_eq!(unrecorded.events, expected.events, "without a ledger");
    by_steps(scenario, &expected);
    by_slices(scenario, &expected, choices);
    through_snapshots(scenario, &expected, choices);
    through_time(scenario, &expected);
}

fn by_steps(scenario: &ProcessScenario, expected: &Fate) {
    let mut world = scenario.world(KEY, Ledger::hashed());
    while world.events() < EVENTS && world.step().unwrap() == Progress::More {}
    assert_eq!(fate(&*world), *expected, "step by step");
}

/// In legs of random length in events and in time, with pauses.
fn by_slices(scenario: &ProcessScenario, expected: &Fate, choices: &[u8]) {
    let mut world = scenario.world(KEY, Ledger::hashed());
    for choice in choices.iter().map(|choice| i64::from(*choice)) {
        let limit = (EVENTS - world.events()).min(choice.unsigned_abs());
        // Only as far as there is something to do, since time that passes without an event is measured too.
        let next = world.next_time().unwrap_or(SimTime::ZERO);
        world.run_until(next, limit).unwrap();
        if choice % 3 == 0 {
            world.pause();
            let before = fate(&*world);
            if before.now > SimTime::ZERO {
                world.run(100).unwrap();
                assert_eq!(fate(&*world), before, "a paused world stands still");
            }
            world.resume();
        }
    }
    finish(&mut *world);
    assert_eq!(fate(&*world), *expected, "in slices");
}

/// Into new worlds, at random moments; and in a branch, which leaves the first world alone.
fn through_snapshots(scenario: &ProcessScenario, expected: &Fate, choices: &[u8]) {
    let mut world = scenario.world(KEY, Ledger::hashed());
    for choice in choices.chunks(16).map(|chunk| u64::from(chunk[0])) {
        let limit = (EVENTS - world.events()).min(choice);
        world.run(limit).unwrap();
        let snapshot = world.snapshot();
        let other_key = RunKey {
            seed: 99,
            replication: choice,
        };
        let mut next = scenario.world(other_key, Ledger::hashed());
        next.restore(&snapshot).unwrap();
        assert_eq!(next.snapshot(), snapshot, "a snapshot of what was restored");
        assert_eq!(next.measures(), world.measures(), "as before");
        assert_eq!(next.state(), world.state(), "as before");
        world = next;
    }
    if world.events() > 0 {
        let mut branch = world.branch(Ledger::hashed()).unwrap();
        finish(&mut *branch);
        assert_eq!(fate(&*branch), *expected, "in a branch");
    }
    finish(&mut *world);
    assert_eq!(fate(&*world), *expected, "through snapshots");
}

/// Back to an earlier time and on again.
fn through_time(scenario: &ProcessScenario, expected: &Fate) {
    let mut world = scenario.world(KEY, Ledger::hashed());
    world.keep_checkpoints(Some(SimDuration::from_secs(7)));
    world.run(EVENTS).unwrap();
    assert_eq!(fate(&*world), *expected, "with checkpoints");
    let (end, events) = (world.now(), world.events());
    for share in [2, 5, 100] {
        let at = SimTime::from_nanos(end.nanos() / share);
        world.seek(at).unwrap();
        assert_eq!(world.now(), at);
        // Events of one instant may have been cut off by the limit, so it holds for all of the way.
        world.run(events - world.events()).unwrap();
        assert_eq!(fate(&*world), *expected, "back to {at} and on");
    }
}

fn check_threads(scenario: &ProcessScenario) {
    let run = |threads| {
        let plan = RunPlan {
            seed: 3,
            replications: 6,
            threads,
        };
        let outcome = replicate(scenario, plan, &|_| None, &Unobserved).unwrap();
        (
            outcome.ledger_hash,
            outcome.scalars,
            outcome.series,
            outcome.spreads,
            outcome.events,
        )
    };
    assert_eq!(run(1), run(2), "on one thread and on two");
}

#[test]
fn committed_scenarios() {
    for (name, overrides) in short_scenarios() {
        let overrides: Vec<(&str, &str)> = overrides
            .iter()
            .map(|(key, value)| (*key, value.as_str()))
            .collect();
        let scenario = committed(&name, &overrides);
        let choices: Vec<u8> = (0..40_u8).map(|index| index.wrapping_mul(89)).collect();
        check(&scenario, &choices);
        check_threads(&scenario);
    }
}

/// When and from where cases come.
fn arrivals(scenario: &ProcessScenario) -> Vec<(SimTime, u32, u32)> {
    let mut world = scenario.simulation(KEY, Ledger::in_memory());
    world.run(EVENTS).unwrap();
    let arrive = world.ledger().dictionary().kind("arrive").unwrap();
    let rows = rows(world.ledger()).into_iter();
    rows.filter(|row| row.kind == arrive)
        .map(|row| (row.time, row.subject, row.object))
        .collect()
}

/// The same world with one agent more everywhere.
fn better_staffed(scenario: &ProcessScenario) -> ProcessScenario {
    let mut spec = scenario.spec().clone();
    for pool in &mut spec.pools {
        pool.agents = pool.agents.map(|agents| agents + 1);
        pool.shifts.iter_mut().for_each(|(_, agents)| *agents += 1);
    }
    ProcessScenario::new(spec)
}

/// Checks that both worlds have the same arrivals for as long as both were looked at.
fn check_common_arrivals(scenario: &ProcessScenario) {
    let (few, many) = (arrivals(scenario), arrivals(&better_staffed(scenario)));
    let both = few.len().min(many.len());
    assert!(few[..both] == many[..both], "agents change who comes");
}

#[test]
fn agents_do_not_change_who_comes() {
    for (name, overrides) in short_scenarios() {
        let overrides: Vec<(&str, &str)> = overrides
            .iter()
            .map(|(key, value)| (*key, value.as_str()))
            .collect();
        check_common_arrivals(&committed(&name, &overrides));
    }
}

#[test]
fn agents_do_not_change_how_long_the_nth_service_takes() {
    let services = |agents: &str| {
        let overrides = [
            ("run.until", "'500m'"),
            ("run.warm_up", "'0s'"),
            ("stations.barber.agents", agents),
        ];
        let story = live(&committed("mm1.toml", &overrides));
        let end = story.dictionary.kind("end").unwrap();
        let ends = story.rows.iter().filter(|row| row.kind == end);
        let mut services: Vec<(u32, f64)> = ends.map(|row| (row.subject, row.value)).collect();
        services.sort_by_key(|(case, _)| *case);
        services
    };
    let (one, two) = (services("1"), services("2"));
    assert!(one.len() > 300);
    assert_eq!(
        one[..300],
        two[..300],
        "services are drawn in the order in which they begin"
    );
}

#[test]
fn other_seeds_and_replications_are_other_runs() {
    let scenario = committed("contact-centre.toml", &[]);
    let run = |seed, replication| {
        let mut world = scenario.world(RunKey { seed, replication }, Ledger::hashed());
        world.run(u64::MAX).unwrap();
        world.ledger().hash()
    };
    let hashes = [run(1, 0), run(1, 1), run(2, 0), run(2, 1)];
    for (index, hash) in hashes.iter().enumerate() {
        assert!(!hashes[..index].contains(hash));
    }
}

#[test]
fn random_worlds_do_everything_that_worlds_can_do() {
    let mut runner = TestRunner::new_with_rng(
        ProptestConfig::default(),
        TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let mut seen = vec![0; 12];
    for _ in 0..300 {
        let text = worlds().new_tree(&mut runner).unwrap().current();
        let mut world = scenario(&text).simulation(KEY, Ledger::in_memory());
        world.run(EVENTS).unwrap();
        rows(world.ledger())
            .iter()
            .for_each(|row| seen[usize::from(row.kind)] += 1);
    }
    // Nothing is done outside.
    let done = seen.remove(10);
    assert_eq!(done, 0);
    assert!(
        seen.iter().all(|count| *count > 100),
        "rows by kind: {seen:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2),
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_worlds(text in worlds(), choices in vec(any::<u8>(), 0..60)) {
        let scenario = scenario(&text);
        check(&scenario, &choices);
        check_common_arrivals(&scenario);
    }
}
