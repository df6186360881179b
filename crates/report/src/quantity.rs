//! Figures as people read them: a unit that suits the size, and no more digits than the figure is worth.
//!
//! A figure with a confidence interval shows the digits that the interval leaves certain (two significant
//! digits of its half width). What is not finite shows as a dash. Exact numbers are for `--format json`.

use pluriverse_kernel::view::Unit;
use pluriverse_stats::Estimate;

/// Stands for a figure that does not exist.
pub const DASH: &str = "–";

const DIGITS_WITHOUT_INTERVAL: i32 = 3;
const MOST_DIGITS: i32 = 7;
const MOST_DECIMALS: usize = 9;
/// Half widths of less than this share of the figure come from rounding alone.
const NEGLIGIBLE: f64 = 1e-9;

/// A unit as printed, and how much of the stored unit it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownUnit {
    /// What follows the number; may be empty.
    pub symbol: &'static str,
    size: f64,
}

/// Units of time: from this many seconds on, symbol, seconds.
const TIME_UNITS: [(f64, &str, f64); 6] = [
    (172_800.0, "d", 86_400.0),
    (3_600.0, "h", 3_600.0),
    (90.0, "min", 60.0),
    (1.0, "s", 1.0),
    (1e-3, "ms", 1e-3),
    (1e-6, "µs", 1e-6),
];

impl ShownUnit {
    /// The unit for values of about this size.
    pub fn of(unit: Unit, magnitude: f64) -> Self {
        let (symbol, size) = match unit {
            Unit::Seconds => time_unit(magnitude),
            Unit::Share => ("%", 0.01),
            Unit::PerHour => ("/h", 1.0),
            Unit::Count | Unit::Money | Unit::Number => ("", 1.0),
        };
        Self { symbol, size }
    }

    /// The unit for an axis up to this value: like [`ShownUnit::of`], but large numbers are shortened.
    pub fn of_axis(unit: Unit, magnitude: f64) -> Self {
        match unit {
            Unit::Seconds | Unit::Share => Self::of(unit, magnitude),
            Unit::Count | Unit::Money | Unit::Number | Unit::PerHour => {
                let (symbol, size) = match magnitude.abs() {
                    size if size >= 1e15 => ("", 1.0),
                    size if size >= 1e10 => ("bn", 1e9),
                    size if size >= 1e7 => ("M", 1e6),
                    size if size >= 1e4 => ("k", 1e3),
                    _ => ("", 1.0),
                };
                Self { symbol, size }
            }
        }
    }

    /// A stored value in this unit.
    pub fn in_unit(self, value: f64) -> f64 {
        value / self.size
    }

    /// A stored value with its unit.
    pub fn text(self, value: f64, decimals: usize) -> String {
        let number = number(self.in_unit(value), decimals);
        match self.symbol {
            "" => number,
            _ if number == DASH => number,
            "/h" => format!("{number}/h"),
            symbol => format!("{number} {symbol}"),
        }
    }
}

/// Symbol and seconds of the unit of time for values of about this many seconds.
fn time_unit(secs: f64) -> (&'static str, f64) {
    let secs = secs.abs();
    if secs == 0.0 || !secs.is_finite() {
        return ("s", 1.0);
    }
    let fitting = TIME_UNITS.iter().find(|(from, ..)| secs >= *from);
    fitting.map_or(("ns", 1e-9), |(_, symbol, size)| (*symbol, *size))
}

/// An estimate in print; all numbers are in the same unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The unit's symbol; may be empty.
    pub symbol: &'static str,
    /// The point estimate.
    pub mean: String,
    /// Half the width of the interval, when there is one.
    pub half_width: Option<String>,
    /// Smallest replication.
    pub min: String,
    /// Largest replication.
    pub max: String,
}

impl Figure {
    /// Prints an estimate to two significant digits of its half width, for tables.
    pub fn full(unit: Unit, estimate: &Estimate) -> Self {
        Self::new(unit, estimate, |_| 2)
    }

