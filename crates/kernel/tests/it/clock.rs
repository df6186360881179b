//! Clocks: what they admit when, and what they say about lateness.

use pluriverse_kernel::{
    clock::{Admission, Clock, RealtimeClock, SimulatedClock, WallTime},
    time::{SimDuration, SimTime},
};
use proptest::prelude::*;

const SECOND: i64 = 1_000_000_000;

fn secs(secs: i64) -> SimTime {
    SimTime::from_secs(secs)
}

fn wall(secs: i64) -> WallTime {
    WallTime(secs * SECOND)
}

fn clock(rate: f64) -> RealtimeClock {
    RealtimeClock::new(rate, SimDuration::from_secs(1)).unwrap()
}

#[test]
fn a_simulated_clock_never_waits_and_has_no_opinion() {
    let mut clock = SimulatedClock;
    assert_eq!(clock.admit(SimTime::MAX, wall(0)), Admission::Now);
    assert_eq!(clock.now(wall(5)), None);
}

#[test]
fn an_event_is_admitted_when_the_wall_has_come_as_far() {
    let mut clock = clock(1.0);
    clock.start(secs(100), wall(7));
    assert_eq!(
        clock.admit(secs(103), wall(7)),
        Admission::Wait(SimDuration::from_secs(3))
    );
    assert_eq!(
        clock.admit(secs(103), wall(9)),
        Admission::Wait(SimDuration::from_secs(1))
    );
    assert_eq!(clock.admit(secs(103), wall(10)), Admission::Now);
    assert_eq!(clock.now(wall(11)), Some(secs(104)));
}

#[test]
fn a_rate_stretches_waits_and_shrinks_them() {
    let (mut fast, mut slow) = (clock(60.0), clock(0.5));
    fast.start(secs(0), wall(0));
    slow.start(secs(0), wall(0));
    assert_eq!(
        fast.admit(secs(120), wall(0)),
        Admission::Wait(SimDuration::from_secs(2))
    );
    assert_eq!(
        slow.admit(secs(120), wall(0)),
        Admission::Wait(SimDuration::from_secs(240))
    );
    assert_eq!(fast.now(wall(2)), Some(secs(120)));
    assert_eq!(slow.now(wall(2)), Some(secs(1)));
}

#[test]
fn lateness_is_measured_on_the_wall_and_counted_past_the_tolerance() {
    let mut clock = clock(10.0);
    clock.start(secs(0), wall(0));
    for (due, late) in [(10, 0), (20, 1), (30, 5)] {
        assert_eq!(
            clock.admit(secs(due), wall(due / 10 + late)),
            Admission::Now
        );
    }
    let punctuality = clock.punctuality();
    assert_eq!(punctuality.events, 3);
    assert_eq!(
        punctuality.late_events, 1,
        "one second late is within the tolerance of one"
    );
    assert_eq!(punctuality.worst, SimDuration::from_secs(5));
    assert_eq!(punctuality.total_nanos, i128::from(6 * SECOND));
}

#[test]
fn waiting_is_no_lateness() {
    let mut clock = clock(1.0);
    clock.start(secs(0), wall(0));
    assert!(matches!(clock.admit(secs(1), wall(0)), Admission::Wait(_)));
    assert_eq!(clock.punctuality().events, 0);
}

#[test]
fn the_first_event_starts_a_clock_that_was_not_started() {
    let mut clock = clock(2.0);
    assert_eq!(clock.now(wall(3)), None);
    assert_eq!(clock.admit(secs(50), wall(3)), Admission::Now);
    assert_eq!(clock.now(wall(4)), Some(secs(52)));
}

/// A pause does not make the rest of the run late.
#[test]
fn starting_again_forgets_the_time_between() {
    let mut clock = clock(1.0);
    clock.start(secs(0), wall(0));
    assert_eq!(clock.admit(secs(1), wall(1)), Admission::Now);
    clock.start(secs(1), wall(1_000));
    assert_eq!(
        clock.admit(secs(2), wall(1_000)),
        Admission::Wait(SimDuration::from_secs(1))
    );
    assert_eq!(clock.admit(secs(2), wall(1_001)), Admission::Now);
    assert_eq!(clock.punctuality().worst, SimDuration::ZERO);
}

#[test]
fn rates_that_no_clock_follows_are_refused() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = RealtimeClock::new(rate, SimDuration::ZERO).unwrap_err();
        assert!(
            error.to_string().contains("a positive number is expected"),
            "{error}"
        );
    }
}

/// A year of events a third of a second apart, each admitted as soon as the clock lets it.
#[test]
fn rounding_never_adds_up() {
    let rate = 3.0;
    let mut clock = clock(rate);
    clock.start(secs(0), wall(0));
    let mut at = WallTime(0);
    for number in 1..=100_000_i64 {
        let due = SimTime::from_nanos(number * 315_360_000_000);
        while let Admission::Wait(wait) = clock.admit(due, at) {
            assert!(wait > SimDuration::ZERO);
            at = WallTime(at.0 + wait.nanos());
        }
        let exact = i128::from(due.nanos()) / 3;
        assert!(
            (i128::from(at.0) - exact).abs() <= 2,
            "event {number} at {at:?}"
        );
    }
    assert!(clock.punctuality().worst <= SimDuration::from_nanos(2));
}

#[test]
fn the_ends_of_time_are_waited_for() {
    let mut clock = clock(1e-9);
    clock.start(secs(0), wall(0));
    assert!(matches!(
        clock.admit(SimTime::MAX, wall(1)),
        Admission::Wait(_)
    ));
    // Long before the origin: overdue, whatever the rate.
    assert_eq!(
        clock.admit(SimTime::from_nanos(i64::MIN), wall(1)),
        Admission::Now
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_times_make_a_clock_panic(
        origin in any::<i64>(), wall_origin in any::<i64>(),
        due in any::<i64>(), at in any::<i64>(),
        rate in prop_oneof![Just(f64::MIN_POSITIVE), Just(1.0), Just(f64::MAX), 1e-3..1e9_f64],
    ) {
        let mut clock = clock(rate);
        clock.start(SimTime::from_nanos(origin), WallTime(wall_origin));
        if let Admission::Wait(wait) = clock.admit(SimTime::from_nanos(due), WallTime(at)) {
            prop_assert!(wait > SimDuration::ZERO);
        }
        let _ = clock.now(WallTime(at));
    }

    /// Waiting as long as asked is enough but for rounding.
    #[test]
    fn one_wait_is_enough(due in 0..1_000_000_000_000_i64, rate in 0.01..1e6_f64) {
        let mut clock = clock(rate);
        clock.start(secs(0), wall(0));
        let due = SimTime::from_nanos(due);
        if let Admission::Wait(wait) = clock.admit(due, wall(0)) {
            prop_assert_eq!(clock.admit(due, WallTime(wait.nanos())), Admission::Now);
        }
    }
}
