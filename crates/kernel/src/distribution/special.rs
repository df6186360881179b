//! Special functions behind the distribution functions, on `libm`.

/// 1 / √(2π).
const INVERSE_ROOT_TWO_PI: f64 = 0.398_942_280_401_432_7;
/// √(π/2).
const ROOT_HALF_PI: f64 = 1.253_314_137_315_500_3;
/// Stands for a zero denominator in Lentz's method.
const TINY: f64 = 1e-300;

pub(super) fn normal_density(z: f64) -> f64 {
    INVERSE_ROOT_TWO_PI * libm::exp(-0.5 * z * z)
}

pub(super) fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * core::f64::consts::FRAC_1_SQRT_2)
}

/// P(Z ≤ z | from < Z ≤ to) of a standard normal Z, for |from| ≤ to and z in between.
pub(super) fn normal_between(from: f64, z: f64, to: f64) -> f64 {
    let part = if from > 0.0 {
        // Survival relative to the density at `from`, which would underflow on its own.
        let survival = |x: f64| mills_ratio(x) * libm::exp(-0.5 * (x - from) * (x + from));
        let start = survival(from);
        (start - survival(z)) / (start - survival(to))
    } else {
        let start = normal_cdf(from);
        (normal_cdf(z) - start) / (normal_cdf(to) - start)
    };
    part.clamp(0.0, 1.0)
}

/// (1 − Φ(x)) / φ(x) for x above zero; by Laplace's continued fraction where `erfc` fades.
fn mills_ratio(x: f64) -> f64 {
    if x < 10.0 {
        return ROOT_HALF_PI
            * libm::erfc(x * core::f64::consts::FRAC_1_SQRT_2)
            * libm::exp(0.5 * x * x);
    }
    let mut denominator = x;
    for term in (1..=40).rev() {
        denominator = x + f64::from(term) / denominator;
    }
    1.0 / denominator
}

/// The regularised lower incomplete gamma function P(a, x); zero for x ≤ 0.
///
/// Series below a + 1, Lentz's continued fraction above. Source: DLMF 8.11.4 and 8.9.2.
pub(super) fn gamma_p(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x == f64::INFINITY {
        return 1.0;
    }
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    let part = if x < a + 1.0 {
        front * gamma_series(a, x)
    } else {
        1.0 - front * gamma_fraction(a, x)
    };
    part.clamp(0.0, 1.0)
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
        if libm::fabs(d * c - 1.0) <= f64::EPSILON {
            return product;
        }
    }
}

/// The regularised incomplete beta function I_x(a, b); zero for x ≤ 0 and one for x ≥ 1.
///
/// Lentz's continued fraction on the side where it converges fast. Source: DLMF 8.17.22.
pub(super) fn beta_i(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let log_front = a * libm::log(x) + b * libm::log1p(-x) + libm::lgamma(a + b)
        - libm::lgamma(a)
        - libm::lgamma(b);
    let front = libm::exp(log_front);
    let part = if x < (a + 1.0) / (a + b + 2.0) {
        front / a * beta_fraction(a, b, x)
    } else {
        1.0 - front / b * beta_fraction(b, a, 1.0 - x)
    };
    part.clamp(0.0, 1.0)
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
