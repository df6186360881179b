//! Runs in the background: replications of a scenario, whose results and ledger go to the archive.
//!
//! A run waits for its turn, then takes as many threads as a run may. It is stopped by whoever asks, by the limit of
//! its time, and by the server's end; what is written down of it says so. The ledger of a run of one replication is
//! recorded into a file and taken into the archive when the run has ended.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use pluriverse_archive::{ArchiveError, Change, NewRun, RunId, Source, Status};
use pluriverse_host::document::Results;
use pluriverse_kernel::{
    ledger::Ledger,
    replicate::{Observer, Outcome, RunPlan, Verdict, replicate},
    scenario::RunKey,
    time::SimTime,
    world::World,
};
use pluriverse_store::{Format, Provenance, create, open};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::Semaphore;

use crate::{
    app::{App, LedgerFile},
    problem::Problem,
    scenario::Loaded,
    settings::Limits,
};

/// The runs that wait or go on.
pub(crate) struct Runs {
    limits: Limits,
    turns: Arc<Semaphore>,
    active: Mutex<BTreeMap<RunId, Arc<Job>>>,
}

/// A run that waits or goes on.
pub(crate) struct Job {
    is_cancelled: AtomicBool,
    events: AtomicU64,
    completed: AtomicU64,
    deadline: Mutex<Option<Instant>>,
}

/// How far a run is.
#[derive(Clone, Copy)]
pub(crate) struct Advance {
    pub(crate) events: u64,
    pub(crate) completed: u64,
}

impl Observer for Job {
    fn moved(&self, _key: RunKey, _now: SimTime, events: u64) -> Verdict {
        // Ordering: numbers for people to look at, and a flag that publishes no data.
        self.events.fetch_add(events, Ordering::Relaxed);
        let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if is_over || self.is_cancelled.load(Ordering::Relaxed) {
            Verdict::Stop
        } else {
            Verdict::Continue
        }
    }

    fn completed(&self, _key: RunKey, _world: &dyn World) {
        // Ordering: a number for people to look at.
        self.completed.fetch_add(1, Ordering::Relaxed);
    }
}

