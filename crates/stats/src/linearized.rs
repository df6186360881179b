//! A ratio of two totals as one number a replication, so that whatever is known about means holds for ratios too.
//!
//! With r = Σ numerator / Σ denominator, replication i becomes r + (nᵢ − r·dᵢ) / d̄. These numbers have the mean r,
//! and the variance of their mean is the variance of r to first order (the delta method), so that paired differences,
//! control variates and antithetic pairs of ratios are those of these numbers.

use alloc::vec::Vec;

/// The numbers that stand for the pairs (numerator, denominator); `None` while every denominator is zero.
///
/// Source: the delta method for ratios, Cochran, Sampling Techniques, section 6.3; as pseudo-values, Lavenberg,
/// Moeller and Welch, "Statistical results on control variables with application to queueing network simulation",
/// Operations Research 30 (1982).
#[must_use]
pub fn linearized(pairs: &[(f64, f64)]) -> Option<Vec<f64>> {
    let numerators: f64 = pairs.iter().map(|(numerator, _)| numerator).sum();
    let denominators: f64 = pairs.iter().map(|(_, denominator)| denominator).sum();
    if denominators <= 0.0 {
        return None;
    }
    let ratio = numerators / denominators;
    let mean_denominator = denominators / pairs.len() as f64;
    let stand_in = |(numerator, denominator): &(f64, f64)| {
        // A plain figure stays as it is, to the bit.
        if *denominator == 1.0 && mean_denominator == 1.0 {
            *numerator
        } else {
            ratio + (numerator - ratio * denominator) / mean_denominator
        }
    };
    Some(pairs.iter().map(stand_in).collect())
}
