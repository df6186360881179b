//! Where results go: places that cannot be written to are found before the run, closed pipes are no error.

use std::{
    fs,
    io::Read,
    process::{Command, Stdio},
};

use expect_test::expect;

use crate::workshop::{Called, Workshop};

#[test]
fn a_place_that_takes_no_file_is_found_before_the_run() {
    let workshop = Workshop::new();
    fs::create_dir(workshop.path("folder")).unwrap();
    workshop.check(
        "run clinic.toml --report nowhere/r.html",
        expect![[r#"
        exit 2
        error: --report nowhere/r.html: there is no folder `nowhere`
         = help: make it first, or name another place

    "#]],
    );
    workshop.check(
        "run clinic.toml --report folder",
        expect![[r#"
        exit 2
        error: --report folder: this is a folder
         = help: name a file in it

    "#]],
    );
    workshop.check(
        "run clinic.toml --snapshot nowhere/s",
        expect![[r#"
        exit 2
        error: --snapshot nowhere/s: there is no folder `nowhere`
         = help: make it first, or name another place

    "#]],
    );
    workshop.check(
        "run clinic.toml --ledger nowhere/l.parquet",
        expect![[r#"
        exit 2
        error: --ledger nowhere/l.parquet: there is no folder `nowhere`
         = help: make it first, or name another place

    "#]],
    );
    workshop.check("run clinic.toml --ledger l.txt", expect![[r#"
        exit 2
        error: --ledger: `l.txt`: `.txt` is no format of ledgers; expected .parquet, .arrow, .ipc, .feather, .ndjson, .jsonl, .csv

    "#]]);
    workshop.check(
        "run clinic.toml --ledger folder",
        expect![[r#"
        exit 2
        error: --ledger folder: this is a folder
         = help: name a file in it

    "#]],
    );
    assert_eq!(workshop.names(), ["clinic.toml", "folder"]);
}

#[test]
fn no_file_is_written_over_by_another_of_the_same_call() {
    let workshop = Workshop::new();
    workshop.check(
        "run clinic.toml --report ./clinic.toml",
        expect![[r#"
        exit 2
        error: --report and the scenario are the same file, `./clinic.toml`
         = help: give each its own name

    "#]],
    );
    workshop.check(
        "run clinic.toml --report a.html --snapshot ./a.html",
        expect![[r#"
            exit 2
            error: --snapshot and --report are the same file, `./a.html`
             = help: give each its own name

        "#]],
    );
    workshop.check(
        "export a.csv ./a.csv",
        expect![[r#"
        exit 2
        error: the file to write and the ledger are the same file, `./a.csv`
         = help: give each its own name

    "#]],
    );
    assert_eq!(workshop.names(), ["clinic.toml"]);
}

#[test]
fn a_refused_run_leaves_what_was_there() {
    let workshop = Workshop::new();
    workshop.write("r.html", b"before");
    workshop.write("wrong.toml", b"kind = \"process\"\n");
    assert_eq!(workshop.call("run wrong.toml --report r.html").code, 2);
    assert_eq!(
        workshop
            .call("run clinic.toml --report r.html --ledger nowhere/l.csv")
            .code,
        2
    );
    assert_eq!(fs::read(workshop.path("r.html")).unwrap(), b"before");
    assert_eq!(workshop.names(), ["clinic.toml", "r.html", "wrong.toml"]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let workshop = Workshop::new();
    for arguments in [
        "run clinic.toml",
        "schema process",
        "completions bash",
        "--help",
    ] {
        let mut child = workshop.command(arguments).spawn().unwrap();
        drop(child.stdout.take());
        let called = Called::from(child.wait_with_output().unwrap());
        assert_eq!(
            (called.code, called.stderr.as_str()),
            (0, ""),
            "{arguments}"
        );
    }
}

#[test]
fn a_full_disk_is_told() {
    let workshop = Workshop::new();
    std::os::unix::fs::symlink("/dev/full", workshop.path("full.ndjson")).unwrap();
    workshop.check(
        "run clinic.toml --replications 1 --ledger full.ndjson",
        expect![[r#"
            exit 1
            error: the ledger cannot be written to `/dev/full`: No space left on device (os error 28); nothing was written
             = help: make room, or choose another place

        "#]],
    );
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = workshop
        .command("check clinic.toml")
        .stdout(Stdio::from(full))
        .output()
        .unwrap();
    expect![[r#"
        exit 1
        error: the results cannot be written to standard output: no space left on device
         = help: make room, or send them elsewhere

    "#]]
    .assert_eq(&workshop.told(&Called::from(output)));
}

#[test]
fn a_pipe_sees_neither_colours_nor_a_progress_bar() {
    let workshop = Workshop::new();
    let called = workshop.call("run clinic.toml --replications 2000");
    assert_eq!(called.stderr, "");
    assert!(!called.stdout.contains('\u{1b}'));
    assert!(!workshop.call("run nowhere.toml").stderr.contains('\u{1b}'));
}

/// Runs the program on a terminal of this many columns and returns what appears there; `None` without `script`.
fn on_terminal(
    workshop: &Workshop,
    columns: u32,
    environment: &str,
    arguments: &str,
) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_pluriverse");
    let line = format!("stty rows 30 cols {columns}; {environment} {program} {arguments}");
    let mut child = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .current_dir(workshop.folder())
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut shown = Vec::new();
    child.stdout.take()?.read_to_end(&mut shown).ok()?;
    child.wait().ok()?;
    Some(String::from_utf8_lossy(&shown).into_owned())
}

#[test]
fn a_terminal_sees_colours_a_progress_bar_and_no_line_too_long() {
    let workshop = Workshop::new();
    let Some(shown) = on_terminal(&workshop, 60, "", "run clinic.toml --replications 3000") else {
        eprintln!("skipped: there is no `script` to make a terminal with");
        return;
    };
    assert!(shown.contains("of 3,000 replications"), "{shown}");
    let table = shown.split("clinic: Walk-in clinic").nth(1).unwrap();
    assert!(
        table.contains("nurse")
            && table
                .lines()
                .all(|line| line.trim_end().chars().count() <= 60),
        "{table}"
    );
    let error =
        |environment: &str| on_terminal(&workshop, 60, environment, "run nowhere.toml").unwrap();
    assert!(error("").contains("\u{1b}["));
    assert!(!error("NO_COLOR=1").contains("\u{1b}["));
    assert!(!error("TERM=dumb").contains("\u{1b}["));
}
