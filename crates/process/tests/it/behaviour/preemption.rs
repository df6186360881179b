//! More urgent cases that stop less urgent ones.

use expect_test::expect;

use super::check;

const CLASSES: &str = "
    [classes]
    routine.priority = 1
    urgent.priority = 2
    fatal.priority = 3
";

fn check_with(text: &str, expected: expect_test::Expect) {
    check(&format!("{CLASSES}{text}"), expected);
}

#[test]
fn a_preempted_case_resumes_with_what_was_left() {
    check_with(
        "
        [sources.routine]
        class = 'routine'
        arrivals.scheduled.at = ['0s']
        [sources.urgent]
        class = 'urgent'
        arrivals.scheduled.at = ['4s']
        [stations.desk]
        agents = 1
        preemption = 'resume'
        service.by_class = { routine = '10s', urgent = '3s', fatal = '1s' }
        ",
        expect![[r#"
            0s       arrive  case 0 from routine
            0s       start   case 0 desk (waited 0s)
            4s       arrive  case 1 from urgent
            4s       preempt case 0 desk (6s left)
            4s       start   case 1 desk (waited 0s)
            7s       end     case 1 desk (served 3s)
            7s       leave   case 1 (after 3s)
            7s       start   case 0 desk (waited 3s)
            13s      end     case 0 desk (served 10s)
            13s      leave   case 0 (after 13s)
            13s      over
        "#]],
    );
}

#[test]
fn who_stops_another_may_be_stopped() {
    check_with(
        "
        [sources.routine]
        class = 'routine'
        arrivals.scheduled.at = ['0s', '1s']
        [sources.urgent]
        class = 'urgent'
        arrivals.scheduled.at = ['2s']
        [sources.fatal]
        class = 'fatal'
        arrivals.scheduled.at = ['3s']
        [stations.desk]
        agents = 1
        preemption = 'resume'
        service.by_class = { routine = '10s', urgent = '3s', fatal = '1s' }
        ",
        expect![[r#"
            0s       arrive  case 0 from routine
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from routine
            2s       arrive  case 2 from urgent
            2s       preempt case 0 desk (8s left)
            2s       start   case 2 desk (waited 0s)
            3s       arrive  case 3 from fatal
            3s       preempt case 2 desk (2s left)
            3s       start   case 3 desk (waited 0s)
            4s       end     case 3 desk (served 1s)
            4s       leave   case 3 (after 1s)
            4s       start   case 2 desk (waited 1s)
            6s       end     case 2 desk (served 3s)
            6s       leave   case 2 (after 4s)
            6s       start   case 0 desk (waited 4s)
            14s      end     case 0 desk (served 10s)
            14s      leave   case 0 (after 14s)
            14s      start   case 1 desk (waited 13s)
            24s      end     case 1 desk (served 10s)
            24s      leave   case 1 (after 23s)
            24s      over
        "#]],
    );
}

#[test]
fn equals_do_not_stop_each_other() {
    check_with(
        "
        [sources.urgent]
        class = 'urgent'
        arrivals.scheduled.at = ['0s', '1s']
        [stations.desk]
        agents = 1
        preemption = 'resume'
        service = '2s'
        ",
        expect![[r#"
            0s       arrive  case 0 from urgent
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from urgent
            2s       end     case 0 desk (served 2s)
            2s       leave   case 0 (after 2s)
            2s       start   case 1 desk (waited 1s)
            4s       end     case 1 desk (served 2s)
            4s       leave   case 1 (after 3s)
            4s       over
        "#]],
    );
}

#[test]
fn the_least_urgent_case_is_stopped_and_of_those_the_one_begun_last() {
    check_with(
        "
        [sources.routine]
        class = 'routine'
        arrivals.scheduled.at = ['0s', '1s']
        [sources.urgent]
        class = 'urgent'
        arrivals.scheduled.at = ['2s', '3s']
        [sources.fatal]
        class = 'fatal'
        arrivals.scheduled.at = ['4s']
        [stations.desk]
        agents = 3
        preemption = 'resume'
        service = '10s'
        ",
        expect![[r#"
            0s       arrive  case 0 from routine
            0s       start   case 0 desk#1 (waited 0s)
            1s       arrive  case 1 from routine
            1s       start   case 1 desk#2 (waited 0s)
            2s       arrive  case 2 from urgent
            2s       start   case 2 desk#3 (waited 0s)
            3s       arrive  case 3 from urgent
            3s       preempt case 1 desk#2 (8s left)
            3s       start   case 3 desk#2 (waited 0s)
            4s       arrive  case 4 from fatal
            4s       preempt case 0 desk#1 (6s left)
            4s       start   case 4 desk#1 (waited 0s)
            12s      end     case 2 desk (served 10s)
            12s      leave   case 2 (after 10s)
            12s      start   case 0 desk#3 (waited 8s)
            13s      end     case 3 desk (served 10s)
            13s      leave   case 3 (after 10s)
            13s      start   case 1 desk#2 (waited 10s)
            14s      end     case 4 desk (served 10s)
            14s      leave   case 4 (after 10s)
            18s      end     case 0 desk (served 10s)
            18s      leave   case 0 (after 18s)
            21s      end     case 1 desk (served 10s)
            21s      leave   case 1 (after 20s)
            21s      over
        "#]],
    );
}

#[test]
fn a_stopped_case_finds_its_place_in_a_full_room() {
    check_with(
        "
        [sources.routine]
        class = 'routine'
        arrivals.scheduled.at = ['0s', '1s', '5s']
        [sources.urgent]
        class = 'urgent'
        arrivals.scheduled.at = ['2s']
        [stations.desk]
        agents = 1
        buffer = 1
        preemption = 'resume'
        service = '4s'
        ",
        expect![[r#"
            0s       arrive  case 0 from routine
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from routine
            2s       arrive  case 2 from urgent
            2s       preempt case 0 desk (2s left)
            2s       start   case 2 desk (waited 0s)
            5s       arrive  case 3 from routine
            5s       balk    case 3 desk (2 waiting)
            5s       leave   case 3 (after 0s)
            6s       end     case 2 desk (served 4s)
            6s       leave   case 2 (after 4s)
            6s       start   case 0 desk (waited 4s)
            8s       end     case 0 desk (served 4s)
            8s       leave   case 0 (after 8s)
            8s       start   case 1 desk (waited 7s)
            12s      end     case 1 desk (served 4s)
            12s      leave   case 1 (after 11s)
            12s      over
        "#]],
    );
}

#[test]
fn where_service_is_never_stopped_it_is_not_stopped_for_another_station() {
    check_with(
        "
        [sources.routine]
        class = 'routine'
        to = 'theatre'
        arrivals.scheduled.at = ['0s']
        [sources.urgent]
        class = 'urgent'
        to = 'ward'
        arrivals.scheduled.at = ['1s']
        [pools.surgeons]
        agents = 1
        [stations.theatre]
        agents = 'surgeons'
        service = '4s'
        [stations.ward]
        agents = 'surgeons'
        preemption = 'resume'
        service = '2s'
        ",
        expect![[r#"
            0s       arrive  case 0 from routine
            0s       start   case 0 surgeons (waited 0s)
            1s       arrive  case 1 from urgent
            4s       end     case 0 theatre (served 4s)
            4s       leave   case 0 (after 4s)
            4s       start   case 1 surgeons (waited 3s)
            6s       end     case 1 ward (served 2s)
            6s       leave   case 1 (after 5s)
            6s       over
        "#]],
    );
}
