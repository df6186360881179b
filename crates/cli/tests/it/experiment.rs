//! `experiment`: its answers, its files, and that it goes on where it was killed.

use expect_test::expect;

use crate::workshop::Workshop;

const NURSES: &str = r#"kind = "experiment"
title = "One nurse more"
scenario = "clinic.toml"
metrics = ["nurse.wait", "nurse.utilization"]

[factors.nurses]
key = "stations.nurse.agents"
values = [2, 3]

[question.compare]
baseline = 1
"#;

fn workshop() -> Workshop {
    let workshop = Workshop::new();
    workshop.write("nurses.toml", NURSES.as_bytes());
    workshop
}

/// An experiment of many short rounds, so that there is something to kill.
fn long() -> String {
    NURSES.replace(
        "[question.compare]\nbaseline = 1\n",
        "[replications.stop]\nmetric = \"nurse.wait\"\nrelative_half_width = 0.02\nmax = 20000\n",
    )
}

#[test]
fn an_answer_is_a_table_for_people() {
    workshop().check(
        "experiment nurses.toml",
        expect![[r#"
        exit 0
        nurses: One nurse more
          scenario      clinic.toml
          runs          8, seed 7
          events        2,641 …
          ledgers       HASH

        Differences from point 1, paired
          point    nurse.wait  nurse.utilization
              2  −11 ± 10 min      −28.2 ± 2.3 %

          point  nurses  runs     nurse.wait  nurse.utilization
              1       2     4    13 ± 11 min          86 ± 11 %
              2       3     4  1.6 ± 1.2 min       58.0 ± 8.3 %
    "#]],
    );
}

#[test]
fn an_answer_is_json_for_programs() {
    let answer = workshop()
        .call("experiment nurses.toml --format json")
        .json();
    assert_eq!(answer["is_complete"], true);
    assert_eq!(answer["runs"], 8);
    assert_eq!(answer["answer"]["question"], "compare");
    assert_eq!(answer["points"][1]["settings"][0], 3.0);
    assert_eq!(answer["metrics"][0]["unit"], "count");
}

/// A point is what `run` says of it, to the hash.
#[test]
fn a_point_is_a_run() {
    let workshop = workshop();
    let answer = workshop.call("experiment nurses.toml --format json").json();
    let run = workshop
        .call("run clinic.toml --set stations.nurse.agents=3 --format json")
        .json();
    assert_eq!(answer["points"][1]["ledger_hash"], run["ledger_hash"]);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let workshop = workshop();
    let one = workshop.call("experiment nurses.toml --threads 1 --format json");
    let many = workshop.call("experiment nurses.toml --threads 7 --format json");
    assert_eq!(one.stdout, many.stdout);
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let workshop = workshop();
    workshop.write(
        "typo.toml",
        NURSES.replace("nurse.wait", "nurse.weight").as_bytes(),
    );
    workshop.check(
        "experiment typo.toml",
        expect![[r#"
        exit 2
        error: `metrics[0]`: the scenario has no figure `nurse.weight`
          ┌─ typo.toml:4:12
          │
        4 │ metrics = ["nurse.weight", "nurse.utilization"]
          │            ^^^^^^^^^^^^^^
          │
          = help: did you mean `nurse.wait`?

    "#]],
    );
    workshop.write("point.toml", NURSES.replace("[2, 3]", "[2, -3]").as_bytes());
    workshop.check(
        "experiment point.toml",
        expect![[r#"
        exit 2
        error: point 2 (nurses = -3): `stations.nurse.agents` = -3 is negative
          ┌─ point.toml:6:1
          │
        6 │ [factors.nurses]
          │ ^^^^^^^^^^^^^^^^ expected a whole number from 0 to 1,000,000

    "#]],
    );
    workshop.check(
        "experiment nurses.toml --set scenario=gone.toml",
        expect![[r#"
            exit 2
            error: --set scenario: the scenario cannot be read: there is no file `./gone.toml`
             = expected a scenario file, relative to this file

        "#]],
    );
    workshop.check(
        "experiment gone.toml",
        expect![[r#"
        exit 2
        error: there is no file `gone.toml`
         = help: check the path

    "#]],
    );
    workshop.check(
        "run nurses.toml",
        expect![[r#"
            exit 2
            error: there is no kind `experiment`
              ┌─ nurses.toml:1:8
              │
            1 │ kind = "experiment"
              │        ^^^^^^^^^^^^ expected `process`
              │
              = help: an experiment is no world: `pluriverse experiment` runs it

        "#]],
    );
}

#[test]
fn a_broken_scenario_is_shown_too() {
    let workshop = workshop();
    workshop.write(
        "clinic.toml",
        b"kind = \"process\"\n[stations.nurse]\nagents = 2\n",
    );
    workshop.check("experiment nurses.toml", expect![[r#"
        exit 2
        error: clinic.toml: `sources` is missing
         = expected a table of sources by name
         = help: where cases come from, by name

        error: `stations.nurse.service` is missing
          ┌─ clinic.toml:2:1
          │
        2 │ [stations.nurse]
          │ ^^^^^^^^^^^^^^^^ expected a duration of zero or more, such as "90s" or "1h30m", or a table with one of `constant`, `exponential`, `erlang` and 23 others, or a table with `scale` and `of`
          │
          = help: how long service takes

    "#]]);
}

#[test]
fn results_and_report_are_files() {
    let workshop = workshop();
    let called = workshop.call("experiment nurses.toml --results out.parquet --report out.html");
    assert_eq!(called.code, 0, "{}", called.stderr);
    let parquet = std::fs::read(workshop.path("out.parquet")).unwrap();
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    let page = std::fs::read_to_string(workshop.path("out.html")).unwrap();
    for text in [
        "One nurse more",
        "Main effects",
        "Differences",
        "nurse.wait by nurses",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "the page requests nothing"
    );
}

#[test]
fn places_that_cannot_be_written_to_are_found_before_the_first_run() {
    let workshop = workshop();
    workshop.check(
        "experiment nurses.toml --results gone/out.parquet",
        expect![[r#"
            exit 2
            error: --results gone/out.parquet: there is no folder `gone`
             = help: make it first, or name another place

        "#]],
    );
    workshop.check(
        "experiment nurses.toml --report nurses.toml",
        expect![[r#"
        exit 2
        error: --report and the experiment are the same file, `nurses.toml`
         = help: give each its own name

    "#]],
    );
    workshop.check(
        "experiment nurses.toml --state .",
        expect![[r#"
        exit 2
        error: --state .: this is a folder
         = help: name a file in it

    "#]],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_without_an_end_is_no_state_file() {
    let workshop = workshop();
    std::os::unix::fs::symlink("/dev/full", workshop.path("state")).unwrap();
    workshop.check(
        "experiment nurses.toml --state state",
        expect![[r#"
        exit 2
        error: --state state: this is no file that can be gone back to
         = help: name a file on a disk

    "#]],
    );
}

/// A limit of the system stands in for a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_what_fitted_is_kept() {
    let workshop = workshop();
    workshop.write("long.toml", long().as_bytes());
    let in_little_room = |rest: &str| {
        let program = env!("CARGO_BIN_EXE_pluriverse");
        let script = format!("ulimit -f 40; trap '' XFSZ; exec {program} experiment {rest}");
        let output = std::process::Command::new("sh")
            .args(["-c", &script])
            .current_dir(workshop.folder())
            .output();
        crate::workshop::Called::from(output.unwrap())
    };
    let called = in_little_room("long.toml --state long.state");
    assert_eq!(called.code, 1, "{}", called.stderr);
    assert!(called.stdout.contains("INCOMPLETE"), "{}", called.stdout);
    assert!(
        called
            .stderr
            .contains("--state long.state: nothing more can be written"),
        "{}",
        called.stderr
    );
    let straight = workshop.call("experiment long.toml --format json --quiet");
    let resumed = workshop.call("experiment long.toml --format json --quiet --state long.state");
    assert_eq!(resumed.stdout, straight.stdout);

    // The answer is printed though the file of the results finds no room, and nothing half is left of it.
    let called = in_little_room("nurses.toml --report out.html");
    assert_eq!(called.code, 1, "{}", called.stderr);
    assert!(called.stdout.contains("nurse.wait"), "{}", called.stdout);
    assert!(
        called
            .stderr
            .contains("--report out.html: the file cannot be written"),
        "{}",
        called.stderr
    );
    assert!(
        !workshop
            .names()
            .iter()
            .any(|name| name.contains("out.html"))
    );
}

#[test]
fn a_killed_experiment_goes_on_and_comes_to_the_same() {
    let workshop = workshop();
    workshop.write("long.toml", long().as_bytes());
    let straight = workshop.call("experiment long.toml --format json --quiet");
    assert_eq!(straight.code, 0, "{}", straight.stderr);

    let mut child = workshop
        .command("experiment long.toml --state long.state --quiet")
        .spawn()
        .unwrap();
    let state = workshop.path("long.state");
    while std::fs::metadata(&state).map_or(0, |about| about.len()) < 50_000 {
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before it could be killed"
        );
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let resumed = workshop.call("experiment long.toml --state long.state --format json");
    assert_eq!(resumed.stdout, straight.stdout);
    assert!(
        resumed.stderr.contains("runs were there already"),
        "{}",
        resumed.stderr
    );

    // Everything is there now: nothing is run again.
    let bytes = std::fs::read(&state).unwrap();
    let again = workshop.call("experiment long.toml --state long.state --format json");
    assert_eq!(again.stdout, straight.stdout);
    assert_eq!(std::fs::read(&state).unwrap(), bytes);
}

#[test]
fn ctrl_c_keeps_what_is_there() {
    let workshop = workshop();
    workshop.write("long.toml", long().as_bytes());
    let begun = workshop.begin("experiment long.toml --state long.state");
    let state = workshop.path("long.state");
    while std::fs::metadata(&state).map_or(0, |about| about.len()) < 50_000 {
        std::thread::yield_now();
    }
    begun.interrupt();
    let called = begun.end();
    assert_eq!(called.code, 1, "{}", called.stderr);
    assert!(called.stdout.contains("INCOMPLETE"), "{}", called.stdout);
    assert!(
        called
            .stderr
            .contains("the same call goes on from `long.state`"),
        "{}",
        called.stderr
    );
}

#[test]
fn a_state_file_of_something_else_is_refused_and_left_alone() {
    let workshop = workshop();
    let called = workshop.call("experiment nurses.toml --threads 1 --state nurses.state --quiet");
    assert_eq!(called.code, 0, "{}", called.stderr);
    let bytes = std::fs::read(workshop.path("nurses.state")).unwrap();
    workshop.check(
        "experiment nurses.toml --set seed=8 --state nurses.state",
        expect![[r#"
            exit 2
            error: --state nurses.state: it belongs to another experiment, or to this one before it or its scenario was changed
             = help: name another file, or remove this one to begin anew; what has been changed back goes on

        "#]],
    );
    assert_eq!(std::fs::read(workshop.path("nurses.state")).unwrap(), bytes);

    let mut damaged = bytes.clone();
    damaged[60] ^= 1;
    workshop.write("damaged.state", &damaged);
    workshop.check(
        "experiment nurses.toml --state damaged.state",
        expect![[r#"
            exit 2
            error: --state damaged.state: the record at byte 40 is damaged
             = help: remove it to begin anew, or bring back a copy

        "#]],
    );
    workshop.check(
        "experiment nurses.toml --state clinic.toml",
        expect![[r#"
        exit 2
        error: --state clinic.toml: it is no journal of an experiment
         = help: name another file

    "#]],
    );

    // What a kill tore off is made again.
    workshop.write("torn.state", &bytes[..bytes.len() - 7]);
    let called = workshop.call("experiment nurses.toml --threads 1 --state torn.state");
    assert_eq!(called.code, 0, "{}", called.stderr);
    assert_eq!(std::fs::read(workshop.path("torn.state")).unwrap(), bytes);
}
