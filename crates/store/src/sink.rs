//! Writing a ledger while a world runs: rows are handed over, a thread of its own encodes and stores them.
//!
//! At most [`QUEUE_CHUNKS`] chunks wait; then the world waits. What went wrong in the thread is told by the next
//! call. The ledger is `….partial` until it is finished; a full disk or a dropped writer leaves a `.partial` that is
//! closed and readable, a killed process leaves one that NDJSON, CSV and Arrow readers read up to its last piece.

use std::{
    path::Path,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::JoinHandle,
};

use pluriverse_kernel::ledger::{Chunk, Closing, Dictionary, LedgerSink, SinkError};

use crate::{
    device::{Device, FileDevice, MemoryDevice, MemoryFile},
    error::StoreError,
    format::Format,
    provenance::Provenance,
    write::encoder,
};

mod worker;

use worker::{Order, Worker};

/// How many chunks wait for the writing thread at most.
pub const QUEUE_CHUNKS: usize = 4;

/// Most chunks in a piece: readers hold a piece in memory.
const PIECE_CHUNKS_MAX: usize = 1024;

/// How a ledger is to be stored.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The format.
    pub format: Format,
    /// What made the ledger.
    pub provenance: Provenance,
    /// How many chunks of 4096 rows make a row group (Parquet) or a batch (Arrow), 1 to 1024. These rows are lost
    /// when the disk is full, and readers skip and load as many at a time. Other formats write each chunk.
    pub piece_chunks: usize,
}

impl Plan {
    /// The usual plan: row groups of about a million rows, batches of 65,536.
    #[must_use]
    pub fn new(format: Format, provenance: Provenance) -> Self {
        let piece_chunks = match format {
            Format::Parquet => 256,
            Format::ArrowIpc => 16,
            Format::Ndjson | Format::Csv => 1,
        };
        Self {
            format,
            provenance,
            piece_chunks,
        }
    }
}

/// A sink that stores a ledger at `path`, as usual for `format`.
///
/// # Errors
/// [`StoreError::Io`] when the file cannot be begun.
pub fn create(
    path: &Path,
    format: Format,
    provenance: Provenance,
) -> Result<Box<dyn LedgerSink>, StoreError> {
    Ok(Box::new(LedgerWriter::to_path(
        path,
        Plan::new(format, provenance),
    )?))
}

/// Stores a ledger; also a [`LedgerSink`].
pub struct LedgerWriter {
    name: String,
    orders: Option<SyncSender<Order>>,
    spares: Receiver<Box<Chunk>>,
    thread: Option<JoinHandle<Result<(), SinkError>>>,
    failure: Option<SinkError>,
    has_begun: bool,
    rows: u64,
}

impl LedgerWriter {
    /// Begins a ledger at `path`.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the file cannot be begun.
    pub fn to_path(path: &Path, plan: Plan) -> Result<Self, StoreError> {
        let refused = |source| StoreError::Io {
            path: path.to_owned(),
            action: "created",
            source,
        };
        Self::begin(Box::new(FileDevice::create(path).map_err(refused)?), plan).map_err(refused)
    }

    /// Begins a ledger in memory that takes at most `limit_bytes`, with room for its end; beyond, it is as if a
    /// disk were full.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the system gives no thread.
    pub fn to_memory(limit_bytes: u64, plan: Plan) -> Result<(Self, MemoryFile), StoreError> {
        let refused = |source| StoreError::Io {
            path: "memory".into(),
            action: "created",
            source,
        };
        let (device, file) = MemoryDevice::new(limit_bytes);
        Ok((Self::begin(Box::new(device), plan).map_err(refused)?, file))
    }

    fn begin(device: Box<dyn Device>, plan: Plan) -> std::io::Result<Self> {
        let name = device.name();
        let piece_chunks = plan.piece_chunks.clamp(1, PIECE_CHUNKS_MAX);
        let worker = Worker::new(device, encoder(plan.format, piece_chunks), plan.provenance);
        let (orders, inbox) = sync_channel(QUEUE_CHUNKS);
        let (outbox, spares) = sync_channel(QUEUE_CHUNKS + 2);
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || worker.run(&inbox, &outbox))?;
        Ok(Self {
            name,
            orders: Some(orders),
            spares,
            thread: Some(thread),
            failure: None,
            has_begun: false,
            rows: 0,
        })
    }

    /// Closes the ledger before its end, for this reason; what was written stands in its place all the same.
    ///
    /// # Errors
    /// When the rest cannot be stored.
    pub fn finish_cut(&mut self, reason: &str) -> Result<(), SinkError> {
        self.close(Order::Cut(reason.to_owned()))
    }

    fn send(&mut self, order: Order) -> Result<(), SinkError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        match &self.orders {
            Some(orders) if orders.send(order).is_ok() => Ok(()),
            Some(_) => self.join(),
            None => Err(self.error("it is closed already")),
        }
    }

    fn close(&mut self, order: Order) -> Result<(), SinkError> {
        self.send(order)?;
        self.join()
    }

    /// Waits for the thread and keeps what it says.
    fn join(&mut self) -> Result<(), SinkError> {
        self.orders = None;
        let outcome = match self.thread.take().map(JoinHandle::join) {
            Some(Ok(outcome)) => outcome,
            Some(Err(_)) => Err(self.error("a defect in the program ended the writing thread")),
            None => Ok(()),
        };
        self.failure = outcome.clone().err();
        outcome
    }

    fn error(&self, message: &str) -> SinkError {
        SinkError {
            target: self.name.clone(),
            message: message.to_owned(),
        }
    }

    /// A copy of `chunk`, in memory that the thread is done with where there is any.
    fn copy(&self, chunk: &Chunk) -> Box<Chunk> {
        let mut copy = self
            .spares
            .try_recv()
            .unwrap_or_else(|_| Chunk::starting_at(0));
        copy.copy_from(chunk);
        copy
    }
}

impl LedgerSink for LedgerWriter {
    fn write(&mut self, dictionary: &Dictionary, chunk: &Chunk) -> Result<(), SinkError> {
        if chunk.first_row() != self.rows {
            return Err(self.error(&format!(
                "row {} comes after row {}: a stored ledger begins with the world and goes on without a gap",
                chunk.first_row(),
                self.rows
            )));
        }
        if !self.has_begun {
            self.has_begun = true;
            self.send(Order::Begin(Box::new(dictionary.clone())))?;
        }
        self.rows += chunk.len() as u64;
        if chunk.is_empty() {
            return Ok(());
        }
        let copy = self.copy(chunk);
        self.send(Order::Rows(copy))
    }

    fn finish(&mut self, closing: &Closing) -> Result<(), SinkError> {
        self.close(Order::Finish(closing.clone()))
    }
}

impl Drop for LedgerWriter {
    fn drop(&mut self) {
        // Whoever drops a writer that has not finished has no ear for how the rest went.
        let _ = self.join();
    }
}
