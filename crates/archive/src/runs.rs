//! Runs: written down, found, changed, deleted.
//!
//! A list is in the order of age, the youngest first, and of names among runs of the same age.

use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    archive::Archive,
    clock::now_millis,
    connection::Connection,
    error::ArchiveError,
    run::{Instant, NewRun, Run, RunId, RunSummary, Source, Status},
    upload::discard,
    value::{Row, Value},
};

/// Most runs on a page.
pub const PAGE_RUNS_MAX: u32 = 1000;

const SUMMARY: &str = "runs.id, runs.created_at, runs.source, runs.status, runs.failure, runs.kind, runs.scenario, \
    runs.seed, runs.replications, runs.engine, runs.revision, COALESCE(runs.ledger_hash, ledgers.hash), \
    ledgers.row_count";
const TABLES: &str = "runs LEFT JOIN ledgers ON ledgers.run = runs.id";

/// How many rows one statement deletes: a database is to answer within its limit, however large a ledger is.
const DELETED_ROWS: usize = 1 << 19;

/// Which runs are wanted; `None` wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this kind of world.
    pub kind: Option<String>,
    /// Of the scenario of this name.
    pub scenario: Option<String>,
    /// This far.
    pub status: Option<Status>,
    /// Made here.
    pub source: Option<Source>,
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many runs at most, up to [`PAGE_RUNS_MAX`].
    pub limit: u32,
    /// How many before them are left out.
    pub offset: u64,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            limit: 50,
            offset: 0,
        }
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunPage {
    /// The runs.
    pub runs: Vec<RunSummary>,
    /// How many there are in all.
    pub total: u64,
}

/// How a run goes on.
#[derive(Clone, Debug)]
pub enum Change {
    /// It has begun.
    Started,
    /// It has ended as planned.
    Completed {
        /// What it came to: JSON as `pluriverse run --format json` prints it.
        results: Option<Box<RawValue>>,
        /// The ledger's hash, or one over all ledgers'.
        ledger_hash: Option<String>,
    },
    /// It has ended with an error.
    Failed {
        /// Why.
        message: String,
    },
    /// Somebody has stopped it.
    Cancelled,
}

impl Change {
    /// How far the run is then.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Started => Status::Running,
            Self::Completed { .. } => Status::Complete,
            Self::Failed { .. } => Status::Failed,
            Self::Cancelled => Status::Cancelled,
        }
    }
}

/// Which runs are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Runs that are older go.
    pub max_age: Option<Duration>,
    /// Runs beyond the youngest so many go.
    pub max_runs: Option<u64>,
}

impl Archive {
    /// Writes a run down. Doing so again changes nothing.
    ///
    /// # Errors
    /// [`ArchiveError::Conflict`] when another run has this name.
    pub fn add_run(&self, run: &NewRun) -> Result<(), ArchiveError> {
        self.write(|connection| {
            if insert_run(connection, run)? || is_same(connection, run)? {
                return Ok(());
            }
            Err(ArchiveError::Conflict {
                run: run.id.clone(),
                message: "another run has this id".to_owned(),
            })
        })
    }

    /// Writes down how a run goes on.
    ///
    /// # Errors
    /// [`ArchiveError::NoRun`] when there is none of this name.
    pub fn change_run(&self, id: &RunId, change: &Change) -> Result<(), ArchiveError> {
        let id_value = || Value::from(id.as_str());
        let status = || Value::from(change.status().name());
        let count = self.write(|connection| match change {
            Change::Started => connection.execute(
                "UPDATE runs SET status = $1, failure = NULL WHERE id = $2",
                &[status(), id_value()],
            ),
            Change::Completed {
                results,
                ledger_hash,
            } => connection.execute(
                "UPDATE runs SET status = $1, failure = NULL, results = $2,
                 ledger_hash = COALESCE($3, ledger_hash) WHERE id = $4",
                &[
                    status(),
                    results.as_ref().map(|results| results.get()).into(),
                    ledger_hash.clone().into(),
                    id_value(),
                ],
            ),
            Change::Failed { message } => connection.execute(
                "UPDATE runs SET status = $1, failure = $2 WHERE id = $3",
                &[status(), storable(message).into(), id_value()],
            ),
            Change::Cancelled => connection.execute(
                "UPDATE runs SET status = $1 WHERE id = $2",
                &[status(), id_value()],
            ),
        })?;
        if count == 0 {
            return Err(ArchiveError::NoRun { run: id.clone() });
        }
        Ok(())
    }

