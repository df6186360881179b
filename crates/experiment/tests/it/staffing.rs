//! Staffing: the fewest per period, against an exhaustive look at the same question.

use pluriverse_experiment::{
    Analysis,
    analysis::{Answer, StaffingAnswer},
};

use crate::studies::{conduct, read_with, run, study};

/// Three busy hours; an hour's queue is there in the next one.
const RUSH: &str = r#"
kind = "process"
[run]
until = "3h"
period = "1h"
at_end = "drain"
seed = 3
[sources.people.arrivals.rates]
every = "1h"
values = ["30/h", "60/h", "20/h"]
[stations.desk]
agents = { every = "1h", values = [3, 3, 3] }
service = { exponential = { mean = "2m" } }
service_level = { within = "2m" }
"#;

fn asked(rest: &str) -> String {
    format!(
        r#"
            kind = "experiment"
            scenario = "desk.toml"
            [question.staffing]
            key = "stations.desk.agents.values"
            series = "Service level/desk"
            {rest}
        "#
    )
}

fn staffed(analysis: &Analysis) -> &StaffingAnswer {
    match &analysis.answer {
        Answer::Staffing(answer) => answer,
        other => panic!("{other:?}"),
    }
}

fn needed(answer: &StaffingAnswer) -> Vec<i64> {
    answer
        .periods
        .iter()
        .map(|period| period.needed.unwrap())
        .collect()
}

/// The mean service level of each hour with these agents, over 4,000 replications of a seed of their own.
fn levels(agents: &[i64]) -> Vec<f64> {
    let text = r#"
        kind = "experiment"
        scenario = "desk.toml"
        seed = 77
        [question.staffing]
        key = "stations.desk.agents.values"
        series = "Service level/desk"
        at_least = 0.0
        tolerance = 0.5
        max = 1
        search = 2
        first_stage = 3
        report = 4000
    "#;
    let scenario = RUSH.replace("[3, 3, 3]", &format!("{agents:?}"));
    // What is reported of the scenario as it is.
    let analysis = run(read_with(&scenario, text).unwrap());
    let periods = staffed(&analysis).periods.iter();
    periods
        .map(|period| period.as_it_is_estimate.clone().unwrap().mean)
        .collect()
}

#[test]
fn the_answer_meets_the_limit_and_nothing_less_does() {
    let text = asked("at_least = 0.8\ntolerance = 0.02\nmax = 8\nreport = 400");
    let analysis = run(read_with(RUSH, &text).unwrap());
    let answer = staffed(&analysis);
    assert!(answer.is_certified, "{answer:?}");
    assert!(answer.notes.is_empty(), "{:?}", answer.notes);
    let plan = needed(answer);
    assert_eq!(answer.total, Some(plan.iter().sum()));
    let seen = levels(&plan);
    assert!(seen.iter().all(|level| *level > 0.78), "{plan:?}: {seen:?}");
    for period in 0..plan.len() {
        let mut less = plan.clone();
        less[period] -= 1;
        let seen = levels(&less);
        assert!(seen.iter().any(|level| *level < 0.82), "{less:?}: {seen:?}");
    }
    assert!(analysis.guarantee.contains("With probability 0.95 or more"));
}

#[test]
fn what_not_even_the_most_can_do_is_said() {
    let text = asked("at_least = 0.8\ntolerance = 0.02\nmax = 2");
    let analysis = run(read_with(RUSH, &text).unwrap());
    let answer = staffed(&analysis);
    assert_eq!((answer.total, answer.is_certified), (None, false));
    assert_eq!(
        answer.notes,
        [
            "With 2 in every period, period 2 still misses the limit: raise `max`, or lower the limit."
        ]
    );
}

#[test]
fn a_plan_that_stays_open_is_not_certified() {
    let text =
        asked("at_least = 0.8\ntolerance = 0.0001\nmax = 8\nmax_replications = 200\nreport = 10");
    let analysis = run(read_with(RUSH, &text).unwrap());
    let answer = staffed(&analysis);
    assert!(!answer.is_certified);
    assert!(
        answer.notes[0].starts_with("Not certified: after 200 replications"),
        "{:?}",
        answer.notes
    );
}

/// A wait of at most three minutes, whose figure is a duration.
#[test]
fn limits_from_above_are_met_too() {
    let text = asked("at_most = 180\ntolerance = 10\nmax = 8\nreport = 200")
        .replace("Service level", "Wait");
    let analysis = run(read_with(RUSH, &text).unwrap());
    let answer = staffed(&analysis);
    assert!(answer.is_certified);
    let waits = answer
        .periods
        .iter()
        .map(|period| period.estimate.clone().unwrap());
    assert!(waits.into_iter().all(|wait| wait.mean < 200.0));
}

/// Nobody comes in the first hour: nobody needs to be there.
#[test]
fn a_period_in_which_nothing_happens_needs_the_least() {
    let scenario = RUSH.replace("\"30/h\"", "\"0/h\"");
    let text = asked("at_least = 0.5\ntolerance = 0.02\nmin = 0\nmax = 8\nreport = 100");
    let analysis = run(read_with(&scenario, &text).unwrap());
    let answer = staffed(&analysis);
    assert!(answer.is_certified);
    assert_eq!(answer.periods[0].needed, Some(0), "{answer:?}");
    assert_eq!(answer.periods[0].estimate, None);
}

/// Of all plans with fewer in all, none meets the limit by its tolerance: what is saved in one hour and paid twice in the
/// next is found.
#[test]
fn no_plan_with_a_smaller_sum_does_it() {
    let text = asked("at_least = 0.8\ntolerance = 0.02\nmax = 8\nreport = 400");
    let analysis = run(read_with(RUSH, &text).unwrap());
    let total = staffed(&analysis).total.unwrap();
    let plans = (1..=4_i64)
        .flat_map(|one| (1..=4).flat_map(move |two| (1..=4).map(move |three| [one, two, three])));
    for plan in plans.filter(|plan| plan.iter().sum::<i64>() == total - 1) {
        let seen = levels(&plan);
        assert!(
            seen.iter().any(|level| *level < 0.82),
            "{plan:?} of {total}: {seen:?}"
        );
    }
}

/// A job that fails ends the experiment; what was looked at so far is told.
#[test]
fn an_interrupted_search_has_no_plan_yet() {
    let text = "[question.staffing]\nkey = \"stations.desk.agents.values\"\nseries = \"Service level/desk\"\n\
                at_least = 0.8\ntolerance = 0.02\nmax = 8";
    let mut experiment = pluriverse_experiment::Experiment::new(study(text));
    let job = experiment.poll_job().unwrap();
    let mut laboratory =
        pluriverse_experiment::Laboratory::new(experiment.study().workload.clone());
    experiment.handle_result(laboratory.run(&job)).unwrap();
    let analysis = experiment.finish();
    assert!(!analysis.is_complete);
    assert_eq!(staffed(&analysis).total, None);
    assert_eq!(analysis.guarantee, "");
}

#[test]
fn a_staffing_answer_is_the_same_when_it_is_asked_again() {
    let text = asked(
        "at_least = 0.7\ntolerance = 0.05\nmax = 6\nreport = 50\nsearch = 50\nfirst_stage = 50",
    );
    let one = run(read_with(RUSH, &text).unwrap());
    let study = read_with(RUSH, &text).unwrap();
    let mut laboratory = pluriverse_experiment::Laboratory::new(study.workload.clone());
    let other = conduct(study, |job| laboratory.run(job));
    assert_eq!(one, other);
}
