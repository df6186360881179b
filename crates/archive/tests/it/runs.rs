//! Runs: lists, changes, comparisons, retention.

use std::time::Duration;

use expect_test::expect;
use pluriverse_archive::{
    Archive, ArchiveError, Change, Filter, NewRun, Page, Retention, RunId, Source, Status,
};
use serde_json::value::RawValue;

use crate::{
    databases::on_both,
    ingest::table,
    ledgers::{pieces, provenance, stored},
};

fn id(name: &str) -> RunId {
    name.parse().unwrap()
}

fn new(name: &str, status: Status) -> NewRun {
    NewRun {
        status,
        replications: 100,
        ..NewRun::of(id(name), Source::Server, &provenance())
    }
}

fn names(archive: &Archive, filter: &Filter, page: Page) -> (String, u64) {
    let page = archive.runs(filter, page).unwrap();
    let names: Vec<_> = page.runs.iter().map(|run| run.id.as_str()).collect();
    (names.join(" "), page.total)
}

/// Sets the age of runs, which all are of the same instant otherwise.
fn set_ages(database: &crate::databases::Database, ages: &[(&str, i64)]) {
    let schema = if database.is_sqlite() {
        ""
    } else {
        "pluriverse."
    };
    for (name, millis) in ages {
        database.batch(&format!(
            "UPDATE {schema}runs SET created_at = {millis} WHERE id = '{name}'"
        ));
    }
}

#[test]
fn runs_are_listed_filtered_and_paged() {
    on_both(|database| {
        let archive = database.open();
        for (name, status) in [
            ("a", Status::Complete),
            ("b", Status::Running),
            ("c", Status::Complete),
        ] {
            archive.add_run(&new(name, status)).unwrap();
        }
        archive
            .ingest(&id("d"), Source::Browser, &mut stored(10))
            .unwrap();
        set_ages(database, &[("a", 100), ("b", 400), ("c", 300), ("d", 300)]);
        let all = Filter::default();
        let page = |limit, offset| Page { limit, offset };
        let list = |filter: &Filter, page| names(&archive, filter, page);
        assert_eq!(list(&all, Page::default()), ("b d c a".to_owned(), 4));
        assert_eq!(list(&all, page(2, 1)), ("d c".to_owned(), 4));
        assert_eq!(list(&all, page(2, u64::MAX)), (String::new(), 4));
        assert_eq!(list(&all, page(0, 0)), (String::new(), 4));
        let complete = Filter {
            status: Some(Status::Complete),
            source: Some(Source::Server),
            ..Filter::default()
        };
        assert_eq!(list(&complete, page(1, 0)), ("c".to_owned(), 2));
        let odd = Filter {
            kind: Some("process' OR 1=1 --".to_owned()),
            ..Filter::default()
        };
        assert_eq!(list(&odd, Page::default()), (String::new(), 0));
        let named = Filter {
            kind: Some("process".to_owned()),
            scenario: Some("front desk".to_owned()),
            ..Filter::default()
        };
        assert_eq!(list(&named, Page::default()).1, 4);
    });
}

