//! What users read when a file is not what it should be.

use std::{path::Path, sync::Arc};

use arrow_array::{Int64Array, RecordBatch};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, Schema};
use expect_test::{Expect, expect};
use parquet::{arrow::ArrowWriter, file::metadata::KeyValue};
use pluriverse_store::{Format, StoreError, StoredLedger, open};

use crate::ledgers::{row, to_memory};

/// What opening the bytes and reading them to the end says.
fn answer(format: Format, bytes: impl Into<Vec<u8>>, sidecar: Option<&[u8]>) -> String {
    let outcome = StoredLedger::from_bytes(format, bytes.into(), sidecar)
        .and_then(|mut stored| stored.verify());
    match outcome {
        Ok(hash) => format!("{hash}\n"),
        Err(error) => format!("{error}\n"),
    }
}

fn check_all(bytes: &[u8], expected: Expect) {
    let sidecar = to_memory(std::iter::empty(), Format::Csv).0.sidecar();
    let answers = Format::ALL.map(|format| answer(format, bytes, sidecar.as_deref()));
    expected.assert_eq(&answers.concat());
}

/// The answer to a text ledger in which `old` became `new`.
fn check_edited(format: Format, old: &str, new: &str, expected: Expect) {
    let (file, _) = to_memory((0..8).map(row), format);
    let text = String::from_utf8(file.bytes()).unwrap();
    assert!(text.contains(old), "{old}");
    let edited = text.replacen(old, new, 1);
    expected.assert_eq(&answer(format, edited, file.sidecar().as_deref()));
}

