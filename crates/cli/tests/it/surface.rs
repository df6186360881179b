//! What the program says of itself: help, version, schema, completions, manual pages, `check`.

use expect_test::expect;

use crate::workshop::Workshop;

const COMMANDS: [&str; 10] = [
    "run",
    "experiment",
    "check",
    "schema",
    "export",
    "verify",
    "serve",
    "token",
    "bench",
    "completions",
];

#[test]
fn help_is_complete() {
    let workshop = Workshop::new();
    workshop.check(
        "--help",
        expect![[r#"
            exit 0
            One deterministic simulation kernel, many realities

            Usage: pluriverse <COMMAND>

            Commands:
              run          Run a scenario and print what was measured
              experiment   Run an experiment: what varies, how often, and a question
              check        Check a scenario without running it
              schema       Print the JSON Schema of a kind of scenario, or list the kinds
              export       Convert a ledger to another format
              verify       Check a ledger: its hash, and a run of its scenario against its rows
              serve        Serve worlds and the web app over HTTP
              token        Make, list and revoke the tokens that a server asks for
              bench        Measure how fast a scenario runs here
              completions  Print a completion script for a shell
              help         Print this message or the help of the given subcommand(s)

            Options:
              -h, --help     Print help
              -V, --version  Print version

            Examples:
              pluriverse run scenarios/contact-centre.toml
              pluriverse run ward.toml --replications 1000 --report ward.html
              pluriverse check ward.toml
              pluriverse verify ward.parquet

            Exit codes: 0 done, 1 the run failed, 2 bad input or usage.
        "#]],
    );
    for command in COMMANDS {
        let called = workshop.call(&format!("{command} --help"));
        assert_eq!((called.code, called.stderr.as_str()), (0, ""), "{command}");
        assert!(
            called.stdout.contains("Examples:\n  pluriverse "),
            "{command} shows no example"
        );
    }
}

#[test]
fn the_version_is_told() {
    let told = Workshop::new().call("--version");
    assert!(
        told.stdout
            .starts_with(concat!("pluriverse ", env!("CARGO_PKG_VERSION"))),
        "{}",
        told.stdout
    );
}

#[test]
fn check_sums_a_scenario_up() {
    Workshop::new().check(
        "check clinic.toml",
        expect![[r#"
            exit 0
            clinic.toml: ok
              scenario      clinic
              title         Walk-in clinic
              kind          process
              until         8h
              replications  4
              seed          7
              stations      1
              pools         1
              sources       1
              measures      20 figures, 5 over time, 2 distributions
        "#]],
    );
}

#[test]
fn a_schema_is_json_and_kinds_are_listed() {
    let workshop = Workshop::new();
    let listed = workshop.call("schema").stdout;
    assert!(
        listed.lines().any(|line| line.starts_with("process  ")),
        "{listed}"
    );
    for line in listed.lines() {
        let kind = line.split_whitespace().next().unwrap();
        let schema = workshop.call(&format!("schema {kind}")).json();
        assert_eq!(
            schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{kind}"
        );
    }
}

#[test]
fn every_shell_gets_completions() {
    let workshop = Workshop::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let called = workshop.call(&format!("completions {shell}"));
        assert_eq!(called.code, 0);
        for command in COMMANDS {
            assert!(
                called.stdout.contains(command),
                "{shell} knows no {command}"
            );
        }
    }
}

#[test]
fn manual_pages_are_written() {
    let workshop = Workshop::new();
    assert_eq!(workshop.call("man .").code, 0);
    let names = workshop.names();
    for command in COMMANDS {
        assert!(
            names.contains(&format!("pluriverse-{command}.1")),
            "{names:?}"
        );
    }
    workshop.check(
        "man nowhere",
        expect![[r#"
        exit 2
        error: no manual pages can be written to `nowhere`: no such file or directory
         = help: name an existing folder that you may write to

    "#]],
    );
}
