//! When cases come, how many, and what they bring along.

use expect_test::expect;

use super::check;
use crate::worlds::{Draught, live};

#[test]
fn batches_come_at_once() {
    check(
        "
        [sources.buses]
        arrivals.scheduled.at = ['0s', '5s']
        batch = 2
        [stations.desk]
        agents = 2
        service = '3s'
        ",
        expect![[r#"
            0s       arrive  case 0 from buses
            0s       start   case 0 desk#1 (waited 0s)
            0s       arrive  case 1 from buses
            0s       start   case 1 desk#2 (waited 0s)
            3s       end     case 0 desk (served 3s)
            3s       leave   case 0 (after 3s)
            3s       end     case 1 desk (served 3s)
            3s       leave   case 1 (after 3s)
            5s       arrive  case 2 from buses
            5s       start   case 2 desk#2 (waited 0s)
            5s       arrive  case 3 from buses
            5s       start   case 3 desk#1 (waited 0s)
            8s       end     case 2 desk (served 3s)
            8s       leave   case 2 (after 3s)
            8s       end     case 3 desk (served 3s)
            8s       leave   case 3 (after 3s)
            8s       over
        "#]],
    );
}

#[test]
fn a_limit_counts_cases_not_batches() {
    check(
        "
        [sources.buses]
        arrivals.scheduled.at = ['0s', '5s', '6s']
        batch = 2
        limit = 3
        [stations.desk]
        agents = 'unlimited'
        service = '1s'
        ",
        expect![[r#"
            0s       arrive  case 0 from buses
            0s       start   case 0 agent 0 (waited 0s)
            0s       arrive  case 1 from buses
            0s       start   case 1 agent 1 (waited 0s)
            1s       end     case 0 desk (served 1s)
            1s       leave   case 0 (after 1s)
            1s       end     case 1 desk (served 1s)
            1s       leave   case 1 (after 1s)
            5s       arrive  case 2 from buses
            5s       start   case 2 agent 1 (waited 0s)
            6s       end     case 2 desk (served 1s)
            6s       leave   case 2 (after 1s)
            6s200ms  over
        "#]],
    );
}

#[test]
fn a_source_works_from_its_start_to_before_its_end() {
    check(
        "
        [run]
        until = '1m'
        [sources.people]
        arrivals.scheduled.at = ['1s', '10s', '15s', '20s', '25s']
        from = '10s'
        until = '20s'
        [stations.desk]
        agents = 1
        service = '1s'
        ",
        expect![[r#"
            10s      arrive  case 0 from people
            10s      start   case 0 desk (waited 0s)
            11s      end     case 0 desk (served 1s)
            11s      leave   case 0 (after 1s)
            15s      arrive  case 1 from people
            15s      start   case 1 desk (waited 0s)
            16s      end     case 1 desk (served 1s)
            16s      leave   case 1 (after 1s)
            1m       over
        "#]],
    );
}

#[test]
fn even_intervals_count_from_the_start_of_the_source() {
    check(
        "
        [run]
        until = '30s'
        [sources.people]
        arrivals.scheduled.every = '10s'
        from = '5s'
        [stations.desk]
        agents = 1
        service = '1s'
        ",
        expect![[r#"
            5s       arrive  case 0 from people
            5s       start   case 0 desk (waited 0s)
            6s       end     case 0 desk (served 1s)
            6s       leave   case 0 (after 1s)
            15s      arrive  case 1 from people
            15s      start   case 1 desk (waited 0s)
            16s      end     case 1 desk (served 1s)
            16s      leave   case 1 (after 1s)
            25s      arrive  case 2 from people
            25s      start   case 2 desk (waited 0s)
            26s      end     case 2 desk (served 1s)
            26s      leave   case 2 (after 1s)
            30s      over
        "#]],
    );
}

#[test]
fn renewals_count_from_the_start_of_the_source_and_stop_before_its_end() {
    check(
        "
        [run]
        until = '20s'
        [sources.people]
        arrivals.renewal.interval = '5s'
        from = '5s'
        [stations.desk]
        agents = 1
        service = '1s'
        ",
        expect![[r#"
            10s      arrive  case 0 from people
            10s      start   case 0 desk (waited 0s)
            11s      end     case 0 desk (served 1s)
            11s      leave   case 0 (after 1s)
            15s      arrive  case 1 from people
            15s      start   case 1 desk (waited 0s)
            16s      end     case 1 desk (served 1s)
            16s      leave   case 1 (after 1s)
            20s      over
        "#]],
    );
}

#[test]
fn a_world_without_a_stated_end_is_over_when_the_last_case_has_left() {
    let text = "
        [sources.people]
        arrivals.renewal.interval = '5s'
        limit = 3
        [stations.desk]
        agents = { schedule = [{ from = '0s', agents = 1 }, { from = '1h', agents = 2 }], repeat = '2h' }
        service = '4s'
    ";
    check(
        text,
        expect![[r#"
            0s       shift   desk has 1
            5s       arrive  case 0 from people
            5s       start   case 0 desk#1 (waited 0s)
            9s       end     case 0 desk (served 4s)
            9s       leave   case 0 (after 4s)
            10s      arrive  case 1 from people
            10s      start   case 1 desk#1 (waited 0s)
            14s      end     case 1 desk (served 4s)
            14s      leave   case 1 (after 4s)
            15s      arrive  case 2 from people
            15s      start   case 2 desk#1 (waited 0s)
            19s      end     case 2 desk (served 4s)
            19s      leave   case 2 (after 4s)
            19s      over
        "#]],
    );
    // Averages over time are over the 19 s that it lasted.
    super::check_figures(
        text,
        &["desk.utilization", "desk.throughput", "system.present"],
        expect![[r#"
            desk.utilization = 0.631579
            desk.throughput = 568.421053
            system.present = 0.631579
        "#]],
    );
}

#[test]
fn a_trace_brings_classes_and_attributes() {
    let scenario = Draught {
        text: "
            [sources.log]
            arrivals.trace = { file = 'log.csv', time = 'at', time_unit = 's', class = 'kind', attributes = { size = 'size' } }
            [stations.desk]
            agents = 1
            service = { by_class = { short = { attribute = 'size' }, long = { scale = 'size', of = '10s' } } }
        ",
        overrides: &[],
        files: &[("log.csv", "at,kind,size\n0,short,3\n1,long,2\n1.5,short,1\n")],
    }
    .scenario();
    expect![[r#"
        0s       arrive  case 0 from log
        0s       start   case 0 desk (waited 0s)
        1s       arrive  case 1 from log
        1s500ms  arrive  case 2 from log
        3s       end     case 0 desk (served 3s)
        3s       leave   case 0 (after 3s)
        3s       start   case 1 desk (waited 2s)
        23s      end     case 1 desk (served 20s)
        23s      leave   case 1 (after 22s)
        23s      start   case 2 desk (waited 21s500ms)
        24s      end     case 2 desk (served 1s)
        24s      leave   case 2 (after 22s500ms)
        24s      over
    "#]]
    .assert_eq(&live(&scenario).told());
}

#[test]
fn several_sources_at_one_instant_come_in_the_order_of_the_file() {
    check(
        "
        [sources.b]
        to = 'desk'
        arrivals.scheduled.at = ['1s']
        [sources.a]
        to = 'desk'
        arrivals.scheduled.at = ['1s']
        [stations.desk]
        agents = 1
        service = '1s'
        ",
        expect![[r#"
            1s       arrive  case 0 from b
            1s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from a
            2s       end     case 0 desk (served 1s)
            2s       leave   case 0 (after 1s)
            2s       start   case 1 desk (waited 1s)
            3s       end     case 1 desk (served 1s)
            3s       leave   case 1 (after 2s)
            3s       over
        "#]],
    );
}
