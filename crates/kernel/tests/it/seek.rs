//! Going back: by checkpoints, into the same past, which nothing else can be told from.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use expect_test::expect;
use pluriverse_kernel::{
    ledger::{CHUNK_ROWS, KindSet},
    time::SimDuration,
    world::{Input, World},
};

use crate::worlds::{Action, Outcome, Script, secs, tell};

const FOREVER: u64 = u64::MAX;

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
