//! `run`: the results, in both forms.

use expect_test::expect;

use crate::workshop::Workshop;

#[test]
fn results_are_a_table_for_people() {
    Workshop::new().check(
        "run clinic.toml",
        expect![[r#"
            exit 0
            clinic: Walk-in clinic
              replications  4, seed 7
              events        1,317 …
              simulated     32 h …
              ledgers       HASH

                                mean  ± 95 %       min   max
            patients
              arrivals           166  ± 15        158   179
            nurse
              arrivals           166  ± 15        158   179
              wait                13  ± 11  min     5    19
              sojourn             18  ± 11  min    10    24
              wait_p50            11  ± 12  min     3    17
              wait_p90            30  ± 23  min    14    46
              wait_p95            33  ± 24  min    17    51
              wait_p99            39  ± 26  min    25    60
              queue_length       4.4  ± 4.0       1.7   6.8
              queue_length_max  16.2  ± 8.8      11.0  21.0
              utilization         86  ± 11  %      82    96
              throughput        20.3  ± 1.5 /h   19.8  21.8
            system
              completed          162  ± 12        158   174
              sojourn             18  ± 11  min    10    24
              sojourn_p50         17  ± 12  min     9    23
              sojourn_p90         35  ± 23  min    19    51
              sojourn_p95         39  ± 25  min    24    59
              sojourn_p99         45  ± 24  min    30    63
              present            6.1  ± 4.1       3.4   8.7
              throughput        20.3  ± 1.5 /h   19.8  21.8
        "#]],
    );
}

#[test]
fn one_replication_has_no_interval() {
    Workshop::new().check(
        "run clinic.toml --replications 1 --until 1h --seed 3",
        expect![[r#"
            exit 0
            clinic: Walk-in clinic
              replications  1, seed 3
              interval      none: it takes two replications or more to see how far they differ
              events        43 …
              simulated     1 h …
              ledger        HASH

                                 mean
            patients
              arrivals             24
            nurse
              arrivals             24
              wait               55.9 s
              sojourn            5.20 min
              wait_p50           22.1 s
              wait_p90           2.37 min
              wait_p95           2.71 min
              wait_p99           3.18 min
              queue_length      0.450
              queue_length_max      4
              utilization        73.0 %
              throughput           18 /h
            system
              completed            18
              sojourn            5.20 min
              sojourn_p50        3.48 min
              sojourn_p90        12.3 min
              sojourn_p95        14.8 min
              sojourn_p99        14.8 min
              present            1.91
              throughput           18 /h
        "#]],
    );
}

#[test]
fn programs_are_told_why_there_is_no_interval() {
    let workshop = Workshop::new();
    let results = |count| {
        workshop
            .call(&format!(
                "run clinic.toml --replications {count} --format json"
            ))
            .json()
    };
    let one = results(1);
    expect!["\"none: it takes two replications or more to see how far they differ\""]
        .assert_eq(&one["no_interval"].to_string());
    assert!(one["metrics"]["nurse.wait"]["half_width_95"].is_null());
    assert!(results(2).get("no_interval").is_none());
}

#[test]
fn results_are_one_object_for_programs() {
    let results = Workshop::new().call("run clinic.toml --format json").json();
    let keys: Vec<_> = results
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    expect![[r#"["complete", "events", "kind", "ledger_hash", "metrics", "replications", "scenario", "seed", "sim_seconds", "speedup", "wall_seconds", "warnings"]"#]].assert_eq(&format!("{keys:?}"));
    let wait = &results["metrics"]["nurse.wait"];
    let [min, mean, max] = ["min", "mean", "max"].map(|key| wait[key].as_f64().unwrap());
    assert!(
        min < mean && mean < max && wait["half_width_95"].as_f64() > Some(0.0),
        "{wait}"
    );
    assert_eq!((&wait["n"], &wait["unit"]), (&4.into(), &"seconds".into()));
    for (key, expected) in [
        ("seed", 7),
        ("replications", 4),
        ("sim_seconds", 4 * 8 * 3600),
    ] {
        assert_eq!(results[key].as_f64(), Some(f64::from(expected)), "{key}");
    }
    assert_eq!(results["complete"], true);
    let speedup =
        results["sim_seconds"].as_f64().unwrap() / results["wall_seconds"].as_f64().unwrap();
    assert_eq!(results["speedup"].as_f64(), Some(speedup));
}

#[test]
fn metrics_keep_their_order_and_read_back_to_the_same_bits() {
    let workshop = Workshop::new();
    let text = workshop.call("run clinic.toml --format json").stdout;
    let places: Vec<_> = [
        "\"patients.arrivals\"",
        "\"nurse.wait\"",
        "\"system.present\"",
    ]
    .iter()
    .map(|name| text.find(name).unwrap())
    .collect();
    assert!(places.is_sorted(), "{places:?}");
    // Every number is printed as Rust prints it, which is the shortest text that reads back.
    let numbers = text
        .split([' ', ',', '\n'])
        .filter(|word| word.contains('.') && word.parse::<f64>().is_ok());
    for number in numbers {
        let value: f64 = number.parse().unwrap();
        assert_eq!(
            format!("{value:?}").parse::<f64>().unwrap().to_bits(),
            value.to_bits()
        );
        assert!(number.len() <= format!("{value:?}").len() + 4, "{number}");
    }
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let workshop = Workshop::new();
    let metrics = |threads: u32| {
        let results = workshop
            .call(&format!(
                "run clinic.toml --replications 50 --format json --threads {threads}"
            ))
            .json();
        (results["ledger_hash"].clone(), results["metrics"].clone())
    };
    let (hash, one) = metrics(1);
    assert_eq!(
        (hash.as_str().unwrap().len(), &hash, &one),
        (64, &metrics(4).0, &metrics(4).1)
    );
    assert_eq!(metrics(64).1, one);
}

#[test]
fn flags_go_before_the_file() {
    let workshop = Workshop::new();
    let results = |flags: &str| {
        workshop
            .call(&format!("run clinic.toml --format json {flags}"))
            .json()
    };
    let hash = |flags: &str| results(flags)["ledger_hash"].clone();
    assert_eq!(hash("--seed 7"), hash(""));
    assert_ne!(hash("--seed 8"), hash(""));
    assert_eq!(hash("--until 2h"), hash("--set run.until=2h"));
    assert_eq!(results("--until 2h")["sim_seconds"], 4.0 * 2.0 * 3600.0);
    assert_eq!(results("--set run.replications=2")["replications"], 2);
    let wait = |flags: &str| {
        results(flags)["metrics"]["nurse.wait"]["mean"]
            .as_f64()
            .unwrap()
    };
    assert!(wait("--set stations.nurse.agents=3") < wait(""));
}

#[test]
fn json_files_are_scenarios_too() {
    let workshop = Workshop::new();
    let text = r#"{ "kind": "process", "run": { "until": "8h", "replications": 4, "seed": 7 },
        "sources": { "patients": { "arrivals": { "poisson": { "rate": "20/h" } } } },
        "stations": { "nurse": { "agents": 2, "service": { "exponential": { "mean": "5m" } } } } }"#;
    workshop.write("clinic.json", text.as_bytes());
    let hash = |file: &str| {
        workshop.call(&format!("run {file} --format json")).json()["ledger_hash"].clone()
    };
    assert_eq!(hash("clinic.json"), hash("clinic.toml"));
}

#[test]
fn a_report_is_a_page() {
    let workshop = Workshop::new();
    let called = workshop.call("run clinic.toml --report clinic.html");
    assert_eq!(called.code, 0);
    expect![[r#"

        note: clinic.html is written; `pluriverse serve` shows such worlds in motion, at http://127.0.0.1:7878/
    "#]].assert_eq(&format!("\n{}", called.stderr));
    let page = std::fs::read_to_string(workshop.path("clinic.html")).unwrap();
    assert!(
        page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"),
        "{}",
        &page[..40]
    );
    assert!(page.contains("Walk-in clinic"));
    assert_eq!(workshop.names(), ["clinic.html", "clinic.toml"]);
}

#[test]
fn warnings_are_told_beside_the_results() {
    let workshop = Workshop::new();
    let called = workshop.call("run clinic.toml --set stations.nurse.agents=1 --format json");
    expect![[r#"
        warning: --set stations.nurse.agents: `stations.nurse.agents`: an offered load of 1.667 is more than the one agent can do
         = help: the queue grows as long as the run lasts; 2 agents would keep up

    "#]].assert_eq(&called.stderr);
    expect![[r#"
        [
          "--set stations.nurse.agents: `stations.nurse.agents`: an offered load of 1.667 is more than the one agent can do; the queue grows as long as the run lasts; 2 agents would keep up"
        ]"#]].assert_eq(&format!("{:#}", called.json()["warnings"]));
    let quiet =
        workshop.call("run clinic.toml --set stations.nurse.agents=1 --format json --quiet");
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.json()["warnings"], called.json()["warnings"]);
}
