//! Ctrl-C: a run ends where it is, with everything that it has.

use crate::workshop::Workshop;

#[test]
fn an_interrupted_batch_tells_its_complete_replications() {
    let workshop = Workshop::new();
    let mut begun = workshop.begin("run clinic.toml --replications 1000000000 --report r.html");
    begun.wait_for_file(&workshop, ".partial");
    begun.interrupt();
    let called = begun.end();
    assert_eq!(called.code, 1, "{}", called.stderr);
    assert!(
        called.stdout.contains("  INCOMPLETE    interrupted"),
        "{}",
        called.stdout
    );
    assert!(
        called.stdout.contains(" of 1,000,000,000, seed 7"),
        "{}",
        called.stdout
    );
    assert!(
        called
            .stderr
            .contains("stopping: what there is will be kept"),
        "{}",
        called.stderr
    );
    assert_eq!(workshop.names(), ["clinic.toml", "r.html"]);
}

#[test]
fn an_interrupted_run_leaves_a_complete_ledger() {
    let workshop = Workshop::new();
    let mut begun = workshop
        .begin("run clinic.toml --clock realtime --rate 3600 --until 30d --ledger l.parquet");
    begun.wait_for("following the wall clock");
    begun.interrupt();
    let called = begun.end();
    assert_eq!(called.code, 1, "{}", called.stderr);
    assert!(
        called
            .stdout
            .contains("INCOMPLETE    interrupted; the figures are those up to there"),
        "{}",
        called.stdout
    );
    assert_eq!(workshop.names(), ["clinic.toml", "l.parquet"]);
    let verified = workshop.call("verify l.parquet");
    assert_eq!(verified.code, 0, "{}", verified.stderr);
    assert!(
        verified
            .stdout
            .starts_with("l.parquet: verified as far as it goes (the run was interrupted)\n")
    );
}

#[test]
fn an_interrupted_run_goes_on_from_its_snapshot() {
    let workshop = Workshop::new();
    let flags = "run clinic.toml --until 3000d --format json";
    let mut begun = workshop.begin(&format!("{flags} --snapshot s"));
    begun.wait_for_file(&workshop, ".partial");
    begun.interrupt();
    let called = begun.end();
    assert_eq!(called.code, 1, "{}", called.stderr);
    assert!(
        called.stderr.contains("note: `--from s` goes on from here"),
        "{}",
        called.stderr
    );
    let rest = workshop
        .call("run clinic.toml --set run.until=3000d --format json --from s")
        .json();
    let whole = workshop.call(&format!("{flags} --replications 1")).json();
    assert_eq!(rest["ledger_hash"], whole["ledger_hash"]);
}
