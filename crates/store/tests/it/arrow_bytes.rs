//! Arrow without files or threads: the same bytes that a file has.

use pluriverse_kernel::ledger::CHUNK_ROWS;
use pluriverse_store::{ArrowBytes, ArrowSink, Format, StoredLedger};

use crate::ledgers::{provenance, read_all, row, store, to_memory};

fn store_rows(rows: u64, cut: Option<String>) -> ArrowBytes {
    let (sink, bytes) = ArrowSink::new(provenance(), cut);
    store((0..rows).map(row), sink).unwrap();
    bytes
}

#[test]
fn the_bytes_are_those_of_a_file() {
    for rows in [0, 1, CHUNK_ROWS, 16 * CHUNK_ROWS, 37 * CHUNK_ROWS + 5] {
        let rows = rows as u64;
        let (file, _) = to_memory((0..rows).map(row), Format::ArrowIpc);
        assert_eq!(store_rows(rows, None).take(), file.bytes());
    }
}

#[test]
fn bytes_can_be_taken_as_they_come() {
    let (sink, bytes) = ArrowSink::new(provenance(), None);
    let rows = 40 * CHUNK_ROWS as u64;
    let mut taken = Vec::new();
    let watched = (0..rows).map(|number| {
        taken.push(bytes.take());
        row(number)
    });
    store(watched, sink).unwrap();
    taken.push(bytes.take());
    assert!(taken.iter().filter(|piece| !piece.is_empty()).count() >= 3);
    assert_eq!(taken.concat(), store_rows(rows, None).take());
}

#[test]
fn a_ledger_that_is_cut_says_why() {
    let bytes = store_rows(10, Some("taken at 1h".to_owned())).take();
    let mut stored = StoredLedger::from_bytes(Format::ArrowIpc, bytes, None).unwrap();
    assert_eq!(read_all(&mut stored).unwrap().len(), 10);
    let seal = stored.seal().unwrap();
    assert_eq!(seal.cut.as_deref(), Some("taken at 1h"));
}

#[test]
fn rows_that_do_not_go_on_are_refused() {
    use pluriverse_kernel::ledger::{Chunk, Dictionary, LedgerSink as _};
    let (mut sink, _) = ArrowSink::new(provenance(), None);
    let refusal = sink.write(&Dictionary::default(), &Chunk::starting_at(4096));
    assert!(
        refusal
            .unwrap_err()
            .message
            .starts_with("row 4096 comes after row 0")
    );
}
