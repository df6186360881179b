//! Round numbers along an axis, and what to write beside them.
//!
//! Decimal quantities step by 1, 2 or 5 times a power of ten; time steps by what clocks and calendars divide
//! into. There are never more ticks than asked for, and steps are never zero, whatever the range.

use pluriverse_kernel::view::Unit;

use crate::quantity::{ShownUnit, duration};

const DAY_SECS: f64 = 86_400.0;

/// Steps of time between a second and a day, in seconds.
const CLOCK_STEPS: [f64; 17] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
    10_800.0, 21_600.0, 43_200.0,
];

/// Evenly spaced values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ticks {
    /// Distance between two of them, above zero.
    pub(crate) step: f64,
    /// The values, ascending, all within the range asked for.
    pub(crate) values: Vec<f64>,
}

impl Ticks {
    /// Ticks between two values of a quantity, at most `most` of them (at least 2).
    pub(crate) fn between(unit: Unit, low: f64, high: f64, most: usize) -> Self {
        Self::with_step(
            round_step(unit, (high - low) / (most.max(2) - 1) as f64),
            low,
            high,
        )
    }

    fn with_step(step: f64, low: f64, high: f64) -> Self {
        // A hair of slack keeps an end that is a tick but for rounding.
        let slack = 1e-9;
        let first = (low / step - slack).ceil();
        let count = ((high / step + slack).floor() - first).clamp(0.0, 1000.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=1000"
        )]
        let values = (0..=count as usize).map(|index| (first + index as f64) * step);
        Self {
            step,
            values: values.filter(|value| value.is_finite()).collect(),
        }
    }

    /// The labels of a value axis.
    pub(crate) fn labels(&self, unit: Unit) -> Vec<String> {
        let magnitude = self
            .values
            .iter()
            .fold(0.0_f64, |most, value| most.max(value.abs()));
        let shown = ShownUnit::of_axis(unit, magnitude);
        let decimals = decimals_of(shown.in_unit(self.step));
        let zero = |value: &f64| *value == 0.0 && unit != Unit::Share;
        self.values
            .iter()
            .map(|v| {
                if zero(v) {
                    "0".to_owned()
                } else {
                    shown.text(*v, decimals)
                }
            })
            .collect()
    }

    /// The labels of a time axis: hours and minutes, or what suits a much shorter or longer one.
    pub(crate) fn clock_labels(&self) -> Vec<String> {
        let last = self.values.last().copied().unwrap_or(0.0);
        self.values
            .iter()
            .map(|secs| clock(*secs, self.step, last))
            .collect()
    }
}

/// The least round step that is not below `wanted`; 1 when that is no positive number.
pub(crate) fn round_step(unit: Unit, wanted: f64) -> f64 {
    match unit {
        _ if !(wanted > 0.0 && wanted.is_finite()) => 1.0,
        Unit::Seconds if wanted > 1.0 && wanted <= DAY_SECS / 2.0 => CLOCK_STEPS
            .into_iter()
            .find(|step| *step >= wanted)
            .unwrap_or(DAY_SECS),
        Unit::Seconds if wanted > DAY_SECS => decimal_step(wanted / DAY_SECS) * DAY_SECS,
        Unit::Seconds if wanted > 1.0 => DAY_SECS,
        _ => decimal_step(wanted),
    }
}

fn decimal_step(wanted: f64) -> f64 {
    let power = libm::pow(10.0, libm::log10(wanted).floor()).max(f64::MIN_POSITIVE);
    let digit = wanted / power;
    let round = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|round| digit <= round + 1e-9);
    round.unwrap_or(10.0) * power
}

/// Decimals that a step needs to be told apart from its neighbours.
fn decimals_of(step: f64) -> usize {
    let is_whole = |decimals: &i32| {
        let scaled = step * libm::pow(10.0, f64::from(*decimals));
        (scaled - scaled.round()).abs() < 1e-6 * scaled.abs() && scaled.round() != 0.0
    };
    let decimals = (0..=9).find(is_whole).unwrap_or(0);
    usize::try_from(decimals).unwrap_or(0)
}

