//! Numbers for people: scaled to a unit that suits them, with as many digits as they bear.
//!
//! A mean is shown to the second digit of its half width, else with three digits; everything in a row shares unit
//! and decimals. Exact numbers are for `--format json`.

use pluriverse_kernel::view::Unit;
use pluriverse_stats::Estimate;

/// Units of time: name, seconds, and the magnitude in seconds from which it is used.
const TIMES: [(&str, f64, f64); 7] = [
    ("d", 86_400.0, 172_800.0),
    ("h", 3_600.0, 3_600.0),
    ("min", 60.0, 90.0),
    ("s", 1.0, 1.0),
    ("ms", 1e-3, 1e-3),
    ("µs", 1e-6, 1e-6),
    ("ns", 1e-9, 0.0),
];

/// Digits shown when nothing tells how many are known.
const DIGITS: i32 = 3;
/// Digits shown at most.
const DIGITS_MAX: i32 = 7;

/// Half widths of less than this share of the mean come from rounding alone.
const NEGLIGIBLE: f64 = 1e-9;

/// How the numbers of one row are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    factor: f64,
    decimals: usize,
    /// The unit's sign; empty where there is none.
    pub(crate) unit: &'static str,
}

impl Scale {
    /// The scale for an estimate in `unit`.
    pub(crate) fn of(unit: Unit, estimate: &Estimate) -> Self {
        let (factor, sign) = match unit {
            Unit::Seconds => time_unit(estimate.mean),
            Unit::Share => (100.0, "%"),
            Unit::PerHour => (1.0, "/h"),
            Unit::Count | Unit::Money | Unit::Number => (1.0, ""),
        };
        let mean = estimate.mean * factor;
        let half_width = estimate
            .half_width
            .map(|half_width| half_width * factor)
            .filter(|width| *width > mean.abs() * NEGLIGIBLE);
        let decimals = match half_width {
            None if unit == Unit::Money => 2,
            None if mean == 0.0 => 0,
            None if unit == Unit::Count && mean == mean.trunc() => 0,
            None => DIGITS - 1 - exponent(mean),
            Some(half_width) => (1 - exponent(half_width)).min(DIGITS_MAX - 1 - exponent(mean)),
        };
        Self {
            factor,
            decimals: usize::try_from(decimals.clamp(0, 9)).unwrap_or(0),
            unit: sign,
        }
    }

    /// A value in this scale, without the unit.
    pub(crate) fn show(&self, value: f64) -> String {
        grouped(&format!("{:.*}", self.decimals, value * self.factor))
    }
}

/// A time in seconds, with its unit: `4.71 s`, `9.00 min`.
pub(crate) fn time(seconds: f64) -> String {
    let (factor, unit) = time_unit(seconds);
    let value = seconds * factor;
    let decimals = usize::try_from((DIGITS - 1 - exponent(value)).clamp(0, 9)).unwrap_or(0);
    format!("{} {unit}", grouped(&format!("{value:.decimals$}")))
}

/// A large number in a few characters: `35.1 M`.
pub(crate) fn compact(number: f64) -> String {
    const STEPS: [(&str, f64); 4] = [(" T", 1e12), (" G", 1e9), (" M", 1e6), (" k", 1e3)];
    let step = STEPS.iter().find(|(_, size)| number.abs() >= *size);
    let (sign, size) = step.copied().unwrap_or(("", 1.0));
    let value = number / size;
    let decimals = usize::try_from((DIGITS - 1 - exponent(value)).clamp(0, 3)).unwrap_or(0);
    format!("{value:.decimals$}{sign}")
}

/// A whole number with its thousands apart: `12,345,678`.
pub(crate) fn whole(number: u64) -> String {
    grouped(&number.to_string())
}

/// What to multiply seconds by, and the unit then.
fn time_unit(seconds: f64) -> (f64, &'static str) {
    if seconds == 0.0 {
        return (1.0, "s");
    }
    let unit = TIMES.iter().find(|(_, _, from)| seconds.abs() >= *from);
    unit.map_or((1.0, "s"), |(name, size, _)| (1.0 / size, name))
}

/// The power of ten of the first digit; 0 for zero.
fn exponent(value: f64) -> i32 {
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an f64 has exponents from -324 to 308"
    )]
    let exponent = value.abs().log10().floor() as i32;
    exponent
}

/// Puts commas between the thousands of a decimal number.
fn grouped(number: &str) -> String {
    let digits_from = number.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let digits_to = number.find('.').unwrap_or(number.len()).max(digits_from);
    let digits = &number[digits_from..digits_to];
    if digits.len() <= 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut text = number[..digits_from].to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + &number[digits_to..]
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(unit: Unit, estimates: &[(f64, Option<f64>)], expected: Expect) {
        let lines = estimates.iter().map(|&(mean, half_width)| {
            let estimate = Estimate {
                mean,
                half_width,
                count: 2,
                min: mean,
                max: mean,
            };
            let scale = Scale::of(unit, &estimate);
            let half_width = half_width.map_or_else(String::new, |half_width| {
                format!(" ± {}", scale.show(half_width))
            });
            format!("{}{half_width} {}\n", scale.show(mean), scale.unit)
        });
        expected.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn durations_take_the_unit_that_suits_them() {
        check(
            Unit::Seconds,
            &[
                (0.0, None),
                (4.7134, Some(0.0331)),
                (540.0, Some(0.0)),
                (89.94, None),
                (90.0, None),
                (7_200.0, Some(1.0)),
                (200_000.0, None),
                (0.000_25, Some(0.000_001)),
                (3e-8, None),
                (-3.0, None),
                (12.0, Some(400.0)),
            ],
            expect![[r#"
                0 s
                4.713 ± 0.033 s
                9.00 ± 0.00 min
                89.9 s
                1.50 min
                2.00000 ± 0.00028 h
                2.31 d
                250.0 ± 1.0 µs
                30.0 ns
                -3.00 s
                12 ± 400 s
            "#]],
        );
    }

    #[test]
    fn counts_shares_and_money() {
        check(
            Unit::Count,
            &[
                (1660.366, Some(5.21)),
                (1_234_567.0, None),
                (0.25, None),
                (1e-7, Some(1e-8)),
                (5.0, Some(1e-15)),
            ],
            expect![[r#"
                1,660.4 ± 5.2 
                1,234,567 
                0.250 
                0.000000100 ± 0.000000010 
                5 ± 0 
            "#]],
        );
        check(
            Unit::Share,
            &[(0.925, Some(0.0005)), (1.0, None), (0.000_012, None)],
            expect![[r#"
                92.500 ± 0.050 %
                100 %
                0.00120 %
            "#]],
        );
        check(
            Unit::Money,
            &[(1234.5, None), (-98_765.432, Some(120.0))],
            expect![[r#"
                1,234.50 
                -98,765 ± 120 
            "#]],
        );
    }

    #[test]
    fn large_numbers_are_short_or_grouped() {
        let shown = [0.0, 1.0, 999.0, 1_234.0, 35_123_456.0, 6.3e7, 2.5e13].map(compact);
        expect![[r#"["0.00", "1.00", "999", "1.23 k", "35.1 M", "63.0 M", "25.0 T"]"#]]
            .assert_eq(&format!("{shown:?}"));
        let shown = [0, 999, 1_000, 12_345_678].map(whole);
        expect![[r#"["0", "999", "1,000", "12,345,678"]"#]].assert_eq(&format!("{shown:?}"));
    }
}
