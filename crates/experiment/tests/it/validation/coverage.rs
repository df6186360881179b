//! Intervals cover the truth as often as they say, over 1,000 repetitions each.

use pluriverse_kernel::random::Stream;
use pluriverse_stats::{
    RatioTally, Tally, controlled_mean, linearized, mean_interval, paired_difference,
};

use super::{Promise, assert_kept};
use crate::studies::draws;

pub(super) const REPETITIONS: u32 = 1_000;

/// How many repetitions cover, each with random numbers of its own.
pub(super) fn covered(seed: u64, mut covers: impl FnMut(&mut Stream) -> bool) -> u32 {
    let repetitions = 0..u64::from(REPETITIONS);
    let right = repetitions.filter(|repetition| covers(&mut draws(seed, 0, *repetition)));
    u32::try_from(right.count()).unwrap()
}

#[test]
fn means_of_normal_replications() {
    let right = covered(1, |stream| {
        let tally: Tally = (0..10).map(|_| 5.0 + stream.normal()).collect();
        mean_interval(&tally, 0.95).unwrap().covers(5.0)
    });
    assert_kept(right, REPETITIONS, Promise::Exactly(0.95));
}

/// Numerator and denominator depend on each other: 20 customers or so, each with a mean wait of 3.
#[test]
fn ratios_and_the_numbers_that_stand_for_them() {
    let day = |stream: &mut Stream| {
        let customers = 20.0 + 4.0 * stream.normal();
        (3.0 * customers + 5.0 * stream.normal(), customers)
    };
    let right = covered(2, |stream| {
        let pairs: Vec<(f64, f64)> = (0..40).map(|_| day(stream)).collect();
        let mut tally = RatioTally::new();
        pairs
            .iter()
            .for_each(|(sum, count)| tally.record(*sum, *count));
        let estimate = tally.estimate().unwrap();
        let stand_ins: Tally = linearized(&pairs).unwrap().into_iter().collect();
        let same = mean_interval(&stand_ins, 0.95).unwrap();
        let close = |one: f64, other: f64| (one - other).abs() < 1e-9;
        assert!(close(same.mean, estimate.mean));
        assert!(close(
            same.half_width.unwrap(),
            estimate.half_width.unwrap()
        ));
        estimate.covers(3.0)
    });
    assert_kept(right, REPETITIONS, Promise::Exactly(0.95));
}

/// Two alternatives that move together, a quarter apart.
#[test]
fn paired_differences() {
    let right = covered(3, |stream| {
        let (mut one, mut other) = (Vec::new(), Vec::new());
        for _ in 0..15 {
            let common = 10.0 * stream.normal();
            one.push((common + stream.normal(), 1.0));
            other.push((common + 0.25 + stream.normal(), 1.0));
        }
        let paired = paired_difference(&one, &other, 0.95).unwrap();
        assert!(paired.correlation.unwrap() > 0.9);
        paired.difference.covers(0.25)
    });
    assert_kept(right, REPETITIONS, Promise::Exactly(0.95));
}

#[test]
fn means_corrected_by_two_controls() {
    let mut narrower = 0;
    let right = covered(4, |stream| {
        let (mut values, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..20 {
            let (a, b) = (stream.normal(), stream.normal());
            values.push(7.0 + 2.0 * a - b + stream.normal());
            first.push(1.0 + a);
            second.push(4.0 + 3.0 * b);
        }
        let plain: Tally = values.iter().copied().collect();
        let plain = mean_interval(&plain, 0.95).unwrap();
        let controls = [(first, 1.0), (second, 4.0)];
        let controlled = controlled_mean(&values, &controls, 0.95).unwrap();
        narrower += u32::from(controlled.estimate.half_width < plain.half_width);
        controlled.estimate.covers(7.0)
    });
    assert_kept(right, REPETITIONS, Promise::Exactly(0.95));
    assert!(narrower > 950, "{narrower}");
}

#[test]
fn controls_that_depend_on_each_other_or_do_not_vary_are_left_alone() {
    let values = [1.0, 2.0, 4.0, 3.0, 6.0];
    let control = vec![1.0, 2.0, 3.0, 4.0, 5.0];
    let double: Vec<f64> = control.iter().map(|value| 2.0 * value).collect();
    let both = [(control.clone(), 3.0), (double, 6.0)];
    assert_eq!(controlled_mean(&values, &both, 0.95), None);
    assert_eq!(controlled_mean(&values, &[(vec![2.0; 5], 2.0)], 0.95), None);
    assert_eq!(
        controlled_mean(&values[..3], &[(control[..3].to_vec(), 3.0)], 0.95),
        None
    );
}
