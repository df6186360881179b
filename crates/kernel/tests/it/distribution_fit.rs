//! Goodness of fit: the draws of every family against its distribution function.
//!
//! Error rates as in `random_goodness`; the distribution functions are checked against closed forms in
//! `distribution_closed_forms`.

use pluriverse_kernel::distribution::{Distribution, catalogue, poisson};

use crate::random_goodness::{
    FAMILY_WISE, chi_square_of_cells, critical_z, kolmogorov_smirnov, stream,
};

const DRAWS: usize = 100_000;

/// More shapes than the catalogue has, one at each turn of a method.
fn families() -> Vec<(String, Distribution)> {
    let mut families: Vec<(String, Distribution)> = catalogue()
        .into_iter()
        .map(|(name, made)| (name.to_owned(), made))
        .collect();
    let infinity = f64::INFINITY;
    let further = [
        ("erlang 1", Distribution::erlang(1, 5.0)),
        ("erlang 6", Distribution::erlang(6, 5.0)),
        ("erlang 7", Distribution::erlang(7, 5.0)),
        ("gamma 0.01", Distribution::gamma(0.01, 1.0)),
        ("gamma 1", Distribution::gamma(1.0, 1.0)),
        ("gamma 1000", Distribution::gamma(1000.0, 1.0)),
        ("gamma 1e4", Distribution::gamma(1e4, 1e-3)),
        ("weibull 0.3", Distribution::weibull(0.3, 1.0)),
        (
            "truncated at 0",
            Distribution::truncated_normal(0.0, 1.0, 0.0, infinity),
        ),
        (
            "truncated at 0.2",
            Distribution::truncated_normal(0.0, 1.0, 0.2, infinity),
        ),
        (
            "truncated at -3",
            Distribution::truncated_normal(0.0, 1.0, -3.0, infinity),
        ),
        (
            "truncated at 30",
            Distribution::truncated_normal(0.0, 1.0, 30.0, infinity),
        ),
        (
            "truncated 1 to 1.5",
            Distribution::truncated_normal(0.0, 1.0, 1.0, 1.5),
        ),
        (
            "truncated 1 to 2.5",
            Distribution::truncated_normal(0.0, 1.0, 1.0, 2.5),
        ),
        (
            "truncated -2 to -1",
            Distribution::truncated_normal(0.0, 1.0, -2.0, -1.0),
        ),
        (
            "truncated -9 to 0.1",
            Distribution::truncated_normal(0.0, 1.0, -9.0, 0.1),
        ),
        ("triangular left", Distribution::triangular(0.0, 0.0, 1.0)),
        ("triangular right", Distribution::triangular(0.0, 1.0, 1.0)),
        ("pert left", Distribution::pert(0.0, 0.0, 1.0)),
        ("beta 1 1", Distribution::beta(1.0, 1.0)),
        ("beta 0.02 1", Distribution::beta(0.02, 1.0)),
        ("beta 50 0.5", Distribution::beta(50.0, 0.5)),
        ("beta 300 700", Distribution::beta(300.0, 700.0)),
        (
            "hyperexponential 100",
            Distribution::hyperexponential_from_mean(1.0, 100.0),
        ),
        ("pareto 0.5", Distribution::pareto(0.5, 1.0)),
        (
            "histogram with a gap",
            Distribution::histogram(&[0.0, 1.0, 2.0, 3.0], &[1.0, 0.0, 3.0]),
        ),
    ];
    families.extend(
        further
            .into_iter()
            .map(|(name, made)| (name.to_owned(), made.unwrap())),
    );
    families
}

fn draw(distribution: &Distribution, check: u64) -> Vec<f64> {
    let mut stream = stream(check);
    (0..DRAWS)
        .map(|_| distribution.sample(&mut stream))
        .collect()
}

/// A hundred cells that other draws of the same family mark out, so that atoms get cells of their own.
fn chi_square_of_draws(distribution: &Distribution, check: u64) -> f64 {
    let mut pilot = draw(distribution, check + 1000);
    pilot.sort_by(f64::total_cmp);
    let mut edges: Vec<f64> = pilot
        .into_iter()
        .skip(DRAWS / 200)
        .step_by(DRAWS / 100)
        .collect();
    // Just below an edge, so that an atom there is told from what lies below it.
    edges.extend(edges.clone().iter().map(|edge| edge.next_down()));
    edges.push(f64::INFINITY);
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let draws = draw(distribution, check);
    let mut counts = vec![0.0; edges.len()];
    for x in &draws {
        counts[edges.partition_point(|edge| edge < x)] += 1.0;
    }
    let mut below = 0.0;
    chi_square_of_cells(edges.iter().zip(counts).map(|(edge, count)| {
        let share = distribution.cdf(*edge) - below;
        below += share;
        (count, share * DRAWS as f64)
    }))
}

