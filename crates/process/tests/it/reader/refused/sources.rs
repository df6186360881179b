//! Runs, classes and sources.

use expect_test::expect;

use super::{arrivals, check, classes, run, source};

#[test]
fn classes_are_named() {
    check(
        &[
            classes("", r#""1m""#),
            classes(r#"class = "glod""#, r#""1m""#),
            classes(r#"class = "gold""#, r#"{ by_class = { gold = "1m" } }"#),
            classes(
                r#"class = "gold""#,
                r#"{ by_class = { gold = "1m", bronze = "2m", default = "3m" } }"#,
            ),
        ],
        &expect![[r#"
            error: `sources.calls.class` is missing
              ┌─ world.toml:6:10
            6 │ [sources.calls]
              │          ^^^^^ expected `gold` or `silver`
             = help: there are several classes, so each source says which one its cases are of
            ----
            error: `sources.calls.class` = "glod" is no class
              ┌─ world.toml:8:9
            8 │ class = "glod"
              │         ^^^^^^
             = help: did you mean `gold`?
            ----
            error: `stations.desk.service.by_class` says nothing about class `silver`
               ┌─ world.toml:11:24
            11 │ service = { by_class = { gold = "1m" } }
               │                        ^^^^^^^^^^^^^^^
             = help: add `silver = …`, or `default = …` for all others
            ----
            error: `stations.desk.service.by_class`: there is no class `bronze`
               ┌─ world.toml:11:39
            11 │ service = { by_class = { gold = "1m", bronze = "2m", default = "3m" } }
               │                                       ^^^^^^
             = help: there are `gold` and `silver`
        "#]],
    );
}

#[test]
fn runs_end() {
    check(
        &[
            run(""),
            run(r#"at_end = "cut""#),
            run(r#"until = "1h"
warm_up = "1h""#),
            run(r#"until = "1h"
period = "1ms""#),
            run(r#"until = "0s""#),
            run(r#"until = "1h"
replications = 0
seed = -1
at_end = "dran""#),
        ],
        &expect![[r#"
            error: `run.until` is missing
              ┌─ world.toml:7:1
            7 │ [run]
              │ ^^^^^ expected a duration such as "13h"
             = help: source `calls` goes on for ever unless the run ends, or the source has an `until` or a `limit`
            ----
            error: `run.until` is missing
              ┌─ world.toml:7:1
            7 │ [run]
              │ ^^^^^ expected a duration such as "13h"
             = help: source `calls` goes on for ever unless the run ends, or the source has an `until` or a `limit`
            ----
            error: `run.warm_up` leaves nothing to measure
              ┌─ world.toml:9:11
            9 │ warm_up = "1h"
              │           ^^^^ expected less than the 1h of the run
            ----
            error: `run.period` cuts the run into more than 10000 periods
              ┌─ world.toml:9:10
            9 │ period = "1ms"
              │          ^^^^^ expected more than 360ms
            ----
            error: `run.until` is zero
              ┌─ world.toml:8:9
            8 │ until = "0s"
              │         ^^^^ expected a duration above zero, such as "90s" or "1h30m"
            ----
            error: `run.replications` = 0 is too small
              ┌─ world.toml:9:16
            9 │ replications = 0
              │                ^ expected a whole number from 1 to 1,000,000,000

            error: `run.seed` = -1 is negative
               ┌─ world.toml:10:8
            10 │ seed = -1
               │        ^^ expected a whole number of 0 or more

            error: `run.at_end` = "dran" is not known
               ┌─ world.toml:11:10
            11 │ at_end = "dran"
               │          ^^^^^^ expected `cut` or `drain`
             = help: did you mean "drain"?
        "#]],
    );
}

#[test]
fn sources_work_within_the_run() {
    check(
        &[
            source(r#"from = "9h""#),
            source(
                r#"from = "2h"
until = "1h""#,
            ),
            arrivals(r#"{ scheduled = { at = ["9h", "8h30m"] } }"#),
            arrivals(r#"{ scheduled = { at = ["9h", "10h"] } }"#),
            arrivals(r#"{ scheduled = { every = "1us" } }"#),
            arrivals(r#"{ scheduled = { every = "1h", from = "9h" } }"#),
            arrivals(r#"{ renewal = { interval = "0s" } }"#),
            source("batch = 0"),
            source("batch = 1_000_001"),
            arrivals(
                r#"{ rates = { every = "1h", values = ["9/h"], factor = { normal = { mean = 1, std_dev = 1 } } } }"#,
            ),
        ],
        &expect![[r#"
            error: `sources.calls` starts at 9h, when it has ended already
              ┌─ world.toml:5:8
            5 │ from = "9h"
              │        ^^^^ expected a start before 8h
            ----
            error: `sources.calls` starts at 2h, when it has ended already
              ┌─ world.toml:5:8
            5 │ from = "2h"
              │        ^^^^ expected a start before 1h
            ----
            error: `sources.calls.arrivals.scheduled.at[1]` = "8h30m" comes before "9h"
              ┌─ world.toml:4:40
            4 │ arrivals = { scheduled = { at = ["9h", "8h30m"] } }
              │                                        ^^^^^^^ expected times in order
            ----
            error: `sources.calls.arrivals.scheduled` has no arrival while the source works
              ┌─ world.toml:4:26
            4 │ arrivals = { scheduled = { at = ["9h", "10h"] } }
              │                          ^^^^^^^^^^^^^^^^^^^^^^ expected at least one arrival between the source's `from` and `until`
            ----
            error: `sources.calls.arrivals.scheduled.every` makes 28800000000 arrivals
              ┌─ world.toml:4:36
            4 │ arrivals = { scheduled = { every = "1us" } }
              │                                    ^^^^^ expected at most 10000000 in all
             = help: for so many write `renewal = { interval = "…" }`
            ----
            error: `sources.calls.arrivals.scheduled` has no arrival while the source works
              ┌─ world.toml:4:26
            4 │ arrivals = { scheduled = { every = "1h", from = "9h" } }
              │                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected at least one arrival between the source's `from` and `until`
            ----
            error: `sources.calls.arrivals.renewal.interval` is always zero: all cases would come at once, without end
              ┌─ world.toml:4:37
            4 │ arrivals = { renewal = { interval = "0s" } }
              │                                     ^^^^ expected a duration above zero
            ----
            error: `sources.calls.batch` never holds a case
              ┌─ world.toml:5:9
            5 │ batch = 0
              │         ^ expected numbers of which some round to 1 or more
            ----
            error: `sources.calls.batch` is always 1000001 cases or more
              ┌─ world.toml:5:9
            5 │ batch = 1_000_001
              │         ^^^^^^^^^ expected batches of at most 1000000 cases
            ----
            error: `sources.calls.arrivals.rates.factor` can be negative
              ┌─ world.toml:4:65
            4 │ arrivals = { rates = { every = "1h", values = ["9/h"], factor = { normal = { mean = 1, std_dev = 1 } } } }
              │                                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected numbers of zero or more, such as `{ gamma = { shape = 400, mean = 1 } }`
        "#]],
    );
}
