//! Where the warm-up of a run ends: Welch's graph for the eye, MSER for a rule.
//!
//! Both look at a series of figures in the order of time. What came before the end of the warm-up is to be left out of
//! measures of the steady state; whether there is a steady state, neither can tell.

use alloc::vec::Vec;

/// Batches that MSER-5 forms: five observations each.
pub const MSER_BATCH: usize = 5;
/// Batches that MSER takes at least; fewer say nothing.
pub const MSER_FEWEST_BATCHES: usize = 10;

/// The mean of several runs at each position, over those that observed something there.
///
/// It ends where the shortest run does, and before the first position at which no run observed anything. Source: Welch,
/// "The statistical analysis of simulation results" (1983); Law, Simulation Modeling and Analysis, section 9.5.1.
#[must_use]
pub fn welch_mean(runs: &[Vec<Option<f64>>]) -> Vec<f64> {
    let length = runs.iter().map(Vec::len).min().unwrap_or(0);
    let mean = |index: usize| {
        let observed = runs.iter().filter_map(|run| run[index]);
        let (sum, count) =
            observed.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        (count > 0.0).then(|| sum / count)
    };
    (0..length).map_while(mean).collect()
}

/// Welch's moving average: over 2·`window` + 1 positions, over as many as there are on either side near the beginning.
///
/// It ends `window` positions before the series does. Source as for [`welch_mean`].
#[must_use]
pub fn moving_average(series: &[f64], window: usize) -> Vec<f64> {
    let length = series.len().saturating_sub(window);
    let at = |index: usize| {
        let reach = window.min(index);
        let around = &series[index - reach..=index + reach];
        around.iter().sum::<f64>() / around.len() as f64
    };
    (0..length).map(at).collect()
}

/// Where to cut a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncation {
    /// So many observations at the beginning belong to the warm-up.
    pub observations: usize,
    /// The squared standard error of what is left, which no other cut makes smaller.
    pub statistic: f64,
    /// Whether less than half of the series is cut; else the series is too short to tell.
    pub is_reliable: bool,
}

/// The cut that leaves the least standard error of the mean, over batches of `batch` observations (5 in MSER-5).
///
/// No more than half is cut: a few batches at the end may agree by chance. `None` for fewer than ten batches. What does not fill a batch at the end is not looked at. Source: White, "An
/// effective truncation heuristic for bias reduction in simulation output", Simulation 69 (1997); White, Cobb and
/// Spratt, "A comparison of five steady-state truncation heuristics for simulation", WSC (2000).
///
/// # Panics
/// When `batch` is zero.
#[must_use]
pub fn mser(series: &[f64], batch: usize) -> Option<Truncation> {
    assert!(batch > 0, "a batch holds at least one observation");
    let means: Vec<f64> = series
        .chunks_exact(batch)
        .map(|chunk| chunk.iter().sum::<f64>() / batch as f64)
        .collect();
    let count = means.len();
    if count < MSER_FEWEST_BATCHES {
        return None;
    }
    // From the end to the beginning, by Welford's recurrence: what is kept grows by one batch at a time.
    let (mut kept, mut mean, mut squares) = (0.0, 0.0, 0.0);
    let mut best: Option<(usize, f64)> = None;
    for index in (0..count).rev() {
        kept += 1.0;
        let delta = means[index] - mean;
        mean += delta / kept;
        squares += delta * (means[index] - mean);
        let statistic = squares / (kept * kept);
        // Of equals the one that cuts less.
        let is_better = best.is_none_or(|(_, least)| statistic <= least);
        if 2 * index <= count && is_better {
            best = Some((index, statistic));
        }
    }
    best.map(|(cut, statistic)| Truncation {
        observations: cut * batch,
        statistic,
        is_reliable: 2 * cut < count - 1,
    })
}
