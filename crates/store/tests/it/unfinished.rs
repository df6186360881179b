//! Writers that do not come to their end.

use pluriverse_kernel::ledger::{CHUNK_ROWS, Chunk, Ledger, LedgerSink};
use pluriverse_store::{Format, LedgerWriter, Plan, StoreError, StoredLedger};

use crate::ledgers::{comparable, dictionary, provenance, read_all, row, to_memory};

#[test]
fn a_dropped_ledger_is_closed_beside_its_place() {
    let folder = tempfile::tempdir().unwrap();
    for format in Format::ALL {
        let path = folder
            .path()
            .join(format!("run.{}", format.extensions()[0]));
        let mut ledger = Ledger::to_sink(Box::new(
            LedgerWriter::to_path(&path, Plan::new(format, provenance())).unwrap(),
        ));
        ledger.begin(std::sync::Arc::new(dictionary()));
        for number in 0..2 * CHUNK_ROWS as u64 + 7 {
            ledger.append(row(number));
        }
        drop(ledger);
        assert!(!path.exists());
        let partial = folder
            .path()
            .join(format!("run.{}.partial", format.extensions()[0]));
        let mut stored = pluriverse_store::open(&partial).unwrap();
        assert_eq!(
            read_all(&mut stored).unwrap().len(),
            2 * CHUNK_ROWS,
            "what had been handed over"
        );
        assert_eq!(
            stored.seal().unwrap().cut.as_deref(),
            Some("the run did not close its ledger")
        );
    }
}

#[test]
fn a_ledger_that_never_began_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.csv");
    drop(LedgerWriter::to_path(&path, Plan::new(Format::Csv, provenance())).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_dictionary_that_names_cannot_be_looked_up_in_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.arrow");
    let mut writer =
        LedgerWriter::to_path(&path, Plan::new(Format::ArrowIpc, provenance())).unwrap();
    let mut dictionary = dictionary();
    dictionary.nouns[1].labels.reverse();
    let mut chunk = Chunk::starting_at(0);
    chunk.push(row(0));
    let written = writer.write(&dictionary, &chunk);
    let error = written.and_then(|()| writer.finish_cut("")).unwrap_err();
    assert_eq!(
        error.message,
        "the labels of the noun `station` are not in ascending order; nothing was written"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// The whole rows in front of a cut, as a killed writer leaves it.
#[test]
fn what_a_killed_writer_leaves() {
    let rows = 20 * CHUNK_ROWS as u64;
    for format in Format::ALL {
        let (file, _) = to_memory((0..rows).map(row), format);
        let mut bytes = file.bytes();
        bytes.truncate(bytes.len() * 9 / 10);
        let sidecar = file.sidecar().map(|text| {
            let text = String::from_utf8(text).unwrap();
            let (front, _) = text.split_once("\"closing\":").unwrap();
            format!("{front}\"closing\": null}}").into_bytes()
        });
        let opened = StoredLedger::from_bytes(format, bytes, sidecar.as_deref());
        if format == Format::Parquet {
            assert!(
                opened
                    .unwrap_err()
                    .to_string()
                    .contains("its writer was killed")
            );
            continue;
        }
        let mut stored = opened.unwrap();
        assert_eq!(stored.seal(), None);
        let mut read = Vec::new();
        let error = loop {
            match stored.next_chunk() {
                Ok(Some(chunk)) => {
                    read.extend((0..chunk.len()).map(|index| comparable(chunk.row(index))))
                }
                Ok(None) => panic!("{format}: it has no end"),
                Err(error) => break error,
            }
        };
        assert!(
            matches!(error, StoreError::Unfinished { rows, .. } if rows == read.len() as u64),
            "{error}"
        );
        assert!(
            read.len() as u64 >= rows * 3 / 4,
            "{format}: {} rows",
            read.len()
        );
        assert_eq!(
            read,
            (0..read.len() as u64)
                .map(row)
                .map(comparable)
                .collect::<Vec<_>>()
        );
    }
}
