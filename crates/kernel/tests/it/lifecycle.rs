//! The life of a world: its phases, what ends it, what it refuses, how it goes back.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use expect_test::{Expect, expect};
use pluriverse_kernel::{
    ledger::{
        CHUNK_ROWS, Chunk, Closing, Dictionary, KindSet, Ledger, LedgerSink, NO_CAUSE, SinkError,
    },
    simulation::{INPUT_LIMIT, INSTANT_LIMIT, PAYLOAD_KIND, Simulation},
    time::{SimDuration, SimTime},
    world::{Input, InputError, Phase, Progress, RunError, World},
};

use crate::worlds::{Action, Desk, KEY, Outcome, Script, group, secs, tell};

const FOREVER: u64 = u64::MAX;

/// Runs `actions` to the end and says how that went.
fn check(actions: &[(i64, Action)], expected: Expect) {
    let mut world = Script::of(actions.iter().copied()).world();
    let end = match world.run(FOREVER) {
        Ok(progress) => format!("{progress:?}"),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&format!(
        "{end}; {:?} at {} after {} events and {} rows",
        world.phase(),
        world.now(),
        world.events(),
        world.ledger().rows()
    ));
}

#[test]
fn a_world_ends_when_nothing_is_left() {
    check(
        &[],
        expect!["Finished; Finished at 0s after 0 events and 0 rows"],
    );
    check(
        &[(0, Action::Note(0)), (5, Action::Note(1))],
        expect!["Finished; Finished at 5s after 2 events and 2 rows"],
    );
    check(
        &[(1, Action::Cancelled)],
        expect!["Finished; Finished at 1s after 1 events and 0 rows"],
    );
    let delay = SimDuration::from_secs(2);
    check(
        &[(1, Action::Later(delay)), (1, Action::Timer(delay))],
        expect!["Finished; Finished at 3s after 4 events and 2 rows"],
    );
}

#[test]
fn a_world_ends_at_its_horizon() {
    check(
        &[(0, Action::EverySecond), (0, Action::End(secs(3)))],
        expect!["Finished; Finished at 3s after 5 events and 4 rows"],
    );
    // The horizon comes closer while the world runs, even into the past.
    check(
        &[(0, Action::EverySecond), (2, Action::End(secs(2)))],
        expect!["Finished; Finished at 2s after 4 events and 3 rows"],
    );
    check(
        &[(0, Action::EverySecond), (3, Action::End(secs(1)))],
        expect!["Finished; Finished at 3s after 4 events and 3 rows"],
    );
    // It moves away again.
    let moves = [(0, Action::End(secs(2))), (2, Action::End(secs(4)))];
    check(
        &[moves[0], moves[1], (0, Action::EverySecond)],
        expect!["Finished; Finished at 4s after 7 events and 5 rows"],
    );
}

#[test]
fn a_horizon_that_moves_is_the_same_in_steps_and_slices() {
    let make = || {
        let end = (100, Action::End(secs(150)));
        let earlier = (120, Action::End(secs(120)));
        Script::of([(0, Action::EverySecond), end, earlier]).world()
    };
    let mut straight = make();
    straight.run(FOREVER).unwrap();
    let (mut stepped, mut sliced) = (make(), make());
    while stepped.step() == Ok(Progress::More) {}
    while sliced.run_until(SimTime::from_nanos(sliced.now().nanos() + 777_777_777), 2)
        == Ok(Progress::More)
    {}
    assert_eq!(Outcome::of(&stepped), Outcome::of(&straight));
    assert_eq!(Outcome::of(&sliced), Outcome::of(&straight));
    assert_eq!(straight.now(), secs(120));
}

#[test]
fn what_ends_a_run_is_told() {
    let back = SimDuration::from_secs(-1);
    check(
        &[(3, Action::At(secs(1)))],
        expect![
            "event 1 at 3s asked for an event in the past, at 1s; Failed at 3s after 1 events and 0 rows"
        ],
    );
    check(
        &[(3, Action::Later(back))],
        expect![
            "event 1 at 3s asked for an event in the past, at 2s; Failed at 3s after 1 events and 0 rows"
        ],
    );
    check(
        &[(3, Action::Timer(back))],
        expect![
            "event 1 at 3s asked for an event in the past, at 2s; Failed at 3s after 1 events and 0 rows"
        ],
    );
    check(
        &[(3, Action::Later(SimDuration::MAX))],
        expect![
            "time overflows: event 1 at 3s asked for a delay of 106751d23h47m16s854ms775us807ns; Failed at 3s after 1 events and 0 rows"
        ],
    );
    check(
        &[(3, Action::Fail), (4, Action::Note(0))],
        expect!["the run ended at 3s: told to; Failed at 3s after 1 events and 0 rows"],
    );
}

