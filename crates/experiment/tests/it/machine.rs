//! The state machine: the order in which results come, repetitions and losses change nothing.

use std::collections::VecDeque;

use expect_test::{Expect, expect};
use pluriverse_experiment::{
    Analysis, Experiment, ExperimentError, Job, JobResult, Laboratory, Receipt, Study, Trial, wire,
};

use crate::studies::{conduct, made_up, run, study};

const FACTORS: &str = r#"
    [factors]
    agents = { key = "stations.desk.agents", values = [2, 3] }
    service = { key = "stations.desk.service.exponential.mean", values = ["4m", "5m"] }
"#;

fn compared() -> Study {
    study(&format!("question.compare.baseline = 2\n{FACTORS}"))
}

/// Several workers with a laboratory each, whose results come back as `pick` says: it is given how many are on their way.
fn shuffled(study: Study, mut pick: impl FnMut(usize) -> usize) -> Analysis {
    let workload = study.workload.clone();
    let mut laboratories: Vec<Laboratory> =
        (0..3).map(|_| Laboratory::new(workload.clone())).collect();
    let mut experiment = Experiment::new(study);
    let mut on_the_way: Vec<Job> = Vec::new();
    loop {
        while let Some(job) = experiment.poll_job() {
            on_the_way.push(job);
        }
        if on_the_way.is_empty() {
            break;
        }
        let job = on_the_way.swap_remove(pick(on_the_way.len()));
        let worker = on_the_way.len() % laboratories.len();
        let result = laboratories[worker].run(&job);
        experiment.handle_result(result.clone()).unwrap();
        // A worker that was thought lost comes back with the same.
        if worker == 0 {
            experiment.handle_result(result).unwrap();
        }
    }
    assert!(experiment.is_done());
    experiment.finish()
}

#[test]
fn the_analysis_is_the_same_in_any_order() {
    let expected = run(compared());
    assert_eq!(expected.runs, 24);
    assert_eq!(shuffled(compared(), |_| 0), expected);
    assert_eq!(shuffled(compared(), |count| count - 1), expected);
    let mut turn = 0;
    let any = |count| {
        turn += 7;
        turn % count
    };
    assert_eq!(shuffled(compared(), any), expected);
}

#[test]
fn decisions_on_the_way_are_the_same_in_any_order() {
    let sequential = || {
        study(&format!(
            "replications.stop = {{ metric = \"desk.wait\", relative_half_width = 0.2, min = 4, max = 200 }}\n{FACTORS}"
        ))
    };
    let expected = run(sequential());
    let counts: Vec<u64> = expected
        .points
        .iter()
        .map(|point| point.replications)
        .collect();
    assert!(
        counts.iter().all(|count| (4..=200).contains(count)),
        "{counts:?}"
    );
    assert!(counts.iter().any(|count| *count != counts[0]), "{counts:?}");
    assert_eq!(shuffled(sequential(), |count| count - 1), expected);
}

#[test]
fn a_job_survives_the_wire() {
    let mut experiment = Experiment::new(compared());
    let job = experiment.poll_job().unwrap();
    assert_eq!(wire::from_bytes::<Job>(&wire::to_bytes(&job)).unwrap(), job);
    let mut laboratory = Laboratory::new(experiment.study().workload.clone());
    let result = laboratory.run(&job);
    let bytes = wire::to_bytes(&result);
    assert_eq!(wire::from_bytes::<JobResult>(&bytes).unwrap(), result);
    assert!(wire::from_bytes::<JobResult>(&bytes[..bytes.len() - 1]).is_err());
    let longer = [bytes, vec![0]].concat();
    assert!(wire::from_bytes::<JobResult>(&longer).is_err());
}

#[test]
fn a_message_of_another_version_is_refused() {
    let job = Experiment::new(compared()).poll_job().unwrap();
    let bytes = wire::to_bytes(&job);
    let opening = format!("pluriverse {}\n", wire::VERSION);
    let content = bytes.strip_prefix(opening.as_bytes()).unwrap();
    let check = |opening: &str, expected: Expect| {
        let other = [opening.as_bytes(), content].concat();
        let error = wire::from_bytes::<Job>(&other).unwrap_err();
        expected.assert_eq(&error.to_string().replace(wire::VERSION, "OURS"));
    };
    check(
        "pluriverse 0.0.7\n",
        expect![
            "this message of an experiment was made by version 0.0.7 of Pluriverse, and here is version OURS: install the same version wherever its runs are made"
        ],
    );
    check(
        "pluriverse ",
        expect![
            "these bytes are no message of an experiment: they do not begin as one does; expected one of version OURS"
        ],
    );
    check(
        "",
        expect![
            "these bytes are no message of an experiment: they do not begin as one does; expected one of version OURS"
        ],
    );
}

