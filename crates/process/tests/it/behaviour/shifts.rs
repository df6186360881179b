//! Agents who come and go, and who serve several stations.

use expect_test::expect;

use super::{check, check_figures};

fn two_then_one(end_of_shift: &str) -> String {
    format!(
        "
        [sources.people]
        arrivals.scheduled.at = ['0s', '0s', '1s']
        [stations.desk]
        agents.schedule = [{{ from = '0s', agents = 2 }}, {{ from = '3s', agents = 1 }}]
        end_of_shift = '{end_of_shift}'
        service = '5s'
        "
    )
}

#[test]
fn at_the_end_of_a_shift_agents_finish_what_they_have() {
    check(
        &two_then_one("finish"),
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk#1 (waited 0s)
            0s       arrive  case 1 from people
            0s       start   case 1 desk#2 (waited 0s)
            1s       arrive  case 2 from people
            3s       shift   desk has 1
            5s       end     case 0 desk (served 5s)
            5s       leave   case 0 (after 5s)
            5s       end     case 1 desk (served 5s)
            5s       leave   case 1 (after 5s)
            5s       start   case 2 desk#2 (waited 4s)
            10s      end     case 2 desk (served 5s)
            10s      leave   case 2 (after 9s)
            10s      over
        "#]],
    );
}

#[test]
fn at_the_end_of_a_shift_agents_may_stop() {
    check(
        &two_then_one("preempt"),
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk#1 (waited 0s)
            0s       arrive  case 1 from people
            0s       start   case 1 desk#2 (waited 0s)
            1s       arrive  case 2 from people
            3s       shift   desk has 1
            3s       preempt case 1 desk#2 (2s left)
            5s       end     case 0 desk (served 5s)
            5s       leave   case 0 (after 5s)
            5s       start   case 1 desk#1 (waited 2s)
            7s       end     case 1 desk (served 5s)
            7s       leave   case 1 (after 7s)
            7s       start   case 2 desk#1 (waited 6s)
            12s      end     case 2 desk (served 5s)
            12s      leave   case 2 (after 11s)
            12s      over
        "#]],
    );
}

