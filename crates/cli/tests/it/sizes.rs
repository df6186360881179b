//! Files and numbers that are too large: answered at once and in words, whatever their size.

use std::fs::File;

use expect_test::expect;

use crate::workshop::Workshop;

impl Workshop {
    /// A file that seems to be so long and takes no room.
    fn sparse(&self, name: &str, bytes: u64) {
        File::create(self.path(name))
            .unwrap()
            .set_len(bytes)
            .unwrap();
    }
}

#[test]
fn scenarios_that_are_too_large() {
    let workshop = Workshop::new();
    workshop.sparse("huge.toml", (64 << 20) + 1);
    workshop.check(
        "run huge.toml",
        expect![[r#"
        exit 2
        error: `huge.toml` has more than 64 MiB
         = expected a scenario file
         = help: recorded data belongs into files that a scenario refers to

    "#]],
    );
    workshop.check(
        "check clinic.toml --set stations.nurse.agents=100000000000",
        expect![[r#"
            exit 2
            error: --set stations.nurse.agents: `stations.nurse.agents` = 100000000000 is too large
             = expected a whole number from 0 to 1,000,000

        "#]],
    );
    workshop.sparse("huge.csv", (4 << 30) + 1);
    workshop.write(
        "trace.toml",
        b"kind = \"process\"\n[sources.s.arrivals.trace]\nfile = \"huge.csv\"\ntime = \"t\"\n\
          [stations.desk]\nagents = 1\nservice = \"1m\"\n",
    );
    workshop.check(
        "check trace.toml",
        expect![[r#"
        exit 2
        error: `./huge.csv` has more than 4 GiB
          ┌─ trace.toml:3:8
          │
        3 │ file = "huge.csv"
          │        ^^^^^^^^^^

    "#]],
    );
}

#[test]
fn worlds_that_are_too_large() {
    let workshop = Workshop::new();
    let desks = (1..=9).map(|desk| {
        let to = if desk < 9 {
            format!("desk{}", desk + 1)
        } else {
            "exit".to_owned()
        };
        format!("[stations.desk{desk}]\nagents = 1_000_000\nservice = \"1m\"\nto = \"{to}\"\n")
    });
    let source = "[sources.s]\narrivals = { poisson = { rate = \"1/h\" } }\nto = \"desk1\"\n";
    let text = format!(
        "kind = \"process\"\nrun.until = \"8h\"\n{source}{}",
        desks.collect::<String>()
    );
    workshop.write("city.toml", text.as_bytes());
    workshop.check(
        "check city.toml",
        expect![[r#"
        exit 2
        error: city.toml: 9000000 agents make a world of 2.3 GB
         = expected at most 2 GB
         = help: where nobody ever waits, write `agents = "unlimited"`

    "#]],
    );
    workshop.check(
        "check clinic.toml --set run.until=1000d --set run.period=1s",
        expect![[r#"
            exit 2
            error: --set run.period: `run.period` cuts the run into more than 10000 periods
             = expected more than 2h24m

        "#]],
    );
}

#[test]
fn numbers_of_replications_that_are_too_large() {
    let workshop = Workshop::new();
    workshop.check(
        "run clinic.toml --replications 99999999999999999999",
        expect![[r#"
            exit 2
            error: invalid value '99999999999999999999' for '--replications <COUNT>': expected a whole number from 1 to 1,000,000,000

            For more information, try '--help'.
        "#]],
    );
    workshop.check("run clinic.toml --replications 1000000001", expect![[r#"
        exit 2
        error: invalid value '1000000001' for '--replications <COUNT>': expected a whole number from 1 to 1,000,000,000

        For more information, try '--help'.
    "#]]);
    workshop.check(
        "run clinic.toml --set run.replications=1000000001",
        expect![[r#"
            exit 2
            error: --set run.replications: `run.replications` = 1000000001 is too large
             = expected a whole number from 1 to 1,000,000,000

        "#]],
    );
    workshop.check(
        "run clinic.toml --threads 1025",
        expect![[r#"
        exit 2
        error: invalid value '1025' for '--threads <COUNT>': expected a whole number from 1 to 1024

        For more information, try '--help'.
    "#]],
    );
    workshop.check("run clinic.toml --until 300000d", expect![[r#"
        exit 2
        error: invalid value '300000d' for '--until <DURATION>': `300000d` does not fit (whole nanoseconds, at most 292 years); write 90s, 1h30m or 30d

        For more information, try '--help'.
    "#]]);
}

#[test]
fn snapshots_that_are_too_large() {
    let workshop = Workshop::new();
    workshop.sparse("huge.snap", (16 << 30) + 1);
    workshop.check(
        "run clinic.toml --from huge.snap",
        expect![[r#"
        exit 2
        error: --from: `huge.snap` has more than 16 GiB
         = help: name a file that --snapshot wrote

    "#]],
    );
}

#[test]
fn ledgers_that_are_too_large() {
    let workshop = Workshop::new();
    let formats = ["parquet", "arrow", "ndjson"];
    for format in formats {
        workshop.sparse(&format!("huge.{format}"), 1 << 40);
    }
    workshop.check(
        "verify huge.parquet",
        expect![[r#"
        exit 2
        error: `huge.parquet` is no Parquet ledger: it does not begin as a Parquet file
         = help: name a ledger that `pluriverse run --ledger` or `export` wrote

    "#]],
    );
    workshop.check(
        "verify huge.arrow",
        expect![[r#"
        exit 2
        error: `huge.arrow` is no Arrow IPC ledger: it does not begin as an Arrow IPC file
         = help: name a ledger that `pluriverse run --ledger` or `export` wrote

    "#]],
    );
    workshop.check(
        "verify huge.ndjson",
        expect![[r#"
        exit 2
        error: `huge.ndjson` is no NDJSON ledger: its first line is no ledger's header
         = help: name a ledger that `pluriverse run --ledger` or `export` wrote

    "#]],
    );

    // A sound beginning, and then a row without an end.
    let called = workshop.call("run clinic.toml --replications 1 --ledger l.ndjson");
    assert_eq!(called.code, 0, "{}", called.stderr);
    let mut ledger = std::fs::read(workshop.path("l.ndjson")).unwrap();
    let header_end = ledger.iter().position(|byte| *byte == b'\n').unwrap();
    ledger.truncate(header_end + 1);
    ledger.resize(header_end + 1 + (17 << 20), b'x');
    workshop.write("l.ndjson", &ledger);
    workshop.check(
        "verify l.ndjson",
        expect![[r#"
        exit 1
        error: l.ndjson:2:1: expected a line of less than 16777216 bytes, got a longer one
         = help: the file is damaged or was changed: fetch it again, or run its scenario again

    "#]],
    );
}
