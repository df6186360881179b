//! How many cases come: the distribution of counts, and what makes it narrower or wider than Poisson's.

use pluriverse_kernel::world::World;
use pluriverse_stats::chi_square_p_value;

use super::{CLAIMS, FAMILY_ERROR, infinite::poisson};
use crate::worlds::{position, samples, scenario};

/// Smallest expected count of a bin, for the chi-square distribution to hold.
const EXPECTED_LEAST: f64 = 10.0;
const RUNS: u64 = 10_000;

/// How likely counts as far from a distribution as these are.
fn p_value(counts: &[u64], probability: &dyn Fn(u64) -> f64) -> f64 {
    let total = counts.len() as f64;
    let (mut bins, mut expected, mut upper) = (Vec::new(), 0.0, 0);
    let (mut rest, mut covered) = (total, 0.0);
    let most = counts.iter().max().unwrap() * 2 + 10;
    for count in 0..=most {
        expected += probability(count) * total;
        covered += probability(count);
        if expected >= EXPECTED_LEAST && rest - expected >= EXPECTED_LEAST {
            bins.push((upper..=count, expected));
            rest -= expected;
            (expected, upper) = (0.0, count + 1);
        }
    }
    assert!(
        covered > 1.0 - 1e-6,
        "probabilities sum to one, not to {covered}"
    );
    bins.push((upper..=u64::MAX, rest));
    let chi_square: f64 = bins
        .iter()
        .map(|(range, expected)| {
            let seen = counts.iter().filter(|count| range.contains(count)).count() as f64;
            (seen - expected) * (seen - expected) / expected
        })
        .sum();
    chi_square_p_value(chi_square, bins.len() as f64 - 1.0)
}

/// Checks that counts are distributed so.
#[track_caller]
pub(super) fn check_counts(counts: &[u64], probability: impl Fn(u64) -> f64) {
    let p = p_value(counts, &probability);
    assert!(
        p > FAMILY_ERROR / CLAIMS,
        "the counts are otherwise: p = {p}"
    );
}

/// Checks that the test would notice if they were distributed so.
#[track_caller]
fn check_other(counts: &[u64], probability: impl Fn(u64) -> f64) {
    let p = p_value(counts, &probability);
    assert!(p < FAMILY_ERROR / CLAIMS, "the counts might be so: p = {p}");
}

/// How many cases have come.
fn arrivals(world: &dyn World) -> u64 {
    let place = position(&world.outline(), "people.arrivals");
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number below 2⁵³"
    )]
    let count = world.measures().scalars[place].numerator as u64;
    count
}

fn source(until: &str, arrivals: &str) -> String {
    format!(
        "
        [run]
        until = '{until}'
        [sources.people]
        {arrivals}
        [stations.park]
        agents = 'unlimited'
        service = '0s'
        "
    )
}

fn counted(until: &str, keys: &str) -> Vec<u64> {
    samples(&scenario(&source(until, keys)), RUNS, arrivals)
}

#[test]
fn poisson_counts_are_poisson() {
    let counts = counted("25s", "arrivals.poisson.rate = '2/s'");
    check_counts(&counts, |count| poisson(50.0, count));
    check_other(&counts, |count| poisson(51.0, count));
}

#[test]
fn erlang_renewals_count_every_so_many_events_of_a_poisson_process() {
    let counts = counted("25s", "arrivals.erlang = { shape = 4, rate = '2/s' }");
    let of_four = |count: u64| (0..4).map(|rest| poisson(200.0, 4 * count + rest)).sum();
    check_counts(&counts, of_four);
    check_other(&counts, |count| poisson(50.0, count));
}

#[test]
fn busy_days_and_quiet_days_make_counts_wider() {
    // A Poisson count whose mean is gamma distributed (shape 40, mean 50) is negative binomial.
    let counts = counted(
        "25s",
        "arrivals.rates = { every = '1s', values = ['2/s'], factor = { gamma = { shape = 40, mean = 1 } } }",
    );
    let (shape, mean) = (40.0, 50.0);
    let success = mean / (shape + mean);
    check_counts(&counts, |count| {
        let count = count as f64;
        let choose = libm::lgamma(count + shape) - libm::lgamma(shape) - libm::lgamma(count + 1.0);
        libm::exp(choose + count * libm::log(success) + shape * libm::log(1.0 - success))
    });
    check_other(&counts, |count| poisson(mean, count));
}

#[test]
fn each_step_of_changing_rates_is_poisson() {
    // The second cycle starts at 40 s; the source at 5 s, from where its rates count.
    let keys = "
        from = '5s'
        arrivals.rates = { every = '10s', values = ['2/s', '0/s', '5/s', '0.3/s'], repeat = true }
    ";
    for (from, until, mean) in [
        (5, 15, 20.0),
        (25, 35, 50.0),
        (35, 45, 3.0),
        (45, 55, 20.0),
        (65, 75, 50.0),
        (30, 50, 25.0 + 3.0 + 10.0),
    ] {
        let text = source(&format!("{until}s"), keys);
        let text = text.replace("[run]", &format!("[run]\nwarm_up = '{from}s'"));
        let counts = samples(&scenario(&text), RUNS, arrivals);
        check_counts(&counts, |count| poisson(mean, count));
    }
    let text = source("25s", keys).replace("[run]", "[run]\nwarm_up = '15s'");
    assert!(
        samples(&scenario(&text), 100, arrivals)
            .iter()
            .all(|count| *count == 0)
    );
}

#[test]
fn batches_are_counted_by_their_cases() {
    // Batches come as a Poisson process of mean 20; each is two cases or none with equal chance, so that half of
    // them come, in pairs.
    let counts = counted(
        "20s",
        "arrivals.poisson.rate = '1/s'\nbatch = { discrete = [{ value = 0, weight = 1 }, { value = 2, weight = 1 }] }",
    );
    check_counts(&counts, |count| {
        if count % 2 == 0 {
            poisson(10.0, count / 2)
        } else {
            0.0
        }
    });
}
