//! Count, mean, variance and extremes of a stream of floating-point observations, in constant memory.
//!
//! Moments are kept about the running mean (Welford), so that a small variance on a large mean survives, and
//! two tallies merge into what one pass over both streams gives, up to rounding. Keeps no observations: for
//! quantiles see [`Histogram`](crate::Histogram), for whole nanoseconds [`DurationTally`](crate::DurationTally).

use serde::{Deserialize, Serialize};

/// Running count, mean, variance, sum and extremes of finite observations.
///
/// A float answer is NaN while there is nothing to answer from: the mean and the extremes of no observation,
/// the variance of fewer than two. Source: Welford (1962); merging by Chan, Golub and LeVeque (1979).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    count: u64,
    mean: f64,
    squares: f64,
    sum: f64,
    min: f64,
    max: f64,
}

impl Tally {
    /// A tally of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one observation.
    ///
    /// # Panics
    /// When `value` is NaN or infinite: one such value would silently erase all the others.
    #[inline]
    pub fn record(&mut self, value: f64) {
        assert!(
            value.is_finite(),
            "a tally records finite values, got {value}"
        );
        if self.count == 0 {
            self.min = value;
            self.max = value;
        } else {
            self.min = lower(self.min, value);
            self.max = upper(self.max, value);
        }
        self.count += 1;
        self.sum += value;
        let delta = value - self.mean;
        self.mean += delta / self.count as f64;
        self.squares += delta * (value - self.mean);
    }

    /// Adds all observations of another tally.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            self.clone_from(other);
            return;
        }
        let (ours, theirs) = (self.count as f64, other.count as f64);
        let total = ours + theirs;
        let delta = other.mean - self.mean;
        self.count += other.count;
        self.mean += delta * (theirs / total);
        self.squares += other.squares + delta * delta * (ours * theirs / total);
        self.sum += other.sum;
        self.min = lower(self.min, other.min);
        self.max = upper(self.max, other.max);
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

    /// Arithmetic mean; NaN when empty.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.when(1, self.mean)
    }

    /// Sample variance, with n − 1 in the denominator; NaN below two observations.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.when(2, self.squares / (self.count as f64 - 1.0))
    }

    /// Square root of the sample variance; NaN below two observations.
    #[must_use]
    pub fn std_dev(&self) -> f64 {
        libm::sqrt(self.variance())
    }

    /// Smallest observation; NaN when empty.
    #[must_use]
    pub fn min(&self) -> f64 {
        self.when(1, self.min)
    }

    /// Largest observation; NaN when empty.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.when(1, self.max)
    }

    /// Sum of the observations, zero when empty; exact for whole numbers while it stays below 2⁵³.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum
    }

    fn when(&self, needed: u64, value: f64) -> f64 {
        if self.count >= needed {
            value
        } else {
            f64::NAN
        }
    }
}

/// The lower of two numbers, the first when they are equal: `f64::min` leaves the sign of a zero to the target.
#[inline]
pub(crate) fn lower(first: f64, second: f64) -> f64 {
    if second < first { second } else { first }
}

/// The higher of two numbers, the first when they are equal.
#[inline]
pub(crate) fn upper(first: f64, second: f64) -> f64 {
    if second > first { second } else { first }
}

impl Extend<f64> for Tally {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        for value in values {
            self.record(value);
        }
    }
}

impl FromIterator<f64> for Tally {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut tally = Self::new();
        tally.extend(values);
        tally
    }
}
