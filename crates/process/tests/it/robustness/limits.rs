//! Draws and times beyond all bounds.

use expect_test::{Expect, expect};
use pluriverse_kernel::{
    ledger::Ledger,
    world::{Phase, Progress, World},
};

use crate::worlds::{KEY, live, scenario};

/// Runs a world to what ends it, and looks at it afterwards.
#[track_caller]
fn check_end(text: &str, expected: Expect) {
    let mut world = scenario(text).simulation(KEY, Ledger::in_memory());
    let end = world.run(1_000_000);
    let told = match &end {
        Ok(progress) => format!("{progress:?}\n"),
        Err(error) => format!("{error}\n"),
    };
    expected.assert_eq(&told);
    if end.is_err() {
        assert_eq!(world.phase(), Phase::Failed);
        assert!(world.step().is_err(), "a failed world does not go on");
    }
    // What there is can still be looked at.
    let _ = (world.state(), world.measures(), world.snapshot());
}

#[test]
fn services_that_are_no_time_at_all() {
    let text = |service: &str| {
        format!(
            "
            [sources.people]
            arrivals.scheduled.at = ['1s']
            attributes.zero = 0
            [stations.desk]
            agents = 1
            service = {{ expression = \"{service}\" }}
            "
        )
    };
    check_end(
        &text("-1"),
        expect![[r#"
        the run ended at 1s: a service time drawn at station `desk` is -1 s, expected 0 s to 292 years
    "#]],
    );
    check_end(
        &text("zero / zero"),
        expect![[r#"
        the run ended at 1s: a service time drawn at station `desk` is NaN s, expected 0 s to 292 years
    "#]],
    );
    check_end(
        &text("1 / zero"),
        expect![[r#"
        the run ended at 1s: a service time drawn at station `desk` is inf s, expected 0 s to 292 years
    "#]],
    );
    check_end(
        &text("1e300"),
        expect![[r#"
        the run ended at 1s: a service time drawn at station `desk` is inf s, expected 0 s to 292 years
    "#]],
    );
    check_end(
        &text("9.2e9"),
        expect![[r#"
        Finished
    "#]],
    );
}

#[test]
fn services_that_end_after_all_time() {
    check_end(
        "
        [sources.people]
        arrivals.scheduled.at = ['1d', '2d']
        [stations.desk]
        agents = 1
        service = { expression = '9223372036' }
        ",
        expect![[r#"
            time overflows: event 1 at 1d asked for a delay of 106751d23h47m16s
        "#]],
    );
}

#[test]
fn patience_that_is_none_and_patience_without_end() {
    let text = |patience: &str| {
        format!(
            "
            [sources.people]
            arrivals.scheduled.at = ['0s', '0s']
            attributes.zero = 0
            [stations.desk]
            agents = 1
            service = '1s'
            patience = {{ expression = \"{patience}\" }}
            "
        )
    };
    check_end(
        &text("0 - 1"),
        expect![[r#"
        the run ended at 0s: the patience drawn at station `desk` is -1 s
    "#]],
    );
    check_end(
        &text("zero / zero"),
        expect![[r#"
        the run ended at 0s: the patience drawn at station `desk` is NaN s
    "#]],
    );
    // Longer than time can tell is for ever.
    check_end(
        &text("1 / zero"),
        expect![[r#"
        Finished
    "#]],
    );
    check_end(
        &text("1e200"),
        expect![[r#"
        Finished
    "#]],
    );
}

#[test]
fn conditions_that_are_no_numbers_do_not_hold() {
    let story = live(&scenario(
        "
        [sources.people]
        arrivals.scheduled.at = ['0s']
        attributes = { nothing = '0 / 0' }
        to = [{ when = 'nothing', to = 'a' }, { when = 'nothing > 0', to = 'a' }, { when = 'not nothing', to = 'b' }, { to = 'a' }]
        [stations.a]
        agents = 1
        service = '1s'
        [stations.b]
        agents = 1
        service = '1s'
        ",
    ));
    expect![[r#"
        0s       arrive  case 0 from people
        0s       start   case 0 b (waited 0s)
        1s       end     case 0 b (served 1s)
        1s       leave   case 0 (after 1s)
        1s       over
    "#]]
    .assert_eq(&story.told());
}

#[test]
fn a_factor_of_nothing_brings_nobody() {
    check_end(
        "
        [run]
        until = '1m'
        [sources.people]
        arrivals.rates = { every = '1s', values = ['5/s', '0/s'], repeat = true, factor = 0 }
        [stations.a]
        agents = 1
        service = '0s'
        ",
        expect![[r#"
            Finished
        "#]],
    );
}

#[test]
fn rates_of_next_to_nothing_are_looked_through_at_once() {
    // A round of these rates brings 2e-18 cases; the next case is further away than time itself.
    check_end(
        "
        [run]
        until = '2000000h'
        [sources.people]
        arrivals.rates = { every = '1us', values = ['0.000001/w', '0/s'], repeat = true, factor = 0.000001 }
        [stations.a]
        agents = 1
        service = '0s'
        ",
        expect![[r#"
            Finished
        "#]],
    );
}

#[test]
fn worlds_that_last_as_long_as_time() {
    let story = live(&scenario(
        "
        [sources.people]
        arrivals.renewal.interval = '33000d'
        limit = 10
        [stations.a]
        agents = 1
        service = '1h'
        ",
    ));
    assert_eq!(story.end, Ok(Progress::Finished));
    assert_eq!(story.figure("people.arrivals"), Some(3.0));
}

#[test]
fn batches_that_are_too_many() {
    let text = |batch: &str| {
        format!(
            "
            [run]
            until = '1s'
            [sources.people]
            arrivals.scheduled.at = ['0s']
            batch = {batch}
            [stations.desk]
            agents = 'unlimited'
            service = '1s'
            "
        )
    };
    check_end(
        &text("1e6"),
        expect![[r#"
        More
    "#]],
    );
    check_end(
        &text("{ uniform = { low = 1e6, high = 1e7 } }"),
        expect![[r#"
            the run ended at 0s: a batch drawn for source `people` is of 2.9295011297801193e6 cases, expected at most 1000000
        "#]],
    );
    check_end(
        &text("{ pareto = { shape = 0.001, scale = 1 } }"),
        expect![[r#"
            the run ended at 0s: a batch drawn for source `people` is of 2.869586068759535e81 cases, expected at most 1000000
        "#]],
    );
}

#[test]
fn batches_that_are_less_than_none_bring_nobody() {
    let story = live(&scenario(
        "
        [run]
        until = '3s'
        [sources.people]
        arrivals.scheduled.every = '1s'
        batch.normal = { mean = -50, std_dev = 1 }
        [stations.desk]
        agents = 'unlimited'
        service = '1s'
        ",
    ));
    assert_eq!(story.end, Ok(Progress::Finished));
    assert_eq!(story.figure("people.arrivals"), Some(0.0));
}
