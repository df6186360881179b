//! Distributions.

use expect_test::expect;

use super::{check, service};

#[test]
fn parameters_fit() {
    check(
        &[
            service("{}"),
            service("{ gamma = { shape = 2 } }"),
            service("{ gamma = {} }"),
            service(r#"{ uniform = { low = "5m", high = "1m" } }"#),
            service(r#"{ triangular = { low = "1m", mode = "9m", high = "5m" } }"#),
            service(r#"{ lognormal = { mean = "5m" } }"#),
            service(r#"{ erlang = { shape = 0, mean = "5m" } }"#),
            service(r#"{ hyperexponential = { mean = "5m", squared_cv = 0.5 } }"#),
            service(r#"{ discrete = [{ value = "5m", weight = 0 }] }"#),
            service(r#"{ histogram = { edges = ["0s", "5m"], weights = [1, 2] } }"#),
            service(r#"{ histogram = { edges = ["0s", "5m", "5m"], weights = [1, 2] } }"#),
            service(r#"{ histogram = { edges = ["0s", "5m"], weights = [0] } }"#),
        ],
        &expect![[r#"
            error: `stations.desk.service` is an empty table
              ┌─ world.toml:7:11
            7 │ service = {}
              │           ^^ expected a table with one of `constant`, `exponential`, `erlang` and 23 others
            ----
            error: `stations.desk.service.gamma` is not determined by `shape`
              ┌─ world.toml:7:21
            7 │ service = { gamma = { shape = 2 } }
              │                     ^^^^^^^^^^^^^ expected `shape` and `scale`, `shape` and `mean`, or `mean` and `std_dev`
            ----
            error: `stations.desk.service.gamma` has no parameters
              ┌─ world.toml:7:21
            7 │ service = { gamma = {} }
              │                     ^^ expected `shape` and `scale`, `shape` and `mean`, or `mean` and `std_dev`
            ----
            error: `stations.desk.service.uniform.high` = "1m" is not above `low` = "5m"
              ┌─ world.toml:7:44
            7 │ service = { uniform = { low = "5m", high = "1m" } }
              │                                            ^^^^
            ----
            error: `stations.desk.service.triangular.mode` = "9m" is not between `low` and `high`
              ┌─ world.toml:7:47
            7 │ service = { triangular = { low = "1m", mode = "9m", high = "5m" } }
              │                                               ^^^^
            ----
            error: `stations.desk.service.lognormal` is not determined by `mean`
              ┌─ world.toml:7:25
            7 │ service = { lognormal = { mean = "5m" } }
              │                         ^^^^^^^^^^^^^^^ expected `mean` and `std_dev`, or `log_mean` and `log_std_dev`
            ----
            error: `stations.desk.service.erlang.shape` = 0 is too small
              ┌─ world.toml:7:32
            7 │ service = { erlang = { shape = 0, mean = "5m" } }
              │                                ^ expected a whole number from 1 to 10,000
            ----
            error: `stations.desk.service.hyperexponential.squared_cv` = 0.5 is out of range
              ┌─ world.toml:7:60
            7 │ service = { hyperexponential = { mean = "5m", squared_cv = 0.5 } }
              │                                                            ^^^ expected a finite number of one or more
            ----
            error: `stations.desk.service.discrete` has only weights of zero
              ┌─ world.toml:7:24
            7 │ service = { discrete = [{ value = "5m", weight = 0 }] }
              │                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected one above zero
            ----
            error: `stations.desk.service.histogram` has 2 weights for 2 edges
              ┌─ world.toml:7:59
            7 │ service = { histogram = { edges = ["0s", "5m"], weights = [1, 2] } }
              │                                                           ^^^^^^ expected one edge more than weights
            ----
            error: `stations.desk.service.histogram.edges[2]` = "5m" is not above the edge before
              ┌─ world.toml:7:48
            7 │ service = { histogram = { edges = ["0s", "5m", "5m"], weights = [1, 2] } }
              │                                                ^^^^ expected edges that rise
            ----
            error: `stations.desk.service.histogram.weights` are all zero
              ┌─ world.toml:7:59
            7 │ service = { histogram = { edges = ["0s", "5m"], weights = [0] } }
              │                                                           ^^^ expected one above zero
        "#]],
    );
}

#[test]
fn parameters_are_complete() {
    check(
        &[
            service(r#"{ phase_type = { initial = [1], generator = [[-1, 2]], per = "1m" } }"#),
            service(r#"{ phase_type = { initial = [1], generator = [[1]], per = "1m" } }"#),
            service("{ phase_type = { initial = [1], generator = [[-1]] } }"),
            service("{ beta = { alpha = 2, beta = 3 } }"),
            service(r#"{ clamped = { of = "5m" } }"#),
            service("{ empirical = { samples = [] } }"),
            service(r#"{ empirical = { file = "x.csv" } }"#),
            service(r#"{ empirical = { file = "x.csv", column = "y" } }"#),
            service(r#"{ exponential = { mean = "5m" }, constant = "3m" }"#),
            service(r#"{ weibull = { shape = -1, scale = "5m" } }"#),
            service("{ erlang = 3 }"),
        ],
        &expect![[r#"
            error: `stations.desk.service.phase_type.generator[0]` has a length of 2
              ┌─ world.toml:7:56
            7 │ service = { phase_type = { initial = [1], generator = [[-1, 2]], per = "1m" } }
              │                                                        ^^^^^^^ expected 1, as `initial` has
            ----
            error: `stations.desk.service.phase_type.generator[0][0]` is out of range
              ┌─ world.toml:7:57
            7 │ service = { phase_type = { initial = [1], generator = [[1]], per = "1m" } }
              │                                                         ^ expected a rate below zero on the diagonal
            ----
            error: `stations.desk.service.phase_type` is not determined by `initial` and `generator`
              ┌─ world.toml:7:26
            7 │ service = { phase_type = { initial = [1], generator = [[-1]] } }
              │                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected `per`, the time that the rates are per, such as "1m"
            ----
            error: `stations.desk.service.beta` is not determined by `alpha` and `beta`
              ┌─ world.toml:7:20
            7 │ service = { beta = { alpha = 2, beta = 3 } }
              │                    ^^^^^^^^^^^^^^^^^^^^^^^ expected `high`, the longest duration
            ----
            error: `stations.desk.service.clamped` is not determined by `of`
              ┌─ world.toml:7:23
            7 │ service = { clamped = { of = "5m" } }
              │                       ^^^^^^^^^^^^^ expected `low`, `high` or both
            ----
            error: `stations.desk.service.empirical.samples` is an empty list
              ┌─ world.toml:7:37
            7 │ service = { empirical = { samples = [] } }
              │                                     ^^ expected at least one element
            ----
            error: `stations.desk.service.empirical` is not determined by `file`
              ┌─ world.toml:7:25
            7 │ service = { empirical = { file = "x.csv" } }
              │                         ^^^^^^^^^^^^^^^^^^ expected `samples`, or `file` and `column`
            ----
            error: `stations.desk.service.empirical` is not determined by `file` and `column`
              ┌─ world.toml:7:25
            7 │ service = { empirical = { file = "x.csv", column = "y" } }
              │                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected `unit`, the unit of the file's numbers
            ----
            error: `stations.desk.service` says both `exponential` and `constant`
              ┌─ world.toml:7:44
            7 │ service = { exponential = { mean = "5m" }, constant = "3m" }
              │                                            ^^^^^^^^ expected only one of them
            ----
            error: `stations.desk.service.weibull.shape` = -1 is negative
              ┌─ world.toml:7:33
            7 │ service = { weibull = { shape = -1, scale = "5m" } }
              │                                 ^^ expected a number above zero
            ----
            error: `stations.desk.service.erlang` = 3 is a whole number
              ┌─ world.toml:7:22
            7 │ service = { erlang = 3 }
              │                      ^ expected a table with `shape` and `mean`
        "#]],
    );
}

#[test]
fn phases_lead_somewhere() {
    let phases = |initial: &str, generator: &str| {
        service(&format!(
            "{{ phase_type = {{ initial = {initial}, generator = {generator}, per = \"1m\" }} }}"
        ))
    };
    check(
        &[
            phases("[0.7, 0.6]", "[[-1, 0], [0, -1]]"),
            phases("[0, 0]", "[[-1, 0], [0, -1]]"),
            phases("[]", "[]"),
            phases("[1, 0]", "[[-1, 0]]"),
            phases("[1, 0]", "[[-1, 0], [0]]"),
            phases("[1, 0]", "[[-1, 1], [-1, -1]]"),
            phases("[1, 0]", "[[-1, 1], [1, -1]]"),
            phases("[1, 0]", "[[-1, 0.5], [0, 0]]"),
        ],
        &expect![[r#"
            error: the numbers of `stations.desk.service.phase_type.initial` add up to 1.2999999999999998
              ┌─ world.toml:7:38
            7 │ service = { phase_type = { initial = [0.7, 0.6], generator = [[-1, 0], [0, -1]], per = "1m" } }
              │                                      ^^^^^^^^^^ expected a number above zero and at most one
            ----
            error: the numbers of `stations.desk.service.phase_type.initial` add up to 0.0
              ┌─ world.toml:7:38
            7 │ service = { phase_type = { initial = [0, 0], generator = [[-1, 0], [0, -1]], per = "1m" } }
              │                                      ^^^^^^ expected a number above zero and at most one
            ----
            error: `stations.desk.service.phase_type.initial` is an empty list
              ┌─ world.toml:7:38
            7 │ service = { phase_type = { initial = [], generator = [], per = "1m" } }
              │                                      ^^ expected at least one element

            error: `stations.desk.service.phase_type.generator` is an empty list
              ┌─ world.toml:7:54
            7 │ service = { phase_type = { initial = [], generator = [], per = "1m" } }
              │                                                      ^^ expected at least one element
            ----
            error: `stations.desk.service.phase_type.generator` has a length of 1
              ┌─ world.toml:7:58
            7 │ service = { phase_type = { initial = [1, 0], generator = [[-1, 0]], per = "1m" } }
              │                                                          ^^^^^^^^^ expected 2, as `initial` has
            ----
            error: `stations.desk.service.phase_type.generator[1]` has a length of 1
              ┌─ world.toml:7:68
            7 │ service = { phase_type = { initial = [1, 0], generator = [[-1, 0], [0]], per = "1m" } }
              │                                                                    ^^^ expected 2, as `initial` has
            ----
            error: `stations.desk.service.phase_type.generator[1][0]` is out of range
              ┌─ world.toml:7:69
            7 │ service = { phase_type = { initial = [1, 0], generator = [[-1, 1], [-1, -1]], per = "1m" } }
              │                                                                     ^^ expected a rate of zero or more off the diagonal
            ----
            error: `stations.desk.service.phase_type.generator[0]`: who is in this phase never leaves
              ┌─ world.toml:7:59
            7 │ service = { phase_type = { initial = [1, 0], generator = [[-1, 1], [1, -1]], per = "1m" } }
              │                                                           ^^^^^^^ expected a way to the end from each phase: a row that adds up to less than zero
            ----
            error: `stations.desk.service.phase_type.generator[1][1]` is out of range
              ┌─ world.toml:7:74
            7 │ service = { phase_type = { initial = [1, 0], generator = [[-1, 0.5], [0, 0]], per = "1m" } }
              │                                                                          ^ expected a rate below zero on the diagonal
        "#]],
    );
}

#[test]
fn weights_add_up_to_something() {
    check(
        &[
            service(
                "{ discrete = [{ value = \"1m\", weight = 1e308 }, { value = \"2m\", weight = 1e308 }] }",
            ),
            service(
                "{ histogram = { edges = [\"1m\", \"2m\", \"3m\"], weights = [1e308, 1e308] } }",
            ),
            service("{ empirical = { samples = [] } }"),
            service(
                "{ hyperexponential = { branches = [{ mean = \"0s\", weight = 1 }, { mean = \"1s\", weight = 1 }] } }",
            ),
            service("{ gamma = { mean = \"1s\", std_dev = \"10000000s\" } }"),
        ],
        &expect![[r#"
            error: the weights of `stations.desk.service.discrete` add up to inf
              ┌─ world.toml:7:24
            7 │ service = { discrete = [{ value = "1m", weight = 1e308 }, { value = "2m", weight = 1e308 }] }
              │                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected a finite number above zero
            ----
            error: the numbers of `stations.desk.service.histogram.weights` add up to inf
              ┌─ world.toml:7:65
            7 │ service = { histogram = { edges = ["1m", "2m", "3m"], weights = [1e308, 1e308] } }
              │                                                                 ^^^^^^^^^^^^^^ expected a finite number above zero
            ----
            error: `stations.desk.service.empirical.samples` is an empty list
              ┌─ world.toml:7:37
            7 │ service = { empirical = { samples = [] } }
              │                                     ^^ expected at least one element
            ----
            error: `stations.desk.service.hyperexponential.branches[0].mean` is zero
              ┌─ world.toml:7:55
            7 │ service = { hyperexponential = { branches = [{ mean = "0s", weight = 1 }, { mean = "1s", weight = 1 }] } }
              │                                                       ^^^^ expected a duration above zero, such as "90s" or "1h30m"
            ----
            error: `stations.desk.service.gamma.std_dev` = "10000000s" is out of range
              ┌─ world.toml:7:46
            7 │ service = { gamma = { mean = "1s", std_dev = "10000000s" } }
              │                                              ^^^^^^^^^^^ expected a number from 1e-6 to 1e6 times `mean`
        "#]],
    );
}
