//! Whole ledgers into the database: everything in one transaction, so that half a ledger is never seen.
//!
//! Rows are checked as they come: their hash, and that they can be a world's (known kinds, time that goes on, causes
//! that lie before). Memory is that of a chunk and of the ledger's largest piece.

use std::fmt;

use pluriverse_kernel::ledger::{Chunk, Closing, Dictionary, NO_CAUSE};
use pluriverse_store::{Provenance, StoredLedger};
use serde::Serialize;

use crate::{
    archive::Archive,
    clock::now_millis,
    connection::Connection,
    error::ArchiveError,
    run::{NewRun, RunId, Source},
    runs::{insert_run, is_same},
    upload::ChunkHash,
    value::Value,
};

/// What became of a ledger that was brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ingested {
    /// The run that it belongs to.
    pub run: RunId,
    /// Number of its rows.
    pub rows: u64,
    /// Its hash, 64 hexadecimal digits.
    pub hash: String,
    /// Whether it was brought now or before.
    pub outcome: IngestOutcome,
}

/// Whether something was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IngestOutcome {
    /// It is new here.
    Stored,
    /// The same was here already.
    AlreadyThere,
}

impl Archive {
    /// Stores a whole ledger as the run `id`, which is written down if it is not yet. Bringing the same again
    /// changes nothing.
    ///
    /// # Errors
    /// [`ArchiveError::Ledger`], [`Row`](ArchiveError::Row) and [`Cut`](ArchiveError::Cut) when the ledger is not a
    /// complete one; [`ArchiveError::Conflict`] when the run is another or has another ledger.
    pub fn ingest(
        &self,
        id: &RunId,
        source: Source,
        stored: &mut StoredLedger,
    ) -> Result<Ingested, ArchiveError> {
        let Some(seal) = stored.seal().cloned() else {
            // Reading on tells where it ends and what is missing.
            while stored.next_chunk()?.is_some() {}
            return Err(ArchiveError::Damaged {
                message: "the ledger has rows but no end".to_owned(),
            });
        };
        if let Some(reason) = seal.cut {
            return Err(ArchiveError::Cut {
                rows: seal.closing.rows,
                reason,
            });
        }
        let head = Head {
            run: NewRun::of(id.clone(), source, stored.provenance()),
            provenance: stored.provenance().clone(),
            dictionary: stored.dictionary().clone(),
            closing: seal.closing,
        };
        self.write(|connection| {
            let Some(ledger) = head.insert(connection)? else {
                return Ok(head.answer(IngestOutcome::AlreadyThere));
            };
            let mut check = RowCheck::new(&head.dictionary);
            while let Some(chunk) = stored.next_chunk()? {
                check.add(chunk)?;
                add_chunk(connection, ledger, chunk)?;
            }
            Ok(head.answer(IngestOutcome::Stored))
        })
    }
}

/// All of a ledger but its rows.
pub(crate) struct Head {
    pub(crate) run: NewRun,
    pub(crate) provenance: Provenance,
    pub(crate) dictionary: Dictionary,
    pub(crate) closing: Closing,
}

impl Head {
    pub(crate) fn answer(&self, outcome: IngestOutcome) -> Ingested {
        Ingested {
            run: self.run.id.clone(),
            rows: self.closing.rows,
            hash: self.closing.hash.to_string(),
            outcome,
        }
    }

    /// Inserts the run, unless it is there, and the ledger, whose number is returned; `None` when it is there.
    pub(crate) fn insert(&self, connection: &mut Connection) -> Result<Option<i64>, ArchiveError> {
        check_dictionary(&self.dictionary)?;
        if !insert_run(connection, &self.run)? && !is_same(connection, &self.run)? {
            return Err(self.conflict("another run has this id"));
        }
        if let Some(hash) = ledger_hash(connection, &self.run.id)? {
            return self.compare(&hash).map(|()| None);
        }
        let row = connection.query_one(
            "INSERT INTO ledgers (run, hash, row_count, received_at, provenance, dictionary) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (run) DO NOTHING RETURNING ledger",
            &[
                self.run.id.as_str().into(),
                self.closing.hash.to_string().into(),
                Value::bits(self.closing.rows),
                now_millis().into(),
                json(&self.provenance).into(),
                json(&self.dictionary).into(),
            ],
        )?;
        let Some(mut row) = row else {
            // Somebody else has just brought one.
            let hash = ledger_hash(connection, &self.run.id)?.unwrap_or_default();
            return self.compare(&hash).map(|()| None);
        };
        let ledger = row.whole()?;
        insert_dictionary(connection, ledger, &self.dictionary)?;
        Ok(Some(ledger))
    }

    fn compare(&self, there: &str) -> Result<(), ArchiveError> {
        let own = self.closing.hash.to_string();
        if there == own {
            return Ok(());
        }
        Err(self.conflict(&format!(
            "the run has a ledger with the hash {there}, this one has {own}"
        )))
    }

    fn conflict(&self, message: &str) -> ArchiveError {
        ArchiveError::Conflict {
            run: self.run.id.clone(),
            message: message.to_owned(),
        }
    }
}

