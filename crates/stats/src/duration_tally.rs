//! Exact tally of durations in whole nanoseconds: the accumulator of the hot path.
//!
//! Everything is an integer, so the result does not depend on the order of observations or of merges, and is
//! the same on every machine. Keeps no second moment: the variance that an interval needs is the one between
//! replications, which [`Tally`](crate::Tally) and [`RatioTally`](crate::RatioTally) hold.

use serde::{Deserialize, Serialize};

const NANOS_PER_SEC: f64 = 1e9;

/// Count, exact sum and extremes of durations in nanoseconds; negative ones (an earliness, say) are allowed.
///
/// The sum cannot overflow: 2⁶⁴ observations of 2⁶³ nanoseconds fit in `i128`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DurationTally {
    count: u64,
    sum: i128,
    min: i64,
    max: i64,
}

impl Default for DurationTally {
    fn default() -> Self {
        Self::new()
    }
}

impl DurationTally {
    /// A tally of nothing.
    #[must_use]
    pub const fn new() -> Self {
        // The extremes start at the neutral elements of min and max, so that `record` does not branch.
        Self {
            count: 0,
            sum: 0,
            min: i64::MAX,
            max: i64::MIN,
        }
    }

    /// Adds one duration, in nanoseconds.
    #[inline]
    pub fn record(&mut self, nanos: i64) {
        self.count += 1;
        self.sum += i128::from(nanos);
        self.min = self.min.min(nanos);
        self.max = self.max.max(nanos);
    }

    /// Adds all observations of another tally.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Number of observations.
    #[inline]
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether nothing has been recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Exact sum in nanoseconds.
    #[inline]
    #[must_use]
    pub fn sum(&self) -> i128 {
        self.sum
    }

    /// Sum in seconds.
    #[must_use]
    pub fn sum_secs(&self) -> f64 {
        self.sum as f64 / NANOS_PER_SEC
    }

    /// Mean in seconds; NaN when empty.
    #[must_use]
    pub fn mean_secs(&self) -> f64 {
        if self.count == 0 {
            return f64::NAN;
        }
        self.sum as f64 / self.count as f64 / NANOS_PER_SEC
    }

    /// Shortest duration in nanoseconds, when there is one.
    #[must_use]
    pub fn min(&self) -> Option<i64> {
        (self.count > 0).then_some(self.min)
    }

    /// Longest duration in nanoseconds, when there is one.
    #[must_use]
    pub fn max(&self) -> Option<i64> {
        (self.count > 0).then_some(self.max)
    }

    /// Forgets all observations.
    pub fn clear(&mut self) {
        *self = Self::new();
    }
}
