//! Durations, rates, numbers and timetables.

use expect_test::expect;

use super::{agents, arrivals, check, desk, run, service, source};

#[test]
fn durations_have_units() {
    check(
        &[
            service("5"),
            service(r#""5""#),
            service(r#""5 parsecs""#),
            service(r#""""#),
            run("until = 28800"),
            service("{ exponential = { mean = 3.5 } }"),
            service("true"),
            desk("service_level = 20"),
        ],
        &expect![[r#"
            error: `stations.desk.service` = 5 has no unit
              ┌─ world.toml:7:11
            7 │ service = 5
              │           ^ expected a duration of zero or more, such as "90s" or "1h30m"
             = help: write "5s" for seconds
            ----
            error: `stations.desk.service` = "5" has no unit
              ┌─ world.toml:7:11
            7 │ service = "5"
              │           ^^^ expected a duration of zero or more, such as "90s" or "1h30m"
             = help: write "5s" for seconds
            ----
            error: `stations.desk.service` is no duration: `parsecs` is no unit of time (w, d, h, m, s, ms, us or ns)
              ┌─ world.toml:7:11
            7 │ service = "5 parsecs"
              │           ^^^^^^^^^^^ expected a duration of zero or more, such as "90s" or "1h30m"
            ----
            error: `stations.desk.service` is no duration: a duration is empty
              ┌─ world.toml:7:11
            7 │ service = ""
              │           ^^ expected a duration of zero or more, such as "90s" or "1h30m"
            ----
            error: `run.until` = 28800 has no unit
              ┌─ world.toml:8:9
            8 │ until = 28800
              │         ^^^^^ expected a duration above zero, such as "90s" or "1h30m"
             = help: write "28800s" for seconds
            ----
            error: `stations.desk.service.exponential.mean` = 3.5 has no unit
              ┌─ world.toml:7:36
            7 │ service = { exponential = { mean = 3.5 } }
              │                                    ^^^ expected a duration above zero, such as "90s" or "1h30m"
             = help: write "3.5s" for seconds
            ----
            error: `stations.desk.service` = true is a boolean
              ┌─ world.toml:7:11
            7 │ service = true
              │           ^^^^ expected a duration of zero or more, such as "90s" or "1h30m", or a table with one of `constant`, `exponential`, `erlang` and 23 others, or a table with `scale` and `of`
            ----
            error: `stations.desk.service_level` = 20 has no unit
              ┌─ world.toml:8:17
            8 │ service_level = 20
              │                 ^^ expected a duration of zero or more, such as "90s" or "1h30m"
             = help: write "20s" for seconds
        "#]],
    );
}

#[test]
fn durations_are_not_negative() {
    check(
        &[
            desk(r#"patience = "-20s""#),
            service(r#"{ uniform = { low = "-1s", high = "1s" } }"#),
            service(r#"{ exponential = { mean = "0s" } }"#),
            service(r#"{ mixture = [{ weight = 1, of = "-2s" }, { weight = 1, of = "1s" }] }"#),
            service("{ mixture = [] }"),
        ],
        &expect![[r#"
            error: `stations.desk.patience` is negative
              ┌─ world.toml:8:12
            8 │ patience = "-20s"
              │            ^^^^^^ expected a duration of zero or more, such as "90s" or "1h30m"
            ----
            error: `stations.desk.service.uniform.low` is negative
              ┌─ world.toml:7:31
            7 │ service = { uniform = { low = "-1s", high = "1s" } }
              │                               ^^^^^ expected a duration of zero or more, such as "90s" or "1h30m"
            ----
            error: `stations.desk.service.exponential.mean` is zero
              ┌─ world.toml:7:36
            7 │ service = { exponential = { mean = "0s" } }
              │                                    ^^^^ expected a duration above zero, such as "90s" or "1h30m"
            ----
            error: `stations.desk.service.mixture[0].of` is negative
              ┌─ world.toml:7:43
            7 │ service = { mixture = [{ weight = 1, of = "-2s" }, { weight = 1, of = "1s" }] }
              │                                           ^^^^^ expected a duration of zero or more, such as "90s" or "1h30m"
            ----
            error: `stations.desk.service.mixture` is an empty list
              ┌─ world.toml:7:23
            7 │ service = { mixture = [] }
              │                       ^^ expected at least one element
        "#]],
    );
}

#[test]
fn time_ends_after_292_years() {
    check(
        &[
            service(r#""400000d""#),
            run(r#"until = "300000d""#),
            service(r#"{ scaled = { factor = 1e9, of = "300d" } }"#),
            arrivals(r#"{ rates = { every = "90000d", values = ["1/h", "2/h"] } }"#),
            arrivals(r#"{ poisson = { rate = "1e-12/d" } }"#),
        ],
        &expect![[r#"
            error: `stations.desk.service` is no duration: `400000d` does not fit (whole nanoseconds, at most 292 years)
              ┌─ world.toml:7:11
            7 │ service = "400000d"
              │           ^^^^^^^^^ expected a duration of zero or more, such as "90s" or "1h30m"
            ----
            error: `run.until` is no duration: `300000d` does not fit (whole nanoseconds, at most 292 years)
              ┌─ world.toml:8:9
            8 │ until = "300000d"
              │         ^^^^^^^^^ expected a duration above zero, such as "90s" or "1h30m"
            ----
            error: `stations.desk.service` is over 292 years on average
              ┌─ world.toml:7:11
            7 │ service = { scaled = { factor = 1e9, of = "300d" } }
              │           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected what a simulated clock can tell
            ----
            error: `sources.calls.arrivals.rates.every` is too long: the last value would start after the end of time
              ┌─ world.toml:4:32
            4 │ arrivals = { rates = { every = "90000d", values = ["1/h", "2/h"] } }
              │                                ^^^^^^^^ expected less than 292 years in all
            ----
            error: `sources.calls.arrivals.poisson.rate` = "1e-12/d" is out of range
              ┌─ world.toml:4:33
            4 │ arrivals = { poisson = { rate = "1e-12/d" } }
              │                                 ^^^^^^^^^ expected at least one in 292 years
        "#]],
    );
}

#[test]
fn rates_are_counts_per_unit() {
    check(
        &[
            arrivals(r#"{ poisson = { rate = "-9/h" } }"#),
            arrivals("{ poisson = { rate = 9 } }"),
            arrivals(r#"{ poisson = { rate = "9" } }"#),
            arrivals(r#"{ poisson = { rate = "9/fortnight" } }"#),
            arrivals(r#"{ poisson = { rate = "many/h" } }"#),
            arrivals(r#"{ poisson = { rate = "inf/h" } }"#),
            arrivals(r#"{ poisson = { rate = "0/h" } }"#),
            arrivals(r#"{ rates = { every = "1h", values = ["0/h", "0/h"] } }"#),
        ],
        &expect![[r#"
            error: `sources.calls.arrivals.poisson.rate` = "-9/h" is negative
              ┌─ world.toml:4:33
            4 │ arrivals = { poisson = { rate = "-9/h" } }
              │                                 ^^^^^^ expected a rate such as "100/h" or "2.5/s"
             = help: units are w, d, h, min, s, ms, us and ns
            ----
            error: `sources.calls.arrivals.poisson.rate` = 9 has no unit
              ┌─ world.toml:4:33
            4 │ arrivals = { poisson = { rate = 9 } }
              │                                 ^ expected a rate such as "100/h" or "2.5/s"
             = help: units are w, d, h, min, s, ms, us and ns
            ----
            error: `sources.calls.arrivals.poisson.rate` = "9" has no unit
              ┌─ world.toml:4:33
            4 │ arrivals = { poisson = { rate = "9" } }
              │                                 ^^^ expected a rate such as "100/h" or "2.5/s"
             = help: units are w, d, h, min, s, ms, us and ns
            ----
            error: `sources.calls.arrivals.poisson.rate` = "9/fortnight" has no unit of time after the slash, but `fortnight`
              ┌─ world.toml:4:33
            4 │ arrivals = { poisson = { rate = "9/fortnight" } }
              │                                 ^^^^^^^^^^^^^ expected a rate such as "100/h" or "2.5/s"
             = help: units are w, d, h, min, s, ms, us and ns
            ----
            error: `sources.calls.arrivals.poisson.rate` = "many/h" does not start with a number
              ┌─ world.toml:4:33
            4 │ arrivals = { poisson = { rate = "many/h" } }
              │                                 ^^^^^^^^ expected a rate such as "100/h" or "2.5/s"
             = help: units are w, d, h, min, s, ms, us and ns
            ----
            error: `sources.calls.arrivals.poisson.rate` = "inf/h" does not start with a number
              ┌─ world.toml:4:33
            4 │ arrivals = { poisson = { rate = "inf/h" } }
              │                                 ^^^^^^^ expected a rate such as "100/h" or "2.5/s"
             = help: units are w, d, h, min, s, ms, us and ns
            ----
            error: `sources.calls.arrivals.poisson.rate` = "0/h" is zero
              ┌─ world.toml:4:33
            4 │ arrivals = { poisson = { rate = "0/h" } }
              │                                 ^^^^^ expected a rate above zero
             = help: without arrivals, leave the source out
            ----
            error: `sources.calls.arrivals.rates` are all zero
              ┌─ world.toml:4:22
            4 │ arrivals = { rates = { every = "1h", values = ["0/h", "0/h"] } }
              │                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected a rate above zero at some time
        "#]],
    );
}

#[test]
fn numbers_are_finite() {
    check(
        &[
            desk("cost_per_case = nan"),
            desk("cost_per_case = inf"),
            desk("cost_per_case = -1"),
            desk(r#"cost_per_case = "3""#),
            source("attributes = { size = nan }"),
            source(r#"attributes = { size = "5 +" }"#),
        ],
        &expect![[r#"
            error: `stations.desk.cost_per_case` = NaN is not finite
              ┌─ world.toml:8:17
            8 │ cost_per_case = nan
              │                 ^^^ expected a number of zero or more
            ----
            error: `stations.desk.cost_per_case` = inf is not finite
              ┌─ world.toml:8:17
            8 │ cost_per_case = inf
              │                 ^^^ expected a number of zero or more
            ----
            error: `stations.desk.cost_per_case` = -1 is negative
              ┌─ world.toml:8:17
            8 │ cost_per_case = -1
              │                 ^^ expected a number of zero or more
            ----
            error: `stations.desk.cost_per_case` = "3" is a text
              ┌─ world.toml:8:17
            8 │ cost_per_case = "3"
              │                 ^^^ expected a number of zero or more
             = help: leave the quotes out
            ----
            error: `sources.calls.attributes.size` = NaN is not finite
              ┌─ world.toml:5:23
            5 │ attributes = { size = nan }
              │                       ^^^ expected a number
            ----
            error: `sources.calls.attributes.size`: the expression ends too soon
              ┌─ world.toml:5:27
            5 │ attributes = { size = "5 +" }
              │                           ^ expected a number, a name or `(`
        "#]],
    );
}

#[test]
fn agents_are_counted() {
    check(
        &[
            agents("0"),
            agents("-3"),
            agents("2.5"),
            agents("1e12"),
            agents("2_000_000"),
            agents("true"),
            agents(r#"{ every = "1h", values = [0, 0] }"#),
            agents(r#"{ every = "1h", values = [] }"#),
            agents("{}"),
        ],
        &expect![[r#"
            error: `stations.desk.agents` is zero
              ┌─ world.toml:6:10
            6 │ agents = 0
              │          ^ expected at least one agent at some time
             = help: where nobody is needed, write `agents = "unlimited"`
            ----
            error: `stations.desk.agents` = -3 is negative
              ┌─ world.toml:6:10
            6 │ agents = -3
              │          ^^ expected a whole number from 0 to 1,000,000
            ----
            error: `stations.desk.agents` = 2.5 is not a whole number
              ┌─ world.toml:6:10
            6 │ agents = 2.5
              │          ^^^ expected a whole number from 0 to 1,000,000
            ----
            error: `stations.desk.agents` = 1000000000000 is too large
              ┌─ world.toml:6:10
            6 │ agents = 1e12
              │          ^^^^ expected a whole number from 0 to 1,000,000
            ----
            error: `stations.desk.agents` = 2000000 is too large
              ┌─ world.toml:6:10
            6 │ agents = 2_000_000
              │          ^^^^^^^^^ expected a whole number from 0 to 1,000,000
            ----
            error: `stations.desk.agents` = true is a boolean
              ┌─ world.toml:6:10
            6 │ agents = true
              │          ^^^^ expected a whole number from 0 to 1,000,000, or a pool's name or "unlimited", or a table with `every` and `values`, or a table with `schedule`
            ----
            error: `stations.desk.agents` is zero at all times
              ┌─ world.toml:6:10
            6 │ agents = { every = "1h", values = [0, 0] }
              │          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected at least one agent at some time
             = help: where nobody is needed, write `agents = "unlimited"`
            ----
            error: `stations.desk.agents.values` is an empty list
              ┌─ world.toml:6:35
            6 │ agents = { every = "1h", values = [] }
              │                                   ^^ expected at least one element
            ----
            error: `stations.desk.agents.every` is missing
              ┌─ world.toml:6:10
            6 │ agents = {}
              │          ^^ expected a duration above zero, such as "90s" or "1h30m"
             = help: how long each of the values holds

            error: `stations.desk.agents.values` is missing
              ┌─ world.toml:6:10
            6 │ agents = {}
              │          ^^ expected a list
             = help: the numbers, one after the other
        "#]],
    );
}

#[test]
fn timetables_are_in_order() {
    check(
        &[
            agents(
                r#"{ schedule = [{ from = "0h", agents = 4 }, { from = "2h", agents = 5 }, { from = "1h", agents = 6 }] }"#,
            ),
            agents(r#"{ schedule = [{ from = "1h", agents = 4 }] }"#),
            agents(
                r#"{ schedule = [{ from = "0h", agents = 4 }, { from = "6h", agents = 2 }], repeat = "6h" }"#,
            ),
            agents(r#"{ schedule = [{ from = "0h", agents = 4 }], repeat = true }"#),
            service(
                r#"{ by_time = { steps = [{ from = "0s", of = "1m" }, { from = "0s", of = "2m" }] } }"#,
            ),
        ],
        &expect![[r#"
            error: `stations.desk.agents.schedule[2].from` = "1h" is not after "2h"
              ┌─ world.toml:6:91
            6 │ agents = { schedule = [{ from = "0h", agents = 4 }, { from = "2h", agents = 5 }, { from = "1h", agents = 6 }] }
              │                                                                                           ^^^^ expected steps in the order of time
            ----
            error: `stations.desk.agents.schedule[0].from` = "1h" leaves open what holds before
              ┌─ world.toml:6:33
            6 │ agents = { schedule = [{ from = "1h", agents = 4 }] }
              │                                 ^^^^ expected "0s" for the first step
            ----
            error: `stations.desk.agents.repeat` = "6h" comes before the last step starts
              ┌─ world.toml:6:92
            6 │ agents = { schedule = [{ from = "0h", agents = 4 }, { from = "6h", agents = 2 }], repeat = "6h" }
              │                                                                                            ^^^^ expected more than 6h
            ----
            error: `stations.desk.agents.repeat` does not say after how long
              ┌─ world.toml:6:63
            6 │ agents = { schedule = [{ from = "0h", agents = 4 }], repeat = true }
              │                                                               ^^^^ expected a duration such as "24h"
            ----
            error: `stations.desk.service.by_time.steps[1].from` = "0s" is not after "0s"
              ┌─ world.toml:7:71
            7 │ service = { by_time = { steps = [{ from = "0s", of = "1m" }, { from = "0s", of = "2m" }] } }
              │                                                                       ^^^^ expected steps in the order of time
        "#]],
    );
}
