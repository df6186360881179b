//! SQLite: one file, one writer at a time, readers that are not disturbed by it.
//!
//! Commits are on the disk when they return. The log of a large transaction is cut back afterwards.

use std::path::{Path, PathBuf};

use pluriverse_kernel::{
    ledger::{CHUNK_ROWS, Chunk, NO_CAUSE, NONE, Row as LedgerRow},
    time::SimTime,
};
use rusqlite::{
    Error, ErrorCode, Statement, ToSql,
    types::{ToSqlOutput, ValueRef},
};

use crate::{
    archive::Options,
    error::ArchiveError,
    value::{Row, Value},
};

/// Rows that one statement inserts.
const INSERT_ROWS: usize = 16;
const COLUMNS: usize = 8;

/// What tells a file from another of its path while either is open: its device and its number there.
type FileId = (u64, u64);

/// A connection to a SQLite file.
pub(crate) struct SqliteConnection {
    path: PathBuf,
    /// The file that is open.
    file: Option<FileId>,
    connection: rusqlite::Connection,
}

impl SqliteConnection {
    pub(super) fn open(path: &Path, options: &Options) -> Result<Self, ArchiveError> {
        let failed = |error| failure(path, error);
        let connection = rusqlite::Connection::open(path).map_err(failed)?;
        connection.busy_timeout(options.lock_wait).map_err(failed)?;
        let settings = "
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA foreign_keys = ON;
            PRAGMA cache_size = -32768;
            PRAGMA journal_size_limit = 67108864;
        ";
        connection.execute_batch(settings).map_err(failed)?;
        if let Some(limit_bytes) = options.sqlite_limit_bytes {
            let page_bytes: u32 = connection
                .query_row("PRAGMA page_size", [], |row| row.get(0))
                .map_err(failed)?;
            let pages = (limit_bytes / u64::from(page_bytes)).clamp(1, u64::from(u32::MAX - 1));
            let limit = format!("PRAGMA max_page_count = {pages}");
            connection
                .query_row(&limit, [], |_| Ok(()))
                .map_err(failed)?;
        }
        Ok(Self {
            path: path.to_owned(),
            file: file_id(path),
            connection,
        })
    }

    /// A file that was removed or replaced is not the one that is open.
    pub(super) fn is_alive(&self) -> bool {
        self.file.is_some() && file_id(&self.path) == self.file
    }

    fn failure(&self, error: Error) -> ArchiveError {
        failure(&self.path, error)
    }

    pub(super) fn batch(&self, sql: &str) -> Result<(), ArchiveError> {
        self.connection
            .execute_batch(sql)
            .map_err(|error| self.failure(error))
    }

    pub(super) fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, ArchiveError> {
        let execute = || {
            let mut statement = self.connection.prepare(sql)?;
            statement.execute(rusqlite::params_from_iter(values))
        };
        let count = execute().map_err(|error| self.failure(error))?;
        Ok(count as u64)
    }

