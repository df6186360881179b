//! Histogram: bucket geometry, quantiles against sorted samples, merging, refused input.

use pluriverse_stats::Histogram;
use proptest::prelude::*;

fn of(values: &[u64]) -> Histogram {
    let mut histogram = Histogram::new();
    values.iter().for_each(|value| histogram.record(*value));
    histogram
}

#[test]
fn buckets_tile_the_whole_range() {
    let mut histogram = Histogram::new();
    let mut value = 0_u64;
    let mut expected_low = 0_u64;
    let mut buckets = 0;
    loop {
        histogram.clear();
        histogram.record(value);
        let (low, high, count) = histogram.buckets().next().unwrap();
        assert_eq!((low, count), (expected_low, 1));
        assert!(low <= value && value <= high);
        assert!(
            high - low <= low / 128,
            "bucket {low}..={high} is wider than 1/128"
        );
        buckets += 1;
        let Some(next) = high.checked_add(1) else {
            break;
        };
        (value, expected_low) = (next, next);
    }
    assert_eq!(buckets, 56 * 128 + 256);
}

#[test]
fn small_and_extreme_values() {
    assert_eq!(Histogram::new().quantile(0.5), None);
    assert_eq!(of(&[0]).quantile(1.0), Some(0));
    assert_eq!(of(&[u64::MAX]).buckets().last().unwrap().1, u64::MAX);
    let hundred = of(&(1..=100).collect::<Vec<_>>());
    // 0.07 × 100 rounds to just above 7; the rank is 7 all the same.
    let answers =
        [0.0, 0.01, 0.07, 0.29, 0.5, 0.95, 0.951, 1.0].map(|q| hundred.quantile(q).unwrap());
    assert_eq!(answers, [1, 1, 7, 29, 50, 95, 96, 100]);
    assert_eq!(hundred.count_at_most(20), 20);
}

#[test]
fn recording_nothing_changes_nothing() {
    let mut histogram = Histogram::new();
    histogram.record_n(1_000_000, 0);
    assert_eq!(histogram, Histogram::new());
    histogram.record_n(1_000_000, 3);
    assert_eq!((histogram.count(), histogram.is_empty()), (3, false));
    histogram.clear();
    assert_eq!(histogram, Histogram::new());
}

fn values() -> impl Strategy<Value = Vec<u64>> {
    // All magnitudes alike, not only the huge ones that uniform integers are.
    prop::collection::vec(
        (any::<u64>(), 0_u32..64).prop_map(|(value, shift)| value >> shift),
        1..200,
    )
}

proptest! {
    #[test]
    fn quantiles_are_within_the_stated_error(mut values in values(), q in 0.0_f64..=1.0) {
        let histogram = of(&values);
        values.sort_unstable();
        let rank = (1..=values.len()).find(|rank| *rank as f64 / values.len() as f64 >= q).unwrap();
        let exact = values[rank - 1];
        let got = histogram.quantile(q).unwrap();
        let error = got.abs_diff(exact);
        prop_assert!(error <= exact / 256, "quantile {q}: {got} for {exact}");
    }

    #[test]
    fn quantiles_in_one_go_are_those_one_by_one(values in values(), mut shares in any::<[u8; 5]>()) {
        let histogram = of(&values);
        shares.sort_unstable();
        let shares = shares.map(|share| f64::from(share) / 255.0);
        prop_assert_eq!(histogram.quantiles(shares), shares.map(|q| histogram.quantile(q)));
    }

    #[test]
    fn merging_is_recording(first in values(), second in values()) {
        let mut merged = of(&first);
        merged.merge(&of(&second));
        prop_assert_eq!(&merged, &of(&[first.clone(), second.clone()].concat()));
        prop_assert_eq!(merged.count(), (first.len() + second.len()) as u64);
        prop_assert_eq!(merged.buckets().map(|bucket| bucket.2).sum::<u64>(), merged.count());
    }

    #[test]
    fn counts_at_most_are_exact_at_bucket_ends(values in values(), probe in any::<prop::sample::Index>()) {
        let histogram = of(&values);
        let buckets: Vec<_> = histogram.buckets().collect();
        let (low, high, _) = buckets[probe.index(buckets.len())];
        let exact = values.iter().filter(|value| **value <= high).count() as u64;
        prop_assert_eq!(histogram.count_at_most(high), exact);
        prop_assert_eq!(histogram.count_at_most(low), exact);
        prop_assert_eq!(histogram.count_at_most(u64::MAX), histogram.count());
    }
}
