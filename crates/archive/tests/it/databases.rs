//! Empty databases of both sorts for a test.

use std::{
    panic::Location as Caller,
    sync::atomic::{AtomicU32, Ordering},
};

use pluriverse_archive::{Archive, ArchiveError, Location, Options};
use postgres::{Client, NoTls};
use tempfile::TempDir;

use crate::server;

/// An empty database.
pub(crate) struct Database {
    /// How it is named on a command line.
    pub(crate) address: String,
    _folder: Option<TempDir>,
}

impl Database {
    /// A SQLite file that does not exist yet.
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            address: folder.path().join("runs.sqlite").display().to_string(),
            _folder: Some(folder),
        }
    }

    /// A database on the server that all tests share.
    pub(crate) fn postgres() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // Ordering: the numbers only have to differ.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self {
            address: server::make_database(&format!("test_{number}")),
            _folder: None,
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        !self.address.starts_with("postgres")
    }

    pub(crate) fn location(&self) -> Location {
        Location::parse(&self.address).unwrap()
    }

    pub(crate) fn try_open(&self, options: Options) -> Result<Archive, ArchiveError> {
        Archive::open(self.location(), options)
    }

    pub(crate) fn open(&self) -> Archive {
        self.try_open(Options::default()).unwrap()
    }

    /// Does something to the database past the archive.
    pub(crate) fn batch(&self, sql: &str) {
        if self.is_sqlite() {
            let connection = rusqlite::Connection::open(&self.address).unwrap();
            connection.execute_batch(sql).unwrap();
        } else {
            self.client().batch_execute(sql).unwrap();
        }
    }

    /// Asks the database for one whole number past the archive.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        if self.is_sqlite() {
            let connection = rusqlite::Connection::open(&self.address).unwrap();
            connection.query_row(sql, [], |row| row.get(0)).unwrap()
        } else {
            self.client().query_one(sql, &[]).unwrap().get(0)
        }
    }

    /// A session of PostgreSQL past the archive.
    pub(crate) fn client(&self) -> Client {
        let mut client = Client::connect(&self.address, NoTls).unwrap();
        client
            .batch_execute("SET search_path TO pluriverse")
            .unwrap();
        client
    }
}

/// Runs a test on an empty database of each sort.
#[track_caller]
pub(crate) fn on_both(test: impl Fn(&Database)) {
    let caller = Caller::caller();
    for database in [Database::sqlite(), Database::postgres()] {
        // A failure shows which of the two it was.
        let told = Told(format!("{caller}: on {}", database.address));
        test(&database);
        std::mem::forget(told);
    }
}

struct Told(String);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("{}\n", self.0).as_bytes(),
            );
        }
    }
}