    /// Prints an estimate to the digits that a reader takes in: two of the half width when the first is 1 or 2,
    /// else one.
    pub fn brief(unit: Unit, estimate: &Estimate) -> Self {
        let first_digit = |half: f64| half / libm::pow(10.0, libm::log10(half).floor());
        Self::new(
            unit,
            estimate,
            |half| if first_digit(half) < 3.0 { 2 } else { 1 },
        )
    }

    /// A mean and the ends of its interval, which lie at different distances: they stand in `min` and `max`.
    pub fn between(unit: Unit, estimate: &Estimate, (low, high): (f64, f64)) -> Self {
        let ends = Estimate {
            min: low,
            max: high,
            ..*estimate
        };
        Self::full(unit, &ends)
    }

    fn new(unit: Unit, estimate: &Estimate, digits: impl Fn(f64) -> i32) -> Self {
        let Estimate {
            mean,
            half_width,
            count: _,
            min,
            max,
        } = *estimate;
        let magnitude = if mean == 0.0 { max } else { mean };
        let shown = ShownUnit::of(unit, magnitude);
        let half = half_width.map(|half| shown.in_unit(half));
        let is_known = |half: &f64| *half > shown.in_unit(magnitude).abs() * NEGLIGIBLE;
        let are_whole = [mean, min, max]
            .iter()
            .all(|value| shown.in_unit(*value).fract() == 0.0);
        let decimals = match half.filter(is_known) {
            Some(half) => decimals_for(half, digits(half))
                .min(decimals_for(shown.in_unit(magnitude), MOST_DIGITS)),
            None if unit == Unit::Money => 2,
            None if are_whole => 0,
            None => decimals_for(shown.in_unit(magnitude), DIGITS_WITHOUT_INTERVAL),
        };
        let print = |value| number(shown.in_unit(value), decimals);
        Self {
            symbol: shown.symbol,
            mean: print(mean),
            half_width: half_width.map(print),
            min: print(min),
            max: print(max),
        }
    }

    /// An estimate in the cell of a table: a dash where there is none.
    pub fn cell(unit: Unit, estimate: Option<&Estimate>) -> String {
        estimate.map_or_else(
            || DASH.to_owned(),
            |estimate| Self::full(unit, estimate).line(),
        )
    }

    /// Number, interval and unit in one line.
    pub fn line(&self) -> String {
        let unit = match self.symbol {
            "" => String::new(),
            "/h" => "/h".to_owned(),
            symbol => format!(" {symbol}"),
        };
        match &self.half_width {
            Some(half) => format!("{} ± {half}{unit}", self.mean),
            None => format!("{}{unit}", self.mean),
        }
    }
}

/// A span of time to three digits, in the unit that suits it.
pub fn duration(secs: f64) -> String {
    let shown = ShownUnit::of(Unit::Seconds, secs);
    let value = shown.in_unit(secs);
    let decimals = if value.fract() == 0.0 {
        0
    } else {
        decimals_for(value, 3)
    };
    shown.text(secs, decimals)
}

/// A share between 0 and 1 as a percentage, with a digit more where all would round to an end.
pub fn percent(share: f64) -> String {
    let tenths = (share * 1000.0).round();
    let is_end = tenths == 0.0 || tenths == 1000.0;
    let decimals = match share {
        _ if share == 0.0 || share == 1.0 => 0,
        // Half a digit of slack: 1 − 0.99999 is a little less than 0.00001.
        _ if is_end => decimals_for(share.min(1.0 - share) * 100.5, 1),
        _ => 1,
    };
    format!("{} %", number(share * 100.0, decimals))
}

/// How many decimals show this many significant digits of `value`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a decimal exponent of a float is within ±324, and the result is clamped"
)]
pub fn decimals_for(value: f64, digits: i32) -> usize {
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    let exponent = libm::log10(value.abs()).floor() as i32;
    (digits - 1 - exponent).clamp(0, MOST_DECIMALS as i32) as usize
}

