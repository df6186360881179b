//! Ledgers: written by `run`, converted by `export`, held against a second run by `verify`.

use std::fs;

use expect_test::expect;
use pluriverse_kernel::ledger::{Chunk, LedgerDigest, LedgerSink, Row};
use pluriverse_store::{Format, LedgerWriter, Plan, Provenance, open};

use crate::workshop::Workshop;

/// A workshop with the ledger of one replication in `clinic.parquet`.
fn with_ledger(flags: &str) -> Workshop {
    let workshop = Workshop::new();
    let called = workshop.call(&format!(
        "run clinic.toml --replications 1 --ledger clinic.parquet {flags}"
    ));
    assert_eq!((called.code, called.stderr.as_str()), (0, ""));
    workshop
}

#[test]
fn a_ledger_is_made_again_from_what_it_carries() {
    let workshop = with_ledger("--set stations.nurse.agents=3 --until 9h --seed 5");
    workshop.check(
        "verify clinic.parquet",
        expect![[r#"
            exit 0
            clinic.parquet: verified
              the rows have the hash that the file says, and a second run makes the same
              rows      881
              ledger    HASH
              scenario  clinic.toml, seed 5, replication 0
              engine    0.1.0
        "#]],
    );
    // The ledger alone is enough.
    fs::remove_file(workshop.path("clinic.toml")).unwrap();
    assert_eq!(workshop.call("verify clinic.parquet").code, 0);
    workshop.check(
        "verify clinic.parquet --hash-only",
        expect![[r#"
            exit 0
            clinic.parquet: verified
              the rows have the hash that the file says
              rows      881
              ledger    HASH
              scenario  clinic.toml, seed 5, replication 0
              engine    0.1.0
        "#]],
    );
}

#[test]
fn a_ledger_has_the_hash_that_the_results_tell() {
    let workshop = Workshop::new();
    let results = workshop
        .call("run clinic.toml --replications 1 --format json --ledger a.arrow")
        .json();
    let hash = results["ledger_hash"].as_str().unwrap().to_owned();
    assert!(workshop.call("verify a.arrow").stdout.contains(&hash));
}

#[test]
fn of_several_replications_the_first_is_recorded() {
    let workshop = Workshop::new();
    let called = workshop.call("run clinic.toml --until 1h --ledger clinic.ndjson");
    assert_eq!(
        (called.code, called.stderr.as_str()),
        (0, "note: --ledger records replication 0 of 4\n")
    );
    assert!(
        workshop
            .call("verify clinic.ndjson")
            .stdout
            .contains("seed 7, replication 0")
    );
    assert_eq!(
        workshop
            .call("run clinic.toml --quiet --ledger clinic.ndjson")
            .stderr,
        ""
    );
}

#[test]
fn every_format_becomes_every_other() {
    let workshop = with_ledger("");
    let chain = [
        "clinic.parquet",
        "a.arrow",
        "b.ndjson",
        "c.csv",
        "d.parquet",
    ];
    for pair in chain.windows(2) {
        let called = workshop.call(&format!("export {} {}", pair[0], pair[1]));
        assert_eq!((called.code, called.stderr.as_str()), (0, ""), "{pair:?}");
    }
    let hash = |name: &str| {
        let told = workshop.call(&format!("verify {name}")).stdout;
        told.lines()
            .find(|line| line.starts_with("  ledger"))
            .unwrap()
            .to_owned()
    };
    assert!(chain.iter().all(|name| hash(name) == hash(chain[0])));
    workshop.check(
        "export d.parquet e.csv",
        expect![[r#"
        exit 0
        e.csv: 803 rows, CSV
    "#]],
    );
}

#[test]
fn a_ledger_that_cannot_be_read_is_refused() {
    let workshop = with_ledger("");
    workshop.check(
        "verify nowhere.parquet",
        expect![[r#"
        exit 2
        error: `nowhere.parquet` cannot be opened: No such file or directory (os error 2)
         = help: name a ledger that `pluriverse run --ledger` or `export` wrote

    "#]],
    );
    workshop.check("verify clinic.toml", expect![[r#"
        exit 2
        error: `clinic.toml`: `.toml` is no format of ledgers; expected .parquet, .arrow, .ipc, .feather, .ndjson, .jsonl, .csv

    "#]]);
    workshop.check("export clinic.parquet clinic.xlsx", expect![[r#"
        exit 2
        error: `clinic.xlsx`: `.xlsx` is no format of ledgers; expected .parquet, .arrow, .ipc, .feather, .ndjson, .jsonl, .csv

    "#]]);
    workshop.check(
        "export clinic.parquet nowhere/clinic.csv",
        expect![[r#"
            exit 2
            error: export to nowhere/clinic.csv: there is no folder `nowhere`
             = help: make it first, or name another place

        "#]],
    );
    workshop.write("other.parquet", b"PAR1 and nothing more");
    assert_eq!(workshop.call("verify other.parquet").code, 1);
    workshop.write("other.ndjson", b"{ \"a\": 1 }\n");
    assert_eq!(workshop.call("verify other.ndjson").code, 2);
}

#[test]
fn a_changed_byte_is_found() {
    let workshop = with_ledger("");
    assert_eq!(workshop.call("export clinic.parquet clinic.ndjson").code, 0);
    let text = fs::read_to_string(workshop.path("clinic.ndjson")).unwrap();
    let (before, after) = text.split_at(text.len() / 2);
    let changed = format!("{before}{}", after.replacen("\"value\":", "\"value\":1", 1));
    workshop.write("clinic.ndjson", changed.as_bytes());
    let called = workshop.call("verify clinic.ndjson");
    assert_eq!(called.code, 1, "{}{}", called.stdout, called.stderr);
    assert!(
        called.stderr.contains("is not as it was written"),
        "{}",
        called.stderr
    );
}

/// Writes the ledger again with row 100 changed, or with other provenance; its own hash fits.
fn forge(
    workshop: &Workshop,
    change_row: impl Fn(&mut Row),
    change_provenance: impl Fn(&mut Provenance),
) {
    let mut stored = open(&workshop.path("clinic.parquet")).unwrap();
    let mut provenance = stored.provenance().clone();
    change_provenance(&mut provenance);
    let dictionary = stored.dictionary().clone();
    let plan = Plan::new(Format::Parquet, provenance);
    let mut writer = LedgerWriter::to_path(&workshop.path("forged.parquet"), plan).unwrap();
    let mut digest = LedgerDigest::default();
    let mut rows = 0;
    while let Some(chunk) = stored.next_chunk().unwrap() {
        let mut forged = Chunk::starting_at(chunk.first_row());
        for index in 0..chunk.len() {
            let mut row = chunk.row(index);
            if chunk.first_row() + index as u64 == 100 {
                change_row(&mut row);
            }
            forged.push(row);
            rows += 1;
        }
        digest.add(&forged);
        writer.write(&dictionary, &forged).unwrap();
    }
    let closing = pluriverse_kernel::ledger::Closing {
        rows,
        hash: digest.finish(&dictionary),
    };
    writer.finish(&closing).unwrap();
}

#[test]
fn the_first_row_that_differs_is_shown_in_both_versions() {
    let workshop = with_ledger("");
    forge(&workshop, |row| row.value += 1.0, |_| {});
    workshop.check("verify forged.parquet", expect![[r#"
        exit 1
        error: forged.parquet: a second run differs
          row 100 in the file:  1h7m23s32ms441us698ns  start  case 20  nurse#1  71.61228149  (after row 99)
          row 100 of the run:   1h7m23s32ms441us698ns  start  case 20  nurse#1  70.61228149  (after row 99)
         = help: the rows were changed and hashed again, or this is a defect of pluriverse: please report it

    "#]]);
    assert_eq!(workshop.call("verify forged.parquet --hash-only").code, 0);
}

#[test]
fn another_seed_another_end_and_another_engine_are_found() {
    let workshop = with_ledger("");
    forge(&workshop, |_| {}, |provenance| provenance.seed += 1);
    assert_eq!(workshop.call("verify forged.parquet").code, 1);
    forge(
        &workshop,
        |_| {},
        |provenance| provenance.overrides.push(("run.until".into(), "4h".into())),
    );
    workshop.check("verify forged.parquet", expect![[r#"
        exit 1
        error: forged.parquet: a second run differs
          row 403 in the file:  4h49s798ms366us695ns  end  case 78  nurse  609.144880275  (after row 390)
          row 403 of the run:   no such row
         = help: the rows were changed and hashed again, or this is a defect of pluriverse: please report it

    "#]]);
    forge(
        &workshop,
        |row| row.cause = 3,
        |provenance| provenance.engine = "9.9.9".into(),
    );
    workshop.check("verify forged.parquet", expect![[r#"
        exit 1
        error: forged.parquet: a second run differs
          row 100 in the file:  1h7m23s32ms441us698ns  start  case 20  nurse#1  70.61228149  (after row 3)
          row 100 of the run:   1h7m23s32ms441us698ns  start  case 20  nurse#1  70.61228149  (after row 99)
         = help: it was made by version 9.9.9: verify it with that one

    "#]]);
}

#[test]
fn files_that_a_scenario_refers_to_are_part_of_it() {
    let workshop = Workshop::new();
    workshop.write("arrivals.csv", b"at\n1\n2\n5\n");
    let text = crate::workshop::CLINIC.replace(
        "arrivals = { poisson = { rate = \"20/h\" } }",
        "arrivals = { trace = { file = \"arrivals.csv\", time = \"at\", time_unit = \"m\" } }",
    );
    workshop.write("traced.toml", text.as_bytes());
    let called = workshop.call("run traced.toml --replications 1 --ledger traced.parquet");
    assert_eq!((called.code, called.stderr.as_str()), (0, ""));
    assert_eq!(workshop.call("verify traced.parquet").code, 0);
    assert!(
        workshop
            .call("check traced.toml")
            .stdout
            .contains("  file          arrivals.csv, 9 bytes\n")
    );
    workshop.write("arrivals.csv", b"at\n1\n2\n6\n");
    workshop.check("verify traced.parquet", expect![[r#"
        exit 1
        error: `arrivals.csv` is not what it was when the ledger was made
         = expected 9 bytes with the blake3 cb4befdddaaacea543b001ccac1e2156eb5ad8efb7fa6855529ece3b1c8cd2bb
         = help: name the folder of the old files with --files

    "#]]);
    fs::remove_file(workshop.path("arrivals.csv")).unwrap();
    workshop.check(
        "verify traced.parquet",
        expect![[r#"
        exit 2
        error: the scenario cannot be run again: there is no file `./arrivals.csv`
         = help: name the folder of its files with --files

    "#]],
    );
    workshop.check(
        "check traced.toml",
        expect![[r#"
        exit 2
        error: there is no file `./arrivals.csv`
           ┌─ traced.toml:10:31
           │
        10 │ arrivals = { trace = { file = "arrivals.csv", time = "at", time_unit = "m" } }
           │                               ^^^^^^^^^^^^^^

    "#]],
    );
}