#[test]
fn a_run_goes_on_and_ends() {
    on_both(|database| {
        let archive = database.open();
        let run = id("a");
        archive.add_run(&new("a", Status::Queued)).unwrap();
        archive.add_run(&new("a", Status::Queued)).unwrap();
        let other = NewRun {
            seed: 1,
            ..new("a", Status::Queued)
        };
        assert!(matches!(
            archive.add_run(&other),
            Err(ArchiveError::Conflict { .. })
        ));
        archive.change_run(&run, &Change::Started).unwrap();
        assert_eq!(archive.run(&run).unwrap().summary.status, Status::Running);
        let results =
            RawValue::from_string(r#"{"metrics":{"z":1e-7,"a":0.1}}"#.to_owned()).unwrap();
        let completed = Change::Completed {
            results: Some(results.clone()),
            ledger_hash: Some("77".repeat(32)),
        };
        archive.change_run(&run, &completed).unwrap();
        let written = archive.run(&run).unwrap();
        assert_eq!(written.summary.status, Status::Complete);
        assert_eq!(written.results.as_ref().unwrap().get(), results.get());
        set_ages(database, &[("a", 1_763_654_675_120)]);
        expect![[r#"
            {
              "id": "a",
              "created_at": "2025-11-20T16:04:35.120Z",
              "source": "server",
              "status": "complete",
              "failure": null,
              "kind": "process",
              "scenario": "front desk",
              "seed": 18446744073709551615,
              "replications": 100,
              "engine": "0.1.0",
              "revision": "8a0e776",
              "ledger_hash": "7777777777777777777777777777777777777777777777777777777777777777",
              "ledger_rows": null,
              "scenario_text": "kind = \"process\"\n# Grüße, 世界; '); DROP TABLE runs; --\n",
              "overrides": [
                [
                  "desk.count",
                  "3"
                ]
              ],
              "results": {"metrics":{"z":1e-7,"a":0.1}}
            }"#]]
        .assert_eq(&serde_json::to_string_pretty(&archive.run(&run).unwrap()).unwrap());

        archive.add_run(&new("b", Status::Running)).unwrap();
        archive.add_run(&new("c", Status::Queued)).unwrap();
        assert_eq!(
            archive
                .fail_unfinished(Source::Server, "the server\0stopped")
                .unwrap(),
            2
        );
        let failed = archive.run(&id("b")).unwrap().summary;
        assert_eq!(
            (failed.status, failed.failure.as_deref()),
            (Status::Failed, Some("the server\u{fffd}stopped"))
        );
        archive.change_run(&id("c"), &Change::Cancelled).unwrap();
        let none = archive.change_run(&id("none"), &Change::Started);
        assert!(matches!(none, Err(ArchiveError::NoRun { .. })));
    });
}

#[test]
fn runs_go_with_all_that_is_theirs() {
    on_both(|database| {
        let archive = database.open();
        for name in ["a", "b"] {
            archive
                .ingest(&id(name), Source::Cli, &mut stored(5000))
                .unwrap();
        }
        let (declaration, _) = pieces(10);
        archive.add_run(&new("c", Status::Running)).unwrap();
        archive
            .begin_upload(&id("c"), Source::Cli, &declaration)
            .unwrap();
        let mut reading = archive.ledger(&id("a")).unwrap();
        reading.next_chunk().unwrap();
        archive.delete_run(&id("a")).unwrap();
        archive.delete_run(&id("c")).unwrap();
        assert!(matches!(
            reading.next_chunk(),
            Err(ArchiveError::NoRun { .. })
        ));
        assert!(matches!(
            archive.delete_run(&id("a")),
            Err(ArchiveError::NoRun { .. })
        ));
        for (name, count) in [
            ("runs", 1),
            ("ledgers", 1),
            ("ledger_rows", 5000),
            ("chunks", 2),
            ("uploads", 0),
        ] {
            assert_eq!(database.number(&table(database, name)), count, "{name}");
        }
        archive
            .ingest(&id("a"), Source::Cli, &mut stored(4000))
            .unwrap();
    });
}

#[test]
fn old_runs_go_and_running_ones_stay() {
    on_both(|database| {
        let archive = database.open();
        for name in ["a", "b", "c", "d"] {
            archive.add_run(&new(name, Status::Complete)).unwrap();
        }
        archive.add_run(&new("e", Status::Running)).unwrap();
        set_ages(database, &[("a", 1), ("b", 2), ("c", 3), ("e", 0)]);
        let keep = |max_runs, max_age| Retention { max_age, max_runs };
        assert_eq!(archive.expire(Retention::default()).unwrap(), []);
        assert_eq!(archive.expire(keep(Some(3), None)).unwrap(), [id("a")]);
        let day = Some(Duration::from_secs(86_400));
        assert_eq!(
            archive.expire(keep(Some(2), day)).unwrap(),
            [id("b"), id("c")]
        );
        assert_eq!(archive.expire(keep(Some(2), day)).unwrap(), []);
        assert_eq!(archive.expire(keep(Some(0), None)).unwrap(), [id("d")]);
        assert_eq!(
            names(&archive, &Filter::default(), Page::default()),
            ("e".to_owned(), 1)
        );
    });
}

#[test]
fn ledgers_without_figures_are_found_until_they_have_some_or_were_tried() {
    on_both(|database| {
        let archive = database.open();
        for name in ["a", "b", "c"] {
            archive
                .ingest(&id(name), Source::Browser, &mut stored(10))
                .unwrap();
        }
        // Without a ledger there is nothing to make figures of.
        archive.add_run(&new("d", Status::Complete)).unwrap();
        set_ages(database, &[("a", 1), ("b", 2), ("c", 3)]);
        let found = |program: &str, limit| archive.without_figures(program, limit).unwrap();
        assert_eq!(found("1", 9), [id("c"), id("b"), id("a")]);
        assert_eq!(found("1", 1), [id("c")]);
        archive.note_figures_tried(&id("c"), "1").unwrap();
        let results = serde_json::value::to_raw_value(&1).ok();
        let completed = Change::Completed {
            results,
            ledger_hash: None,
        };
        archive.change_run(&id("b"), &completed).unwrap();
        assert_eq!(found("1", 9), [id("a")]);
        assert_eq!(found("2", 9), [id("c"), id("a")]);
    });
}

#[test]
fn figures_stand_side_by_side() {
    let results = |metrics: &str| {
        let text = format!(r#"{{"scenario":"x","metrics":{{{metrics}}}}}"#);
        Change::Completed {
            results: Some(RawValue::from_string(text).unwrap()),
            ledger_hash: None,
        }
    };
    let metric = |name: &str, mean: f64| {
        format!(
            r#""{name}":{{"mean":{mean},"half_width_95":null,"n":1,"min":{mean},"max":{mean},"unit":"seconds"}}"#
        )
    };
    on_both(|database| {
        let archive = database.open();
        for name in ["a", "b", "c"] {
            archive.add_run(&new(name, Status::Running)).unwrap();
        }
        archive
            .change_run(
                &id("a"),
                &results(&[metric("z", 0.1), metric("b", 2.0)].join(",")),
            )
            .unwrap();
        archive
            .change_run(
                &id("b"),
                &results(&[metric("b", 3.0), metric("a", 4.0)].join(",")),
            )
            .unwrap();
        let comparison = archive.compare(&[id("b"), id("a"), id("c")]).unwrap();
        let lines = comparison.metrics.iter().map(|metric| {
            let values = metric.values.iter();
            let means: Vec<_> = values
                .map(|value| value.as_ref().and_then(|value| value.mean))
                .collect();
            format!("{} {} {means:?}", metric.name, metric.unit)
        });
        assert_eq!(
            lines.collect::<Vec<_>>(),
            [
                "b seconds [Some(3.0), Some(2.0), None]",
                "a seconds [Some(4.0), None, None]",
                "z seconds [None, Some(0.1), None]",
            ]
        );
        assert_eq!(comparison.runs[2].id, id("c"));
        assert!(matches!(
            archive.compare(&[]),
            Err(ArchiveError::Invalid { .. })
        ));
        assert!(matches!(
            archive.compare(&[id("none")]),
            Err(ArchiveError::NoRun { .. })
        ));
    });
}

#[test]
fn ids_are_names_that_fit_anywhere() {
    let long = "x".repeat(101);
    for odd in [
        "", "../etc", ".hidden", "a b", "a/b", "ä", "a\0", "a;b", &long,
    ] {
        assert!(odd.parse::<RunId>().is_err(), "{odd}");
    }
    assert_eq!(
        "2026-run_1.x".parse::<RunId>().unwrap().as_str(),
        "2026-run_1.x"
    );
    let fresh = [RunId::fresh(), RunId::fresh()];
    assert_ne!(fresh[0], fresh[1]);
    assert_eq!(fresh[0].as_str().parse::<RunId>().unwrap(), fresh[0]);
}

#[test]
fn texts_with_nul_are_refused_alike() {
    on_both(|database| {
        let archive = database.open();
        let odd = NewRun {
            scenario_text: "kind = \"\0\"".to_owned(),
            ..new("a", Status::Complete)
        };
        let refused = archive.add_run(&odd).unwrap_err();
        expect![[
            r#"the scenario's text is `kind = \"\0\"`, expected a text without the character NUL"#
        ]]
        .assert_eq(&refused.to_string());
        let kind = Filter {
            kind: Some("\0".to_owned()),
            ..Filter::default()
        };
        let scenario = Filter {
            scenario: Some("front\0desk".to_owned()),
            ..Filter::default()
        };
        let refused =
            [kind, scenario].map(|filter| archive.runs(&filter, Page::default()).unwrap_err());
        assert!(
            refused
                .iter()
                .all(|error| matches!(error, ArchiveError::Invalid { .. })),
            "{refused:?}"
        );
    });
}
