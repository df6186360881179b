//! Means, variances and distribution functions against closed forms, other families and each other.

use std::f64::consts::{FRAC_2_PI, LN_2};

use pluriverse_kernel::distribution::{Distribution, catalogue};

use crate::random_goodness::{Moments, critical_z, stream};

fn assert_close(got: f64, expected: f64, what: &str) {
    let error = (got - expected).abs() / expected.abs().max(1e-300);
    assert!(error < 2e-12, "{what}: {got} against {expected}");
}

#[test]
fn distribution_functions_have_their_closed_forms() {
    for x in [0.01, 0.3, 0.5, 0.77, 0.99] {
        let beta = |a, b| Distribution::beta(a, b).unwrap().cdf(x);
        assert_close(beta(1.0, 1.0), x, "beta 1 1");
        assert_close(
            beta(2.0, 3.0),
            x * x * (6.0 - 8.0 * x + 3.0 * x * x),
            "beta 2 3",
        );
        assert_close(beta(0.5, 0.5), FRAC_2_PI * libm::asin(x.sqrt()), "arcsine");
        assert_close(beta(40.0, 1.0), x.powi(40), "beta 40 1");
    }
    for x in [0.02_f64, 0.7, 2.0, 5.5, 14.0] {
        let gamma = |shape| Distribution::gamma(shape, 2.0).unwrap().cdf(2.0 * x);
        assert_close(gamma(1.0), -libm::expm1(-x), "gamma 1");
        assert_close(gamma(0.5), libm::erf(x.sqrt()), "gamma ½");
        let erlang = Distribution::erlang(3, 3.0).unwrap().cdf(x);
        let above = (-x).exp() * (1.0 + x + 0.5 * x * x);
        assert!((erlang - (1.0 - above)).abs() < 1e-14, "erlang 3 at {x}");
        // From shape to shape + 1 the distribution function falls by one Poisson term.
        for shape in [7.25, 15.5, 16.5, 120.0, 3e4] {
            let scale = x / 5.0 + 0.1;
            let at = shape * scale;
            let cdf = |shape| Distribution::gamma(shape, 1.0).unwrap().cdf(at);
            let term = (shape * at.ln() - at - libm::lgamma(shape + 1.0)).exp();
            assert!(
                (cdf(shape) - cdf(shape + 1.0) - term).abs() < 1e-11,
                "shape {shape} at {at}"
            );
        }
    }
    let normal = Distribution::normal(10.0, 2.0).unwrap();
    assert_close(
        normal.cdf(10.0 + 2.0 * 1.959_963_984_540_054),
        0.975,
        "97.5 % point",
    );
    assert_close(
        normal.cdf(10.0 - 2.0 * 6.0),
        9.865_876_450_376_946e-10,
        "six sigma",
    );
    assert_close(
        Distribution::weibull(2.0, 3.0).unwrap().cdf(3.0),
        1.0 - (-1.0_f64).exp(),
        "weibull",
    );
    assert_close(
        Distribution::pareto(2.0, 3.0).unwrap().cdf(6.0),
        0.75,
        "pareto",
    );
    assert_close(
        Distribution::lognormal(LN_2, 0.5).unwrap().cdf(2.0),
        0.5,
        "median",
    );
}

/// The probability of a tail interval, where differences of Φ lose all digits.
#[test]
fn a_truncated_tail_is_exact() {
    let tail = |x: f64| libm::erfc(x / std::f64::consts::SQRT_2);
    for (low, high) in [(1.0, 2.0), (8.0, 9.5), (12.0, 12.3), (25.0, f64::INFINITY)] {
        let right = Distribution::truncated_normal(0.0, 1.0, low, high).unwrap();
        let left =
            Distribution::truncated_normal(5.0, 2.0, 5.0 - 2.0 * high, 5.0 - 2.0 * low).unwrap();
        for part in [0.02, 0.1, 0.3] {
            let x = low + part * (high - low).min(1.0);
            let expected = (tail(low) - tail(x)) / (tail(low) - tail(high));
            assert!((right.cdf(x) - expected).abs() < 1e-10, "{x} from {low}");
            assert!(
                (left.cdf(5.0 - 2.0 * x) - (1.0 - expected)).abs() < 1e-10,
                "{x} from {low}"
            );
        }
    }
    // Mean of a one-sided truncation: φ(a) / (1 − Φ(a)); variance 1 + a m − m².
    for low in [-3.0_f64, -0.5, 0.0, 2.0, 6.0] {
        let cut = Distribution::truncated_normal(0.0, 1.0, low, f64::INFINITY).unwrap();
        let density = (-0.5 * low * low).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let mean = density / (0.5 * tail(low));
        assert!(
            (cut.mean() - mean).abs() < 1e-12 * mean.max(1.0),
            "mean from {low}"
        );
        assert!(
            (cut.variance() - (1.0 + low * mean - mean * mean)).abs() < 1e-11,
            "variance from {low}"
        );
    }
}

#[test]
fn phase_types_are_the_families_they_contain() {
    let erlang = Distribution::erlang(2, 4.0).unwrap();
    let chain = vec![vec![-0.5, 0.5], vec![0.0, -0.5]];
    let phases = Distribution::phase_type(&[1.0, 0.0], &chain).unwrap();
    let mixed = Distribution::hyperexponential(&[0.3, 0.7], &[1.0, 5.0]).unwrap();
    let parallel = vec![vec![-1.0, 0.0], vec![0.0, -0.2]];
    let branches = Distribution::phase_type(&[0.3, 0.7], &parallel).unwrap();
    for (one, other) in [(erlang, phases), (mixed, branches)] {
        assert_close(one.mean(), other.mean(), "mean");
        assert_close(one.variance(), other.variance(), "variance");
        for x in [0.0, 0.1, 1.0, 7.0, 60.0, 900.0] {
            assert!((one.cdf(x) - other.cdf(x)).abs() < 1e-12, "at {x}");
        }
    }
}

