//! Agents without limit: the number present is Poisson, in the steady state and on the way there.

use pluriverse_kernel::view::Values;
use pluriverse_kernel::world::World;
use pluriverse_stats::queueing::{RatePeriod, m_g_infinity, mt_m_infinity};

use super::{CLAIMS, FAMILY_ERROR, check, claim, counts::check_counts};
use crate::worlds::{replications, samples, scenario};

/// How many are served at the only station.
fn present(world: &dyn World) -> u64 {
    let state = world.state();
    let column = |column: &&pluriverse_kernel::view::Column| column.name == "served";
    match &state.tables[0].columns.iter().find(column).unwrap().values {
        Values::I64(values) => u64::try_from(values[0]).unwrap(),
        _ => panic!("numbers of cases are whole"),
    }
}

#[test]
fn any_service_distribution() {
    let exact = m_g_infinity(3.0, 2.0).unwrap();
    let text = |until: u32, warm_up: u32| {
        format!(
            "
            [run]
            until = '{until}s'
            warm_up = '{warm_up}s'
            [sources.people]
            arrivals.poisson.rate = '3/s'
            [stations.park]
            agents = 'unlimited'
            service = {{ uniform = {{ low = '0s', high = '4s' }} }}
            "
        )
    };
    check(
        &text(20_000, 10),
        30,
        &[
            claim("park.in_service", exact, 0.01),
            claim("park.sojourn", 2.0, 0.005),
        ],
    );
    // After 4 s everybody who was there at the start has left.
    let counts = samples(&scenario(&text(5, 0)), 20_000, present);
    check_counts(&counts, |count| poisson(exact, count));
}

#[test]
fn rates_that_change() {
    let rates = [2.0, 8.0, 0.0, 5.0];
    let periods = rates.map(|arrival_rate| RatePeriod {
        duration: 3.0,
        arrival_rate,
    });
    let exact = mt_m_infinity(0.0, &periods, 0.5).unwrap();
    let scenario = scenario(
        "
        [run]
        until = '12s'
        period = '3s'
        [sources.people]
        arrivals.rates = { every = '3s', values = ['2/s', '8/s', '0/s', '5/s'] }
        [stations.park]
        agents = 'unlimited'
        service.exponential.mean = '2s'
        ",
    );
    let outcome = replications(&scenario, 20_000);
    let series = outcome
        .outline
        .series
        .iter()
        .position(|series| series.chart == "Cases present" && series.name == "system");
    for (tally, exact) in outcome.series[series.unwrap()].iter().zip(&exact) {
        let estimate = tally.estimate_at(1.0 - FAMILY_ERROR / CLAIMS).unwrap();
        assert!(
            estimate.covers(exact.average),
            "{estimate:?}, exactly {exact:?}"
        );
        assert!(
            estimate.relative_half_width().unwrap() < 0.02,
            "{estimate:?}"
        );
    }
    let counts = samples(&scenario, 20_000, present);
    let at_end = exact.last().unwrap().at_end;
    check_counts(&counts, |count| poisson(at_end, count));
}

/// Poisson probabilities.
pub(super) fn poisson(mean: f64, count: u64) -> f64 {
    let count = count as f64;
    libm::exp(count * libm::log(mean) - mean - libm::lgamma(count + 1.0))
}
