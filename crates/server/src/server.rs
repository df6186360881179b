//! A server's life: binds, serves, and stops when told to, after what it has accepted is done.

use std::{
    fmt,
    fs::{File, TryLockError},
    io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
    time::Duration,
};

use pluriverse_archive::{Archive, ArchiveError, Claim, Location, Options, Source};
use tokio::{
    runtime::Handle,
    sync::{mpsc::UnboundedReceiver, watch},
    task::JoinSet,
};

use crate::{
    app::{App, SCRATCH, Shared, router},
    audit::AuditFile,
    connections::{self, Visit},
    gate::Gate,
    settings::{Limits, Settings, Trust},
    tls::{Tls, TlsError},
    tokens::TokenError,
    upkeep,
};

/// What a server locks of its data folder.
const CLAIM: &str = "lock";
/// The database, where no other is named.
const DATABASE: &str = "runs.sqlite";
/// How long a request waits for what others hold of the database, at most.
const LOCK_WAIT: Duration = Duration::from_secs(10);
/// How long watchers may take to hear that the server stops.
const WATCHERS_TIMEOUT: Duration = Duration::from_secs(2);
/// How long connections may take to end after the server was told to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a server does not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened at.
    Bind {
        /// The address.
        address: SocketAddr,
        /// The system's answer.
        source: io::Error,
    },
    /// Everybody is to show a token, and there is none.
    NeedsToken {
        /// The address.
        address: SocketAddr,
    },
    /// The database cannot be opened.
    Archive(ArchiveError),
    /// The tokens cannot be read.
    Tokens(TokenError),
    /// There can be no TLS.
    Tls(TlsError),
    /// Nobody could be told who changed what.
    Audit {
        /// The data folder.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The data folder cannot be written to.
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another server has the data folder.
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The system gives no thread.
    Thread(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind { address, source } => write!(out, "cannot listen at {address}: {source}"),
            Self::NeedsToken { address } => write!(
                out,
                "a server at {address} asks everybody for a token, and there is none yet"
            ),
            Self::Archive(source) => source.fmt(out),
            Self::Tokens(source) => source.fmt(out),
            Self::Tls(source) => source.fmt(out),
            Self::Audit { path, source } => {
                write!(
                    out,
                    "no audit file can be kept in `{}`: {source}",
                    path.display()
                )
            }
            Self::Folder { path, source } => {
                write!(out, "nothing can be kept in `{}`: {source}", path.display())
            }
            Self::InUse { path } => {
                write!(
                    out,
                    "another server keeps its things in `{}`",
                    path.display()
                )
            }
            Self::Thread(source) => write!(out, "cannot start a thread: {source}"),
        }
    }
}

impl std::error::Error for StartError {}

/// A running server; dropping it stops it.
pub struct Server {
    address: SocketAddr,
    life: Life,
}

impl Server {
    /// Binds and serves from threads of its own.
    ///
    /// # Errors
    /// When it cannot listen there, or must not.
    pub fn start(mut settings: Settings) -> Result<Self, StartError> {
        if settings.trust == Trust::Host {
            // Nobody stands between it and the network.
            settings.trust = Trust::Nobody;
        }
        let address = settings.address;
        let gate = Gate::new(settings.data_dir.clone()).map_err(StartError::Tokens)?;
        if settings.asks_for_tokens() && !gate.has_tokens() {
            return Err(StartError::NeedsToken { address });
        }
        let tls = settings.tls.clone().map(Tls::read).transpose();
        let tls = tls.map_err(StartError::Tls)?;
        let claim = claim(&settings.data_dir)?;
        let bind = |source| StartError::Bind { address, source };
        let listener = TcpListener::bind(address).map_err(bind)?;
        listener.set_nonblocking(true).map_err(bind)?;
        settings.address = listener.local_addr().map_err(bind)?;
        Ok(Self {
            address: settings.address,
            life: Life::begin(settings, gate, claim, Door::Network(listener, tls))?,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops: takes nothing new, finishes what it has accepted, ends all worlds.
    pub fn stop(self) {
        drop(self.life);
    }
}

/// Where a server's clients come from.
pub(crate) enum Door {
    /// The network; with keys, where it speaks TLS.
    Network(TcpListener, Option<Tls>),
    /// The program that it is mounted in.
    Inside(UnboundedReceiver<Visit>),
}

/// A server's threads and what it holds, however its clients come to it; dropping it stops the server.
pub(crate) struct Life {
    /// Nobody else serves from the data folder as long as this is locked.
    claim: File,
    runtime: Handle,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Life {
    /// Opens what is in a data folder that was claimed, and serves from threads of its own.
    ///
    /// # Errors
    /// When something of what it needs cannot be opened.
    pub(crate) fn begin(
        settings: Settings,
        gate: Gate,
        claim: File,
        door: Door,
    ) -> Result<Self, StartError> {
        let (archive, database) = open_archive(&settings).map_err(StartError::Archive)?;
        clear_scratch(&settings.data_dir);
        let audit = AuditFile::open(&settings.data_dir, settings.limits.audit_bytes);
        let audit = audit.map_err(|source| StartError::Audit {
            path: settings.data_dir.clone(),
            source,
        })?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name("server")
            .build()
            .map_err(StartError::Thread)?;
        let handle = runtime.handle().clone();
        let app = Arc::new(Shared::new(settings, gate, archive, audit));
        let (stop, stopped) = watch::channel(false);
        let thread = std::thread::Builder::new()
            .name("server".to_owned())
            .spawn(move || {
                if let Err(error) = runtime.block_on(run(door, database, app, stopped)) {
                    tracing::error!(%error, "the server has ended");
                }
                runtime.shutdown_timeout(STOP_TIMEOUT);
            })
            .map_err(StartError::Thread)?;
        Ok(Self {
            claim,
            runtime: handle,
            stop,
            thread: Some(thread),
        })
    }

    /// What its work is done on.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A defect in the server's thread has been told by its panic already.
            let _ = thread.join();
        }
        // A process that was forked from this one would hold the lock as well: closing the file is not enough.
        let _ = self.claim.unlock();
    }
}

/// Claims a data folder: what lies about there is this server's own from now on, and nobody's who still serves.
pub(crate) fn claim(data_dir: &Path) -> Result<File, StartError> {
    let refused = |source| StartError::Folder {
        path: data_dir.to_owned(),
        source,
    };
    std::fs::create_dir_all(data_dir).map_err(refused)?;
    let file = File::create(data_dir.join(CLAIM)).map_err(refused)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse {
            path: data_dir.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(refused(source)),
    }
}

/// Removes what a server has left behind that was killed; its answers and uploads have ended with it.
fn clear_scratch(data_dir: &Path) {
    let folder = data_dir.join(SCRATCH);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, folder = %folder.display(), "a folder of an earlier life cannot be removed");
        }
        _ => {}
    }
}

