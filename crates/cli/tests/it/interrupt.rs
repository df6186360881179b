//! Ctrl-C: a run ends where it is, with everything that it has.

use std::io::{Write, pipe};

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
            .contains("stopping (Ctrl-C again to end at once)"),
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
    // On a machine that is busy elsewhere a short run may be over before it is interrupted.
    let interrupted = [2_000, 10_000, 50_000].into_iter().find(|days| {
        let mut begun = workshop.begin(&format!("run clinic.toml --until {days}d --snapshot s"));
        begun.wait_for_file(&workshop, ".partial");
        begun.interrupt();
        let called = begun.end();
        let notes = called.stderr.contains("note: `--from s` goes on from here");
        assert_eq!(
            (called.code, notes),
            if notes { (1, true) } else { (0, false) },
            "{}",
            called.stderr
        );
        notes
    });
    let until = format!("--set run.until={}d --format json", interrupted.unwrap());
    let rest = workshop
        .call(&format!("run clinic.toml {until} --from s"))
        .json();
    let whole = workshop
        .call(&format!("run clinic.toml {until} --replications 1"))
        .json();
    assert_eq!(rest["ledger_hash"], whole["ledger_hash"]);
}

#[test]
fn a_second_interrupt_ends_at_once() {
    let workshop = Workshop::new();
    // A pipe that is full and that nobody reads: the program has to wait until it may print its results.
    let (reader, writer) = pipe().unwrap();
    let mut filler = writer.try_clone().unwrap();
    let filling = std::thread::spawn(move || while filler.write_all(&[b' '; 4096]).is_ok() {});
    let mut begun = workshop.begin_into(
        "run clinic.toml --clock realtime --rate 3600 --until 30d --ledger l.parquet --report r.html",
        writer,
    );
    begun.wait_for("following the wall clock");
    begun.interrupt();
    begun.wait_for("stopping (Ctrl-C again to end at once)");
    begun.wait_for_file(&workshop, "l.parquet");
    begun.interrupt();
    let called = begun.end();
    assert_eq!(called.code, 130, "{}", called.stderr);
    drop(reader);
    filling.join().unwrap();
    // What was whole by then stays; what was begun is not taken for it.
    let verified = workshop.call("verify l.parquet");
    assert_eq!(verified.code, 0, "{}", verified.stderr);
    assert!(!workshop.names().contains(&"r.html".to_owned()));
}
