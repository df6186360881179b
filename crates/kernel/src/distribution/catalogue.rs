//! One representative of every family, for the tests that pin draws and for the benches.

use super::Distribution;

/// One representative of every family and of every sampling method, with its name.
///
/// Names and order are stable: golden hashes and benches refer to them. New entries are appended.
pub fn catalogue() -> Vec<(&'static str, Distribution)> {
    let made = [
        ("constant", Distribution::constant(2.5)),
        ("uniform", Distribution::uniform(-1.0, 3.0)),
        ("exponential", Distribution::exponential(3.0)),
        ("erlang_sum", Distribution::erlang(3, 2.0)),
        ("erlang_gamma", Distribution::erlang(20, 2.0)),
        ("gamma_below_one", Distribution::gamma(0.4, 2.0)),
        ("gamma", Distribution::gamma(2.7, 1.5)),
        ("weibull", Distribution::weibull(1.7, 4.0)),
        ("lognormal", Distribution::lognormal(0.3, 0.8)),
        ("normal", Distribution::normal(-2.0, 1.5)),
        (
            "truncated_normal_wide",
            Distribution::truncated_normal(5.0, 3.0, 0.0, f64::INFINITY),
        ),
        (
            "truncated_normal_narrow",
            Distribution::truncated_normal(5.0, 3.0, 4.0, 7.0),
        ),
        (
            "truncated_normal_tail",
            Distribution::truncated_normal(0.0, 1.0, 4.0, 6.0),
        ),
        (
            "truncated_normal_mirrored",
            Distribution::truncated_normal(0.0, 2.0, f64::NEG_INFINITY, -5.0),
        ),
        ("triangular", Distribution::triangular(1.0, 2.0, 6.0)),
        ("pert", Distribution::pert(1.0, 2.0, 6.0)),
        ("beta_johnk", Distribution::beta(0.3, 0.7)),
        ("beta_gammas", Distribution::beta(0.8, 3.5)),
        (
            "hyperexponential",
            Distribution::hyperexponential_from_mean(2.0, 4.0),
        ),
        ("phase_type", coxian()),
        ("pareto", Distribution::pareto(4.5, 2.0)),
        (
            "discrete",
            Distribution::discrete(&[1.0, 2.0, 5.0, 10.0], &[4.0, 3.0, 2.0, 1.0]),
        ),
        (
            "empirical",
            Distribution::empirical(&[1.5, 0.5, 4.0, 2.0, 2.0, 9.0]),
        ),
        (
            "histogram",
            Distribution::histogram(&[0.0, 1.0, 2.0, 5.0], &[1.0, 4.0, 2.0]),
        ),
        ("mixture", mixture()),
        (
            "shifted",
            Distribution::exponential(2.0).and_then(|inner| inner.shifted(1.0)),
        ),
        (
            "clamped",
            Distribution::gamma(2.0, 2.0).and_then(|inner| inner.clamped(1.0, 9.0)),
        ),
        (
            "scaled",
            Distribution::weibull(0.8, 2.0).map(|inner| inner.scaled(60.0)),
        ),
    ];
    made.into_iter()
        .map(|(name, made)| (name, made.expect("the catalogue holds valid parameters")))
        .collect()
}

/// Three phases with a way back and some mass at zero.
fn coxian() -> Result<Distribution, super::DistributionError> {
    let generator = [
        vec![-2.0, 1.5, 0.0],
        vec![0.5, -1.0, 0.5],
        vec![0.0, 0.0, -0.7],
    ];
    Distribution::phase_type(&[0.6, 0.3, 0.05], &generator)
}

fn mixture() -> Result<Distribution, super::DistributionError> {
    let parts = vec![
        Distribution::lognormal(0.0, 0.5)?,
        Distribution::normal(6.0, 1.0)?,
    ];
    Distribution::mixture(&[0.7, 0.3], parts)
}
