//! `run --clock realtime`: the wall clock is followed, and how well is told.

use std::time::Instant;

use crate::workshop::Workshop;

#[test]
fn the_wall_clock_sets_the_pace_and_nothing_else() {
    let workshop = Workshop::new();
    let begun = Instant::now();
    // Eight hours at this rate take 0.4 s.
    let paced = workshop.call("run clinic.toml --clock realtime --rate 72000 --format json");
    let took = begun.elapsed().as_secs_f64();
    assert_eq!(
        paced.stderr,
        "following the wall clock at 72000 × real time; Ctrl-C stops\n"
    );
    let paced = paced.json();
    assert!(took >= 0.4, "{took} s");
    let free = workshop
        .call("run clinic.toml --replications 1 --format json")
        .json();
    for key in ["ledger_hash", "events", "metrics"] {
        assert_eq!(paced[key], free[key], "{key}");
    }
    let punctuality = &paced["punctuality"];
    let events = paced["events"].as_u64().unwrap();
    assert_eq!(punctuality["events"], events);
    assert!(punctuality["late_events"].as_u64().unwrap() <= events);
    assert!(
        punctuality["mean_drift_seconds"].as_f64() <= punctuality["worst_drift_seconds"].as_f64()
    );
    assert!(free["punctuality"].is_null());
}

#[test]
fn a_table_tells_the_punctuality_and_quiet_says_nothing_else() {
    let workshop = Workshop::new();
    let called = workshop.call("run clinic.toml --clock realtime --rate 1000000 --quiet");
    assert_eq!((called.code, called.stderr.as_str()), (0, ""));
    assert!(
        called.stdout.contains("  punctuality   "),
        "{}",
        called.stdout
    );
}

#[test]
fn a_pause_is_waited_for() {
    let workshop = Workshop::new();
    let called = workshop
        .call("run clinic.toml --clock realtime --rate 100000 --pause-at 30m --format json");
    let results = called.json();
    assert_eq!(results["sim_seconds"], 1800.0);
    assert!(results["wall_seconds"].as_f64().unwrap() >= 0.018);
}
