//! Memory stays bounded, however long the ledger.
#![cfg(target_os = "linux")]

use std::{path::PathBuf, process::Command};

use pluriverse_store::{Format, LedgerWriter, Plan, open};

use crate::ledgers::{provenance, row, store};

/// Tells this test, in a process of its own, to write and read here and say how much memory it took.
const TARGET: &str = "PLURIVERSE_TEST_MEASURE_AT";
/// A little over two row groups of Parquet.
const ROWS: u64 = 2_200_000;
/// The columns of these rows alone take 71 MiB.
const LIMIT_MIB: u64 = 64;

#[test]
fn of_writing_and_reading() {
    if let Some(path) = std::env::var_os(TARGET) {
        let path = PathBuf::from(path);
        let format = Format::of_path(&path).unwrap();
        let writer = LedgerWriter::to_path(&path, Plan::new(format, provenance())).unwrap();
        let closing = store((0..ROWS).map(row), writer).unwrap();
        assert_eq!(open(&path).unwrap().verify().unwrap(), closing.hash);
        let peak = peak_mib();
        assert!(peak < LIMIT_MIB, "{format}: {peak} MiB");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for format in [Format::Parquet, Format::ArrowIpc] {
        let path = folder
            .path()
            .join(format!("run.{}", format.extensions()[0]));
        let measured = Command::new(std::env::current_exe().unwrap())
            .args(["memory::of_writing_and_reading", "--exact", "--nocapture"])
            .env(TARGET, path)
            .output()
            .unwrap();
        assert!(
            measured.status.success(),
            "{}",
            String::from_utf8_lossy(&measured.stderr)
        );
    }
}

/// The most memory that this process has had.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1024
}
