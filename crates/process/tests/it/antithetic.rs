//! Antithetic runs of process worlds: a partner is another day of the same world, and a snapshot goes on with it.

use pluriverse_kernel::{
    ledger::Ledger,
    scenario::{RunKey, Scenario},
};
use pluriverse_stats::{Tally, mean_interval, paired_difference};

use crate::worlds::{position, scenario};

const DESK: &str = r#"
    kind = "process"
    run.until = "20h"
    sources.people.arrivals.poisson.rate = "40/h"
    stations.desk.agents = 1
    stations.desk.service.exponential.mean = "1m"
"#;

fn wait(key: RunKey) -> (f64, f64) {
    let scenario = scenario(DESK);
    let mut world = scenario.world(key, Ledger::hashed());
    world.run(u64::MAX).unwrap();
    let index = position(&world.outline(), "desk.wait");
    let seen = world.measures().scalars[index];
    (seen.numerator, seen.denominator)
}

/// Both days have the same mean wait; their mean varies less than that of two independent days. Errs once in a thousand
/// seeds on the mean, and the correlation is seven standard errors from zero.
#[test]
fn a_pair_is_unbiased_and_varies_less() {
    let keys = (0..400).map(|replication| RunKey {
        seed: 5,
        replication,
    });
    let (plain, mirrored): (Vec<_>, Vec<_>) =
        keys.map(|key| (wait(key), wait(key.mirrored()))).unzip();
    let paired = paired_difference(&plain, &mirrored, 0.999).unwrap();
    assert!(paired.difference.covers(0.0), "{:?}", paired.difference);
    let correlation = paired.correlation.unwrap();
    assert!(correlation < -0.2, "{correlation}");

    let single: Tally = plain.iter().map(|(sum, count)| sum / count).collect();
    let pairs = plain.iter().zip(&mirrored);
    let pairs: Tally = pairs
        .map(|(one, other)| 0.5 * (one.0 / one.1 + other.0 / other.1))
        .collect();
    let width = |tally: &Tally| mean_interval(tally, 0.95).unwrap().half_width.unwrap();
    // Two independent days would make it narrower by the root of two.
    assert!(width(&pairs) < 0.9 * width(&single) / 2.0_f64.sqrt());
}

#[test]
fn a_mirrored_world_goes_on_from_its_snapshot() {
    let scenario = scenario(DESK);
    let key = RunKey {
        seed: 5,
        replication: 7,
    };
    let mut straight = scenario.world(key.mirrored(), Ledger::hashed());
    straight.run(u64::MAX).unwrap();
    straight.finish_ledger().unwrap();
    let mut half = scenario.world(key.mirrored(), Ledger::hashed());
    half.run(straight.events() / 2).unwrap();
    let mut other = scenario.world(key, Ledger::hashed());
    other.restore(&half.snapshot()).unwrap();
    assert_eq!(other.key(), key.mirrored());
    other.run(u64::MAX).unwrap();
    assert_eq!(other.measures(), straight.measures());
}
