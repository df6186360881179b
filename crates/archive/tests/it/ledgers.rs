//! Ledgers to store.

use std::sync::Arc;

use pluriverse_archive::{ArchivedLedger, Declaration};
use pluriverse_kernel::{
    ledger::{Chunk, Dictionary, EventKind, Label, Ledger, NO_CAUSE, NONE, Noun, Row},
    time::SimTime,
};
use pluriverse_store::{FileDigest, Format, LedgerWriter, Plan, Provenance, Seal, StoredLedger};

pub(crate) fn provenance() -> Provenance {
    Provenance {
        engine: "0.1.0".to_owned(),
        revision: "8a0e776".to_owned(),
        kind: "process".to_owned(),
        scenario_file: "scenarios/front desk.toml".to_owned(),
        scenario_text: "kind = \"process\"\n# Grüße, 世界; '); DROP TABLE runs; --\n".to_owned(),
        overrides: vec![("desk.count".to_owned(), "3".to_owned())],
        files: vec![FileDigest::of("arrivals.csv", b"t\n1\n2\n")],
        seed: u64::MAX,
        replication: 4,
        until: Some(SimTime::from_secs(3600)),
        inputs: Vec::new(),
    }
}

pub(crate) fn dictionary() -> Dictionary {
    let kind = |name: &str, subject, object, value: &str| EventKind {
        name: name.to_owned(),
        subject,
        object,
        value: value.to_owned(),
    };
    let label = |first, count, name: &str| Label {
        first,
        count,
        name: name.to_owned(),
    };
    Dictionary {
        kinds: vec![
            kind("arrive", Some(0), Some(1), "priority"),
            kind("begin, \"now\"", Some(0), Some(1), "wait [s]"),
            kind("tick", None, None, ""),
            kind("lost\nline", Some(0), Some(7), ""),
        ],
        nouns: vec![
            Noun {
                name: "case".to_owned(),
                labels: Vec::new(),
            },
            Noun {
                name: "desk".to_owned(),
                labels: vec![label(0, 1, "front"), label(1, 3, "nurses")],
            },
        ],
    }
}

/// A row like those of a run, with every sort of value.
pub(crate) fn row(number: u64) -> Row {
    let small = u32::try_from(number % 1_000_000).unwrap();
    let values = [
        0.0,
        -0.0,
        1.5,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        1e-310,
        -1e300,
        1e17 / 3.0,
    ];
    Row {
        time: SimTime::from_nanos(i64::try_from(number).unwrap() * 1_234_567 - 1_000_000_000),
        kind: [0, 1, 0, 3, 2][(number % 5) as usize],
        subject: match number % 5 {
            4 => NONE,
            3 => u32::MAX - 1,
            _ => small / 3,
        },
        object: if number.is_multiple_of(7) {
            NONE
        } else {
            small % 6
        },
        value: values[(number % 9) as usize],
        cause: if number.is_multiple_of(11) {
            NO_CAUSE
        } else {
            number.saturating_sub(3)
        },
    }
}

/// A ledger of these rows in a file of this format, and what it says of itself.
pub(crate) fn file_of(rows: impl IntoIterator<Item = Row>, format: Format) -> (Vec<u8>, Seal) {
    let (writer, file) =
        LedgerWriter::to_memory(u64::MAX, Plan::new(format, provenance())).unwrap();
    let mut ledger = Ledger::to_sink(Box::new(writer));
    ledger.begin(Arc::new(dictionary()));
    for row in rows {
        ledger.append(row);
    }
    ledger.finish().unwrap();
    let bytes = file.bytes();
    let seal = read(&bytes, format).seal().unwrap().clone();
    (bytes, seal)
}

/// A ledger of `rows` rows, ready to be read.
pub(crate) fn stored(rows: u64) -> StoredLedger {
    read(
        &file_of((0..rows).map(row), Format::ArrowIpc).0,
        Format::ArrowIpc,
    )
}

pub(crate) fn read(bytes: &[u8], format: Format) -> StoredLedger {
    StoredLedger::from_bytes(format, bytes.to_owned(), None).unwrap()
}

/// The declaration of a ledger, and its chunks.
pub(crate) fn pieces(rows: u64) -> (Declaration, Vec<Chunk>) {
    let mut stored = stored(rows);
    let declaration = Declaration {
        provenance: stored.provenance().clone(),
        dictionary: stored.dictionary().clone(),
        closing: stored.seal().unwrap().closing.clone(),
    };
    let mut chunks = Vec::new();
    while let Some(chunk) = stored.next_chunk().unwrap() {
        chunks.push(chunk.clone());
    }
    (declaration, chunks)
}

/// Compares a ledger with the first `rows` rows, to the bit.
pub(crate) fn assert_rows(ledger: &mut ArchivedLedger, rows: u64) {
    assert_eq!(ledger.provenance(), &provenance());
    assert_eq!(ledger.dictionary(), &dictionary());
    let mut next = 0;
    while let Some(chunk) = ledger.next_chunk().unwrap() {
        for index in 0..chunk.len() {
            assert_eq!(bits(chunk.row(index)), bits(row(next)), "row {next}");
            next += 1;
        }
    }
    assert_eq!(next, rows);
}

fn bits(row: Row) -> (Row, u64) {
    (Row { value: 0.0, ..row }, row.value.to_bits())
}
