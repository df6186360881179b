//! One connection to a database, the same to whoever uses it.
//!
//! Statements are written once: their parameters are `$1`, `$2`, … in the order in which they first occur, and they
//! use what both databases know. What differs (columns' types, how rows get in in bulk) is in here.

use pluriverse_kernel::ledger::Chunk;

use crate::{
    archive::Options,
    error::ArchiveError,
    location::Location,
    value::{Row, Value},
};

mod postgres;
mod sqlite;

use postgres::PostgresConnection;
use sqlite::SqliteConnection;

/// A connection.
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(Box<PostgresConnection>),
}

impl Connection {
    /// Connects; a SQLite file that is missing is made.
    pub(crate) fn open(location: &Location, options: &Options) -> Result<Self, ArchiveError> {
        match location {
            Location::Sqlite(path) => SqliteConnection::open(path, options).map(Self::Sqlite),
            Location::Postgres(location) => PostgresConnection::open(location, options)
                .map(|connection| Self::Postgres(Box::new(connection))),
        }
    }

    /// Whether the database still answers.
    pub(crate) fn is_alive(&self) -> bool {
        match self {
            Self::Sqlite(connection) => connection.is_alive(),
            Self::Postgres(connection) => connection.is_alive(),
        }
    }

    /// A piece of the schema in the words of this database: what stands in braces is replaced.
    pub(crate) fn dialect(&self, sql: &str) -> String {
        let (bytes, real, identity, clustered) = match self {
            Self::Sqlite(_) => (
                "BLOB",
                // In a column that is said to be of floats, SQLite turns -0.0 into 0.
                "",
                "INTEGER PRIMARY KEY AUTOINCREMENT",
                " WITHOUT ROWID",
            ),
            Self::Postgres(_) => (
                "BYTEA",
                "DOUBLE PRECISION",
                "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                "",
            ),
        };
        sql.replace("{bytes}", bytes)
            .replace("{real}", real)
            .replace("{identity}", identity)
            .replace("{clustered}", clustered)
    }

    /// Begins a transaction that will write, and has its place among those who do.
    pub(crate) fn begin(&mut self) -> Result<(), ArchiveError> {
        match self {
            Self::Sqlite(connection) => connection.batch("BEGIN IMMEDIATE"),
            Self::Postgres(connection) => connection.batch("BEGIN"),
        }
    }

    /// Keeps other programs from changing the schema until the end of the transaction.
    pub(crate) fn lock_schema(&mut self) -> Result<(), ArchiveError> {
        match self {
            // The transaction itself keeps others out.
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(connection) => {
                connection.batch("SELECT pg_advisory_xact_lock(8101984723015)")
            }
        }
    }

    /// Keeps other sessions from the same until this one ends. A machine that is cut off holds it for a minute or so.
    pub(crate) fn lock_for_session(&mut self) -> Result<(), ArchiveError> {
        match self {
            // One that is kept beside its file.
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(connection) => connection.batch(
                "SET tcp_keepalives_idle TO 20; SET tcp_keepalives_interval TO 10; \
                 SET tcp_keepalives_count TO 3; SELECT pg_advisory_lock(8101984723016)",
            ),
        }
    }

    /// Statements without parameters and results.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), ArchiveError> {
        match self {
            Self::Sqlite(connection) => connection.batch(sql),
            Self::Postgres(connection) => connection.batch(sql),
        }
    }

    /// A statement; returns how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, ArchiveError> {
        match self {
            Self::Sqlite(connection) => connection.execute(sql, values),
            Self::Postgres(connection) => connection.execute(sql, values),
        }
    }

    /// A query's rows.
    pub(crate) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, ArchiveError> {
        match self {
            Self::Sqlite(connection) => connection.query(sql, values),
            Self::Postgres(connection) => connection.query(sql, values),
        }
    }

    /// A query's only row.
    pub(crate) fn query_one(
        &mut self,
        sql: &str,
        values: &[Value],
    ) -> Result<Option<Row>, ArchiveError> {
        Ok(self.query(sql, values)?.into_iter().next())
    }

    /// Whether there is a table of this name.
    pub(crate) fn has_table(&mut self, name: &str) -> Result<bool, ArchiveError> {
        let sql = match self {
            Self::Sqlite(_) => "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1",
            Self::Postgres(_) => {
                "SELECT 1 FROM pg_tables WHERE schemaname = 'pluriverse' AND tablename = $1"
            }
        };
        Ok(self.query_one(sql, &[name.into()])?.is_some())
    }

    /// Whether there is a table of anybody.
    pub(crate) fn has_foreign_tables(&mut self) -> Result<bool, ArchiveError> {
        match self {
            Self::Sqlite(connection) => {
                let sql = "SELECT 1 FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' LIMIT 1";
                Ok(!connection.query(sql, &[])?.is_empty())
            }
            // Others' tables are in other schemas.
            Self::Postgres(_) => Ok(false),
        }
    }

    /// Adds rows of the ledger of this number, in bulk.
    pub(crate) fn append(&mut self, ledger: i64, chunk: &Chunk) -> Result<(), ArchiveError> {
        match self {
            Self::Sqlite(connection) => connection.append(ledger, chunk),
            Self::Postgres(connection) => connection.append(ledger, chunk),
        }
    }

    /// Reads the rows of the ledger of this number from `chunk`'s first on, until it is full or there are no more.
    pub(crate) fn fill(&mut self, ledger: i64, chunk: &mut Chunk) -> Result<(), ArchiveError> {
        match self {
            Self::Sqlite(connection) => connection.fill(ledger, chunk),
            Self::Postgres(connection) => connection.fill(ledger, chunk),
        }
    }
}
