//! Runs in the background: replications of a scenario, whose results and ledger go to the archive.
//!
//! A run waits for its turn, then takes as many threads as a run may. It is stopped by whoever asks, by the limit of
//! its time, and by the server's end; what is written down of it says so. The ledger of a run of one replication is
//! recorded into a file and taken into the archive when the run has ended. While the database is away, what is to be
//! written down waits for it, until the server stops.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
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
use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
    time::timeout,
};
use tracing::{Instrument as _, Span};

mod sent;

pub(crate) use sent::{retell, retell_all};

use crate::{
    app::{App, LedgerFile},
    memory::Memory,
    observe,
    problem::Problem,
    scenario::Loaded,
    settings::Limits,
};

/// How soon the archive is asked again whose database is away, at first and at last.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// The runs that wait or go on.
pub(crate) struct Runs {
    limits: Limits,
    memory: Arc<Memory>,
    turns: Arc<Semaphore>,
    /// Of those that are made again for their figures.
    retellings: Arc<Semaphore>,
    active: Mutex<BTreeMap<RunId, Arc<Job>>>,
    stopping: watch::Sender<bool>,
}

/// A run that waits or goes on.
pub(crate) struct Job {
    is_cancelled: AtomicBool,
    events: AtomicU64,
    completed: AtomicU64,
    deadline: Mutex<Option<Instant>>,
    memory: Arc<Memory>,
    /// What was wrong with the memory when it stopped the run.
    shortage: OnceLock<String>,
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
        if self.memory.is_full() {
            // Said once: what it was when the run was stopped.
            let _ = self.shortage.set(self.memory.shortage());
            return Verdict::Stop;
        }
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
    pub(crate) fn new(limits: Limits, memory: Arc<Memory>) -> Self {
        Self {
            limits,
            memory,
            turns: Arc::new(Semaphore::new(1)),
            retellings: Arc::new(Semaphore::new(1)),
            active: Mutex::default(),
            stopping: watch::Sender::new(false),
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

    /// Stops all runs, for good.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
        for job in self.lock().values() {
            // Ordering: the flag publishes no data.
            job.is_cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Waits for so long; says whether all runs are stopped. Not for asynchronous threads.
    fn stops_within(&self, pause: Duration) -> bool {
        let mut stopping = self.stopping.subscribe();
        let stopped = stopping.wait_for(|is_stopping| *is_stopping);
        Handle::current().block_on(timeout(pause, stopped)).is_ok()
    }

    /// Takes a place for a run.
    fn admit(&self, id: &RunId) -> Result<Arc<Job>, Problem> {
        let mut active = self.lock();
        // Whoever stops them says so before looking which there are.
        if *self.stopping.borrow() {
            return Err(Problem::stopping());
        }
        if active.len() >= self.limits.runs {
            let message = format!(
                "{} runs wait or go on, as many as this server takes",
                active.len()
            );
            return Err(Problem::new(
                axum::http::StatusCode::TOO_MANY_REQUESTS,
                "too_many_runs",
                message,
            )
            .help("wait until one has ended, or cancel one"));
        }
        let job = Arc::new(Job {
            is_cancelled: AtomicBool::new(false),
            events: AtomicU64::new(0),
            completed: AtomicU64::new(0),
            deadline: Mutex::new(None),
            memory: Arc::clone(&self.memory),
            shortage: OnceLock::new(),
        });
        active.insert(id.clone(), Arc::clone(&job));
        Ok(job)
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

/// Writes a run down and lets it begin when its turn comes, also when whoever asked has gone meanwhile.
///
/// # Errors
/// When too many wait, the archive does not take it, or the server is stopping.
pub(crate) async fn begin(app: &App, order: Order) -> Result<RunId, Problem> {
    let begun = write_down(App::clone(app), order).in_current_span();
    let begun = tokio::spawn(begun).await;
    begun.map_err(|error| Problem::internal("the run cannot begin", &error))?
}

async fn write_down(app: App, order: Order) -> Result<RunId, Problem> {
    let id = RunId::fresh();
    let provenance = order.provenance(&app);
    let run = NewRun {
        status: Status::Queued,
        replications: order.plan.replications,
        ..NewRun::of(id.clone(), Source::Server, &provenance)
    };
    let job = app.runs.admit(&id)?;
    if let Err(problem) = app.archive(move |archive| archive.add_run(&run)).await {
        app.runs.lock().remove(&id);
        return Err(problem);
    }
    let named = id.clone();
    let span = observe::run(id.as_str(), order.plan.replications);
    let going = async move {
        let turn = Arc::clone(&app.runs.turns).acquire_owned().await;
        let (work, kept, span) = (Arc::clone(&app), named.clone(), Span::current());
        let work = move || span.in_scope(|| carry_out(&work, &kept, &order, &job));
        let done = tokio::task::spawn_blocking(work).await;
        drop(turn);
        app.runs.lock().remove(&named);
        if let Err(error) = done
            .map_err(|error| error.to_string())
            .and_then(|told| told.map_err(|error| error.to_string()))
        {
            tracing::error!(run = %named, error, "what became of a run cannot be written down");
        }
    };
    tokio::spawn(going.instrument(span));
    Ok(id)
}

/// Runs, and writes down what came of it.
fn carry_out(app: &App, id: &RunId, order: &Order, job: &Job) -> Result<(), ArchiveError> {
    let end = end_of(app, id, order, job)?;
    insist(app, id, || app.archive.change_run(id, &end))?;
    app.metrics.run(end.status());
    Span::current().record("outcome", end.status().name());
    Ok(())
}

/// Runs, and returns how it ended.
fn end_of(app: &App, id: &RunId, order: &Order, job: &Job) -> Result<Change, ArchiveError> {
    // Ordering: the flag publishes no data.
    if job.is_cancelled.load(Ordering::Relaxed) {
        return Ok(Change::Cancelled);
    }
    insist(app, id, || app.archive.change_run(id, &Change::Started))?;
    *job.deadline.lock().unwrap_or_else(PoisonError::into_inner) =
        Instant::now().checked_add(app.runs.limits.run);
    Ok(match run(app, order, job) {
        Err(message) => Change::Failed { message },
        Ok(ran) if !ran.outcome.is_complete => cut(app, job),
        Ok(ran) => keep(app, id, order, ran),
    })
}

/// What is written down of a run that was stopped before its end.
fn cut(app: &App, job: &Job) -> Change {
    // Ordering: the flag publishes no data.
    if job.is_cancelled.load(Ordering::Relaxed) {
        return Change::Cancelled;
    }
    if let Some(message) = job.shortage.get().cloned() {
        return Change::Failed { message };
    }
    let limit = app.runs.limits.run.as_secs();
    Change::Failed {
        message: format!("it took longer than the {limit} s that a run may take"),
    }
}

/// Takes the ledger of a run into the archive, if it has one; what is then to be written down of the run.
fn keep(app: &App, id: &RunId, order: &Order, ran: Ran) -> Change {
    let Ran { outcome, ledger } = ran;
    let ingest = |file: &LedgerFile| {
        insist(app, id, || {
            let mut stored = open(&file.path)?;
            match app.archive.ingest(id, Source::Server, &mut stored) {
                // There may never be room for it.
                Err(full @ ArchiveError::Full { .. }) => Ok(Err(full)),
                done => done.map(Ok),
            }
        })
    };
    match ledger.as_ref().map(ingest) {
        Some(Err(error) | Ok(Err(error))) => Change::Failed {
            message: format!("its ledger could not be kept: {error}"),
        },
        _ => Change::Completed {
            results: results(order, &outcome),
            ledger_hash: outcome.ledger_hash.map(|hash| hash.to_string()),
        },
    }
}

/// Asks the archive until its database is there, or the server stops.
fn insist<T>(
    app: &App,
    id: &RunId,
    ask: impl Fn() -> Result<T, ArchiveError>,
) -> Result<T, ArchiveError> {
    let mut pause = PAUSE_MIN;
    loop {
        let error = match ask() {
            Err(
                error @ (ArchiveError::Unavailable { .. }
                | ArchiveError::Silent { .. }
                | ArchiveError::Locked { .. }
                | ArchiveError::Full { .. }),
            ) => error,
            done => return done,
        };
        tracing::warn!(run = %id, %error, "what becomes of a run waits for the database");
        if app.runs.stops_within(pause) {
            return Err(error);
        }
        pause = (pause * 2).min(PAUSE_MAX);
    }
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
