//! Intervals of one long run cover the truth as often as they say, on queues and autoregressive series, 1,000 runs each.
//!
//! Two promises are looked at: how many intervals cover, and how many are wrong without a word that the run is too short.
//! The second is to be 5 % or less however short the run is; the first cannot be kept on a run of a few relaxation times.

use pluriverse_kernel::random::Stream;
use pluriverse_stats::batch_means;

use super::{
    Promise, assert_kept,
    coverage::{REPETITIONS, covered},
};

/// What 1,000 runs came to.
#[derive(Clone, Copy, Debug, Default)]
struct Outcome {
    /// Intervals that cover the truth.
    right: u32,
    /// Those that do not, where nothing was said.
    wrong_unsaid: u32,
    /// Runs that are said to be too short.
    told: u32,
}

fn outcome(seed: u64, truth: f64, mut series: impl FnMut(&mut Stream) -> Vec<f64>) -> Outcome {
    let mut outcome = Outcome::default();
    outcome.right = covered(seed, |stream| {
        let batches = batch_means(&series(stream), 0.95).unwrap();
        outcome.told += u32::from(!batches.is_independent);
        let is_right = batches.covers(truth);
        outcome.wrong_unsaid += u32::from(!is_right && batches.is_independent);
        is_right
    });
    outcome
}

impl Outcome {
    /// That 5 % or less are wrong unsaid.
    fn assert_honest(self) {
        let not_so = REPETITIONS - self.wrong_unsaid;
        assert_kept(not_so, REPETITIONS, Promise::AtLeast(0.95));
    }
}

/// Customers waiting in M/M/1, ten served an hour, averaged over each hour after a warm-up; begun empty.
fn queue_length(
    stream: &mut Stream,
    utilization: f64,
    (warm_up, hours): (usize, usize),
) -> Vec<f64> {
    const SERVICE: f64 = 10.0;
    let arrival = SERVICE * utilization;
    let mut waiting = vec![0.0; warm_up + hours];
    let (mut now, mut present, mut hour) = (0.0, 0_u32, 0);
    while hour < waiting.len() {
        let rate = if present > 0 {
            SERVICE + arrival
        } else {
            arrival
        };
        let next = now + stream.exponential() / rate;
        let queue = f64::from(present.saturating_sub(1));
        while hour < waiting.len() && next >= (hour + 1) as f64 {
            waiting[hour] += queue * ((hour + 1) as f64 - now);
            hour += 1;
            now = hour as f64;
        }
        if hour < waiting.len() {
            waiting[hour] += queue * (next - now);
        }
        now = next;
        if stream.next_f64() * rate < arrival {
            present += 1;
        } else {
            present -= 1;
        }
    }
    waiting.split_off(warm_up)
}

/// Mean queue length of M/M/1.
fn queue(utilization: f64) -> f64 {
    utilization * utilization / (1.0 - utilization)
}

/// A thousand hours are about a hundred relaxation times (9 h).
#[test]
fn queue_length_at_80_percent() {
    let outcome = outcome(21, queue(0.8), |stream| {
        queue_length(stream, 0.8, (50, 950))
    });
    assert_kept(outcome.right, REPETITIONS, Promise::AtLeast(0.95));
    outcome.assert_honest();
}

/// The relaxation time is 38 h: what is long enough for the queue above is not for this one, and that is said.
#[test]
fn queue_length_at_90_percent() {
    let short = outcome(22, queue(0.9), |stream| {
        queue_length(stream, 0.9, (250, 750))
    });
    short.assert_honest();
    assert!(short.told > 900, "{short:?}");
    let long = outcome(23, queue(0.9), |stream| {
        queue_length(stream, 0.9, (250, 8_000))
    });
    assert_kept(long.right, REPETITIONS, Promise::AtLeast(0.95));
    long.assert_honest();
    assert!(long.told < short.told / 2, "{long:?}");
}

/// Waits of one customer after the other, by Lindley's recurrence: services of mean 1.
fn waits(stream: &mut Stream, utilization: f64, customers: usize) -> Vec<f64> {
    let mut wait = 0.0_f64;
    let all = (0..2_000 + customers).map(|_| {
        let this = wait;
        let between = stream.exponential() / utilization;
        wait = (wait + stream.exponential() - between).max(0.0);
        this
    });
    all.skip(2_000).collect()
}

#[test]
fn waits_at_80_percent() {
    let outcome = outcome(24, 4.0, |stream| waits(stream, 0.8, 16_384));
    assert_kept(outcome.right, REPETITIONS, Promise::AtLeast(0.95));
    outcome.assert_honest();
}

/// An autoregressive series of unit variance with this correlation between neighbours, begun in its steady state.
fn autoregressive(stream: &mut Stream, correlation: f64, length: usize) -> Vec<f64> {
    let spread = (1.0 - correlation * correlation).sqrt();
    let mut level = stream.normal();
    let series = (0..length).map(|_| {
        level = correlation * level + spread * stream.normal();
        2.0 + level
    });
    series.collect()
}

#[test]
fn autoregressive_series() {
    let outcome = outcome(5, 2.0, |stream| autoregressive(stream, 0.8, 8_192));
    assert_kept(outcome.right, REPETITIONS, Promise::AtLeast(0.95));
    outcome.assert_honest();
    // The test of independence takes a tenth of the independent ones for dependent.
    assert!(outcome.told < 180, "{outcome:?}");
}

/// What is independent from the start, with few observations: the interval may be wider than it has to be, by little.
#[test]
fn independent_observations() {
    for (seed, length) in [(25, 64), (26, 127), (27, 1_000)] {
        let mut wide = 0.0;
        let outcome = outcome(seed, 0.0, |stream| {
            let series: Vec<f64> = (0..length).map(|_| stream.normal()).collect();
            let batches = batch_means(&series, 0.95).unwrap();
            wide += batches.high - batches.low;
            series
        });
        assert_kept(outcome.right, REPETITIONS, Promise::AtLeast(0.95));
        outcome.assert_honest();
        let narrowest = 2.0 * 1.96 / f64::from(length).sqrt();
        let mean = wide / f64::from(REPETITIONS);
        assert!(mean < 1.35 * narrowest, "{mean} {narrowest}");
    }
}

/// Neighbours with a correlation of 0.999 in a run of 2,000: no batch is long enough, and that is said.
#[test]
fn a_run_that_is_too_short_is_found_out() {
    let outcome = outcome(6, 2.0, |stream| autoregressive(stream, 0.999, 2_000));
    assert!(outcome.told > 990, "{outcome:?}");
}

#[test]
fn what_does_not_vary_is_known_exactly() {
    let batches = batch_means(&[3.0; 100], 0.95).unwrap();
    assert_eq!((batches.low, batches.high), (3.0, 3.0));
    assert!(batches.is_independent);
    assert_eq!(batch_means(&[3.0; 31], 0.95), None);
}

/// A queue's long days pull the upper end away; mirrored, they pull the lower one.
#[test]
fn a_skewed_series_has_the_longer_side_where_its_tail_is() {
    let mut stream = crate::studies::draws(28, 0, 0);
    let series = queue_length(&mut stream, 0.8, (50, 950));
    let mirrored: Vec<f64> = series.iter().map(|value| -value).collect();
    let batches = batch_means(&series, 0.95).unwrap();
    let mean = batches.estimate.mean;
    assert!(
        batches.high - mean > 1.1 * (mean - batches.low),
        "{batches:?}"
    );
    let mirror = batch_means(&mirrored, 0.95).unwrap();
    assert!((mirror.low + batches.high).abs() < 1e-9);
    assert!((mirror.high + batches.low).abs() < 1e-9);
}