impl Runs {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            turns: Arc::new(Semaphore::new(1)),
            active: Mutex::default(),
        }
    }

    /// How far a run is that waits or goes on.
    pub(crate) fn advance(&self, id: &RunId) -> Option<Advance> {
        // Ordering: numbers for people to look at.
        self.lock().get(id).map(|job| Advance {
            events: job.events.load(Ordering::Relaxed),
            completed: job.completed.load(Ordering::Relaxed),
        })
    }

    /// Stops a run; says whether it was waiting or going on.
    pub(crate) fn cancel(&self, id: &RunId) -> bool {
        let job = self.lock().get(id).cloned();
        // Ordering: the flag publishes no data.
        job.inspect(|job| job.is_cancelled.store(true, Ordering::Relaxed))
            .is_some()
    }

    /// Stops all runs.
    pub(crate) fn cancel_all(&self) {
        for job in self.lock().values() {
            // Ordering: the flag publishes no data.
            job.is_cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// How many wait or go on.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<RunId, Arc<Job>>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is to be run.
pub(crate) struct Order {
    pub(crate) loaded: Loaded,
    pub(crate) plan: RunPlan,
}

impl Order {
    /// What the ledger of its first replication says of its origin.
    fn provenance(&self, app: &App) -> Provenance {
        let key = RunKey {
            seed: self.plan.seed,
            replication: 0,
        };
        self.loaded.provenance(&app.settings.build, key)
    }
}

/// Writes a run down and lets it begin when its turn comes.
///
/// # Errors
/// When too many wait, or the archive does not take it.
pub(crate) async fn begin(app: &App, order: Order) -> Result<RunId, Problem> {
    if app.runs.count() >= app.settings.limits.runs {
        let message = format!(
            "{} runs wait or go on, as many as this server takes",
            app.runs.count()
        );
        return Err(Problem::new(
            axum::http::StatusCode::TOO_MANY_REQUESTS,
            "too_many_runs",
            message,
        )
        .help("wait until one has ended, or cancel one"));
    }
    let id = RunId::fresh();
    let provenance = order.provenance(app);
    let run = NewRun {
        status: Status::Queued,
        replications: order.plan.replications,
        ..NewRun::of(id.clone(), Source::Server, &provenance)
    };
    app.archive(move |archive| archive.add_run(&run)).await?;
    let job = Arc::new(Job {
        is_cancelled: AtomicBool::new(false),
        events: AtomicU64::new(0),
        completed: AtomicU64::new(0),
        deadline: Mutex::new(None),
    });
    app.runs.lock().insert(id.clone(), Arc::clone(&job));
    let (app, named) = (Arc::clone(app), id.clone());
    tokio::spawn(async move {
        let turn = Arc::clone(&app.runs.turns).acquire_owned().await;
        let (work, kept) = (Arc::clone(&app), named.clone());
        let done = tokio::task::spawn_blocking(move || carry_out(&work, &kept, &order, &job)).await;
        drop(turn);
        app.runs.lock().remove(&named);
        if let Err(error) = done
            .map_err(|error| error.to_string())
            .and_then(|told| told.map_err(|error| error.to_string()))
        {
            tracing::error!(run = %named, error, "what became of a run cannot be written down");
        }
    });
    Ok(id)
}

/// Runs, and writes down what came of it.
fn carry_out(app: &App, id: &RunId, order: &Order, job: &Job) -> Result<(), ArchiveError> {
    let end = end_of(app, id, order, job)?;
    app.archive.change_run(id, &end)?;
    app.metrics.run(end.status());
    Ok(())
}

/// Runs, and returns how it ended.
fn end_of(app: &App, id: &RunId, order: &Order, job: &Job) -> Result<Change, ArchiveError> {
    let archive = &app.archive;
    // Ordering: the flag publishes no data.
    if job.is_cancelled.load(Ordering::Relaxed) {
        return Ok(Change::Cancelled);
    }
    archive.change_run(id, &Change::Started)?;
    *job.deadline.lock().unwrap_or_else(PoisonError::into_inner) =
        Instant::now().checked_add(app.runs.limits.run);
    let change = match run(app, order, job) {
        Err(message) => Change::Failed { message },
        Ok(Ran { outcome, .. }) if !outcome.is_complete => {
            if job.is_cancelled.load(Ordering::Relaxed) {
                Change::Cancelled
            } else {
                let limit = app.runs.limits.run.as_secs();
                Change::Failed {
                    message: format!("it took longer than the {limit} s that a run may take"),
                }
            }
        }
        Ok(Ran { outcome, ledger }) => {
            if let Some(ledger) = ledger {
                let mut stored = open(&ledger.path)?;
                archive.ingest(id, Source::Server, &mut stored)?;
            }
            Change::Completed {
                results: results(order, &outcome),
                ledger_hash: outcome.ledger_hash.map(|hash| hash.to_string()),
            }
        }
    };
    Ok(change)
}

fn results(order: &Order, outcome: &Outcome) -> Option<Box<RawValue>> {
    to_raw_value(&Results::new(
        &*order.loaded.scenario,
        order.plan.seed,
        outcome,
    ))
    .ok()
}

/// What a run came to.
struct Ran {
    outcome: Outcome,
    ledger: Option<LedgerFile>,
}

fn run(app: &App, order: &Order, job: &Job) -> Result<Ran, String> {
    let records = order.plan.replications == 1;
    let ledger = if records {
        let file = app.ledger_file(Format::ArrowIpc);
        Some(file.map_err(|problem| problem.into_error().message)?)
    } else {
        None
    };
    let sink = ledger
        .as_ref()
        .map(|file| begin_file(app, order, &file.path))
        .transpose()?;
    let sink = Mutex::new(sink);
    let special = |_key: RunKey| sink.lock().unwrap_or_else(PoisonError::into_inner).take();
    let outcome = replicate(&*order.loaded.scenario, order.plan, &special, job);
    outcome
        .map(|outcome| Ran { outcome, ledger })
        .map_err(|error| error.to_string())
}

fn begin_file(app: &App, order: &Order, path: &Path) -> Result<Ledger, String> {
    let sink = create(path, Format::ArrowIpc, order.provenance(app));
    let sink = sink.map_err(|error| error.to_string())?;
    Ok(Ledger::to_sink(sink))
}
