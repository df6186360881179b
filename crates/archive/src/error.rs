//! Why an archive cannot do what it was asked to, what is wrong, and what to do.
//!
//! An error leaves everything as it was before the call. The archive stays usable after each of them: whether the
//! database is there is found out anew by every call.

use std::{fmt, time::Duration};

use pluriverse_kernel::ledger::LedgerHash;
use pluriverse_store::StoreError;

use crate::{run::RunId, upload::ChunkHash};

/// Why an archive refused or failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The text names no place for an archive.
    Location {
        /// The text, without credentials and query.
        got: String,
        /// What is wrong with it.
        message: String,
    },
    /// The database cannot be reached, or went away during the call; a later call may succeed.
    Unavailable {
        /// The database.
        target: String,
        /// What it or the system says.
        message: String,
    },
    /// The database is there and gives no answer; what it was asked it may still do, or may have done.
    Silent {
        /// The database.
        target: String,
        /// How long was waited.
        limit: Duration,
    },
    /// Another program has claimed the database for itself.
    Claimed {
        /// The database.
        target: String,
    },
    /// Somebody else holds what the call needs, and held it for as long as was waited.
    Locked {
        /// The database.
        target: String,
        /// What it says.
        message: String,
    },
    /// There is no room left.
    Full {
        /// The database.
        target: String,
        /// What it says.
        message: String,
    },
    /// The database was made by a newer version of this program.
    Newer {
        /// The database.
        target: String,
        /// Its version.
        got: i64,
        /// The newest that is known here.
        known: i64,
    },
    /// The file or database holds something else than an archive.
    Foreign {
        /// The database.
        target: String,
        /// What is there instead.
        message: String,
    },
    /// The database holds what no archive writes.
    Damaged {
        /// Where and what.
        message: String,
    },
    /// The database refused for another reason.
    Database {
        /// The database.
        target: String,
        /// What it says.
        message: String,
    },
    /// A value of the caller is out of its range.
    Invalid {
        /// Which.
        what: &'static str,
        /// The value.
        got: String,
        /// What was expected.
        expected: String,
    },
    /// There is no such run.
    NoRun {
        /// Its id.
        run: RunId,
    },
    /// The run has no ledger here.
    NoLedger {
        /// Its id.
        run: RunId,
    },
    /// No upload of this run has begun.
    NoUpload {
        /// Its id.
        run: RunId,
    },
    /// Something else is there already under this id.
    Conflict {
        /// The id.
        run: RunId,
        /// What is there.
        message: String,
    },
    /// More has come than is allowed.
    TooLarge {
        /// How many bytes are.
        limit_bytes: u64,
    },
    /// What comes cannot be kept in a temporary file.
    Spool {
        /// What the system says.
        message: String,
    },
    /// The ledger cannot be read or is not what it says it is.
    Ledger(StoreError),
    /// A ledger that was cut before its end.
    Cut {
        /// Rows that are there.
        rows: u64,
        /// Why it was cut.
        reason: String,
    },
    /// A row cannot be in a ledger.
    Row {
        /// Its number.
        row: u64,
        /// What is wrong with it.
        message: String,
    },
    /// A chunk of an upload has not the rows that it should have.
    ChunkLength {
        /// Its number.
        chunk: u64,
        /// How many bytes it should have.
        expected: u64,
        /// How many there are.
        got: u64,
    },
    /// A chunk of an upload is not what its sender says.
    ChunkDiffers {
        /// Its number.
        chunk: u64,
        /// What the sender says.
        expected: ChunkHash,
        /// What its rows give.
        got: ChunkHash,
    },
    /// An upload cannot be committed yet.
    Incomplete {
        /// The run.
        run: RunId,
        /// How many chunks are missing.
        missing_count: u64,
        /// The first that is.
        first_missing: u64,
    },
    /// The chunks of an upload are whole, and together not the ledger that was declared.
    HashDiffers {
        /// What was declared.
        expected: LedgerHash,
        /// What the rows give.
        got: LedgerHash,
    },
}

