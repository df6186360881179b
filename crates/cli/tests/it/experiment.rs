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
    workshop().check("experiment nurses.toml", expect![[""]]);
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
    workshop.check("experiment typo.toml", expect![[""]]);
    workshop.write("point.toml", NURSES.replace("[2, 3]", "[2, -3]").as_bytes());
    workshop.check("experiment point.toml", expect![[""]]);
    workshop.check(
        "experiment nurses.toml --set scenario=gone.toml",
        expect![[""]],
    );
    workshop.check("experiment gone.toml", expect![[""]]);
    workshop.check("run nurses.toml", expect![[""]]);
}

#[test]
fn a_broken_scenario_is_shown_too() {
    let workshop = workshop();
    workshop.write(
        "clinic.toml",
        b"kind = \"process\"\n[stations.nurse]\nagents = 2\n",
    );
    workshop.check("experiment nurses.toml", expect![[""]]);
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
        expect![[""]],
    );
    workshop.check("experiment nurses.toml --report nurses.toml", expect![[""]]);
    workshop.check("experiment nurses.toml --state .", expect![[""]]);
}

/// A disk that is full: the answer is printed all the same, and the exit code says that something is missing.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_costs_the_file_and_not_the_answer() {
    let workshop = workshop();
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        eprintln!("skipped: there is no /dev/full");
        return;
    }
    std::os::unix::fs::symlink(full, workshop.path("state")).unwrap();
    let called = workshop.call("experiment nurses.toml --state state");
    assert_eq!(called.code, 2, "{}", called.stderr);
    assert!(called.stderr.contains("--state state"), "{}", called.stderr);
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
        expect![[""]],
    );
    assert_eq!(std::fs::read(workshop.path("nurses.state")).unwrap(), bytes);

    let mut damaged = bytes.clone();
    damaged[60] ^= 1;
    workshop.write("damaged.state", &damaged);
    workshop.check(
        "experiment nurses.toml --state damaged.state",
        expect![[""]],
    );
    workshop.check("experiment nurses.toml --state clinic.toml", expect![[""]]);

    // What a kill tore off is made again.
    workshop.write("torn.state", &bytes[..bytes.len() - 7]);
    let called = workshop.call("experiment nurses.toml --threads 1 --state torn.state");
    assert_eq!(called.code, 0, "{}", called.stderr);
    assert_eq!(std::fs::read(workshop.path("torn.state")).unwrap(), bytes);
}
