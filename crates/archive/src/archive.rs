//! The archive itself: a database, connections to it, and transactions.
//!
//! Calls block until the database has answered. Connections are made when they are needed and again when the
//! database was gone; at most [`Options::connections`] are open at once. Writers of a SQLite file take turns. A database
//! that gives no answer is asked by one caller at a time until it answers again; the others are told at once.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    connection::Connection, error::ArchiveError, location::Location, schema, value::Value,
};

/// How an archive uses its database.
#[derive(Clone, Debug)]
pub struct Options {
    /// Most connections at once, at least 1.
    pub connections: usize,
    /// How long to wait for anything that others hold (a turn to write, a connection, a lock of the database) before
    /// the call fails.
    pub lock_wait: Duration,
    /// How long a database elsewhere may take to answer one statement, beside what it waits for others, before the
    /// call fails.
    pub answer_wait: Duration,
    /// How large a SQLite file may become; beyond, it is as if the disk were full.
    pub sqlite_limit_bytes: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 8,
            lock_wait: Duration::from_secs(30),
            answer_wait: Duration::from_secs(60),
            sqlite_limit_bytes: None,
        }
    }
}

/// Runs, their results and their ledgers in a database; clones are the same archive.
///
/// Every call is for itself and may be made from any thread, but blocks: in asynchronous programs it belongs on a
/// thread for blocking work (`spawn_blocking`).
#[derive(Clone)]
pub struct Archive {
    shared: Arc<Shared>,
}

struct Shared {
    location: Location,
    options: Options,
    connections: Mutex<Connections>,
    returned: Condvar,
    /// Whether somebody writes to the SQLite file.
    is_writing: Mutex<bool>,
    written: Condvar,
}

#[derive(Default)]
struct Connections {
    idle: Vec<Connection>,
    in_use: usize,
    /// Whether the database has left a question without an answer, and has answered none since.
    is_silent: bool,
    /// Whether somebody is asking it whether it answers again.
    is_probed: bool,
}

impl Archive {
    /// Opens the archive, making or migrating its tables.
    ///
    /// # Errors
    /// When the database cannot be reached, is of a newer version, or is no archive.
    pub fn open(location: Location, options: Options) -> Result<Self, ArchiveError> {
        let archive = Self {
            shared: Arc::new(Shared {
                location,
                options,
                connections: Mutex::default(),
                returned: Condvar::new(),
                is_writing: Mutex::default(),
                written: Condvar::new(),
            }),
        };
        archive.check()?;
        Ok(archive)
    }

    /// Asks the database whether it is there and has the tables.
    ///
    /// # Errors
    /// When it is not, or has not.
    pub fn check(&self) -> Result<(), ArchiveError> {
        self.read(|connection| {
            connection
                .query("SELECT id FROM runs LIMIT 1", &[])
                .map(drop)
        })
    }

    /// Where the database is, and how it is used.
    pub(crate) fn place(&self) -> (&Location, &Options) {
        (&self.shared.location, &self.shared.options)
    }

