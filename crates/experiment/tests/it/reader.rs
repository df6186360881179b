//! Bad input is answered at its place, before anything runs.

use expect_test::{Expect, expect};

use crate::studies::{DESK, read_with};

/// What is said about an experiment of the desk.
fn check(text: &str, expected: Expect) {
    let text = format!("kind = \"experiment\"\nscenario = \"desk.toml\"\n{text}");
    check_whole(&text, expected);
}

fn check_whole(text: &str, expected: Expect) {
    let refusal = read_with(DESK, text).expect_err("there is something wrong with it");
    let mut told = String::new();
    for finding in &refusal.findings {
        let place = match finding.line_column(text) {
            Some((line, column)) if finding.file == "experiment.toml" => {
                format!("{line}:{column}: ")
            }
            _ => String::new(),
        };
        told.push_str(&format!("{place}{finding}\n"));
    }
    expected.assert_eq(&told);
}

#[test]
fn keys_that_are_not_there() {
    check(
        r#"
            replication.count = 3
            [factors.agents]
            key = "stations.desk.agents"
            value = [1]
        "#,
        expect![[r#"
            4:13: experiment.toml: unknown key `replication`; did you mean `replications`?
            7:13: experiment.toml: unknown key `value` in `factors.agents`; did you mean `values`?
        "#]],
    );
}

#[test]
fn a_scenario_that_is_not_there() {
    check_whole(
        "kind = \"experiment\"\nscenario = \"dusk.toml\"\n",
        expect![[r#"
            2:12: experiment.toml: the scenario cannot be read: `dusk.toml` is not among the files that came with the scenario (expected a scenario file, relative to this file)
        "#]],
    );
}

#[test]
fn a_scenario_that_is_wrong() {
    let refusal = read_with(
        "kind = \"process\"\n",
        "kind = \"experiment\"\nscenario = \"desk.toml\"",
    )
    .unwrap_err();
    assert_eq!(refusal.findings[0].file, "desk.toml");
    assert_eq!(refusal.scenario.unwrap().0, "desk.toml");
}

#[test]
fn numbers_that_are_none() {
    check(
        r#"
            confidence = nan
            [replications.stop]
            metric = "desk.wait"
            relative_half_width = inf
        "#,
        expect![[r#"
            4:26: experiment.toml: `confidence` = NaN is not finite (expected a number from 0 to 1)
            7:35: experiment.toml: `replications.stop.relative_half_width` = inf is not finite (expected a number from 0 to 1)
        "#]],
    );
}

#[test]
fn numbers_that_say_nothing() {
    check(
        r#"
            confidence = 1
            [replications.stop]
            metric = "desk.wait"
            relative_half_width = 0
            min = 50
            max = 20
        "#,
        expect![[r#"
            4:26: experiment.toml: `confidence` = 1 says nothing (expected a number strictly between 0 and 1, such as 0.95)
            7:35: experiment.toml: `replications.stop.relative_half_width` = 0 is never reached, or always (expected a number strictly between 0 and 1, such as 0.01)
            9:19: experiment.toml: `replications.stop`: there is nothing from 50 to 20 (expected a `max` of at least `min`)
        "#]],
    );
}

#[test]
fn figures_that_are_not_there() {
    check(
        r#"
            metrics = ["desk.waits"]
            control = [{ metric = "people.arrival", mean = 80 }]
            question.warm_up.series = "Queue length/dusk"
            [replications.stop]
            metric = "sojourn"
            relative_half_width = 0.1
        "#,
        expect![[r#"
            4:24: experiment.toml: `metrics[0]`: the scenario has no figure `desk.waits`; did you mean `desk.wait`?
            5:35: experiment.toml: `control[0].metric`: the scenario has no figure `people.arrival`; did you mean `people.arrivals`?
            6:39: experiment.toml: `question.warm_up.series`: the scenario has no series `Queue length/dusk`; did you mean `Queue length/desk`?
            8:22: experiment.toml: `replications.stop.metric`: the scenario has no figure `sojourn`; there are `people.arrivals`, `desk.arrivals`, `desk.wait`, `desk.sojourn`, `desk.service_level`, `desk.wait_p50`, `desk.wait_p90`, `desk.wait_p95`, `desk.wait_p99`, `desk.queue_length`, `desk.queue_length_max`, `desk.utilization` and 9 more
        "#]],
    );
}

#[test]
fn ranges_without_values() {
    check(
        r#"
            [factors]
            nothing = { key = "stations.desk.agents" }
            empty = { key = "stations.desk.x", min = 3, max = 2 }
            whole = { key = "stations.desk.y", min = 1.2, max = 1.8, integer = true }
            both = { key = "stations.desk.z", values = [1], min = 1, max = 2 }
            twice = { key = "stations.desk.u", values = [1, 2, 1] }
            same = { key = "stations.desk.u", values = [3] }
        "#,
        expect![[r#"
            5:23: experiment.toml: `factors.nothing` has no values (expected `values`, or `min` and `max`)
            6:63: experiment.toml: `factors.empty` is empty: there is nothing from 3 to 2 (expected a `max` of at least `min`)
            7:65: experiment.toml: `factors.whole` is empty: there is nothing from 2 to 1 (expected a `max` of at least `min`)
            8:67: experiment.toml: `factors.both` has both `values` and a range; keep `values`, or `min` and `max`
            9:64: experiment.toml: `factors.twice.values[2]` = 1 is there twice; leave one of the two out
            10:28: experiment.toml: `factors.same.key` sets what `factors.twice` sets (expected a key of its own)
        "#]],
    );
}

#[test]
fn more_points_than_there_may_be() {
    check(
        r#"
            [factors]
            a = { key = "stations.desk.agents", min = 1, max = 200, integer = true }
            b = { key = "run.seed", min = 1, max = 200, integer = true }
        "#,
        expect![[r#"
            6:17: experiment.toml: the grid has 40000 points or more (expected at most 10000); choose `latin-hypercube` or `sobol` with `points`, or fewer values
        "#]],
    );
    check(
        r#"
            [factors]
            a = { key = "stations.desk.agents", min = 1, max = 2 }
        "#,
        expect![[r#"
            5:17: experiment.toml: `factors.a` has too many values for a grid; list `values`, say `integer = true`, or choose `latin-hypercube` or `sobol`
        "#]],
    );
    check(
        r#"
            design = { method = "sobol", points = 20000 }
            factors.a = { key = "stations.desk.agents", min = 1, max = 2 }
        "#,
        expect![[r#"
            4:51: experiment.toml: `design.points` = 20000 is too large (expected a whole number from 1 to 10,000)
        "#]],
    );
}

#[test]
fn points_whose_scenario_is_wrong() {
    check(
        r#"
            [factors]
            agents = { key = "stations.desk.agents", values = [2, -1] }
            typo = { key = "stations.desk.servce", values = [2] }
        "#,
        expect![[r#"
            6:20: experiment.toml: point 1 (agents = 2, typo = 2): unknown key `servce` in `stations.desk`; did you mean `service`?
        "#]],
    );
}

#[test]
fn constraints_that_say_nothing() {
    check(
        r#"
            factors.agents = { key = "stations.desk.agents", values = [2, 3] }
            [question.select]
            minimize = "agents + desk.wiat"
            indifference = 1
            subject_to = [
              { series = "Wait/desk", period = 9, at_most = 60, tolerance = 1 },
              { series = "Wait/desk", at_most = 60, tolerance = 1 },
              { metric = "desk.wait", tolerance = 1 },
              { at_most = 60, tolerance = 1 },
              { metric = "desk.wait", at_most = 60, tolerance = 0 },
            ]
        "#,
        expect![[r#"
            13:65: experiment.toml: `question.select.subject_to[4].tolerance` = 0 is zero (expected a number above zero)
        "#]],
    );
    check(
        r#"
            factors.agents = { key = "stations.desk.agents", values = [2, 3] }
            [question.select]
            minimize = "agents + desk.wiat"
            indifference = 1
            subject_to = [
              { series = "Wait/desk", period = 9, at_most = 60, tolerance = 1 },
              { series = "Wait/desk", at_most = 60, tolerance = 1 },
              { metric = "desk.wait", tolerance = 1 },
              { at_most = 60, tolerance = 1 },
            ]
        "#,
        expect![[r#"
            6:34: experiment.toml: `question.select.minimize`: there is no figure or factor `desk.wiat`; did you mean `desk.wait`?
            9:48: experiment.toml: `Wait/desk` has no period 9 (expected a number from 1 to 4)
            10:15: experiment.toml: `question.select.subject_to[1]` does not say which period (expected `period`, from 1)
            11:15: experiment.toml: `question.select.subject_to[2]` has no limit (expected one of `at_least` and `at_most`)
            12:15: experiment.toml: `question.select.subject_to[3]` does not say what it limits (expected one of `metric` and `series`)
        "#]],
    );
}

#[test]
fn methods_that_want_something_else() {
    check(
        r#"
            factors.agents = { key = "stations.desk.agents", values = [2, 3] }
            question.select = { minimize = "agents", method = "ocba", indifference = 1 }
        "#,
        expect![[r#"
            5:31: experiment.toml: `ocba` does not say how many replications it may make (expected `budget`)
            5:86: experiment.toml: `ocba` knows no `indifference`; leave it out, or choose `kn` or `rinott`
        "#]],
    );
    check(
        r#"
            antithetic = true
            replications.count = 7
            question.select = { maximize = "desk.wait", minimize = "desk.wait" }
        "#,
        expect![[r#"
            4:26: experiment.toml: `question.select` wants replications that are independent of each other; leave `antithetic` out
            5:34: experiment.toml: 7 replications do not come in pairs (expected an even number, as `antithetic` is true)
            6:31: experiment.toml: `question.select` does not say what is best (expected one of `minimize` and `maximize`)
        "#]],
    );
    check(
        r#"
            factors.agents = { key = "stations.desk.agents", values = [2, 3] }
            question.select = { minimize = "agents", method = "rinott", indifference = 1 }
        "#,
        expect![[r#"
            5:31: experiment.toml: `rinott` wants points that are independent of each other; add `common_random_numbers = false`, or choose `kn`, which gains from common ones
        "#]],
    );
    check(
        "question.compare.baseline = 3",
        expect![[r#"
        3:29: experiment.toml: there is no point 3 (expected a number from 1 to 1)
    "#]],
    );
}

#[test]
fn staffing_of_what_is_no_list() {
    check(
        r#"
            factors.agents = { key = "stations.desk.agents", values = [2, 3] }
            [question.staffing]
            key = "stations.desk.agents"
            series = "Service level/desk"
            at_least = 0.8
            tolerance = 0.01
            min = 5
            max = 4
        "#,
        expect![[r#"
            4:13: experiment.toml: `question.staffing` is about one scenario, without factors; leave `[factors]` out; `[set]` sets values
            6:19: experiment.toml: the scenario has no list of whole numbers at `stations.desk.agents` (expected the key of a list with one number for each period, such as "stations.agents.agents.values")
        "#]],
    );
}

#[test]
fn more_runs_than_can_be_kept_and_fewer_than_it_takes() {
    check(
        r#"
            factors.agents = { key = "stations.desk.agents", min = 1, max = 50, integer = true }
            replications.count = 500000
        "#,
        expect![[r#"
            5:34: experiment.toml: 500000 replications of 50 points are too many (expected at most 10000000 runs in all)
        "#]],
    );
    check(
        r#"
            factors.agents = { key = "stations.desk.agents", min = 1, max = 5, integer = true }
            question.select = { minimize = "desk.wait", method = "ocba", budget = 9 }
        "#,
        expect![[r#"
            5:83: experiment.toml: a budget of 9 is too small for 5 points (expected at least two replications of each)
        "#]],
    );
}

/// The default period cuts a run into 48 parts at most: what it takes to have an answer is said before anything runs.
#[test]
fn long_run_questions_take_enough_periods() {
    check(
        r#"
            question.warm_up.series = "Queue length/desk"
        "#,
        expect![[r#"
            4:39: experiment.toml: `Queue length/desk` has 4 periods (expected 50 or more for MSER-5, better some hundred); set `run.period` to at most "3m" (in `[set]`), or make the run longer (`run.until`)
        "#]],
    );
    check(
        r#"
            set = { "run.period" = "4m" }
            question.steady_state = { series = "Queue length/desk" }
        "#,
        expect![[r#"
            5:48: experiment.toml: `Queue length/desk` has 60 periods (expected 128 or more for MSER-5 and batch means, better some hundred); set `run.period` to at most "1m" (in `[set]`), or make the run longer (`run.until`)
        "#]],
    );
    check(
        r#"
            set = { "run.period" = "4m" }
            question.steady_state = { series = "Queue length/desk", warm_up = 10 }
        "#,
        expect![[r#"
            5:48: experiment.toml: `Queue length/desk` has 60 periods (expected 74 or more for batch means after the warm-up, better some hundred); set `run.period` to at most "3m" (in `[set]`), or make the run longer (`run.until`)
        "#]],
    );
}