/// A number with thousands set apart; very large and very small ones as a power of ten.
pub fn number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return DASH.to_owned();
    }
    let would_vanish = decimals >= MOST_DECIMALS && value != 0.0 && value.abs() < 1e-8;
    if value.abs() >= 1e15 || would_vanish {
        return power_of_ten(value);
    }
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let is_zero = digits.bytes().all(|byte| byte == b'0' || byte == b'.');
    let sign = if value < 0.0 && !is_zero { "−" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", grouped(whole))
}

/// A whole number with its thousands apart: `12,345,678`.
pub fn whole(number: u64) -> String {
    grouped(&number.to_string())
}

/// Puts commas between the thousands of digits.
fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A large number in a few characters: `35.1 M`.
pub fn compact(number: f64) -> String {
    const STEPS: [(&str, f64); 4] = [(" T", 1e12), (" G", 1e9), (" M", 1e6), (" k", 1e3)];
    // Rounded first: 999.6 k is 1.00 M.
    let rounded: f64 = format!("{number:.2e}").parse().unwrap_or(number);
    let step = STEPS.iter().find(|(_, size)| rounded.abs() >= *size);
    let (sign, size) = step.copied().unwrap_or(("", 1.0));
    let value = rounded / size;
    format!("{value:.*}{sign}", decimals_for(value, 3))
}

