//! Ranking and selection: constants and rules by which few replications tell the best of several alternatives.
//!
//! Everything here judges normal observations with variances that are not known. Who runs what, and in which order,
//! is left to the caller.

use alloc::vec::Vec;

use crate::normal_cdf;

/// η of the fully sequential procedures with c = 1: ½ ((2β)^(−2/(n₀−1)) − 1).
///
/// `error` is β, what one comparison may err with: α/(k−1) for the best of k with common random numbers. `first_stage` is
/// n₀, from which the variances are estimated. Source: Kim and Nelson, "A fully sequential procedure for
/// indifference-zone selection in simulation", ACM TOMACS 11 (2001), equation (1) with c = 1.
///
/// # Panics
/// When `error` is not strictly between 0 and ½, or `first_stage` is below 2.
#[must_use]
pub fn kim_nelson_eta(error: f64, first_stage: u64) -> f64 {
    assert!(
        error > 0.0 && error < 0.5,
        "a comparison errs with a probability strictly between 0 and 1/2, got {error}"
    );
    assert!(
        first_stage >= 2,
        "a first stage has 2 replications or more, got {first_stage}"
    );
    let degrees = first_stage as f64 - 1.0;
    0.5 * (libm::pow(2.0 * error, -2.0 / degrees) - 1.0)
}

/// h² = 2η(n₀ − 1), by which a variance over a squared indifference becomes a number of replications.
///
/// Source and panics as for [`kim_nelson_eta`].
#[must_use]
pub fn kim_nelson_h_squared(error: f64, first_stage: u64) -> f64 {
    2.0 * kim_nelson_eta(error, first_stage) * (first_stage as f64 - 1.0)
}

/// How far the sum of `count` observations (or differences) may be from zero before something is decided:
/// max(0, h²S²/(2δ) − δ·count/2).
///
/// The same boundary decides which of two alternatives is worse (Kim and Nelson 2001, W(r) times r) and on which side of
/// a limit a mean lies (Andradóttir and Kim, "Fully sequential procedures for comparing constrained systems via
/// simulation", Naval Research Logistics 57 (2010), procedure F). `indifference` is δ: a difference that does not matter.
#[must_use]
pub fn continuation(h_squared: f64, variance: f64, indifference: f64, count: u64) -> f64 {
    let reach = h_squared * variance / (2.0 * indifference) - 0.5 * indifference * count as f64;
    if reach > 0.0 { reach } else { 0.0 }
}