    pub(super) fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, ArchiveError> {
        let query = || {
            let mut statement = self.connection.prepare(sql)?;
            let columns = statement.column_count();
            let mut rows = statement.query(rusqlite::params_from_iter(values))?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let values = (0..columns).map(|index| row.get_ref(index).map(value_of));
                found.push(Row::new(values.collect::<Result<_, _>>()?));
            }
            Ok(found)
        };
        query().map_err(|error| self.failure(error))
    }

    pub(super) fn append(&self, ledger: i64, chunk: &Chunk) -> Result<(), ArchiveError> {
        let append = || {
            let whole = chunk.len() / INSERT_ROWS * INSERT_ROWS;
            let mut many = self.connection.prepare(&insert(INSERT_ROWS))?;
            for first in (0..whole).step_by(INSERT_ROWS) {
                insert_rows(&mut many, ledger, chunk, first..first + INSERT_ROWS)?;
            }
            let mut one = self.connection.prepare(&insert(1))?;
            (whole..chunk.len())
                .try_for_each(|index| insert_rows(&mut one, ledger, chunk, index..index + 1))
        };
        append().map_err(|error| self.failure(error))
    }

    pub(super) fn fill(&self, ledger: i64, chunk: &mut Chunk) -> Result<(), ArchiveError> {
        let mut fill = || {
            let mut statement = self.connection.prepare(
                "SELECT time_ns, kind, subject, object, value, cause FROM ledger_rows
                 WHERE ledger = $1 AND seq >= $2 AND seq < $3 ORDER BY seq",
            )?;
            let first = chunk.first_row().cast_signed();
            let mut rows = statement.query((ledger, first, first + CHUNK_ROWS as i64))?;
            while let Some(row) = rows.next()? {
                chunk.push(LedgerRow {
                    time: SimTime::from_nanos(row.get(0)?),
                    kind: row.get(1)?,
                    subject: row.get::<_, Option<u32>>(2)?.unwrap_or(NONE),
                    object: row.get::<_, Option<u32>>(3)?.unwrap_or(NONE),
                    value: row.get::<_, Option<f64>>(4)?.unwrap_or(f64::NAN),
                    cause: row
                        .get::<_, Option<i64>>(5)?
                        .map_or(NO_CAUSE, i64::cast_unsigned),
                });
            }
            Ok(())
        };
        fill().map_err(|error| self.failure(error))
    }
}

/// The file of this path, when there is one.
#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt as _;

    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

/// Whether there is a file of this path: elsewhere, one that is open cannot be replaced.
#[cfg(not(unix))]
fn file_id(path: &Path) -> Option<FileId> {
    path.exists().then_some((0, 0))
}

/// The statement that inserts so many rows.
fn insert(rows: usize) -> String {
    let places = vec!["(?,?,?,?,?,?,?,?)"; rows].join(",");
    format!(
        "INSERT INTO ledger_rows (ledger, seq, time_ns, kind, subject, object, value, cause) VALUES {places}"
    )
}

fn insert_rows(
    statement: &mut Statement<'_>,
    ledger: i64,
    chunk: &Chunk,
    rows: std::ops::Range<usize>,
) -> Result<(), Error> {
    for (place, index) in rows.enumerate() {
        let row = chunk.row(index);
        let first = place * COLUMNS + 1;
        let seq = (chunk.first_row() + index as u64).cast_signed();
        statement.raw_bind_parameter(first, ledger)?;
        statement.raw_bind_parameter(first + 1, seq)?;
        statement.raw_bind_parameter(first + 2, row.time.nanos())?;
        statement.raw_bind_parameter(first + 3, row.kind)?;
        statement.raw_bind_parameter(first + 4, (row.subject != NONE).then_some(row.subject))?;
        statement.raw_bind_parameter(first + 5, (row.object != NONE).then_some(row.object))?;
        statement.raw_bind_parameter(first + 6, (!row.value.is_nan()).then_some(row.value))?;
        let cause = (row.cause != NO_CAUSE).then_some(row.cause.cast_signed());
        statement.raw_bind_parameter(first + 7, cause)?;
    }
    statement.raw_execute().map(drop)
}

fn value_of(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Whole(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_owned()),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>, Error> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Whole(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// What an error of SQLite means.
fn failure(path: &Path, error: Error) -> ArchiveError {
    let target = path.display().to_string();
    let message = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            ArchiveError::Locked { target, message }
        }
        Some(ErrorCode::DiskFull) => ArchiveError::Full { target, message },
        Some(
            ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::PermissionDenied
            | ErrorCode::ReadOnly,
        ) => ArchiveError::Unavailable { target, message },
        Some(ErrorCode::NotADatabase) => ArchiveError::Foreign {
            target,
            message: "it is no SQLite file".to_owned(),
        },
        Some(ErrorCode::DatabaseCorrupt) => ArchiveError::Damaged {
            message: format!("{target} is damaged: {message}"),
        },
        _ => ArchiveError::Database { target, message },
    }
}
