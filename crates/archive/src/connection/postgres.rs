//! PostgreSQL: everything in the schema `pluriverse`, rows in by binary COPY.
//!
//! A call waits for its answer within a limit; a connection that did not keep to it is never asked again. Without TLS: a
//! database elsewhere is reached through a tunnel. Format of what is copied: PostgreSQL documentation, COPY, "Binary
//! Format".

use std::{cell::Cell, error::Error as StdError, pin::pin, time::Duration};

use bytes::{BufMut as _, BytesMut};
use futures_util::SinkExt as _;
use pluriverse_kernel::{
    ledger::{CHUNK_ROWS, Chunk, NO_CAUSE, NONE, Row as LedgerRow},
    time::SimTime,
};
use tokio::{
    runtime::{Builder, Runtime},
    time::timeout,
};
use tokio_postgres::{
    Client, Config, Error, NoTls,
    config::SslMode,
    error::SqlState,
    types::{FromSql, IsNull, ToSql, Type, WasNull, WrongType, to_sql_checked},
};

use crate::{
    archive::Options,
    error::ArchiveError,
    location::PostgresLocation,
    value::{Row, Value},
};

/// How long a connection may take to be made, at most.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one may take to answer that it is alive, at most.
const ALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// How much longer than the database itself, which gives up a statement that takes too long, a call waits.
const GRACE: Duration = Duration::from_secs(1);
/// What a copy begins with: signature, flags, length of the extension.
const COPY_BEGIN: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What a copy ends with, where a row's number of columns would be.
const COPY_END: i16 = -1;
const COLUMNS: i16 = 8;
/// The length of what is nothing.
const NULL: i32 = -1;

/// A connection to a PostgreSQL server.
pub(crate) struct PostgresConnection {
    line: Line,
    client: Client,
    /// How long it may take to answer that it is alive.
    alive_wait: Duration,
    /// Room for a chunk as it is copied.
    copy: BytesMut,
}

/// What drives a connection while a call waits for it.
struct Line {
    target: String,
    /// Gone only while this is dropped.
    runtime: Option<Runtime>,
    /// How long an answer is waited for.
    wait: Duration,
    /// Whether an answer did not come: what comes next would be the answer to another question.
    is_silent: Cell<bool>,
}

