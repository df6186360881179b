//! What is written is read back, to the bit, and with it what made it.

use pluriverse_kernel::{
    ledger::{CHUNK_ROWS, Closing, NO_CAUSE, NONE, Row},
    time::SimTime,
    world::{Input, PastInput},
};
use pluriverse_store::{Format, LedgerWriter, Plan, Provenance, Seal};
use proptest::prelude::*;

use crate::ledgers::{comparable, dictionary, open, provenance, read_all, row, store, to_memory};

fn check(rows: Vec<Row>, format: Format) {
    let (file, closing) = to_memory(rows.clone(), format);
    let mut stored = open(&file, format).unwrap();
    assert_eq!(stored.provenance(), &provenance());
    assert_eq!(stored.dictionary(), &dictionary());
    assert_eq!(
        stored.seal(),
        Some(&Seal {
            closing: closing.clone(),
            cut: None
        })
    );
    let expected: Vec<_> = rows.into_iter().map(comparable).collect();
    assert_eq!(read_all(&mut stored).unwrap(), expected);
    assert_eq!(stored.read_so_far(), closing);
}

#[test]
fn what_came_from_outside_is_told() {
    let inputs = vec![PastInput {
        at: SimTime::from_secs(7),
        after_events: 12,
        input: Input {
            kind: 2,
            subject: 5,
            object: NONE,
            value: 0.1 + 0.2,
            payload: Vec::new(),
        },
    }];
    for format in Format::ALL {
        let told = Provenance {
            inputs: inputs.clone(),
            ..provenance()
        };
        let plan = Plan::new(format, told);
        let (writer, file) = LedgerWriter::to_memory(u64::MAX, plan).unwrap();
        store([row(1)], writer).unwrap();
        assert_eq!(open(&file, format).unwrap().provenance().inputs, inputs);
    }
}

#[test]
fn lengths_around_chunks_and_pieces() {
    for format in Format::ALL {
        for rows in [
            0,
            1,
            CHUNK_ROWS - 1,
            CHUNK_ROWS,
            CHUNK_ROWS + 1,
            3 * CHUNK_ROWS + 17,
            17 * CHUNK_ROWS,
        ] {
            check((0..rows as u64).map(row).collect(), format);
        }
    }
}

#[test]
fn numbers_at_their_ends() {
    let rows: Vec<Row> = [
        i64::MIN,
        -1_000_000_001,
        -1,
        0,
        1,
        999_999_999,
        1_500_000_000,
        i64::MAX,
    ]
    .into_iter()
    .zip([
        0.0,
        -0.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MIN_POSITIVE / 3.0,
        f64::MAX,
        0.1,
    ])
    .zip([0, 1, NONE - 1, NONE, 5, 6, 7, 8])
    .zip([NO_CAUSE, NO_CAUSE - 1, 0, 1, 2, 3, 4, 1 << 53])
    .map(|(((nanos, value), number), cause)| Row {
        time: SimTime::from_nanos(nanos),
        kind: u16::try_from(number % 7).unwrap(),
        subject: number,
        object: NONE - number,
        value,
        cause,
    })
    .collect();
    for format in Format::ALL {
        check(rows.clone(), format);
    }
}

fn any_row() -> impl Strategy<Value = Row> {
    let value = prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        Just(f64::NAN),
        any::<f64>(),
        -1e3..1e3
    ];
    let number = || prop_oneof![Just(NONE), 0..9_u32, any::<u32>()];
    let cause = prop_oneof![Just(NO_CAUSE), 0..9_u64, any::<u64>()];
    let kind = prop_oneof![0..5_u16, any::<u16>()];
    (any::<i64>(), kind, number(), number(), value, cause).prop_map(
        |(nanos, kind, subject, object, value, cause)| Row {
            time: SimTime::from_nanos(nanos),
            kind,
            subject,
            object,
            value,
            cause,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_rows(rows in prop::collection::vec(any_row(), 0..200), format in prop::sample::select(&Format::ALL)) {
        check(rows, format);
    }
}

#[test]
fn files_are_the_same_each_time() {
    for format in Format::ALL {
        let [first, second] = [0, 1].map(|_| to_memory((0..5000).map(row), format).0);
        assert!(
            first.bytes() == second.bytes() && first.sidecar() == second.sidecar(),
            "{format}"
        );
    }
}

#[test]
fn files_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    for format in Format::ALL {
        for extension in format.extensions() {
            let path = folder.path().join(format!("a ledger.{extension}"));
            std::fs::write(&path, "an earlier file").unwrap();
            let mut sink = LedgerWriter::to_path(&path, Plan::new(format, provenance())).unwrap();
            sink = {
                assert_eq!(
                    std::fs::read_to_string(&path).unwrap(),
                    "an earlier file",
                    "untouched until the end"
                );
                sink
            };
            let closing = store((0..9000).map(row), sink).unwrap();
            let mut stored = pluriverse_store::open(&path).unwrap();
            assert_eq!(stored.format(), format);
            assert_eq!(stored.verify().unwrap(), closing.hash);
            assert_eq!(stored.read_so_far(), closing);
        }
    }
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "a ledger.arrow",
            "a ledger.csv",
            "a ledger.csv.json",
            "a ledger.feather",
            "a ledger.ipc",
            "a ledger.jsonl",
            "a ledger.ndjson",
            "a ledger.parquet"
        ]
    );
}

#[test]
fn a_closing_that_contradicts_the_rows_is_refused() {
    use pluriverse_kernel::ledger::{Chunk, LedgerHash, LedgerSink};
    let plan = Plan::new(Format::Ndjson, provenance());
    let (mut writer, file) = LedgerWriter::to_memory(u64::MAX, plan).unwrap();
    let mut chunk = Chunk::starting_at(0);
    chunk.push(row(0));
    writer.write(&dictionary(), &chunk).unwrap();
    let error = writer
        .finish(&Closing {
            rows: 2,
            hash: LedgerHash([0; 32]),
        })
        .unwrap_err();
    assert!(
        error.message.starts_with("2 rows with the hash 000"),
        "{error}"
    );
    let mut stored = open(&file, Format::Ndjson).unwrap();
    assert_eq!(read_all(&mut stored).unwrap(), [comparable(row(0))]);
    assert!(stored.seal().unwrap().cut.is_some());
}

#[test]
fn rows_after_a_gap_are_refused() {
    use pluriverse_kernel::ledger::{Chunk, LedgerSink};
    let plan = Plan::new(Format::Csv, provenance());
    let (mut writer, _) = LedgerWriter::to_memory(u64::MAX, plan).unwrap();
    let error = writer
        .write(&dictionary(), &Chunk::starting_at(CHUNK_ROWS as u64))
        .unwrap_err();
    assert!(
        error.message.starts_with("row 4096 comes after row 0"),
        "{error}"
    );
}
