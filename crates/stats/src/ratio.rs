//! Ratios of two totals over replications: mean wait per customer, share answered in time.
//!
//! Each replication gives a numerator and a denominator (total wait, number of customers). The mean of the
//! per-replication quotients is biased when the denominators vary; the quotient of the totals is the estimator
//! to use, and its error comes from both. Constant memory; merging two tallies equals one pass over both.

use serde::{Deserialize, Serialize};

use crate::Estimate;
use crate::interval::t_half_width;
use crate::tally::{lower, upper};

const DEFAULT_CONFIDENCE: f64 = 0.95;

/// Pairs (numerator, denominator), one a replication, and the estimate of Σ numerator / Σ denominator.
///
/// A replication with a denominator of zero (nobody arrived) counts towards the variance, as it should, but
/// has no quotient of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RatioTally {
    count: u64,
    defined: u64,
    mean_numerator: f64,
    mean_denominator: f64,
    squares_numerator: f64,
    squares_denominator: f64,
    products: f64,
    min: f64,
    max: f64,
}

impl RatioTally {
    /// A tally of no replication.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one replication.
    ///
    /// # Panics
    /// When a value is not finite, or the denominator is negative.
    pub fn record(&mut self, numerator: f64, denominator: f64) {
        assert!(
            numerator.is_finite() && denominator.is_finite() && denominator >= 0.0,
            "a ratio tally records finite pairs with a denominator of zero or more, got {numerator} / {denominator}"
        );
        if denominator > 0.0 {
            self.widen(numerator / denominator, numerator / denominator, 1);
        }
        self.count += 1;
        let count = self.count as f64;
        let delta_numerator = numerator - self.mean_numerator;
        let delta_denominator = denominator - self.mean_denominator;
        self.mean_numerator += delta_numerator / count;
        self.mean_denominator += delta_denominator / count;
        let rest_denominator = denominator - self.mean_denominator;
        self.squares_numerator += delta_numerator * (numerator - self.mean_numerator);
        self.squares_denominator += delta_denominator * rest_denominator;
        self.products += delta_numerator * rest_denominator;
    }

    /// Adds all replications of another tally.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            self.clone_from(other);
            return;
        }
        if other.defined > 0 {
            self.widen(other.min, other.max, other.defined);
        }
        let (ours, theirs) = (self.count as f64, other.count as f64);
        let total = ours + theirs;
        let delta_numerator = other.mean_numerator - self.mean_numerator;
        let delta_denominator = other.mean_denominator - self.mean_denominator;
        let weight = ours * theirs / total;
        self.count += other.count;
        self.mean_numerator += delta_numerator * (theirs / total);
        self.mean_denominator += delta_denominator * (theirs / total);
        self.squares_numerator +=
            other.squares_numerator + delta_numerator * delta_numerator * weight;
        self.squares_denominator +=
            other.squares_denominator + delta_denominator * delta_denominator * weight;
        self.products += other.products + delta_numerator * delta_denominator * weight;
    }

    fn widen(&mut self, min: f64, max: f64, replications: u64) {
        let first = self.defined == 0;
        self.min = if first { min } else { lower(self.min, min) };
        self.max = if first { max } else { upper(self.max, max) };
        self.defined += replications;
    }

    /// Number of replications, with or without a quotient.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Number of replications with a denominator above zero.
    #[must_use]
    pub fn defined_count(&self) -> u64 {
        self.defined
    }

    /// Σ numerator / Σ denominator with its 95 % interval; `None` while every denominator is zero.
    #[must_use]
    pub fn estimate(&self) -> Option<Estimate> {
        self.estimate_at(DEFAULT_CONFIDENCE)
    }

    /// Σ numerator / Σ denominator with an interval of the given confidence; `None` while every denominator
    /// is zero.
    ///
    /// With residuals eᵢ = nᵢ − r·dᵢ over n replications, the variance of r is s²(e) / (n·d̄²) to first order
    /// (the delta method), and the half width takes Student's t with n − 1 degrees of freedom. `count`, `min`
    /// and `max` are those of the quotients nᵢ/dᵢ that exist; the interval needs two of them. Source: Law,
    /// Simulation Modeling and Analysis, section 9.5.3 (ratio estimators of regenerative cycles); Cochran,
    /// Sampling Techniques, section 6.3.
    ///
    /// # Panics
    /// When `confidence` is not strictly between 0 and 1.
    #[must_use]
    pub fn estimate_at(&self, confidence: f64) -> Option<Estimate> {
        if self.defined == 0 {
            return None;
        }
        let ratio = self.mean_numerator / self.mean_denominator;
        let half_width =
            (self.defined >= 2).then(|| t_half_width(self.variance(ratio), self.count, confidence));
        Some(Estimate {
            mean: ratio,
            half_width,
            count: self.defined,
            min: self.min,
            max: self.max,
        })
    }

    /// Variance of the ratio estimator; the residuals sum to zero, so their squares need no centring.
    fn variance(&self, ratio: f64) -> f64 {
        let count = self.count as f64;
        let residual_squares = self.squares_numerator - 2.0 * ratio * self.products
            + ratio * ratio * self.squares_denominator;
        // Rounding alone can take the squares of proportional pairs below zero.
        let sample_variance = upper(0.0, residual_squares) / (count - 1.0);
        sample_variance / count / (self.mean_denominator * self.mean_denominator)
    }
}