impl Line {
    fn new(target: String, wait: Duration) -> Result<Self, ArchiveError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| ArchiveError::Unavailable {
            target: target.clone(),
            message: format!("no connection can be driven: {error}"),
        })?;
        Ok(Self {
            target,
            runtime: Some(runtime),
            wait,
            is_silent: Cell::new(false),
        })
    }

    /// What is answered within the limit of a statement.
    fn wait_for<T>(
        &self,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, ArchiveError> {
        self.wait_within(self.wait, answer)
    }

    fn wait_within<T>(
        &self,
        limit: Duration,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, ArchiveError> {
        let runtime = self.runtime.as_ref().filter(|_| !self.is_silent.get());
        let answered =
            runtime.map(|runtime| runtime.block_on(async { timeout(limit, answer).await }));
        match answered {
            Some(Ok(answer)) => answer.map_err(|error| self.failure(&error)),
            Some(Err(_)) | None => {
                self.is_silent.set(true);
                Err(ArchiveError::Silent {
                    target: self.target.clone(),
                    limit,
                })
            }
        }
    }

    fn failure(&self, error: &Error) -> ArchiveError {
        failure(&self.target, error)
    }
}

impl Drop for Line {
    /// Closes the connection without waiting for anybody, so that any thread may do it.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl PostgresConnection {
    pub(super) fn open(
        location: &PostgresLocation,
        options: &Options,
    ) -> Result<Self, ArchiveError> {
        let target = location.to_string();
        let limit = options.lock_wait.saturating_add(options.answer_wait);
        let config = configured(&location.config, &target, limit)?;
        let settings = format!(
            "SET search_path TO pluriverse, pg_catalog; SET client_min_messages TO warning; \
             SET lock_timeout TO {}; SET statement_timeout TO {}",
            millis(options.lock_wait),
            millis(limit)
        );
        let line = Line::new(target, limit.saturating_add(GRACE))?;
        let connecting = async {
            let (client, connection) = config.connect(NoTls).await?;
            // What ends it, whoever asks next is told.
            tokio::spawn(connection);
            client.batch_execute(&settings).await?;
            Ok(client)
        };
        let client = line.wait_within(CONNECT_TIMEOUT.min(options.answer_wait), connecting)?;
        Ok(Self {
            line,
            client,
            alive_wait: ALIVE_TIMEOUT.min(options.answer_wait),
            copy: BytesMut::new(),
        })
    }

    pub(super) fn is_alive(&self) -> bool {
        let asked = self.client.check_connection();
        !self.client.is_closed() && self.line.wait_within(self.alive_wait, asked).is_ok()
    }

    fn failure(&self, error: &Error) -> ArchiveError {
        self.line.failure(error)
    }

    pub(super) fn batch(&self, sql: &str) -> Result<(), ArchiveError> {
        self.line.wait_for(self.client.batch_execute(sql))
    }

    pub(super) fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, ArchiveError> {
        let values = parameters(values);
        self.line.wait_for(self.client.execute(sql, &values))
    }

    pub(super) fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, ArchiveError> {
        let values = parameters(values);
        let found = self.line.wait_for(self.client.query(sql, &values))?;
        let rows = found.iter().map(|row| {
            let values = (0..row.len()).map(|index| row.try_get(index));
            values.collect::<Result<Vec<Value>, _>>().map(Row::new)
        });
        rows.collect::<Result<_, _>>()
            .map_err(|error| self.failure(&error))
    }

    pub(super) fn append(&mut self, ledger: i64, chunk: &Chunk) -> Result<(), ArchiveError> {
        self.copy.clear();
        self.copy.put_slice(COPY_BEGIN);
        for index in 0..chunk.len() {
            let seq = (chunk.first_row() + index as u64).cast_signed();
            put_row(&mut self.copy, ledger, seq, chunk.row(index));
        }
        self.copy.put_i16(COPY_END);
        let rows = self.copy.split().freeze();
        let sending = async {
            let sink = self.client.copy_in(
                "COPY ledger_rows (ledger, seq, time_ns, kind, subject, object, value, cause) \
                 FROM STDIN (FORMAT binary)",
            );
            let mut sink = pin!(sink.await?);
            // An error of sending comes back from `finish`, with its reason.
            let _ = sink.send(rows).await;
            sink.finish().await
        };
        let count = self.line.wait_for(sending)?;
        if count == chunk.len() as u64 {
            return Ok(());
        }
        Err(ArchiveError::Database {
            target: self.line.target.clone(),
            message: format!("it took {count} rows of {}", chunk.len()),
        })
    }

    pub(super) fn fill(&self, ledger: i64, chunk: &mut Chunk) -> Result<(), ArchiveError> {
        let first = chunk.first_row().cast_signed();
        let last = first + CHUNK_ROWS as i64;
        let values: [&(dyn ToSql + Sync); 3] = [&ledger, &first, &last];
        let rows = self.client.query(
            "SELECT time_ns, kind, subject, object, value, cause FROM ledger_rows
             WHERE ledger = $1 AND seq >= $2 AND seq < $3 ORDER BY seq",
            &values,
        );
        let rows = self.line.wait_for(rows)?;
        for row in &rows {
            let mut read = || -> Result<(), Error> {
                let number = |index| {
                    let number: Option<i64> = row.try_get(index)?;
                    Ok::<_, Error>(number.and_then(|number| u32::try_from(number).ok()))
                };
                chunk.push(LedgerRow {
                    time: SimTime::from_nanos(row.try_get(0)?),
                    kind: u16::try_from(row.try_get::<_, i32>(1)?).unwrap_or(u16::MAX),
                    subject: number(2)?.unwrap_or(NONE),
                    object: number(3)?.unwrap_or(NONE),
                    value: row.try_get::<_, Option<f64>>(4)?.unwrap_or(f64::NAN),
                    cause: row
                        .try_get::<_, Option<i64>>(5)?
                        .map_or(NO_CAUSE, i64::cast_unsigned),
                });
                Ok(())
            };
            read().map_err(|error| self.failure(&error))?;
        }
        Ok(())
    }
}

/// How a server is reached: as its URL says, and where that says nothing, so that one that is gone is noticed.
fn configured(given: &Config, target: &str, limit: Duration) -> Result<Config, ArchiveError> {
    let mut config = given.clone();
    if config.get_ssl_mode() == SslMode::Require {
        return Err(ArchiveError::Location {
            got: target.to_owned(),
            message: "it asks for TLS, which is not spoken here: reach it through a tunnel \
                      (ssh -L 5432:localhost:5432 HOST) and leave `sslmode` out"
                .to_owned(),
        });
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(limit);
    }
    if config.get_application_name().is_none() {
        config.application_name("pluriverse");
    }
    Ok(config)
}

/// As the settings of PostgreSQL have it, where 0 would be no limit.
fn millis(limit: Duration) -> u128 {
    limit.as_millis().clamp(1, i32::MAX as u128)
}

fn put_row(out: &mut BytesMut, ledger: i64, seq: i64, row: LedgerRow) {
    out.put_i16(COLUMNS);
    put_whole(out, ledger);
    put_whole(out, seq);
    put_whole(out, row.time.nanos());
    out.put_i32(4);
    out.put_i32(row.kind.into());
    put_maybe(out, (row.subject != NONE).then(|| row.subject.into()));
    put_maybe(out, (row.object != NONE).then(|| row.object.into()));
    put_maybe(
        out,
        (!row.value.is_nan()).then(|| row.value.to_bits().cast_signed()),
    );
    put_maybe(
        out,
        (row.cause != NO_CAUSE).then(|| row.cause.cast_signed()),
    );
}

fn put_whole(out: &mut BytesMut, number: i64) {
    out.put_i32(8);
    out.put_i64(number);
}

fn put_maybe(out: &mut BytesMut, bits: Option<i64>) {
    match bits {
        Some(bits) => put_whole(out, bits),
        None => out.put_i32(NULL),
    }
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

type Failed = Box<dyn StdError + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Whole(number) => match *ty {
                Type::INT2 => i16::try_from(*number)?.to_sql(ty, out),
                Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
                Type::INT8 => number.to_sql(ty, out),
                _ => Err(format!("a whole number where {ty} is expected").into()),
            },
            Self::Real(number) => number.to_sql(ty, out),
            Self::Text(text) => text.to_sql(ty, out),
            Self::Bytes(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failed> {
        match *ty {
            Type::INT2 => Ok(Self::Whole(i16::from_sql(ty, raw)?.into())),
            Type::INT4 => Ok(Self::Whole(i32::from_sql(ty, raw)?.into())),
            Type::INT8 => i64::from_sql(ty, raw).map(Self::Whole),
            Type::FLOAT8 => f64::from_sql(ty, raw).map(Self::Real),
            Type::BYTEA => Vec::from_sql(ty, raw).map(Self::Bytes),
            _ => String::from_sql(ty, raw).map(Self::Text),
        }
    }

    fn from_sql_null(_ty: &Type) -> Result<Self, Failed> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(
            *ty,
            Type::INT2 | Type::INT4 | Type::INT8 | Type::FLOAT8 | Type::BYTEA
        ) || <String as FromSql<'_>>::accepts(ty)
    }
}

/// What an error of PostgreSQL means. Codes: PostgreSQL documentation, appendix "Error Codes".
fn failure(target: &str, error: &Error) -> ArchiveError {
    let target = target.to_owned();
    let Some(told) = error.as_db_error() else {
        let source = error.source();
        let message = match source {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        let is_of_values =
            source.is_some_and(|source| source.is::<WrongType>() || source.is::<WasNull>());
        return if is_of_values {
            ArchiveError::Damaged { message }
        } else {
            ArchiveError::Unavailable { target, message }
        };
    };
    let message = told.message().to_owned();
    match told.code() {
        &SqlState::LOCK_NOT_AVAILABLE
        | &SqlState::T_R_DEADLOCK_DETECTED
        | &SqlState::T_R_SERIALIZATION_FAILURE => ArchiveError::Locked { target, message },
        &SqlState::DISK_FULL | &SqlState::OUT_OF_MEMORY => ArchiveError::Full { target, message },
        // Connections, authorisation, a database that is missing, too many connections, shutdown, a statement that took
        // too long.
        code if ["08", "28", "3D", "53", "57"]
            .iter()
            .any(|class| code.code().starts_with(class)) =>
        {
            ArchiveError::Unavailable { target, message }
        }
        code => ArchiveError::Database {
            target,
            message: format!("{message} ({})", code.code()),
        },
    }
}
