//! What is written can be read back equal, and what no history could have left is refused.

use pluriverse_stats::{DurationTally, Estimate, Histogram, RatioTally, Tally, TimeWeighted};
use serde::{Serialize, de::DeserializeOwned};

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let bytes = postcard::to_allocvec(value).unwrap();
    assert_eq!(&postcard::from_bytes::<T>(&bytes).unwrap(), value);
}

#[test]
fn every_accumulator_survives_a_snapshot() {
    round_trip(&Tally::new());
    round_trip(&Tally::from_iter([1.5, -2.0]));
    let mut durations = DurationTally::new();
    round_trip(&durations);
    durations.record(i64::MIN);
    round_trip(&durations);
    let mut histogram = Histogram::new();
    round_trip(&histogram);
    histogram.record(u64::MAX);
    round_trip(&histogram);
    let mut ratio = RatioTally::new();
    ratio.record(3.0, 2.0);
    round_trip(&ratio);
    round_trip(&TimeWeighted::new(-5, 7));
    round_trip(&Estimate::default());
}

#[test]
fn an_impossible_histogram_is_refused() {
    let refused = |counts: Vec<u64>| {
        postcard::from_bytes::<Histogram>(&postcard::to_allocvec(&counts).unwrap()).is_err()
    };
    assert!(!refused(vec![1]));
    assert!(refused(vec![1, 0]));
    assert!(refused(vec![1; 56 * 128 + 257]));
    assert!(refused(vec![u64::MAX, 1]));
}