#[test]
fn what_was_not_asked_for_is_refused_and_changes_nothing() {
    let mut experiment = Experiment::new(compared());
    let job = experiment.poll_job().unwrap();
    let mut laboratory = Laboratory::new(experiment.study().workload.clone());
    let result = laboratory.run(&job);
    let unknown = JobResult {
        id: 1_000,
        ..result.clone()
    };
    assert_eq!(
        experiment.handle_result(unknown),
        Err(ExperimentError::UnknownJob {
            id: 1_000,
            next: 24
        })
    );
    let empty = JobResult {
        id: job.id,
        outcome: Ok(Vec::new()),
    };
    assert!(matches!(
        experiment.handle_result(empty),
        Err(ExperimentError::WrongCount { got: 0, .. })
    ));
    assert_eq!(experiment.handle_result(result.clone()), Ok(Receipt::New));
    let other = JobResult {
        id: job.id,
        outcome: Ok(vec![Trial::default(); usize::try_from(job.count).unwrap()]),
    };
    assert_eq!(
        experiment.handle_result(other),
        Err(ExperimentError::Differs { id: job.id })
    );
    assert_eq!(experiment.handle_result(result), Ok(Receipt::Known));
    while let Some(job) = experiment.poll_job() {
        experiment.handle_result(laboratory.run(&job)).unwrap();
    }
    assert_eq!(experiment.finish(), run(compared()));
}

#[test]
fn the_first_run_that_fails_by_number_is_told() {
    let mut experiment = Experiment::new(compared());
    let mut jobs: VecDeque<Job> = VecDeque::new();
    while let Some(job) = experiment.poll_job() {
        jobs.push_front(job);
    }
    for job in jobs {
        let outcome = Err(format!("replication {}: the roof fell in", job.first));
        let result = JobResult {
            id: job.id,
            outcome,
        };
        experiment.handle_result(result).unwrap();
    }
    let failure = experiment.failure().map(ToString::to_string);
    expect!["a run of point 1 (agents = 2, service = 4m) failed: replication 0: the roof fell in"]
        .assert_eq(&failure.unwrap());
    assert!(experiment.is_done());
    assert!(!experiment.finish().is_complete);
}

#[test]
fn what_counts_so_far_can_be_had_at_any_time() {
    let mut experiment = Experiment::new(compared());
    let mut laboratory = Laboratory::new(experiment.study().workload.clone());
    for _ in 0..8 {
        let job = experiment.poll_job().unwrap();
        experiment.handle_result(laboratory.run(&job)).unwrap();
    }
    let progress = experiment.progress();
    assert_eq!((progress.runs_done, progress.runs_asked), (8, 24));
    let analysis = experiment.finish();
    assert!(!analysis.is_complete);
    let counts: Vec<u64> = analysis
        .points
        .iter()
        .map(|point| point.replications)
        .collect();
    assert_eq!(counts, [6, 2]);
}

#[test]
fn an_objective_that_was_not_observed_ends_a_selection() {
    let text =
        format!("question.select = {{ minimize = \"desk.wait\", indifference = 1 }}\n{FACTORS}");
    let mut experiment = Experiment::new(study(&text));
    while let Some(job) = experiment.poll_job() {
        let mut result = made_up(&job, 20, |_| 1.0);
        for trial in result.outcome.as_mut().unwrap() {
            for seen in &mut trial.scalars {
                *seen = pluriverse_kernel::view::Observation::default();
            }
        }
        experiment.handle_result(result).unwrap();
    }
    let failure = experiment.failure().map(ToString::to_string);
    expect!["`desk.wait` was not observed at point 1 (replication 0)"].assert_eq(&failure.unwrap());
}

#[test]
fn nothing_that_varies_is_decided_at_once() {
    let text =
        format!("question.select = {{ minimize = \"desk.wait\", indifference = 1 }}\n{FACTORS}");
    let analysis = conduct(study(&text), |job| made_up(job, 20, |_| 5.0));
    let pluriverse_experiment::analysis::Answer::Select(answer) = &analysis.answer else {
        panic!("{:?}", analysis.answer)
    };
    assert_eq!(answer.selected, Some(1));
    assert_eq!(analysis.runs, 4 * 20);
}
