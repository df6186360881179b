//! Good scenarios, and the worlds that they describe.

use expect_test::{Expect, expect};
use pluriverse_kernel::{
    distribution::Distribution,
    time::{SimDuration, SimTime},
};
use pluriverse_process::{
    expression::Expression,
    spec::{
        AbandonedCount, Arrivals, AtEnd, Discipline, Draw, EndOfShift, Preemption, Routing, Target,
        TraceCase, WhenFull,
    },
};

use super::{Case, EVERYTHING, HISTORY};

const MINUTE: i64 = 60_000_000_000;
const HOUR: i64 = 60 * MINUTE;

fn hours(count: i64) -> SimDuration {
    SimDuration::from_nanos(count * HOUR)
}

fn at(nanos: i64) -> SimTime {
    SimTime::from_nanos(nanos)
}

fn everything() -> pluriverse_process::spec::Spec {
    Case {
        files: &[("history.csv", HISTORY)],
        ..Case::new(EVERYTHING)
    }
    .spec()
}

/// The scenario `kind`, `run`, one source and one station that `changes` complete.
fn small(changes: &str) -> pluriverse_process::spec::Spec {
    let head = "kind = \"process\"\nrun.until = \"8h\"\n";
    let mut text = head.to_owned();
    if !changes.contains("[sources") {
        text.push_str("[sources.calls]\narrivals = { poisson = { rate = \"9/h\" } }\n");
    }
    text.push_str(changes);
    Case::new(&text).spec()
}

