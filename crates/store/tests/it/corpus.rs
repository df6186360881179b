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
