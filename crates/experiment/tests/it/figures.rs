//! What the table says: the same as a run says, and as second implementations say.

use pluriverse_experiment::analysis::{Answer, main_effects};
use pluriverse_host::scenario;
use pluriverse_kernel::{
    replicate::RunPlan,
    scenario::{Draft, NoFiles},
};

use crate::studies::{DESK, conduct, draws, made_up, run, study};

#[test]
fn a_point_is_what_a_run_with_its_values_says() {
    let analysis = run(study(
        r#"factors.service = { key = "stations.desk.service.exponential.mean", values = ["4m", "5m"] }"#,
    ));
    let set = [(
        "stations.desk.service.exponential.mean".to_owned(),
        "\"4m\"".to_owned(),
    )];
    let draft = Draft {
        file: "desk.toml",
        text: DESK,
        overrides: &set,
        files: &NoFiles,
    };
    let (scenario, _) = scenario::read(draft).unwrap();
    let outcome = RunPlan::new(3, 6).run(&*scenario).unwrap();
    let point = &analysis.points[0];
    assert_eq!(point.ledger_hash, outcome.ledger_hash.unwrap().to_string());
    let estimates: Vec<_> = outcome
        .scalars
        .iter()
        .map(|tally| tally.estimate())
        .collect();
    assert_eq!(point.estimates, estimates);
}

#[test]
fn points_have_random_numbers_of_their_own_when_asked() {
    let asked = |common: bool| {
        run(study(&format!(
            "common_random_numbers = {common}\nfactors.agents = {{ key = \"stations.desk.agents\", values = [8, 9] }}"
        )))
    };
    // With so many agents nobody waits, so that the same arrivals make the same ledgers but for the shift.
    let arrivals = |analysis: &pluriverse_experiment::Analysis, point: usize| {
        analysis.points[point].estimates[0].clone()
    };
    let (common, own) = (asked(true), asked(false));
    assert_eq!(arrivals(&common, 0), arrivals(&common, 1));
    assert_ne!(arrivals(&own, 0), arrivals(&own, 1));
}

/// Figure = 3 · control + noise; the control's mean is 10.
#[test]
fn a_control_takes_its_part_of_the_variance() {
    let text = r#"
        control = [{ metric = "people.arrivals", mean = 10 }]
        replications.count = 200
    "#;
    let analysis = conduct(study(text), |job| {
        let mut result = made_up(job, 30, |_| 0.0);
        let trials = result.outcome.as_mut().unwrap();
        for (replication, trial) in (job.first..).zip(trials) {
            let mut stream = draws(1, 0, replication);
            let control = 10.0 + stream.normal();
            let figure = 3.0 * control + 0.3 * stream.normal();
            for (index, seen) in trial.scalars.iter_mut().enumerate() {
                seen.numerator = if index == 0 { control } else { figure };
            }
        }
        result
    });
    let point = &analysis.points[0];
    let left = point.variance_left[1].unwrap();
    // 0.09 / 9.09 = 0.0099, within four standard errors of its estimate.
    assert!((left - 0.0099).abs() < 0.004, "{left}");
    assert!(point.estimates[1].as_ref().unwrap().covers(30.0));
    assert_eq!(point.variance_left[0], None);
}

/// A figure that is odd in its draw is known exactly from a pair.
#[test]
fn an_antithetic_pair_is_one_observation() {
    let text = "antithetic = true\nreplications.count = 20";
    let analysis = conduct(study(text), |job| {
        made_up(job, 30, |replication| {
            let x = draws(1, 0, replication / 2).normal();
            if replication % 2 == 0 {
                7.0 + x
            } else {
                7.0 - x
            }
        })
    });
    let estimate = analysis.points[0].estimates[0].clone().unwrap();
    assert_eq!((estimate.count, analysis.points[0].replications), (10, 20));
    assert!((estimate.mean - 7.0).abs() < 1e-12 && estimate.half_width.unwrap() < 1e-12);
}

#[test]
fn main_effects_average_over_the_other_factor() {
    let text = r#"
        replications.count = 2
        [factors]
        agents = { key = "stations.desk.agents", values = [3, 2] }
        service = { key = "stations.desk.service.exponential.mean", values = ["4m", "5m"] }
    "#;
    let mut answers = [10.0, 20.0, 30.0, 50.0].into_iter();
    let mut values: Vec<f64> = Vec::new();
    let analysis = conduct(study(text), |job| {
        while values.len() <= job.point {
            values.push(answers.next().unwrap());
        }
        made_up(job, 30, |_| values[job.point])
    });
    let effects = main_effects(&analysis, 0, 0);
    let seen: Vec<(f64, f64)> = effects
        .iter()
        .map(|effect| (effect.value.setting().number().unwrap(), effect.mean))
        .collect();
    assert_eq!(seen, [(2.0, 40.0), (3.0, 15.0)]);
    assert_eq!(analysis.answer, Answer::Table);
}