#[test]
fn constructors_by_moments_have_those_moments() {
    let by_moments = [
        (Distribution::lognormal_from_mean(3.0, 4.0), 3.0, 16.0),
        (Distribution::gamma_from_mean(3.0, 4.0), 3.0, 16.0),
        (
            Distribution::hyperexponential_from_mean(3.0, 2.5),
            3.0,
            22.5,
        ),
        (Distribution::hyperexponential_from_mean(3.0, 1.0), 3.0, 9.0),
        (Distribution::erlang(4, 3.0), 3.0, 2.25),
        (Distribution::pert(1.0, 3.0, 8.0), 3.5, 2.5 * 4.5 / 7.0),
    ];
    for (made, mean, variance) in by_moments {
        let made = made.unwrap();
        assert_close(made.mean(), mean, "mean");
        assert_close(made.variance(), variance, "variance");
    }
}

/// Closed moments against the draws, within the standard errors of both.
#[test]
fn draws_have_the_mean_and_variance() {
    let families = catalogue();
    let critical = critical_z(2 * families.len());
    for (check, (name, distribution)) in (70_000..).zip(families) {
        let mut stream = stream(check);
        let draws: Vec<f64> = (0..400_000)
            .map(|_| distribution.sample(&mut stream))
            .collect();
        let seen = Moments::of(&draws);
        let (mean, variance) = (distribution.mean(), distribution.variance());
        assert!(
            (seen.mean - mean).abs() <= critical * seen.mean_error,
            "mean of {name}"
        );
        assert!(
            (seen.variance - variance).abs() <= critical * seen.variance_error,
            "variance of {name}"
        );
    }
}

/// Closed moments against the integral of the distribution function, which clamping takes, far out.
#[test]
fn moments_follow_from_the_distribution_function() {
    for (name, distribution) in catalogue() {
        let (mean, deviation) = (distribution.mean(), distribution.variance().sqrt());
        let far = 1e9;
        let (low, high) = (mean - far * deviation - 1.0, mean + far * deviation + 1.0);
        let all = distribution.clone().clamped(low, high).unwrap();
        assert!(
            (all.mean() - mean).abs() < 1e-9 * (mean.abs() + deviation),
            "mean of {name}: {}",
            all.mean()
        );
        let error = (all.variance() - deviation * deviation).abs();
        assert!(
            error < 1e-7 * (mean * mean + deviation * deviation),
            "variance of {name}"
        );
    }
}

/// A bound that is infinite and one that is far take different formulas to the same moments.
#[test]
fn a_bound_far_out_is_no_bound() {
    for (name, distribution) in catalogue() {
        let (mean, deviation) = (distribution.mean(), distribution.variance().sqrt());
        let scale = mean.abs() + deviation;
        let (near_low, near_high) = (mean - 0.4 * deviation - 0.01, mean + 0.7 * deviation + 0.01);
        let (far_low, far_high) = (mean - 1e9 * scale, mean + 1e9 * scale);
        let open = [(f64::NEG_INFINITY, near_high), (near_low, f64::INFINITY)];
        let closed = [(far_low, near_high), (near_low, far_high)];
        for (open, closed) in open.into_iter().zip(closed) {
            let [open, closed] =
                [open, closed].map(|(low, high)| distribution.clone().clamped(low, high).unwrap());
            let mean_gap = (open.mean() - closed.mean()).abs();
            let variance_gap = (open.variance() - closed.variance()).abs();
            assert!(mean_gap < 1e-10 * scale, "mean of {name}");
            assert!(variance_gap < 1e-9 * scale * scale, "variance of {name}");
        }
    }
}

/// Moments of clamped draws against the draws, with either bound and both.
#[test]
fn clamped_moments_are_those_of_the_draws() {
    let families = catalogue();
    let critical = critical_z(6 * families.len());
    for (check, (name, distribution)) in (80_000..).zip(families) {
        let mut stream = stream(check);
        let draws: Vec<f64> = (0..100_000)
            .map(|_| distribution.sample(&mut stream))
            .collect();
        let (mean, deviation) = (distribution.mean(), distribution.variance().sqrt());
        let (low, high) = (mean - 0.6 * deviation - 0.01, mean + 0.9 * deviation + 0.01);
        for (low, high) in [(low, high), (f64::NEG_INFINITY, high), (low, f64::INFINITY)] {
            let clamped = distribution.clone().clamped(low, high).unwrap();
            let seen = Moments::of(
                &draws
                    .iter()
                    .map(|x| x.clamp(low, high))
                    .collect::<Vec<f64>>(),
            );
            let slack = 1e-9 * mean.abs().max(1.0);
            let mean_gap = (seen.mean - clamped.mean()).abs();
            assert!(
                mean_gap <= critical * seen.mean_error + slack,
                "mean of {name} in {low}..{high}"
            );
            let variance_gap = (seen.variance - clamped.variance()).abs();
            let allowed = critical * seen.variance_error + slack;
            assert!(
                variance_gap <= allowed,
                "variance of {name} in {low}..{high}"
            );
        }
    }
}
