//! A process that is killed while it ingests.
#![cfg(unix)]

use std::{
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use pluriverse_archive::{Archive, Filter, Location, Options, Page, RunId, Source};
use pluriverse_store::{Format, open};

use crate::{
    databases::{Database, on_both},
    ingest::table,
    ledgers::{assert_rows, file_of, row},
};

/// Tell this test, in a process of its own, where to and what to ingest until it is killed.
const DATABASE: &str = "PLURIVERSE_TEST_DATABASE";
const LEDGER: &str = "PLURIVERSE_TEST_LEDGER";
const ROWS: u64 = 400_000;

fn run() -> RunId {
    "killed".parse().unwrap()
}

#[test]
fn leaves_nothing_and_a_second_try_completes() {
    if let Some(address) = std::env::var_os(DATABASE) {
        let location = Location::parse(address.to_str().unwrap()).unwrap();
        let archive = Archive::open(location, Options::default()).unwrap();
        let path = PathBuf::from(std::env::var_os(LEDGER).unwrap());
        archive
            .ingest(&run(), Source::Cli, &mut open(&path).unwrap())
            .unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.arrow");
    let (bytes, _) = file_of((0..ROWS).map(row), Format::ArrowIpc);
    std::fs::write(&path, bytes).unwrap();
    on_both(|database| {
        let archive = database.open();
        kill_while_ingesting(database, &path);
        wait_for_rollback(database);
        for name in ["runs", "ledgers", "ledger_rows", "chunks"] {
            assert_eq!(database.number(&table(database, name)), 0, "{name}");
        }
        assert_eq!(
            archive
                .runs(&Filter::default(), Page::default())
                .unwrap()
                .total,
            0
        );
        archive
            .ingest(&run(), Source::Cli, &mut open(&path).unwrap())
            .unwrap();
        assert_rows(&mut archive.ledger(&run()).unwrap(), ROWS);
    });
}

/// Runs this test as a process that ingests, and kills it with rows in the database that are not committed.
fn kill_while_ingesting(database: &Database, ledger: &Path) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "killed::leaves_nothing_and_a_second_try_completes",
            "--exact",
        ])
        .env(DATABASE, &database.address)
        .env(LEDGER, ledger)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_until(&mut child, || is_ingesting(database));
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(9), "it was done before it was killed");
}

fn wait_until(child: &mut Child, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert_eq!(
            child.try_wait().unwrap(),
            None,
            "it is done before it is killed"
        );
        assert!(Instant::now() < deadline, "a minute is enough to begin");
        std::thread::yield_now();
    }
}

/// Whether somebody is in a transaction that has put rows into the database.
fn is_ingesting(database: &Database) -> bool {
    if database.is_sqlite() {
        let log = std::fs::metadata(format!("{}-wal", database.address));
        return log.is_ok_and(|log| log.len() > 1 << 20) && is_locked(database);
    }
    database.number(
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()
         AND application_name = 'pluriverse' AND xact_start < now() - interval '100 ms'
         AND (query LIKE 'COPY%' OR query LIKE 'INSERT INTO chunks%')",
    ) > 0
}

fn is_locked(database: &Database) -> bool {
    let connection = rusqlite::Connection::open(&database.address).unwrap();
    connection.busy_timeout(Duration::ZERO).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").is_err()
}

/// PostgreSQL notices that its client is gone when it next reads from it.
fn wait_for_rollback(database: &Database) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let is_open = || {
        if database.is_sqlite() {
            return is_locked(database);
        }
        database.number(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()
             AND application_name = 'pluriverse' AND xact_start IS NOT NULL",
        ) > 0
    };
    while is_open() {
        assert!(Instant::now() < deadline, "a minute is enough to roll back");
        std::thread::yield_now();
    }
}
