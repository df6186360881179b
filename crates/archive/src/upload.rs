//! Ledgers that come in pieces: declared, sent chunk by chunk in any order, committed when they are whole.
//!
//! Chunks wait apart from the ledgers and are seen by nobody. Whatever is said twice is done once, so that a sender
//! who lost the line says it again. What nobody has touched for long is [thrown away](Archive::discard_stale_uploads).

use std::{fmt, time::Duration};

use pluriverse_kernel::ledger::{CHUNK_ROWS, Closing, LedgerDigest};
use pluriverse_store::Provenance;
use serde::Serialize;

use crate::{
    archive::Archive,
    clock::now_millis,
    connection::Connection,
    error::ArchiveError,
    ingest::{
        Head, IngestOutcome, Ingested, RowCheck, add_chunk, check_dictionary, json, ledger_hash,
    },
    run::{NewRun, RunId, Source},
    runs::{before, ids},
    value::Value,
};

mod chunk;
mod declaration;

pub use chunk::{CHUNK_BYTES_MAX, ChunkHash, ROW_BYTES, chunk_bytes};
pub use declaration::Declaration;

use chunk::decode;
use declaration::chunk_count;
pub(crate) use declaration::parse_ledger_hash;

/// How many chunks one statement throws away.
const DISCARDED_CHUNKS: usize = 1 << 9;

/// How far an upload is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UploadStatus {
    /// The run that the ledger belongs to.
    pub run: RunId,
    /// Number of its rows.
    pub rows: u64,
    /// Its hash.
    pub hash: String,
    /// How many chunks make it whole.
    pub chunk_count: u64,
    /// Numbers of the chunks that are there, ascending; all when it is committed.
    pub chunks: Vec<u64>,
    /// Whether it is stored as a ledger.
    pub committed: bool,
}

/// What became of a chunk that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChunkOutcome {
    /// It is new here.
    Stored,
    /// The same was here already.
    AlreadyThere,
}

/// A declared upload as it waits.
struct Waiting {
    head: Head,
}

impl Archive {
    /// Declares a ledger that will come in chunks. Declaring the same again tells how far it is.
    ///
    /// # Errors
    /// [`ArchiveError::Conflict`] when another ledger was declared or stored for this run.
    pub fn begin_upload(
        &self,
        run: &RunId,
        source: Source,
        declaration: &Declaration,
    ) -> Result<UploadStatus, ArchiveError> {
        check_dictionary(&declaration.dictionary)?;
        let hash = declaration.closing.hash.to_string();
        self.write(|connection| {
            let there = ledger_hash(connection, run)?;
            if there.as_ref().is_some_and(|there| *there != hash) {
                return Err(conflict(run, "the run has another ledger"));
            }
            if there.is_some() {
                return status(connection, run);
            }
            connection.execute(
                "INSERT INTO uploads (run, source, declared_at, touched_at, row_count, hash, provenance, dictionary) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (run) DO NOTHING",
                &[
                    run.as_str().into(),
                    source.name().into(),
                    now_millis().into(),
                    now_millis().into(),
                    Value::bits(declaration.closing.rows),
                    hash.as_str().into(),
                    json(&declaration.provenance).into(),
                    json(&declaration.dictionary).into(),
                ],
            )?;
            let waiting = Waiting::find(connection, run)?;
            let is_same = waiting.is_some_and(|waiting| {
                let head = waiting.head;
                head.closing == declaration.closing
                    && head.dictionary == declaration.dictionary
                    && head.provenance == declaration.provenance
            });
            if !is_same {
                return Err(conflict(run, "another ledger has been declared for it"));
            }
            status(connection, run)
        })
    }

