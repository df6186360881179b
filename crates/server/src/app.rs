//! What all handlers share, and the router that they hang in.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize},
    },
    time::Duration,
};

use axum::{Router, extract::DefaultBodyLimit, http::StatusCode, middleware};
use pluriverse_archive::{Archive, ArchiveError};
use pluriverse_store::Format;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tower_http::compression::{
    CompressionLayer,
    predicate::{DefaultPredicate, NotForContentType, Predicate},
};

use crate::{
    audit::AuditFile,
    cors,
    gate::Gate,
    guard,
    memory::Memory,
    metrics::Metrics,
    observe, pages,
    problem::Problem,
    routes,
    runs::Runs,
    settings::{Settings, Trust},
    throttle::Throttle,
    worlds::Worlds,
};

/// Worlds whose rows are made again at the same time, each by a thread.
const RETRACINGS_MAX: usize = 2;
/// Where files for single answers are made, in the data folder.
pub(crate) const SCRATCH: &str = "scratch";

/// What all handlers share.
pub(crate) type App = Arc<Shared>;

/// See [`App`].
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) worlds: Worlds,
    pub(crate) runs: Runs,
    /// Where runs and ledgers are kept; its calls block.
    pub(crate) archive: Archive,
    /// Who is let in, where tokens are asked for.
    pub(crate) gate: Gate,
    pub(crate) asks_for_tokens: bool,
    /// Who changed what.
    pub(crate) audit: AuditFile,
    /// Requests of each address.
    pub(crate) requests: Throttle,
    /// Worlds whose rows are made again at the same time.
    pub(crate) retracings: Semaphore,
    /// How much memory it has in use.
    pub(crate) memory: Arc<Memory>,
    /// What it counts of itself.
    pub(crate) metrics: Metrics,
    /// Connections that watch worlds.
    pub(crate) watchers: AtomicUsize,
    /// Whether another server has taken the database.
    pub(crate) is_ousted: AtomicBool,
}

impl Shared {
    pub(crate) fn new(settings: Settings, gate: Gate, archive: Archive, audit: AuditFile) -> Self {
        let metrics = Metrics::new();
        let memory = Arc::new(Memory::new(settings.limits.memory_bytes));
        Self {
            asks_for_tokens: settings.asks_for_tokens(),
            gate,
            archive,
            audit,
            runs: Runs::new(settings.limits, Arc::clone(&memory)),
            requests: Throttle::new(settings.limits.requests_per_minute, Duration::from_secs(60)),
            worlds: Worlds::new(settings.limits, Arc::clone(&memory), metrics.worlds.clone()),
            retracings: Semaphore::new(RETRACINGS_MAX),
            memory,
            metrics,
            watchers: AtomicUsize::new(0),
            is_ousted: AtomicBool::new(false),
            settings,
        }
    }

    /// What the archive answers, asked where blocking is allowed.
    ///
    /// # Errors
    /// What it refuses, as a caller is told.
    pub(crate) async fn archive<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Archive) -> Result<T, ArchiveError> + Send + 'static,
    ) -> Result<T, Problem> {
        let archive = self.archive.clone();
        aside(move || ask(&archive).map_err(|error| Problem::from_archive(&error))).await
    }

    /// A place for a ledger in `format`.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn ledger_file(&self, format: Format) -> Result<LedgerFile, Problem> {
        let folder = self.scratch()?;
        let name = format!("ledger.{}", format.extensions()[0]);
        Ok(LedgerFile {
            path: folder.path().join(name),
            folder,
        })
    }

    /// A folder for what is made for one answer; it is gone when it is dropped.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) fn scratch(&self) -> Result<TempDir, Problem> {
        let folder = self.settings.data_dir.join(SCRATCH);
        let made = std::fs::create_dir_all(&folder).and_then(|()| tempfile::tempdir_in(&folder));
        made.map_err(|error| {
            tracing::error!(%error, "no folder can be made");
            let message = "the server cannot write to its data folder";
            Problem::new(StatusCode::INSUFFICIENT_STORAGE, "no_room", message)
        })
    }
}

/// What `work` comes to, done where it keeps nobody waiting; a defect in it ends this request only.
///
/// # Errors
/// Those of the work, and when a defect ended it.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Problem::internal("the request cannot be answered", &error))?
}

/// A file for a ledger, in a folder of its own.
pub(crate) struct LedgerFile {
    pub(crate) path: PathBuf,
    /// Gone, with the file, when it is dropped.
    pub(crate) folder: TempDir,
}

/// Everything that the server answers.
pub(crate) fn router(app: App) -> Router {
    let (api, _) = routes::api(&app.settings.limits).split_for_parts();
    let body_limit = DefaultBodyLimit::max(app.settings.limits.body_bytes);
    let router = api
        .merge(routes::root())
        .layer(body_limit)
        .method_not_allowed_fallback(no_such_method)
        .fallback(pages::serve)
        .layer(CompressionLayer::new().compress_when(worth_packing()))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            guard::check,
        ));
    // Outside the guard: browsers ask without a token, and must be able to read refusals. Where it is mounted, the
    // program around it tells browsers.
    let router = match cors::layer(&app.settings.cors) {
        Some(layer) if app.settings.trust != Trust::Host => router.layer(layer),
        _ => router,
    };
    router
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            guard::protect,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            observe::measure,
        ))
        .with_state(app)
}

/// What gets smaller by compression, which files of numbers and snapshots do not.
fn worth_packing() -> impl Predicate {
    DefaultPredicate::new()
        .and(NotForContentType::const_new("application/vnd."))
        .and(NotForContentType::const_new("application/octet-stream"))
}

async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "no_such_method",
        "there is something here, but not with this method",
    )
}
