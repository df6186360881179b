//! Quantiles of Student's t distribution.
//!
//! Newton's method on a function whose curvature has one sign, started where it cannot overshoot; a series in
//! 1/df where the degrees of freedom are so many that the distribution is all but normal.

use core::f64::consts::PI;

use crate::incomplete::{HALF_LOG_TWO_PI, beta_tails_with_complement, stirling_error};
use crate::normal_quantile;

const NEARLY_NORMAL_DF: f64 = 1e5;
/// The tail differs from its power law by a factor of 1 − O(df²/t²).
const POWER_LAW_BEYOND: f64 = 1e9;
const MAX_STEPS: u32 = 200;

/// The `t` that a Student variable with `df` degrees of freedom stays below with probability `p`.
///
/// Accurate to about 1 part in 10¹², in both tails too; infinite at 0 and 1. `df` need not be whole.
///
/// # Panics
/// When `p` is not within 0 and 1, or `df` is below 1.
#[must_use]
pub fn student_t_quantile(p: f64, df: f64) -> f64 {
    assert!(
        (0.0..=1.0).contains(&p),
        "a probability is within 0 and 1, got {p}"
    );
    assert!(
        df >= 1.0,
        "Student's t takes 1 degree of freedom or more, got {df}"
    );
    // The smaller of the two tails, and what lies between zero and the quantile: both exact subtractions.
    let tail = if p < 0.5 { p } else { 1.0 - p };
    let central = libm::fabs(p - 0.5);
    let distance = if tail == 0.0 {
        f64::INFINITY
    } else if central == 0.0 {
        0.0
    } else if df == 1.0 {
        if central < 0.25 {
            libm::tan(PI * central)
        } else {
            1.0 / libm::tan(PI * tail)
        }
    } else if df == 2.0 {
        // The product of p and 1 − p, with one factor the tail itself.
        central * libm::sqrt(2.0 / (1.0 - tail)) / libm::sqrt(tail)
    } else if df > NEARLY_NORMAL_DF {
        near_normal(libm::fabs(normal_quantile(tail)), df)
    } else if central < 0.25 {
        central_distance(central, df)
    } else {
        tail_distance(tail, df)
    };
    if p < 0.5 { -distance } else { distance }
}

/// Distance t with probability `central` between 0 and t.
///
/// That probability is concave in t, so Newton's method from below climbs to the root without overshooting;
/// the density being highest at zero, `central` over that height lies below.
fn central_distance(central: f64, df: f64) -> f64 {
    let mut t = central / density(0.0, df);
    for _ in 0..MAX_STEPS {
        let (x, complement) = shares(t, df);
        let reached = 0.5 * beta_tails_with_complement(0.5, 0.5 * df, x, complement).below;
        let step = (central - reached) / density(t, df);
        t += step;
        if libm::fabs(step) <= 4.0 * f64::EPSILON * t {
            break;
        }
    }
    t
}

/// Distance t with probability `tail` beyond t.
///
/// The logarithm of the tail is concave and falling in ln t, so that each Newton step lands on or beyond the
/// root, and the steps after it come back to it monotonically. The power law that bounds the tail from above
/// gives a start beyond the root, and far out is the answer; the near-normal series may give a closer start.
fn tail_distance(tail: f64, df: f64) -> f64 {
    let bound = log_density_factor(df) + 0.5 * (df - 1.0) * libm::log(df) - libm::log(tail);
    let mut t = libm::exp(bound / df);
    if t > POWER_LAW_BEYOND * df {
        return t;
    }
    if df > 30.0 {
        t = t.min(near_normal(libm::fabs(normal_quantile(tail)), df));
    }
    for _ in 0..MAX_STEPS {
        let (x, complement) = shares(t, df);
        let beyond = 0.5 * beta_tails_with_complement(0.5 * df, 0.5, complement, x).below;
        let step = libm::log(beyond / tail) * beyond / (t * density(t, df));
        t *= libm::exp(step);
        if libm::fabs(step) <= 4.0 * f64::EPSILON {
            break;
        }
    }
    t
}

/// t² / (df + t²) and its complement, each to full relative accuracy.
fn shares(t: f64, df: f64) -> (f64, f64) {
    let square = t * t;
    (square / (df + square), df / (df + square))
}

fn density(t: f64, df: f64) -> f64 {
    libm::exp(log_density_factor(df) - 0.5 * (df + 1.0) * libm::log1p(t * t / df))
}

/// ln of Γ((df+1)/2) / (Γ(df/2) √(π df)), the density at zero, for `df` above 1.
///
/// Stirling's formula on both gammas; its leading terms, subtracted by hand, leave −½ ln 2π.
fn log_density_factor(df: f64) -> f64 {
    let half = 0.5 * df;
    let corrections = stirling_error(half - 0.5) - stirling_error(half);
    corrections + (half * libm::log1p(-0.5 / half) + 0.5) - HALF_LOG_TWO_PI
}

/// Expansion of the quantile in powers of 1/df about the normal quantile `z`.
///
/// Source: Abramowitz and Stegun 26.7.5.
fn near_normal(z: f64, df: f64) -> f64 {
    let square = z * z;
    let first = (square + 1.0) * z / 4.0;
    let second = ((5.0 * square + 16.0) * square + 3.0) * z / 96.0;
    let third = (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) * z / 384.0;
    let fourth = ((((79.0 * square + 776.0) * square + 1482.0) * square - 1920.0) * square - 945.0)
        * z
        / 92160.0;
    z + (first + (second + (third + fourth / df) / df) / df) / df
}