/// An instant on an axis that ends at `last` and steps by `step`, all in seconds since the origin.
pub(crate) fn clock(secs: f64, step: f64, last: f64) -> String {
    if !secs.is_finite() || last < 120.0 || step < 1.0 || secs.abs() > 1e12 {
        return duration(secs);
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above by 1e12")]
    let whole = secs.round() as i64;
    let (sign, whole) = if whole < 0 {
        ("−", -whole)
    } else {
        ("", whole)
    };
    let (days, within) = (whole / 86_400, whole % 86_400);
    let (hours, minutes, seconds) = (within / 3600, within / 60 % 60, within % 60);
    if step >= DAY_SECS {
        format!("{sign}{days} d")
    } else if last > 2.0 * DAY_SECS {
        format!("{sign}{days} d {hours}:{minutes:02}")
    } else if step >= 60.0 {
        format!("{sign}{}:{minutes:02}", whole / 3600)
    } else {
        format!("{sign}{}:{minutes:02}:{seconds:02}", whole / 3600)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(unit: Unit, low: f64, high: f64, most: usize) -> String {
        Ticks::between(unit, low, high, most)
            .labels(unit)
            .join(" | ")
    }

    fn clock_labels(high: f64) -> String {
        Ticks::between(Unit::Seconds, 0.0, high, 8)
            .clock_labels()
            .join(" | ")
    }

    #[test]
    fn values_are_round() {
        assert_eq!(labels(Unit::Number, 0.0, 10.0, 6), "0 | 2 | 4 | 6 | 8 | 10");
        assert_eq!(labels(Unit::Number, 0.0, 0.7, 5), "0 | 0.2 | 0.4 | 0.6");
        assert_eq!(labels(Unit::Number, -3.0, 3.0, 5), "−2 | 0 | 2");
        assert_eq!(
            labels(Unit::Share, 0.0, 1.0, 6),
            "0 % | 20 % | 40 % | 60 % | 80 % | 100 %"
        );
        assert_eq!(labels(Unit::Share, 0.0, 0.03, 5), "0 % | 1 % | 2 % | 3 %");
        assert_eq!(labels(Unit::Count, 0.0, 45_000.0, 5), "0 | 20 k | 40 k");
        assert_eq!(
            labels(Unit::Count, 0.0, 2e18, 3),
            "0 | 1.00 × 10¹⁸ | 2.00 × 10¹⁸"
        );
    }

    #[test]
    fn durations_step_like_clocks() {
        assert_eq!(
            labels(Unit::Seconds, 0.0, 50.0, 6),
            "0 | 10 s | 20 s | 30 s | 40 s | 50 s"
        );
        assert_eq!(
            labels(Unit::Seconds, 0.0, 200.0, 5),
            "0 | 1 min | 2 min | 3 min"
        );
        assert_eq!(
            labels(Unit::Seconds, 0.0, 130.0, 6),
            "0 | 0.5 min | 1.0 min | 1.5 min | 2.0 min"
        );
        assert_eq!(
            labels(Unit::Seconds, 0.0, 0.004, 5),
            "0 | 1 ms | 2 ms | 3 ms | 4 ms"
        );
        assert_eq!(
            labels(Unit::Seconds, 0.0, 400_000.0, 6),
            "0 | 1 d | 2 d | 3 d | 4 d"
        );
    }

    #[test]
    fn time_of_day_is_hours_and_minutes() {
        assert_eq!(
            clock_labels(13.0 * 3600.0),
            "0:00 | 2:00 | 4:00 | 6:00 | 8:00 | 10:00 | 12:00"
        );
        assert_eq!(
            clock_labels(3600.0),
            "0:00 | 0:10 | 0:20 | 0:30 | 0:40 | 0:50 | 1:00"
        );
        assert_eq!(
            clock_labels(180.0),
            "0:00:00 | 0:00:30 | 0:01:00 | 0:01:30 | 0:02:00 | 0:02:30 | 0:03:00"
        );
        assert_eq!(
            clock_labels(60.0),
            "0 s | 10 s | 20 s | 30 s | 40 s | 50 s | 60 s"
        );
        assert_eq!(
            clock_labels(3.0 * DAY_SECS),
            "0 d 0:00 | 0 d 12:00 | 1 d 0:00 | 1 d 12:00 | 2 d 0:00 | 2 d 12:00 | 3 d 0:00"
        );
        assert_eq!(
            clock_labels(365.0 * DAY_SECS),
            "0 d | 100 d | 200 d | 300 d"
        );
    }

    #[test]
    fn no_range_is_too_odd() {
        for (low, high) in [
            (0.0, 0.0),
            (5.0, 5.0),
            (f64::NAN, 1.0),
            (0.0, f64::INFINITY),
            (0.0, 5e-324),
            (0.0, 1e308),
        ] {
            for unit in [Unit::Number, Unit::Seconds, Unit::Share] {
                let ticks = Ticks::between(unit, low, high, 6);
                assert!(
                    ticks.step > 0.0 && ticks.values.len() <= 1001,
                    "{low} {high} {unit:?}: {ticks:?}"
                );
                assert_eq!(ticks.labels(unit).len(), ticks.values.len());
            }
        }
    }
}
