//! PostgreSQL: everything in the schema `pluriverse`, rows in by binary COPY.
//!
//! Without TLS: a database elsewhere is reached through a tunnel. Format of what is copied: PostgreSQL
//! documentation, COPY, "Binary Format".

use std::{error::Error as StdError, io::Write as _, time::Duration};

use bytes::{BufMut as _, BytesMut};
use pluriverse_kernel::{
    ledger::{CHUNK_ROWS, Chunk, NO_CAUSE, NONE, Row as LedgerRow},
    time::SimTime,
};
use postgres::{
    Client, Error, NoTls,
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

/// How long a connection may take to be made, and to answer that it is alive.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// What a copy begins with: signature, flags, length of the extension.
const COPY_BEGIN: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What a copy ends with, where a row's number of columns would be.
const COPY_END: i16 = -1;
const COLUMNS: i16 = 8;
/// The length of what is nothing.
const NULL: i32 = -1;

/// A connection to a PostgreSQL server.
pub(crate) struct PostgresConnection {
    target: String,
    client: Client,
    /// Room for a chunk as it is copied.
    copy: Vec<u8>,
}

impl PostgresConnection {
    pub(super) fn open(
        location: &PostgresLocation,
        options: &Options,
    ) -> Result<Self, ArchiveError> {
        let target = location.to_string();
        let mut config = location.config.clone();
        if config.get_ssl_mode() == SslMode::Require {
            return Err(ArchiveError::Location {
                got: target,
                message: "it asks for TLS, which is not spoken here: reach it through a tunnel \
                          (ssh -L 5432:localhost:5432 HOST) and leave `sslmode` out"
                    .to_owned(),
            });
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("pluriverse");
        }
        let mut client = config
            .connect(NoTls)
            .map_err(|error| failure(&target, &error))?;
        let settings = format!(
            "SET search_path TO pluriverse, pg_catalog; SET client_min_messages TO warning; SET lock_timeout TO {}",
            options.lock_wait.as_millis().max(1)
        );
        client
            .batch_execute(&settings)
            .map_err(|error| failure(&target, &error))?;
        Ok(Self {
            target,
            client,
            copy: Vec::new(),
        })
    }

    pub(super) fn is_alive(&mut self) -> bool {
        !self.client.is_closed() && self.client.is_valid(CONNECT_TIMEOUT).is_ok()
    }

    fn failure(&self, error: &Error) -> ArchiveError {
        failure(&self.target, error)
    }

    pub(super) fn batch(&mut self, sql: &str) -> Result<(), ArchiveError> {
        let done = self.client.batch_execute(sql);
        done.map_err(|error| self.failure(&error))
    }

    pub(super) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, ArchiveError> {
        let done = self.client.execute(sql, &parameters(values));
        done.map_err(|error| self.failure(&error))
    }

    pub(super) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, ArchiveError> {
        let found = self.client.query(sql, &parameters(values));
        let found = found.map_err(|error| self.failure(&error))?;
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
        let Self { client, copy, .. } = self;
        let mut send = || {
            let mut writer = client.copy_in(
                "COPY ledger_rows (ledger, seq, time_ns, kind, subject, object, value, cause) \
                 FROM STDIN (FORMAT binary)",
            )?;
            // An error of the writer comes back from `finish`, with its reason.
            let _ = writer.write_all(copy);
            writer.finish()
        };
        let count = send().map_err(|error| self.failure(&error))?;
        if count == chunk.len() as u64 {
            return Ok(());
        }
        Err(ArchiveError::Database {
            target: self.target.clone(),
            message: format!("it took {count} rows of {}", chunk.len()),
        })
    }

    pub(super) fn fill(&mut self, ledger: i64, chunk: &mut Chunk) -> Result<(), ArchiveError> {
        let first = chunk.first_row().cast_signed();
        let rows = self.client.query(
            "SELECT time_ns, kind, subject, object, value, cause FROM ledger_rows
             WHERE ledger = $1 AND seq >= $2 AND seq < $3 ORDER BY seq",
            &[&ledger, &first, &(first + CHUNK_ROWS as i64)],
        );
        let rows = rows.map_err(|error| self.failure(&error))?;
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

fn put_row(out: &mut Vec<u8>, ledger: i64, seq: i64, row: LedgerRow) {
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

fn put_whole(out: &mut Vec<u8>, number: i64) {
    out.put_i32(8);
    out.put_i64(number);
}

fn put_maybe(out: &mut Vec<u8>, bits: Option<i64>) {
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
        // Connections, authorisation, a database that is missing, too many connections, shutdown.
        code if ["08", "28", "3D", "53", "57P"]
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
