//! Selections are right as often as they promise, over hundreds of experiments whose truth is known.

use pluriverse_experiment::{
    Study,
    analysis::{Answer, SelectionAnswer},
    plan::Randomness,
};
use pluriverse_kernel::random::Stream;
use pluriverse_stats::{kim_nelson_eta, ocba_shares, rinott_h};

use super::{Promise, assert_kept};
use crate::studies::{conduct, draws, made_up, study};

const FACTORS: &str =
    "[factors]\nagents = { key = \"stations.desk.agents\", values = [1, 2, 3, 4, 5] }\n";

/// The answer to a selection whose objective is `value` of point and draw; common draws when `is_common`.
fn select(
    study: Study,
    repetition: u64,
    value: impl Fn(usize, &mut Stream) -> f64,
) -> (SelectionAnswer, u64) {
    let is_common = study.plan.randomness == Randomness::Common;
    let analysis = conduct(study, |job| {
        let entity = if is_common { 0 } else { job.point };
        made_up(job, 30, |replication| {
            value(
                job.point,
                &mut draws(1_000 + repetition, entity, replication),
            )
        })
    });
    match analysis.answer {
        Answer::Select(answer) => (answer, analysis.runs),
        other => panic!("{other:?}"),
    }
}

fn asked(question: &str, randomness: Randomness) -> Study {
    let is_common = randomness == Randomness::Common;
    study(&format!(
        "common_random_numbers = {is_common}\nquestion.select = {{ {question} }}\n{FACTORS}"
    ))
}

/// The least favourable configuration: one mean is δ below all others, which are equal.
fn slippage(point: usize, stream: &mut Stream) -> f64 {
    let mean = if point == 3 { 9.0 } else { 10.0 };
    mean + 2.0 * stream.normal()
}

#[test]
fn kim_nelson_keeps_its_promise_where_it_is_hardest() {
    let question = "minimize = \"desk.wait\", indifference = 1, confidence = 0.9, first_stage = 10";
    let base = asked(question, Randomness::Independent);
    let repetitions = 400;
    let right = (0..u64::from(repetitions))
        .filter(|repetition| select(base.clone(), *repetition, slippage).0.selected == Some(4))
        .count();
    assert_kept(
        u32::try_from(right).unwrap(),
        repetitions,
        Promise::AtLeast(0.9),
    );
}

/// With common random numbers the same promise holds, for a fraction of the runs.
#[test]
fn kim_nelson_profits_from_common_random_numbers() {
    let question = "maximize = \"desk.wait\", indifference = 1, confidence = 0.9, first_stage = 10";
    let value = |point: usize, stream: &mut Stream| {
        let common = 2.0 * stream.normal();
        // What differs between points comes from the same stream, after what they share.
        let own = (0..=point).map(|_| stream.normal()).last().unwrap_or(0.0);
        let mean = if point == 1 { 10.0 } else { 9.0 };
        mean + common + 0.5 * own
    };
    let (mut right, mut runs) = (0, [0, 0]);
    let repetitions = 200;
    for repetition in 0..u64::from(repetitions) {
        let (answer, common) = select(asked(question, Randomness::Common), repetition, value);
        right += u32::from(answer.selected == Some(2));
        let (_, own) = select(asked(question, Randomness::Independent), repetition, value);
        runs = [runs[0] + common, runs[1] + own];
    }
    assert_kept(right, repetitions, Promise::AtLeast(0.9));
    assert!(2 * runs[0] < runs[1], "{runs:?}");
}

/// Points 1 and 2 miss the limit, point 3 is the cheapest that meets it.
#[test]
fn kim_nelson_keeps_its_promise_under_a_constraint() {
    let question = "minimize = \"agents\", indifference = 0.5, confidence = 0.9, first_stage = 20, \
                    subject_to = [{ metric = \"desk.wait\", at_most = 60, tolerance = 2 }]";
    let base = asked(question, Randomness::Common);
    let means = [90.0, 62.0, 58.0, 40.0, 30.0];
    let repetitions = 300;
    let right = (0..u64::from(repetitions))
        .filter(|repetition| {
            let value = |point: usize, stream: &mut Stream| means[point] + 10.0 * stream.normal();
            select(base.clone(), *repetition, value).0.selected == Some(3)
        })
        .count();
    assert_kept(
        u32::try_from(right).unwrap(),
        repetitions,
        Promise::AtLeast(0.9),
    );
}

