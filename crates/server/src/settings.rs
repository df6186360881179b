//! What a server is told at its start, and its limits.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{cors::Origin, memory::usual_limit_bytes, tls::TlsFiles};

/// How a server is to serve.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub address: SocketAddr,
    /// Folder of everything that it keeps.
    pub data_dir: PathBuf,
    /// Where runs and ledgers are kept: `postgres://…`, a SQLite file, or `None` for one in the data folder.
    pub database: Option<String>,
    /// Who must show a token.
    pub trust: Trust,
    /// Certificate and key, where it speaks TLS.
    pub tls: Option<TlsFiles>,
    /// Origins whose pages may use it, beside its own.
    pub cors: Vec<Origin>,
    /// How long runs are kept that have ended; `None` for ever.
    pub keep_runs: Option<Duration>,
    /// How many of the latest runs are kept that have ended; `None` for all.
    pub keep_latest: Option<u64>,
    /// What it grants to its clients.
    pub limits: Limits,
    /// Which program serves.
    pub build: Build,
}

impl Settings {
    /// The usual settings of a server at `address` that keeps its things in `data_dir`.
    #[must_use]
    pub fn new(address: SocketAddr, data_dir: &Path) -> Self {
        Self {
            address,
            data_dir: data_dir.to_owned(),
            database: None,
            trust: Trust::Loopback,
            tls: None,
            cors: Vec::new(),
            keep_runs: None,
            keep_latest: None,
            limits: Limits::default(),
            build: Build::default(),
        }
    }

    /// Whether callers must show a token.
    #[must_use]
    pub fn asks_for_tokens(&self) -> bool {
        match self.trust {
            Trust::Nobody => true,
            Trust::Loopback => !self.address.ip().is_loopback(),
            Trust::Host => false,
        }
    }
}

/// Who must show a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nobody, as long as the address can be reached from this machine only.
    Loopback,
    /// Everybody.
    Nobody,
    /// Nobody: the program has asked that the server is mounted in. One that listens takes it as [`Trust::Nobody`].
    Host,
}

/// Which program it is, as ledgers and answers say.
#[derive(Clone, Debug, Default)]
pub struct Build {
    /// Its version.
    pub version: String,
    /// The revision that it was built from; empty when not known.
    pub revision: String,
}

/// What the server grants.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Worlds at the same time.
    pub worlds: usize,
    /// Bytes of memory that the server may have in use; beyond, worlds and runs go no further.
    pub memory_bytes: u64,
    /// Wall time of one call that moves a world; the rest is for the next call.
    pub call: Duration,
    /// How long a world stays that nobody moves, asks or watches.
    pub world_idle: Duration,
    /// How long its database may take to answer one statement, beside what that waits for others.
    pub database_answer: Duration,
    /// Bytes of a JSON body, with the scenario and its files.
    pub body_bytes: usize,
    /// Bytes of a snapshot.
    pub snapshot_bytes: usize,
    /// Runs that wait or go on.
    pub runs: usize,
    /// Wall time of a run.
    pub run: Duration,
    /// Threads of a run.
    pub run_threads: usize,
    /// Bytes of a ledger that is sent, packed and unpacked.
    pub upload_bytes: u64,
    /// How long an upload in chunks waits for the next one.
    pub upload_idle: Duration,
    /// Bytes of the audit file, which then becomes the one before.
    pub audit_bytes: u64,
    /// Connections that watch worlds, of all worlds together.
    pub watchers: usize,
    /// How long a client may keep the server waiting: for the rest of a request, for room to answer, for a sign that
    /// whoever watches is still there.
    pub patience: Duration,
    /// Requests from one address, of which as many may come at once.
    pub requests_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            worlds: 64,
            memory_bytes: usual_limit_bytes(),
            call: Duration::from_secs(30),
            world_idle: Duration::from_secs(15 * 60),
            database_answer: Duration::from_secs(15),
            body_bytes: 16 << 20,
            snapshot_bytes: 256 << 20,
            runs: 100,
            run: Duration::from_secs(3600),
            run_threads: 1,
            upload_bytes: 4 << 30,
            upload_idle: Duration::from_secs(24 * 3600),
            audit_bytes: 64 << 20,
            watchers: 4096,
            patience: Duration::from_secs(60),
            requests_per_minute: 30_000,
        }
    }
}
