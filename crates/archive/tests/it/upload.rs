//! Ledgers that come in pieces, in any order, twice, damaged, and not at all.

use std::time::Duration;

use expect_test::expect;
use pluriverse_archive::{
    Archive, ArchiveError, ChunkHash, ChunkOutcome, Declaration, IngestOutcome, RunId, Source,
    chunk_bytes,
};
use pluriverse_kernel::ledger::{Chunk, LedgerHash};

use crate::{
    databases::{Database, on_both},
    ingest::table,
    ledgers::{assert_rows, pieces, stored},
};

const ROWS: u64 = 5 * 4096 + 17;

fn run() -> RunId {
    "upload".parse().unwrap()
}

fn put(archive: &Archive, chunk: &Chunk) -> Result<ChunkOutcome, ArchiveError> {
    let number = chunk.first_row() / 4096;
    archive.put_chunk(&run(), number, ChunkHash(chunk.hash()), &chunk_bytes(chunk))
}

fn begin(archive: &Archive, declaration: &Declaration) {
    archive
        .begin_upload(&run(), Source::Browser, declaration)
        .unwrap();
}

fn assert_nothing_is_seen(database: &Database) {
    for name in ["runs", "ledgers", "ledger_rows", "chunks", "ledger_events"] {
        assert_eq!(database.number(&table(database, name)), 0, "{name}");
    }
}

#[test]
fn chunks_come_in_any_order_and_more_than_once() {
    let (declaration, chunks) = pieces(ROWS);
    on_both(|database| {
        let archive = database.open();
        begin(&archive, &declaration);
        for index in [3, 5, 0, 3, 4, 0] {
            put(&archive, &chunks[index]).unwrap();
        }
        assert_nothing_is_seen(database);
        let status = archive.upload(&run()).unwrap();
        assert_eq!(
            (status.chunks, status.chunk_count, status.committed),
            (vec![0, 3, 4, 5], 6, false)
        );
        let early = archive.commit_upload(&run()).unwrap_err();
        expect!["the upload of `upload` lacks 2 chunks, the first of them 1"]
            .assert_eq(&early.to_string());

        // Whoever lost the line declares again, and sends what is missing.
        let status = archive
            .begin_upload(&run(), Source::Browser, &declaration)
            .unwrap();
        assert_eq!(status.chunks, [0, 3, 4, 5]);
        assert_eq!(put(&archive, &chunks[2]).unwrap(), ChunkOutcome::Stored);
        assert_eq!(put(&archive, &chunks[1]).unwrap(), ChunkOutcome::Stored);
        assert_eq!(
            put(&archive, &chunks[2]).unwrap(),
            ChunkOutcome::AlreadyThere
        );
        assert_nothing_is_seen(database);
        let done = archive.commit_upload(&run()).unwrap();
        assert_eq!((done.rows, done.outcome), (ROWS, IngestOutcome::Stored));
        assert_rows(&mut archive.ledger(&run()).unwrap(), ROWS);

        // All of it once more.
        let status = archive
            .begin_upload(&run(), Source::Browser, &declaration)
            .unwrap();
        assert!(status.committed && status.chunks.len() == 6);
        assert_eq!(
            put(&archive, &chunks[4]).unwrap(),
            ChunkOutcome::AlreadyThere
        );
        assert_eq!(
            archive.commit_upload(&run()).unwrap().outcome,
            IngestOutcome::AlreadyThere
        );
        assert_eq!(
            archive
                .ingest(&run(), Source::Browser, &mut stored(ROWS))
                .unwrap()
                .outcome,
            IngestOutcome::AlreadyThere
        );
        for name in ["uploads", "upload_chunks"] {
            assert_eq!(database.number(&table(database, name)), 0, "{name}");
        }
    });
}

