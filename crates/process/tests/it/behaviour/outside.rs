//! Work that somebody outside does, and reports.

use expect_test::{Expect, expect};
use pluriverse_kernel::{
    executor::{Completion, Executor, Work},
    ledger::{Ledger, NONE},
    time::{SimDuration, SimTime},
    world::{Input, InputError, World},
};

use crate::worlds::{KEY, Story, scenario};

/// Hands the work of these agents out; the others take the drawn time.
struct Hands(&'static [u32]);

impl Executor for Hands {
    fn begin(&mut self, _now: SimTime, work: Work) -> Completion {
        if self.0.contains(&work.agent) {
            Completion::External
        } else {
            Completion::After(work.drawn)
        }
    }
}

/// Takes half as long again as drawn.
struct Slow;

impl Executor for Slow {
    fn begin(&mut self, _now: SimTime, work: Work) -> Completion {
        Completion::After(SimDuration::from_nanos(work.drawn.nanos() * 3 / 2))
    }
}

const DESK: &str = "
    [run]
    until = '1m'
    [sources.people]
    arrivals.scheduled.at = ['0s', '1s', '2s']
    [stations.desk]
    agents = 2
    service = '4s'
";

fn world(text: &str, hands: impl Executor + 'static) -> impl World {
    let mut world = scenario(text).simulation(KEY, Ledger::in_memory());
    world.set_executor(Box::new(hands));
    world
}

fn at(secs: i64) -> SimTime {
    SimTime::from_secs(secs)
}

fn done(world: &mut impl World, at: SimTime, agent: u32, case: u32) -> Result<(), InputError> {
    let kind = world.ledger().dictionary().kind("done").unwrap();
    let input = Input {
        kind,
        subject: case,
        object: agent,
        value: 0.0,
        payload: Vec::new(),
    };
    world.input(at, input)
}

#[track_caller]
fn check_end(mut world: impl World, expected: Expect) {
    let end = world.run(u64::MAX);
    expected.assert_eq(&Story::of(&world, end).told());
}

#[test]
fn work_done_outside_ends_when_it_is_reported() {
    let mut world = world(DESK, Hands(&[0]));
    world.run_until(at(5), u64::MAX).unwrap();
    done(&mut world, at(7), 0, 0).unwrap();
    check_end(
        world,
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk#1 (waited 0s)
            1s       arrive  case 1 from people
            1s       start   case 1 desk#2 (waited 0s)
            2s       arrive  case 2 from people
            5s       end     case 1 desk (served 4s)
            5s       leave   case 1 (after 4s)
            5s       start   case 2 desk#2 (waited 3s)
            7s       done    case 0 desk#1
            7s       end     case 0 desk (served 7s)
            7s       leave   case 0 (after 7s)
            9s       end     case 2 desk (served 4s)
            9s       leave   case 2 (after 7s)
            1m       over
        "#]],
    );
}

#[test]
fn work_that_takes_another_time_than_drawn_is_measured_as_it_was() {
    check_end(
        world(DESK, Slow),
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk#1 (waited 0s)
            1s       arrive  case 1 from people
            1s       start   case 1 desk#2 (waited 0s)
            2s       arrive  case 2 from people
            6s       end     case 0 desk (served 6s)
            6s       leave   case 0 (after 6s)
            6s       start   case 2 desk#1 (waited 4s)
            7s       end     case 1 desk (served 6s)
            7s       leave   case 1 (after 6s)
            12s      end     case 2 desk (served 6s)
            12s      leave   case 2 (after 10s)
            1m       over
        "#]],
    );
}

#[test]
fn work_that_takes_longer_than_drawn_can_be_interrupted_after_that() {
    let text = "
        [run]
        until = '1m'
        [classes]
        routine.priority = 1
        urgent.priority = 2
        [sources.routine]
        class = 'routine'
        arrivals.scheduled.at = ['0s']
        [sources.urgent]
        class = 'urgent'
        arrivals.scheduled.at = ['5s']
        [stations.desk]
        agents = 1
        preemption = 'resume'
        service = '4s'
    ";
    check_end(
        world(text, Slow),
        expect![[r#"
            0s       arrive  case 0 from routine
            0s       start   case 0 desk (waited 0s)
            5s       arrive  case 1 from urgent
            5s       preempt case 0 desk (1s left)
            5s       start   case 1 desk (waited 0s)
            11s      end     case 1 desk (served 6s)
            11s      leave   case 1 (after 6s)
            11s      start   case 0 desk (waited 6s)
            12s500ms end     case 0 desk (served 6s500ms)
            12s500ms leave   case 0 (after 12s500ms)
            1m       over
        "#]],
    );
}

#[test]
fn a_report_of_work_that_nobody_does_is_refused() {
    let mut world = world(DESK, Hands(&[0]));
    world.run_until(at(1), u64::MAX).unwrap();
    assert!(
        done(&mut world, at(2), 1, 1).is_err(),
        "agent 1 is simulated"
    );
    assert!(
        done(&mut world, at(2), 7, 1).is_err(),
        "there is no agent 7"
    );
    assert!(done(&mut world, at(2), 0, 1).is_err(), "agent 0 has case 0");
    done(&mut world, at(2), 0, NONE).unwrap();
}

#[test]
fn a_report_that_comes_twice_counts_once() {
    let mut world = world(DESK, Hands(&[0, 1]));
    world.run_until(at(2), u64::MAX).unwrap();
    done(&mut world, at(3), 0, 0).unwrap();
    done(&mut world, at(5), 0, 0).unwrap();
    // At 3 s agent 0 takes case 2; the second report of case 0 must not end that.
    check_end(
        world,
        expect![[r#"
            0s       arrive  case 0 from people
            0s       start   case 0 desk#1 (waited 0s)
            1s       arrive  case 1 from people
            1s       start   case 1 desk#2 (waited 0s)
            2s       arrive  case 2 from people
            3s       done    case 0 desk#1
            3s       end     case 0 desk (served 3s)
            3s       leave   case 0 (after 3s)
            3s       start   case 2 desk#1 (waited 1s)
            5s       done    case 0 desk#1
            1m       over
        "#]],
    );
}

#[test]
fn an_executor_sees_the_drawn_time_of_work_it_hands_out() {
    struct Notes(std::sync::mpsc::Sender<Work>);
    impl Executor for Notes {
        fn begin(&mut self, _now: SimTime, work: Work) -> Completion {
            self.0.send(work).unwrap();
            Completion::External
        }
    }
    let (sender, notes) = std::sync::mpsc::channel();
    let mut world = world(DESK, Notes(sender));
    world.run_until(at(2), u64::MAX).unwrap();
    let seen: Vec<(u32, u32, i64)> = notes
        .try_iter()
        .map(|work| (work.subject, work.agent, work.drawn.nanos()))
        .collect();
    assert_eq!(seen, [(0, 0, 4_000_000_000), (1, 1, 4_000_000_000)]);
}
