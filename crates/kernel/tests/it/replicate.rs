//! Replications: the same outcome to the bit on any number of threads; one that fails or panics hurts no other.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use expect_test::expect;
use pluriverse_kernel::{
    ledger::{Chunk, Closing, Dictionary, Ledger, LedgerHash, LedgerSink, SinkError},
    replicate::{Observer, Outcome, RunPlan, Unobserved, Verdict, replicate},
    scenario::{RunKey, Scenario},
    simulation::Simulation,
    time::SimTime,
    world::{RunError, World},
};

use crate::worlds::{Action, Described, Script, secs};

fn plan(replications: u64, threads: usize) -> RunPlan {
    RunPlan {
        seed: 11,
        replications,
        threads,
    }
}

fn no_ledgers(_key: RunKey) -> Option<Ledger> {
    None
}

/// A day at the desk: the horizon is set by an event of the world around it.
fn desk() -> impl Scenario {
    Described(|key, ledger| {
        Box::new(Simulation::new(crate::worlds::Day::default(), key, ledger)) as Box<dyn World>
    })
}

/// Everything of an outcome as text, floats to the last bit.
fn bits(outcome: &Outcome) -> String {
    format!("{outcome:?}")
}

#[test]
fn any_number_of_threads_comes_to_the_same() {
    let scenario = desk();
    let one = replicate(&scenario, plan(40, 1), &no_ledgers, &Unobserved).unwrap();
    assert!(one.is_complete && one.replications == 40);
    for threads in [2, 3, 64] {
        let many = replicate(&scenario, plan(40, threads), &no_ledgers, &Unobserved).unwrap();
        assert_eq!(bits(&many), bits(&one), "{threads} threads");
    }
    let again = replicate(&scenario, plan(40, 1), &no_ledgers, &Unobserved).unwrap();
    assert_eq!(bits(&again), bits(&one));
}

/// Against worlds that are run one by one and added up here.
#[test]
fn an_outcome_is_the_sum_of_its_runs() {
    let scenario = desk();
    let outcome = replicate(&scenario, plan(5, 2), &no_ledgers, &Unobserved).unwrap();
    let (mut hashes, mut events, mut waits) = (Vec::new(), 0, (0.0, 0.0));
    for replication in 0..5 {
        let key = RunKey {
            seed: 11,
            replication,
        };
        let mut world = scenario.world(key, Ledger::hashed());
        world.run(u64::MAX).unwrap();
        hashes.extend(world.ledger().hash());
        events += world.events();
        let wait = world.measures().scalars[0];
        waits = (waits.0 + wait.numerator, waits.1 + wait.denominator);
    }
    let distinct: BTreeSet<_> = hashes.iter().map(ToString::to_string).collect();
    assert_eq!(distinct.len(), 5, "every replication is another run");
    assert_eq!(outcome.ledger_hash, Some(LedgerHash::combine(hashes)));
    assert_eq!(outcome.events, events);
    let estimate = outcome.scalars[0].estimate().unwrap();
    assert!((estimate.mean - waits.0 / waits.1).abs() < 1e-9 * estimate.mean);
    assert_eq!(outcome.spreads[0].count() as f64, waits.1);
    assert_eq!(outcome.outline.scalars.len(), outcome.scalars.len());
    assert_eq!(outcome.outline.series.len(), outcome.series.len());
    assert!((outcome.sim_seconds - 5.0 * 28_800.0).abs() < 1e-6);
}

#[test]
fn one_replication_has_the_hash_of_its_ledger() {
    let scenario = desk();
    let outcome = replicate(&scenario, plan(1, 2), &no_ledgers, &Unobserved).unwrap();
    let key = RunKey {
        seed: 11,
        replication: 0,
    };
    let mut world = scenario.world(key, Ledger::in_memory());
    world.run(u64::MAX).unwrap();
    assert_eq!(outcome.ledger_hash, world.ledger().hash());
    assert_eq!(outcome.rows, world.ledger().rows());
}