#[test]
fn who_finishes_after_the_shift_is_still_paid() {
    let figures = ["desk.utilization", "system.cost"];
    let paid = |end_of_shift| {
        let scenario = two_then_one(end_of_shift);
        format!("{scenario}\ncost_per_hour = 360\n[run]\nuntil = '10s'")
    };
    // Finishing: two agents for 5 s, one for 5 s, so 15 s at 0.1 a second. Stopping: 3 s with two, then one.
    check_figures(
        &paid("finish"),
        &figures,
        expect![[r#"
        desk.utilization = 1
        system.cost = 1.5
    "#]],
    );
    check_figures(
        &paid("preempt"),
        &figures,
        expect![[r#"
        desk.utilization = 1
        system.cost = 1.3
    "#]],
    );
}

#[test]
fn shifts_repeat() {
    check(
        "
        [run]
        until = '26s'
        [sources.people]
        arrivals.scheduled.at = ['0s', '11s', '17s']
        [stations.desk]
        agents = { schedule = [{ from = '0s', agents = 1 }, { from = '6s', agents = 0 }], repeat = '10s' }
        end_of_shift = 'preempt'
        service = '4s'
        ",
        expect![[r#"
            0s       shift   desk has 1
            0s       arrive  case 0 from people
            0s       start   case 0 desk (waited 0s)
            4s       end     case 0 desk (served 4s)
            4s       leave   case 0 (after 4s)
            6s       shift   desk has 0
            10s      shift   desk has 1
            11s      arrive  case 1 from people
            11s      start   case 1 desk (waited 0s)
            15s      end     case 1 desk (served 4s)
            15s      leave   case 1 (after 4s)
            16s      shift   desk has 0
            17s      arrive  case 2 from people
            20s      shift   desk has 1
            20s      start   case 2 desk (waited 3s)
            24s      end     case 2 desk (served 4s)
            24s      leave   case 2 (after 7s)
            26s      shift   desk has 0
            26s      over
        "#]],
    );
}

#[test]
fn with_nobody_there_cases_wait() {
    check(
        "
        [sources.people]
        arrivals.scheduled.at = ['0s', '1s', '2s']
        [stations.desk]
        agents.schedule = [{ from = '0s', agents = 0 }, { from = '10s', agents = 2 }]
        service = '4s'
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            1s       arrive  case 1 from people
            2s       arrive  case 2 from people
            10s      shift   desk has 2
            10s      start   case 0 desk#2 (waited 10s)
            10s      start   case 1 desk#1 (waited 9s)
            14s      end     case 0 desk (served 4s)
            14s      leave   case 0 (after 14s)
            14s      start   case 2 desk#2 (waited 12s)
            14s      end     case 1 desk (served 4s)
            14s      leave   case 1 (after 13s)
            18s      end     case 2 desk (served 4s)
            18s      leave   case 2 (after 16s)
            18s      over
        "#]],
    );
}

#[test]
fn with_nobody_there_and_no_room_cases_are_held_back_until_the_shift() {
    check(
        "
        [sources.people]
        arrivals.scheduled.at = ['0s', '1s']
        [stations.desk]
        agents.schedule = [{ from = '0s', agents = 0 }, { from = '10s', agents = 1 }]
        buffer = 0
        when_full = 'block'
        service = '4s'
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       hold    case 0 desk (0 waiting)
            1s       arrive  case 1 from people
            1s       hold    case 1 desk (0 waiting)
            10s      shift   desk has 1
            10s      admit   case 0 desk (0 waiting)
            10s      start   case 0 desk (waited 0s)
            14s      end     case 0 desk (served 4s)
            14s      leave   case 0 (after 14s)
            14s      admit   case 1 desk (0 waiting)
            14s      start   case 1 desk (waited 0s)
            18s      end     case 1 desk (served 4s)
            18s      leave   case 1 (after 17s)
            18s      over
        "#]],
    );
}

#[test]
fn calendars_go_on_to_the_end_of_the_run_though_nobody_is_there() {
    // One agent for 10 s, two for 10 s, three for 20 s at 0.1 a second.
    check_figures(
        "
        [run]
        until = '40s'
        [sources.people]
        arrivals.scheduled.at = ['0s']
        [stations.desk]
        agents = { every = '10s', values = [1, 2, 3] }
        service = '1s'
        cost_per_hour = 360
        ",
        &["system.cost", "desk.utilization"],
        expect![[r#"
            system.cost = 9
            desk.utilization = 0.011111
        "#]],
    );
}

#[test]
fn in_a_world_that_drains_shifts_go_on_no_longer_than_the_cases() {
    check(
        "
        [run]
        until = '5s'
        at_end = 'drain'
        [sources.people]
        arrivals.scheduled.at = ['4s', '4s']
        [stations.desk]
        agents = { schedule = [{ from = '0s', agents = 1 }, { from = '40s', agents = 2 }], repeat = '60s' }
        service = '3s'
        ",
        expect![[r#"
            0s       shift   desk has 1
            4s       arrive  case 0 from people
            4s       start   case 0 desk#1 (waited 0s)
            4s       arrive  case 1 from people
            7s       end     case 0 desk (served 3s)
            7s       leave   case 0 (after 3s)
            7s       start   case 1 desk#1 (waited 3s)
            10s      end     case 1 desk (served 3s)
            10s      leave   case 1 (after 6s)
            10s      over
        "#]],
    );
}

#[test]
fn a_pool_serves_the_most_urgent_case_of_its_stations() {
    check(
        "
        [classes]
        low.priority = 0
        high.priority = 1
        [sources.first]
        class = 'low'
        to = 'phone'
        arrivals.scheduled.at = ['0s', '1s']
        [sources.second]
        class = 'low'
        to = 'door'
        arrivals.scheduled.at = ['500ms']
        [sources.third]
        class = 'high'
        to = 'phone'
        arrivals.scheduled.at = ['2s']
        [pools.clerks]
        agents = 1
        [stations.phone]
        agents = 'clerks'
        queue = 'priority'
        service = '3s'
        [stations.door]
        agents = 'clerks'
        service = '2s'
        ",
        expect![[r#"
            0s       arrive  case 0 from first
            0s       start   case 0 clerks (waited 0s)
            500ms    arrive  case 1 from second
            1s       arrive  case 2 from first
            2s       arrive  case 3 from third
            3s       end     case 0 phone (served 3s)
            3s       leave   case 0 (after 3s)
            3s       start   case 3 clerks (waited 1s)
            6s       end     case 3 phone (served 3s)
            6s       leave   case 3 (after 4s)
            6s       start   case 1 clerks (waited 5s500ms)
            8s       end     case 1 door (served 2s)
            8s       leave   case 1 (after 7s500ms)
            8s       start   case 2 clerks (waited 7s)
            11s      end     case 2 phone (served 3s)
            11s      leave   case 2 (after 10s)
            11s      over
        "#]],
    );
}

#[test]
fn a_pool_serves_whoever_has_been_there_longest_among_equals() {
    check(
        "
        [sources.phone]
        to = 'phone'
        arrivals.scheduled.at = ['0s', '3s']
        [sources.door]
        to = 'door'
        arrivals.scheduled.at = ['1s', '2s']
        [pools.clerks]
        agents = 1
        [stations.phone]
        agents = 'clerks'
        service = '4s'
        [stations.door]
        agents = 'clerks'
        service = '2s'
        ",
        expect![[r#"
            0s       arrive  case 0 from phone
            0s       start   case 0 clerks (waited 0s)
            1s       arrive  case 1 from door
            2s       arrive  case 2 from door
            3s       arrive  case 3 from phone
            4s       end     case 0 phone (served 4s)
            4s       leave   case 0 (after 4s)
            4s       start   case 1 clerks (waited 3s)
            6s       end     case 1 door (served 2s)
            6s       leave   case 1 (after 5s)
            6s       start   case 2 clerks (waited 4s)
            8s       end     case 2 door (served 2s)
            8s       leave   case 2 (after 6s)
            8s       start   case 3 clerks (waited 5s)
            12s      end     case 3 phone (served 4s)
            12s      leave   case 3 (after 9s)
            12s      over
        "#]],
    );
}

#[test]
fn a_pool_is_busy_where_its_agents_are() {
    check_figures(
        "
        [run]
        until = '10s'
        [sources.phone]
        to = 'phone'
        arrivals.scheduled.at = ['0s']
        [sources.door]
        to = 'door'
        arrivals.scheduled.at = ['1s']
        [pools.clerks]
        agents = 1
        [stations.phone]
        agents = 'clerks'
        service = '4s'
        [stations.door]
        agents = 'clerks'
        service = '2s'
        ",
        &[
            "clerks.utilization",
            "phone.utilization",
            "door.utilization",
        ],
        expect![[r#"
            clerks.utilization = 0.6
            phone.utilization = 0.4
            door.utilization = 0.2
        "#]],
    );
}

#[test]
fn agents_without_limit_let_nobody_wait() {
    check(
        "
        [sources.people]
        arrivals.scheduled.at = ['0s', '1s', '2s', '7s']
        [stations.park]
        agents = 'unlimited'
        service = '5s'
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 agent 0 (waited 0s)
            1s       arrive  case 1 from people
            1s       start   case 1 agent 1 (waited 0s)
            2s       arrive  case 2 from people
            2s       start   case 2 agent 2 (waited 0s)
            5s       end     case 0 park (served 5s)
            5s       leave   case 0 (after 5s)
            6s       end     case 1 park (served 5s)
            6s       leave   case 1 (after 5s)
            7s       end     case 2 park (served 5s)
            7s       leave   case 2 (after 5s)
            7s       arrive  case 3 from people
            7s       start   case 3 agent 2 (waited 0s)
            12s      end     case 3 park (served 5s)
            12s      leave   case 3 (after 5s)
            12s      over
        "#]],
    );
}
