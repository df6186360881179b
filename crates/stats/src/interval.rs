//! Point estimates with confidence intervals, from independent replications.
//!
//! An interval is Student's, with one degree of freedom less than there are replications. Observations within
//! one run are correlated and must not be fed in directly: record one value a replication (or a batch).

use serde::{Deserialize, Serialize};

use crate::{Tally, student_t_quantile};

/// An estimate over replications, its confidence interval, and the range the replications spanned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The point estimate.
    pub mean: f64,
    /// Half the width of the interval about `mean`; `None` when fewer than two replications allow none.
    pub half_width: Option<f64>,
    /// Number of replications that contributed.
    pub count: u64,
    /// Smallest value of a replication.
    pub min: f64,
    /// Largest value of a replication.
    pub max: f64,
}

impl Estimate {
    /// Ends of the interval, when there is one.
    #[must_use]
    pub fn bounds(&self) -> Option<(f64, f64)> {
        self.half_width
            .map(|half| (self.mean - half, self.mean + half))
    }

    /// Whether the interval exists and holds `value`; the ends belong to it.
    #[must_use]
    pub fn covers(&self, value: f64) -> bool {
        self.bounds()
            .is_some_and(|(low, high)| low <= value && value <= high)
    }

    /// Half width over the size of the mean: the usual stopping criterion. `None` without an interval, or
    /// about a mean of zero with a width.
    #[must_use]
    pub fn relative_half_width(&self) -> Option<f64> {
        match self.half_width {
            Some(0.0) => Some(0.0),
            Some(half) if self.mean != 0.0 => Some(half / libm::fabs(self.mean)),
            _ => None,
        }
    }
}

/// Mean of the replications in `tally` with its Student t interval; `None` when the tally is empty.
///
/// `confidence` is the coverage aimed at, 0.95 say. The half width is t · s / √n.
///
/// # Panics
/// When `confidence` is not strictly between 0 and 1.
#[must_use]
pub fn mean_interval(tally: &Tally, confidence: f64) -> Option<Estimate> {
    if tally.is_empty() {
        return None;
    }
    let count = tally.count() as f64;
    let half_width = (tally.count() >= 2)
        .then(|| t_half_width(tally.variance() / count, tally.count(), confidence));
    Some(Estimate {
        mean: tally.mean(),
        half_width,
        count: tally.count(),
        min: tally.min(),
        max: tally.max(),
    })
}

/// Half width for an estimate of the given variance out of `replications`, at least two.
pub(crate) fn t_half_width(variance: f64, replications: u64, confidence: f64) -> f64 {
    t_half_width_of(variance, replications as f64 - 1.0, confidence)
}

/// Half width for an estimate of the given variance, which was estimated with so many degrees of freedom.
pub(crate) fn t_half_width_of(variance: f64, degrees: f64, confidence: f64) -> f64 {
    assert!(
        confidence > 0.0 && confidence < 1.0,
        "a confidence lies strictly between 0 and 1, got {confidence}"
    );
    student_t_quantile(0.5 + 0.5 * confidence, degrees) * libm::sqrt(variance)
}
