//! Recorded cases from CSV files.

use expect_test::{Expect, expect};
use pluriverse_kernel::time::SimTime;
use pluriverse_process::spec::{Arrivals, Spec, TraceCase};

use super::Case;

/// A scenario whose source is the trace `trace` of the file `log.csv`.
fn scenario(trace: &str) -> String {
    format!(
        "kind = \"process\"\n[sources.log.arrivals.trace]\nfile = \"log.csv\"\n{trace}\n\
         [stations.desk]\nagents = \"unlimited\"\nservice = \"1s\"\n"
    )
}

fn read(trace: &str, csv: &str) -> Spec {
    Case {
        files: &[("log.csv", csv)],
        ..Case::new(&scenario(trace))
    }
    .spec()
}

/// Seconds of the arrival, class, attributes.
type Recorded = (f64, Option<usize>, Vec<(usize, f64)>);

fn cases(spec: &Spec) -> Vec<Recorded> {
    let Arrivals::Trace(cases) = &spec.sources[0].arrivals else {
        panic!("a trace")
    };
    let shown = |case: &TraceCase| (case.at.as_secs_f64(), case.class, case.attributes.clone());
    cases.iter().map(shown).collect()
}

#[test]
fn numbers_count_from_the_origin_in_their_unit() {
    let spec = read(
        "time = \"t\"\ntime_unit = \"m\"\n",
        "t,x\n3,a\n0.5,b\n3,c\n",
    );
    assert_eq!(
        cases(&spec),
        [
            (30.0, None, vec![]),
            (180.0, None, vec![]),
            (180.0, None, vec![])
        ]
    );
    assert_eq!(
        spec.run.until,
        SimTime::from_secs(185),
        "the run ends by itself, on a whole period"
    );
}

#[test]
fn timestamps_count_from_the_first_or_from_an_origin() {
    let csv = "\u{feff}when\n2023-01-02 09:00:16.44+00:00\n2023-01-02T10:00:00+01:00\n";
    let spec = read("time = \"when\"\n", csv);
    assert_eq!(cases(&spec), [(0.0, None, vec![]), (16.44, None, vec![])]);
    let spec = read("time = \"when\"\norigin = \"2023-01-02T08:00:00Z\"\n", csv);
    assert_eq!(
        cases(&spec),
        [(3600.0, None, vec![]), (3616.44, None, vec![])]
    );
}

#[test]
fn a_case_arrives_with_its_earliest_row() {
    let csv = "id,t\na,7\nb,2\na,3\nb,9\n\"c\",5\n";
    let spec = read("time = \"t\"\ntime_unit = \"s\"\ncase = \"id\"\n", csv);
    assert_eq!(
        cases(&spec),
        [
            (2.0, None, vec![]),
            (3.0, None, vec![]),
            (5.0, None, vec![])
        ]
    );
}

#[test]
fn attributes_come_from_columns_and_from_times_between() {
    let trace = "time = \"start\"\nattributes = { n = \"n\", work = { column = \"hours\", unit = \"h\" }, \
        took = { start = \"start\", end = \"end\" } }\n";
    let csv = "start,end,n,hours\n2023-01-02T09:00:00Z,2023-01-02T09:01:01.5Z,4,0.5\n";
    assert_eq!(
        cases(&read(trace, csv)),
        [(0.0, None, vec![(0, 4.0), (1, 1800.0), (2, 61.5)])]
    );
}

#[test]
fn classes_come_from_the_trace_or_are_held_against_those_of_the_file() {
    let csv = "t,kind\n5,late\n1,early\n2,late\n";
    let trace = "time = \"t\"\ntime_unit = \"s\"\nclass = \"kind\"\n";
    let spec = read(trace, csv);
    let names: Vec<_> = spec
        .classes
        .iter()
        .map(|class| class.name.as_str())
        .collect();
    assert_eq!(names, ["early", "late"], "in the order of time");
    assert_eq!(
        cases(&spec).iter().map(|case| case.1).collect::<Vec<_>>(),
        [Some(0), Some(1), Some(1)]
    );
    let declared = format!("{trace}[classes.late]\npriority = 3\n[classes.early]\n");
    let spec = read(&declared, csv);
    assert_eq!(
        cases(&spec).iter().map(|case| case.1).collect::<Vec<_>>(),
        [Some(1), Some(0), Some(0)]
    );
}

/// What is said about each trace and file.
fn check(attempts: &[(&str, &str)], expected: &Expect) {
    let said: Vec<String> = attempts
        .iter()
        .map(|(trace, csv)| {
            Case {
                files: &[("log.csv", csv)],
                ..Case::new(&scenario(trace))
            }
            .findings()
        })
        .collect();
    expected.assert_eq(&said.join("----\n"));
}

