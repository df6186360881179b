//! From format to format, nothing is lost.

use pluriverse_kernel::ledger::CHUNK_ROWS;
use pluriverse_store::{Format, LedgerWriter, Plan, StoreError, StoredLedger, convert};

use crate::ledgers::{dictionary, open, provenance, row, to_memory};

#[test]
fn a_chain_through_all_formats_keeps_the_hash() {
    let chain = [
        Format::Parquet,
        Format::Csv,
        Format::ArrowIpc,
        Format::Ndjson,
        Format::Parquet,
    ];
    for rows in [0, 1, 2 * CHUNK_ROWS as u64 + 5] {
        let (mut file, closing) = to_memory((0..rows).map(row), chain[0]);
        for (from, to) in chain.iter().zip(&chain[1..]) {
            let mut stored = open(&file, *from).unwrap();
            let plan = Plan::new(*to, stored.provenance().clone());
            let (writer, next) = LedgerWriter::to_memory(u64::MAX, plan).unwrap();
            let seal = convert(&mut stored, writer).unwrap();
            assert_eq!((seal.closing, seal.cut), (closing.clone(), None));
            file = next;
        }
        let mut last = open(&file, Format::Parquet).unwrap();
        assert_eq!(last.verify().unwrap(), closing.hash);
        assert_eq!(
            (last.provenance(), last.dictionary()),
            (&provenance(), &dictionary())
        );
        assert_eq!(
            file.bytes(),
            to_memory((0..rows).map(row), chain[0]).0.bytes(),
            "to the byte"
        );
    }
}

#[test]
fn what_was_never_finished_is_saved_as_cut() {
    let (file, _) = to_memory((0..100).map(row), Format::Ndjson);
    let mut bytes = file.bytes();
    bytes.truncate(bytes.len() * 2 / 3);
    let mut stored = StoredLedger::from_bytes(Format::Ndjson, bytes, None).unwrap();
    let (writer, saved) =
        LedgerWriter::to_memory(u64::MAX, Plan::new(Format::Csv, provenance())).unwrap();
    let seal = convert(&mut stored, writer).unwrap();
    assert_eq!(seal.cut.as_deref(), Some("its writer did not finish"));
    assert!(seal.closing.rows > 40);
    let mut saved = open(&saved, Format::Csv).unwrap();
    saved.verify().unwrap();
    assert_eq!(saved.seal(), Some(&seal));
}

#[test]
fn damaged_rows_are_not_passed_on() {
    let (file, _) = to_memory((0..20).map(row), Format::Csv);
    let text = String::from_utf8(file.bytes())
        .unwrap()
        .replacen("case 3", "case 4", 1);
    let mut stored =
        StoredLedger::from_bytes(Format::Csv, text.into(), file.sidecar().as_deref()).unwrap();
    let (writer, copy) =
        LedgerWriter::to_memory(u64::MAX, Plan::new(Format::Parquet, provenance())).unwrap();
    let error = convert(&mut stored, writer).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    let copy = open(&copy, Format::Parquet).unwrap();
    assert_eq!(copy.seal().unwrap().closing.rows, 0);
    assert!(copy.seal().unwrap().cut.is_some());
}
