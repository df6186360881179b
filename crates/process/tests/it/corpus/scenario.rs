//! What must hold of any bytes that somebody hands in as a scenario: an answer in good order, or a world that runs.
//!
//! Text that begins with a brace is JSON, all else TOML. What stands below a line [`DATA_LINE`] is the file
//! `data.csv`, for scenarios that refer to one. Shared with the fuzz target of the same name.

use pluriverse_kernel::{
    diagnostic::{Diagnostic, Severity},
    ledger::Ledger,
    scenario::{Draft, FileSource, Kind, RunKey, Scenario},
    world::{Progress, RunError, World},
};
use pluriverse_process::scenario::Process;

/// Parts the scenario from the data that it refers to.
const DATA_LINE: &str = "\n=== data.csv\n";
/// A run is followed for so many events ...
const EVENTS: u64 = 20_000;
/// ... and about so many rows: one event may bring a million cases at once.
const ROWS: u64 = 500_000;

/// The one file that there is.
struct TraceFile<'t>(&'t str);

impl FileSource for TraceFile<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match path {
            "data.csv" => Ok(self.0.as_bytes().to_vec()),
            _ => Err("there is only `data.csv`".to_owned()),
        }
    }
}

/// Reads `bytes` as a scenario and, when it is one, runs it for a while. Says whether it was one.
///
/// # Panics
/// When something does not hold that must.
pub(crate) fn scenario(bytes: &[u8]) -> bool {
    let Ok(all) = std::str::from_utf8(bytes) else {
        return false;
    };
    let (text, data) = all.split_once(DATA_LINE).unwrap_or((all, ""));
    let is_json = text.trim_start().starts_with('{');
    let draft = Draft {
        file: if is_json { "world.json" } else { "world.toml" },
        text,
        overrides: &[],
        files: &TraceFile(data),
    };
    match Process.read(draft) {
        Err(findings) => {
            let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
            assert!(findings.iter().any(is_error), "a refusal says why");
            findings.iter().for_each(|finding| check(finding, text));
            false
        }
        Ok((scenario, warnings)) => {
            warnings.iter().for_each(|finding| check(finding, text));
            run(scenario.as_ref());
            true
        }
    }
}

/// A finding says something about a place in the text.
fn check(finding: &Diagnostic, text: &str) {
    assert!(!finding.message.is_empty(), "a finding says something");
    assert_ne!(
        finding.message, "this scenario cannot be read",
        "the reason is said"
    );
    if let Some(span) = &finding.span {
        let place = text.get(span.clone());
        assert!(
            place.is_some(),
            "{span:?} is in the text: {}",
            finding.message
        );
    }
}

fn run(scenario: &dyn Scenario) {
    let key = RunKey {
        seed: scenario.defaults().seed,
        replication: 0,
    };
    let mut world = scenario.world(key, Ledger::hashed());
    // A world may end with an error (a draw that is no duration, time that stands still); it never breaks.
    let mut outcome = world.run(0);
    while world.events() < EVENTS && world.ledger().rows() < ROWS {
        outcome = world.run(1);
        if outcome != Ok(Progress::More) {
            break;
        }
    }
    if let Err(RunError::Panicked { message, .. }) = &outcome {
        panic!("{message}");
    }
    assert!(world.events() <= EVENTS, "no more events than asked for");
    let (outline, measures) = (world.outline(), world.measures());
    assert_eq!(
        outline.scalars.len(),
        measures.scalars.len(),
        "every figure has a name"
    );
    assert_eq!(
        outline.series.len(),
        measures.series.len(),
        "every series has a name"
    );
    assert_eq!(
        outline.spreads.len(),
        measures.spreads.len(),
        "every spread has a name"
    );
    let _ = world.state();
    if matches!(outcome, Ok(Progress::More | Progress::Finished)) {
        goes_on_elsewhere(scenario, key, world.as_ref());
    }
}

/// What a world saves, another takes up and saves the same again.
fn goes_on_elsewhere(scenario: &dyn Scenario, key: RunKey, world: &dyn World) {
    let snapshot = world.snapshot();
    let mut other = scenario.world(key, Ledger::hashed());
    let restored = other.restore(&snapshot);
    assert!(
        restored.is_ok(),
        "a world's own snapshot is refused: {restored:?}"
    );
    assert!(
        other.snapshot() == snapshot,
        "a restored world saves what it was made from"
    );
}
