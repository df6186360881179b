//! An axis: where along it a value lies, and which places are marked.
//!
//! Places are fractions of the axis, 0 at its low end; what lies outside is told so by a fraction below 0 or
//! above 1. An axis always has a positive length.

use pluriverse_kernel::view::Unit;

use super::ticks::{Ticks, round_step};
use crate::quantity::duration;

const VALUE_TICKS: usize = 6;
const CLOCK_TICKS: usize = 8;
const MOST_PLACES: usize = 9;
const DURATION_TICKS: usize = 7;

/// Marks of a logarithmic axis of durations, in seconds.
const LOG_MARKS: [f64; 20] = [
    1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 60.0, 600.0, 3600.0, 36_000.0,
    86_400.0, 864_000.0, 8.64e6, 8.64e7, 8.64e8,
];

/// How values spread along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spacing {
    /// Equal differences are equally long.
    Linear,
    /// Equal ratios are equally long.
    Logarithmic,
}

/// A marked place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    /// Where along the axis.
    pub(crate) fraction: f64,
    /// What to write there.
    pub(crate) label: String,
}

/// An axis with its marks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) spacing: Spacing,
    pub(crate) marks: Vec<Mark>,
}

impl Axis {
    /// An upright axis for values from `low` to `high`; it takes in zero and ends at a mark.
    pub(crate) fn of_values(unit: Unit, low: f64, high: f64) -> Self {
        let low = if low.is_finite() { low.min(0.0) } else { 0.0 };
        let high = if high.is_finite() { high.max(0.0) } else { 0.0 };
        let high = if high > low { high } else { low + 1.0 };
        let step = round_step(unit, (high - low) / (VALUE_TICKS - 1) as f64);
        let (low, high) = (
            (low / step + 1e-9).floor() * step,
            (high / step - 1e-9).ceil() * step,
        );
        let ticks = Ticks::between(unit, low, high, VALUE_TICKS);
        let labels = ticks.labels(unit);
        Self::linear(low, high, ticks.values.into_iter().zip(labels))
    }

    /// A level axis of simulated time from the origin.
    pub(crate) fn of_clock(end_secs: f64) -> Self {
        let end = if end_secs > 0.0 && end_secs.is_finite() {
            end_secs
        } else {
            1.0
        };
        let ticks = Ticks::between(Unit::Seconds, 0.0, end, CLOCK_TICKS);
        let labels = ticks.clock_labels();
        Self::linear(0.0, end, ticks.values.into_iter().zip(labels))
    }

    /// A level axis of durations in seconds, both ends as given.
    pub(crate) fn of_durations(low: f64, high: f64) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        let ticks = Ticks::between(Unit::Seconds, low, high, DURATION_TICKS);
        let labels = ticks.labels(Unit::Seconds);
        Self::linear(low, high, ticks.values.into_iter().zip(labels))
    }

    /// A level logarithmic axis of durations in seconds, both ends as given and above zero.
    pub(crate) fn of_log_durations(low: f64, high: f64) -> Self {
        let mut axis = Self {
            low,
            high,
            spacing: Spacing::Logarithmic,
            marks: Vec::new(),
        };
        let inside: Vec<f64> = LOG_MARKS
            .into_iter()
            .filter(|mark| *mark >= low && *mark <= high)
            .collect();
        let every = inside.len().div_ceil(DURATION_TICKS).max(1);
        axis.marks = inside
            .into_iter()
            .step_by(every)
            .map(|value| Mark {
                fraction: axis.fraction(value),
                label: duration(value),
            })
            .collect();
        axis
    }

    /// A level axis with a mark at each of these places, which are in order; a little longer at both ends.
    pub(crate) fn of_places(places: &[(f64, String)]) -> Self {
        let ends = places.first().zip(places.last());
        let (low, high) = ends.map_or((0.0, 1.0), |(first, last)| (first.0, last.0));
        let margin = if high > low { 0.06 * (high - low) } else { 0.5 };
        let every = places.len().div_ceil(MOST_PLACES).max(1);
        let marks = places.iter().step_by(every).cloned();
        Self::linear(low - margin, high + margin, marks)
    }

    /// An axis for values from `low` to `high`, zero or not; it begins and ends at a mark.
    pub(crate) fn of_range(unit: Unit, low: f64, high: f64) -> Self {
        let is_range = low.is_finite() && high.is_finite() && high > low;
        let (low, high) = if is_range {
            (low, high)
        } else {
            (low - 0.5, low + 0.5)
        };
        if !low.is_finite() || !high.is_finite() {
            return Self::of_values(unit, 0.0, 1.0);
        }
        let step = round_step(unit, (high - low) / (VALUE_TICKS - 1) as f64);
        let (low, high) = (
            (low / step + 1e-9).floor() * step,
            (high / step - 1e-9).ceil() * step,
        );
        let ticks = Ticks::between(unit, low, high, VALUE_TICKS + 2);
        let labels = ticks.labels(unit);
        Self::linear(low, high, ticks.values.into_iter().zip(labels))
    }

    fn linear(low: f64, high: f64, marks: impl Iterator<Item = (f64, String)>) -> Self {
        let mut axis = Self {
            low,
            high,
            spacing: Spacing::Linear,
            marks: Vec::new(),
        };
        axis.marks = marks
            .map(|(value, label)| Mark {
                fraction: axis.fraction(value),
                label,
            })
            .collect();
        axis
    }

    /// Where a value lies.
    pub(crate) fn fraction(&self, value: f64) -> f64 {
        match self.spacing {
            Spacing::Linear => (value - self.low) / (self.high - self.low),
            Spacing::Logarithmic => libm::log(value / self.low) / libm::log(self.high / self.low),
        }
    }

    /// The value at a place.
    pub(crate) fn value(&self, fraction: f64) -> f64 {
        match self.spacing {
            Spacing::Linear => self.low + fraction * (self.high - self.low),
            Spacing::Logarithmic => self.low * libm::pow(self.high / self.low, fraction),
        }
    }

    /// Characters of the longest label.
    pub(crate) fn label_width(&self) -> usize {
        self.marks
            .iter()
            .map(|mark| mark.label.chars().count())
            .max()
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_axis_takes_in_zero_and_ends_at_a_mark() {
        let axis = Axis::of_values(Unit::Number, 3.2, 9.3);
        assert_eq!((axis.low, axis.high), (0.0, 10.0));
        assert_eq!(axis.marks.last().map(|mark| mark.fraction), Some(1.0));
        let axis = Axis::of_values(Unit::Number, -2.5, -1.0);
        assert_eq!((axis.low, axis.high), (-2.5, 0.0));
        assert_eq!(Axis::of_values(Unit::Share, 0.0, 1.0).marks.len(), 6);
    }

    #[test]
    fn an_axis_without_a_range_still_has_a_length() {
        for (low, high) in [(0.0, 0.0), (f64::NAN, f64::NAN), (0.0, f64::INFINITY)] {
            let axis = Axis::of_values(Unit::Seconds, low, high);
            assert!(axis.high > axis.low && axis.marks.len() > 1, "{axis:?}");
        }
        assert!(Axis::of_clock(0.0).high > 0.0);
    }

    #[test]
    fn a_logarithmic_axis_marks_decades_of_time() {
        let axis = Axis::of_log_durations(0.5, 7200.0);
        let labels: Vec<&str> = axis.marks.iter().map(|mark| mark.label.as_str()).collect();
        assert_eq!(labels, ["1 s", "10 s", "60 s", "10 min", "1 h"]);
        assert!((axis.value(axis.fraction(42.0)) - 42.0).abs() < 1e-9);
    }
}
