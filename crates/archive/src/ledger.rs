//! Ledgers out of the database: the same rows, in the same chunks, with the same hash.
//!
//! Each chunk is a query of its own, so nothing is held while a slow reader thinks, and memory is that of a chunk.

use pluriverse_kernel::ledger::{
    CHUNK_ROWS, Chunk, Closing, Dictionary, LedgerDigest, LedgerHash, LedgerSink,
};
use pluriverse_store::{Provenance, StoreError};

use crate::{
    archive::Archive, error::ArchiveError, run::RunId, upload::parse_ledger_hash, value::Row,
};

/// A ledger in the database, read from its first row to its last.
#[derive(Debug)]
pub struct ArchivedLedger {
    archive: Archive,
    run: RunId,
    ledger: i64,
    provenance: Provenance,
    dictionary: Dictionary,
    closing: Closing,
    chunk: Box<Chunk>,
    digest: LedgerDigest,
}

impl Archive {
    /// Opens the ledger of a run.
    ///
    /// # Errors
    /// [`ArchiveError::NoRun`] and [`ArchiveError::NoLedger`] when there is none.
    pub fn ledger(&self, run: &RunId) -> Result<ArchivedLedger, ArchiveError> {
        let row = self.read(|connection| {
            connection.query_one(
                "SELECT runs.id, ledgers.ledger, ledgers.row_count, ledgers.hash, ledgers.provenance, \
                 ledgers.dictionary FROM runs LEFT JOIN ledgers ON ledgers.run = runs.id WHERE runs.id = $1",
                &[run.as_str().into()],
            )
        })?;
        let mut row = row.ok_or_else(|| ArchiveError::NoRun { run: run.clone() })?;
        row.text()?;
        let ledger = row.maybe_whole()?;
        let ledger = ledger.ok_or_else(|| ArchiveError::NoLedger { run: run.clone() })?;
        let (closing, provenance, dictionary) =
            head(&mut row).ok_or_else(|| damaged(run, "what is said of it cannot be read"))?;
        Ok(ArchivedLedger {
            archive: self.clone(),
            run: run.clone(),
            ledger,
            provenance,
            dictionary,
            closing,
            chunk: Chunk::starting_at(0),
            digest: LedgerDigest::default(),
        })
    }
}

fn head(row: &mut Row) -> Option<(Closing, Provenance, Dictionary)> {
    let rows = row.bits().ok()?;
    let hash = parse_ledger_hash(&row.text().ok()?)?;
    let provenance = serde_json::from_str(&row.text().ok()?).ok()?;
    let dictionary = serde_json::from_str(&row.text().ok()?).ok()?;
    Some((Closing { rows, hash }, provenance, dictionary))
}

fn damaged(run: &RunId, message: &str) -> ArchiveError {
    ArchiveError::Damaged {
        message: format!("the ledger of `{run}` is damaged: {message}"),
    }
}

impl ArchivedLedger {
    /// Its number in the tables.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.ledger
    }

    /// What made the ledger.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// What the numbers in the rows mean.
    #[must_use]
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Number and hash of all rows.
    #[must_use]
    pub fn closing(&self) -> &Closing {
        &self.closing
    }

    /// The next rows, full chunks but for the last; `None` after the last, once their hash is the ledger's.
    ///
    /// # Errors
    /// When the database fails, the run was deleted meanwhile, or its rows are not those that were stored.
    pub fn next_chunk(&mut self) -> Result<Option<&Chunk>, ArchiveError> {
        let done = self.digest.rows();
        let rest = self.closing.rows - done;
        if rest == 0 {
            let got = self.digest.finish(&self.dictionary);
            return if got == self.closing.hash {
                Ok(None)
            } else {
                Err(self.differs(got))
            };
        }
        let Self {
            archive,
            ledger,
            chunk,
            ..
        } = self;
        chunk.reset(done);
        archive.read(|connection| connection.fill(*ledger, chunk))?;
        if self.chunk.len() as u64 != rest.min(CHUNK_ROWS as u64) {
            // Deleted meanwhile, or damaged: the run itself tells.
            self.archive.ledger(&self.run)?;
            return Err(damaged(
                &self.run,
                &format!("rows are missing after row {done}"),
            ));
        }
        self.digest.add(&self.chunk);
        Ok(Some(&self.chunk))
    }

    fn differs(&self, got: LedgerHash) -> ArchiveError {
        damaged(
            &self.run,
            &format!(
                "its rows have the hash {got}, those that were stored had {}",
                self.closing.hash
            ),
        )
    }

    /// Hands all rows to `sink` and closes it: a file of any format of the crate `store`, for one.
    ///
    /// # Errors
    /// As [`next_chunk`](Self::next_chunk); [`ArchiveError::Ledger`] when the sink fails.
    pub fn copy_to(mut self, sink: &mut dyn LedgerSink) -> Result<Closing, ArchiveError> {
        let failed = |error| ArchiveError::Ledger(StoreError::Sink(error));
        let dictionary = self.dictionary.clone();
        if self.closing.rows == 0 {
            sink.write(&dictionary, &self.chunk).map_err(failed)?;
        }
        while let Some(chunk) = self.next_chunk()? {
            sink.write(&dictionary, chunk).map_err(failed)?;
        }
        sink.finish(&self.closing).map_err(failed)?;
        Ok(self.closing)
    }
}