/// `1.23 × 10¹⁸`.
fn power_of_ten(value: f64) -> String {
    let scientific = format!("{value:.2e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let sign = if exponent.starts_with('-') { "⁻" } else { "" };
    let raised = exponent
        .chars()
        .filter_map(|digit| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit.to_digit(10)? as usize));
    format!(
        "{} × 10{sign}{}",
        mantissa.replace('-', "−"),
        raised.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn estimate(mean: f64, half_width: Option<f64>, min: f64, max: f64) -> Estimate {
        Estimate {
            mean,
            half_width,
            count: 25,
            min,
            max,
        }
    }

    #[test]
    fn numbers_are_grouped_and_signed() {
        assert_eq!(number(1_234_567.891, 2), "1,234,567.89");
        assert_eq!(number(-1234.0, 0), "−1,234");
        assert_eq!(number(-0.001, 2), "0.00");
        assert_eq!(number(999.6, 0), "1,000");
        assert_eq!(number(f64::NAN, 2), DASH);
        assert_eq!(number(f64::INFINITY, 2), DASH);
        assert_eq!(number(-1.234e18, 0), "−1.23 × 10¹⁸");
        assert_eq!(number(5e-300, 9), "5.00 × 10⁻³⁰⁰");
        assert_eq!(number(5e-300, 2), "0.00");
    }

    #[test]
    fn a_duration_takes_the_unit_that_suits_it() {
        let shown = |secs| duration(secs);
        assert_eq!(shown(0.0), "0 s");
        assert_eq!(shown(12e-9), "12 ns");
        assert_eq!(shown(0.2504), "250 ms");
        assert_eq!(shown(43.21), "43.2 s");
        assert_eq!(shown(205.0), "3.42 min");
        assert_eq!(shown(46_800.0), "13 h");
        assert_eq!(shown(1_170_000.0), "13.5 d");
        assert_eq!(shown(f64::NAN), DASH);
    }

    #[test]
    fn digits_follow_the_interval() {
        let line = |unit, estimate| Figure::full(unit, &estimate).line();
        assert_eq!(
            line(Unit::Seconds, estimate(43.2178, Some(0.6134), 40.0, 46.0)),
            "43.22 ± 0.61 s"
        );
        assert_eq!(
            line(Unit::Share, estimate(0.812345, Some(0.0231), 0.7, 0.9)),
            "81.2 ± 2.3 %"
        );
        assert_eq!(
            line(Unit::Count, estimate(3120.0, None, 3120.0, 3120.0)),
            "3,120"
        );
        assert_eq!(
            line(Unit::Number, estimate(1.234_567_8, Some(1e-12), 1.2, 1.3)),
            "1.23 ± 0.00"
        );
        assert_eq!(
            line(Unit::PerHour, estimate(98.76, Some(12.3), 80.0, 120.0)),
            "99 ± 12/h"
        );
        assert_eq!(
            line(
                Unit::Number,
                estimate(f64::INFINITY, None, 0.0, f64::INFINITY)
            ),
            DASH
        );
    }

    #[test]
    fn units_suit_the_mean() {
        let shown = |unit, mean: f64, half: Option<f64>| {
            Figure::full(unit, &estimate(mean, half, mean, mean)).line()
        };
        let seconds = [
            (0.0, None),
            (4.7134, Some(0.0331)),
            (540.0, Some(0.0)),
            (89.94, None),
            (90.0, None),
            (7_200.0, Some(1.0)),
            (200_000.0, None),
            (0.000_25, Some(0.000_001)),
            (-3.5, None),
            (12.0, Some(400.0)),
        ];
        let lines = seconds.map(|(mean, half)| shown(Unit::Seconds, mean, half));
        expect![[r#"
            0 s
            4.713 ± 0.033 s
            9 ± 0 min
            89.9 s
            1.50 min
            2.00000 ± 0.00028 h
            2.31 d
            250.0 ± 1.0 µs
            −3.50 s
            12 ± 400 s"#]]
        .assert_eq(&lines.join("\n"));
        let others = [
            (Unit::Count, 1660.366, Some(5.21)),
            (Unit::Count, 0.25, None),
            (Unit::Count, 1e-7, Some(1e-8)),
            (Unit::Count, 5.0, Some(1e-15)),
            (Unit::Share, 0.925, Some(0.0005)),
            (Unit::Share, 0.000_012, None),
            (Unit::Money, 1234.5, None),
            (Unit::Money, -98_765.432, Some(120.0)),
        ];
        let lines = others.map(|(unit, mean, half)| shown(unit, mean, half));
        expect![[r#"
            1,660.4 ± 5.2
            0.250
            0.000000100 ± 0.000000010
            5 ± 0
            92.500 ± 0.050 %
            0.00120 %
            1,234.50
            −98,765 ± 120"#]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn large_numbers_are_short_or_grouped() {
        let shown = [
            0.0,
            1.0,
            9.996,
            99.96,
            999.0,
            999.6,
            1_234.0,
            999_788.0,
            35_123_456.0,
            6.3e7,
            2.5e13,
        ];
        expect![[r#"["0", "1.00", "10.0", "100", "999", "1.00 k", "1.23 k", "1.00 M", "35.1 M", "63.0 M", "25.0 T"]"#]]
            .assert_eq(&format!("{:?}", shown.map(compact)));
        let shown = [0, 999, 1_000, 12_345_678].map(whole);
        expect![[r#"["0", "999", "1,000", "12,345,678"]"#]].assert_eq(&format!("{shown:?}"));
    }

    #[test]
    fn a_brief_figure_has_a_digit_less_where_it_tells_little() {
        let line =
            |mean, half| Figure::brief(Unit::Number, &estimate(mean, Some(half), 0.0, 1.0)).line();
        assert_eq!(line(84.83, 5.6), "85 ± 6");
        assert_eq!(line(4.7381, 0.0904), "4.74 ± 0.09");
        assert_eq!(line(0.7062, 0.0123), "0.706 ± 0.012");
        assert_eq!(line(1.0, 0.0), "1 ± 0");
    }

    #[test]
    fn a_share_shows_what_rounding_would_hide() {
        let shown = |share| percent(share);
        assert_eq!(shown(0.1234), "12.3 %");
        assert_eq!(shown(0.0), "0 %");
        assert_eq!(shown(1.0), "100 %");
        assert_eq!(shown(0.000_012), "0.001 %");
        assert_eq!(shown(0.999_99), "99.999 %");
    }
}
