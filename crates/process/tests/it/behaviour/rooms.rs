//! Rooms that are full: cases turn away, and go on to other stations.

use expect_test::expect;

use super::{check, check_figures};

const LOSS: &str = "
    [sources.people]
    arrivals.scheduled.at = ['0s', '1s', '2s', '6s']
    [stations.desk]
    agents = 1
    service = '5s'
    buffer = 1
";

#[test]
fn who_finds_the_room_full_turns_away() {
    check(
        LOSS,
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from people
            2s       arrive  case 2 from people
            2s       balk    case 2 desk (1 waiting)
            2s       leave   case 2 (after 0s)
            5s       end     case 0 desk (served 5s)
            5s       leave   case 0 (after 5s)
            5s       start   case 1 desk (waited 4s)
            6s       arrive  case 3 from people
            10s      end     case 1 desk (served 5s)
            10s      leave   case 1 (after 9s)
            10s      start   case 3 desk (waited 4s)
            15s      end     case 3 desk (served 5s)
            15s      leave   case 3 (after 9s)
            15s      over
        "#]],
    );
}

#[test]
fn who_turns_away_is_counted() {
    check_figures(
        LOSS,
        &[
            "desk.arrivals",
            "desk.blocked",
            "system.completed",
            "desk.queue_length_max",
        ],
        expect![[r#"
            desk.arrivals = 4
            desk.blocked = 0.25
            system.completed = 4
            desk.queue_length_max = 1
        "#]],
    );
}

#[test]
fn without_room_only_free_agents_take_cases() {
    check(
        "
        [sources.people]
        arrivals.scheduled.at = ['0s', '1s', '5s']
        [stations.desk]
        agents = 1
        service = '5s'
        buffer = 0
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from people
            1s       balk    case 1 desk (0 waiting)
            1s       leave   case 1 (after 0s)
            5s       end     case 0 desk (served 5s)
            5s       leave   case 0 (after 5s)
            5s       arrive  case 2 from people
            5s       start   case 2 desk (waited 0s)
            10s      end     case 2 desk (served 5s)
            10s      leave   case 2 (after 5s)
            10s      over
        "#]],
    );
}

#[test]
fn who_turns_away_goes_where_the_station_says() {
    check(
        "
        [sources.people]
        to = 'desk'
        arrivals.scheduled.at = ['0s', '1s']
        [stations.desk]
        agents = 1
        service = '5s'
        buffer = 0
        balk_to = 'machine'
        [stations.machine]
        agents = 1
        service = '1s'
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from people
            1s       balk    case 1 desk (0 waiting)
            1s       start   case 1 machine (waited 0s)
            2s       end     case 1 machine (served 1s)
            2s       leave   case 1 (after 1s)
            5s       end     case 0 desk (served 5s)
            5s       leave   case 0 (after 5s)
            5s       over
        "#]],
    );
}

#[test]
fn two_full_stations_that_send_to_each_other_end_the_round() {
    let text = "
        [sources.people]
        to = 'left'
        arrivals.scheduled.at = ['0s', '1s', '2s']
        [stations.left]
        agents = 1
        service = '5s'
        buffer = 0
        balk_to = 'right'
        [stations.right]
        agents = 1
        service = '5s'
        buffer = 0
        balk_to = 'left'
    ";
    check(
        text,
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 left (waited 0s)
            1s       arrive  case 1 from people
            1s       balk    case 1 left (0 waiting)
            1s       start   case 1 right (waited 0s)
            2s       arrive  case 2 from people
            2s       balk    case 2 left (0 waiting)
            2s       balk    case 2 right (0 waiting)
            2s       balk    case 2 left (0 waiting)
            2s       leave   case 2 (after 0s)
            5s       end     case 0 left (served 5s)
            5s       leave   case 0 (after 5s)
            6s       end     case 1 right (served 5s)
            6s       leave   case 1 (after 5s)
            6s       over
        "#]],
    );
    // Each case that came to a station was served there or turned away.
    check_figures(
        text,
        &[
            "left.arrivals",
            "left.blocked",
            "right.arrivals",
            "right.blocked",
        ],
        expect![[r#"
            left.arrivals = 4
            left.blocked = 0.75
            right.arrivals = 2
            right.blocked = 0.5
        "#]],
    );
}
