//! Special functions behind the distribution functions, on `libm`.
//!
//! Densities go through Loader's deviance form, which keeps its precision where logarithms of gamma functions
//! of large shapes would cancel. Source: Loader, "Fast and accurate computation of binomial probabilities"
//! (2000).

use core::f64::consts::{FRAC_1_SQRT_2, PI};

/// 1 / √(2π).
const INVERSE_ROOT_TWO_PI: f64 = 0.398_942_280_401_432_7;
/// √(π/2).
const ROOT_HALF_PI: f64 = 1.253_314_137_315_500_3;
/// ln √(2π).
const LOG_ROOT_TWO_PI: f64 = 0.918_938_533_204_672_8;
/// Stands for a zero denominator in Lentz's method.
const TINY: f64 = 1e-300;

/// The probabilities on both sides of a point. Each is exact on its own: one minus the other would lose the
/// small one.
#[derive(Clone, Copy)]
pub(super) struct Tails {
    /// P(X ≤ x).
    pub(super) below: f64,
    /// P(X > x).
    pub(super) above: f64,
}

impl Tails {
    pub(super) const ALL_ABOVE: Self = Self {
        below: 0.0,
        above: 1.0,
    };
    pub(super) const ALL_BELOW: Self = Self {
        below: 1.0,
        above: 0.0,
    };

    pub(super) fn from_below(below: f64) -> Self {
        Self {
            below,
            above: 1.0 - below,
        }
    }

    pub(super) fn swapped(self) -> Self {
        Self {
            below: self.above,
            above: self.below,
        }
    }

    /// Of a mixture, from probability and tails of each component.
    pub(super) fn mixed(components: impl Iterator<Item = (f64, Self)>) -> Self {
        let sum = components.fold([0.0, 0.0], |[below, above], (p, tails)| {
            [below + p * tails.below, above + p * tails.above]
        });
        Self {
            below: sum[0].min(1.0),
            above: sum[1].min(1.0),
        }
    }
}

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

pub(super) fn normal_tails(z: f64) -> Tails {
    Tails {
        below: 0.5 * libm::erfc(-z * FRAC_1_SQRT_2),
        above: 0.5 * libm::erfc(z * FRAC_1_SQRT_2),
    }
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

/// mean^count e^−mean / Γ(count + 1): the Poisson probability, also for a count that is not whole.
pub(super) fn poisson_probability(count: f64, mean: f64) -> f64 {
    if count == 0.0 {
        return libm::exp(-mean);
    }
    if mean == 0.0 {
        return 0.0;
    }
    libm::exp(-stirling_error(count) - deviance(count, mean)) / libm::sqrt(2.0 * PI * count)
}

/// x^a (1 − x)^b Γ(a + b) / (Γ(a) Γ(b)) for x inside (0, 1).
fn beta_kernel(a: f64, b: f64, x: f64) -> f64 {
    let sum = a + b;
    let exponent = stirling_error(sum)
        - stirling_error(a)
        - stirling_error(b)
        - deviance(a, sum * x)
        - deviance(b, sum * (1.0 - x));
    libm::exp(exponent) * libm::sqrt(a / sum * b / (2.0 * PI))
}

/// ln Γ(x + 1) − (x + ½) ln x + x − ln √(2π): what Stirling's formula leaves.
fn stirling_error(x: f64) -> f64 {
    if x < 16.0 {
        return libm::lgamma(x + 1.0) - (x + 0.5) * libm::log(x) + x - LOG_ROOT_TWO_PI;
    }
    let inverse_square = 1.0 / (x * x);
    let series = 1.0 / 1260.0 - inverse_square * (1.0 / 1680.0 - inverse_square / 1188.0);
    (1.0 / 12.0 - inverse_square * (1.0 / 360.0 - inverse_square * series)) / x
}

/// x ln(x / mean) + mean − x, at least zero; by its series where the terms would cancel.
fn deviance(x: f64, mean: f64) -> f64 {
    let gap = x - mean;
    if libm::fabs(gap) >= 0.1 * (x + mean) {
        return x * libm::log(x / mean) + mean - x;
    }
    let ratio = gap / (x + mean);
    let mut sum = gap * ratio;
    let mut term = 2.0 * x * ratio;
    let mut odd = 1.0;
    loop {
        term *= ratio * ratio;
        odd += 2.0;
        let next = sum + term / odd;
        if next == sum {
            return sum;
        }
        sum = next;
    }
}

/// P(a, x) and Q(a, x), the regularised incomplete gamma functions.
///
/// Series below a + 1, Lentz's continued fraction above. Source: DLMF 8.11.4 and 8.9.2.
pub(super) fn gamma_tails(a: f64, x: f64) -> Tails {
    if x <= 0.0 {
        return Tails::ALL_ABOVE;
    }
    if x == f64::INFINITY {
        return Tails::ALL_BELOW;
    }
    let front = a * poisson_probability(a, x);
    if x < a + 1.0 {
        Tails::from_below((front * gamma_series(a, x)).min(1.0))
    } else {
        Tails::from_below((front * gamma_fraction(a, x)).min(1.0)).swapped()
    }
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    let mut order = a;
    while term > sum * f64::EPSILON {
        order += 1.0;
        term *= x / order;
        sum += term;
    }
    sum
}

fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut product = d;
    let mut step = 0.0;
    loop {
        step += 1.0;
        let numerator = -step * (step - a);
        b += 2.0;
        d = 1.0 / away_from_zero(numerator * d + b);
        c = away_from_zero(b + numerator / c);
        product *= d * c;
        if libm::fabs(d * c - 1.0) <= 2.0 * f64::EPSILON {
            return product;
        }
    }
}

/// I_x(a, b) and its complement, the regularised incomplete beta functions.
///
/// Lentz's continued fraction on the side where it converges fast. Source: DLMF 8.17.22.
pub(super) fn beta_tails(a: f64, b: f64, x: f64) -> Tails {
    if x <= 0.0 {
        return Tails::ALL_ABOVE;
    }
    if x >= 1.0 {
        return Tails::ALL_BELOW;
    }
    let front = beta_kernel(a, b, x);
    if x < (a + 1.0) / (a + b + 2.0) {
        Tails::from_below((front / a * beta_fraction(a, b, x)).min(1.0))
    } else {
        Tails::from_below((front / b * beta_fraction(b, a, 1.0 - x)).min(1.0)).swapped()
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut product = d;
    let mut step = 0.0;
    loop {
        step += 1.0;
        let even = step * (b - step) * x / ((a + 2.0 * step - 1.0) * (a + 2.0 * step));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        product *= d * c;
        let odd = -(a + step) * (a + b + step) * x / ((a + 2.0 * step) * (a + 2.0 * step + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        product *= d * c;
        if libm::fabs(d * c - 1.0) <= 2.0 * f64::EPSILON {
            return product;
        }
    }
}

fn away_from_zero(x: f64) -> f64 {
    if libm::fabs(x) < TINY { TINY } else { x }
}
