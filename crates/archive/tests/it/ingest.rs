//! Whole ledgers, in and out.

use expect_test::expect;
use pluriverse_archive::{
    ArchiveError, ChunkHash, IngestOutcome, NewRun, RunId, Source, Status, chunk_bytes,
};
use pluriverse_kernel::{
    ledger::{NO_CAUSE, Row},
    time::SimTime,
};
use pluriverse_store::{Format, LedgerWriter, Plan, StoreError};

use crate::{
    databases::on_both,
    ledgers::{assert_rows, file_of, pieces, provenance, read, row, stored},
};

fn id(name: &str) -> RunId {
    name.parse().unwrap()
}

#[test]
fn every_row_comes_back_to_the_bit() {
    on_both(|database| {
        let archive = database.open();
        for rows in [0, 1, 4095, 4096, 4097, 10_000] {
            let run = id(&format!("run-{rows}"));
            let mut file = stored(rows);
            let hash = file.seal().unwrap().closing.hash;
            let ingested = archive.ingest(&run, Source::Browser, &mut file).unwrap();
            assert_eq!(
                (ingested.rows, ingested.hash, ingested.outcome),
                (rows, hash.to_string(), IngestOutcome::Stored)
            );
            assert_rows(&mut archive.ledger(&run).unwrap(), rows);
            let written = archive.run(&run).unwrap();
            let summary = &written.summary;
            assert_eq!(
                (
                    summary.status,
                    summary.source,
                    summary.seed,
                    summary.ledger_rows
                ),
                (Status::Complete, Source::Browser, u64::MAX, Some(rows))
            );
            assert_eq!(summary.scenario, "front desk");
            assert_eq!(summary.ledger_hash, Some(hash.to_string()));
            assert_eq!(written.scenario_text, provenance().scenario_text);
            assert_eq!(written.overrides, provenance().overrides);
        }
    });
}

#[test]
fn every_format_comes_in_and_goes_out() {
    on_both(|database| {
        let archive = database.open();
        for format in [Format::Parquet, Format::ArrowIpc, Format::Ndjson] {
            let (bytes, _) = file_of((0..5000).map(row), format);
            let run = id(format.extensions()[0]);
            archive
                .ingest(&run, Source::Cli, &mut read(&bytes, format))
                .unwrap();
            let plan = Plan::new(format, archive.ledger(&run).unwrap().provenance().clone());
            let (mut writer, file) = LedgerWriter::to_memory(u64::MAX, plan).unwrap();
            archive.ledger(&run).unwrap().copy_to(&mut writer).unwrap();
            assert!(file.bytes() == bytes, "{format}: the same file");
        }
    });
}

#[test]
fn the_same_ledger_again_changes_nothing_and_another_is_refused() {
    on_both(|database| {
        let archive = database.open();
        let run = id("a");
        archive
            .ingest(&run, Source::Cli, &mut stored(5000))
            .unwrap();
        let again = archive
            .ingest(&run, Source::Cli, &mut stored(5000))
            .unwrap();
        assert_eq!(again.outcome, IngestOutcome::AlreadyThere);
        assert_eq!(database.number(&table(database, "ledger_rows")), 5000);
        let other = archive
            .ingest(&run, Source::Cli, &mut stored(4999))
            .unwrap_err();
        assert!(matches!(other, ArchiveError::Conflict { .. }), "{other}");
        assert_rows(&mut archive.ledger(&run).unwrap(), 5000);
    });
}

/// A run of many replications has no ledger that is its own.
#[test]
fn a_ledger_joins_a_run_of_one_replication_only() {
    let (declaration, chunks) = pieces(100);
    on_both(|database| {
        let archive = database.open();
        let run = |name, replications| NewRun {
            status: Status::Running,
            replications,
            ..NewRun::of(id(name), Source::Server, &provenance())
        };
        archive.add_run(&run("one", 1)).unwrap();
        for expected in [IngestOutcome::Stored, IngestOutcome::AlreadyThere] {
            let ingested = archive.ingest(&id("one"), Source::Server, &mut stored(100));
            assert_eq!(ingested.unwrap().outcome, expected);
        }

        let many = id("many");
        archive.add_run(&run("many", 100)).unwrap();
        let whole = archive.ingest(&many, Source::Cli, &mut stored(100));
        archive
            .begin_upload(&many, Source::Browser, &declaration)
            .unwrap();
        let hash = ChunkHash(chunks[0].hash());
        archive
            .put_chunk(&many, 0, hash, &chunk_bytes(&chunks[0]))
            .unwrap();
        for refused in [whole, archive.commit_upload(&many)] {
            let refused = refused.unwrap_err();
            assert!(
                matches!(refused, ArchiveError::Conflict { .. }),
                "{refused}"
            );
        }
        assert_eq!(archive.run(&many).unwrap().summary.ledger_rows, None);
    });
}

/// A query for the number of rows of a table.
pub(crate) fn table(database: &crate::databases::Database, name: &str) -> String {
    let schema = if database.is_sqlite() {
        ""
    } else {
        "pluriverse."
    };
    format!("SELECT COUNT(*) FROM {schema}{name}")
}

