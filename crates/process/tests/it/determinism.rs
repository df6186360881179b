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

use crate::worlds::{
    KEY, committed, live,
    orders::{Order, open, orders, told},
    random::worlds,
    rows, scenario, short_scenarios,
};

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

/// A scenario, and what its worlds are told from outside.
struct Course<'s> {
    scenario: &'s ProcessScenario,
    orders: Vec<Order>,
}

impl Course<'_> {
    fn world(&self, ledger: Ledger) -> Box<dyn World> {
        Box::new(told(self.scenario, &self.orders, ledger))
    }

    /// A run in one go.
    fn straight(&self, ledger: Ledger) -> Fate {
        let mut world = self.world(ledger);
        world.run(EVENTS).unwrap();
        fate(&*world)
    }
}

/// Lets a world go on until as many events have happened as a run in one go has.
fn finish(world: &mut dyn World) {
    world.run(EVENTS - world.events()).unwrap();
}

/// All ways to the same end; `choices` say how.
fn check(course: &Course<'_>, choices: &[u8]) {
    let expected = course.straight(Ledger::hashed());
    assert_eq!(course.straight(Ledger::hashed()), expected, "again");
    assert_eq!(
        course.straight(Ledger::in_memory()),
        expected,
        "with all rows kept"
    );
    let unrecorded = course.straight(Ledger::off());
    assert_eq!(unrecorded.measures, expected.measures, "without a ledger");
    assert_eq!(unrecorded.events, expected.events, "without a ledger");
    by_steps(course, &expected);
    by_slices(course, &expected, choices);
    through_snapshots(course, &expected, choices);
    through_time(course, &expected);
}

fn by_steps(course: &Course<'_>, expected: &Fate) {
    let mut world = course.world(Ledger::hashed());
    while world.events() < EVENTS && world.step().unwrap() == Progress::More {}
    assert_eq!(fate(&*world), *expected, "step by step");
}

/// In legs of random length in events and in time, with pauses.
fn by_slices(course: &Course<'_>, expected: &Fate, choices: &[u8]) {
    let mut world = course.world(Ledger::hashed());
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
fn through_snapshots(course: &Course<'_>, expected: &Fate, choices: &[u8]) {
    let mut world = course.world(Ledger::hashed());
    for choice in choices.chunks(16).map(|chunk| u64::from(chunk[0])) {
        let limit = (EVENTS - world.events()).min(choice);
        world.run(limit).unwrap();
        let snapshot = world.snapshot();
        let other_key = RunKey {
            seed: 99,
            replication: choice,
        };
        let mut next = course.scenario.world(other_key, Ledger::hashed());
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
fn through_time(course: &Course<'_>, expected: &Fate) {
    let mut world = course.world(Ledger::hashed());
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

/// Told what another world was told, in the middle of instants and at any event, a world has the same rows.
fn as_told_before(scenario: &ProcessScenario, bytes: &[u8]) {
    let mut world = scenario.simulation(KEY, Ledger::hashed());
    world.start().unwrap();
    for (order, steps) in orders(scenario.spec(), bytes).into_iter().zip(bytes) {
        for _ in 0..steps % 8 {
            world.step().unwrap();
        }
        // The world may have come to its end.
        let at = world.now();
        let _ = world.input(at, order.1);
    }
    world.run(EVENTS.saturating_sub(world.events())).unwrap();
    let mut again = scenario.simulation(KEY, Ledger::hashed());
    again.start().unwrap();
    let past = world.past_inputs().expect("they are few");
    for input in past.iter().cloned() {
        again.repeat(input).unwrap();
    }
    again.run(world.events()).unwrap();
    assert_eq!(again.ledger().hash(), world.ledger().hash(), "told again");
    let mut restored = scenario.world(KEY, Ledger::hashed());
    restored.restore(&world.snapshot()).unwrap();
    assert_eq!(restored.past_inputs(), world.past_inputs());
}

/// Orders that come when the world is nearly there are those that were given long before.
fn just_in_time(course: &Course<'_>) {
    let mut sorted = course.orders.clone();
    sorted.sort_by_key(|(at, _)| *at);
    let mut world = course.scenario.simulation(KEY, Ledger::hashed());
    world.start().unwrap();
    for (at, order) in sorted {
        if at > SimTime::ZERO {
            let before = SimTime::from_nanos(at.nanos() - 1);
            world.run_until(before, EVENTS - world.events()).unwrap();
        }
        if world.input(at, order).is_err() {
            // It ended before.
            break;
        }
    }
    finish(&mut world);
    let mut straight = course.world(Ledger::hashed());
    straight.run(world.events()).unwrap();
    assert_eq!(world.ledger().hash(), straight.ledger().hash());
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
        let course = Course {
            scenario: &scenario,
            orders: Vec::new(),
        };
        check(&course, &choices);
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
        let course = Course {
            scenario: &scenario,
            orders: Vec::new(),
        };
        check(&course, &choices);
        check_common_arrivals(&scenario);
    }

    #[test]
    fn random_worlds_with_orders(text in worlds(), choices in vec(any::<u8>(), 3..60)) {
        let scenario = open(&scenario(&text));
        let course = Course {
            scenario: &scenario,
            orders: orders(scenario.spec(), &choices),
        };
        check(&course, &choices);
        just_in_time(&course);
        as_told_before(&scenario, &choices);
        let here = course.straight(Ledger::hashed());
        let there = std::thread::scope(|scope| scope.spawn(|| course.straight(Ledger::hashed())).join());
        prop_assert_eq!(there.unwrap(), here);
    }
}