    /// Takes chunk number `chunk` of a declared ledger: the columns time, kind, subject, object, value and cause one
    /// after the other as little-endian numbers, 34 bytes a row, 4096 rows but for the last chunk. `hash` is xxh3 of
    /// these bytes.
    ///
    /// # Errors
    /// [`ArchiveError::NoUpload`] when nothing was declared; [`ArchiveError::ChunkLength`],
    /// [`ChunkDiffers`](ArchiveError::ChunkDiffers) and [`Row`](ArchiveError::Row) when the bytes are not the chunk;
    /// [`ArchiveError::Conflict`] when another is there under this number.
    pub fn put_chunk(
        &self,
        run: &RunId,
        chunk: u64,
        hash: ChunkHash,
        bytes: &[u8],
    ) -> Result<ChunkOutcome, ArchiveError> {
        self.write(|connection| {
            let Some(Waiting { head }) = Waiting::find(connection, run)? else {
                return put_after_commit(connection, run, chunk, hash);
            };
            check_content(&head, chunk, hash, bytes)?;
            let touched = connection.execute(
                "UPDATE uploads SET touched_at = $1 WHERE run = $2",
                &[now_millis().into(), run.as_str().into()],
            )?;
            if touched == 0 {
                // Somebody has committed it since it was looked for, and was waited for.
                return put_after_commit(connection, run, chunk, hash);
            }
            let count = connection.execute(
                "INSERT INTO upload_chunks (run, chunk, hash, received_at, content) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (run, chunk) DO NOTHING",
                &[
                    run.as_str().into(),
                    Value::bits(chunk),
                    hash.to_string().into(),
                    now_millis().into(),
                    bytes.to_owned().into(),
                ],
            )?;
            if count == 1 {
                return Ok(ChunkOutcome::Stored);
            }
            let there = connection.query_one(
                "SELECT hash FROM upload_chunks WHERE run = $1 AND chunk = $2",
                &[run.as_str().into(), Value::bits(chunk)],
            )?;
            compare(run, chunk, hash, there.map(|mut row| row.text()).transpose()?)
        })
    }

    /// How far the upload of a run's ledger is.
    ///
    /// # Errors
    /// [`ArchiveError::NoUpload`] when none was declared.
    pub fn upload(&self, run: &RunId) -> Result<UploadStatus, ArchiveError> {
        self.read(|connection| status(connection, run))
    }

    /// Makes a declared ledger, once all of its chunks are there and have its hash, a stored one; the run is
    /// written down if it is not yet. Doing so again changes nothing.
    ///
    /// # Errors
    /// [`ArchiveError::Incomplete`] when chunks are missing; [`ArchiveError::HashDiffers`] and
    /// [`Row`](ArchiveError::Row) when they are not the declared ledger. The upload stays as it was.
    pub fn commit_upload(&self, run: &RunId) -> Result<Ingested, ArchiveError> {
        self.write(|connection| {
            let Some(Waiting { head }) = Waiting::find(connection, run)? else {
                return committed(connection, run);
            };
            // Whoever else has to do with this upload waits from here on.
            connection.execute(
                "UPDATE uploads SET touched_at = $1 WHERE run = $2",
                &[now_millis().into(), run.as_str().into()],
            )?;
            check_complete(connection, &head)?;
            let Some(ledger) = head.insert(connection)? else {
                discard(connection, run)?;
                return Ok(head.answer(IngestOutcome::AlreadyThere));
            };
            store(connection, &head, ledger)?;
            discard(connection, run)?;
            Ok(head.answer(IngestOutcome::Stored))
        })
    }

    /// Throws an upload away.
    ///
    /// # Errors
    /// [`ArchiveError::NoUpload`] when there is none.
    pub fn discard_upload(&self, run: &RunId) -> Result<(), ArchiveError> {
        self.write(|connection| {
            if discard(connection, run)? {
                Ok(())
            } else {
                Err(ArchiveError::NoUpload { run: run.clone() })
            }
        })
    }

    /// Throws away the uploads that nobody has touched for so long, and returns their runs.
    ///
    /// # Errors
    /// When the database fails.
    pub fn discard_stale_uploads(&self, untouched: Duration) -> Result<Vec<RunId>, ArchiveError> {
        self.write(|connection| {
            let sql = "SELECT run FROM uploads WHERE touched_at <= $1 ORDER BY run";
            let stale = ids(connection, sql, &[before(untouched).into()])?;
            for run in &stale {
                discard(connection, run)?;
            }
            Ok(stale)
        })
    }
}