/// The first mistake of a handler is the one that is told.
#[test]
fn a_start_in_the_past_fails() {
    let mut world = Script::of([(-1, Action::Note(0)), (-2, Action::Note(0))]).world();
    let error = world.start().unwrap_err();
    expect!["event 0 at 0s asked for an event in the past, at -1s"].assert_eq(&error.to_string());
    assert_eq!(world.phase(), Phase::Failed);
}

#[test]
fn time_may_stand_for_long_but_not_for_ever() {
    check(
        &[(2, Action::Again(INSTANT_LIMIT - 1))],
        expect!["Finished; Finished at 2s after 10000000 events and 0 rows"],
    );
    check(
        &[(2, Action::Again(INSTANT_LIMIT))],
        expect![
            "time stands still: 10000001 events at 2s, the last one Again(0); Failed at 2s after 10000000 events and 0 rows"
        ],
    );
}

/// A world that waits for input stands at the same instant only once each time.
#[test]
fn an_event_after_each_input_is_no_standing_still() {
    let mut world = Script::of([]).world();
    world.start().unwrap();
    let mut straight = Script::of([]).world();
    straight.start().unwrap();
    for second in 1..50 {
        world.run_until(secs(second), FOREVER).unwrap();
        for outside in [&mut world, &mut straight] {
            outside.input(secs(second), tell(0)).unwrap();
        }
    }
    world.run(FOREVER).unwrap();
    straight.run(FOREVER).unwrap();
    assert_eq!(
        world.snapshot(),
        straight.snapshot(),
        "also in what is counted"
    );
}

#[test]
fn phases_follow_each_other() {
    let mut world = Script::of([
        (1, Action::Note(1)),
        (2, Action::Note(2)),
        (3, Action::Note(3)),
    ])
    .world();
    assert_eq!(world.phase(), Phase::New);
    world.pause();
    assert_eq!(world.phase(), Phase::New);
    world.start().unwrap();
    assert_eq!(
        (world.phase(), world.now(), world.events()),
        (Phase::Ready, secs(0), 0)
    );
    assert_eq!(world.step(), Ok(Progress::More));
    assert_eq!((world.now(), world.events()), (secs(1), 1));
    world.pause();
    assert_eq!(world.run(FOREVER), Ok(Progress::Paused));
    assert_eq!(world.run_until(secs(9), FOREVER), Ok(Progress::Paused));
    assert_eq!((world.phase(), world.now()), (Phase::Paused, secs(1)));
    assert_eq!(world.step(), Ok(Progress::More));
    assert_eq!((world.phase(), world.now()), (Phase::Paused, secs(2)));
    world.resume();
    assert_eq!(world.run(FOREVER), Ok(Progress::Finished));
    assert_eq!((world.phase(), world.now()), (Phase::Finished, secs(3)));
    assert_eq!(world.run_until(secs(5), FOREVER), Ok(Progress::Finished));
    assert_eq!(world.now(), secs(5));
    world.resume();
    world.pause();
    assert_eq!(world.phase(), Phase::Finished);
}

#[test]
fn moving_a_new_world_starts_it() {
    type Move = fn(&mut Simulation<Script>) -> Result<Progress, RunError>;
    let moves: [Move; 4] = [
        |world| world.step(),
        |world| world.run(FOREVER),
        |world| world.run_until(secs(1), FOREVER),
        |world| world.seek(secs(1)),
    ];
    for start in moves {
        let mut world = Script::of([(1, Action::Note(0))]).world();
        assert_eq!(start(&mut world), Ok(Progress::Finished));
        assert_eq!(world.ledger().rows(), 1);
    }
}