/// The hash of the run's ledger, when it has one here.
pub(crate) fn ledger_hash(
    connection: &mut Connection,
    run: &RunId,
) -> Result<Option<String>, ArchiveError> {
    let row = connection.query_one(
        "SELECT hash FROM ledgers WHERE run = $1",
        &[run.as_str().into()],
    )?;
    row.map(|mut row| row.text()).transpose()
}

/// What goes through JSON into a column.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers always encode")
}

/// Adds a chunk's rows and its hash.
pub(crate) fn add_chunk(
    connection: &mut Connection,
    ledger: i64,
    chunk: &Chunk,
) -> Result<(), ArchiveError> {
    connection.append(ledger, chunk)?;
    let number = chunk.first_row() / pluriverse_kernel::ledger::CHUNK_ROWS as u64;
    connection.execute(
        "INSERT INTO chunks (ledger, chunk, hash, row_count, received_at) VALUES ($1, $2, $3, $4, $5)",
        &[
            ledger.into(),
            Value::bits(number),
            ChunkHash(chunk.hash()).to_string().into(),
            Value::bits(chunk.len() as u64),
            now_millis().into(),
        ],
    )?;
    Ok(())
}

fn insert_dictionary(
    connection: &mut Connection,
    ledger: i64,
    dictionary: &Dictionary,
) -> Result<(), ArchiveError> {
    for (number, kind) in (0_u32..).zip(&dictionary.kinds) {
        connection.execute(
            "INSERT INTO ledger_kinds (ledger, kind, name, subject_noun, object_noun, value_meaning) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                ledger.into(),
                number.into(),
                kind.name.as_str().into(),
                kind.subject.into(),
                kind.object.into(),
                kind.value.as_str().into(),
            ],
        )?;
    }
    for (number, noun) in (0_u32..).zip(&dictionary.nouns) {
        connection.execute(
            "INSERT INTO ledger_nouns (ledger, noun, name) VALUES ($1, $2, $3)",
            &[ledger.into(), number.into(), noun.name.as_str().into()],
        )?;
        for label in &noun.labels {
            connection.execute(
                "INSERT INTO ledger_labels (ledger, noun, first_number, number_count, name) \
                 VALUES ($1, $2, $3, $4, $5)",
                &[
                    ledger.into(),
                    number.into(),
                    label.first.into(),
                    label.count.into(),
                    label.name.as_str().into(),
                ],
            )?;
        }
    }
    Ok(())
}

/// Whether each number has one name at most, which can be stored.
pub(crate) fn check_dictionary(dictionary: &Dictionary) -> Result<(), ArchiveError> {
    let wrong = |got: &str, expected: &str| {
        Err(ArchiveError::Invalid {
            what: "the ledger's dictionary",
            got: got.escape_debug().to_string(),
            expected: expected.to_owned(),
        })
    };
    let kinds = dictionary.kinds.iter();
    let own = kinds.flat_map(|kind| [&kind.name, &kind.value]);
    let nouns = dictionary.nouns.iter();
    let others = nouns.flat_map(|noun| {
        std::iter::once(&noun.name).chain(noun.labels.iter().map(|label| &label.name))
    });
    if let Some(name) = own.chain(others).find(|name| name.contains('\0')) {
        return wrong(name, "names without the character NUL");
    }
    for noun in &dictionary.nouns {
        let mut next = 0;
        for label in &noun.labels {
            if u64::from(label.first) < next || label.count == 0 {
                return wrong(
                    &label.name,
                    "labels of ranges in ascending order, none in another",
                );
            }
            next = u64::from(label.first) + u64::from(label.count);
        }
    }
    Ok(())
}

/// Checks that rows can be those of a world.
pub(crate) struct RowCheck {
    kinds: usize,
    last_nanos: i64,
}

impl RowCheck {
    pub(crate) fn new(dictionary: &Dictionary) -> Self {
        Self {
            kinds: dictionary.kinds.len(),
            last_nanos: i64::MIN,
        }
    }

    /// Checks the next rows.
    pub(crate) fn add(&mut self, chunk: &Chunk) -> Result<(), ArchiveError> {
        let columns = chunk.times().iter().zip(chunk.kinds()).zip(chunk.causes());
        for (row, ((time, kind), cause)) in (chunk.first_row()..).zip(columns) {
            if usize::from(*kind) >= self.kinds {
                return refuse(
                    row,
                    format_args!("is of kind {kind}, the ledger has {}", self.kinds),
                );
            }
            if *time < self.last_nanos {
                let last = self.last_nanos;
                return refuse(
                    row,
                    format_args!("is at {time} ns, the one before at {last} ns"),
                );
            }
            if *cause >= row && *cause != NO_CAUSE {
                return refuse(
                    row,
                    format_args!("is caused by row {cause}, which is not before it"),
                );
            }
            self.last_nanos = *time;
        }
        Ok(())
    }
}

#[cold]
fn refuse(row: u64, message: fmt::Arguments<'_>) -> Result<(), ArchiveError> {
    Err(ArchiveError::Row {
        row,
        message: message.to_string(),
    })
}
