//! The committed corpus of the fuzz targets, replayed: seeds, and everything that once broke a reader.
//!
//! Searching for more takes a nightly toolchain and time; CONTRIBUTING.md says how.

mod scenario;
mod sections;
mod snapshot;

use std::path::{Path, PathBuf};

/// The inputs of a target, by name.
fn inputs(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect()
}

/// Replays a target's inputs and says how many of them were accepted, and of how many.
fn replay(target: &str, run: fn(&[u8]) -> bool) -> (usize, usize) {
    let inputs = inputs(target);
    let is_accepted = |(path, bytes): &(PathBuf, Vec<u8>)| {
        let outcome = std::panic::catch_unwind(|| run(bytes));
        outcome.unwrap_or_else(|_| panic!("`{target}` broke on {}", path.display()))
    };
    (
        inputs.iter().filter(|input| is_accepted(input)).count(),
        inputs.len(),
    )
}

/// Asserts that a corpus is there and reaches both what is refused and what is accepted.
fn reaches_both_sides((accepted, all): (usize, usize)) {
    assert!(
        accepted > 0 && accepted < all,
        "{accepted} of {all} were accepted"
    );
}

#[test]
fn scenarios_are_answered() {
    reaches_both_sides(replay("scenario", scenario::scenario));
}

#[test]
fn snapshots_are_answered() {
    // Those of older engines may be refused; that today's are taken is shown below.
    let (accepted, all) = replay("snapshot", snapshot::snapshot);
    assert!(accepted < all, "all of {all} were accepted");
}

#[test]
fn cooked_snapshots_are_answered() {
    reaches_both_sides(replay("snapshot_sections", sections::sections));
}

#[test]
fn sound_snapshots_are_taken() {
    for (index, original) in sections::originals().iter().enumerate() {
        assert!(snapshot::snapshot(original), "original {index}");
        let recipe = [u8::try_from(index).unwrap()];
        assert_eq!(
            sections::cooked(&recipe).as_ref(),
            Some(original),
            "an empty recipe changes nothing"
        );
    }
}
