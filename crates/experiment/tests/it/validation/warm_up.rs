//! MSER-5 and Welch's graph on series whose warm-up is known.

use pluriverse_stats::{MSER_BATCH, moving_average, mser, welch_mean};

use crate::studies::draws;

/// A level that begins ten off and comes to the right one within 100 observations; the mean of what MSER-5 keeps is right.
#[test]
fn mser_cuts_a_ramp_where_it_ends() {
    for repetition in 0..100 {
        let mut stream = draws(7, 0, repetition);
        let series: Vec<f64> = (0..1_000)
            .map(|index| {
                let bias = (10.0 - 0.1 * f64::from(index)).max(0.0);
                bias + stream.normal()
            })
            .collect();
        let cut = mser(&series, MSER_BATCH).unwrap();
        assert!(cut.is_reliable);
        // A bias below a fifth of the noise costs less than the observations it is in.
        assert!(
            (70..=200).contains(&cut.observations),
            "{}",
            cut.observations
        );
        let kept = &series[cut.observations..];
        let mean = kept.iter().sum::<f64>() / kept.len() as f64;
        let error = 4.0 / (kept.len() as f64).sqrt();
        assert!(mean.abs() < error + 0.08, "{mean}");
    }
}

#[test]
fn mser_cuts_little_of_what_has_no_warm_up() {
    let cuts: Vec<usize> = (0..200)
        .map(|repetition| {
            let mut stream = draws(8, 0, repetition);
            let series: Vec<f64> = (0..1_000).map(|_| stream.normal()).collect();
            mser(&series, MSER_BATCH).unwrap().observations
        })
        .collect();
    let small = cuts.iter().filter(|cut| **cut <= 100).count();
    assert!(small > 120, "{small}");
}

#[test]
fn mser_says_when_a_run_is_too_short() {
    let ramp: Vec<f64> = (0..200).map(f64::from).collect();
    assert!(!mser(&ramp, MSER_BATCH).unwrap().is_reliable);
    assert_eq!(mser(&ramp[..49], MSER_BATCH), None);
    let constant = mser(&[3.0; 100], MSER_BATCH).unwrap();
    assert_eq!((constant.observations, constant.statistic), (0, 0.0));
}

#[test]
fn welchs_graph_is_what_a_hand_draws() {
    let observed = |run: &[f64]| run.iter().copied().map(Some).collect::<Vec<_>>();
    let mean = welch_mean(&[observed(&[1.0, 2.0, 3.0, 4.0]), observed(&[3.0, 2.0, 1.0])]);
    assert_eq!(mean, [2.0, 2.0, 2.0]);
    let gaps = [
        vec![Some(1.0), None, None, Some(4.0)],
        vec![Some(3.0), Some(5.0), None, Some(4.0)],
    ];
    assert_eq!(welch_mean(&gaps), [2.0, 5.0]);
    let smooth = moving_average(&[0.0, 3.0, 6.0, 3.0, 0.0], 1);
    assert_eq!(smooth, [0.0, 3.0, 4.0, 3.0]);
    assert_eq!(welch_mean(&[]), Vec::<f64>::new());
    assert_eq!(moving_average(&[1.0], 5), Vec::<f64>::new());
}