#[test]
fn where_nothing_meets_the_constraint_nothing_is_selected() {
    let question = "minimize = \"agents\", indifference = 0.5, \
                    subject_to = [{ metric = \"desk.wait\", at_most = 60, tolerance = 2 }]";
    let (answer, _) = select(asked(question, Randomness::Common), 1, |_, stream| {
        90.0 + stream.normal()
    });
    assert_eq!(answer.selected, None);
    assert_eq!(answer.notes, ["No point meets all constraints."]);
}

#[test]
fn what_takes_too_long_is_said_to_be_undecided() {
    let question = "minimize = \"desk.wait\", indifference = 0.001, max = 40";
    let (answer, runs) = select(asked(question, Randomness::Independent), 1, |_, stream| {
        stream.normal()
    });
    assert_eq!((answer.selected, runs), (None, 200));
    assert!(
        answer.notes[0].starts_with("Undecided after 40 replications"),
        "{:?}",
        answer.notes
    );
}

#[test]
fn rinott_keeps_its_promise() {
    let question = "minimize = \"desk.wait\", method = \"rinott\", indifference = 1, confidence = 0.9, first_stage = 10";
    let base = asked(question, Randomness::Independent);
    let repetitions = 200;
    let right = (0..u64::from(repetitions))
        .filter(|repetition| select(base.clone(), *repetition, slippage).0.selected == Some(4))
        .count();
    assert_kept(
        u32::try_from(right).unwrap(),
        repetitions,
        Promise::AtLeast(0.9),
    );
}

/// Exponential figures, as waits of short runs are: OCBA is right more often than an equal share of the same budget.
#[test]
fn a_budget_that_goes_where_it_tells_most_is_worth_more() {
    let question =
        "minimize = \"desk.wait\", method = \"ocba\", budget = 600, first_stage = 10, step = 5";
    let base = asked(question, Randomness::Independent);
    let means = [1.0, 1.3, 2.0, 3.0, 4.0];
    let value = |point: usize, stream: &mut Stream| means[point] * stream.exponential();
    let (mut right, mut right_equally) = (0_u32, 0_u32);
    for repetition in 0..300 {
        let (answer, runs) = select(base.clone(), repetition, value);
        assert_eq!(runs, 600);
        right += u32::from(answer.selected == Some(1));
        let mean = |point: usize| -> f64 {
            let draws = (0..120).map(|replication| {
                value(point, &mut draws(9_000 + repetition, point, replication))
            });
            draws.sum()
        };
        let sums: Vec<f64> = (0..5).map(mean).collect();
        right_equally += u32::from(sums.iter().all(|sum| *sum >= sums[0]));
    }
    assert!(right > right_equally, "{right} {right_equally}");
    assert!(right > 280, "{right}");
}

/// η for k = 10, α = 0.05, n₀ = 10; and Rinott's h for k = 2 and 10, n₀ = 20, as tables print them.
#[test]
fn constants_are_those_of_the_tables() {
    // ½ ((2 · 0.05 / 9)^(−2/9) − 1), by hand.
    assert!((kim_nelson_eta(0.05 / 9.0, 10) - 0.8590).abs() < 2e-4);
    // Bechhofer, Santner and Goldsman (1995), table 2.13; for two alternatives Dudewicz and Dalal's h is the same.
    for (alternatives, confidence, expected) in [(2, 0.9, 1.896), (2, 0.95, 2.453)] {
        let h = rinott_h(alternatives, confidence, 20);
        assert!((h - expected).abs() < 2e-3, "{h} {expected}");
    }
}

/// Chen et al.: equal variances, gaps of 1 and 2 get shares of 4 to 1; the best as the root of the sum of squares.
#[test]
fn shares_follow_the_theorem() {
    let shares = ocba_shares(&[0.0, 1.0, 2.0], &[1.0, 1.0, 1.0], 100.0);
    assert!((shares[1] / shares[2] - 4.0).abs() < 1e-9);
    let root = (shares[1] * shares[1] + shares[2] * shares[2]).sqrt();
    assert!((shares[0] - root).abs() < 1e-9);
    assert!((shares.iter().sum::<f64>() - 100.0).abs() < 1e-9);
}
