//! Points and distances in time: exact texts, exact rounding, overflow that is told.

use expect_test::{Expect, expect};
use pluriverse_kernel::time::{SimDuration, SimTime};
use proptest::prelude::*;

fn read(text: &str) -> String {
    match text.parse::<SimDuration>() {
        Ok(duration) => format!("{} ns", duration.nanos()),
        Err(error) => error.to_string(),
    }
}

fn check(texts: &[&str], expected: Expect) {
    let lines: Vec<_> = texts
        .iter()
        .map(|text| format!("{text:?} is {}\n", read(text)))
        .collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn durations_are_read_as_people_write_them() {
    check(
        &[
            "90s",
            "1h30m",
            "250ms",
            "2d",
            "1w",
            " 1h 30m ",
            "1.5h",
            ".5s",
            "5.s",
            "1_000s",
            "3us",
            "3µs",
            "3μs",
            "7ns",
            "-2m",
            "0.000000001s",
            "0s",
            "1 h",
        ],
        expect![[r#"
            "90s" is 90000000000 ns
            "1h30m" is 5400000000000 ns
            "250ms" is 250000000 ns
            "2d" is 172800000000000 ns
            "1w" is 604800000000000 ns
            " 1h 30m " is 5400000000000 ns
            "1.5h" is 5400000000000 ns
            ".5s" is 500000000 ns
            "5.s" is 5000000000 ns
            "1_000s" is 1000000000000 ns
            "3us" is 3000 ns
            "3µs" is 3000 ns
            "3μs" is 3000 ns
            "7ns" is 7 ns
            "-2m" is -120000000000 ns
            "0.000000001s" is 1 ns
            "0s" is 0 ns
            "1 h" is 3600000000000 ns
        "#]],
    );
}

#[test]
fn what_is_no_duration_is_refused_with_the_reason() {
    check(
        &[
            "",
            " ",
            "-",
            "90",
            "s",
            "h30m",
            "1h30",
            "5 parsecs",
            "1.2.3s",
            ".s",
            "--5s",
            "+5s",
            "1s-1s",
            "1e3s",
            "0.5ns",
            "1.0000000001s",
            "300y",
            "16000w",
            "106751d23h47m16.854775808s",
            "99999999999999999999999999999999999999999s",
            "0.1000000000000000000000000000000000000000001s",
            "٣s",
        ],
        expect![[r#"
            "" is a duration is empty
            " " is a duration is empty
            "-" is a duration is empty
            "90" is `90` has no unit (w, d, h, m, s, ms, us or ns)
            "s" is a number was expected, not `s`
            "h30m" is a number was expected, not `h30m`
            "1h30" is `30` has no unit (w, d, h, m, s, ms, us or ns)
            "5 parsecs" is `parsecs` is no unit of time (w, d, h, m, s, ms, us or ns)
            "1.2.3s" is a number was expected, not `1.2.3s`
            ".s" is a number was expected, not `.s`
            "--5s" is a number was expected, not `-5s`
            "+5s" is a number was expected, not `+5s`
            "1s-1s" is a number was expected, not `-1s`
            "1e3s" is `e` is no unit of time (w, d, h, m, s, ms, us or ns)
            "0.5ns" is `0.5ns` does not fit (whole nanoseconds, at most 292 years)
            "1.0000000001s" is `1.0000000001s` does not fit (whole nanoseconds, at most 292 years)
            "300y" is `y` is no unit of time (w, d, h, m, s, ms, us or ns)
            "16000w" is `16000w` does not fit (whole nanoseconds, at most 292 years)
            "106751d23h47m16.854775808s" is `106751d23h47m16.854775808s` does not fit (whole nanoseconds, at most 292 years)
            "99999999999999999999999999999999999999999s" is `99999999999999999999999999999999999999999s` does not fit (whole nanoseconds, at most 292 years)
            "0.1000000000000000000000000000000000000000001s" is `0.1000000000000000000000000000000000000000001s` does not fit (whole nanoseconds, at most 292 years)
            "٣s" is a number was expected, not `٣s`
        "#]],
    );
}

#[test]
fn durations_are_printed_as_they_read_best() {
    let nanos = [
        0,
        1,
        -1,
        1_500,
        90_000_000_000,
        5_400_000_000_000,
        604_800_000_000_000,
        691_200_000_000_000,
        -604_800_000_000_001,
        i64::MAX,
        i64::MIN,
    ];
    let lines: Vec<_> = nanos
        .iter()
        .map(|nanos| format!("{nanos} is {}\n", SimDuration::from_nanos(*nanos)))
        .collect();
    expect![[r#"
        0 is 0s
        1 is 1ns
        -1 is -1ns
        1500 is 1us500ns
        90000000000 is 1m30s
        5400000000000 is 1h30m
        604800000000000 is 1w
        691200000000000 is 8d
        -604800000000001 is -7d1ns
        9223372036854775807 is 106751d23h47m16s854ms775us807ns
        -9223372036854775808 is -106751d23h47m16s854ms775us808ns
    "#]]
    .assert_eq(&lines.concat());
}

#[test]
fn the_ends_of_time_are_told_not_wrapped() {
    let tick = SimDuration::from_nanos(1);
    assert_eq!(SimTime::MAX.checked_add(tick), None);
    assert_eq!(SimTime::MAX.saturating_add(tick), SimTime::MAX);
    let start = SimTime::from_nanos(i64::MIN);
    assert_eq!(start.checked_add(SimDuration::from_nanos(-1)), None);
    assert_eq!(SimTime::MAX.since(start), SimDuration::MAX);
    assert_eq!(start.since(SimTime::MAX).nanos(), i64::MIN);
    assert_eq!(SimDuration::MAX.checked_add(tick), None);
    assert_eq!(SimDuration::MAX.checked_mul(2), None);
    assert_eq!(SimDuration::from_secs(i64::MAX), SimDuration::MAX);
    assert_eq!(SimTime::from_secs(i64::MAX), SimTime::MAX);
}

#[test]
fn numbers_that_are_no_duration_are_refused() {
    for secs in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e10, -1e10] {
        assert_eq!(SimDuration::from_secs_f64(secs), None, "{secs}");
    }
    let longest = SimDuration::from_secs_f64(9.2e9).unwrap();
    assert_eq!(longest.nanos(), 9_200_000_000_000_000_000);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_read_back(nanos in any::<i64>()) {
        let duration = SimDuration::from_nanos(nanos);
        prop_assert_eq!(duration.to_string().parse(), Ok(duration));
    }

    #[test]
    fn the_ends_are_read_back(from_end in 0..1_000_i64) {
        for nanos in [i64::MIN + from_end, i64::MAX - from_end] {
            let duration = SimDuration::from_nanos(nanos);
            prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        }
    }

    #[test]
    fn short_durations_are_read_back_too(nanos in -10_000_000_000_000_i64..10_000_000_000_000) {
        let duration = SimDuration::from_nanos(nanos);
        prop_assert_eq!(duration.to_string().parse(), Ok(duration));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,40}") {
        let _ = text.parse::<SimDuration>();
    }

    #[test]
    fn no_text_of_digits_and_units_makes_the_reader_panic(text in "-?([0-9._]{0,30}(w|d|h|m|s|ms|us|ns|x)? ?){0,5}") {
        let _ = text.parse::<SimDuration>();
    }

    /// Against the definition: the nearest whole number, the even one of two.
    #[test]
    fn fractions_are_rounded_to_the_nearest(whole in -3_000_000_000_000_000_i64..3_000_000_000_000_000, part in 0..8_u8) {
        let nanos = whole as f64 + f64::from(part) / 8.0;
        let expected = nearest(nanos);
        prop_assert_eq!(SimDuration::from_nanos_f64(nanos).map(SimDuration::nanos), Some(expected));
    }
}

fn nearest(nanos: f64) -> i64 {
    let below = nanos.floor();
    let fraction = nanos - below;
    #[expect(clippy::cast_possible_truncation, reason = "the range fits")]
    let below = below as i64;
    let is_up = fraction > 0.5 || (fraction == 0.5 && below % 2 != 0);
    below + i64::from(is_up)
}