#[test]
fn calls_out_of_turn_are_refused() {
    let mut world = Script::of([(1, Action::Fail)]).world();
    assert!(
        world.branch(Ledger::off()).is_err(),
        "nothing to branch from"
    );
    world.start().unwrap();
    expect!["`start` cannot be called on a world that is Ready"]
        .assert_eq(&world.start().unwrap_err().to_string());
    world.run(FOREVER).unwrap_err();
    for refused in [world.step(), world.run(FOREVER), world.seek(secs(0))] {
        assert!(matches!(
            refused,
            Err(RunError::WrongPhase {
                phase: Phase::Failed,
                ..
            })
        ));
    }
    assert_eq!(
        (world.state().events, world.ledger().rows()),
        (1, 0),
        "it can still be looked at"
    );
}

#[test]
fn a_failed_world_stays_failed_in_a_snapshot_and_can_become_another() {
    let mut world = Script::of([(1, Action::Note(0)), (2, Action::Fail)]).world();
    world.step().unwrap();
    let before = world.snapshot();
    world.run(FOREVER).unwrap_err();
    let mut other = Script::of([(1, Action::Note(0)), (2, Action::Fail)]).world();
    other.restore(&world.snapshot()).unwrap();
    assert_eq!(other.phase(), Phase::Failed);
    other.restore(&before).unwrap();
    assert_eq!((other.phase(), other.now()), (Phase::Ready, secs(1)));
}

#[test]
fn run_until_stops_between_events_and_at_its_number_of_events() {
    let mut world = Script::of([
        (1, Action::Note(0)),
        (3, Action::Note(0)),
        (3, Action::Note(0)),
    ])
    .world();
    assert_eq!(world.run_until(secs(0), FOREVER), Ok(Progress::More));
    assert_eq!(world.run_until(secs(2), FOREVER), Ok(Progress::More));
    assert_eq!((world.now(), world.events()), (secs(2), 1));
    assert_eq!(world.run_until(secs(9), 1), Ok(Progress::More));
    assert_eq!(
        (world.now(), world.events()),
        (secs(3), 2),
        "time is not ahead of what is due"
    );
    assert_eq!(world.run_until(secs(9), 0), Ok(Progress::More));
    assert_eq!((world.now(), world.events()), (secs(3), 2));
    assert_eq!(world.next_time(), Some(secs(3)));
    assert_eq!(world.run_until(secs(9), 1), Ok(Progress::Finished));
    assert_eq!((world.now(), world.next_time()), (secs(9), None));
}

/// Rows are linked: within a handler each to the one before it, the first to what led to the event.
#[test]
fn causes_lead_back_through_events() {
    let mut world = Simulation::new(Desk::default(), KEY, Ledger::in_memory());
    world.run_until(secs(3_600), FOREVER).unwrap();
    let ledger = world.ledger();
    let mut first_causes = 0;
    for number in 0..ledger.rows() {
        let row = ledger.row(number).unwrap();
        if row.cause == NO_CAUSE {
            first_causes += 1;
            continue;
        }
        assert!(row.cause < number, "a cause comes first");
        let cause = ledger.row(row.cause).unwrap();
        let names = [cause.kind, row.kind]
            .map(|kind| ledger.dictionary().kinds[usize::from(kind)].name.clone());
        let names = [names[0].as_str(), names[1].as_str()];
        let is_known = matches!(
            names,
            ["arrive", "arrive" | "start" | "give up"] | ["start", "done"] | ["done", "start"]
        );
        assert!(is_known, "{names:?}");
    }
    assert_eq!(first_causes, 1, "all follows from the first arrival");
}

#[test]
fn a_panic_leaves_the_host_alive() {
    let mut world = Script::of([(1, Action::Note(0)), (2, Action::Panic)]).world();
    let end = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.run(FOREVER)));
    assert!(end.is_err());
    assert_eq!(world.ledger().rows(), 1, "what was recorded can be read");
}

#[test]
fn streams_are_opened_at_the_start_only() {
    let mut world = Script::of([(1, Action::OpenStream)]).world();
    let end = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.run(FOREVER)));
    assert!(end.is_err());
}

