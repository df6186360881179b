//! Tails that the families of distributions share, beside those of `pluriverse_stats`, on `libm`.

use core::f64::consts::FRAC_1_SQRT_2;

pub(super) use pluriverse_stats::{
    Tails, beta_tails, gamma_tails, normal_tails, poisson_probability,
};

/// 1 / √(2π).
const INVERSE_ROOT_TWO_PI: f64 = 0.398_942_280_401_432_7;
/// √(π/2).
const ROOT_HALF_PI: f64 = 1.253_314_137_315_500_3;

/// Of an exponential of mean 1.
pub(super) fn exponential_tails(x: f64) -> Tails {
    if x <= 0.0 {
        return Tails::ALL_ABOVE;
    }
    Tails {
        below: -libm::expm1(-x),
        above: libm::exp(-x),
    }
}

pub(super) fn normal_density(z: f64) -> f64 {
    INVERSE_ROOT_TWO_PI * libm::exp(-0.5 * z * z)
}

/// The tails at z of a standard normal given that it lies in (from, to], for |from| ≤ to and z in between.
pub(super) fn normal_between(from: f64, z: f64, to: f64) -> Tails {
    let survival = |x: f64| {
        if from > 0.0 {
            // Relative to the density at `from`, which would underflow on its own.
            mills_ratio(x) * libm::exp(-0.5 * (x - from) * (x + from))
        } else {
            normal_tails(x).above
        }
    };
    let [start, here, end] = [from, z, to].map(survival);
    let below = if from > 0.0 {
        start - here
    } else {
        normal_tails(z).below - normal_tails(from).below
    };
    Tails {
        below: (below / (start - end)).clamp(0.0, 1.0),
        above: ((here - end) / (start - end)).clamp(0.0, 1.0),
    }
}

/// (1 − Φ(x)) / φ(x) for x above zero; by Laplace's continued fraction where `erfc` fades.
fn mills_ratio(x: f64) -> f64 {
    if x < 10.0 {
        return ROOT_HALF_PI * libm::erfc(x * FRAC_1_SQRT_2) * libm::exp(0.5 * x * x);
    }
    let mut denominator = x;
    for term in (1..=40).rev() {
        denominator = x + f64::from(term) / denominator;
    }
    1.0 / denominator
}
