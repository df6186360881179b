//! Snapshots that say something else than a world did, under checksums that fit.
//!
//! Each comes of a recipe: its first byte chooses one of the [`originals`], then follow edits of five bytes and more
//! (section, offset as two bytes little-endian, number of bytes to cut out, number of bytes to put in, those bytes),
//! and the container is written anew around the outcome. Shared with the fuzz target `snapshot_sections`.

use std::sync::OnceLock;

use pluriverse_kernel::{
    ledger::Ledger,
    scenario::Scenario,
    snapshot::{SnapshotReader, SnapshotWriter},
    time::SimTime,
};

use super::snapshot::{EVENTS, KEY, scenarios, snapshot};

/// What a snapshot of a process world is made of.
const SECTIONS: [&str; 5] = [
    "kernel.world",
    "kernel.pending",
    "kernel.ledger",
    "process.shape",
    "process.state",
];
/// Minutes at which the originals are taken, before the first event and in the thick of it.
const MOMENTS: [i64; 4] = [0, 7, 95, 600];

/// Sound snapshots: each world at each moment.
pub(crate) fn originals() -> &'static [Vec<u8>] {
    static ORIGINALS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ORIGINALS.get_or_init(|| {
        let of_world = |scenario: &dyn Scenario| {
            MOMENTS.map(|minute| {
                let mut world = scenario.world(KEY, Ledger::hashed());
                let until = SimTime::from_secs(minute * 60);
                world.run_until(until, EVENTS).expect("the worlds run");
                world.snapshot()
            })
        };
        scenarios()
            .iter()
            .flat_map(|scenario| of_world(scenario.as_ref()))
            .collect()
    })
}

/// The snapshot that a recipe makes.
pub(crate) fn cooked(recipe: &[u8]) -> Option<Vec<u8>> {
    let (first, mut edits) = recipe.split_first()?;
    let originals = originals();
    let reader =
        SnapshotReader::new(&originals[*first as usize % originals.len()], "process").ok()?;
    let mut sections =
        SECTIONS.map(|name| reader.bytes(name).expect("an original has it").to_vec());
    while let [section, low, high, cut, put, rest @ ..] = edits {
        let section = &mut sections[*section as usize % SECTIONS.len()];
        let start = usize::from(u16::from_le_bytes([*low, *high])) % (section.len() + 1);
        let end = (start + *cut as usize).min(section.len());
        let (put, rest) = rest.split_at((*put as usize).min(rest.len()));
        section.splice(start..end, put.iter().copied());
        edits = rest;
    }
    let mut writer = SnapshotWriter::new("process");
    for (name, section) in SECTIONS.iter().zip(&sections) {
        writer.bytes(name, section);
    }
    Some(writer.finish())
}

/// Follows a recipe and restores its snapshot. Says whether it was taken.
///
/// # Panics
/// When something does not hold that must.
pub(crate) fn sections(recipe: &[u8]) -> bool {
    cooked(recipe).is_some_and(|bytes| snapshot(&bytes))
}
