//! Tally, DurationTally and TimeWeighted: hand-computed cases, and merging against a single pass.

use pluriverse_stats::{DurationTally, Tally, TimeWeighted, mean_interval};
use proptest::prelude::*;

use crate::near::assert_near;

#[test]
fn a_tally_by_hand() {
    let tally: Tally = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]
        .into_iter()
        .collect();
    assert_eq!((tally.count(), tally.mean(), tally.sum()), (8, 5.0, 40.0));
    assert_near(tally.variance(), 32.0 / 7.0, 1e-15, "variance");
    assert_eq!((tally.min(), tally.max()), (2.0, 9.0));
    let empty = Tally::new();
    assert!(empty.is_empty() && empty.mean().is_nan() && empty.max().is_nan());
    assert!(Tally::from_iter([1.0]).variance().is_nan());
}

#[test]
fn a_small_variance_survives_a_large_mean() {
    let tally: Tally = [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]
        .into_iter()
        .collect();
    assert_eq!(tally.variance(), 30.0);
}

#[test]
fn an_interval_of_the_mean_by_hand() {
    // Law, Simulation Modeling and Analysis, example 4.26: ten observations, 90 % interval 1.34 ± 0.24.
    let tally: Tally = [1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09]
        .into_iter()
        .collect();
    let estimate = mean_interval(&tally, 0.90).unwrap();
    assert_eq!(
        format!("{:.2} ± {:.2}", estimate.mean, estimate.half_width.unwrap()),
        "1.34 ± 0.24"
    );
    assert!(estimate.covers(1.2) && !estimate.covers(1.6));
    assert_eq!(mean_interval(&Tally::new(), 0.9), None);
    let single = mean_interval(&Tally::from_iter([3.0]), 0.9).unwrap();
    assert_eq!(
        (single.mean, single.half_width, single.count),
        (3.0, None, 1)
    );
}

#[test]
fn a_duration_tally_is_exact_at_the_extremes() {
    let mut tally = DurationTally::new();
    assert_eq!((tally.min(), tally.max()), (None, None));
    assert!(tally.mean_secs().is_nan());
    for nanos in [i64::MAX, i64::MAX, i64::MIN, 1] {
        tally.record(nanos);
    }
    assert_eq!(tally.sum(), i128::from(i64::MAX));
    assert_eq!(
        (tally.count(), tally.min(), tally.max()),
        (4, Some(i64::MIN), Some(i64::MAX))
    );
    let mut seconds = DurationTally::new();
    seconds.record(1_500_000_000);
    seconds.record(2_500_000_000);
    assert_eq!((seconds.mean_secs(), seconds.sum_secs()), (2.0, 4.0));
}

#[test]
fn a_level_over_time_by_hand() {
    let mut queue = TimeWeighted::new(100, 0);
    queue.add(110, 2);
    queue.add(110, 3);
    queue.add(110, -4);
    queue.set(130, 4);
    assert_eq!((queue.level(), queue.max()), (4, 5));
    assert_eq!(queue.area_until(140), 20 + 40);
    assert_eq!(queue.mean_until(140), 1.5);
    queue.restart(150);
    assert_eq!(
        (queue.mean_until(150), queue.max(), queue.level()),
        (4.0, 4, 4)
    );
    queue.add(160, -1);
    assert_eq!(queue.area_until(170), 70);
    assert_eq!(queue.start(), 150);
}

#[test]
fn the_widest_area_still_fits() {
    for level in [i64::MIN, i64::MAX] {
        let extreme = TimeWeighted::new(i64::MIN, level);
        assert_eq!(
            extreme.area_until(i64::MAX),
            i128::from(level) * i128::from(u64::MAX)
        );
    }
}

proptest! {
    #[test]
    fn merged_tallies_equal_one_pass(
        first in prop::collection::vec(-1e6_f64..1e6, 0..60),
        second in prop::collection::vec(-1e3_f64..1e9, 0..60),
    ) {
        let mut merged: Tally = first.iter().copied().collect();
        merged.merge(&second.iter().copied().collect());
        let single: Tally = first.iter().chain(&second).copied().collect();
        prop_assert_eq!(merged.count(), single.count());
        if single.count() == 0 {
            prop_assert_eq!(merged, single);
            return Ok(());
        }
        prop_assert_eq!((merged.min(), merged.max()), (single.min(), single.max()));
        let scale = single.min().abs().max(single.max().abs());
        prop_assert!((merged.mean() - single.mean()).abs() <= 1e-13 * scale);
        if single.count() > 1 {
            assert_near(merged.variance(), single.variance(), 1e-10, "variance");
        }
    }

    #[test]
    fn merged_durations_equal_one_pass(first in any::<Vec<i64>>(), second in any::<Vec<i64>>()) {
        let tally = |values: &[i64]| {
            let mut tally = DurationTally::new();
            values.iter().for_each(|nanos| tally.record(*nanos));
            tally
        };
        let mut merged = tally(&first);
        merged.merge(&tally(&second));
        prop_assert_eq!(merged, tally(&[first, second].concat()));
    }

    #[test]
    fn the_area_is_the_sum_of_rectangles(steps in prop::collection::vec((0_i64..1000, -50_i64..50), 0..40)) {
        let mut level = TimeWeighted::new(0, 0);
        let (mut now, mut area, mut current, mut max) = (0, 0, 0, 0);
        for (wait, delta) in steps {
            area += i128::from(current * wait);
            now += wait;
            current += delta;
            max = max.max(current);
            level.add(now, delta);
        }
        prop_assert_eq!(level.area_until(now + 5), area + i128::from(current * 5));
        prop_assert_eq!((level.level(), level.max()), (current, max));
    }
}