/// Opens the database and claims it; runs of an earlier life that had not ended have failed.
fn open_archive(settings: &Settings) -> Result<(Archive, Claim), ArchiveError> {
    let location = match &settings.database {
        Some(text) => Location::parse(text)?,
        None => {
            let folder = &settings.data_dir;
            std::fs::create_dir_all(folder).map_err(|error| ArchiveError::Unavailable {
                target: folder.display().to_string(),
                message: error.to_string(),
            })?;
            Location::parse(&format!("sqlite:{}", folder.join(DATABASE).display()))?
        }
    };
    let Limits {
        database_answer, ..
    } = settings.limits;
    let options = Options {
        lock_wait: LOCK_WAIT.min(database_answer),
        answer_wait: database_answer,
        ..Options::default()
    };
    let archive = Archive::open(location, options)?;
    let claim = archive.claim()?;
    archive.fail_unfinished(Source::Server, "the server stopped before it had ended")?;
    Ok((archive, claim))
}

/// Serves until the user or the system asks to stop; `ready` is told where.
///
/// # Errors
/// As [`Server::start`].
pub fn serve(settings: Settings, ready: impl FnOnce(SocketAddr)) -> Result<(), StartError> {
    let server = Server::start(settings)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(StartError::Thread)?;
    runtime.block_on(async {
        let asked = asked_to_stop().map_err(StartError::Thread)?;
        ready(server.address());
        asked.await;
        Ok(())
    })?;
    tracing::info!("stopping");
    server.stop();
    Ok(())
}

/// Listens from now on, and ends at Ctrl-C or the signal that asks a program to end.
#[cfg(unix)]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Listens from now on, and ends at Ctrl-C.
#[cfg(not(unix))]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

async fn run(
    door: Door,
    database: Claim,
    app: App,
    stopped: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut upkeep = JoinSet::new();
    upkeep.spawn(upkeep::sweep(Arc::clone(&app)));
    upkeep.spawn(upkeep::look_at_memory(Arc::clone(&app)));
    upkeep.spawn(upkeep::expire(Arc::clone(&app)));
    upkeep.spawn(upkeep::add_figures(Arc::clone(&app)));
    upkeep.spawn(upkeep::hold(Arc::clone(&app), database));
    let mut service = connections::Service {
        router: router(Arc::clone(&app)),
        tls: None,
        patience: app.settings.limits.patience,
        stopped: stopped.clone(),
    };
    let serving = match door {
        Door::Network(listener, tls) => {
            if let Some(tls) = tls.clone() {
                upkeep.spawn(upkeep::renew(tls));
            }
            service.tls = tls;
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tokio::spawn(connections::serve(listener, service))
        }
        Door::Inside(visits) => tokio::spawn(connections::receive(visits, service)),
    };
    let mut told = stopped;
    connections::told_to_stop(&mut told).await;
    app.runs.stop();
    app.worlds.end_all();
    // Connections that take longer than this end with the runtime.
    let _ = tokio::time::timeout(STOP_TIMEOUT, serving).await;
    // Watchers are told that the server stops, which no open request stands for.
    let _ = tokio::time::timeout(WATCHERS_TIMEOUT, unwatched(&app)).await;
    Ok(())
}

/// Waits until nobody watches any more.
async fn unwatched(app: &App) {
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    // Ordering: the number publishes no data.
    while app.watchers.load(Ordering::Relaxed) > 0 {
        ticks.tick().await;
    }
}
