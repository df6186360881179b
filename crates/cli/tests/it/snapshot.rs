//! Snapshots: a run that was paused goes on in another process as if it had never stopped.

use expect_test::expect;

use crate::workshop::Workshop;

#[test]
fn a_paused_run_goes_on_to_the_same_end() {
    let workshop = Workshop::new();
    let whole = workshop
        .call("run clinic.toml --replications 1 --format json")
        .json();
    let first = workshop
        .call("run clinic.toml --pause-at 3h --snapshot noon --format json")
        .json();
    assert_eq!(
        (&first["complete"], &first["sim_seconds"]),
        (&false.into(), &(3.0 * 3600.0).into())
    );
    let second = workshop
        .call("run clinic.toml --from noon --pause-at 5h30m --snapshot noon --format json")
        .json();
    assert_eq!(second["complete"], false);
    let last = workshop
        .call("run clinic.toml --from noon --format json")
        .json();
    for key in [
        "ledger_hash",
        "events",
        "sim_seconds",
        "metrics",
        "seed",
        "complete",
    ] {
        assert_eq!(last[key], whole[key], "{key}");
    }
}

#[test]
fn a_pause_is_told() {
    let workshop = Workshop::new();
    let called = workshop.call("run clinic.toml --pause-at 3h --snapshot noon");
    let told = workshop.told(&called);
    expect![[r#"
        exit 0
        clinic: Walk-in clinic
          INCOMPLETE    paused at 3h; the figures are those up to there
          replications  1, seed 7
          interval      none: it takes two replications or more to see how far they differ
          events        121 …
          simulated     3 h …
          ledger        HASH

                            mean
    "#]]
    .assert_eq(&told[..told.find("patients").unwrap()]);
    expect![[r#"
        note: `--from noon` goes on from here
    "#]]
    .assert_eq(&called.stderr);
    workshop.check(
        "run clinic.toml --from noon --pause-at 2h",
        expect![[r#"
        exit 2
        error: --pause-at 2h: the snapshot is at 3h already
         = help: name a later time

    "#]],
    );
}

#[test]
fn a_snapshot_of_something_else_is_refused() {
    let workshop = Workshop::new();
    workshop.check(
        "run clinic.toml --from noon",
        expect![[r#"
        exit 2
        error: --from: there is no file `noon`
         = help: name a file that --snapshot wrote

    "#]],
    );
    workshop.check(
        "run clinic.toml --from clinic.toml",
        expect![[r#"
        exit 2
        error: --from and the scenario are the same file, `clinic.toml`
         = help: give each its own name

    "#]],
    );
    assert_eq!(
        workshop
            .call("run clinic.toml --pause-at 3h --snapshot noon")
            .code,
        0
    );
    let whole = std::fs::read(workshop.path("noon")).unwrap();
    workshop.write("half", &whole[..whole.len() / 2]);
    assert_eq!(workshop.call("run clinic.toml --from half").code, 2);
    let mut flipped = whole;
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    workshop.write("flipped", &flipped);
    let called = workshop.call("run clinic.toml --from flipped");
    assert_eq!(called.code, 2);
    assert!(
        called.stderr.contains("does not match its checksum"),
        "{}",
        called.stderr
    );
    workshop.check(
        "run clinic.toml --from noon --set stations.nurse.agents=9",
        expect![[r#"
            exit 2
            error: the snapshot is of another world: it was taken with another scenario, other data or other overrides
             = help: a snapshot goes on only with the scenario, `--set` values and version that it was taken with

        "#]],
    );
    let other = crate::workshop::CLINIC
        .replace("[sources.patients]", "[sources.patients]\nto = \"nurse\"")
        + "[stations.doctor]\nagents = 1\nservice = \"10m\"\n";
    workshop.write("other.toml", other.as_bytes());
    let called = workshop.call("run other.toml --from noon");
    assert_eq!(called.code, 2, "{}", called.stderr);
    assert!(called.stderr.contains("snapshot"), "{}", called.stderr);
}

#[test]
fn a_pause_cuts_the_ledger_which_says_so() {
    let workshop = Workshop::new();
    assert_eq!(
        workshop
            .call("run clinic.toml --pause-at 3h --ledger part.parquet")
            .code,
        0
    );
    workshop.check(
        "verify part.parquet",
        expect![[r#"
            exit 0
            part.parquet: verified as far as it goes (the run was paused at 3h)
              the rows have the hash that the file says, and a second run makes the same
              rows      303
              ledger    HASH
              scenario  clinic.toml, seed 7, replication 0
              engine    0.1.0
        "#]],
    );
}
