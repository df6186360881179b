//! A process that is killed while it writes.
#![cfg(unix)]

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use pluriverse_kernel::ledger::CHUNK_ROWS;
use pluriverse_store::{Format, LedgerWriter, Plan, StoreError, open};

use crate::ledgers::{comparable, provenance, row, store};

/// Tells this test, in a process of its own, to write here until it is killed.
const TARGET: &str = "PLURIVERSE_TEST_WRITE_TO";

#[test]
fn leaves_whole_rows() {
    if let Some(path) = std::env::var_os(TARGET) {
        let path = PathBuf::from(path);
        let format = Format::of_path(&path).unwrap();
        let writer = LedgerWriter::to_path(&path, Plan::new(format, provenance())).unwrap();
        store((0..).map(row), writer).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    for format in Format::ALL {
        let path = folder
            .path()
            .join(format!("run.{}", format.extensions()[0]));
        let partial = PathBuf::from(format!("{}.partial", path.display()));
        kill_while_writing(&path, &partial);
        assert!(!path.exists());
        if format == Format::Parquet {
            let error = open(&partial).unwrap_err().to_string();
            assert!(error.contains("its writer was killed"), "{error}");
            continue;
        }
        let mut stored = open(&partial).unwrap();
        assert_eq!((stored.seal(), stored.provenance()), (None, &provenance()));
        let mut rows = 0;
        let error = loop {
            match stored.next_chunk() {
                Ok(Some(chunk)) => {
                    for index in 0..chunk.len() {
                        assert_eq!(comparable(chunk.row(index)), comparable(row(rows)));
                        rows += 1;
                    }
                }
                Ok(None) => panic!("{format}: it has no end"),
                Err(error) => break error,
            }
        };
        assert!(rows >= CHUNK_ROWS as u64, "{format}: {rows} rows");
        assert!(
            matches!(error, StoreError::Unfinished { rows: told, .. } if told == rows),
            "{error}"
        );
    }
}

/// Runs this test as a writer, and kills it once the file has grown.
fn kill_while_writing(path: &Path, partial: &Path) {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["killed::leaves_whole_rows", "--exact"])
        .env(TARGET, path)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let is_long = || std::fs::metadata(partial).is_ok_and(|file| file.len() > 3 << 20);
    while !is_long() && Instant::now() < deadline {
        assert_eq!(
            writer.try_wait().unwrap(),
            None,
            "it writes until it is killed"
        );
        std::thread::yield_now();
    }
    writer.kill().unwrap();
    writer.wait().unwrap();
    assert!(is_long(), "a minute is enough for three megabytes");
}
