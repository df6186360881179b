//! Ledgers that come over a line, packed and not.

use std::io::Write as _;

use expect_test::expect;
use pluriverse_archive::{ArchiveError, IngestOutcome, Packing, Source, Spool, SpooledLedger};
use pluriverse_store::Format;

use crate::{
    databases::Database,
    ledgers::{file_of, row},
};

const LIMIT: u64 = 1 << 20;

fn pack(bytes: &[u8], packing: Packing) -> Vec<u8> {
    match packing {
        Packing::None => bytes.to_owned(),
        Packing::Gzip => {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Packing::Zstd => zstd::encode_all(bytes, 1).unwrap(),
    }
}

fn receive(bytes: &[u8], format: Format, packing: Packing) -> Result<SpooledLedger, ArchiveError> {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::begin(Some(folder.path()), format, packing, LIMIT)?;
    for part in bytes.chunks(1000) {
        spool.write(part)?;
    }
    spool.finish()
}

const PACKINGS: [Packing; 3] = [Packing::None, Packing::Gzip, Packing::Zstd];

#[test]
fn packed_ledgers_are_unpacked() {
    let archive_of = Database::sqlite();
    let archive = archive_of.open();
    for format in [Format::Parquet, Format::ArrowIpc, Format::Ndjson] {
        let (bytes, _) = file_of((0..5000).map(row), format);
        for packing in PACKINGS {
            let folder = tempfile::tempdir().unwrap();
            let mut spool = Spool::begin(Some(folder.path()), format, packing, LIMIT).unwrap();
            for part in pack(&bytes, packing).chunks(777) {
                spool.write(part).unwrap();
            }
            let mut spooled = spool.finish().unwrap();
            let run = format!("{}-{packing:?}", format.extensions()[0])
                .parse()
                .unwrap();
            let ingested = archive
                .ingest(&run, Source::Browser, spooled.ledger())
                .unwrap();
            assert_eq!(
                (ingested.rows, ingested.outcome),
                (5000, IngestOutcome::Stored)
            );
            drop(spooled);
            assert_eq!(
                std::fs::read_dir(folder.path()).unwrap().count(),
                0,
                "the file is gone"
            );
        }
    }
}

#[test]
fn what_would_unpack_to_more_than_the_limit_is_refused() {
    let bomb = vec![0; 64 << 20];
    for packing in PACKINGS {
        let packed = pack(&bomb, packing);
        let refused = receive(&packed, Format::ArrowIpc, packing).unwrap_err();
        assert!(
            matches!(refused, ArchiveError::TooLarge { limit_bytes: LIMIT }),
            "{refused:?}"
        );
    }
}

#[test]
fn what_cannot_be_unpacked_is_told() {
    let (bytes, _) = file_of((0..5000).map(row), Format::Ndjson);
    for packing in [Packing::Gzip, Packing::Zstd] {
        let refused = receive(&bytes[..10_000], Format::Ndjson, packing).unwrap_err();
        assert!(
            matches!(refused, ArchiveError::Invalid { .. }),
            "{refused:?}"
        );
        // What is cut is found out here or by the ledger's reader.
        let packed = pack(&bytes, packing);
        let cut = receive(&packed[..packed.len() / 2], Format::Ndjson, packing);
        let refused = cut.and_then(|mut cut| {
            Database::sqlite()
                .open()
                .ingest(&"a".parse().unwrap(), Source::Cli, cut.ledger())
        });
        assert!(
            matches!(
                refused,
                Err(ArchiveError::Ledger(_) | ArchiveError::Invalid { .. })
            ),
            "{refused:?}"
        );
    }
}

#[test]
fn encodings_go_by_their_names() {
    assert_eq!("GZIP".parse::<Packing>().unwrap(), Packing::Gzip);
    assert_eq!("zstd".parse::<Packing>().unwrap(), Packing::Zstd);
    assert_eq!("".parse::<Packing>().unwrap(), Packing::None);
    let refused = "br".parse::<Packing>().unwrap_err().to_string();
    expect!["the content's encoding is `br`, expected gzip, zstd or identity"].assert_eq(&refused);
}