fn conflict(run: &RunId, message: &str) -> ArchiveError {
    ArchiveError::Conflict {
        run: run.clone(),
        message: message.to_owned(),
    }
}

impl Waiting {
    fn find(connection: &mut Connection, run: &RunId) -> Result<Option<Self>, ArchiveError> {
        let row = connection.query_one(
            "SELECT source, row_count, hash, provenance, dictionary FROM uploads WHERE run = $1",
            &[run.as_str().into()],
        )?;
        let Some(mut row) = row else {
            return Ok(None);
        };
        let damaged = |error: &dyn fmt::Display| ArchiveError::Damaged {
            message: format!("the upload of `{run}` is damaged: {error}"),
        };
        let source: Source = row.text()?.parse()?;
        let rows = row.bits()?;
        let hash = parse_ledger_hash(&row.text()?).ok_or_else(|| damaged(&"its hash is none"))?;
        let provenance: Provenance =
            serde_json::from_str(&row.text()?).map_err(|error| damaged(&error))?;
        let dictionary = serde_json::from_str(&row.text()?).map_err(|error| damaged(&error))?;
        let head = Head {
            run: NewRun::of(run.clone(), source, &provenance),
            provenance,
            dictionary,
            closing: Closing { rows, hash },
        };
        Ok(Some(Self { head }))
    }
}

/// How many rows chunk number `chunk` of a ledger has; `None` when it has no such chunk.
fn rows_of(closing: &Closing, chunk: u64) -> Option<usize> {
    let first = chunk.checked_mul(CHUNK_ROWS as u64)?;
    let rest = closing.rows.checked_sub(first).filter(|rest| *rest > 0)?;
    Some(usize::try_from(rest).map_or(CHUNK_ROWS, |rest| rest.min(CHUNK_ROWS)))
}

/// Checks that the bytes are what chunk number `chunk` can be.
fn check_content(
    head: &Head,
    chunk: u64,
    hash: ChunkHash,
    bytes: &[u8],
) -> Result<(), ArchiveError> {
    let Some(rows) = rows_of(&head.closing, chunk) else {
        return Err(ArchiveError::Invalid {
            what: "the chunk's number",
            got: chunk.to_string(),
            expected: format!("one below {}", chunk_count(head.closing.rows)),
        });
    };
    if bytes.len() != rows * ROW_BYTES {
        return Err(ArchiveError::ChunkLength {
            chunk,
            expected: (rows * ROW_BYTES) as u64,
            got: bytes.len() as u64,
        });
    }
    let content = decode(chunk * CHUNK_ROWS as u64, bytes);
    let got = ChunkHash(content.hash());
    if got != hash {
        return Err(ArchiveError::ChunkDiffers {
            chunk,
            expected: hash,
            got,
        });
    }
    RowCheck::new(&head.dictionary).add(&content)
}

/// A chunk of a ledger that waits no more: sent again after the commit, it changes nothing.
fn put_after_commit(
    connection: &mut Connection,
    run: &RunId,
    chunk: u64,
    hash: ChunkHash,
) -> Result<ChunkOutcome, ArchiveError> {
    if ledger_hash(connection, run)?.is_none() {
        return Err(ArchiveError::NoUpload { run: run.clone() });
    }
    let there = connection.query_one(
        "SELECT chunks.hash FROM chunks JOIN ledgers ON ledgers.ledger = chunks.ledger \
         WHERE ledgers.run = $1 AND chunks.chunk = $2",
        &[run.as_str().into(), Value::bits(chunk)],
    )?;
    compare(
        run,
        chunk,
        hash,
        there.map(|mut row| row.text()).transpose()?,
    )
}

fn compare(
    run: &RunId,
    chunk: u64,
    hash: ChunkHash,
    there: Option<String>,
) -> Result<ChunkOutcome, ArchiveError> {
    if there.is_some_and(|there| there == hash.to_string()) {
        return Ok(ChunkOutcome::AlreadyThere);
    }
    Err(conflict(
        run,
        &format!("another chunk {chunk} is there already"),
    ))
}

