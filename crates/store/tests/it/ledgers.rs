//! Ledgers to store, and ways through memory and back.

use std::sync::Arc;

use pluriverse_kernel::{
    ledger::{
        CHUNK_ROWS, Closing, Dictionary, EventKind, Label, Ledger, LedgerSink, NO_CAUSE, NONE,
        Noun, Row,
    },
    time::SimTime,
};
use pluriverse_store::{
    FileDigest, Format, LedgerWriter, MemoryFile, Plan, Provenance, StoreError, StoredLedger,
};

pub(crate) fn provenance() -> Provenance {
    Provenance {
        engine: "0.1.0".to_owned(),
        revision: "8a0e776".to_owned(),
        kind: "process".to_owned(),
        scenario_file: "desk, \"front\".toml".to_owned(),
        scenario_text: "kind = \"process\"\n# Grüße, 世界\n".to_owned(),
        overrides: vec![("desk.count".to_owned(), "3".to_owned())],
        files: vec![FileDigest::of("arrivals.csv", b"t\n1\n2\n")],
        seed: u64::MAX,
        replication: 4,
        until: Some(SimTime::from_secs(3600)),
        inputs: Vec::new(),
    }
}

pub(crate) fn dictionary() -> Dictionary {
    let info = |name: &str, subject, object, value: &str| EventKind {
        name: name.to_owned(),
        subject,
        object,
        value: value.to_owned(),
    };
    Dictionary {
        kinds: vec![
            info("arrive", Some(0), Some(1), "priority"),
            info("begin, \"now\"", Some(0), Some(1), "wait [s]"),
            info("tick", None, None, ""),
            info("lost\nline", Some(0), Some(7), ""),
        ],
        nouns: vec![
            Noun {
                name: "case".to_owned(),
                labels: Vec::new(),
            },
            Noun {
                name: "station".to_owned(),
                labels: vec![
                    Label {
                        first: 0,
                        count: 1,
                        name: "front desk".to_owned(),
                    },
                    Label {
                        first: 1,
                        count: 3,
                        name: "nurses".to_owned(),
                    },
                ],
            },
        ],
    }
}

/// A row like those of a run: time goes on, causes lie a little way back.
pub(crate) fn row(number: u64) -> Row {
    let small = u32::try_from(number % 1_000_000).unwrap();
    Row {
        time: SimTime::from_nanos(i64::try_from(number).unwrap() * 1_234_567),
        kind: [0, 1, 0, 3, 2][(number % 5) as usize],
        subject: if number % 5 == 4 { NONE } else { small / 3 },
        object: if number.is_multiple_of(7) {
            NONE
        } else {
            small % 6
        },
        value: if number.is_multiple_of(3) {
            0.0
        } else {
            number as f64 / 7.0
        },
        cause: if number.is_multiple_of(11) {
            NO_CAUSE
        } else {
            number.saturating_sub(3)
        },
    }
}

/// Stores `rows` through a ledger, as a run does, and returns what the ledger says of itself.
pub(crate) fn store(
    rows: impl IntoIterator<Item = Row>,
    writer: impl LedgerSink + 'static,
) -> Result<Closing, StoreError> {
    let mut ledger = Ledger::to_sink(Box::new(writer));
    ledger.begin(Arc::new(dictionary()));
    for row in rows {
        ledger.append(row);
    }
    ledger.finish()?;
    Ok(Closing {
        rows: ledger.rows(),
        hash: ledger.hash().unwrap(),
    })
}

pub(crate) fn to_memory(
    rows: impl IntoIterator<Item = Row>,
    format: Format,
) -> (MemoryFile, Closing) {
    let (writer, file) =
        LedgerWriter::to_memory(u64::MAX, Plan::new(format, provenance())).unwrap();
    let closing = store(rows, writer).unwrap();
    (file, closing)
}

pub(crate) fn open(file: &MemoryFile, format: Format) -> Result<StoredLedger, StoreError> {
    StoredLedger::from_bytes(format, file.bytes(), file.sidecar().as_deref())
}

/// All rows, with NaN as bits that compare.
pub(crate) fn read_all(stored: &mut StoredLedger) -> Result<Vec<(Row, u64)>, StoreError> {
    let mut rows = Vec::new();
    while let Some(chunk) = stored.next_chunk()? {
        assert_eq!(chunk.first_row() % CHUNK_ROWS as u64, 0);
        rows.extend((0..chunk.len()).map(|index| comparable(chunk.row(index))));
    }
    Ok(rows)
}

/// A row whose value compares by its bits, every NaN as one.
pub(crate) fn comparable(row: Row) -> (Row, u64) {
    let bits = if row.value.is_nan() {
        f64::NAN.to_bits()
    } else {
        row.value.to_bits()
    };
    (Row { value: 0.0, ..row }, bits)
}