    /// Marks runs of `source` that have not ended as failed for this reason: at a start, nothing of an earlier life
    /// goes on. Returns how many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub fn fail_unfinished(&self, source: Source, reason: &str) -> Result<u64, ArchiveError> {
        self.write(|connection| {
            connection.execute(
                "UPDATE runs SET status = $1, failure = $2 WHERE source = $3 AND status IN ($4, $5)",
                &[
                    Status::Failed.name().into(),
                    storable(reason).into(),
                    source.name().into(),
                    Status::Queued.name().into(),
                    Status::Running.name().into(),
                ],
            )
        })
    }

    /// The run of this name.
    ///
    /// # Errors
    /// [`ArchiveError::NoRun`] when there is none.
    pub fn run(&self, id: &RunId) -> Result<Run, ArchiveError> {
        let sql = format!(
            "SELECT {SUMMARY}, runs.scenario_text, runs.overrides, runs.results FROM {TABLES} WHERE runs.id = $1"
        );
        let row = self.read(|connection| connection.query_one(&sql, &[id.as_str().into()]))?;
        let mut row = row.ok_or_else(|| ArchiveError::NoRun { run: id.clone() })?;
        let damaged = |error: serde_json::Error| ArchiveError::Damaged {
            message: format!("the run `{id}` is damaged: {error}"),
        };
        Ok(Run {
            summary: summary(&mut row)?,
            scenario_text: row.text()?,
            overrides: serde_json::from_str(&row.text()?).map_err(damaged)?,
            results: row
                .maybe_text()?
                .map(RawValue::from_string)
                .transpose()
                .map_err(damaged)?,
        })
    }

    /// Complete runs of one replication that have a ledger here and no results, and for whose figures `program` has
    /// not tried yet; the youngest first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn without_figures(&self, program: &str, limit: u32) -> Result<Vec<RunId>, ArchiveError> {
        let sql = "SELECT runs.id FROM runs JOIN ledgers ON ledgers.run = runs.id \
                   WHERE runs.results IS NULL AND runs.status = $1 AND runs.replications = 1 \
                   AND (runs.figures_tried_by IS NULL OR runs.figures_tried_by <> $2) \
                   ORDER BY runs.created_at DESC, runs.id DESC LIMIT $3";
        let values = [
            Status::Complete.name().into(),
            storable(program).into(),
            limit.into(),
        ];
        self.read(|connection| ids(connection, sql, &values))
    }

    /// Writes down that `program` has tried for the figures of a run, so that it does not try again.
    ///
    /// # Errors
    /// When the database fails.
    pub fn note_figures_tried(&self, id: &RunId, program: &str) -> Result<(), ArchiveError> {
        let sql = "UPDATE runs SET figures_tried_by = $1 WHERE id = $2";
        let values = [storable(program).into(), id.as_str().into()];
        self.write(|connection| connection.execute(sql, &values))?;
        Ok(())
    }

    /// Runs that `filter` wants, the youngest first.
    ///
    /// # Errors
    /// [`ArchiveError::Invalid`] when it wants a text that no run can have; otherwise when the database fails.
    pub fn runs(&self, filter: &Filter, page: Page) -> Result<RunPage, ArchiveError> {
        let (condition, mut values) = condition(filter)?;
        let total = self.count(&format!("runs {condition}"), &values)?;
        let next = values.len() + 1;
        values.push(page.limit.min(PAGE_RUNS_MAX).into());
        values.push(Value::bits(page.offset.min(i64::MAX.cast_unsigned())));
        let sql = format!(
            "SELECT {SUMMARY} FROM {TABLES} {condition} ORDER BY runs.created_at DESC, runs.id DESC \
             LIMIT ${next} OFFSET ${}",
            next + 1
        );
        let rows = self.read(|connection| connection.query(&sql, &values))?;
        let runs = rows.into_iter().map(|mut row| summary(&mut row));
        Ok(RunPage {
            runs: runs.collect::<Result<_, _>>()?,
            total,
        })
    }

    /// Deletes a run, its ledger and its upload.
    ///
    /// # Errors
    /// [`ArchiveError::NoRun`] when there is none of this name.
    pub fn delete_run(&self, id: &RunId) -> Result<(), ArchiveError> {
        self.write(|connection| {
            if delete(connection, id)? {
                Ok(())
            } else {
                Err(ArchiveError::NoRun { run: id.clone() })
            }
        })
    }

    /// Deletes the ended runs that `retention` does not keep, and returns their names, the oldest first.
    ///
    /// # Errors
    /// When the database fails; runs that were deleted before are gone.
    pub fn expire(&self, retention: Retention) -> Result<Vec<RunId>, ArchiveError> {
        let ended = "status NOT IN ('queued', 'running')";
        let mut expired = Vec::new();
        if let Some(max_runs) = retention.max_runs {
            let sql = format!(
                "SELECT id FROM runs WHERE {ended} ORDER BY created_at DESC, id DESC LIMIT {} OFFSET $1",
                i64::MAX
            );
            let offset = Value::bits(max_runs.min(i64::MAX.cast_unsigned()));
            expired = self.read(|connection| ids(connection, &sql, &[offset]))?;
        }
        if let Some(max_age) = retention.max_age {
            let sql = format!(
                "SELECT id FROM runs WHERE {ended} AND created_at < $1 ORDER BY created_at DESC, id DESC"
            );
            let before = before(max_age);
            let old = self.read(|connection| ids(connection, &sql, &[before.into()]))?;
            // Both lists end with the oldest run: the longer has the shorter in it.
            if old.len() > expired.len() {
                expired = old;
            }
        }
        expired.reverse();
        for id in &expired {
            self.write(|connection| delete(connection, id))?;
        }
        Ok(expired)
    }
}