#[test]
fn ledgers_that_are_off_leave_no_hash_and_change_nothing_else() {
    let scenario = desk();
    let off = |_key| Some(Ledger::off());
    let silent = replicate(&scenario, plan(3, 2), &off, &Unobserved).unwrap();
    let recorded = replicate(&scenario, plan(3, 2), &no_ledgers, &Unobserved).unwrap();
    assert_eq!((silent.ledger_hash, silent.rows), (None, 0));
    assert_eq!(
        format!("{:?}", silent.scalars),
        format!("{:?}", recorded.scalars)
    );
}

/// Which ledgers were closed, and with how many rows.
#[derive(Clone, Default)]
struct Closed(Arc<Mutex<BTreeSet<(u64, u64)>>>);

struct Sink(u64, Closed);

impl LedgerSink for Sink {
    fn write(&mut self, _dictionary: &Dictionary, _chunk: &Chunk) -> Result<(), SinkError> {
        Ok(())
    }

    fn finish(&mut self, closing: &Closing) -> Result<(), SinkError> {
        self.1.0.lock().unwrap().insert((self.0, closing.rows));
        Ok(())
    }
}

#[test]
fn a_ledger_of_ones_own_is_closed_also_when_the_run_fails() {
    let closed = Closed::default();
    let ledgers = |key: RunKey| {
        let sink = Sink(key.replication, closed.clone());
        (key.replication != 1).then(|| Ledger::to_sink(Box::new(sink)))
    };
    let scenario = failing(&[2]);
    replicate(&scenario, plan(3, 1), &ledgers, &Unobserved).unwrap_err();
    assert_eq!(*closed.0.lock().unwrap(), BTreeSet::from([(0, 6), (2, 3)]));
}

/// Notes every second for five seconds; fails after three in these replications.
fn failing(which: &'static [u64]) -> impl Scenario {
    Described(|key: RunKey, ledger| {
        let mut script = Script::of([(0, Action::EverySecond), (0, Action::End(secs(5)))]);
        if which.contains(&key.replication) {
            script.actions.insert(0, (secs(3), Action::Fail));
        }
        Box::new(Simulation::new(script, key, ledger)) as Box<dyn World>
    })
}

#[test]
fn the_first_failure_by_number_is_the_one_told() {
    // The later ones fail sooner, so that threads see them first.
    let scenario = Described(|key: RunKey, ledger| {
        let at = 1_000 - i64::try_from(key.replication).unwrap();
        let mut script = Script::of([(0, Action::EverySecond), (0, Action::End(secs(1_001)))]);
        if key.replication >= 7 {
            script.actions.push((secs(at), Action::Fail));
        }
        Box::new(Simulation::new(script, key, ledger)) as Box<dyn World>
    });
    for threads in [1, 2, 4, 8] {
        let error = replicate(&scenario, plan(100, threads), &no_ledgers, &Unobserved).unwrap_err();
        expect!["the run ended at 16m33s: told to"].assert_eq(&error.to_string());
    }
}