#[test]
fn inputs_that_mean_nothing_are_refused() {
    let mut world = Desk::world(Ledger::hashed());
    assert_eq!(world.input(secs(1), group(1)), Err(InputError::NotRunning));
    world.run_until(secs(100), FOREVER).unwrap();
    let before = world.snapshot();
    let unknown = Input {
        kind: 3,
        ..group(1)
    };
    let refusals = [
        world.input(secs(200), unknown),
        world.input(secs(99), group(1)),
        world.input(secs(200), group(101)),
        world.input(secs(200), group(0)),
    ]
    .map(|refused| format!("{}\n", refused.unwrap_err()));
    expect![[r#"
        this world takes no input of kind 3
        the input is for 1m39s, the world is at 1m40s already
        the input's `subject` is 101, expected 1 to 100 customers
        the input's `subject` is 0, expected 1 to 100 customers
    "#]]
    .assert_eq(&refusals.concat());
    assert_eq!(world.snapshot(), before);
}

#[test]
fn inputs_are_refused_after_the_end() {
    let mut world = Script::of([(0, Action::EverySecond), (0, Action::End(secs(3)))]).world();
    world.start().unwrap();
    world.step().unwrap();
    world.step().unwrap();
    assert_eq!(world.input(secs(4), tell(0)), Err(InputError::NotRunning));
    assert_eq!(world.input(secs(3), tell(0)), Ok(()));
    let mut world = Script::of([(1, Action::Fail)]).world();
    world.run(FOREVER).unwrap_err();
    assert_eq!(world.input(secs(4), tell(0)), Err(InputError::NotRunning));
}

#[test]
fn inputs_wait_up_to_a_limit() {
    let mut world = Script::of([]).world();
    world.start().unwrap();
    for number in 0..INPUT_LIMIT {
        world
            .input(SimTime::from_nanos(i64::try_from(number).unwrap()), tell(0))
            .unwrap();
    }
    let error = world.input(secs(1), tell(0)).unwrap_err();
    expect!["1048576 inputs are waiting already"].assert_eq(&error.to_string());
    world.step().unwrap();
    assert_eq!(world.input(secs(1), tell(0)), Ok(()));
}

#[test]
fn an_input_wakes_a_finished_world() {
    let mut world = Script::of([(1, Action::Note(1))]).world();
    assert_eq!(world.run(FOREVER), Ok(Progress::Finished));
    world.input(secs(1), tell(2)).unwrap();
    world.input(secs(5), tell(3)).unwrap();
    assert_eq!(
        (world.phase(), world.next_time()),
        (Phase::Ready, Some(secs(1)))
    );
    assert_eq!(world.run(FOREVER), Ok(Progress::Finished));
    assert_eq!((world.now(), world.ledger().rows()), (secs(5), 5));
}

#[test]
fn inputs_go_before_the_events_of_their_instant_in_the_order_they_came() {
    let mut world = Script::of([(1, Action::Note(0)), (2, Action::Note(0))]).world();
    world.start().unwrap();
    for number in [1, 2] {
        world.input(secs(2), tell(number)).unwrap();
    }
    world.input(secs(1), tell(3)).unwrap();
    world.run(FOREVER).unwrap();
    let rows = (0..world.ledger().rows()).map(|number| world.ledger().row(number).unwrap());
    let lines = rows.map(|row| match row.kind {
        0 => format!("{} note {}\n", row.time, row.subject),
        _ => format!("{} told {}\n", row.time, row.subject),
    });
    expect![[r#"
        1s told 3
        1s note 0
        1s note 3
        2s told 1
        2s told 2
        2s note 0
        2s note 1
        2s note 2
    "#]]
    .assert_eq(&lines.collect::<String>());
}

#[test]
fn a_payload_is_recorded_by_length_and_hash() {
    let payload = b"all that the camera saw".to_vec();
    let hash = xxhash_rust::xxh3::xxh3_64(&payload);
    let mut world = Script::of([]).world();
    world.start().unwrap();
    world.input(secs(1), Input { payload, ..tell(0) }).unwrap();
    world.run(FOREVER).unwrap();
    let row = world.ledger().row(1).unwrap();
    assert_eq!((row.kind, row.value, row.cause), (PAYLOAD_KIND, 23.0, 0));
    assert_eq!(u64::from(row.object) << 32 | u64::from(row.subject), hash);
}

/// A world that goes back finds inputs that came in the middle of an instant in the same place again.
#[test]
fn inputs_come_again_where_they_came() {
    let mut world = Script::of([(0, Action::EverySecond)]).world();
    world.keep_checkpoints(Some(SimDuration::from_secs(4)));
    for second in 1..30 {
        // After the event of this instant, ...
        world.run_until(secs(second), FOREVER).unwrap();
        world.input(secs(second), tell(1)).unwrap();
        // ... before it, and both at once.
        if second % 3 == 0 {
            world.input(secs(second + 1), tell(2)).unwrap();
        }
    }
    world.run_until(secs(30), FOREVER).unwrap();
    let straight = Outcome::of(&world);
    for back in [29, 3, 17, 0, 30, 8, 12] {
        world.seek(secs(back)).unwrap();
        assert!(world.now() == secs(back) && world.ledger().rows() <= straight.rows);
        world.seek(secs(30)).unwrap();
        assert_eq!(Outcome::of(&world), straight, "back to {back}");
    }
}

/// What is done after going back makes another future, in which the old checkpoints lie.
#[test]
fn another_future_has_other_checkpoints() {
    let make = || {
        let mut world = Script::of([(0, Action::EverySecond)]).world();
        world.keep_checkpoints(Some(SimDuration::from_secs(1)));
        world
    };
    let mut world = make();
    world.seek(secs(20)).unwrap();
    world.seek(secs(5)).unwrap();
    world.input(secs(6), tell(9)).unwrap();
    world.seek(secs(20)).unwrap();
    let changed = Outcome::of(&world);
    world.seek(secs(15)).unwrap();
    world.seek(secs(20)).unwrap();
    assert_eq!(Outcome::of(&world), changed);

    let mut straight = make();
    straight.run_until(secs(5), FOREVER).unwrap();
    straight.input(secs(6), tell(9)).unwrap();
    straight.run_until(secs(20), FOREVER).unwrap();
    assert_eq!(Outcome::of(&straight), changed);
}

#[test]
fn a_restored_world_does_not_go_back_into_another_past() {
    let mut world = Script::of([(0, Action::EverySecond)]).world();
    world.keep_checkpoints(Some(SimDuration::from_secs(1)));
    world.run_until(secs(5), FOREVER).unwrap();
    let mut other = Script::of([(0, Action::EverySecond), (1, Action::Note(7))]).world();
    other.run_until(secs(10), FOREVER).unwrap();
    world.restore(&other.snapshot()).unwrap();
    world.run_until(secs(20), FOREVER).unwrap();
    let error = world.seek(secs(9)).unwrap_err();
    expect!["the world cannot go back to 9s: checkpoints begin at 10s"]
        .assert_eq(&error.to_string());
    assert_eq!(world.now(), secs(20), "it is where it was");
    world.seek(secs(12)).unwrap();
    let mut straight = Script::of([(0, Action::EverySecond), (1, Action::Note(7))]).world();
    straight.run_until(secs(12), FOREVER).unwrap();
    assert_eq!(Outcome::of(&world), Outcome::of(&straight));
}

#[test]
fn a_world_without_checkpoints_says_so() {
    let mut world = Script::of([(0, Action::EverySecond)]).world();
    world.seek(secs(5)).unwrap();
    expect!["the world cannot go back to 4s: it keeps no checkpoints"]
        .assert_eq(&world.seek(secs(4)).unwrap_err().to_string());
    assert_eq!(world.now(), secs(5));
    world.keep_checkpoints(None);
    world.seek(secs(8)).unwrap();
    world.seek(secs(6)).unwrap();
    assert!(world.seek(secs(4)).is_err());
}

/// Keeping checkpoints changes neither what happens nor how far time has come.
#[test]
fn checkpoints_leave_no_trace() {
    let actions = [
        (0, Action::Note(1)),
        (7, Action::Note(2)),
        (7, Action::Later(SimDuration::from_nanos(1))),
    ];
    let outcome = |interval: Option<i64>, until: Option<i64>| {
        let mut world = Script::of(actions).world();
        if let Some(nanos) = interval {
            world.keep_checkpoints(Some(SimDuration::from_nanos(nanos)));
        }
        let progress = match until {
            Some(until) => world.run_until(secs(until), FOREVER),
            None => world.run(FOREVER),
        };
        (progress, Outcome::of(&world))
    };
    for until in [None, Some(3), Some(7), Some(20)] {
        let plain = outcome(None, until);
        for interval in [1_000_000, 2_000_000_000, 7_000_000_000, 1_000_000_000_000] {
            assert_eq!(outcome(Some(interval), until), plain, "every {interval} ns");
        }
    }
}

/// A long run keeps a bounded number of checkpoints, and going back stays a small part of the way.
#[test]
fn checkpoints_thin_out() {
    const SECONDS: u64 = 20_000;
    let script = Script::of([(0, Action::EverySecond)]);
    let (handled, saved) = (Arc::clone(&script.handled), Arc::clone(&script.saved));
    let take = |counter: &AtomicU64| counter.swap(0, Ordering::Relaxed);
    let mut world = script.world();
    world.keep_checkpoints(Some(SimDuration::from_secs(1)));
    let end = secs(i64::try_from(SECONDS).unwrap());
    world.run_until(end, FOREVER).unwrap();
    let straight = Outcome::of(&world);
    let taken = take(&saved);
    assert!((256..2_000).contains(&taken), "{taken} snapshots");
    for at in [19_000, 10_000, 5_000, 1, 0] {
        world.seek(end).unwrap();
        take(&handled);
        world.seek(secs(at)).unwrap();
        let again = take(&handled);
        assert!(
            again <= SECONDS / 128 + 2,
            "{again} events again to go back to {at} s"
        );
    }
    world.seek(end).unwrap();
    assert_eq!(Outcome::of(&world), straight);
}

/// Nothing happens for long: no checkpoint is taken for it.
#[test]
fn checkpoints_are_kept_only_where_something_happens() {
    let script = Script::of([(0, Action::Note(0)), (1_000_000_000, Action::Note(0))]);
    let saved = Arc::clone(&script.saved);
    let mut world = script.world();
    world.keep_checkpoints(Some(SimDuration::from_secs(1)));
    world.run_until(secs(2_000_000_000), FOREVER).unwrap();
    assert!(saved.load(Ordering::Relaxed) <= 3);
}

/// A world that jumps ahead has not seen the rows between, and says so to whoever asks.
#[test]
fn rows_that_were_jumped_over_are_not_there() {
    let every_second = || Script::of([(0, Action::EverySecond)]).world();
    let mut far = every_second();
    far.run_until(secs(14_000), FOREVER).unwrap();
    let mut world = every_second();
    world.run_until(secs(5_000), FOREVER).unwrap();
    let mut feed = world.subscribe(KindSet::All, 0);
    world.restore(&far.snapshot()).unwrap();
    let first = 3 * CHUNK_ROWS as u64;
    assert_eq!(world.ledger().first_kept_row(), first);
    for number in [0, 4_999, 5_001, first - 1, 14_001] {
        assert_eq!(world.ledger().row(number), None, "row {number}");
    }
    assert_eq!(world.ledger().row(first), far.ledger().row(first));
    let batch = world.read(&mut feed, 5);
    assert_eq!((batch.dropped_count, batch.rows.len()), (first - 5_001, 5));
    // Back in what it has seen, all rows are there again from where it is.
    let mut back = every_second();
    back.run_until(secs(9_000), FOREVER).unwrap();
    let early = back.snapshot();
    back.run_until(secs(14_000), FOREVER).unwrap();
    back.restore(&early).unwrap();
    back.run_until(secs(14_000), FOREVER).unwrap();
    assert_eq!(back.ledger().first_kept_row(), 0);
    assert_eq!(back.ledger().row(9_500), far.ledger().row(9_500));
}

/// Inputs are kept for going back up to a limit; then the past begins where the world is.
#[test]
fn the_past_is_as_long_as_its_inputs_can_be_kept() {
    let mut world = Script::of([(0, Action::EverySecond)]).world();
    world.keep_checkpoints(Some(SimDuration::from_secs(1)));
    for second in 1..=10 {
        world.run_until(secs(second), FOREVER).unwrap();
        let payload = vec![0; 8 << 20];
        world
            .input(secs(second), Input { payload, ..tell(1) })
            .unwrap();
    }
    world.run_until(secs(20), FOREVER).unwrap();
    let straight = Outcome::of(&world);
    let error = world.seek(secs(5)).unwrap_err();
    expect!["the world cannot go back to 5s: checkpoints begin at 9s"]
        .assert_eq(&error.to_string());
    for back in [9, 10, 15] {
        world.seek(secs(back)).unwrap();
        world.seek(secs(20)).unwrap();
        assert_eq!(Outcome::of(&world), straight);
    }
}

/// A sink that fills up after some chunks.
struct Full {
    room: usize,
    written: Arc<Mutex<Vec<Chunk>>>,
}

impl LedgerSink for Full {
    fn write(&mut self, _dictionary: &Dictionary, chunk: &Chunk) -> Result<(), SinkError> {
        let mut written = self.written.lock().unwrap();
        if written.len() < self.room {
            written.push(chunk.clone());
            return Ok(());
        }
        Err(SinkError {
            target: "run.ledger".to_owned(),
            message: "no space left".to_owned(),
        })
    }

    fn finish(&mut self, _closing: &Closing) -> Result<(), SinkError> {
        Ok(())
    }
}

fn full_after(room: usize) -> (Ledger, Arc<Mutex<Vec<Chunk>>>) {
    let written = Arc::default();
    let sink = Full {
        room,
        written: Arc::clone(&written),
    };
    (Ledger::to_sink(Box::new(sink)), written)
}

#[test]
fn a_sink_that_fails_ends_the_run_with_what_was_written() {
    let (ledger, written) = full_after(2);
    let mut world = Simulation::new(Script::of([(0, Action::EverySecond)]), KEY, ledger);
    let error = world.run(FOREVER).unwrap_err();
    expect!["the ledger cannot be written to `run.ledger`: no space left"]
        .assert_eq(&error.to_string());
    assert_eq!(world.phase(), Phase::Failed);
    assert_eq!(
        world.ledger().rows(),
        3 * CHUNK_ROWS as u64 + 1,
        "at the row that did not fit"
    );
    assert!(world.finish_ledger().is_err());
    assert_eq!(written.lock().unwrap().len(), 2);
}

#[test]
fn rows_that_have_been_written_are_not_taken_back() {
    let (ledger, _) = full_after(usize::MAX);
    let mut world = Simulation::new(Script::of([(0, Action::EverySecond)]), KEY, ledger);
    world.keep_checkpoints(None);
    world.run_until(secs(100), FOREVER).unwrap();
    world.seek(secs(50)).unwrap();
    world.run_until(secs(5_000), FOREVER).unwrap();
    let later = world.snapshot();
    let error = world.seek(secs(50)).unwrap_err();
    expect!["rows after that point have already been written to the ledger's file"]
        .assert_eq(&error.to_string());
    assert_eq!(world.now(), secs(5_000));
    assert_eq!(world.snapshot(), later, "it is as it was");
    world.run_until(secs(5_100), FOREVER).unwrap();
    world.restore(&later).unwrap();
    world.finish_ledger().unwrap();
    assert!(
        world.restore(&later).is_err(),
        "the last rows are written too"
    );
}

/// A file of rows has no hole: it may begin late, but not leave out rows between.
#[test]
fn rows_that_would_be_missing_are_told() {
    let far = |seconds: i64| {
        let mut world = Simulation::new(
            Script::of([(0, Action::EverySecond)]),
            KEY,
            Ledger::hashed(),
        );
        world.run_until(secs(seconds), FOREVER).unwrap();
        world.snapshot()
    };
    let (ledger, written) = full_after(usize::MAX);
    let mut world = Simulation::new(Script::of([]), KEY, ledger);
    world.restore(&far(5_000)).unwrap();
    world.run_until(secs(9_000), FOREVER).unwrap();
    let error = world.restore(&far(14_000)).unwrap_err();
    expect!["the ledger's file would miss the rows up to that point"].assert_eq(&error.to_string());
    assert_eq!(written.lock().unwrap()[0].first_row(), CHUNK_ROWS as u64);
}

#[test]
fn a_branch_goes_its_own_way() {
    let mut world = Script::of([(0, Action::EverySecond)]).world();
    world.run_until(secs(10), FOREVER).unwrap();
    let mut branch = world.branch(Ledger::in_memory()).unwrap();
    branch.input(secs(11), tell(1)).unwrap();
    branch.run_until(secs(20), FOREVER).unwrap();
    let mut plain = world.branch(Ledger::off()).unwrap();
    plain.run_until(secs(20), FOREVER).unwrap();
    assert_eq!(plain.ledger().hash(), None);
    world.run_until(secs(20), FOREVER).unwrap();
    assert_ne!(branch.ledger().hash(), world.ledger().hash());
    assert_eq!(branch.ledger().rows(), world.ledger().rows() + 2);
    assert_eq!(plain.events(), world.events());
}
