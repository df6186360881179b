//! Damaged, cut and foreign files: an error that says where, never a panic, never rows that were not written.

use expect_test::{Expect, expect};
use pluriverse_store::{Format, StoreError, StoredLedger};

use crate::ledgers::{comparable, open, read_all, row, to_memory};

const ROWS: u64 = 23;

/// Reads a damaged file to its end; when nothing is wrong with it, it must say what the undamaged one says.
fn check(
    format: Format,
    bytes: Vec<u8>,
    sidecar: Option<&[u8]>,
    what: &str,
) -> Result<(), StoreError> {
    let mut stored = StoredLedger::from_bytes(format, bytes, sidecar)?;
    let rows = read_all(&mut stored)?;
    let (whole, closing) = to_memory((0..ROWS).map(row), format);
    let whole = open(&whole, format).unwrap();
    assert_eq!(stored.seal().unwrap().closing, closing, "{format}, {what}");
    assert_eq!(stored.provenance(), whole.provenance(), "{format}, {what}");
    assert_eq!(stored.dictionary(), whole.dictionary(), "{format}, {what}");
    assert_eq!(
        rows,
        (0..ROWS).map(row).map(comparable).collect::<Vec<_>>(),
        "{format}, {what}"
    );
    Ok(())
}

#[test]
fn cut_at_every_byte() {
    for format in Format::ALL {
        let (file, _) = to_memory((0..ROWS).map(row), format);
        let (bytes, sidecar) = (file.bytes(), file.sidecar());
        for length in 0..bytes.len() {
            let outcome = check(
                format,
                bytes[..length].to_vec(),
                sidecar.as_deref(),
                &format!("cut at {length}"),
            );
            // The last byte of a text is the end of a line that says all without it.
            let may_pass = format == Format::Ndjson && length + 1 == bytes.len();
            assert!(
                outcome.is_err() || may_pass,
                "{format}, cut at {length} of {}",
                bytes.len()
            );
        }
        for length in 0..sidecar.as_ref().map_or(0, Vec::len) {
            let cut = sidecar.as_ref().map(|sidecar| &sidecar[..length]);
            let outcome = check(
                format,
                bytes.clone(),
                cut,
                &format!("sidecar cut at {length}"),
            );
            assert!(
                outcome.is_err() || length + 1 == sidecar.as_ref().unwrap().len(),
                "sidecar cut at {length}"
            );
        }
    }
}

#[test]
fn a_bit_flipped_in_every_byte() {
    for format in Format::ALL {
        let (file, _) = to_memory((0..ROWS).map(row), format);
        let (bytes, sidecar) = (file.bytes(), file.sidecar());
        for place in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << (place % 8);
            // An error, or the same ledger: padding and the footer that only other readers use may differ.
            let _ = check(
                format,
                flipped,
                sidecar.as_deref(),
                &format!("bit flipped in byte {place}"),
            );
        }
        for place in 0..sidecar.as_ref().map_or(0, Vec::len) {
            let mut flipped = sidecar.clone().unwrap();
            flipped[place] ^= 1 << (place % 8);
            let _ = check(
                format,
                bytes.clone(),
                Some(&flipped),
                &format!("bit flipped in byte {place} of the sidecar"),
            );
        }
    }
}

#[test]
fn zeros_and_ones_over_every_word() {
    for format in Format::ALL {
        let (file, _) = to_memory((0..ROWS).map(row), format);
        let (bytes, sidecar) = (file.bytes(), file.sidecar());
        for place in 0..bytes.len() - 4 {
            for word in [[0; 4], [0xff; 4], [0xff, 0xff, 0xff, 0x7f]] {
                let mut damaged = bytes.clone();
                damaged[place..place + 4].copy_from_slice(&word);
                let _ = check(
                    format,
                    damaged,
                    sidecar.as_deref(),
                    &format!("{word:?} at {place}"),
                );
            }
        }
    }
}

/// What opening and reading these bytes in each format says.
fn answers(bytes: &[u8]) -> String {
    let mut answers = String::new();
    for format in Format::ALL {
        let sidecar = to_memory(std::iter::empty(), format).0.sidecar();
        let outcome = StoredLedger::from_bytes(format, bytes.to_vec(), sidecar.as_deref())
            .and_then(|mut stored| stored.verify());
        match outcome {
            Ok(hash) => answers += &format!("{format}: {hash}\n"),
            Err(error) => answers += &format!("{format}: {error}\n"),
        }
    }
    answers
}

fn check_answers(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&answers(bytes));
}

#[test]
fn an_empty_file() {
    check_answers(
        b"",
        expect![[r#"
        Parquet: `memory` is no Parquet ledger: it does not begin as a Parquet file
        Arrow IPC: `memory` is no Arrow IPC ledger: it does not begin as an Arrow IPC file
        NDJSON: `memory` is no NDJSON ledger: its first line is no ledger's header
        CSV: `memory` is no CSV ledger: its first line is not `seq,time_s,kind,kind_name,subject,subject_name,object,object_name,value,cause`
    "#]],
    );
}

#[test]
fn a_picture() {
    check_answers(
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89",
        expect![[r#"
            Parquet: `memory` is no Parquet ledger: it does not begin as a Parquet file
            Arrow IPC: `memory` is no Arrow IPC ledger: it does not begin as an Arrow IPC file
            NDJSON: `memory` is no NDJSON ledger: its first line is no ledger's header
            CSV: `memory` is no CSV ledger: its first line is not `seq,time_s,kind,kind_name,subject,subject_name,object,object_name,value,cause`
        "#]],
    );
}

#[test]
fn some_text() {
    check_answers(
        b"{\"name\": \"somebody else's\"}\n{}\n",
        expect![[r#"
        Parquet: `memory` is no Parquet ledger: it does not begin as a Parquet file
        Arrow IPC: `memory` is no Arrow IPC ledger: it does not begin as an Arrow IPC file
        NDJSON: `memory` is no NDJSON ledger: its first line is no ledger's header
        CSV: `memory` is no CSV ledger: its first line is not `seq,time_s,kind,kind_name,subject,subject_name,object,object_name,value,cause`
    "#]],
    );
}
