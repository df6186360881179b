//! An interval for the mean of one long run, from the means of batches of consecutive observations.
//!
//! Observations within a run depend on each other; means of batches do so less, the longer the batches are. There are so
//! few batches that each is long; what correlation is left between neighbours, and what skewness, goes into the interval.
//! A test says whether the run is long enough for all this. It leaves out the warm-up of the run, see [`mser`](crate::mser).

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{Estimate, Tally, normal_quantile, student_t_quantile};

/// Batches that a run is cut into; up to twice as many where it has few observations. More make the interval hardly
/// narrower and depend on each other more. Source: Schmeiser, "Batch size effects in the analysis of simulation output",
/// Operations Research 30 (1982).
const BATCHES: usize = 32;
/// Observations that batch means take at least: one for each batch.
pub const BATCH_MEANS_FEWEST: usize = BATCHES;
/// Batches that are put to the test of independence: half as long as those of the interval, which is then safe from what
/// the test does not see.
const TESTED_BATCHES: usize = 2 * BATCHES;
/// Share of independent series that the test takes for dependent.
const SIGNIFICANCE: f64 = 0.1;
/// Below this the correction for skewness is lost in rounding.
const NEGLIGIBLE_SKEWNESS: f64 = 1e-6;

/// What batches of one run say about its mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchMeans {
    /// The mean; `count` is the number of batches, and the half width reaches to the farther end of the interval.
    pub estimate: Estimate,
    /// Lower end of the interval; it need not be as far from the mean as the upper one.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Observations in a batch.
    pub batch_size: usize,
    /// Whether batches of half this size pass the test of independence; else the run is too short for the interval.
    pub is_independent: bool,
}

impl BatchMeans {
    /// Whether the interval holds `value`; the ends belong to it.
    #[must_use]
    pub fn covers(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// The mean of a series in the order of time, with an interval of the given confidence.
///
/// `None` for fewer than 32 observations. Those that do not fill a batch are left out at the beginning.
///
/// Source: Tafazzoli, Wilson, Lada and Steiger, "Performance of Skart: a skewness- and autoregression-adjusted batch means
/// procedure for simulation analysis", INFORMS Journal on Computing 23 (2011). As there, the variance of the mean is that
/// of the batches times (1 + φ)/(1 − φ) for a correlation φ of neighbours; batches with one between them as a spacer give
/// the degrees of freedom and the skewness, by which Student's quantiles are transformed (Willink, "A confidence interval
/// and test for the mean of an asymmetric distribution", Communications in Statistics 34 (2005)). Unlike there, the length
/// of the run is given, so the number of batches is, too; a negative φ counts as none, which is on the safe side; and von
/// Neumann's ratio (Fishman, "Grouping observations in digital simulation", Management Science 24 (1978)) says whether the
/// run was long enough.
///
/// # Panics
/// When `confidence` is not strictly between 0 and 1.
#[must_use]
pub fn batch_means(series: &[f64], confidence: f64) -> Option<BatchMeans> {
    assert!(
        confidence > 0.0 && confidence < 1.0,
        "a confidence lies strictly between 0 and 1, got {confidence}"
    );
    if series.len() < BATCH_MEANS_FEWEST {
        return None;
    }
    let batch_size = series.len() / BATCHES;
    let means = means_of_batches(series, batch_size);
    let spaced: Vec<f64> = means.iter().skip(1).step_by(2).copied().collect();
    let tally: Tally = means.iter().copied().collect();
    let correlation = neighbours_correlation(&means).max(0.0);
    let inflation = (1.0 + correlation) / (1.0 - correlation);
    let error = libm::sqrt(inflation * tally.variance() / means.len() as f64);
    let quantile = student_t_quantile(0.5 + 0.5 * confidence, spaced.len() as f64 - 1.0);
    let skewness = skewness_of_mean(&spaced);
    let below = error * with_skewness(quantile, skewness);
    let above = -error * with_skewness(-quantile, skewness);
    Some(BatchMeans {
        estimate: Estimate {
            mean: tally.mean(),
            half_width: Some(below.max(above)),
            count: tally.count(),
            min: tally.min(),
            max: tally.max(),
        },
        low: tally.mean() - below,
        high: tally.mean() + above,
        batch_size,
        is_independent: looks_independent(&means_of_batches(
            series,
            (series.len() / TESTED_BATCHES).max(1),
        )),
    })
}

/// As many batches as there are, the last one at the end of the series.
fn means_of_batches(series: &[f64], size: usize) -> Vec<f64> {
    series[series.len() % size..]
        .chunks_exact(size)
        .map(|batch| batch.iter().sum::<f64>() / size as f64)
        .collect()
}

/// Values less their mean, and the sum of their squares.
fn centred(values: &[f64]) -> (Vec<f64>, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let squares = centred.iter().map(|value| value * value).sum();
    (centred, squares)
}

/// Correlation of each value with the next one; none where nothing varies.
fn neighbours_correlation(values: &[f64]) -> f64 {
    let (centred, squares) = centred(values);
    if squares == 0.0 {
        return 0.0;
    }
    let products = centred.windows(2).map(|pair| pair[0] * pair[1]);
    products.sum::<f64>() / squares
}

/// A sixth of the skewness of the mean of independent values, as Willink writes it; none where nothing varies.
fn skewness_of_mean(values: &[f64]) -> f64 {
    let (centred, squares) = centred(values);
    if squares == 0.0 {
        return 0.0;
    }
    let count = values.len() as f64;
    let cubes: f64 = centred.iter().map(|value| value * value * value).sum();
    let third_moment = count * cubes / ((count - 1.0) * (count - 2.0));
    let variance = squares / (count - 1.0);
    third_moment / (variance * libm::sqrt(variance)) / (6.0 * libm::sqrt(count))
}

/// Student's quantile for a mean of this skewness (as [`skewness_of_mean`] gives it): Willink's transform.
fn with_skewness(quantile: f64, skewness: f64) -> f64 {
    if libm::fabs(skewness) < NEGLIGIBLE_SKEWNESS {
        return quantile;
    }
    (libm::cbrt(1.0 + 6.0 * skewness * (quantile - skewness)) - 1.0) / (2.0 * skewness)
}

/// Whether von Neumann's ratio, as an estimate of the correlation of neighbours, is no larger than chance makes it.
fn looks_independent(means: &[f64]) -> bool {
    let count = means.len() as f64;
    let (_, squares) = centred(means);
    if squares == 0.0 {
        return true;
    }
    let steps = means.windows(2).map(|pair| pair[1] - pair[0]);
    let correlation = 1.0 - steps.map(|step| step * step).sum::<f64>() / (2.0 * squares);
    let deviation = libm::sqrt((count - 2.0) / (count * count - 1.0));
    correlation <= normal_quantile(1.0 - SIGNIFICANCE) * deviation
}