/// Rinott's constant h for the best of `alternatives`, found with probability `confidence`.
///
/// Each alternative takes max(n₀, ⌈h²S²/δ²⌉) replications. Solved from the double integral over two chi-square variables
/// with n₀ − 1 degrees of freedom, to about 1 part in 10⁶. Source: Rinott, "On two-stage selection procedures and related
/// probability-inequalities", Communications in Statistics A7 (1978).
///
/// # Panics
/// When there are fewer than 2 alternatives, `first_stage` is not within 3 and 10,000, or `confidence` is not strictly between
/// 1/`alternatives` and 1.
#[must_use]
pub fn rinott_h(alternatives: u64, confidence: f64, first_stage: u64) -> f64 {
    assert!(alternatives >= 2, "a choice is among 2 or more");
    assert!(
        (3..=10_000).contains(&first_stage),
        "a first stage has 3 to 10,000 replications, got {first_stage}"
    );
    assert!(
        confidence > 1.0 / alternatives as f64 && confidence < 1.0,
        "a confidence lies between that of a guess and 1, got {confidence}"
    );
    let nodes = chi_square_nodes(first_stage as f64 - 1.0);
    let others = alternatives as f64 - 1.0;
    let reached = |h: f64| -> f64 {
        let of_best = |(best, weight): &(f64, f64)| {
            let inner = nodes.iter().map(|(other, weight)| {
                weight
                    * normal_cdf(
                        h / libm::sqrt((first_stage as f64 - 1.0) * (1.0 / best + 1.0 / other)),
                    )
            });
            weight * libm::pow(inner.sum::<f64>(), others)
        };
        nodes.iter().map(of_best).sum()
    };
    let (mut low, mut high) = (0.0, 1.0);
    while reached(high) < confidence {
        low = high;
        high *= 2.0;
    }
    while high - low > 1e-9 * high {
        let middle = 0.5 * (low + high);
        if reached(middle) < confidence {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// Points and weights of an integral against the density of chi-square with `degrees` degrees of freedom.
///
/// Simpson's rule in the logarithm of the variable, where the density is smooth down to zero; weights sum to 1.
fn chi_square_nodes(degrees: f64) -> Vec<(f64, f64)> {
    const STEPS: usize = 120;
    const REACH: f64 = 9.0;
    // ln of a chi-square has about this standard deviation.
    let deviation = libm::sqrt(2.0 / degrees) * (1.0 + 1.0 / degrees);
    let (from, to) = (
        libm::log(degrees) - REACH * deviation * (1.0 + 2.0 / degrees),
        libm::log(degrees) + REACH * deviation,
    );
    let step = (to - from) / STEPS as f64;
    let half = 0.5 * degrees;
    let peak = half * libm::log(degrees) - half;
    let mut nodes: Vec<(f64, f64)> = (0..=STEPS)
        .map(|index| {
            let log_x = from + step * index as f64;
            let x = libm::exp(log_x);
            let simpson = match index {
                0 | STEPS => 1.0,
                odd if odd % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let density = libm::exp(half * log_x - 0.5 * x - peak);
            (x, simpson * step / 3.0 * density)
        })
        .collect();
    let total: f64 = nodes.iter().map(|(_, weight)| weight).sum();
    for (_, weight) in &mut nodes {
        *weight /= total;
    }
    nodes
}

/// How a budget of `total` replications is best shared out to find the alternative with the smallest mean.
///
/// Alternatives close to the best, and noisy ones, get more: Nᵢ/Nⱼ = (σᵢ/δᵢ)²/(σⱼ/δⱼ)² for all but the best, which gets
/// σ_b √(Σ Nᵢ²/σᵢ²). The shares are fractions of a replication; they sum to `total`. Source: Chen, Lin, Yücesan and Chick,
/// "Simulation budget allocation for further enhancing the efficiency of ordinal optimization", Discrete Event Dynamic
/// Systems 10 (2000), theorem 1.
///
/// # Panics
/// When there are no alternatives, or not as many variances as means.
#[must_use]
pub fn ocba_shares(means: &[f64], variances: &[f64], total: f64) -> Vec<f64> {
    assert!(!means.is_empty(), "there is something to share out to");
    assert_eq!(means.len(), variances.len(), "each mean has its variance");
    let best = smallest(means);
    let scale = means.iter().fold(0.0_f64, |scale, mean| {
        scale.max(libm::fabs(mean - means[best]))
    });
    // Equal means and variances of zero get a share that is finite and large, or small.
    let least_gap = if scale > 0.0 { 1e-6 * scale } else { 1.0 };
    let most = variances
        .iter()
        .fold(0.0_f64, |most, variance| most.max(*variance));
    let least_variance = if most > 0.0 { 1e-9 * most } else { 1.0 };
    let variance = |index: usize| variances[index].max(least_variance);
    let mut shares: Vec<f64> = (0..means.len())
        .map(|index| {
            let gap = libm::fabs(means[index] - means[best]).max(least_gap);
            variance(index) / (gap * gap)
        })
        .collect();
    let of_others: f64 = (0..means.len())
        .filter(|index| *index != best)
        .map(|index| shares[index] * shares[index] / variance(index))
        .sum();
    shares[best] = if means.len() == 1 {
        1.0
    } else {
        libm::sqrt(variance(best) * of_others)
    };
    let sum: f64 = shares.iter().sum();
    shares.iter().map(|share| share / sum * total).collect()
}

/// A lower bound of the probability that the smallest of these means belongs to the best alternative, were the means and
/// variances the true ones: 1 − Σ P(N(mean difference) > 0).
///
/// Source as for [`ocba_shares`], equation (4). It is an estimate, no guarantee.
///
/// # Panics
/// As [`ocba_shares`].
#[must_use]
pub fn approximate_selection_probability(means: &[f64], variances: &[f64], counts: &[u64]) -> f64 {
    let best = smallest(means);
    let error = |index: usize| variances[index] / counts[index] as f64;
    let wrong: f64 = (0..means.len())
        .filter(|index| *index != best)
        .map(|index| {
            let deviation = libm::sqrt(error(best) + error(index));
            let gap = means[index] - means[best];
            match (gap > 0.0, deviation > 0.0) {
                (true, true) => normal_cdf(-gap / deviation),
                (true, false) => 0.0,
                (false, _) => 0.5,
            }
        })
        .sum();
    (1.0 - wrong).max(0.0)
}

/// The first index of the smallest value.
fn smallest(values: &[f64]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value < values[best] {
            best = index;
        }
    }
    best
}
