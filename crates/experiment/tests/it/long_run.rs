//! Questions about one long run: what is answered, and the reason where nothing is.

use pluriverse_experiment::{
    Analysis,
    analysis::{Answer, SteadyStateAnswer, WarmUpAnswer},
};

use crate::studies::{run, study};

fn analysed(text: &str) -> Analysis {
    run(study(text))
}

fn warm_up(analysis: &Analysis) -> &WarmUpAnswer {
    match &analysis.answer {
        Answer::WarmUp(answer) => answer,
        other => panic!("{other:?}"),
    }
}

fn steady_state(analysis: &Analysis) -> &SteadyStateAnswer {
    match &analysis.answer {
        Answer::SteadyState(answer) => answer,
        other => panic!("{other:?}"),
    }
}

fn assert_told(analysis: &Analysis, words: &str) {
    assert!(
        analysis.guarantee.contains(words),
        "{words:?} is missing: {}",
        analysis.guarantee
    );
}

#[test]
fn a_series_that_is_observed_nowhere_says_so() {
    let analysis = analysed(
        "set = { \"run.period\" = \"2m\", \"sources.people.arrivals.poisson.rate\" = \"0.00001/h\" }\n\
         question.warm_up.series = \"Wait/desk\"",
    );
    assert_eq!(warm_up(&analysis).mean, Vec::<f64>::new());
    assert_told(&analysis, "No answer: MSER-5 takes 50 periods in a row");
    assert_told(
        &analysis,
        "Nothing was observed of `Wait/desk` in any of the 120 periods",
    );
}

/// In most minutes nobody is called; with 400 days somebody is in each of them.
#[test]
fn periods_are_averaged_over_the_runs_that_observed_them() {
    let text = |count: u32| {
        format!(
            "set = {{ \"run.period\" = \"2m\", \"sources.people.arrivals.poisson.rate\" = \"6/h\" }}\n\
             replications.count = {count}\nquestion.warm_up.series = \"Wait/desk\""
        )
    };
    let few = analysed(&text(2));
    assert!(warm_up(&few).mean.len() < 20);
    assert_told(&few, "Nothing was observed of `Wait/desk` in");
    let many = analysed(&text(400));
    assert_eq!(warm_up(&many).mean.len(), 120);
    assert!(warm_up(&many).is_reliable);
    assert_told(&many, "rule of thumb");
    assert!(!many.guarantee.contains("Nothing was observed"));
}

#[test]
fn a_steady_state_says_what_its_interval_is_worth() {
    let analysis = analysed(
        "set = { \"run.until\" = \"400h\", \"run.period\" = \"10m\" }\n\
         question.steady_state = { series = \"Queue length/desk\", warm_up = 30 }",
    );
    let answer = steady_state(&analysis);
    assert_eq!((answer.periods, answer.warm_up_periods), (2_400, 30));
    let batches = answer.batches.as_ref().unwrap();
    assert!(batches.is_independent);
    assert!(batches.low < batches.estimate.mean && batches.estimate.mean < batches.high);
    let farther = (batches.estimate.mean - batches.low).max(batches.high - batches.estimate.mean);
    assert!((batches.estimate.half_width.unwrap() - farther).abs() < 1e-12);
    assert_told(&analysis, "The interval goes from ");
    assert_told(&analysis, "in 95 % of runs");
}

#[test]
fn a_steady_state_of_a_morning_needs_a_longer_run() {
    let analysis = analysed(
        "set = { \"run.period\" = \"1m\", \"sources.people.arrivals.poisson.rate\" = \"23/h\" }\n\
         question.steady_state.series = \"Queue length/desk\"",
    );
    let answer = steady_state(&analysis);
    assert!(!answer.batches.as_ref().unwrap().is_independent);
    assert_told(&analysis, "Needs a longer run: batches");
}

#[test]
fn a_steady_state_of_waits_leaves_out_periods_without_any() {
    let analysis = analysed(
        "set = { \"run.until\" = \"100h\", \"run.period\" = \"2m\" }\n\
         question.steady_state = { series = \"Wait/desk\", warm_up = 50 }",
    );
    let answer = steady_state(&analysis);
    assert_eq!(answer.periods, 3_000);
    let batches = answer.batches.as_ref().unwrap();
    assert!(batches.batch_size < 3_000 / 32 - 1);
    assert_told(&analysis, "Periods without an observation are left out.");
}
