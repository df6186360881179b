//! What must hold of any bytes that somebody hands in as a stored ledger: an error with its place, or rows that hash to
//! what the ledger says.
//!
//! The first bytes tell the format; what is none of the others is CSV, whose sidecar stands below a line
//! [`SIDECAR_LINE`]. Shared with the fuzz target of the same name.

use pluriverse_store::{Format, StoreError, StoredLedger};

/// Parts a CSV ledger from its sidecar.
const SIDECAR_LINE: &[u8] = b"\n=== sidecar\n";

/// Reads `bytes` as a ledger, to the last row. Says whether it was one.
///
/// # Panics
/// When something does not hold that must.
pub(crate) fn ledger(bytes: &[u8]) -> bool {
    let format = match bytes {
        [b'P', b'A', b'R', b'1', ..] => Format::Parquet,
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Format::ArrowIpc,
        [b'{', ..] => Format::Ndjson,
        _ => Format::Csv,
    };
    let (rows, sidecar) = parts(bytes);
    let (first, second) = (read(format, rows, sidecar), read(format, rows, sidecar));
    assert_eq!(first, second, "a ledger reads the same twice");
    first.is_ok()
}

fn parts(bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    let at = bytes
        .windows(SIDECAR_LINE.len())
        .position(|window| window == SIDECAR_LINE);
    match at {
        Some(at) => (&bytes[..=at], Some(&bytes[at + SIDECAR_LINE.len()..])),
        None => (bytes, None),
    }
}

/// Number and hash of the rows, or what is wrong.
fn read(format: Format, rows: &[u8], sidecar: Option<&[u8]>) -> Result<(u64, String), String> {
    let shown = |error: StoreError| error.to_string();
    let mut stored = StoredLedger::from_bytes(format, rows.to_vec(), sidecar).map_err(shown)?;
    let mut count = 0;
    while let Some(chunk) = stored.next_chunk().map_err(shown)? {
        assert!(!chunk.is_empty(), "a chunk has rows");
        count += chunk.len() as u64;
    }
    let closing = stored.read_so_far();
    assert_eq!(
        closing.rows, count,
        "the rows that were handed out are those that were counted"
    );
    let seal = stored
        .seal()
        .expect("only a sealed ledger reads to its end without an error");
    assert_eq!(seal.closing, closing, "what was read is what the seal says");
    Ok((count, closing.hash.to_string()))
}
