//! Who is next: disciplines, ties, patience.

use expect_test::expect;

use super::check;

/// Three cases at 0 s, 1 s and 2 s, of which each one's service is as long as its size.
const SIZES: &str = "
    [sources.long]
    arrivals.scheduled.at = ['0s', '1s']
    attributes.size = 5
    [sources.short]
    arrivals.scheduled.at = ['2s', '3s']
    attributes.size = 2
    [stations.desk]
    agents = 1
    service = { attribute = 'size' }
";

#[test]
fn first_come_first_served() {
    check(
        SIZES,
        expect![[r#"
            0s       arrive  case 0 from long
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from long
            2s       arrive  case 2 from short
            3s       arrive  case 3 from short
            5s       end     case 0 desk (served 5s)
            5s       leave   case 0 (after 5s)
            5s       start   case 1 desk (waited 4s)
            10s      end     case 1 desk (served 5s)
            10s      leave   case 1 (after 9s)
            10s      start   case 2 desk (waited 8s)
            12s      end     case 2 desk (served 2s)
            12s      leave   case 2 (after 10s)
            12s      start   case 3 desk (waited 9s)
            14s      end     case 3 desk (served 2s)
            14s      leave   case 3 (after 11s)
            14s      over
        "#]],
    );
}

#[test]
fn last_come_first_served() {
    check(
        &format!("{SIZES}queue = 'lifo'"),
        expect![[r#"
            0s       arrive  case 0 from long
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from long
            2s       arrive  case 2 from short
            3s       arrive  case 3 from short
            5s       end     case 0 desk (served 5s)
            5s       leave   case 0 (after 5s)
            5s       start   case 3 desk (waited 2s)
            7s       end     case 3 desk (served 2s)
            7s       leave   case 3 (after 4s)
            7s       start   case 2 desk (waited 5s)
            9s       end     case 2 desk (served 2s)
            9s       leave   case 2 (after 7s)
            9s       start   case 1 desk (waited 8s)
            14s      end     case 1 desk (served 5s)
            14s      leave   case 1 (after 13s)
            14s      over
        "#]],
    );
}

#[test]
fn the_shortest_service_first_and_equal_ones_in_order() {
    check(
        &format!("{SIZES}queue = 'shortest-processing'"),
        expect![[r#"
            0s       arrive  case 0 from long
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from long
            2s       arrive  case 2 from short
            3s       arrive  case 3 from short
            5s       end     case 0 desk (served 5s)
            5s       leave   case 0 (after 5s)
            5s       start   case 2 desk (waited 3s)
            7s       end     case 2 desk (served 2s)
            7s       leave   case 2 (after 5s)
            7s       start   case 3 desk (waited 4s)
            9s       end     case 3 desk (served 2s)
            9s       leave   case 3 (after 6s)
            9s       start   case 1 desk (waited 8s)
            14s      end     case 1 desk (served 5s)
            14s      leave   case 1 (after 13s)
            14s      over
        "#]],
    );
}

#[test]
fn the_most_urgent_class_first_without_interruption() {
    check(
        "
        [classes]
        routine.priority = 1
        urgent.priority = 2
        [sources.routine]
        class = 'routine'
        arrivals.scheduled.at = ['0s', '1s']
        [sources.urgent]
        class = 'urgent'
        arrivals.scheduled.at = ['2s', '3s']
        [stations.desk]
        agents = 1
        queue = 'priority'
        service = '4s'
        ",
        expect![[r#"
            0s       arrive  case 0 from routine
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from routine
            2s       arrive  case 2 from urgent
            3s       arrive  case 3 from urgent
            4s       end     case 0 desk (served 4s)
            4s       leave   case 0 (after 4s)
            4s       start   case 2 desk (waited 2s)
            8s       end     case 2 desk (served 4s)
            8s       leave   case 2 (after 6s)
            8s       start   case 3 desk (waited 5s)
            12s      end     case 3 desk (served 4s)
            12s      leave   case 3 (after 9s)
            12s      start   case 1 desk (waited 11s)
            16s      end     case 1 desk (served 4s)
            16s      leave   case 1 (after 15s)
            16s      over
        "#]],
    );
}

#[test]
fn the_agent_who_became_idle_last_is_asked_first() {
    check(
        "
        [sources.people]
        arrivals.scheduled.at = ['0s', '0s', '3s', '3s']
        attributes.size = 'if(time > 0, 1, 2 - queue(desk))'
        [stations.desk]
        agents = 2
        service = { attribute = 'size' }
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk#1 (waited 0s)
            0s       arrive  case 1 from people
            0s       start   case 1 desk#2 (waited 0s)
            2s       end     case 0 desk (served 2s)
            2s       leave   case 0 (after 2s)
            2s       end     case 1 desk (served 2s)
            2s       leave   case 1 (after 2s)
            3s       arrive  case 2 from people
            3s       start   case 2 desk#2 (waited 0s)
            3s       arrive  case 3 from people
            3s       start   case 3 desk#1 (waited 0s)
            4s       end     case 2 desk (served 1s)
            4s       leave   case 2 (after 1s)
            4s       end     case 3 desk (served 1s)
            4s       leave   case 3 (after 1s)
            4s       over
        "#]],
    );
}

#[test]
fn at_one_instant_events_happen_in_the_order_in_which_they_were_made() {
    // Of one source: its next case is looked up after the service of the last has begun, so that the end of that
    // comes first.
    check(
        "
        [sources.people]
        arrivals.scheduled.at = ['0s', '4s']
        [stations.desk]
        agents = 1
        service = '4s'
        buffer = 0
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk (waited 0s)
            4s       end     case 0 desk (served 4s)
            4s       leave   case 0 (after 4s)
            4s       arrive  case 1 from people
            4s       start   case 1 desk (waited 0s)
            8s       end     case 1 desk (served 4s)
            8s       leave   case 1 (after 4s)
            8s       over
        "#]],
    );
    // Of two sources: both look up their first case before anything begins, so that the arrival comes first.
    check(
        "
        [sources.people]
        to = 'desk'
        arrivals.scheduled.at = ['0s']
        [sources.others]
        to = 'desk'
        arrivals.scheduled.at = ['4s']
        [stations.desk]
        agents = 1
        service = '4s'
        buffer = 0
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk (waited 0s)
            4s       arrive  case 1 from others
            4s       balk    case 1 desk (0 waiting)
            4s       leave   case 1 (after 0s)
            4s       end     case 0 desk (served 4s)
            4s       leave   case 0 (after 4s)
            4s100ms  over
        "#]],
    );
}

#[test]
fn who_loses_patience_leaves() {
    check(
        "
        [sources.people]
        arrivals.scheduled.at = ['0s', '1s', '2s']
        [stations.desk]
        agents = 1
        service = '5s'
        patience = '3500ms'
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from people
            2s       arrive  case 2 from people
            4s500ms  abandon case 1 desk (waited 3s500ms)
            4s500ms  leave   case 1 (after 3s500ms)
            5s       end     case 0 desk (served 5s)
            5s       leave   case 0 (after 5s)
            5s       start   case 2 desk (waited 3s)
            10s      end     case 2 desk (served 5s)
            10s      leave   case 2 (after 8s)
            10s      over
        "#]],
    );
}

#[test]
fn who_loses_patience_at_once_still_counts_as_having_waited() {
    check(
        "
        [sources.people]
        arrivals.scheduled.at = ['0s', '1s']
        [stations.desk]
        agents = 1
        service = '5s'
        patience = '0s'
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from people
            1s       abandon case 1 desk (waited 0s)
            1s       leave   case 1 (after 0s)
            5s       end     case 0 desk (served 5s)
            5s       leave   case 0 (after 5s)
            5s       over
        "#]],
    );
}

#[test]
fn who_loses_patience_goes_where_the_station_says() {
    check(
        "
        [sources.people]
        to = 'desk'
        arrivals.scheduled.at = ['0s', '1s']
        [stations.desk]
        agents = 1
        service = '5s'
        patience = '2s'
        renege_to = 'machine'
        [stations.machine]
        agents = 'unlimited'
        service = '1s'
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from people
            3s       abandon case 1 desk (waited 2s)
            3s       start   case 1 agent 1 (waited 0s)
            4s       end     case 1 machine (served 1s)
            4s       leave   case 1 (after 3s)
            5s       end     case 0 desk (served 5s)
            5s       leave   case 0 (after 5s)
            5s       over
        "#]],
    );
}

#[test]
fn who_gives_up_may_come_back_to_the_same_queue() {
    check(
        "
        [sources.people]
        to = 'desk'
        arrivals.scheduled.at = ['0s', '1s', '2s']
        [stations.desk]
        agents = 1
        service = '6s'
        patience = '3s'
        renege_to = 'desk'
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from people
            2s       arrive  case 2 from people
            4s       abandon case 1 desk (waited 3s)
            5s       abandon case 2 desk (waited 3s)
            6s       end     case 0 desk (served 6s)
            6s       leave   case 0 (after 6s)
            6s       start   case 1 desk (waited 2s)
            8s       abandon case 2 desk (waited 3s)
            11s      abandon case 2 desk (waited 3s)
            12s      end     case 1 desk (served 6s)
            12s      leave   case 1 (after 11s)
            12s      start   case 2 desk (waited 1s)
            18s      end     case 2 desk (served 6s)
            18s      leave   case 2 (after 16s)
            18s      over
        "#]],
    );
}

#[test]
fn patience_may_depend_on_the_case() {
    check(
        "
        [classes.calm]
        [classes.hasty]
        [sources.calm]
        class = 'calm'
        arrivals.scheduled.at = ['0s', '1s']
        [sources.hasty]
        class = 'hasty'
        arrivals.scheduled.at = ['1s']
        [stations.desk]
        agents = 1
        service = '5s'
        patience.by_class = { calm = '1h', hasty = '1s' }
        ",
        expect![[r#"
            0s       arrive  case 0 from calm
            0s       start   case 0 desk (waited 0s)
            1s       arrive  case 1 from hasty
            1s       arrive  case 2 from calm
            2s       abandon case 1 desk (waited 1s)
            2s       leave   case 1 (after 1s)
            5s       end     case 0 desk (served 5s)
            5s       leave   case 0 (after 5s)
            5s       start   case 2 desk (waited 4s)
            10s      end     case 2 desk (served 5s)
            10s      leave   case 2 (after 9s)
            10s      over
        "#]],
    );
}