fn status(connection: &mut Connection, run: &RunId) -> Result<UploadStatus, ArchiveError> {
    let by_run = || [Value::from(run.as_str())];
    let row = connection.query_one(
        "SELECT row_count, hash FROM uploads WHERE run = $1",
        &by_run(),
    )?;
    if let Some(mut row) = row {
        let sql = "SELECT chunk FROM upload_chunks WHERE run = $1 ORDER BY chunk";
        let chunks = connection.query(sql, &by_run())?;
        let rows = row.bits()?;
        return Ok(UploadStatus {
            run: run.clone(),
            rows,
            hash: row.text()?,
            chunk_count: chunk_count(rows),
            chunks: chunks
                .into_iter()
                .map(|mut row| row.bits())
                .collect::<Result<_, _>>()?,
            committed: false,
        });
    }
    let row = connection.query_one(
        "SELECT row_count, hash FROM ledgers WHERE run = $1",
        &by_run(),
    )?;
    let mut row = row.ok_or_else(|| ArchiveError::NoUpload { run: run.clone() })?;
    let rows = row.bits()?;
    Ok(UploadStatus {
        run: run.clone(),
        rows,
        hash: row.text()?,
        chunk_count: chunk_count(rows),
        chunks: (0..chunk_count(rows)).collect(),
        committed: true,
    })
}

/// The answer to a second commit.
fn committed(connection: &mut Connection, run: &RunId) -> Result<Ingested, ArchiveError> {
    let status = status(connection, run)?;
    Ok(Ingested {
        run: status.run,
        rows: status.rows,
        hash: status.hash,
        outcome: IngestOutcome::AlreadyThere,
    })
}

fn check_complete(connection: &mut Connection, head: &Head) -> Result<(), ArchiveError> {
    let run = &head.run.id;
    let there = status(connection, run)?;
    let missing_count = there.chunk_count - there.chunks.len() as u64;
    if missing_count == 0 {
        return Ok(());
    }
    let mut numbers = (0..).zip(&there.chunks);
    let first_gap = numbers.find(|(expected, chunk)| expected != *chunk);
    Err(ArchiveError::Incomplete {
        run: run.clone(),
        missing_count,
        first_missing: first_gap.map_or(there.chunks.len() as u64, |(expected, _)| expected),
    })
}

/// Moves the chunks that wait into the ledger.
fn store(connection: &mut Connection, head: &Head, ledger: i64) -> Result<(), ArchiveError> {
    let mut check = RowCheck::new(&head.dictionary);
    let mut digest = LedgerDigest::default();
    for number in 0..chunk_count(head.closing.rows) {
        let row = connection.query_one(
            "SELECT content FROM upload_chunks WHERE run = $1 AND chunk = $2",
            &[head.run.id.as_str().into(), Value::bits(number)],
        )?;
        let content = row.map(|mut row| row.bytes()).transpose()?;
        let chunk = decode(digest.rows(), &content.unwrap_or_default());
        check.add(&chunk)?;
        add_chunk(connection, ledger, &chunk)?;
        digest.add(&chunk);
    }
    let got = digest.finish(&head.dictionary);
    if got != head.closing.hash {
        return Err(ArchiveError::HashDiffers {
            expected: head.closing.hash,
            got,
        });
    }
    Ok(())
}

/// Deletes an upload, if there is one; says whether there was.
pub(crate) fn discard(connection: &mut Connection, run: &RunId) -> Result<bool, ArchiveError> {
    let id = || Value::from(run.as_str());
    let sql = "SELECT MAX(chunk) FROM upload_chunks WHERE run = $1";
    let last = connection.query_one(sql, &[id()])?;
    let last = last.map_or(Ok(None), |mut row| row.maybe_whole())?;
    for first in (0..=last.unwrap_or(-1)).step_by(DISCARDED_CHUNKS) {
        connection.execute(
            "DELETE FROM upload_chunks WHERE run = $1 AND chunk >= $2 AND chunk < $3",
            &[id(), first.into(), (first + DISCARDED_CHUNKS as i64).into()],
        )?;
    }
    Ok(connection.execute("DELETE FROM uploads WHERE run = $1", &[id()])? == 1)
}