/// Brings a ledger that must be refused, and returns why; nothing of it may be there afterwards.
fn refusal(rows: impl Iterator<Item = Row> + Clone) -> String {
    let answers = std::cell::RefCell::new(Vec::new());
    on_both(|database| {
        let archive = database.open();
        let (bytes, _) = file_of(rows.clone(), Format::ArrowIpc);
        let refused = archive.ingest(&id("a"), Source::Cli, &mut read(&bytes, Format::ArrowIpc));
        answers.borrow_mut().push(refused.unwrap_err().to_string());
        for name in ["runs", "ledgers", "ledger_rows", "chunks", "ledger_kinds"] {
            assert_eq!(database.number(&table(database, name)), 0, "{name}");
        }
    });
    let mut answers = answers.into_inner();
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers.remove(0)
}

#[test]
fn rows_that_no_world_has_are_refused() {
    let odd = |number: u64, odd: fn(Row) -> Row| {
        let rows = (0..9000).map(row).enumerate();
        rows.map(move |(index, row)| {
            if index as u64 == number {
                odd(row)
            } else {
                row
            }
        })
    };
    expect!["row 8999 is of kind 4, the ledger has 4"]
        .assert_eq(&refusal(odd(8999, |row| Row { kind: 4, ..row })));
    expect!["row 4096 is at 5 ns, the one before at 4055551865 ns"].assert_eq(&refusal(odd(
        4096,
        |row| Row {
            time: SimTime::from_nanos(5),
            ..row
        },
    )));
    expect!["row 7000 is caused by row 7000, which is not before it"]
        .assert_eq(&refusal(odd(7000, |row| Row { cause: 7000, ..row })));
    expect!["row 1 is caused by row 18446744073709551614, which is not before it"].assert_eq(
        &refusal(odd(1, |row| Row {
            cause: NO_CAUSE - 1,
            ..row
        })),
    );
}

#[test]
fn damaged_files_leave_nothing() {
    on_both(|database| {
        let archive = database.open();
        let run = id("a");
        let ingest = |bytes: Vec<u8>, format| {
            let mut file = match pluriverse_store::StoredLedger::from_bytes(format, bytes, None) {
                Ok(file) => file,
                Err(error) => return ArchiveError::from(error),
            };
            archive.ingest(&run, Source::Cli, &mut file).unwrap_err()
        };
        for format in [Format::Parquet, Format::ArrowIpc, Format::Ndjson] {
            let (bytes, _) = file_of((0..20_000).map(row), format);
            // Cut at the end: the seal is gone.
            let error = ingest(bytes[..bytes.len() - 40].to_vec(), format);
            assert!(
                matches!(error, ArchiveError::Ledger(_)),
                "{format}: {error}"
            );
            // A byte in the middle: a row is another.
            let mut other = bytes.clone();
            let middle = other.len() / 2;
            other[middle] ^= 1;
            let error = ingest(other, format);
            assert!(
                matches!(error, ArchiveError::Ledger(_) | ArchiveError::Row { .. }),
                "{format}: {error}"
            );
            let error = ingest(b"ARROW1\0\0nothing of the sort".to_vec(), format);
            assert!(
                matches!(error, ArchiveError::Ledger(_)),
                "{format}: {error}"
            );
        }
        for name in ["runs", "ledgers", "ledger_rows", "chunks"] {
            assert_eq!(database.number(&table(database, name)), 0, "{name}");
        }
        archive
            .ingest(&run, Source::Cli, &mut stored(20_000))
            .unwrap();
    });
}

#[test]
fn ledgers_without_an_end_are_refused() {
    on_both(|database| {
        let archive = database.open();
        let (bytes, _) = file_of((0..5000).map(row), Format::Ndjson);
        let last = bytes[..bytes.len() - 1]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .unwrap();
        let mut open = read(&bytes[..=last], Format::Ndjson);
        let error = archive
            .ingest(&id("a"), Source::Cli, &mut open)
            .unwrap_err();
        assert!(
            matches!(
                error,
                ArchiveError::Ledger(StoreError::Unfinished { rows: 5000, .. })
            ),
            "{error}"
        );
        let (mut writer, file) =
            LedgerWriter::to_memory(u64::MAX, Plan::new(Format::Ndjson, provenance())).unwrap();
        let mut whole = stored(5000);
        let chunk = whole.next_chunk().unwrap().unwrap();
        pluriverse_kernel::ledger::LedgerSink::write(
            &mut writer,
            &crate::ledgers::dictionary(),
            chunk,
        )
        .unwrap();
        writer.finish_cut("the disk is full").unwrap();
        let mut cut = read(&file.bytes(), Format::Ndjson);
        let error = archive.ingest(&id("a"), Source::Cli, &mut cut).unwrap_err();
        expect!["the ledger was cut after 4096 rows: the disk is full"]
            .assert_eq(&error.to_string());
        assert_eq!(database.number(&table(database, "runs")), 0);
    });
}
