//! A disk that is full at some byte: what was stored before is closed, readable, and said to be so.

use pluriverse_kernel::ledger::CHUNK_ROWS;
use pluriverse_store::{Format, LedgerWriter, Plan};

use crate::ledgers::{comparable, open, provenance, read_all, row, store, to_memory};

/// Fills memory of `limit_bytes`; returns how many rows the error says are safe, `None` when all fitted.
fn fill(format: Format, limit_bytes: u64, rows: u64) -> Option<u64> {
    let plan = Plan {
        piece_chunks: 1,
        ..Plan::new(format, provenance())
    };
    let (writer, file) = LedgerWriter::to_memory(limit_bytes, plan).unwrap();
    let outcome = store((0..rows).map(row), writer);
    let what = format!("{format} within {limit_bytes} bytes");
    let Err(error) = outcome else {
        assert_eq!(
            open(&file, format).unwrap().verify().unwrap(),
            outcome.unwrap().hash,
            "{what}"
        );
        return None;
    };
    let message = error.to_string();
    let Some((_, told)) = message.split_once("the first ") else {
        assert!(
            message.ends_with("nothing was written"),
            "{what}: {message}"
        );
        assert!(
            file.bytes().is_empty() && file.sidecar().is_none(),
            "{what}"
        );
        return Some(0);
    };
    let safe: u64 = told.split_once(' ').unwrap().0.parse().unwrap();
    let mut stored = open(&file, format).unwrap_or_else(|error| panic!("{what}: {error}"));
    let expected: Vec<_> = (0..safe).map(row).map(comparable).collect();
    assert_eq!(read_all(&mut stored).unwrap(), expected, "{what}");
    let seal = stored.seal().unwrap();
    assert_eq!(seal.closing.rows, safe, "{what}");
    assert_eq!(
        seal.cut.as_deref(),
        Some("the limit of the ledger in memory is reached"),
        "{what}"
    );
    Some(safe)
}

#[test]
fn memory_that_ends_at_any_byte() {
    let rows = 3 * CHUNK_ROWS as u64 + 100;
    for format in Format::ALL {
        let whole = to_memory((0..rows).map(row), format).0.bytes().len() as u64;
        let step = whole / 61 + 1;
        let mut safe: Vec<u64> = (0..)
            .map(|turn| fill(format, turn * step, rows))
            .take_while(Option::is_some)
            .flatten()
            .collect();
        safe.dedup();
        let expected: Vec<u64> = (0..=3).map(|chunk| chunk * CHUNK_ROWS as u64).collect();
        assert!(
            safe.starts_with(&expected[..3]),
            "{format}: each piece is saved in its turn: {safe:?}"
        );
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{fs, path::Path, process::Command};

    use pluriverse_kernel::ledger::Row;
    use pluriverse_store::StoredLedger;

    use super::{CHUNK_ROWS, Format, LedgerWriter, Plan, provenance, row, store};
    use crate::ledgers::read_all;

    /// A small file system, unmounted at the end.
    struct SmallDisk(tempfile::TempDir);

    impl SmallDisk {
        fn mount(options: &str) -> Option<Self> {
            let folder = tempfile::tempdir().unwrap();
            let mounted = Command::new("mount")
                .args(["-t", "tmpfs", "-o", options, "none"])
                .arg(folder.path())
                .output()
                .is_ok_and(|output| output.status.success());
            mounted.then_some(Self(folder))
        }

        fn path(&self) -> &Path {
            self.0.path()
        }
    }

    impl Drop for SmallDisk {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg(self.0.path()).status();
        }
    }

    /// A row that does not compress.
    fn noisy_row(number: u64) -> Row {
        let value = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11) as f64;
        Row {
            value,
            ..row(number)
        }
    }

    #[test]
    fn a_full_file_system() {
        let Some(disk) = SmallDisk::mount("size=1m") else {
            eprintln!("skipped: mounting a small file system takes root");
            return;
        };
        for format in Format::ALL {
            let path = disk.path().join(format!("run.{}", format.extensions()[0]));
            fs::write(&path, "an earlier ledger").unwrap();
            let plan = Plan {
                piece_chunks: 2,
                ..Plan::new(format, provenance())
            };
            let writer = LedgerWriter::to_path(&path, plan).unwrap();
            let error = store((0..200_000).map(noisy_row), writer)
                .unwrap_err()
                .to_string();
            assert!(error.contains("No space left on device"), "{error}");
            let partial = format!("{}.partial", path.display());
            let safe = error.split_once("the first ").unwrap().1;
            let (safe, rest) = safe.split_once(' ').unwrap();
            assert_eq!(rest, format!("rows are safe in `{partial}`"));
            let safe: u64 = safe.parse().unwrap();
            assert!(safe >= CHUNK_ROWS as u64, "{error}");
            let mut stored = pluriverse_store::open(Path::new(&partial)).unwrap();
            assert_eq!(read_all(&mut stored).unwrap().len() as u64, safe);
            assert_eq!(fs::read_to_string(&path).unwrap(), "an earlier ledger");
            for entry in fs::read_dir(disk.path()).unwrap() {
                fs::remove_file(entry.unwrap().path()).unwrap();
            }
        }
    }

    #[test]
    fn a_device_that_takes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.ndjson");
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let writer = LedgerWriter::to_path(&path, Plan::new(Format::Ndjson, provenance())).unwrap();
        let error = store((0..10).map(row), writer).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the ledger cannot be written to `/dev/full`: No space left on device (os error 28); \
             nothing was written"
        );
    }

    #[test]
    fn a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.ndjson");
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        let reader = std::thread::spawn({
            let path = path.clone();
            move || fs::read(path).unwrap()
        });
        let to_pipe = {
            let path = path.clone();
            move || LedgerWriter::to_path(&path, Plan::new(Format::Ndjson, provenance())).unwrap()
        };
        let closing = store((0..10_000).map(row), to_pipe()).unwrap();
        let bytes = reader.join().unwrap();
        let mut stored = StoredLedger::from_bytes(Format::Ndjson, bytes, None).unwrap();
        assert_eq!(stored.verify().unwrap(), closing.hash);

        let reader = std::thread::spawn(move || fs::read(path).unwrap());
        let mut writer = to_pipe();
        writer.finish_cut("enough").unwrap();
        let bytes = reader.join().unwrap();
        let stored = StoredLedger::from_bytes(Format::Ndjson, bytes, None).unwrap();
        assert_eq!(stored.seal().unwrap().cut.as_deref(), Some("enough"));
    }
}