    /// Lets `work` ask the database.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, ArchiveError>,
    ) -> Result<T, ArchiveError> {
        let mut lease = self.lease()?;
        let done = work(lease.connection());
        if matches!(
            done,
            Err(ArchiveError::Unavailable { .. } | ArchiveError::Silent { .. })
        ) {
            lease.close();
        }
        self.shared.hear(&done);
        done
    }

    /// Lets `work` change the database: all of it, or nothing when it fails.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, ArchiveError>,
    ) -> Result<T, ArchiveError> {
        let _turn = match self.shared.location {
            Location::Sqlite(_) => Some(self.turn()?),
            Location::Postgres(_) => None,
        };
        let mut lease = self.lease()?;
        let connection = lease.connection();
        let done = connection
            .begin()
            .and_then(|()| work(connection))
            .and_then(|answer| connection.batch("COMMIT").map(|()| answer));
        if done.is_err() && connection.batch("ROLLBACK").is_err() {
            // Whatever it was in, closing it ends it.
            lease.close();
        }
        self.shared.hear(&done);
        done
    }

    /// Waits until nobody writes to the SQLite file.
    fn turn(&self) -> Result<Turn<'_>, ArchiveError> {
        let shared = &*self.shared;
        let limit = shared.options.lock_wait;
        let is_writing = lock(&shared.is_writing);
        let (mut is_writing, _) = shared
            .written
            .wait_timeout_while(is_writing, limit, |is_writing| *is_writing)
            .unwrap_or_else(PoisonError::into_inner);
        if *is_writing {
            return Err(ArchiveError::Locked {
                target: shared.location.to_string(),
                message: format!("its other writers were not done within {limit:?}"),
            });
        }
        *is_writing = true;
        Ok(Turn { shared })
    }

    fn lease(&self) -> Result<Lease<'_>, ArchiveError> {
        let shared = &*self.shared;
        let connections = lock(&shared.connections);
        let most = shared.options.connections.max(1);
        let (mut connections, _) = shared
            .returned
            .wait_timeout_while(connections, shared.options.lock_wait, |connections| {
                connections.in_use >= most && !connections.is_silent
            })
            .unwrap_or_else(PoisonError::into_inner);
        let is_full = connections.in_use >= most;
        if connections.is_silent && (is_full || connections.is_probed) {
            return Err(ArchiveError::Silent {
                target: shared.location.to_string(),
                limit: shared.options.answer_wait,
            });
        }
        if is_full {
            return Err(ArchiveError::Locked {
                target: shared.location.to_string(),
                message: format!("all {most} connections are in use"),
            });
        }
        connections.in_use += 1;
        connections.is_probed |= connections.is_silent;
        let idle = connections.idle.pop();
        // From here on dropping the lease gives the place back.
        let mut lease = Lease {
            shared,
            connection: idle,
            is_probe: connections.is_silent,
        };
        drop(connections);
        let connected = lease.connect();
        shared.hear(&connected);
        connected?;
        lease.has_answered();
        Ok(lease)
    }

    /// How many rows a table has.
    pub(crate) fn count(&self, table: &str, values: &[Value]) -> Result<u64, ArchiveError> {
        self.read(|connection| {
            let row = connection.query_one(&format!("SELECT COUNT(*) FROM {table}"), values)?;
            row.map_or(Ok(0), |mut row| row.bits())
        })
    }
}

impl Shared {
    /// Notes that the database has given no answer, and lets nobody wait for a connection to it.
    fn hear<T>(&self, done: &Result<T, ArchiveError>) {
        if matches!(done, Err(ArchiveError::Silent { .. })) {
            lock(&self.connections).is_silent = true;
            self.returned.notify_all();
        }
    }
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Archive")
            .field("location", &self.shared.location)
            .finish_non_exhaustive()
    }
}

/// The right to write to a SQLite file.
struct Turn<'a> {
    shared: &'a Shared,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *lock(&self.shared.is_writing) = false;
        self.shared.written.notify_one();
    }
}

/// A connection for the time of a call.
struct Lease<'a> {
    shared: &'a Shared,
    connection: Option<Connection>,
    /// Whether it is the one that asks a database that is silent.
    is_probe: bool,
}

impl Lease<'_> {
    /// Notes that the database answers.
    fn has_answered(&mut self) {
        let mut connections = lock(&self.shared.connections);
        connections.is_silent = false;
        if std::mem::take(&mut self.is_probe) {
            connections.is_probed = false;
        }
    }

    fn connection(&mut self) -> &mut Connection {
        self.connection
            .as_mut()
            .expect("a lease has a connection until it is closed")
    }

    /// Sees to it that the connection is one that answers.
    fn connect(&mut self) -> Result<(), ArchiveError> {
        if self.connection.as_ref().is_some_and(Connection::is_alive) {
            return Ok(());
        }
        let shared = self.shared;
        if self.connection.take().is_some() {
            // The database went away, and with it what else waits here.
            let others = std::mem::take(&mut lock(&shared.connections).idle);
            drop(others);
        }
        let mut connection = Connection::open(&shared.location, &shared.options)?;
        schema::prepare(&mut connection, &shared.location)?;
        self.connection = Some(connection);
        Ok(())
    }

    /// Closes the connection, so that nobody gets it again.
    fn close(&mut self) {
        self.connection = None;
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        // What a panic has left open must not be seen by the next.
        let connection = self.connection.take().filter(|_| !std::thread::panicking());
        let mut connections = lock(&self.shared.connections);
        connections.in_use -= 1;
        connections.is_probed &= !self.is_probe;
        connections.idle.extend(connection);
        drop(connections);
        self.shared.returned.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
