//! `bench`: how fast a scenario runs.

use crate::workshop::Workshop;

#[test]
fn speeds_are_told_for_people_and_for_programs() {
    let workshop = Workshop::new();
    let results = workshop
        .call("bench clinic.toml --repeat 3 --replications 20 --format json")
        .json();
    let arrivals = workshop
        .call("run clinic.toml --replications 20 --format json")
        .json();
    let cases = arrivals["metrics"]["patients.arrivals"]["mean"]
        .as_f64()
        .unwrap()
        * 20.0;
    assert_eq!(results["events"], arrivals["events"]);
    assert_eq!(results["ledger_hash"], arrivals["ledger_hash"]);
    assert!((results["cases"].as_f64().unwrap() - cases).abs() < 1e-6 * cases);
    for side in ["ledger_on", "ledger_off"] {
        let wall = &results[side]["wall_seconds"];
        let [least, median, most] = ["min", "median", "max"].map(|key| wall[key].as_f64().unwrap());
        assert!(0.0 < least && least <= median && median <= most, "{wall}");
        let per_case = results[side]["ns_per_case"]["median"].as_f64().unwrap();
        assert!((per_case - median * 1e9 / cases).abs() < 1e-6 * per_case);
    }
    let table = workshop.call("bench clinic.toml --repeat 1 --until 1h");
    assert_eq!((table.code, table.stderr.as_str()), (0, ""));
    for row in ["events/s", "ns per event", "ns per case", "× real time"] {
        assert!(table.stdout.contains(row), "{}", table.stdout);
    }
}