#[test]
fn an_empty_file() {
    check_all(
        b"",
        expect![[r#"
        `memory` is no Parquet ledger: it does not begin as a Parquet file
        `memory` is no Arrow IPC ledger: it does not begin as an Arrow IPC file
        `memory` is no NDJSON ledger: its first line is no ledger's header
        `memory` is no CSV ledger: its first line is not `seq,time_s,kind,kind_name,subject,subject_name,object,object_name,value,cause`
    "#]],
    );
}

#[test]
fn a_picture() {
    check_all(
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89",
        expect![[r#"
            `memory` is no Parquet ledger: it does not begin as a Parquet file
            `memory` is no Arrow IPC ledger: it does not begin as an Arrow IPC file
            `memory` is no NDJSON ledger: its first line is no ledger's header
            `memory` is no CSV ledger: its first line is not `seq,time_s,kind,kind_name,subject,subject_name,object,object_name,value,cause`
        "#]],
    );
}

#[test]
fn json_of_another_kind() {
    check_all(
        b"{\"name\": \"somebody else's\"}\n{}\n",
        expect![[r#"
        `memory` is no Parquet ledger: it does not begin as a Parquet file
        `memory` is no Arrow IPC ledger: it does not begin as an Arrow IPC file
        `memory` is no NDJSON ledger: its first line is no ledger's header
        `memory` is no CSV ledger: its first line is not `seq,time_s,kind,kind_name,subject,subject_name,object,object_name,value,cause`
    "#]],
    );
}

#[test]
fn a_name_that_tells_no_format() {
    let answer = |name: &str| match Format::of_path(Path::new(name)) {
        Ok(format) => format!("{name}: {format}\n"),
        Err(error) => format!("{error}\n"),
    };
    let names = [
        "run",
        "run.txt",
        "Run.PARQUET",
        "a/b.csv.partial",
        "x.feather",
        ".csv",
        ".partial",
    ];
    expect![[r#"
        `run`: a ledger's name needs an extension; expected .parquet, .arrow, .ipc, .feather, .ndjson, .jsonl, .csv
        `run.txt`: `.txt` is no format of ledgers; expected .parquet, .arrow, .ipc, .feather, .ndjson, .jsonl, .csv
        Run.PARQUET: Parquet
        a/b.csv.partial: CSV
        x.feather: Arrow IPC
        .csv: CSV
        `.partial`: a ledger's name needs an extension; expected .parquet, .arrow, .ipc, .feather, .ndjson, .jsonl, .csv
    "#]].assert_eq(&names.map(answer).concat());
}

#[test]
fn edited_ndjson() {
    let check = |old, new, expected| check_edited(Format::Ndjson, old, new, expected);
    check(
        "\"time\":1234567,",
        "\"time\":1234568,",
        expect![[r#"
        `memory` is not as it was written: its rows have the hash 488895e738b51285353185ee6b58b7ac345e7f4e22c43d4c736be1215c0f0cea, it says d6dfc3600e3dbdc7a48ee8e30077c86d2eae1d6ecc5d706936d07ed0ce9f1a9d
    "#]],
    );
    check(
        "\"time\":1234567,",
        "\"time\":\"soon\",",
        expect![[r#"
            memory:3:22: expected a row, got none: invalid type: string "soon", expected i64
        "#]],
    );
    check(
        "\"kind\":1,",
        "\"kind\":70000,",
        expect![[r#"
            memory:3:36: expected a row, got none: invalid value: integer `70000`, expected u16
        "#]],
    );
    check(
        "\"seq\":2,",
        "\"seq\":3,",
        expect![[r#"
            memory:4:1: expected row 2, got row 3
        "#]],
    );
    check(
        "case 1",
        "case 2",
        expect![[r#"
            memory:5:71: expected subject_name `case 1`, got `case 2`
        "#]],
    );
    check(
        "\"cause\":null",
        "\"because\":null",
        expect![[r#"
            memory:2:138: expected a row, got none: unknown field `because`, expected one of `seq`, `time`, `kind`, `kind_name`, `subject`, `subject_name`, `object`, `object_name`, `value`, `cause`
        "#]],
    );
    check(
        "\"value\":1.0",
        "\"value\":\"one\"",
        expect![[r#"
            memory:9:136: expected a row, got none: invalid value: string "one", expected a number, null, "inf" or "-inf"
        "#]],
    );
}

#[test]
fn edited_ends_of_ndjson() {
    let check = |old, new, expected| check_edited(Format::Ndjson, old, new, expected);
    check(
        "\"seed\":18446744073709551615",
        "\"seed\":7",
        expect![[r#"
        `memory`, closing: expected a header with the checksum b53be67e63a403ec13aa1f89cbdc5d8d4f6a24362f23dc902d5a8806266b7633, got another
    "#]],
    );
    check(
        "\"pluriverse_ledger\":1",
        "\"pluriverse_ledger\":2",
        expect![[r#"
            `memory` was made by a newer version (ledger format 2, this one reads up to 1)
        "#]],
    );
    check(
        "{\"closing\":",
        "\n{\"closing\":",
        expect![[r#"
            memory:10:0: expected a row, got none: EOF while parsing a value
        "#]],
    );
}

#[test]
fn edited_csv() {
    let check = |old, new, expected| check_edited(Format::Csv, old, new, expected);
    check(
        "0.001234567",
        "0.0012345670",
        expect![[r#"
            memory:3, `time_s`: expected seconds, to the nanosecond, got `0.0012345670`
        "#]],
    );
    check(
        "0.001234567",
        "1e9",
        expect![[r#"
            memory:3, `time_s`: expected seconds, to the nanosecond, got `1e9`
        "#]],
    );
    check(
        "2,0.002469134",
        "3,0.002469134",
        expect![[r#"
            memory:4, `seq`: expected row 2, got `3`
        "#]],
    );
    check(
        "nurses#1",
        "nurses#2",
        expect![[r#"
            memory:3, `object_name`: expected `nurses#1`, got `nurses#2`
        "#]],
    );
    check(
        "0.5714285714285714",
        "much",
        expect![[r#"
            memory:7, `value`: expected a number, got `much`
        "#]],
    );
    check(
        "0.5714285714285714",
        "0.5714285714285715",
        expect![[r#"
        `memory` is not as it was written: its rows have the hash 95bebcf3bcc865d5a1c14a2e1884a5cfbeed0d1fc1967856f3f5bcdef4838e7a, it says d6dfc3600e3dbdc7a48ee8e30077c86d2eae1d6ecc5d706936d07ed0ce9f1a9d
    "#]],
    );
    check(
        "2,0.002469134,",
        "",
        expect![[r#"
            memory:4:1: expected 10 fields, got 8
        "#]],
    );
    check(
        "time_s",
        "time",
        expect![[r#"
        `memory` is no CSV ledger: its first line is not `seq,time_s,kind,kind_name,subject,subject_name,object,object_name,value,cause`
    "#]],
    );
    check(
        "\"lost",
        "\"\"lost",
        expect![[r#"
            memory:5:1: expected 10 fields, got 4
        "#]],
    );
}

#[test]
fn a_line_without_an_end() {
    for format in [Format::Ndjson, Format::Csv] {
        let (file, _) = to_memory((0..8).map(row), format);
        let mut bytes = file.bytes();
        bytes.extend_from_slice(b"8,\"");
        bytes.resize(bytes.len() + (17 << 20), b'x');
        let answer = answer(format, bytes, file.sidecar().as_deref());
        assert!(answer.contains("expected"), "{format}: {answer}");
    }
}

#[test]
fn a_ledger_with_the_sidecar_of_another() {
    let file = to_memory((0..8).map(row), Format::Csv).0;
    let other = to_memory((0..7).map(row), Format::Csv).0;
    expect![[r#"
        `memory` has 8 rows, it says 7
    "#]]
    .assert_eq(&answer(
        Format::Csv,
        file.bytes(),
        other.sidecar().as_deref(),
    ));
    expect![[r#"
        `memory` lacks `memory.json` beside it, which says what its numbers mean
    "#]]
    .assert_eq(&answer(Format::Csv, file.bytes(), None));
    expect![[r#"
        memory.json:1:2: expected a CSV ledger's, got another: missing field `header`
    "#]]
    .assert_eq(&answer(Format::Csv, file.bytes(), Some(b"{}")));
}

#[test]
fn files_that_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let missing = open(&folder.path().join("run.parquet")).unwrap_err();
    assert!(
        matches!(
            missing,
            StoreError::Io {
                action: "opened",
                ..
            }
        ),
        "{missing}"
    );
    let path = folder.path().join("run.csv");
    std::fs::write(&path, "seq\n").unwrap();
    let alone = open(&path).unwrap_err();
    assert!(
        matches!(alone, StoreError::SidecarMissing { .. }),
        "{alone}"
    );
    std::fs::create_dir(folder.path().join("folder.csv")).unwrap();
    let is_folder = open(&folder.path().join("folder.csv")).unwrap_err();
    assert!(matches!(is_folder, StoreError::Io { .. }), "{is_folder}");
}

fn table() -> RecordBatch {
    let schema = Schema::new(vec![Field::new("a", DataType::Int64, false)]);
    RecordBatch::try_new(
        Arc::new(schema),
        vec![Arc::new(Int64Array::from(vec![1, 2, 3]))],
    )
    .unwrap()
}

fn parquet_of(batch: &RecordBatch, metadata: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    for (key, value) in metadata {
        let entry = KeyValue::new((*key).to_owned(), (*value).to_owned());
        writer.append_key_value_metadata(entry);
    }
    writer.into_inner().unwrap()
}

#[test]
fn tables_of_other_programs() {
    let mut arrow = FileWriter::try_new(Vec::new(), &table().schema()).unwrap();
    arrow.write(&table()).unwrap();
    let arrow = arrow.into_inner().unwrap();
    let header = to_memory(std::iter::empty(), Format::Ndjson).0.bytes();
    let header = std::str::from_utf8(&header)
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .to_owned();
    let answers = [
        answer(Format::ArrowIpc, arrow, None),
        answer(Format::Parquet, parquet_of(&table(), &[]), None),
        answer(
            Format::Parquet,
            parquet_of(&table(), &[("pluriverse.header", "{}")]),
            None,
        ),
        answer(
            Format::Parquet,
            parquet_of(&table(), &[("pluriverse.header", &header)]),
            None,
        ),
    ];
    expect![[r#"
        `memory` is no Arrow IPC ledger: no ledger is in it
        `memory` is no Parquet ledger: no ledger is in it
        `memory`, header: expected a ledger's, got another: missing field `pluriverse_ledger`
        `memory` is no Parquet ledger: its columns are not a ledger's
    "#]]
    .assert_eq(&answers.concat());
}
