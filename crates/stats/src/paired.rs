//! The difference of two alternatives that were run with the same random numbers.
//!
//! Replication i of one is compared with replication i of the other. What chance does to both alike cancels, so the
//! interval is narrower the more the two move together; it is valid whether they do or not.

use serde::{Deserialize, Serialize};

use crate::{Estimate, Tally, linearized, mean_interval};

/// A difference, and how much the pairing was worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    /// Of the second from the first, with its interval.
    pub difference: Estimate,
    /// Correlation of the two over the replications; `None` where one does not vary.
    pub correlation: Option<f64>,
}

/// `second` − `first` for replications in the same order, each as (numerator, denominator).
///
/// Student's interval on the differences of the linearised ratios. `None` when one of them was never observed. Source:
/// Law, Simulation Modeling and Analysis, section 10.2.1 (the paired-t confidence interval).
///
/// # Panics
/// When there are not as many of one as of the other, or `confidence` is not strictly between 0 and 1.
#[must_use]
pub fn paired_difference(
    first: &[(f64, f64)],
    second: &[(f64, f64)],
    confidence: f64,
) -> Option<Paired> {
    assert_eq!(
        first.len(),
        second.len(),
        "each replication of one has its partner in the other"
    );
    let (first, second) = (linearized(first)?, linearized(second)?);
    let differences: Tally = first
        .iter()
        .zip(&second)
        .map(|(first, second)| second - first)
        .collect();
    Some(Paired {
        difference: mean_interval(&differences, confidence)?,
        correlation: correlation(&first, &second),
    })
}

fn correlation(first: &[f64], second: &[f64]) -> Option<f64> {
    let count = first.len() as f64;
    let (mean_first, mean_second) = (
        first.iter().sum::<f64>() / count,
        second.iter().sum::<f64>() / count,
    );
    let (mut squares_first, mut squares_second, mut products) = (0.0, 0.0, 0.0);
    for (first, second) in first.iter().zip(second) {
        let (first, second) = (first - mean_first, second - mean_second);
        squares_first += first * first;
        squares_second += second * second;
        products += first * second;
    }
    let size = libm::sqrt(squares_first * squares_second);
    (size > 0.0).then(|| (products / size).clamp(-1.0, 1.0))
}