fn service(draw: &str) -> Distribution {
    let spec = small(&format!("[stations.desk]\nagents = 9\nservice = {draw}\n"));
    match &spec.stations[0].service {
        Draw::Distribution(distribution) => distribution.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_run_and_the_names_are_as_written() {
    let spec = everything();
    assert_eq!(
        (spec.name.as_str(), spec.title.as_str()),
        ("everything", "All of it")
    );
    assert_eq!(
        (spec.run.until, spec.run.at_end),
        (at(48 * HOUR), AtEnd::Drain)
    );
    assert_eq!((spec.run.warm_up, spec.run.period), (hours(1), hours(1)));
    assert_eq!((spec.run.seed, spec.run.replications), (42, 3));
    let classes: Vec<_> = spec
        .classes
        .iter()
        .map(|class| (class.name.as_str(), class.priority))
        .collect();
    assert_eq!(classes, [("gold", 2), ("silver", -1)]);
    assert_eq!(spec.attributes, ["amount", "size", "work", "loops"]);
    let pools: Vec<_> = spec.pools.iter().map(|pool| pool.name.as_str()).collect();
    assert_eq!(pools, ["clerks", "archive", "shelf"]);
    let stations: Vec<_> = spec
        .stations
        .iter()
        .map(|station| (station.name.as_str(), station.pool))
        .collect();
    assert_eq!(
        stations,
        [("desk", 0), ("office", 0), ("archive", 1), ("shelf", 2)]
    );
}

#[test]
fn sources_are_as_written() {
    let spec = everything();
    let calls = &spec.sources[0];
    assert!(
        matches!(&calls.arrivals, Arrivals::Renewal(d) if *d == Distribution::exponential(10.0 * MINUTE as f64).unwrap())
    );
    assert_eq!(
        (calls.from, calls.until, calls.limit, calls.class),
        (at(10 * MINUTE), at(24 * HOUR), Some(500), 0)
    );
    assert_eq!(calls.batch.as_ref().unwrap().mean(), 1.25);
    assert!(
        matches!(&calls.to, Routing::Chance(ways) if *ways == [(0.3, Target::Station(0)), (1.0, Target::Station(1))])
    );
    assert_eq!(calls.attributes[0].0, 0);
    assert!(matches!(
        &calls.attributes[1],
        (1, Draw::Expression { unit: 1.0, .. })
    ));

    let Arrivals::Rates {
        steps,
        cycle,
        factor,
    } = &spec.sources[1].arrivals
    else {
        panic!("rates")
    };
    let per_hour = |count: f64| count / HOUR as f64;
    assert_eq!(
        steps[..2],
        [(hours(0), per_hour(1.0)), (hours(6), per_hour(2.0))]
    );
    assert_eq!((steps.len(), *cycle), (4, Some(hours(24))));
    assert_eq!(factor.as_ref().unwrap().mean(), 1.0);

    let Arrivals::Rates {
        steps,
        cycle,
        factor,
    } = &spec.sources[2].arrivals
    else {
        panic!("rates")
    };
    assert_eq!(*steps, [(hours(0), 0.0), (hours(8), per_hour(1.5))]);
    assert_eq!((*cycle, factor.is_none()), (Some(hours(24)), true));
    assert!(
        matches!(spec.sources[2].to, Routing::Always(Target::Station(0))),
        "the first station is next to a source"
    );

    assert!(
        matches!(&spec.sources[3].arrivals, Arrivals::Renewal(d) if *d == Distribution::erlang(3, HOUR as f64).unwrap())
    );
    let Arrivals::Scheduled(times) = &spec.sources[4].arrivals else {
        panic!("scheduled")
    };
    assert_eq!(*times, [1, 11, 21, 31, 41].map(|hour| at(hour * HOUR)));
    let Arrivals::Scheduled(times) = &spec.sources[5].arrivals else {
        panic!("scheduled")
    };
    assert_eq!(
        *times,
        [
            at(8 * HOUR),
            at(9 * HOUR + 30 * MINUTE),
            at(9 * HOUR + 30 * MINUTE)
        ]
    );
    assert!(
        matches!(&spec.sources[6].arrivals, Arrivals::Renewal(d) if *d == Distribution::weibull(1.5, 3.0 * HOUR as f64).unwrap())
    );
    let Arrivals::Trace(cases) = &spec.sources[7].arrivals else {
        panic!("trace")
    };
    let first = TraceCase {
        at: at(MINUTE / 2),
        class: Some(1),
        attributes: vec![(2, 90.0), (0, 12.0)],
    };
    assert_eq!((cases.len(), &cases[0]), (3, &first));
}

#[test]
fn pools_and_stations_are_as_written() {
    let spec = everything();
    let clerks = &spec.pools[0];
    assert_eq!(
        (clerks.agents, clerks.cycle, clerks.end_of_shift),
        (Some(3), Some(hours(24)), EndOfShift::Preempt)
    );
    assert_eq!(
        clerks.shifts,
        [(hours(0), 3), (hours(8), 5), (hours(18), 2)],
        "a cycle starts over with its first number"
    );
    assert_eq!((clerks.cost_per_hour, clerks.cost_per_use), (30.0, 0.5));
    assert_eq!(
        (spec.pools[2].agents, spec.pools[2].shifts.len()),
        (None, 0)
    );

    let desk = &spec.stations[0];
    assert_eq!(
        (desk.discipline, desk.preemption),
        (Discipline::Priority, Preemption::Resume)
    );
    assert_eq!((desk.buffer, desk.when_full), (Some(50), WhenFull::Balk));
    assert!(matches!(desk.balk_to, Routing::Always(Target::Station(2))));
    assert!(matches!(
        desk.renege_to,
        Routing::Always(Target::Station(1))
    ));
    let level = desk.service_level.unwrap();
    assert_eq!(
        (level.within, level.abandoned),
        (SimDuration::from_secs(20), AbandonedCount::Excluded)
    );
    assert_eq!(desk.assign[1], (1, Expression::number(3.0)));
    let Draw::ByClass(draws) = &desk.service else {
        panic!("by class")
    };
    assert!(
        matches!(&draws[1], Draw::Distribution(d) if *d == Distribution::constant(5.0 * MINUTE as f64).unwrap())
    );
    let Some(Draw::Distribution(patience)) = &desk.patience else {
        panic!("patience")
    };
    assert!((patience.mean() / (18.0 * MINUTE as f64) - 1.0).abs() < 1e-12);
    let Routing::Rules(rules, otherwise) = &desk.to else {
        panic!("rules")
    };
    assert_eq!((rules.len(), *otherwise), (2, Target::Exit));

    let office = &spec.stations[1];
    let Draw::Scaled { draw, .. } = &office.service else {
        panic!("scaled")
    };
    assert!(
        matches!(&**draw, Draw::ByTime { steps, cycle } if steps.len() == 2 && *cycle == Some(hours(24)))
    );
    assert_eq!(
        office.service_level.unwrap().abandoned,
        AbandonedCount::ByWait
    );
    assert_eq!(spec.stations[2].when_full, WhenFull::Block);
    assert!(
        matches!(spec.stations[2].to, Routing::Always(Target::Station(3))),
        "next"
    );
    assert!(
        matches!(spec.stations[3].to, Routing::Always(Target::Exit)),
        "the default"
    );
    let work = Expression::attribute(2);
    assert!(
        matches!(&spec.stations[3].service, Draw::Expression { value, unit: 1e9 } if *value == work)
    );
}

#[test]
fn every_family_reads_in_its_unit() {
    let minute = MINUTE as f64;
    let cases = [
        ("\"5m\"", Distribution::constant(5.0 * minute)),
        (
            "{ constant = \"5m\" }",
            Distribution::constant(5.0 * minute),
        ),
        (
            "{ exponential = { mean = \"5m\" } }",
            Distribution::exponential(5.0 * minute),
        ),
        (
            "{ erlang = { shape = 2, mean = \"5m\" } }",
            Distribution::erlang(2, 5.0 * minute),
        ),
        (
            "{ gamma = { shape = 2, scale = \"5m\" } }",
            Distribution::gamma(2.0, 5.0 * minute),
        ),
        (
            "{ gamma = { shape = 2, mean = \"5m\" } }",
            Distribution::gamma(2.0, 2.5 * minute),
        ),
        (
            "{ gamma = { mean = \"5m\", std_dev = \"1m\" } }",
            Distribution::gamma_from_mean(5.0 * minute, minute),
        ),
        (
            "{ weibull = { shape = 2, scale = \"5m\" } }",
            Distribution::weibull(2.0, 5.0 * minute),
        ),
        (
            "{ lognormal = { mean = \"5m\", std_dev = \"1m\" } }",
            Distribution::lognormal_from_mean(5.0 * minute, minute),
        ),
        (
            "{ lognormal = { log_mean = 3, log_std_dev = 0.5 } }",
            Distribution::lognormal(3.0, 0.5).map(|d| d.scaled(1e9)),
        ),
        (
            "{ normal = { mean = \"5m\", std_dev = \"1m\" } }",
            Distribution::truncated_normal(5.0 * minute, minute, 0.0, f64::INFINITY),
        ),
        (
            "{ truncated_normal = { mean = \"5m\", std_dev = \"1m\", high = \"9m\" } }",
            Distribution::truncated_normal(5.0 * minute, minute, 0.0, 9.0 * minute),
        ),
        (
            "{ uniform = { low = \"1m\", high = \"5m\" } }",
            Distribution::uniform(minute, 5.0 * minute),
        ),
        (
            "{ triangular = { low = \"0s\", mode = \"1m\", high = \"5m\" } }",
            Distribution::triangular(0.0, minute, 5.0 * minute),
        ),
        (
            "{ pert = { low = \"0s\", mode = \"1m\", high = \"5m\" } }",
            Distribution::pert(0.0, minute, 5.0 * minute),
        ),
        (
            "{ beta = { alpha = 2, beta = 3, high = \"5m\" } }",
            Distribution::beta_between(2.0, 3.0, 0.0, 5.0 * minute),
        ),
        (
            "{ hyperexponential = { mean = \"1m\", squared_cv = 4 } }",
            Distribution::hyperexponential_from_mean(minute, 4.0),
        ),
        (
            "{ hyperexponential = { branches = [{ weight = 1, mean = \"1m\" }, { weight = 3, mean = \"2m\" }] } }",
            Distribution::hyperexponential(&[1.0, 3.0], &[minute, 2.0 * minute]),
        ),
        (
            "{ phase_type = { initial = [1, 0], generator = [[-2, 1], [0, -1]], per = \"1m\" } }",
            Distribution::phase_type(&[1.0, 0.0], &[vec![-2.0, 1.0], vec![0.0, -1.0]])
                .map(|d| d.scaled(minute)),
        ),
        (
            "{ pareto = { shape = 2, scale = \"1m\" } }",
            Distribution::pareto(2.0, minute),
        ),
        (
            "{ discrete = [{ value = \"1m\", weight = 1 }, { value = \"2m\", weight = 3 }] }",
            Distribution::discrete(&[minute, 2.0 * minute], &[1.0, 3.0]),
        ),
        (
            "{ empirical = { samples = [\"1m\", \"2m\"] } }",
            Distribution::empirical(&[minute, 2.0 * minute]),
        ),
        (
            "{ histogram = { edges = [\"0s\", \"1m\", \"3m\"], weights = [1, 2] } }",
            Distribution::histogram(&[0.0, minute, 3.0 * minute], &[1.0, 2.0]),
        ),
        (
            "{ shifted = { by = \"1m\", of = \"5m\" } }",
            Distribution::constant(5.0 * minute).and_then(|d| d.shifted(minute)),
        ),
        (
            "{ scaled = { factor = 2, of = \"5m\" } }",
            Distribution::constant(10.0 * minute),
        ),
        (
            "{ clamped = { low = \"1m\", of = { normal = { mean = \"0s\", std_dev = \"1m\" } } } }",
            Distribution::truncated_normal(0.0, minute, 0.0, f64::INFINITY)
                .and_then(|d| d.clamped(minute, f64::INFINITY)),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(service(text), expected.unwrap(), "{text}");
    }
}

#[test]
fn samples_come_from_files_too() {
    let text = "kind = \"process\"\nrun.until = \"8h\"\n[sources.calls]\narrivals = { poisson = { rate = \"9/h\" } }\n\
        [stations.desk]\nagents = 9\nservice = { empirical = { file = \"history.csv\", column = \"minutes\", unit = \"m\" } }\n";
    let spec = Case {
        files: &[("history.csv", HISTORY)],
        ..Case::new(text)
    }
    .spec();
    let expected =
        Distribution::empirical(&[1.5, 0.25, 2.0].map(|minutes| minutes * MINUTE as f64)).unwrap();
    assert!(matches!(&spec.stations[0].service, Draw::Distribution(d) if *d == expected));
}

#[test]
fn what_is_left_out_has_defaults() {
    let spec = small("[stations.desk]\nagents = 9\nservice = \"5m\"\n");
    assert_eq!((spec.name.as_str(), spec.title.as_str()), ("world", ""));
    assert_eq!(
        (
            spec.run.at_end,
            spec.run.warm_up,
            spec.run.seed,
            spec.run.replications
        ),
        (AtEnd::Cut, hours(0), 1, 1)
    );
    assert_eq!(spec.run.period, SimDuration::from_nanos(10 * MINUTE));
    assert_eq!(spec.classes.len(), 1);
    let source = &spec.sources[0];
    assert!(matches!(source.to, Routing::Always(Target::Station(0))));
    assert_eq!((source.from, source.until), (at(0), at(8 * HOUR)));
    let desk = &spec.stations[0];
    assert_eq!(
        (desk.discipline, desk.preemption, desk.buffer),
        (Discipline::Fifo, Preemption::None, None)
    );
    assert!(desk.patience.is_none() && desk.service_level.is_none() && desk.assign.is_empty());
    let preempting =
        small("[stations.desk]\nagents = 9\nservice = \"5m\"\npreemption = \"resume\"\n");
    assert_eq!(
        preempting.stations[0].discipline,
        Discipline::Priority,
        "who may stop whom is a matter of priority"
    );
}

fn check_run(run: &str, source: &str, expected: &Expect) {
    let text = format!(
        "kind = \"process\"\n[run]\n{run}\n[sources.calls]\n{source}\n[stations.desk]\nagents = 9\nservice = \"5m\"\n"
    );
    let run = Case::new(&text).spec().run;
    let until = if run.until == SimTime::MAX {
        "never".to_owned()
    } else {
        run.until.to_string()
    };
    let period = if run.period == SimDuration::MAX {
        "whole".to_owned()
    } else {
        run.period.to_string()
    };
    expected.assert_eq(&format!("{until} {:?} {period}", run.at_end));
}

#[test]
fn a_run_ends_when_its_sources_do() {
    let poisson = "arrivals = { poisson = { rate = \"9/h\" } }\n";
    check_run("until = \"13h\"", poisson, &expect!["13h Cut 30m"]);
    check_run("until = \"100d\"", poisson, &expect!["100d Cut 5d"]);
    check_run("until = \"1s\"", poisson, &expect!["1s Cut 50ms"]);
    check_run("until = \"100ns\"", poisson, &expect!["100ns Cut 5ns"]);
    check_run("until = \"2000d\"", poisson, &expect!["2000d Cut 50d"]);
    check_run("until = \"292w\"", poisson, &expect!["292w Cut 50d"]);
    check_run(
        "",
        &format!("{poisson}until = \"10h\""),
        &expect!["10h Drain 15m"],
    );
    check_run(
        "",
        &format!("{poisson}limit = 100"),
        &expect!["never Drain whole"],
    );
    check_run(
        "",
        "arrivals = { scheduled = { at = [\"0s\"] } }",
        &expect!["1ns Drain 1ns"],
    );
    check_run(
        "",
        "arrivals = { scheduled = { at = [\"1h\", \"7h20m\"] } }",
        &expect!["7h30m Drain 10m"],
    );
    check_run(
        "period = \"1h\"",
        "arrivals = { scheduled = { at = [\"1h\", \"7h20m\"] } }",
        &expect!["8h Drain 1h"],
    );
    check_run(
        "at_end = \"drain\"\nuntil = \"9h\"",
        poisson,
        &expect!["9h Drain 15m"],
    );
}

#[test]
fn arrivals_outside_the_time_of_a_source_are_left_out() {
    let source = "[sources.calls]\narrivals = { scheduled = { at = [\"1h\", \"2h\", \"3h\"] } }\nfrom = \"2h\"\nuntil = \"3h\"\n";
    let spec = small(&format!(
        "{source}[stations.desk]\nagents = 9\nservice = \"5m\"\n"
    ));
    assert!(
        matches!(&spec.sources[0].arrivals, Arrivals::Scheduled(times) if *times == [at(2 * HOUR)])
    );
}

#[test]
fn the_last_way_gets_the_rest() {
    let ways = |list: &str| {
        let office = "[stations.office]\nagents = 9\nservice = \"1m\"\n";
        let source =
            "[sources.calls]\narrivals = { poisson = { rate = \"9/h\" } }\nto = \"desk\"\n";
        let spec = small(&format!(
            "{source}[stations.desk]\nagents = 9\nservice = \"5m\"\nto = {list}\n{office}"
        ));
        match &spec.stations[0].to {
            Routing::Chance(ways) => ways.clone(),
            other => panic!("{other:?}"),
        }
    };
    let (office, exit) = (Target::Station(1), Target::Exit);
    assert_eq!(
        ways("[{ to = \"office\", probability = 0.4 }, { to = \"exit\" }]"),
        [(0.4, office), (1.0, exit)]
    );
    let tenths = ways(
        "[{ to = \"office\", probability = 0.1 }, { to = \"exit\", probability = 0.2 }, { to = \"office\", probability = 0.7 }]",
    );
    assert_eq!(
        tenths.last().unwrap().0,
        1.0,
        "0.1 + 0.2 + 0.7 is below 1 in binary"
    );
    let zero_last =
        ways("[{ to = \"office\", probability = 1 }, { to = \"exit\", probability = 0 }]");
    assert_eq!(
        zero_last,
        [(1.0, office), (1.0, exit)],
        "what has no chance is never taken"
    );
}

#[test]
fn json_says_the_same() {
    let text = r#"{
        "kind": "process",
        "run": { "until": "8h" },
        "sources": { "calls": { "arrivals": { "poisson": { "rate": "9/h" } }, "to": "b" } },
        "stations": { "b": { "agents": 2, "service": "5m", "to": "next" }, "a": { "agents": 1.0, "service": "5m" } }
    }"#;
    let spec = Case {
        file: "some/world.JSON",
        ..Case::new(text)
    }
    .spec();
    let stations: Vec<_> = spec
        .stations
        .iter()
        .map(|station| station.name.as_str())
        .collect();
    assert_eq!(stations, ["b", "a"], "in the order of the file");
    assert_eq!(
        (spec.name.as_str(), spec.pools[1].agents),
        ("world", Some(1))
    );
}

fn check_json(text: &str, expected: &Expect) {
    expected.assert_eq(
        &Case {
            file: "world.json",
            ..Case::new(text)
        }
        .findings(),
    );
}

#[test]
fn broken_json_is_shown_where_it_breaks() {
    check_json(
        "{ \"kind\": \"process\", }",
        &expect![[r#"
        error: this is no JSON: trailing commas are not allowed
          ┌─ world.json:1:20
        1 │ { "kind": "process", }
          │                    ^
    "#]],
    );
    check_json(
        "{ \"kind\": \"process\" // the kind\n}",
        &expect![[r#"
        error: this is no JSON: comments are not allowed
          ┌─ world.json:1:21
        1 │ { "kind": "process" // the kind
          │                     ^^^^^^^^^^^
    "#]],
    );
    check_json(
        "{ \"kind\": \"process\", \"kind\": \"process\" }",
        &expect![[r#"
            error: `sources` is missing
             ┌─ world.json
             │ expected a table of sources by name
             = help: where cases come from, by name

            error: `stations` is missing
             ┌─ world.json
             │ expected a table of stations by name
             = help: where cases are served, by name

            error: duplicate key `kind`
              ┌─ world.json:1:22
            1 │ { "kind": "process", "kind": "process" }
              │                      ^^^^^^
             = help: keep one of the two
        "#]],
    );
    check_json(
        "[1, 2]",
        &expect![[r#"
        error: the file is a list
          ┌─ world.json:1:1
        1 │ [1, 2]
          │ ^^^^^^ expected an object, for example `{ "kind": "process" }`
    "#]],
    );
    check_json(
        "{ \"kind\": \"process\"",
        &expect![[r#"
        error: this is no JSON: unterminated object
          ┌─ world.json:1:1
        1 │ { "kind": "process"
          │ ^^^^^^^^^^^^^^^^^^^
    "#]],
    );
    check_json(
        "{ \"kind\": \"process\", \"sources\": null, \"stations\": { \"a\": { \"agents\": 1e999, \"service\": \"1m\" } } }",
        &expect![[r#"
            error: `sources` is null
              ┌─ world.json:1:33
            1 │ { "kind": "process", "sources": null, "stations": { "a": { "agents": 1e999, "service": "1m" } } }
              │                                 ^^^^ expected a table of sources by name

            error: `1e999` does not fit
              ┌─ world.json:1:70
            1 │ { "kind": "process", "sources": null, "stations": { "a": { "agents": 1e999, "service": "1m" } } }
              │                                                                      ^^^^^ expected a whole number of 64 bits, or one with a decimal point below 1.8e308
        "#]],
    );
    check_json(
        "// nothing",
        &expect![[r#"
        error: this is no JSON: comments are not allowed
          ┌─ world.json:1:1
        1 │ // nothing
          │ ^^^^^^^^^^
    "#]],
    );
}

const BASE: &str = "kind = \"process\"\nrun.until = \"8h\"\n[sources.calls]\narrivals = { poisson = { rate = \"9/h\" } }\n\
    [stations.desk]\nagents = 2\nservice = \"5m\"\nto = [{ to = \"exit\", probability = 1 }]\n";

#[test]
fn overrides_change_the_file() {
    let overrides = [
        ("stations.desk.agents", "5"),
        (
            "stations.desk.service",
            "{ exponential = { mean = \"3m\" } }",
        ),
        ("run.until", "13h"),
        ("run.seed", "7"),
        ("sources.calls.arrivals.poisson.rate", "12/h"),
        ("stations.desk.to[0].to", "second"),
        ("sources.calls.to", "desk"),
        (
            "stations.second",
            "{ agents = \"unlimited\", service = \"1s\" }",
        ),
        ("title", "Changed"),
        ("stations.\"desk\".queue", "lifo"),
    ];
    let spec = Case {
        overrides: &overrides,
        ..Case::new(BASE)
    }
    .spec();
    assert_eq!(
        (spec.pools[0].agents, spec.run.until, spec.run.seed),
        (Some(5), at(13 * HOUR), 7)
    );
    assert_eq!(
        (
            spec.title.as_str(),
            spec.stations.len(),
            spec.stations[0].discipline
        ),
        ("Changed", 2, Discipline::Lifo)
    );
    assert!(
        matches!(&spec.sources[0].arrivals, Arrivals::Renewal(d) if (d.mean() / (5.0 * MINUTE as f64) - 1.0).abs() < 1e-12)
    );
}

#[test]
fn a_bad_override_is_named() {
    let said: Vec<String> = [
        ("stations.desk.agents", "-5"),
        ("stations.desk.agnets", "5"),
        ("stations.desk.service", "5"),
        ("stations.desk.agents.number", "5"),
        ("stations.desk.to[7].to", "exit"),
        ("stations..agents", "5"),
        ("", "5"),
        ("kind", "swarm"),
        ("stations.desk.service", "{ expression = \"queue(dsk)\" }"),
    ]
    .iter()
    .map(|change| {
        Case {
            overrides: &[*change],
            ..Case::new(BASE)
        }
        .findings()
    })
    .collect();
    expect![[r#"
        error: `stations.desk.agents` = -5 is negative
         ┌─ --set stations.desk.agents
         │ expected a whole number from 0 to 1,000,000

        error: unknown key `agnets` in `stations.desk`
         ┌─ --set stations.desk.agnets
         = help: did you mean `agents`?

        error: `stations.desk.service` = 5 has no unit
         ┌─ --set stations.desk.service
         │ expected a duration of zero or more, such as "90s" or "1h30m"
         = help: write "5s" for seconds

        error: `stations.desk.agents` is a whole number and has no `number`
         ┌─ --set stations.desk.agents.number
         = help: set `stations.desk.agents` as a whole

        error: `stations.desk.to` has no element `7`
         ┌─ --set stations.desk.to[7].to
         │ expected a number below 1

        error: `stations..agents` is no dotted key
         ┌─ --set stations..agents
         │ expected steps with dots in between, for example `stations.desk.agents`

        error: `` is no dotted key
         ┌─ --set 
         │ expected steps with dots in between, for example `stations.desk.agents`

        error: `kind` = "swarm" is no process world
         ┌─ --set kind
         │ expected "process"

        error: `stations.desk.service.expression`: there is no station `dsk`
         ┌─ --set stations.desk.service
         │ expected `desk`
    "#]]
    .assert_eq(&said.join("\n"));
}