/// The families whose p-value is below their share of the error rate.
fn failures(p_value: impl Fn(&Distribution, u64) -> f64) -> String {
    let families = families();
    let level = FAMILY_WISE / families.len() as f64;
    let judged = (0..)
        .zip(families)
        .map(|(check, (name, made))| (name, p_value(&made, check)));
    judged
        .filter(|(_, p)| p.is_nan() || *p < level)
        .map(|(name, p)| format!("{name}: {p:e}\n"))
        .collect()
}

#[test]
fn draws_follow_the_distribution_function() {
    let distance =
        |made: &Distribution, check| kolmogorov_smirnov(&mut draw(made, check), |x| made.cdf(x));
    assert_eq!(failures(distance), "");
}

#[test]
fn draws_fill_the_cells_they_should() {
    assert_eq!(
        failures(|made, check| chi_square_of_draws(made, check + 10_000)),
        ""
    );
}

/// The rare branches of the ziggurats: everything beyond the base, and how often it is reached.
#[test]
fn ziggurat_tails_follow_the_density() {
    let (exponential_edge, normal_edge) = (7.697_117_470_131_05, 3.654_152_885_361_009);
    let draws = 40_000_000;
    let mut stream = stream(50_000);
    let mut exponential: Vec<f64> = (0..draws)
        .map(|_| stream.exponential())
        .filter(|&x| x > exponential_edge)
        .collect();
    let mut normal: Vec<f64> = (0..draws)
        .map(|_| stream.normal())
        .filter(|&x| x.abs() > normal_edge)
        .collect();
    let negative = normal.iter().filter(|&&x| x < 0.0).count();
    let tail = |x: f64| libm::erfc(x / std::f64::consts::SQRT_2);
    let z_of = |count: usize, trials: f64, p: f64| {
        (count as f64 - trials * p) / (trials * p * (1.0 - p)).sqrt()
    };
    let trials = f64::from(draws);
    let checks = 5;
    assert!(z_of(exponential.len(), trials, (-exponential_edge).exp()).abs() < critical_z(checks));
    assert!(z_of(normal.len(), trials, tail(normal_edge)).abs() < critical_z(checks));
    assert!(z_of(negative, normal.len() as f64, 0.5).abs() < critical_z(checks));
    normal.iter_mut().for_each(|x| *x = x.abs());
    let level = FAMILY_WISE / checks as f64;
    let beyond = |x: f64| 1.0 - (exponential_edge - x).exp();
    assert!(kolmogorov_smirnov(&mut exponential, beyond) > level);
    assert!(kolmogorov_smirnov(&mut normal, |x| 1.0 - tail(x) / tail(normal_edge)) > level);
}

#[test]
fn poisson_counts_follow_their_probabilities() {
    let means = [0.01, 0.5, 3.0, 9.99, 10.0, 11.5, 30.0, 250.0, 12_345.6];
    let level = FAMILY_WISE / means.len() as f64;
    for (check, mean) in (60_000..).zip(means) {
        let mut stream = stream(check);
        let mut counts: Vec<f64> = Vec::new();
        for _ in 0..DRAWS {
            let count = usize::try_from(poisson(mean, &mut stream)).unwrap();
            if count >= counts.len() {
                counts.resize(count + 1, 0.0);
            }
            counts[count] += 1.0;
        }
        let probability = |k: f64| (k * mean.ln() - mean - libm::lgamma(k + 1.0)).exp();
        let mut left = DRAWS as f64;
        let mut cells: Vec<(f64, f64)> = Vec::new();
        for (k, count) in (0_u32..).zip(counts) {
            let share = probability(f64::from(k)) * DRAWS as f64;
            cells.push((count, share));
            left -= share;
        }
        cells.push((0.0, left.max(0.0)));
        let p = chi_square_of_cells(cells);
        assert!(p > level, "mean {mean}: {p:e}");
    }
    assert_eq!(poisson(0.0, &mut stream(1)), 0);
}