#[test]
fn bad_files_are_answered_by_line_and_column() {
    let (numbers, stamps) = ("time = \"t\"\ntime_unit = \"s\"", "time = \"t\"");
    check(
        &[
            (numbers, ""),
            (numbers, "t,x\n"),
            (numbers, "u,x\n1,2\n"),
            (numbers, "t,x\n1,2\n3\n"),
            (numbers, "t,x\n1,2\n3,4,5\n"),
            (numbers, "x,t\n1,2\n3,soon\n5,\n6,-1\n7,nan\n8,1e300\n"),
            (stamps, "t,x\n2023-01-02,2\n02.01.2023,2\n17,2\n,2\n"),
            (stamps, "t\n1700-01-01\n2200-01-01\n"),
        ],
        &expect![[r#"
            error: `log.csv` is empty: it has no header row
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^
            ----
            error: `log.csv` has a header and no rows
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^
            ----
            error: `log.csv` has no column `t`
              ┌─ world.toml:4:8
            4 │ time = "t"
              │        ^^^
             = help: there are `u` and `x`
            ----
            error: log.csv:3, column 1: the row ends after 1 of 2 columns
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^
            ----
            error: log.csv:3, column 3: the row has 3 columns, the header 2
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^
            ----
            error: log.csv:3, column 2 `t`: `soon` is no number
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^

            error: log.csv:4, column 2 `t`: the cell is empty
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^

            error: log.csv:5, column 2 `t`: -1 is negative
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^

            error: log.csv:6, column 2 `t`: `nan` is no number
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^

            error: log.csv:7, column 2 `t`: `1e300` is over 292 years
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^
            ----
            error: log.csv:3, column 1 `t`: `02.01.2023` is no ISO 8601 timestamp
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^

            error: log.csv:4, column 1 `t`: `17` is no ISO 8601 timestamp; numbers need `time_unit`
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^

            error: log.csv:5, column 1 `t`: the cell is empty
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^
            ----
            error: log.csv:3, column 1 `t`: over 292 years after the origin
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^
        "#]],
    );
    check(
        &[
            ("time = \"t\"\norigin = \"2023-01-03\"", "t\n2023-01-02\n"),
            ("time = \"t\"\norigin = \"yesterday\"", "t\n2023-01-02\n"),
            (
                "time = \"t\"\ntime_unit = \"s\"\norigin = \"2023-01-03\"",
                "t\n1\n",
            ),
            ("time = \"t\"\ntime_unit = \"parsec\"", "t\n1\n"),
            (
                "time = \"t\"\ntime_unit = \"s\"\nclass = \"k\"\n[classes.gold]\n",
                "t,k\n1,glod\n",
            ),
            (
                "time = \"t\"\nattributes = { took = { start = \"t\", end = \"e\" } }",
                "t,e\n2023-01-02,2023-01-01\n",
            ),
            (
                "time = \"t\"\nattributes = { took = { strt = \"t\", end = \"e\" } }",
                "t,e\n2023-01-02,2023-01-01\n",
            ),
            (
                "time = \"t\"\nattributes = { took = \"tok\" }",
                "t,took\n2023-01-02,1\n",
            ),
        ],
        &expect![[r#"
            error: `sources.log.arrivals.trace.origin` = "2023-01-03" comes after the first arrival
              ┌─ world.toml:5:10
            5 │ origin = "2023-01-03"
              │          ^^^^^^^^^^^^ expected a timestamp before all arrivals
            ----
            error: `sources.log.arrivals.trace.origin` = "yesterday" is no timestamp
              ┌─ world.toml:5:10
            5 │ origin = "yesterday"
              │          ^^^^^^^^^^^ expected for example "2023-01-02T09:00:00Z"
            ----
            error: `sources.log.arrivals.trace.origin` = "2023-01-03" has no meaning where times are numbers
              ┌─ world.toml:6:10
            6 │ origin = "2023-01-03"
              │          ^^^^^^^^^^^^
             = help: leave `origin` out: numbers count from the scenario's origin
            ----
            error: `sources.log.arrivals.trace.time_unit` = "parsec" is not known
              ┌─ world.toml:5:13
            5 │ time_unit = "parsec"
              │             ^^^^^^^^ expected `s`, `m`, `h`, `d`, `ms`, `us` or `ns`
            ----
            error: log.csv:2, column 2 `k`: there is no class `glod`; did you mean `gold`?
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^
            ----
            error: log.csv:2, column 2 `e`: the end comes before the start
              ┌─ world.toml:3:8
            3 │ file = "log.csv"
              │        ^^^^^^^^^
            ----
            error: unknown key `strt` in `sources.log.arrivals.trace.attributes.took`
              ┌─ world.toml:5:25
            5 │ attributes = { took = { strt = "t", end = "e" } }
              │                         ^^^^
             = help: did you mean `start`?
            ----
            error: `log.csv` has no column `tok`
              ┌─ world.toml:5:23
            5 │ attributes = { took = "tok" }
              │                       ^^^^^
             = help: did you mean `took`?
        "#]],
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    expect![[r#"
        error: `log.csv` is not there
          ┌─ world.toml:3:8
        3 │ file = "log.csv"
          │        ^^^^^^^^^
    "#]]
    .assert_eq(&Case::new(&scenario("time = \"t\"")).findings());
}
