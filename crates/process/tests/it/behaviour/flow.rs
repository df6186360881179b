//! Where cases go, and services that depend on who comes and when.

use expect_test::expect;

use super::check;

#[test]
fn a_chance_of_one_is_certain() {
    check(
        "
        [sources.people]
        to = [{ probability = 0, to = 'a' }, { probability = 1, to = 'b' }, { probability = 0, to = 'a' }]
        arrivals.scheduled.at = ['0s', '1s']
        [stations.a]
        agents = 1
        service = '1s'
        [stations.b]
        agents = 1
        service = '1s'
        to = [{ probability = 1, to = 'a' }, { to = 'exit' }]
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 b (waited 0s)
            1s       end     case 0 b (served 1s)
            1s       start   case 0 a (waited 0s)
            1s       arrive  case 1 from people
            1s       start   case 1 b (waited 0s)
            2s       end     case 0 a (served 1s)
            2s       leave   case 0 (after 2s)
            2s       end     case 1 b (served 1s)
            2s       start   case 1 a (waited 0s)
            3s       end     case 1 a (served 1s)
            3s       leave   case 1 (after 2s)
            3s       over
        "#]],
    );
}

#[test]
fn the_first_rule_that_holds_decides() {
    check(
        "
        [sources.people]
        arrivals.scheduled.at = ['0s', '1s', '2s', '3s']
        to = [{ when = 'time < 1', to = 'a' }, { when = 'queue(b) == 0 and busy(b) < agents(b)', to = 'b' }, { to = 'exit' }]
        [stations.a]
        agents = 1
        service = '1s'
        [stations.b]
        agents = 1
        service = '2s'
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 a (waited 0s)
            1s       end     case 0 a (served 1s)
            1s       leave   case 0 (after 1s)
            1s       arrive  case 1 from people
            1s       start   case 1 b (waited 0s)
            2s       arrive  case 2 from people
            2s       leave   case 2 (after 0s)
            3s       end     case 1 b (served 2s)
            3s       leave   case 1 (after 2s)
            3s       arrive  case 3 from people
            3s       start   case 3 b (waited 0s)
            5s       end     case 3 b (served 2s)
            5s       leave   case 3 (after 2s)
            5s       over
        "#]],
    );
}

#[test]
fn rework_is_counted_in_an_attribute() {
    check(
        "
        [sources.parts]
        arrivals.scheduled.at = ['0s', '1s']
        attributes.loops = 0
        [stations.test]
        agents = 1
        service = '2s'
        assign.loops = 'loops + 1'
        to = [{ when = 'loops < 2', to = 'test' }, { to = 'exit' }]
        ",
        expect![[r#"
            0s       arrive  case 0 from parts
            0s       start   case 0 test (waited 0s)
            1s       arrive  case 1 from parts
            2s       end     case 0 test (served 2s)
            2s       start   case 1 test (waited 1s)
            4s       end     case 1 test (served 2s)
            4s       start   case 0 test (waited 2s)
            6s       end     case 0 test (served 2s)
            6s       leave   case 0 (after 6s)
            6s       start   case 1 test (waited 2s)
            8s       end     case 1 test (served 2s)
            8s       leave   case 1 (after 7s)
            8s       over
        "#]],
    );
}

#[test]
fn assignments_see_those_before_them() {
    check(
        "
        [sources.parts]
        to = 'first'
        arrivals.scheduled.at = ['0s']
        attributes = { a = 1, b = 0 }
        [stations.first]
        agents = 1
        service = '1s'
        assign = { a = 'a + 1', b = 'a * 2' }
        to = 'second'
        [stations.second]
        agents = 1
        service = { expression = '10 * a + b' }
        ",
        expect![[r#"
            0s       arrive  case 0 from parts
            0s       start   case 0 first (waited 0s)
            1s       end     case 0 first (served 1s)
            1s       start   case 0 second (waited 0s)
            25s      end     case 0 second (served 24s)
            25s      leave   case 0 (after 25s)
            25s      over
        "#]],
    );
}

#[test]
fn attributes_are_those_of_the_case_even_in_a_slot_used_before() {
    check(
        "
        [sources.sized]
        to = 'desk'
        arrivals.scheduled.at = ['0s']
        attributes.size = 3
        [sources.unsized]
        to = 'desk'
        arrivals.scheduled.at = ['5s']
        [stations.desk]
        agents = 1
        service = { attribute = 'size' }
        ",
        expect![[r#"
            0s       arrive  case 0 from sized
            0s       start   case 0 desk (waited 0s)
            3s       end     case 0 desk (served 3s)
            3s       leave   case 0 (after 3s)
            5s       arrive  case 1 from unsized
            5s       start   case 1 desk (waited 0s)
            5s       end     case 1 desk (served 0s)
            5s       leave   case 1 (after 0s)
            5s200ms  over
        "#]],
    );
}

#[test]
fn service_by_class_and_by_time() {
    check(
        "
        [run]
        until = '40s'
        [classes.a]
        [classes.b]
        [sources.a]
        class = 'a'
        arrivals.scheduled.at = ['0s', '10s', '20s', '30s']
        [sources.b]
        class = 'b'
        arrivals.scheduled.at = ['5s']
        [stations.desk]
        agents = 1
        service.by_class = { a = { by_time = { every = '10s', values = ['1s', '2s'], repeat = true } }, b = '3s' }
        ",
        expect![[r#"
            0s       arrive  case 0 from a
            0s       start   case 0 desk (waited 0s)
            1s       end     case 0 desk (served 1s)
            1s       leave   case 0 (after 1s)
            5s       arrive  case 1 from b
            5s       start   case 1 desk (waited 0s)
            8s       end     case 1 desk (served 3s)
            8s       leave   case 1 (after 3s)
            10s      arrive  case 2 from a
            10s      start   case 2 desk (waited 0s)
            12s      end     case 2 desk (served 2s)
            12s      leave   case 2 (after 2s)
            20s      arrive  case 3 from a
            20s      start   case 3 desk (waited 0s)
            21s      end     case 3 desk (served 1s)
            21s      leave   case 3 (after 1s)
            30s      arrive  case 4 from a
            30s      start   case 4 desk (waited 0s)
            32s      end     case 4 desk (served 2s)
            32s      leave   case 4 (after 2s)
            40s      over
        "#]],
    );
}

#[test]
fn waits_and_ages_are_known_to_rules() {
    check(
        "
        [sources.people]
        to = 'a'
        arrivals.scheduled.at = ['0s', '1s', '2s']
        [stations.a]
        agents = 1
        service = '3s'
        to = [{ when = 'waited >= 4', to = 'b' }, { to = 'exit' }]
        [stations.b]
        agents = 1
        service = { expression = 'age' }
        ",
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 a (waited 0s)
            1s       arrive  case 1 from people
            2s       arrive  case 2 from people
            3s       end     case 0 a (served 3s)
            3s       leave   case 0 (after 3s)
            3s       start   case 1 a (waited 2s)
            6s       end     case 1 a (served 3s)
            6s       leave   case 1 (after 5s)
            6s       start   case 2 a (waited 4s)
            9s       end     case 2 a (served 3s)
            9s       start   case 2 b (waited 0s)
            16s      end     case 2 b (served 7s)
            16s      leave   case 2 (after 14s)
            16s      over
        "#]],
    );
}
