//! Routes, loops, overload, pools and queues.

use expect_test::expect;

use super::{check, desk, draining, route, service, source, stations, to_desk};

#[test]
fn probabilities_sum_to_one() {
    check(
        &[
            route(r#"[{ to = "office", probability = 0.3 }, { to = "exit", probability = 0.6 }]"#),
            route(r#"[{ to = "office", probability = 0.7 }, { to = "exit", probability = 0.6 }]"#),
            route(r#"[{ to = "office", probability = 1.3 }, { to = "exit" }]"#),
            route(r#"[{ to = "office" }, { to = "exit", probability = 0.6 }]"#),
        ],
        &expect![[r#"
            error: the probabilities of `stations.desk.to` sum to 0.9
              ┌─ world.toml:9:6
            9 │ to = [{ to = "office", probability = 0.3 }, { to = "exit", probability = 0.6 }]
              │      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected 1
             = help: the last way may leave `probability` out, and gets the rest
            ----
            error: the probabilities of `stations.desk.to` sum to 1.3
              ┌─ world.toml:9:6
            9 │ to = [{ to = "office", probability = 0.7 }, { to = "exit", probability = 0.6 }]
              │      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected 1
             = help: the last way may leave `probability` out, and gets the rest
            ----
            error: `stations.desk.to[0].probability` = 1.3 is not between 0 and 1
              ┌─ world.toml:9:38
            9 │ to = [{ to = "office", probability = 1.3 }, { to = "exit" }]
              │                                      ^^^ expected a number from 0 to 1
            ----
            error: `stations.desk.to[0].probability` is missing
              ┌─ world.toml:9:7
            9 │ to = [{ to = "office" }, { to = "exit", probability = 0.6 }]
              │       ^^^^^^^^^^^^^^^^^ expected a number from 0 to 1
             = help: only the last way may leave it out, and gets the rest
        "#]],
    );
}

#[test]
fn routes_lead_somewhere() {
    check(
        &[
            route(r#""ofice""#),
            route(r#""warehouse""#),
            route(r#"[{ to = "exitt", probability = 1 }]"#),
            route("[]"),
            route("3"),
            source(r#"to = "dsk""#),
        ],
        &expect![[r#"
            error: `stations.desk.to` = "ofice" leads nowhere
              ┌─ world.toml:9:6
            9 │ to = "ofice"
              │      ^^^^^^^ expected a station's name, "next" or "exit"
             = help: did you mean "office"?
            ----
            error: `stations.desk.to` = "warehouse" leads nowhere
              ┌─ world.toml:9:6
            9 │ to = "warehouse"
              │      ^^^^^^^^^^^ expected a station's name, "next" or "exit"
             = help: the stations are `desk` and `office`
            ----
            error: `stations.desk.to[0].to` = "exitt" leads nowhere
              ┌─ world.toml:9:14
            9 │ to = [{ to = "exitt", probability = 1 }]
              │              ^^^^^^^ expected a station's name, "next" or "exit"
             = help: did you mean "exit"?
            ----
            error: `stations.desk.to` is an empty list
              ┌─ world.toml:9:6
            9 │ to = []
              │      ^^ expected at least one element
            ----
            error: `stations.desk.to` = 3 is a whole number
              ┌─ world.toml:9:6
            9 │ to = 3
              │      ^ expected a station's name, "next" or "exit", or a list
            ----
            error: `sources.calls.to` = "dsk" leads nowhere
              ┌─ world.toml:5:6
            5 │ to = "dsk"
              │      ^^^^^ expected a station's name, "next" or "exit"
             = help: did you mean "desk"?
        "#]],
    );
}

#[test]
fn rules_have_a_last_way() {
    check(
        &[
            route(r#"[{ to = "office", when = "waited > 5m" }]"#),
            route(r#"[{ to = "office" }, { to = "exit" }]"#),
            route(r#"[{ to = "office", when = "waited > 5m" }, { to = "exit", probability = 1 }]"#),
        ],
        &expect![[r#"
            error: `stations.desk.to` leaves open where a case goes when no rule holds
              ┌─ world.toml:9:31
            9 │ to = [{ to = "office", when = "waited > 5m" }]
              │                               ^^^^^^^^^^^^^ expected a last way without `when`, such as `{ to = "exit" }`
            ----
            error: `stations.desk.to[0]` is always taken, so that what follows never is
              ┌─ world.toml:9:7
            9 │ to = [{ to = "office" }, { to = "exit" }]
              │       ^^^^^^^^^^^^^^^^^ expected `when` or `probability` with each way but the last
            ----
            error: `stations.desk.to` has both probabilities and rules
              ┌─ world.toml:9:31
            9 │ to = [{ to = "office", when = "waited > 5m" }, { to = "exit", probability = 1 }]
              │                               ^^^^^^^^^^^^^ expected one or the other
        "#]],
    );
}

#[test]
fn expressions_are_answered_within_the_text() {
    check(
        &[
            route(r#"[{ to = "office", when = "lops < 3" }, { to = "exit" }]"#),
            route(r#"[{ to = "office", when = 'class == "gold"' }, { to = "exit" }]"#),
            route(r#"[{ to = "office", when = "queue(offic) > 3" }, { to = "exit" }]"#),
            desk(r#"assign = { loops = "loops +" }"#),
            desk(r#"assign = { time = "1", "my size" = 2 }"#),
            service(r#"{ attribute = "size" }"#),
        ],
        &expect![[r#"
            error: `stations.desk.to[0].when`: `lops` is not known here
              ┌─ world.toml:9:32
            9 │ to = [{ to = "office", when = "lops < 3" }, { to = "exit" }]
              │                                ^^^^ expected a number or one of the built-in names
            ----
            error: `stations.desk.to[0].when`: there is no class `gold`
              ┌─ world.toml:9:41
            9 │ to = [{ to = "office", when = 'class == "gold"' }, { to = "exit" }]
              │                                         ^^^^^^ expected `case`
            ----
            error: `stations.desk.to[0].when`: there is no station `offic`
              ┌─ world.toml:9:38
            9 │ to = [{ to = "office", when = "queue(offic) > 3" }, { to = "exit" }]
              │                                      ^^^^^ expected `office`
            ----
            error: `stations.desk.assign.loops`: the expression ends too soon
              ┌─ world.toml:8:28
            8 │ assign = { loops = "loops +" }
              │                            ^ expected a number, a name or `(`
            ----
            error: `time` has a meaning of its own in expressions
              ┌─ world.toml:8:12
            8 │ assign = { time = "1", "my size" = 2 }
              │            ^^^^ expected another name for the attribute

            error: "my size" is no name for an attribute
              ┌─ world.toml:8:24
            8 │ assign = { time = "1", "my size" = 2 }
              │                        ^^^^^^^^^ expected letters, digits and `_`, so that expressions can name it
            ----
            error: `stations.desk.service.attribute` = "size" is no attribute of any case
              ┌─ world.toml:7:25
            7 │ service = { attribute = "size" }
              │                         ^^^^^^
             = help: sources set attributes: `attributes = { size = 1 }`
        "#]],
    );
}

#[test]
fn cases_do_not_go_round_in_no_time() {
    check(
        &[
            stations(
                r#"[stations.desk]
agents = 1
service = "0s"
to = "desk""#,
            ),
            to_desk(
                r#"[stations.desk]
agents = 1
service = "0s"
to = "office"
[stations.office]
agents = 1
service = { by_class = { default = "0s" } }
to = [{ to = "desk", probability = 0.5 }, { to = "office", probability = 0.5 }]"#,
            ),
        ],
        &expect![[r#"
            error: cases go round for ever in no time: `desk` → `desk`
              ┌─ world.toml:8:6
            8 │ to = "desk"
              │      ^^^^^^ expected a way out, or a service that takes time
            ----
            error: cases go round for ever in no time: `desk` → `office` → `desk`
              ┌─ world.toml:9:6
            9 │ to = "office"
              │      ^^^^^^^^ expected a way out, or a service that takes time
        "#]],
    );
}

#[test]
fn cases_that_never_leave_are_told_of() {
    check(
        &[
            draining(
                r#"[stations.desk]
agents = 1
service = "1s"
to = "desk""#,
            ),
            stations(
                r#"[stations.desk]
agents = "unlimited"
service = "1s"
to = "desk""#,
            ),
        ],
        &expect![[r#"
            error: cases that come to `desk` never leave
              ┌─ world.toml:8:6
            8 │ to = "desk"
              │      ^^^^^^ expected a way that leads to "exit"
             = help: a run that drains ends when the last case leaves, so this one never ends
            ----
            warning: cases that come to `desk` never leave
              ┌─ world.toml:8:6
            8 │ to = "desk"
              │      ^^^^^^ expected a way that leads to "exit"
        "#]],
    );
}

#[test]
fn stations_without_visitors_are_warned_of() {
    check(
        &[route(r#""exit""#)],
        &expect![[r#"
        warning: no case ever comes to `office`
           ┌─ world.toml:10:11
        10 │ [stations.office]
           │           ^^^^^^
         = help: name it in the `to` of a source or of another station, or leave it out
    "#]],
    );
}

#[test]
fn overload_is_warned_of() {
    check(
        &[
            stations(
                r#"[stations.desk]
agents = 1
service = "8m"
"#,
            ),
            stations(
                r#"[stations.desk]
agents = 1
service = "400s"
"#,
            ),
            stations(
                r#"[stations.desk]
agents = { every = "4h", values = [1, 4] }
service = "20m"
"#,
            ),
            stations(
                r#"[pools.staff]
agents = 2
[stations.desk]
agents = "staff"
service = "11m"
to = [{ to = "desk", probability = 0.25 }, { to = "exit" }]"#,
            ),
            stations(
                r#"[stations.desk]
agents = 1
service = { pareto = { shape = 1, scale = "1s" } }"#,
            ),
        ],
        &expect![[r#"
            warning: `stations.desk.agents`: an offered load of 1.2 is more than the one agent can do
              ┌─ world.toml:6:10
            6 │ agents = 1
              │          ^
             = help: the queue grows as long as the run lasts; 2 agents would keep up
            ----
            warning: `stations.desk.agents`: an offered load of 1 is all that the one agent can do
              ┌─ world.toml:6:10
            6 │ agents = 1
              │          ^
             = help: the queue grows as long as the run lasts; 2 agents would keep up
            ----
            warning: `stations.desk.agents`: an offered load of 3 is more than the 2.5 agents on average can do
              ┌─ world.toml:6:10
            6 │ agents = { every = "4h", values = [1, 4] }
              │          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
             = help: the queue grows as long as the run lasts; 4 agents would keep up
            ----
            warning: `pools.staff.agents`: an offered load of 2.2 is more than the 2 agents can do
              ┌─ world.toml:6:10
            6 │ agents = 2
              │          ^
             = help: the queue grows as long as the run lasts; 3 agents would keep up
            ----
            warning: `stations.desk.agents`: an offered load of inf is more than the one agent can do
              ┌─ world.toml:6:10
            6 │ agents = 1
              │          ^
             = help: the mean of a service here is infinite
        "#]],
    );
}

#[test]
fn overload_that_leaves_or_is_unknown_is_not_warned_of() {
    check(
        &[
            stations(
                r#"[stations.desk]
agents = 1
service = "50m"
patience = "1m""#,
            ),
            stations(
                r#"[stations.desk]
agents = 1
service = "50m"
buffer = 3"#,
            ),
            stations(
                r#"[stations.desk]
agents = 1
service = "5m"
to = [{ to = "desk", when = "age < 1h" }, { to = "exit" }]"#,
            ),
            stations(
                r#"[stations.desk]
agents = 1
service = "399s"
"#,
            ),
        ],
        &expect![[r#"
            ----
            ----
            ----
        "#]],
    );
}

#[test]
fn pools_are_named() {
    check(
        &[
            stations(
                r#"[pools.nurses]
agents = 2
[stations.desk]
agents = "nurse"
service = "1m""#,
            ),
            stations(
                r#"[pools.nurses]
agents = "unlimitd"
[stations.desk]
agents = "nurses"
service = "1m""#,
            ),
            stations(
                r#"[pools.nurses]
agents = 2
[stations.desk]
agents = "nurses"
service = "1m"
end_of_shift = "preempt""#,
            ),
        ],
        &expect![[r#"
            error: `stations.desk.agents` = "nurse" is no pool
              ┌─ world.toml:8:10
            8 │ agents = "nurse"
              │          ^^^^^^^ expected a number of agents, a pool's name or "unlimited"
             = help: did you mean `nurses`?
            ----
            error: `pools.nurses.agents` = "unlimitd" is not known
              ┌─ world.toml:6:10
            6 │ agents = "unlimitd"
              │          ^^^^^^^^^^ expected `unlimited`
             = help: did you mean "unlimited"?
            ----
            error: `stations.desk.end_of_shift` belongs to the pool that serves here
               ┌─ world.toml:10:16
            10 │ end_of_shift = "preempt"
               │                ^^^^^^^^^
             = help: move it to `pools.nurses`
        "#]],
    );
}

#[test]
fn settings_go_together() {
    check(
        &[
            desk(
                r#"queue = "fifo"
preemption = "resume""#,
            ),
            desk(r#"queue = "filo""#),
            desk(r#"when_full = "balk""#),
            desk(r#"renege_to = "exit""#),
            desk(
                r#"buffer = 3
when_full = "block"
balk_to = "exit""#,
            ),
            desk(r#"service_level = { within = "20s", abandoned = "met" }"#),
        ],
        &expect![[r#"
            error: `stations.desk.preemption` does not go with `queue = "fifo"`
              ┌─ world.toml:9:14
            9 │ preemption = "resume"
              │              ^^^^^^^^ expected `queue = "priority"`: who may stop whom is a matter of priority
            ----
            error: `stations.desk.queue` = "filo" is not known
              ┌─ world.toml:8:9
            8 │ queue = "filo"
              │         ^^^^^^ expected `fifo`, `lifo`, `priority` or `shortest-processing`
             = help: did you mean "fifo"?
            ----
            warning: `stations.desk.when_full` does nothing without `buffer`
              ┌─ world.toml:8:13
            8 │ when_full = "balk"
              │             ^^^^^^
             = help: add `buffer`, or leave `when_full` out
            ----
            warning: `stations.desk.renege_to` does nothing without `patience`
              ┌─ world.toml:8:13
            8 │ renege_to = "exit"
              │             ^^^^^^
             = help: add `patience`, or leave `renege_to` out
            ----
            warning: `stations.desk.balk_to` does nothing with `when_full = "block"`
               ┌─ world.toml:10:11
            10 │ balk_to = "exit"
               │           ^^^^^^
             = help: leave one of the two out
            ----
            error: `stations.desk.service_level.abandoned` = "met" is not known
              ┌─ world.toml:8:47
            8 │ service_level = { within = "20s", abandoned = "met" }
              │                                               ^^^^^ expected `by_wait`, `missed` or `excluded`
        "#]],
    );
}

#[test]
fn shifts_that_end_while_cases_wait_are_warned_of() {
    check(
        &[draining(
            r#"[stations.desk]
agents = { every = "4h", values = [2, 0] }
service = "1m"
"#,
        )],
        &expect![[r#"
            warning: `stations.desk.agents` is zero from 4h on, and the run drains
              ┌─ world.toml:6:10
            6 │ agents = { every = "4h", values = [2, 0] }
              │          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
             = help: cases that still wait then are never served; let the last number be above zero
        "#]],
    );
}
