//! Full stations that hold cases back, and with them the agents who served them.

use expect_test::expect;

use super::{check, check_figures};

const LINE: &str = "
    [sources.parts]
    to = 'saw'
    arrivals.scheduled.at = ['0s', '0s', '0s']
    [stations.saw]
    agents = 1
    service = '1s'
    to = 'drill'
    [stations.drill]
    agents = 1
    service = '4s'
    buffer = 0
    when_full = 'block'
";

#[test]
fn a_held_case_keeps_its_agent() {
    check(
        LINE,
        expect![[r#"
            0s       arrive  case 0 from parts
            0s       start   case 0 saw (waited 0s)
            0s       arrive  case 1 from parts
            0s       arrive  case 2 from parts
            1s       end     case 0 saw (served 1s)
            1s       start   case 0 drill (waited 0s)
            1s       start   case 1 saw (waited 1s)
            2s       end     case 1 saw (served 1s)
            2s       hold    case 1 drill (0 waiting)
            5s       end     case 0 drill (served 4s)
            5s       leave   case 0 (after 5s)
            5s       admit   case 1 drill (0 waiting)
            5s       start   case 1 drill (waited 0s)
            5s       start   case 2 saw (waited 5s)
            6s       end     case 2 saw (served 1s)
            6s       hold    case 2 drill (0 waiting)
            9s       end     case 1 drill (served 4s)
            9s       leave   case 1 (after 9s)
            9s       admit   case 2 drill (0 waiting)
            9s       start   case 2 drill (waited 0s)
            13s      end     case 2 drill (served 4s)
            13s      leave   case 2 (after 13s)
            13s      over
        "#]],
    );
}

#[test]
fn a_held_agent_is_not_busy_and_its_case_is_present() {
    check_figures(
        &format!("{LINE}[run]\nuntil = '10s'"),
        &[
            "saw.utilization",
            "drill.utilization",
            "drill.queue_length",
            "drill.wait",
            "system.present",
        ],
        expect![[r#"
            saw.utilization = 0.3
            drill.utilization = 0.9
            drill.queue_length = 0
            drill.wait = 0
            system.present = 2.4
        "#]],
    );
}

#[test]
fn held_cases_are_let_in_in_the_order_in_which_they_came() {
    check(
        "
        [sources.parts]
        to = 'saw'
        arrivals.scheduled.at = ['0s', '1s', '2s']
        [stations.saw]
        agents = 3
        service = '1s'
        to = 'drill'
        [stations.drill]
        agents = 1
        service = '4s'
        buffer = 0
        when_full = 'block'
        ",
        expect![[r#"
            0s       arrive  case 0 from parts
            0s       start   case 0 saw#1 (waited 0s)
            1s       end     case 0 saw (served 1s)
            1s       start   case 0 drill (waited 0s)
            1s       arrive  case 1 from parts
            1s       start   case 1 saw#1 (waited 0s)
            2s       end     case 1 saw (served 1s)
            2s       hold    case 1 drill (0 waiting)
            2s       arrive  case 2 from parts
            2s       start   case 2 saw#2 (waited 0s)
            3s       end     case 2 saw (served 1s)
            3s       hold    case 2 drill (0 waiting)
            5s       end     case 0 drill (served 4s)
            5s       leave   case 0 (after 5s)
            5s       admit   case 1 drill (0 waiting)
            5s       start   case 1 drill (waited 0s)
            9s       end     case 1 drill (served 4s)
            9s       leave   case 1 (after 8s)
            9s       admit   case 2 drill (0 waiting)
            9s       start   case 2 drill (waited 0s)
            13s      end     case 2 drill (served 4s)
            13s      leave   case 2 (after 11s)
            13s      over
        "#]],
    );
}

#[test]
fn one_free_place_lets_a_whole_chain_move() {
    check(
        "
        [sources.parts]
        to = 'saw'
        arrivals.scheduled.at = ['0s', '0s', '0s', '0s']
        [stations.saw]
        agents = 1
        service = '1s'
        to = 'drill'
        [stations.drill]
        agents = 1
        service = '1s'
        buffer = 0
        when_full = 'block'
        to = 'paint'
        [stations.paint]
        agents = 1
        service = '5s'
        buffer = 0
        when_full = 'block'
        ",
        expect![[r#"
            0s       arrive  case 0 from parts
            0s       start   case 0 saw (waited 0s)
            0s       arrive  case 1 from parts
            0s       arrive  case 2 from parts
            0s       arrive  case 3 from parts
            1s       end     case 0 saw (served 1s)
            1s       start   case 0 drill (waited 0s)
            1s       start   case 1 saw (waited 1s)
            2s       end     case 0 drill (served 1s)
            2s       start   case 0 paint (waited 0s)
            2s       end     case 1 saw (served 1s)
            2s       start   case 1 drill (waited 0s)
            2s       start   case 2 saw (waited 2s)
            3s       end     case 1 drill (served 1s)
            3s       hold    case 1 paint (0 waiting)
            3s       end     case 2 saw (served 1s)
            3s       hold    case 2 drill (0 waiting)
            7s       end     case 0 paint (served 5s)
            7s       leave   case 0 (after 7s)
            7s       admit   case 1 paint (0 waiting)
            7s       start   case 1 paint (waited 0s)
            7s       admit   case 2 drill (0 waiting)
            7s       start   case 2 drill (waited 0s)
            7s       start   case 3 saw (waited 7s)
            8s       end     case 2 drill (served 1s)
            8s       hold    case 2 paint (0 waiting)
            8s       end     case 3 saw (served 1s)
            8s       hold    case 3 drill (0 waiting)
            12s      end     case 1 paint (served 5s)
            12s      leave   case 1 (after 12s)
            12s      admit   case 2 paint (0 waiting)
            12s      start   case 2 paint (waited 0s)
            12s      admit   case 3 drill (0 waiting)
            12s      start   case 3 drill (waited 0s)
            13s      end     case 3 drill (served 1s)
            13s      hold    case 3 paint (0 waiting)
            17s      end     case 2 paint (served 5s)
            17s      leave   case 2 (after 17s)
            17s      admit   case 3 paint (0 waiting)
            17s      start   case 3 paint (waited 0s)
            22s      end     case 3 paint (served 5s)
            22s      leave   case 3 (after 22s)
            22s      over
        "#]],
    );
}

#[test]
fn a_held_case_takes_a_place_in_the_queue_when_there_is_one() {
    check(
        "
        [sources.parts]
        to = 'saw'
        arrivals.scheduled.at = ['0s', '0s', '0s']
        [stations.saw]
        agents = 1
        service = '1s'
        to = 'drill'
        [stations.drill]
        agents = 1
        service = '4s'
        buffer = 1
        when_full = 'block'
        ",
        expect![[r#"
            0s       arrive  case 0 from parts
            0s       start   case 0 saw (waited 0s)
            0s       arrive  case 1 from parts
            0s       arrive  case 2 from parts
            1s       end     case 0 saw (served 1s)
            1s       start   case 0 drill (waited 0s)
            1s       start   case 1 saw (waited 1s)
            2s       end     case 1 saw (served 1s)
            2s       start   case 2 saw (waited 2s)
            3s       end     case 2 saw (served 1s)
            3s       hold    case 2 drill (1 waiting)
            5s       end     case 0 drill (served 4s)
            5s       leave   case 0 (after 5s)
            5s       start   case 1 drill (waited 3s)
            5s       admit   case 2 drill (0 waiting)
            9s       end     case 1 drill (served 4s)
            9s       leave   case 1 (after 9s)
            9s       start   case 2 drill (waited 4s)
            13s      end     case 2 drill (served 4s)
            13s      leave   case 2 (after 13s)
            13s      over
        "#]],
    );
}

#[test]
fn from_a_source_cases_wait_outside() {
    let text = "
        [sources.ships]
        arrivals.scheduled.at = ['0s', '1s', '2s']
        [stations.dock]
        agents = 1
        service = '4s'
        buffer = 0
        when_full = 'block'
    ";
    check(
        text,
        expect![[r#"
            0s       arrive  case 0 from ships
            0s       start   case 0 dock (waited 0s)
            1s       arrive  case 1 from ships
            1s       hold    case 1 dock (0 waiting)
            2s       arrive  case 2 from ships
            2s       hold    case 2 dock (0 waiting)
            4s       end     case 0 dock (served 4s)
            4s       leave   case 0 (after 4s)
            4s       admit   case 1 dock (0 waiting)
            4s       start   case 1 dock (waited 0s)
            8s       end     case 1 dock (served 4s)
            8s       leave   case 1 (after 7s)
            8s       admit   case 2 dock (0 waiting)
            8s       start   case 2 dock (waited 0s)
            12s      end     case 2 dock (served 4s)
            12s      leave   case 2 (after 10s)
            12s      over
        "#]],
    );
    check_figures(
        text,
        &[
            "dock.arrivals",
            "dock.wait",
            "dock.sojourn",
            "system.sojourn",
        ],
        expect![[r#"
            dock.arrivals = 3
            dock.wait = 0
            dock.sojourn = 4
            system.sojourn = 7
        "#]],
    );
}

#[test]
fn who_gives_up_makes_room() {
    check(
        "
        [sources.ships]
        arrivals.scheduled.at = ['0s', '1s', '2s']
        [stations.dock]
        agents = 1
        service = '9s'
        buffer = 1
        patience = '4s'
        when_full = 'block'
        ",
        expect![[r#"
            0s       arrive  case 0 from ships
            0s       start   case 0 dock (waited 0s)
            1s       arrive  case 1 from ships
            2s       arrive  case 2 from ships
            2s       hold    case 2 dock (1 waiting)
            5s       abandon case 1 dock (waited 4s)
            5s       leave   case 1 (after 4s)
            5s       admit   case 2 dock (0 waiting)
            9s       end     case 0 dock (served 9s)
            9s       leave   case 0 (after 9s)
            9s       start   case 2 dock (waited 4s)
            18s      end     case 2 dock (served 9s)
            18s      leave   case 2 (after 16s)
            18s      over
        "#]],
    );
}

#[test]
fn two_stations_that_wait_for_each_other_stand_still() {
    check(
        "
        [run]
        until = '1m'
        [sources.parts]
        to = 'saw'
        arrivals.scheduled.at = ['0s', '0s']
        [stations.saw]
        agents = 1
        service = '1s'
        buffer = 1
        when_full = 'block'
        to = 'drill'
        [stations.drill]
        agents = 1
        service = '2s'
        buffer = 0
        when_full = 'block'
        to = 'saw'
        [sources.more]
        to = 'saw'
        arrivals.scheduled.at = ['1s']
        ",
        expect![[r#"
            0s       arrive  case 0 from parts
            0s       start   case 0 saw (waited 0s)
            0s       arrive  case 1 from parts
            1s       arrive  case 2 from more
            1s       hold    case 2 saw (1 waiting)
            1s       end     case 0 saw (served 1s)
            1s       start   case 0 drill (waited 0s)
            1s       start   case 1 saw (waited 1s)
            1s       admit   case 2 saw (0 waiting)
            2s       end     case 1 saw (served 1s)
            2s       hold    case 1 drill (0 waiting)
            3s       end     case 0 drill (served 2s)
            3s       hold    case 0 saw (1 waiting)
            1m       over
        "#]],
    );
}
