//! Figures of ledgers that were sent: their run is made again, and its figures are kept when its rows have the same
//! hash.
//!
//! A ledger says all that its run was made of but the files that its scenario refers to. Where there are such, or the
//! run was cut or made by an engine whose rows differ, it stays without figures.

use std::{sync::Arc, time::Instant};

use pluriverse_archive::{ArchiveError, Change, RunId, Status};
use pluriverse_host::{document::Results, scenario};
use pluriverse_kernel::{
    ledger::Ledger,
    replicate::{Outcome, SLICE_EVENTS},
    scenario::{Draft, NoFiles, Scenario},
    world::{Progress, World},
};
use pluriverse_store::Provenance;
use serde_json::value::to_raw_value;

use super::insist;
use crate::app::App;

/// Lets the run of a ledger that has just been stored be made again, when its turn comes.
pub(crate) fn retell(app: &App, id: RunId) {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let _turn = Arc::clone(&app.runs.retellings).acquire_owned().await;
        let (work, named) = (Arc::clone(&app), id.clone());
        let done = tokio::task::spawn_blocking(move || add_figures(&work, &named)).await;
        let error = match done {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        tracing::warn!(run = %id, error, "a ledger that was sent stays without figures");
    });
}

fn add_figures(app: &App, id: &RunId) -> Result<(), ArchiveError> {
    let known = app.archive.run(id)?;
    let is_whole = known.summary.status == Status::Complete && known.summary.replications == 1;
    if known.results.is_some() || !is_whole {
        return Ok(());
    }
    let ledger = app.archive.ledger(id)?;
    let provenance = ledger.provenance();
    let draft = Draft {
        file: &provenance.scenario_file,
        text: &provenance.scenario_text,
        overrides: &provenance.overrides,
        files: &NoFiles,
    };
    let Ok((scenario, _)) = scenario::read(draft) else {
        return Ok(());
    };
    let Some(world) = run(app, &*scenario, provenance) else {
        return Ok(());
    };
    if world.ledger().hash() != Some(ledger.closing().hash) {
        return Ok(());
    }
    let outcome = Outcome::of(&*world);
    let results = to_raw_value(&Results::new(&*scenario, provenance.seed, &outcome)).ok();
    let completed = Change::Completed {
        results,
        ledger_hash: None,
    };
    insist(app, id, || app.archive.change_run(id, &completed))
}

/// The run, when it ends by itself and within what one call may take.
fn run(app: &App, scenario: &dyn Scenario, provenance: &Provenance) -> Option<Box<dyn World>> {
    let mut world = scenario.world(provenance.key(), Ledger::hashed());
    let deadline = Instant::now() + app.settings.limits.call;
    loop {
        match world.run(SLICE_EVENTS) {
            Ok(Progress::Finished) => return Some(world),
            Ok(Progress::More)
                if Instant::now() < deadline
                    && !app.memory.is_full()
                    && !*app.runs.stopping.borrow() => {}
            Ok(_) | Err(_) => return None,
        }
    }
}
