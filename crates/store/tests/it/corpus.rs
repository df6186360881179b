//! The committed corpus of the fuzz target for ledgers, replayed: seeds, and everything that once broke a reader.
//!
//! Searching for more takes a nightly toolchain and time; CONTRIBUTING.md says how.

mod ledger;

use std::path::{Path, PathBuf};

#[test]
fn ledgers_are_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/ledger");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let is_accepted = |path: &&PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        let outcome = std::panic::catch_unwind(|| ledger::ledger(&bytes));
        outcome.unwrap_or_else(|_| panic!("`ledger` broke on {}", path.display()))
    };
    let accepted = paths.iter().filter(is_accepted).count();
    assert!(
        accepted > 0 && accepted < paths.len(),
        "{accepted} of {} were accepted",
        paths.len()
    );
}

#[test]
fn aa_generate() {
    use crate::ledgers::{row, to_memory};
    use pluriverse_store::Format;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/ledger");
    for rows in [0_u64, 1, 23] {
        for format in Format::ALL {
            let (file, _) = to_memory((0..rows).map(row), format);
            let mut bytes = file.bytes();
            if let Some(sidecar) = file.sidecar() {
                bytes.pop();
                bytes.extend(b"\n=== sidecar\n");
                bytes.extend(sidecar);
            }
            let name = format!("{format}").to_lowercase().replace(' ', "-");
            std::fs::write(root.join(format!("{name}-{rows}-rows")), &bytes).unwrap();
            if rows == 23 {
                std::fs::write(
                    root.join(format!("{name}-cut")),
                    &bytes[..bytes.len() * 2 / 3],
                )
                .unwrap();
                let mut bad = bytes.clone();
                let n = bad.len();
                bad[n / 2] ^= 16;
                std::fs::write(root.join(format!("{name}-flipped")), bad).unwrap();
                let mut bad = bytes.clone();
                bad[n / 3..n / 3 + 4].fill(0xff);
                std::fs::write(root.join(format!("{name}-ones")), bad).unwrap();
            }
        }
    }
    std::fs::write(root.join("empty"), b"").unwrap();
    std::fs::write(
        root.join("some-text"),
        b"{\"name\": \"somebody else's\"}\n{}\n",
    )
    .unwrap();
}