/// The instant that lies this far back.
pub(crate) fn before(age: Duration) -> i64 {
    let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    now_millis().saturating_sub(age)
}

pub(crate) fn ids(
    connection: &mut Connection,
    sql: &str,
    values: &[Value],
) -> Result<Vec<RunId>, ArchiveError> {
    let rows = connection.query(sql, values)?;
    rows.into_iter()
        .map(|mut row| row.text()?.parse())
        .collect()
}

/// Inserts a run; `false` when its name is taken.
pub(crate) fn insert_run(connection: &mut Connection, run: &NewRun) -> Result<bool, ArchiveError> {
    check_storable("the scenario's text", &run.scenario_text)?;
    check_storable("the scenario's name", &run.scenario)?;
    check_storable("the kind", &run.kind)?;
    check_storable("the engine", &run.engine)?;
    check_storable("the revision", &run.revision)?;
    let count = connection.execute(
        "INSERT INTO runs (id, created_at, source, status, kind, scenario, scenario_text, overrides, seed, \
         replications, engine, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (id) DO NOTHING",
        &[
            run.id.as_str().into(),
            now_millis().into(),
            run.source.name().into(),
            run.status.name().into(),
            run.kind.as_str().into(),
            run.scenario.as_str().into(),
            run.scenario_text.as_str().into(),
            overrides(run).into(),
            Value::bits(run.seed),
            Value::bits(run.replications),
            run.engine.as_str().into(),
            run.revision.as_str().into(),
        ],
    )?;
    Ok(count == 1)
}