impl ArchiveError {
    /// A short name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Location { .. } => "wrong_location",
            Self::Unavailable { .. } => "database_unavailable",
            Self::Silent { .. } => "database_silent",
            Self::Claimed { .. } => "database_claimed",
            Self::Locked { .. } => "database_locked",
            Self::Full { .. } => "database_full",
            Self::Newer { .. } => "database_newer",
            Self::Foreign { .. } => "database_foreign",
            Self::Damaged { .. } => "database_damaged",
            Self::Database { .. } => "database_error",
            Self::Invalid { .. } => "invalid_value",
            Self::NoRun { .. } => "no_such_run",
            Self::NoLedger { .. } => "no_ledger",
            Self::NoUpload { .. } => "no_such_upload",
            Self::Conflict { .. } => "conflict",
            Self::TooLarge { .. } => "too_large",
            Self::Spool { .. } => "no_temporary_file",
            Self::Ledger(_) => "invalid_ledger",
            Self::Cut { .. } => "ledger_cut",
            Self::Row { .. } => "invalid_row",
            Self::ChunkLength { .. } => "chunk_length",
            Self::ChunkDiffers { .. } => "chunk_hash_mismatch",
            Self::Incomplete { .. } => "upload_incomplete",
            Self::HashDiffers { .. } => "ledger_hash_mismatch",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Location { .. } => {
                "name a SQLite file, or a PostgreSQL database as postgres://USER:PASSWORD@HOST:PORT/DATABASE"
            }
            Self::Unavailable { .. } => {
                "see that the database runs and that address, user, password and name are right, then try again"
            }
            Self::Silent { .. } => {
                "see what holds the database or the network to it up, then try again"
            }
            Self::Claimed { .. } => "stop the other server, or name another database",
            Self::Locked { .. } => {
                "try again; if it lasts, find the program or session that holds a transaction open"
            }
            Self::Full { .. } => {
                "make room on the disk, delete old runs or raise the limit, then try again"
            }
            Self::Newer { .. } => "use the newer version of pluriverse, or another database",
            Self::Foreign { .. } => "name another file or database",
            Self::Damaged { .. } => "restore the database from a backup, or begin a new one",
            Self::Database { .. } => "look into the database's log",
            Self::Invalid { .. } => "correct the value",
            Self::NoRun { .. } => "list the runs to see which there are",
            Self::NoLedger { .. } => "ingest the run's ledger first",
            Self::NoUpload { .. } => "declare the ledger first",
            Self::Conflict { .. } => "choose another id, or delete what is there",
            Self::TooLarge { .. } => "send it in chunks, or have the limit raised",
            Self::Spool { .. } => {
                "see that the folder for temporary files has room and can be written to"
            }
            Self::Ledger(_) | Self::Row { .. } => {
                "check the file with `pluriverse verify`, and send it again or record it anew"
            }
            Self::Cut { .. } => "run it again with enough room for the whole ledger",
            Self::ChunkLength { .. } | Self::ChunkDiffers { .. } => "send this chunk again",
            Self::Incomplete { .. } => "send the chunks that are missing, then commit again",
            Self::HashDiffers { .. } => "discard the upload and declare the ledger again",
        }
    }
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Location { got, message } => {
                write!(out, "`{got}` is no place for runs: {message}")
            }
            Self::Unavailable { .. }
            | Self::Silent { .. }
            | Self::Claimed { .. }
            | Self::Locked { .. }
            | Self::Full { .. }
            | Self::Newer { .. }
            | Self::Foreign { .. }
            | Self::Damaged { .. }
            | Self::Database { .. } => self.tell_of_database(out),
            Self::Invalid {
                what,
                got,
                expected,
            } => write!(out, "{what} is `{got}`, expected {expected}"),
            Self::NoRun { run } => write!(out, "there is no run `{run}`"),
            Self::NoLedger { run } => write!(out, "the run `{run}` has no ledger here"),
            Self::NoUpload { run } => write!(out, "no upload of the run `{run}` has begun"),
            Self::Conflict { run, message } => write!(out, "`{run}`: {message}"),
            Self::TooLarge { limit_bytes } => {
                write!(out, "there are more than {limit_bytes} bytes, unpacked")
            }
            Self::Spool { message } => {
                write!(out, "the ledger cannot be kept while it comes: {message}")
            }
            Self::Ledger(error) => error.fmt(out),
            Self::Cut { rows, reason } => {
                write!(out, "the ledger was cut after {rows} rows: {reason}")
            }
            Self::Row { row, message } => write!(out, "row {row} {message}"),
            Self::ChunkLength {
                chunk,
                expected,
                got,
            } => write!(out, "chunk {chunk} has {got} bytes, expected {expected}"),
            Self::ChunkDiffers {
                chunk,
                expected,
                got,
            } => write!(
                out,
                "chunk {chunk} is not as it was sent: its rows have the hash {got}, expected {expected}"
            ),
            Self::Incomplete {
                run,
                missing_count,
                first_missing,
            } => write!(
                out,
                "the upload of `{run}` lacks {missing_count} chunks, the first of them {first_missing}"
            ),
            Self::HashDiffers { expected, got } => write!(
                out,
                "the rows are not the ledger that was declared: they have the hash {got}, expected {expected}"
            ),
        }
    }
}

impl ArchiveError {
    /// What is wrong with the database.
    fn tell_of_database(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable { target, message } => {
                write!(out, "the database {target} cannot be reached: {message}")
            }
            Self::Silent { target, limit } => {
                write!(
                    out,
                    "the database {target} has not answered within {limit:?}"
                )
            }
            Self::Claimed { target } => {
                write!(
                    out,
                    "another server keeps its runs in the database {target}"
                )
            }
            Self::Locked { target, message } => {
                write!(out, "the database {target} is in use by another: {message}")
            }
            Self::Full { target, message } => {
                write!(out, "the database {target} has no room left: {message}")
            }
            Self::Newer { target, got, known } => write!(
                out,
                "the database {target} was made by a newer version (schema {got}, this one knows up to {known})"
            ),
            Self::Foreign { target, message } => write!(out, "{target} holds no runs: {message}"),
            Self::Damaged { message } => out.write_str(message),
            Self::Database { target, message } => {
                write!(out, "the database {target} refused: {message}")
            }
            _ => Ok(()),
        }
    }
}

impl std::error::Error for ArchiveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Ledger(error) => Some(error),
            _ => None,
        }
    }
}

impl From<StoreError> for ArchiveError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error)
    }
}
