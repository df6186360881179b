//! A ledger as the bytes of an Arrow IPC file, made on the caller's thread and without a file system.
//!
//! The bytes are those that a file of the same rows and provenance would have. Whoever holds the [`ArrowBytes`] may
//! take them as they come, so that no more than a batch has to be in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pluriverse_kernel::ledger::{Chunk, Closing, Dictionary, LedgerDigest, LedgerSink, SinkError};

use crate::{
    header::{Header, Seal, check},
    provenance::Provenance,
    write::{Encoder, arrow::ArrowEncoder},
};

/// Chunks of 4096 rows in a batch, as many as in files.
const BATCH_CHUNKS: usize = 16;

/// The bytes that an [`ArrowSink`] has made.
#[derive(Clone, Debug, Default)]
pub struct ArrowBytes(Arc<Mutex<Vec<u8>>>);

impl ArrowBytes {
    /// What has been made since the last call.
    #[must_use]
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Turns a ledger into Arrow IPC as it comes.
pub struct ArrowSink {
    encoder: ArrowEncoder,
    provenance: Option<Provenance>,
    header: Header,
    digest: LedgerDigest,
    /// Batches that were put out.
    batches: usize,
    cut: Option<String>,
    bytes: ArrowBytes,
}

impl ArrowSink {
    /// A sink for the ledger of this origin, and where its bytes appear. `cut` says why rows will be missing at the
    /// end; `None` when the ledger will be complete.
    #[must_use]
    pub fn new(provenance: Provenance, cut: Option<String>) -> (Self, ArrowBytes) {
        let bytes = ArrowBytes::default();
        let sink = Self {
            encoder: ArrowEncoder::new(BATCH_CHUNKS),
            provenance: Some(provenance),
            header: Header::new(Provenance::default(), Dictionary::default()),
            digest: LedgerDigest::default(),
            batches: 0,
            cut,
            bytes: bytes.clone(),
        };
        (sink, bytes)
    }

    fn begin(&mut self, provenance: Provenance, dictionary: &Dictionary) -> Result<(), String> {
        check(dictionary)?;
        self.header = Header::new(provenance, dictionary.clone());
        self.encoder.begin(&self.header, &mut self.bytes.lock())
    }

    fn add(&mut self, dictionary: &Dictionary, chunk: &Chunk) -> Result<(), String> {
        if let Some(provenance) = self.provenance.take() {
            self.begin(provenance, dictionary)?;
        }
        if chunk.first_row() != self.digest.rows() {
            return Err(format!(
                "row {} comes after row {}: a stored ledger begins with the world and goes on without a gap",
                chunk.first_row(),
                self.digest.rows()
            ));
        }
        if chunk.is_empty() {
            return Ok(());
        }
        self.digest.add(chunk);
        let bytes = &mut *self.bytes.lock();
        let before = bytes.len();
        self.encoder.add(&self.header, chunk, bytes)?;
        self.batches += usize::from(bytes.len() > before);
        Ok(())
    }

    fn end(&mut self, closing: &Closing) -> Result<(), String> {
        if let Some(provenance) = self.provenance.take() {
            self.begin(provenance, &Dictionary::default())?;
        }
        let hash = self.digest.finish(&self.header.dictionary);
        if closing.hash != hash {
            return Err(format!(
                "{} rows with the hash {} were announced, {} rows with the hash {hash} came",
                closing.rows,
                closing.hash,
                self.digest.rows()
            ));
        }
        let seal = Seal {
            closing: closing.clone(),
            cut: self.cut.take(),
        };
        let bytes = &mut *self.bytes.lock();
        let before = bytes.len();
        self.encoder.flush(bytes)?;
        self.batches += usize::from(bytes.len() > before);
        let seal = seal.to_text(self.header.checksum());
        self.encoder.end(&self.header, &seal, self.batches, bytes)
    }
}

fn refused(message: String) -> SinkError {
    SinkError {
        target: "memory".to_owned(),
        message,
    }
}

impl LedgerSink for ArrowSink {
    fn write(&mut self, dictionary: &Dictionary, chunk: &Chunk) -> Result<(), SinkError> {
        self.add(dictionary, chunk).map_err(refused)
    }

    fn finish(&mut self, closing: &Closing) -> Result<(), SinkError> {
        self.end(closing).map_err(refused)
    }
}
