//! What must hold of any bytes that somebody hands in as a snapshot: a refusal that changes nothing, or a world that
//! goes on.
//!
//! [`snapshot`] takes a file as it is. [`sections`] takes a recipe, so that damage gets past the checksums: its first
//! byte chooses one of the [`originals`], then follow edits of five bytes and more (section, offset as two bytes
//! little-endian, number of bytes to cut out, number of bytes to put in, those bytes), and the container is written
//! anew around the outcome. Shared with the fuzz targets of the same names.

use std::sync::OnceLock;

use pluriverse_kernel::{
    ledger::Ledger,
    scenario::{Draft, FileSource, Kind, RunKey, Scenario},
    snapshot::{SnapshotReader, SnapshotWriter},
    time::SimTime,
    world::{RunError, World},
};
use pluriverse_process::scenario::Process;

/// A run is followed for so many events.
const EVENTS: u64 = 20_000;
const KEY: RunKey = RunKey {
    seed: 7,
    replication: 0,
};
/// What a snapshot of a process world is made of.
const SECTIONS: [&str; 5] = [
    "kernel.world",
    "kernel.pending",
    "kernel.ledger",
    "process.shape",
    "process.state",
];
/// Worlds that between them have every kind of queue, rule and source.
const WORLDS: [&str; 3] = [
    include_str!("worlds/desk.toml"),
    include_str!("worlds/hotline.toml"),
    include_str!("worlds/line.toml"),
];
/// Minutes at which the originals are taken, before the first event and in the thick of it.
const MOMENTS: [i64; 4] = [0, 7, 95, 600];

struct NoFile;

impl FileSource for NoFile {
    fn read(&self, _path: &str) -> Result<Vec<u8>, String> {
        Err("there are no files".to_owned())
    }
}

/// The worlds that snapshots are tried on.
fn scenarios() -> &'static [Box<dyn Scenario>] {
    static SCENARIOS: OnceLock<Vec<Box<dyn Scenario>>> = OnceLock::new();
    SCENARIOS.get_or_init(|| {
        let read = |text: &&str| {
            let draft = Draft {
                file: "world.toml",
                text,
                overrides: &[],
                files: &NoFile,
            };
            let (scenario, _) = Process.read(draft).expect("the worlds are sound");
            scenario
        };
        WORLDS.iter().map(read).collect()
    })
}

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

/// Restores `bytes` wherever they are taken, and goes on from there. Says whether they were taken.
///
/// # Panics
/// When something does not hold that must.
pub(crate) fn snapshot(bytes: &[u8]) -> bool {
    let taken = scenarios()
        .iter()
        .map(|scenario| try_on(scenario.as_ref(), bytes));
    taken.fold(false, |any, taken| any | taken)
}

fn try_on(scenario: &dyn Scenario, bytes: &[u8]) -> bool {
    let mut world = scenario.world(KEY, Ledger::hashed());
    match world.restore(bytes) {
        Err(RunError::Snapshot(_) | RunError::Rewind(_)) => {
            assert!(
                world.events() == 0 && world.ledger().rows() == 0,
                "a refusal changes nothing"
            );
            false
        }
        Err(other) => panic!("an unexpected refusal: {other}"),
        Ok(()) => {
            look_at(world.as_ref());
            let before = world.events();
            // It may end with an error; it never breaks.
            if let Err(RunError::Panicked { message, .. }) = world.run(EVENTS) {
                panic!("{message}");
            }
            assert!(
                world.events() - before <= EVENTS,
                "no more events than asked for"
            );
            look_at(world.as_ref());
            let _ = world.snapshot();
            true
        }
    }
}

/// Asks for all that a host shows.
fn look_at(world: &dyn World) {
    let _ = (
        world.state(),
        world.outline(),
        world.measures(),
        world.phase(),
    );
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
