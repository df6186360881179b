//! An interval for the mean of one long run, from the means of batches of consecutive observations.
//!
//! Observations within a run depend on each other; means of batches do so less, the longer the batches are. Batches are
//! made longer until they pass a test of independence, and where none do, that is said.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{Estimate, Tally, mean_interval, normal_quantile};

/// Batches to begin with.
const MOST_BATCHES: usize = 512;
/// Fewer batches make the interval wide for no gain in validity. Source: Schmeiser, "Batch size effects in the analysis
/// of simulation output", Operations Research 30 (1982).
const FEWEST_BATCHES: usize = 16;
/// Batches that the interval takes at most: where more would pass the test, longer ones are safer and hardly wider.
const ENOUGH_BATCHES: usize = 32;
/// Share of independent series that the test takes for dependent.
const SIGNIFICANCE: f64 = 0.1;

/// What batches of one run say about its mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchMeans {
    /// The mean with its interval; `count` is the number of batches.
    pub estimate: Estimate,
    /// Observations in a batch.
    pub batch_size: usize,
    /// Whether the batches pass the test of independence; the interval is to be trusted only then.
    pub is_independent: bool,
}

/// The mean of a series in the order of time, with an interval of the given confidence.
///
/// `None` for fewer than 32 observations. Those that do not fill a batch are left out at the beginning. Source: Fishman,
/// "Grouping observations in digital simulation", Management Science 24 (1978): the size of the batches doubles until
/// von Neumann's ratio no longer tells them from independent ones.
///
/// # Panics
/// When `confidence` is not strictly between 0 and 1.
#[must_use]
pub fn batch_means(series: &[f64], confidence: f64) -> Option<BatchMeans> {
    if series.len() < 2 * FEWEST_BATCHES {
        return None;
    }
    let mut count = FEWEST_BATCHES;
    while count * 2 <= series.len().min(MOST_BATCHES) {
        count *= 2;
    }
    let mut batch_size = series.len() / count;
    let unused = series.len() - batch_size * count;
    let mut means: Vec<f64> = series[unused..]
        .chunks_exact(batch_size)
        .map(|chunk| chunk.iter().sum::<f64>() / batch_size as f64)
        .collect();
    let mut is_independent = looks_independent(&means);
    while means.len() / 2 >= FEWEST_BATCHES && !(is_independent && means.len() <= ENOUGH_BATCHES) {
        means = means
            .chunks_exact(2)
            .map(|pair| 0.5 * (pair[0] + pair[1]))
            .collect();
        batch_size *= 2;
        is_independent = looks_independent(&means);
    }
    let tally: Tally = means.into_iter().collect();
    Some(BatchMeans {
        estimate: mean_interval(&tally, confidence)?,
        batch_size,
        is_independent,
    })
}

/// Whether von Neumann's ratio, as an estimate of the correlation of neighbours, is no larger than chance makes it.
fn looks_independent(means: &[f64]) -> bool {
    let count = means.len() as f64;
    let mean = means.iter().sum::<f64>() / count;
    let squares: f64 = means
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    if squares == 0.0 {
        return true;
    }
    let steps = means.windows(2).map(|pair| pair[1] - pair[0]);
    let correlation = 1.0 - steps.map(|step| step * step).sum::<f64>() / (2.0 * squares);
    let deviation = libm::sqrt((count - 2.0) / (count * count - 1.0));
    correlation <= normal_quantile(1.0 - SIGNIFICANCE) * deviation
}
