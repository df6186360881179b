//! What must hold of any bytes that somebody hands in as a snapshot: a refusal that changes nothing, or a world that
//! goes on. Shared with the fuzz targets.

use std::sync::OnceLock;

use pluriverse_kernel::{
    ledger::Ledger,
    scenario::{Draft, FileSource, Kind, RunKey, Scenario},
    world::{RunError, World},
};
use pluriverse_process::scenario::Process;

/// A run is followed for so many events.
pub(crate) const EVENTS: u64 = 20_000;
pub(crate) const KEY: RunKey = RunKey {
    seed: 7,
    replication: 0,
};
/// Worlds that between them have every kind of queue, rule and source.
const WORLDS: [&str; 3] = [
    include_str!("worlds/desk.toml"),
    include_str!("worlds/hotline.toml"),
    include_str!("worlds/line.toml"),
];

struct NoFile;

impl FileSource for NoFile {
    fn read(&self, _path: &str) -> Result<Vec<u8>, String> {
        Err("there are no files".to_owned())
    }
}

/// The worlds that snapshots are tried on.
pub(crate) fn scenarios() -> &'static [Box<dyn Scenario>] {
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