#[test]
fn a_panic_is_an_error_with_its_key() {
    let scenario = Described(|key: RunKey, ledger| {
        let action = if key.replication == 5 {
            Action::Panic
        } else {
            Action::Note(0)
        };
        Box::new(Simulation::new(Script::of([(1, action)]), key, ledger)) as Box<dyn World>
    });
    for threads in [1, 2] {
        let error = replicate(&scenario, plan(10, threads), &no_ledgers, &Unobserved).unwrap_err();
        let RunError::Panicked { key, .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!((key.seed, key.replication), (11, 5));
        expect!["a defect in the program ended the run (seed 11, replication 5): told to panic"]
            .assert_eq(&error.to_string());
    }
}

/// Whatever is called for a run may break, not only its world.
#[test]
fn panics_around_a_run_are_isolated_too() {
    let ledgers = |key: RunKey| -> Option<Ledger> {
        assert!(key.replication != 3, "no ledger for this one");
        None
    };
    for threads in [1, 2] {
        let error = replicate(&desk(), plan(200, threads), &ledgers, &Unobserved).unwrap_err();
        expect![
            "a defect in the program ended the run (seed 11, replication 3): no ledger for this one"
        ]
        .assert_eq(&error.to_string());
    }
    let scenario = Described(|key: RunKey, ledger| {
        assert!(key.replication != 4, "no such world");
        Box::new(Simulation::new(Script::of([]), key, ledger)) as Box<dyn World>
    });
    for threads in [1, 2] {
        let error = replicate(&scenario, plan(200, threads), &no_ledgers, &Unobserved).unwrap_err();
        expect!["a defect in the program ended the run (seed 11, replication 4): no such world"]
            .assert_eq(&error.to_string());
    }
}

/// Lets so many events happen, and counts.
struct Counting {
    stop_after: u64,
    events: AtomicU64,
    completed: Mutex<BTreeSet<u64>>,
}

impl Counting {
    fn new(stop_after: u64) -> Self {
        Self {
            stop_after,
            events: AtomicU64::new(0),
            completed: Mutex::default(),
        }
    }
}

impl Observer for Counting {
    fn moved(&self, _key: RunKey, _now: SimTime, events: u64) -> Verdict {
        let before = self.events.fetch_add(events, Ordering::Relaxed);
        if before + events < self.stop_after {
            Verdict::Continue
        } else {
            Verdict::Stop
        }
    }

    fn completed(&self, key: RunKey, world: &dyn World) {
        assert!(world.now() > SimTime::ZERO);
        self.completed.lock().unwrap().insert(key.replication);
    }
}

#[test]
fn an_observer_sees_every_event_and_every_run() {
    for threads in [1, 2] {
        let observer = Counting::new(u64::MAX);
        let outcome = replicate(&desk(), plan(6, threads), &no_ledgers, &observer).unwrap();
        assert_eq!(observer.events.into_inner(), outcome.events);
        assert_eq!(*observer.completed.lock().unwrap(), (0..6).collect());
    }
}

/// Worlds without end, so that only the observer can stop them.
fn endless() -> impl Scenario {
    Described(|key: RunKey, ledger| {
        let script = Script::of([(0, Action::EverySecond)]);
        Box::new(Simulation::new(script, key, ledger)) as Box<dyn World>
    })
}

#[test]
fn an_observer_ends_one_run_with_what_there_is() {
    let observer = Counting::new(300_000);
    let outcome = replicate(&endless(), plan(1, 1), &no_ledgers, &observer).unwrap();
    assert!(!outcome.is_complete);
    assert_eq!(outcome.replications, 1, "alone it is all there is");
    assert!((300_000..400_000).contains(&outcome.events));
    assert_eq!(outcome.rows, outcome.events);
    assert!(outcome.ledger_hash.is_some());
}

#[test]
fn an_observer_ends_many_runs_and_drops_the_unfinished() {
    for threads in [1, 2] {
        let observer = Counting::new(300_000);
        let outcome =
            replicate(&endless(), plan(1_000_000, threads), &no_ledgers, &observer).unwrap();
        assert!(!outcome.is_complete);
        assert_eq!((outcome.replications, outcome.ledger_hash), (0, None));
    }
    // Runs of one slice each are complete when they are told to stop: the batch ends all the same.
    let observer = Counting::new(1);
    let outcome = replicate(&desk(), plan(50, 1), &no_ledgers, &observer).unwrap();
    assert!(outcome.replications == 1 && !outcome.is_complete);
}

#[test]
fn no_replications_come_to_nothing() {
    let outcome = replicate(&desk(), plan(0, 2), &no_ledgers, &Unobserved).unwrap();
    assert_eq!((outcome.replications, outcome.ledger_hash), (0, None));
    assert!(outcome.scalars.is_empty());
}