/// Whether the run that has this name is the same but for how far it is.
pub(crate) fn is_same(connection: &mut Connection, run: &NewRun) -> Result<bool, ArchiveError> {
    let row = connection.query_one(
        "SELECT kind, scenario_text, overrides, seed, replications FROM runs WHERE id = $1",
        &[run.id.as_str().into()],
    )?;
    let Some(mut row) = row else {
        return Ok(false);
    };
    Ok(row.text()? == run.kind
        && row.text()? == run.scenario_text
        && row.text()? == overrides(run)
        && row.bits()? == run.seed
        && row.bits()? == run.replications)
}

fn overrides(run: &NewRun) -> String {
    serde_json::to_string(&run.overrides).expect("texts always encode")
}

/// PostgreSQL has no texts with the character NUL in them.
fn check_storable(what: &'static str, text: &str) -> Result<(), ArchiveError> {
    if text.contains('\0') {
        return Err(ArchiveError::Invalid {
            what,
            got: text
                .chars()
                .take(40)
                .collect::<String>()
                .escape_debug()
                .to_string(),
            expected: "a text without the character NUL".to_owned(),
        });
    }
    Ok(())
}

/// A message in which nothing is that cannot be stored.
fn storable(message: &str) -> String {
    message.replace('\0', "\u{fffd}")
}

fn condition(filter: &Filter) -> Result<(String, Vec<Value>), ArchiveError> {
    check_storable("the kind", filter.kind.as_deref().unwrap_or_default())?;
    check_storable(
        "the scenario's name",
        filter.scenario.as_deref().unwrap_or_default(),
    )?;
    let wanted: [(&str, Option<Value>); 4] = [
        ("kind", filter.kind.as_deref().map(Value::from)),
        ("scenario", filter.scenario.as_deref().map(Value::from)),
        ("status", filter.status.map(|status| status.name().into())),
        ("source", filter.source.map(|source| source.name().into())),
    ];
    let (mut terms, mut values) = (Vec::new(), Vec::new());
    for (column, value) in wanted {
        if let Some(value) = value {
            values.push(value);
            terms.push(format!("runs.{column} = ${}", values.len()));
        }
    }
    if terms.is_empty() {
        return Ok((String::new(), values));
    }
    Ok((format!("WHERE {}", terms.join(" AND ")), values))
}

fn summary(row: &mut Row) -> Result<RunSummary, ArchiveError> {
    Ok(RunSummary {
        id: row.text()?.parse()?,
        created_at: Instant {
            unix_millis: row.whole()?,
        },
        source: row.text()?.parse()?,
        status: row.text()?.parse()?,
        failure: row.maybe_text()?,
        kind: row.text()?,
        scenario: row.text()?,
        seed: row.bits()?,
        replications: row.bits()?,
        engine: row.text()?,
        revision: row.text()?,
        ledger_hash: row.maybe_text()?,
        ledger_rows: row.maybe_whole()?.map(i64::cast_unsigned),
    })
}

/// Deletes all that there is of a run; `false` when there is no such run.
fn delete(connection: &mut Connection, id: &RunId) -> Result<bool, ArchiveError> {
    let run = || [Value::from(id.as_str())];
    let sql = "SELECT ledger, row_count FROM ledgers WHERE run = $1";
    if let Some(mut row) = connection.query_one(sql, &run())? {
        let (ledger, rows) = (row.whole()?, row.bits()?);
        for first in (0..rows).step_by(DELETED_ROWS) {
            connection.execute(
                "DELETE FROM ledger_rows WHERE ledger = $1 AND seq >= $2 AND seq < $3",
                &[
                    ledger.into(),
                    Value::bits(first),
                    Value::bits(first + DELETED_ROWS as u64),
                ],
            )?;
        }
        for table in [
            "chunks",
            "ledger_labels",
            "ledger_nouns",
            "ledger_kinds",
            "ledgers",
        ] {
            connection.execute(
                &format!("DELETE FROM {table} WHERE ledger = $1"),
                &[ledger.into()],
            )?;
        }
    }
    discard(connection, id)?;
    Ok(connection.execute("DELETE FROM runs WHERE id = $1", &run())? == 1)
}
