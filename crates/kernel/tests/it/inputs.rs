//! What comes from outside: when it is taken, in which order, and that it comes again to a world that goes back.

use expect_test::expect;
use pluriverse_kernel::{
    ledger::Ledger,
    simulation::{INPUT_LIMIT, PAYLOAD_KIND},
    time::{SimDuration, SimTime},
    world::{Input, InputError, Phase, Progress, World},
};

use crate::worlds::{Action, Desk, Outcome, Script, group, secs, tell};

const FOREVER: u64 = u64::MAX;

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