#[test]
fn an_empty_ledger_has_no_chunks() {
    let (declaration, _) = pieces(0);
    on_both(|database| {
        let archive = database.open();
        begin(&archive, &declaration);
        assert_eq!(archive.commit_upload(&run()).unwrap().rows, 0);
        assert_rows(&mut archive.ledger(&run()).unwrap(), 0);
    });
}

#[test]
fn what_is_not_the_chunk_is_refused_and_the_right_one_still_comes_in() {
    let (declaration, chunks) = pieces(ROWS);
    on_both(|database| {
        let archive = database.open();
        let hash = ChunkHash(chunks[0].hash());
        let bytes = chunk_bytes(&chunks[0]);
        let put_bytes = |number, hash, bytes: &[u8]| {
            archive
                .put_chunk(&run(), number, hash, bytes)
                .unwrap_err()
                .to_string()
        };
        expect!["no upload of the run `upload` has begun"].assert_eq(&put_bytes(0, hash, &bytes));
        begin(&archive, &declaration);

        let mut flipped = bytes.clone();
        flipped[5000] ^= 1;
        let answer = put_bytes(0, hash, &flipped);
        assert!(
            answer.starts_with("chunk 0 is not as it was sent"),
            "{answer}"
        );
        expect!["chunk 0 has 139263 bytes, expected 139264"].assert_eq(&put_bytes(
            0,
            hash,
            &bytes[1..],
        ));
        expect!["chunk 5 has 139264 bytes, expected 578"].assert_eq(&put_bytes(5, hash, &bytes));
        expect!["the chunk's number is `6`, expected one below 6"]
            .assert_eq(&put_bytes(6, hash, &bytes));
        assert!(put_bytes(u64::MAX, hash, &bytes).contains("expected one below 6"));
        // The right rows in the wrong place: causes point forward.
        let third = chunk_bytes(&chunks[2]);
        let answer = put_bytes(1, ChunkHash(chunks[2].hash()), &third);
        expect!["row 4096 is caused by row 8189, which is not before it"].assert_eq(&answer);

        assert_eq!(put(&archive, &chunks[0]).unwrap(), ChunkOutcome::Stored);
        let status = archive.upload(&run()).unwrap();
        assert_eq!(status.chunks, [0]);
    });
}

/// There are many NaNs; a ledger has one.
#[test]
fn another_nan_is_another_chunk() {
    let (declaration, chunks) = pieces(ROWS);
    on_both(|database| {
        let archive = database.open();
        begin(&archive, &declaration);
        let mut bytes = chunk_bytes(&chunks[0]);
        // Row 3 has a NaN; columns of 8, 2, 4 and 4 bytes lie before the values.
        let place = 4096 * (8 + 2 + 4 + 4) + 3 * 8;
        assert!(f64::from_le_bytes(bytes[place..place + 8].try_into().unwrap()).is_nan());
        bytes[place] ^= 1;
        // What its sender hashed is not what a ledger can hold, unless he hashed the ledger's.
        let own = ChunkHash(chunks[0].hash() ^ 1);
        let refused = archive.put_chunk(&run(), 0, own, &bytes).unwrap_err();
        assert!(
            matches!(refused, ArchiveError::ChunkDiffers { .. }),
            "{refused}"
        );
        archive
            .put_chunk(&run(), 0, ChunkHash(chunks[0].hash()), &bytes)
            .unwrap();
        for chunk in &chunks[1..] {
            put(&archive, chunk).unwrap();
        }
        archive.commit_upload(&run()).unwrap();
        assert_rows(&mut archive.ledger(&run()).unwrap(), ROWS);
    });
}

