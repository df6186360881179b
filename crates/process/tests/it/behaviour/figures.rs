//! What is measured, against sums done by hand.

use expect_test::expect;

use super::check_figures;
use crate::worlds::{live, scenario};

/// Arrivals at 0, 1 and 2 s; one agent; 4 s each: waits of 0, 3 and 6 s.
const QUEUE: &str = "
    [sources.people]
    arrivals.scheduled.at = ['0s', '1s', '2s']
    [stations.desk]
    agents = 1
    service = '4s'
";

#[test]
fn a_queue_in_figures() {
    // Waiting: one from 1 to 2 s, two from 2 to 4 s, one from 4 to 8 s: 9 case seconds.
    check_figures(
        &format!("{QUEUE}[run]\nuntil = '20s'"),
        &[
            "people.arrivals",
            "desk.arrivals",
            "desk.wait",
            "desk.sojourn",
            "desk.wait_p50",
            "desk.queue_length",
            "desk.queue_length_max",
            "desk.utilization",
            "desk.throughput",
            "system.completed",
            "system.sojourn",
            "system.present",
            "system.throughput",
        ],
        expect![[r#"
            people.arrivals = 3
            desk.arrivals = 3
            desk.wait = 3
            desk.sojourn = 7
            desk.wait_p50 = 2.994733
            desk.queue_length = 0.45
            desk.queue_length_max = 2
            desk.utilization = 0.6
            desk.throughput = 540
            system.completed = 3
            system.sojourn = 7
            system.present = 1.05
            system.throughput = 540
        "#]],
    );
}

#[test]
fn a_queue_by_period() {
    let story = live(&scenario(&format!(
        "{QUEUE}[run]\nuntil = '16s'\nperiod = '4s'"
    )));
    let told: String = [
        ("Arrivals per hour", "people"),
        ("Queue length", "desk"),
        ("Wait", "desk"),
        ("Utilization", "desk"),
        ("Cases present", "system"),
    ]
    .map(|(chart, name)| story.series(chart, name))
    .concat();
    expect![[r#"
        Arrivals per hour of people: 2700, 0, 0, 0
        Queue length of desk: 1.25, 1, 0, 0
        Wait of desk: 0, 3, 6, -
        Utilization of desk: 1, 1, 1, 0
        Cases present of system: 2.25, 2, 1, 0
    "#]]
    .assert_eq(&told);
}

#[test]
fn the_warm_up_is_left_out() {
    // From 4 s on: waits of 3 s and 6 s begin to be served, 4 case seconds of waiting, busy to 12 s.
    check_figures(
        &format!("{QUEUE}[run]\nuntil = '14s'\nwarm_up = '4s'"),
        &[
            "people.arrivals",
            "desk.wait",
            "desk.wait_p50",
            "desk.queue_length",
            "desk.queue_length_max",
            "desk.utilization",
            "system.completed",
            "system.sojourn",
        ],
        expect![[r#"
            people.arrivals = 0
            desk.wait = 4.5
            desk.wait_p50 = 2.994733
            desk.queue_length = 0.4
            desk.queue_length_max = 2
            desk.utilization = 0.8
            system.completed = 3
            system.sojourn = 7
        "#]],
    );
}

#[test]
fn a_run_that_is_cut_leaves_cases_behind() {
    let text = format!("{QUEUE}[run]\nuntil = '6s'");
    check_figures(
        &text,
        &[
            "desk.wait",
            "system.completed",
            "desk.queue_length",
            "desk.utilization",
        ],
        expect![[r#"
            desk.wait = 1.5
            system.completed = 1
            desk.queue_length = 1.166667
            desk.utilization = 1
        "#]],
    );
    assert_eq!(live(&scenario(&text)).now.nanos(), 6_000_000_000);
}

#[test]
fn a_run_that_drains_serves_everybody() {
    // Averages over time stop at 6 s all the same.
    let text = format!("{QUEUE}[run]\nuntil = '6s'\nat_end = 'drain'");
    check_figures(
        &text,
        &[
            "desk.wait",
            "system.completed",
            "desk.queue_length",
            "desk.utilization",
        ],
        expect![[r#"
            desk.wait = 3
            system.completed = 3
            desk.queue_length = 1.166667
            desk.utilization = 1
        "#]],
    );
    assert_eq!(live(&scenario(&text)).now.nanos(), 12_000_000_000);
}

/// Waits of 0 s (served), 2 s (gave up) and 3 s (served).
fn level(rule: &str) -> String {
    format!(
        "
        [classes.calm]
        [classes.hasty]
        [sources.calm]
        class = 'calm'
        arrivals.scheduled.at = ['0s', '2s']
        [sources.hasty]
        class = 'hasty'
        arrivals.scheduled.at = ['1s']
        [stations.desk]
        agents = 1
        service = '5s'
        patience.by_class = {{ calm = '1h', hasty = '2s' }}
        service_level = {rule}
        "
    )
}

#[test]
fn who_gave_up_counts_in_a_service_level_as_it_says() {
    let figures = [
        "desk.service_level",
        "desk.abandoned",
        "desk.wait",
        "desk.hasty.service_level",
    ];
    check_figures(
        &level("'2s'"),
        &figures,
        expect![[r#"
        desk.service_level = 0.666667
        desk.abandoned = 0.333333
        desk.wait = 1.666667
        desk.hasty.service_level = 1
    "#]],
    );
    check_figures(
        &level("'1999ms'"),
        &figures,
        expect![[r#"
        desk.service_level = 0.333333
        desk.abandoned = 0.333333
        desk.wait = 1.666667
        desk.hasty.service_level = 0
    "#]],
    );
    check_figures(
        &level("{ within = '2s', abandoned = 'missed' }"),
        &figures,
        expect![[r#"
            desk.service_level = 0.333333
            desk.abandoned = 0.333333
            desk.wait = 1.666667
            desk.hasty.service_level = 0
        "#]],
    );
    check_figures(
        &level("{ within = '2s', abandoned = 'excluded' }"),
        &figures,
        expect![[r#"
            desk.service_level = 0.5
            desk.abandoned = 0.333333
            desk.wait = 1.666667
            desk.hasty.service_level is not known
        "#]],
    );
}

#[test]
fn costs_add_up() {
    // Two agents for 10 s at 36 an hour: 0.2. Three starts at 1.5. Three services at 0.25.
    check_figures(
        "
        [run]
        until = '10s'
        [sources.people]
        arrivals.scheduled.at = ['0s', '1s', '2s']
        [stations.desk]
        agents = 2
        service = '4s'
        cost_per_hour = 36
        cost_per_use = 1.5
        cost_per_case = 0.25
        ",
        &["system.cost"],
        expect![[r#"
            system.cost = 5.45
        "#]],
    );
}

#[test]
fn a_case_that_is_started_twice_uses_its_agents_twice() {
    check_figures(
        "
        [run]
        until = '20s'
        [classes]
        routine.priority = 1
        urgent.priority = 2
        [sources.routine]
        class = 'routine'
        arrivals.scheduled.at = ['0s']
        [sources.urgent]
        class = 'urgent'
        arrivals.scheduled.at = ['1s']
        [stations.desk]
        agents = 1
        preemption = 'resume'
        service = '4s'
        cost_per_use = 1
        cost_per_case = 10
        ",
        &["system.cost"],
        expect![[r#"
            system.cost = 23
        "#]],
    );
}

#[test]
fn a_case_that_is_not_done_at_the_end_has_used_its_agent() {
    check_figures(
        "
        [run]
        until = '3s'
        [sources.people]
        arrivals.scheduled.at = ['0s']
        [stations.desk]
        agents = 1
        service = '4s'
        cost_per_use = 1
        cost_per_case = 10
        ",
        &["system.cost"],
        expect![[r#"
            system.cost = 1
        "#]],
    );
}

#[test]
fn a_use_is_paid_when_it_begins_and_a_case_when_it_is_done() {
    // From 2 s on: one case ends, the other begins and ends.
    check_figures(
        "
        [run]
        until = '20s'
        warm_up = '2s'
        [sources.people]
        arrivals.scheduled.at = ['0s', '1s']
        [stations.desk]
        agents = 1
        end_of_shift = 'preempt'
        service = '4s'
        cost_per_use = 1
        cost_per_case = 10
        ",
        &["system.cost"],
        expect![[r#"
            system.cost = 21
        "#]],
    );
}

#[test]
fn agents_without_limit_are_paid_while_they_serve() {
    check_figures(
        "
        [run]
        until = '10s'
        [sources.people]
        arrivals.scheduled.at = ['0s', '1s', '8s']
        [stations.park]
        agents = 'unlimited'
        service = '5s'
        cost_per_hour = 3600
        ",
        &["system.cost", "park.in_service"],
        expect![[r#"
            system.cost = 12
            park.in_service = 1.2
        "#]],
    );
}

#[test]
fn a_pool_without_a_station_is_idle_in_every_period() {
    let story = live(&scenario(&format!(
        "{QUEUE}[pools.spare]\nagents = 1\n[run]\nuntil = '16s'\nperiod = '4s'"
    )));
    expect![[r#"
        Utilization of spare: 0, 0, 0, 0
    "#]]
    .assert_eq(&story.series("Utilization", "spare"));
}

#[test]
fn by_class_figures_are_those_of_the_class() {
    check_figures(
        "
        [classes.a]
        [classes.b]
        [sources.a]
        class = 'a'
        arrivals.scheduled.at = ['0s', '2s']
        [sources.b]
        class = 'b'
        arrivals.scheduled.at = ['1s']
        [stations.desk]
        agents = 1
        service = '4s'
        ",
        &[
            "desk.wait",
            "desk.a.wait",
            "desk.b.wait",
            "system.a.sojourn",
            "system.b.sojourn",
        ],
        expect![[r#"
            desk.wait = 3
            desk.a.wait = 3
            desk.b.wait = 3
            system.a.sojourn = 7
            system.b.sojourn = 7
        "#]],
    );
}
