//! The life of a world: its phases, what ends it, what it refuses.

use expect_test::{Expect, expect};
use pluriverse_kernel::{
    ledger::{Ledger, NO_CAUSE},
    simulation::{INSTANT_LIMIT, Simulation},
    time::{SimDuration, SimTime},
    world::{Phase, Progress, RunError, World},
};

use crate::worlds::{Action, Desk, KEY, Outcome, Script, secs, tell};

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
    expect!["`start` cannot be called on a world that is ready"]
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