#[test]
fn chunks_that_are_not_the_declared_ledger_are_never_seen() {
    let (mut declaration, chunks) = pieces(ROWS);
    let LedgerHash(mut bytes) = declaration.closing.hash;
    bytes[31] ^= 1;
    declaration.closing.hash = LedgerHash(bytes);
    on_both(|database| {
        let archive = database.open();
        begin(&archive, &declaration);
        for chunk in &chunks {
            put(&archive, chunk).unwrap();
        }
        let refused = archive.commit_upload(&run()).unwrap_err();
        assert!(
            matches!(refused, ArchiveError::HashDiffers { .. }),
            "{refused}"
        );
        assert_nothing_is_seen(database);
        // Another declaration needs the first to go.
        let (right, _) = pieces(ROWS);
        let refused = archive
            .begin_upload(&run(), Source::Browser, &right)
            .unwrap_err();
        assert!(
            matches!(refused, ArchiveError::Conflict { .. }),
            "{refused}"
        );
        archive.discard_upload(&run()).unwrap();
        begin(&archive, &right);
        for chunk in &chunks {
            put(&archive, chunk).unwrap();
        }
        archive.commit_upload(&run()).unwrap();
    });
}

#[test]
fn a_chunk_that_is_there_is_not_replaced() {
    let (declaration, chunks) = pieces(ROWS);
    on_both(|database| {
        let archive = database.open();
        begin(&archive, &declaration);
        put(&archive, &chunks[1]).unwrap();
        // Chunk 0 as chunk 1: its causes and times do fit.
        let refused = archive
            .put_chunk(
                &run(),
                1,
                ChunkHash(chunks[0].hash()),
                &chunk_bytes(&chunks[0]),
            )
            .unwrap_err();
        expect!["`upload`: another chunk 1 is there already"].assert_eq(&refused.to_string());
    });
}

#[test]
fn stale_uploads_go() {
    let (declaration, chunks) = pieces(ROWS);
    on_both(|database| {
        let archive = database.open();
        begin(&archive, &declaration);
        put(&archive, &chunks[0]).unwrap();
        assert_eq!(
            archive
                .discard_stale_uploads(Duration::from_secs(3600))
                .unwrap(),
            []
        );
        assert_eq!(
            archive.discard_stale_uploads(Duration::ZERO).unwrap(),
            [run()]
        );
        assert!(matches!(
            archive.upload(&run()),
            Err(ArchiveError::NoUpload { .. })
        ));
        assert_eq!(database.number(&table(database, "upload_chunks")), 0);
    });
}

#[test]
fn a_declaration_says_what_is_wrong_with_it() {
    let (declaration, _) = pieces(ROWS);
    let text = |rows: u64, hash: &str, chunks: &str| {
        let provenance = serde_json::to_string(&declaration.provenance).unwrap();
        let dictionary = serde_json::to_string(&declaration.dictionary).unwrap();
        format!(
            r#"{{"provenance":{provenance},"dictionary":{dictionary},"rows":{rows},"hash":"{hash}"{chunks}}}"#
        )
    };
    let hash = declaration.closing.hash.to_string();
    let read = |text: &str| Declaration::from_json(text).map_err(|error| error.to_string());
    assert_eq!(read(&text(ROWS, &hash, "")), Ok(declaration.clone()));
    assert_eq!(
        read(&text(ROWS, &hash, r#","chunks":6"#)),
        Ok(declaration.clone())
    );
    let refusals = [
        text(ROWS, &hash, r#","chunks":7"#),
        text(ROWS, &hash[1..], ""),
        text(ROWS, &hash, r#","color":1"#),
        "{}".to_owned(),
    ];
    let answers = refusals.iter().map(|text| read(text).unwrap_err());
    let answers: Vec<_> = answers
        .map(|answer| answer.split(" at line").next().unwrap().to_owned())
        .collect();
    expect![[r#"
        the declaration is `7 chunks`, expected 6 of up to 4096 rows
        the declaration is `HASH`, expected a hash of 64 hexadecimal digits
        the declaration is `unknown field `color`, expected one of `provenance`, `dictionary`, `rows`, `hash`, `chunks`
        the declaration is `missing field `provenance`"#]].assert_eq(&answers.join("\n").replace(&hash[1..], "HASH"));
}
