//! Bad input and usage: what is wrong, where, and what to do; exit code 2, nothing on standard output.

use expect_test::expect;

use crate::workshop::{CLINIC, Workshop};

#[test]
fn a_missing_file_is_looked_for() {
    let workshop = Workshop::new();
    workshop.check(
        "run clinc.toml",
        expect![[r#"
        exit 2
        error: there is no file `clinc.toml`
         = help: did you mean `clinic.toml`?

    "#]],
    );
    workshop.check(
        "run nowhere/clinic.toml",
        expect![[r#"
        exit 2
        error: there is no file `nowhere/clinic.toml`
         = help: there is no folder `nowhere` either

    "#]],
    );
    workshop.check(
        "check zzz.toml",
        expect![[r#"
        exit 2
        error: there is no file `zzz.toml`
         = help: check the path

    "#]],
    );
    workshop.check(
        "run clinic.toml/x.toml",
        expect![[r#"
        exit 2
        error: there is no file `clinic.toml/x.toml`
         = help: there is no folder `clinic.toml` either

    "#]],
    );
}

#[test]
fn what_is_no_scenario_file_is_told_apart() {
    let workshop = Workshop::new();
    workshop.check(
        "run .",
        expect![[r#"
        exit 2
        error: `.` is a folder, a file was expected
         = help: name a file in it, for example `./clinic.toml`

    "#]],
    );
    workshop.write("empty.toml", b" \n");
    workshop.check(
        "run empty.toml",
        expect![[r#"
        exit 2
        error: empty.toml: the file is empty
         = expected a scenario
         = help: begin it with `kind = "process"`; there is `process`

    "#]],
    );
    workshop.write("garbage.toml", &[b'a', 0xff, 0x00, 0x1b]);
    workshop.check(
        "run garbage.toml",
        expect![[r#"
        exit 2
        error: `garbage.toml` is no text: byte 1 is 0xff
         = expected TOML, or JSON in a file that ends in `.json`, in UTF-8

    "#]],
    );
    workshop.check(
        "run /dev/zero",
        expect![[r#"
        exit 2
        error: `/dev/zero` has more than 64 MiB
         = expected a scenario file
         = help: recorded data belongs into files that a scenario refers to

    "#]],
    );
}

#[test]
fn the_kind_is_looked_up_before_the_rest() {
    let workshop = Workshop::new();
    workshop.write("a.toml", b"kind = \"proces\"\n");
    workshop.check(
        "run a.toml",
        expect![[r#"
        exit 2
        error: there is no kind `proces`
          ┌─ a.toml:1:8
          │
        1 │ kind = "proces"
          │        ^^^^^^^^ expected `process`
          │
          = help: did you mean `process`?

    "#]],
    );
    workshop.write("a.toml", b"title = \"no kind\"\n");
    workshop.check(
        "run a.toml",
        expect![[r#"
        exit 2
        error: a.toml: the file does not say its kind
         = help: begin it with `kind = "process"`; there is `process`

    "#]],
    );
    workshop.write("a.toml", b"kind = 3\n");
    workshop.check(
        "run a.toml",
        expect![[r#"
        exit 2
        error: `kind` is no text
          ┌─ a.toml:1:8
          │
        1 │ kind = 3
          │        ^ expected `process`

    "#]],
    );
    workshop.write("a.toml", b"title = \"open\n");
    workshop.check(
        "run a.toml",
        expect![[r#"
        exit 2
        error: this is no TOML: invalid basic string, expected `"`
          ┌─ a.toml:1:14
          │
        1 │ title = "open
          │              ^

    "#]],
    );
}

#[test]
fn the_kind_of_a_json_file_is_looked_up_too() {
    let workshop = Workshop::new();
    workshop.write("a.json", b"{ \"kind\": \"swarm\" }");
    workshop.check(
        "run a.json",
        expect![[r#"
        exit 2
        error: there is no kind `swarm`
          ┌─ a.json:1:11
          │
        1 │ { "kind": "swarm" }
          │           ^^^^^^^ expected `process`

    "#]],
    );
    workshop.write("a.json", b"[1, 2");
    workshop.check(
        "run a.json",
        expect![[r#"
        exit 2
        error: this is no JSON: Unterminated array
          ┌─ a.json:1:1
          │
        1 │ [1, 2
          │ ^^^^^

    "#]],
    );
}

#[test]
fn hostile_depth_does_no_harm() {
    let workshop = Workshop::new();
    let deep = format!("{}a = 1\nkind = \"proces\"\n", "a.".repeat(200_000));
    workshop.write("deep.toml", deep.as_bytes());
    assert!(
        workshop
            .call("run deep.toml")
            .stderr
            .contains("did you mean `process`?")
    );
    let deep = deep.replace("proces", "process");
    workshop.write("deep.toml", deep.as_bytes());
    assert_eq!(workshop.call("run deep.toml").code, 2);
    workshop.write("deep.json", "[".repeat(200_000).as_bytes());
    assert_eq!(workshop.call("run deep.json").code, 2);
}

#[test]
fn a_scenario_is_answered_where_it_is_wrong() {
    let workshop = Workshop::new();
    let wrong = CLINIC
        .replace("agents = 2", "agnets = 2")
        .replace("\"5m\"", "\"-5m\"");
    workshop.write("wrong.toml", wrong.as_bytes());
    workshop.check("check wrong.toml", expect![[r#"
        exit 2
        error: unknown key `agnets` in `stations.nurse`
           ┌─ wrong.toml:13:1
           │
        13 │ agnets = 2
           │ ^^^^^^
           │
           = help: did you mean `agents`?

        error: `stations.nurse.service.exponential.mean` is negative
           ┌─ wrong.toml:14:36
           │
        14 │ service = { exponential = { mean = "-5m" } }
           │                                    ^^^^^ expected a duration above zero, such as "90s" or "1h30m"

    "#]]);
    workshop.check(
        "run clinic.toml --set stations.nurse.agents=many",
        expect![[r#"
            exit 2
            error: --set stations.nurse.agents: `stations.nurse.agents` = "many" is no pool
             = expected a number of agents, a pool's name or "unlimited"
             = help: there is only `unlimited`

        "#]],
    );
    workshop.check(
        "run clinic.toml --set stations.nurze.agents=3",
        expect![[r#"
            exit 2
            error: --set stations.nurze.agents: `stations.nurze.service` is missing
             = expected a duration of zero or more, such as "90s" or "1h30m", or a table with one of `constant`, `exponential`, `erlang` and 23 others, or a table with `scale` and `of`
             = help: how long service takes

            error: `sources.patients.to` is missing
              ┌─ clinic.toml:9:10
              │
            9 │ [sources.patients]
              │          ^^^^^^^^ expected `nurse` or `nurze`
              │
              = help: there are several stations, so each source says where its cases go

        "#]],
    );
}

#[test]
fn flags_say_what_they_expect() {
    let workshop = Workshop::new();
    workshop.check("run clinic.toml --set agents", expect![[r#"
        exit 2
        error: invalid value 'agents' for '--set <KEY=VALUE>': expected a dotted key and a value, for example `stations.desk.agents=5`

        For more information, try '--help'.
    "#]]);
    workshop.check("run clinic.toml --rate 0 --clock realtime", expect![[r#"
        exit 2
        error: invalid value '0' for '--rate <NUMBER>': expected a number above 0: simulated seconds for each second, for example 60

        For more information, try '--help'.
    "#]]);
    workshop.check(
        "run clinic.toml --threads 0",
        expect![[r#"
            exit 2
            error: invalid value '0' for '--threads <COUNT>': expected a whole number from 1 to 1024

            For more information, try '--help'.
        "#]],
    );
    workshop.check(
        "run clinic.toml --replications 0",
        expect![[r#"
            exit 2
            error: invalid value '0' for '--replications <COUNT>': expected a whole number from 1 to 1,000,000,000

            For more information, try '--help'.
        "#]],
    );
    workshop.check(
        "run clinic.toml --seed -1",
        expect![[r#"
            exit 2
            error: invalid value '-1' for '--seed <NUMBER>': expected a whole number from 0 to 18446744073709551615

            For more information, try '--help'.
        "#]],
    );
    workshop.check("run clinic.toml --until 8", expect![[r#"
        exit 2
        error: invalid value '8' for '--until <DURATION>': `8` has no unit (w, d, h, m, s, ms, us or ns); write 90s, 1h30m or 30d

        For more information, try '--help'.
    "#]]);
    workshop.check("run clinic.toml --until 0s", expect![[r#"
        exit 2
        error: invalid value '0s' for '--until <DURATION>': expected a duration above zero, for example 8h

        For more information, try '--help'.
    "#]]);
}

#[test]
fn words_say_what_there_is() {
    let workshop = Workshop::new();
    workshop.check(
        "run clinic.toml --format xml",
        expect![[r#"
        exit 2
        error: invalid value 'xml' for '--format <FORMAT>'
          [possible values: table, json]

        For more information, try '--help'.
    "#]],
    );
    workshop.check(
        "run",
        expect![[r#"
        exit 2
        error: the following required arguments were not provided:
          <SCENARIO>

        Usage: pluriverse run <SCENARIO>

        For more information, try '--help'.
    "#]],
    );
    workshop.check(
        "rum clinic.toml",
        expect![[r#"
        exit 2
        error: unrecognized subcommand 'rum'

          tip: a similar subcommand exists: 'run'

        Usage: pluriverse <COMMAND>

        For more information, try '--help'.
    "#]],
    );
    workshop.check(
        "schema proces",
        expect![[r#"
            exit 2
            error: invalid value 'proces' for '[KIND]'
              [possible values: process, experiment]

              tip: a similar value exists: 'process'

            For more information, try '--help'.
        "#]],
    );
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    let workshop = Workshop::new();
    workshop.check(
        "run clinic.toml --rate 60",
        expect![[r#"
        exit 2
        error: --rate says nothing to a simulated clock
         = help: add `--clock realtime`

    "#]],
    );
    workshop.check(
        "run clinic.toml --snapshot s --replications 2",
        expect![[r#"
            exit 2
            error: --snapshot is about one run, --replications asks for 2
             = help: leave one of them out

        "#]],
    );
    workshop.check(
        "run clinic.toml --from s --seed 3",
        expect![[r#"
        exit 2
        error: --from and --seed contradict each other
         = help: a snapshot goes on with its own seed

    "#]],
    );
    workshop.check(
        "run clinic.toml --from s --until 3h",
        expect![[r#"
        exit 2
        error: --from and --until contradict each other
         = help: a snapshot ends where its run was to end; see --pause-at

    "#]],
    );
    workshop.check("run clinic.toml --from s --ledger l.csv", expect![[r#"
        exit 2
        error: --from and --ledger contradict each other: a ledger begins with its run
         = help: run the whole without --from to record it; the hash of the results covers all rows either way

    "#]]);
}
