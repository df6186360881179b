//! Files that are no scenario, keys that nobody knows, names that cannot be.

use expect_test::expect;

use super::{arrivals, check, desk, raw, service, stations};

#[test]
fn an_empty_file_says_how_to_start() {
    check(
        &[raw(""), raw(" \n\n")],
        &expect![[r#"
        error: the file is empty
         ┌─ world.toml
         = help: a scenario starts with its kind, for example `kind = "process"`
        ----
        error: the file is empty
         ┌─ world.toml
         = help: a scenario starts with its kind, for example `kind = "process"`
    "#]],
    );
}

#[test]
fn the_kind_comes_first() {
    check(
        &[
            raw("title = \"x\"\n"),
            raw("kind = \"swarm\"\n"),
            raw("kind = 3\n"),
        ],
        &expect![[r#"
            error: `kind` is missing
             ┌─ world.toml
             │ expected what kind of world this is
             = help: start the file with `kind = "process"`
            ----
            error: `kind` = "swarm" is no process world
              ┌─ world.toml:1:8
            1 │ kind = "swarm"
              │        ^^^^^^^ expected "process"
            ----
            error: `kind` = 3 is no process world
              ┌─ world.toml:1:8
            1 │ kind = 3
              │        ^ expected "process"
        "#]],
    );
}

#[test]
fn a_world_needs_sources_and_stations() {
    check(
        &[
            raw("kind = \"process\"\n"),
            raw("kind = \"process\"\nrun.until = \"1h\"\nsources = {}\nstations = {}\n"),
        ],
        &expect![[r#"
            error: `sources` is missing
             ┌─ world.toml
             │ expected a table of sources by name
             = help: where cases come from, by name

            error: `stations` is missing
             ┌─ world.toml
             │ expected a table of stations by name
             = help: where cases are served, by name
            ----
            error: `sources` is empty
              ┌─ world.toml:3:11
            3 │ sources = {}
              │           ^^ expected at least one

            error: `stations` is empty
              ┌─ world.toml:4:12
            4 │ stations = {}
              │            ^^ expected at least one
        "#]],
    );
}

#[test]
fn broken_toml_is_shown_where_it_breaks() {
    check(
        &[
            raw("kind = \"process\n"),
            raw("kind = \"process\"\n[run\n"),
            raw("kind = \"process\"\nrun = { until = \"1h\" ]\n"),
            raw(
                "kind = \"process\"\nrun.seed = 99999999999999999999\nsources = {}\nstations = {}\n",
            ),
            raw(
                r#"kind.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.b = 1
"#,
            ),
            raw(
                r#"kind = [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["#,
            ),
        ],
        &expect![[r#"
            error: this is no TOML: invalid basic string
              ┌─ world.toml:1:16
            1 │ kind = "process
              │                ^ expected `"`
            ----
            error: this is no TOML: unclosed table
              ┌─ world.toml:2:5
            2 │ [run
              │     ^ expected `]`
            ----
            error: this is no TOML: invalid inline table element
              ┌─ world.toml:2:22
            2 │ run = { until = "1h" ]
              │                      ^ expected `,`
            ----
            error: `99999999999999999999` does not fit
              ┌─ world.toml:2:12
            2 │ run.seed = 99999999999999999999
              │            ^^^^^^^^^^^^^^^^^^^^ expected a whole number of 64 bits, or one with a decimal point below 1.8e308

            error: `sources` is empty
              ┌─ world.toml:3:11
            3 │ sources = {}
              │           ^^ expected at least one

            error: `stations` is empty
              ┌─ world.toml:4:12
            4 │ stations = {}
              │            ^^ expected at least one
            ----
            error: a dotted key has too many parts
              ┌─ world.toml:1:1
            1 │ kind.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.b = 1
              │ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected at most 16
            ----
            error: this is no TOML: cannot recurse further; max recursion depth met
              ┌─ world.toml:1:88
            1 │ kind = [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
              │                                                                                        ^
        "#]],
    );
}

#[test]
fn a_key_is_there_only_once() {
    check(
        &[
            raw("kind = \"process\"\nkind = \"process\"\n"),
            desk(
                r#"queue = "fifo"
queue = "lifo""#,
            ),
            desk(
                r#"[stations.desk]
agents = 2"#,
            ),
        ],
        &expect![[r#"
            error: duplicate key `kind`
              ┌─ world.toml:2:1
            2 │ kind = "process"
              │ ^^^^
             = help: keep one of the two
            ----
            error: duplicate key `queue`
              ┌─ world.toml:9:1
            9 │ queue = "lifo"
              │ ^^^^^
             = help: keep one of the two
            ----
            error: duplicate key `desk`
              ┌─ world.toml:8:11
            8 │ [stations.desk]
              │           ^^^^
             = help: keep one of the two
        "#]],
    );
}

#[test]
fn unknown_keys_are_answered_with_the_nearest() {
    check(
        &[
            desk(r#"patiense = "5m""#),
            desk(r#"colour = "red""#),
            stations(
                r#"[stations.desk]
agents = 1
servce = "5m""#,
            ),
            service(r#"{ exponentail = { mean = "5m" } }"#),
            service(r#"{ exponential = { men = "5m" } }"#),
            service(r#"{ by_clas = { default = "5m" } }"#),
            arrivals(r#"{ poisson = { rte = "9/h" } }"#),
            arrivals(r#"{ poison = { rate = "9/h" } }"#),
            arrivals(r#"{ scheduled = { evry = "1h" } }"#),
        ],
        &expect![[r#"
            error: unknown key `patiense` in `stations.desk`
              ┌─ world.toml:8:1
            8 │ patiense = "5m"
              │ ^^^^^^^^
             = help: did you mean `patience`?
            ----
            error: unknown key `colour` in `stations.desk`
              ┌─ world.toml:8:1
            8 │ colour = "red"
              │ ^^^^^^
             = help: there are `agents`, `service`, `queue`, `preemption`, `buffer`, `when_full`, `balk_to`, `patience`, `renege_to`, `service_level`, `assign`, `cost_per_case` and 4 more
            ----
            error: unknown key `servce` in `stations.desk`
              ┌─ world.toml:7:1
            7 │ servce = "5m"
              │ ^^^^^^
             = help: did you mean `service`?
            ----
            error: unknown key `exponentail` in `stations.desk.service`
              ┌─ world.toml:7:13
            7 │ service = { exponentail = { mean = "5m" } }
              │             ^^^^^^^^^^^
             = help: did you mean `exponential`?
            ----
            error: unknown key `men` in `stations.desk.service.exponential`
              ┌─ world.toml:7:29
            7 │ service = { exponential = { men = "5m" } }
              │                             ^^^
             = help: did you mean `mean`?
            ----
            error: unknown key `by_clas` in `stations.desk.service`
              ┌─ world.toml:7:13
            7 │ service = { by_clas = { default = "5m" } }
              │             ^^^^^^^
             = help: did you mean `by_class`?
            ----
            error: unknown key `rte` in `sources.calls.arrivals.poisson`
              ┌─ world.toml:4:26
            4 │ arrivals = { poisson = { rte = "9/h" } }
              │                          ^^^
             = help: did you mean `rate`?
            ----
            error: unknown key `poison` in `sources.calls.arrivals`
              ┌─ world.toml:4:14
            4 │ arrivals = { poison = { rate = "9/h" } }
              │              ^^^^^^
             = help: did you mean `poisson`?
            ----
            error: unknown key `evry` in `sources.calls.arrivals.scheduled`
              ┌─ world.toml:4:28
            4 │ arrivals = { scheduled = { evry = "1h" } }
              │                            ^^^^
             = help: did you mean `every`?
        "#]],
    );
}

#[test]
fn names_are_names() {
    check(
        &[
            stations(
                r#"[stations.exit]
agents = 1
service = "1m""#,
            ),
            stations(
                r#"[stations.""]
agents = 1
service = "1m""#,
            ),
            stations(
                r#"[stations."a\nb"]
agents = 1
service = "1m""#,
            ),
            stations(
                r#"[pools.desk]
agents = 2
[stations.desk]
agents = 1
service = "1m""#,
            ),
        ],
        &expect![[r#"
            error: `exit` has a meaning of its own
              ┌─ world.toml:5:11
            5 │ [stations.exit]
              │           ^^^^ expected another name
            ----
            error: "" is no name for a station
              ┌─ world.toml:5:11
            5 │ [stations.""]
              │           ^^ expected 1 to 100 characters without line breaks or spaces around them
            ----
            error: "a\nb" is no name for a station
              ┌─ world.toml:5:11
            5 │ [stations."a\nb"]
              │           ^^^^^^ expected 1 to 100 characters without line breaks or spaces around them
            ----
            error: `desk` is both a pool and a station with agents of its own
              ┌─ world.toml:7:11
            7 │ [stations.desk]
              │           ^^^^ expected different names
             = help: should the pool serve here, write `agents = "desk"`
        "#]],
    );
}
