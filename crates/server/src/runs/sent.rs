//! Figures of ledgers that were sent: their run is made again, and its figures are kept when its rows have the same
//! hash.
//!
//! A ledger says all that its run was made of but the files that its scenario refers to. Where there are such, or the
//! run was cut or made by an engine whose rows differ, it stays without figures, and it is written down which program has
//! tried in vain. What a server that stops or is killed leaves untried, the next one tries.

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
use serde_json::value::{RawValue, to_raw_value};

use super::insist;
use crate::app::App;

/// How many ledgers without figures are looked up at a time.
const PAGE: u32 = 100;

/// What came of making a run again.
enum Retold {
    /// Its end.
    Ended(Box<dyn World>),
    /// An error, or more time than it may take.
    Failed,
    /// The server stops, or has no memory left: it can be tried again.
    Broken,
}

/// Lets the run of a ledger that has just been stored be made again, when its turn comes.
pub(crate) fn retell(app: &App, id: RunId) {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        if let Err(error) = in_turn(&app, &id).await {
            tracing::warn!(run = %id, error, "a ledger that was sent has no figures yet");
        }
    });
}

/// Makes the runs again of all ledgers that have no figures, and that this program has not tried yet: of those that
/// were sent when the server stopped or the database went away, or that an older version could not make.
///
/// # Errors
/// The first that kept a run from being made; it and those after it are left for later.
pub(crate) async fn retell_all(app: &App) -> Result<(), String> {
    let program = program(app);
    loop {
        let asked = program.clone();
        let page = app.archive(move |archive| archive.without_figures(&asked, PAGE));
        let page = page.await.map_err(|problem| problem.into_error().message)?;
        if page.is_empty() {
            return Ok(());
        }
        for id in page {
            if in_turn(app, &id).await? == Left::All {
                return Ok(());
            }
        }
    }
}

/// What is left to do for the figures of a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Nothing by this program.
    Nothing,
    /// Everything, at another time.
    All,
}

/// What the figures of a run are.
enum Figures {
    /// These.
    Made(Box<RawValue>),
    /// None that this program could make.
    Nowhere,
    /// Not made yet: the server stops, or has no memory left.
    Later,
}

/// The program that tries, as it is written down.
fn program(app: &App) -> String {
    let build = &app.settings.build;
    format!("{} {}", build.version, build.revision)
}

async fn in_turn(app: &App, id: &RunId) -> Result<Left, String> {
    let _turn = Arc::clone(&app.runs.retellings).acquire_owned().await;
    let (work, named) = (Arc::clone(app), id.clone());
    let done = tokio::task::spawn_blocking(move || add_figures(&work, &named)).await;
    match done {
        Ok(done) => done.map_err(|error| error.to_string()),
        // A defect: once is enough.
        Err(_) => note(app, id.clone()).await,
    }
}

/// Writes down that this program need not try again.
async fn note(app: &App, id: RunId) -> Result<Left, String> {
    let program = program(app);
    let noted = app.archive(move |archive| archive.note_figures_tried(&id, &program));
    noted
        .await
        .map_err(|problem| problem.into_error().message)?;
    Ok(Left::Nothing)
}

fn add_figures(app: &App, id: &RunId) -> Result<Left, ArchiveError> {
    let known = match app.archive.run(id) {
        // Somebody has deleted it meanwhile.
        Err(ArchiveError::NoRun { .. }) => return Ok(Left::Nothing),
        known => known?,
    };
    let is_whole = known.summary.status == Status::Complete && known.summary.replications == 1;
    if known.results.is_some() || !is_whole {
        return Ok(Left::Nothing);
    }
    match figures(app, id)? {
        Figures::Later => return Ok(Left::All),
        Figures::Nowhere => {}
        Figures::Made(results) => {
            let completed = Change::Completed {
                results: Some(results),
                ledger_hash: None,
            };
            insist(app, id, || app.archive.change_run(id, &completed))?;
        }
    }
    insist(app, id, || {
        app.archive.note_figures_tried(id, &program(app))
    })?;
    Ok(Left::Nothing)
}

/// The figures of a run, if it can be made again and comes to the same rows.
fn figures(app: &App, id: &RunId) -> Result<Figures, ArchiveError> {
    let ledger = match app.archive.ledger(id) {
        Err(ArchiveError::Damaged { .. } | ArchiveError::NoLedger { .. }) => {
            return Ok(Figures::Nowhere);
        }
        ledger => ledger?,
    };
    let provenance = ledger.provenance();
    let draft = Draft {
        file: &provenance.scenario_file,
        text: &provenance.scenario_text,
        overrides: &provenance.overrides,
        files: &NoFiles,
    };
    let Ok((scenario, _)) = scenario::read(draft) else {
        return Ok(Figures::Nowhere);
    };
    let world = match run(app, &*scenario, provenance) {
        Retold::Ended(world) => world,
        Retold::Failed => return Ok(Figures::Nowhere),
        Retold::Broken => return Ok(Figures::Later),
    };
    if world.ledger().hash() != Some(ledger.closing().hash) {
        return Ok(Figures::Nowhere);
    }
    let outcome = Outcome::of(&*world);
    let results = to_raw_value(&Results::new(&*scenario, provenance.seed, &outcome));
    Ok(results.map_or(Figures::Nowhere, Figures::Made))
}

/// The run, when it ends by itself and within what one call may take.
fn run(app: &App, scenario: &dyn Scenario, provenance: &Provenance) -> Retold {
    let mut world = scenario.world(provenance.key(), Ledger::hashed());
    let deadline = Instant::now() + app.settings.limits.call;
    loop {
        match world.run(SLICE_EVENTS) {
            Ok(Progress::Finished) => return Retold::Ended(world),
            _ if app.memory.is_full() || *app.runs.stopping.borrow() => return Retold::Broken,
            Ok(Progress::More) if Instant::now() < deadline => {}
            Ok(_) | Err(_) => return Retold::Failed,
        }
    }
}
