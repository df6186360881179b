//! The thread that stores a ledger: one piece after the other, and an end whatever happens.

use std::{
    io,
    sync::mpsc::{Receiver, SyncSender},
};

use pluriverse_kernel::ledger::{Chunk, Closing, Dictionary, LedgerDigest, SinkError};

use crate::{
    device::Device,
    header::{Header, Seal, check},
    provenance::Provenance,
    write::Encoder,
};

/// Room that is kept before the header is known.
const FIRST_RESERVE_BYTES: u64 = 16 * 1024;

/// What the thread is told.
pub(crate) enum Order {
    /// What the numbers mean; comes first.
    Begin(Box<Dictionary>),
    /// The next rows.
    Rows(Box<Chunk>),
    /// All rows have come.
    Finish(Closing),
    /// No more rows will come, for this reason.
    Cut(String),
}

/// What is certainly stored.
#[derive(Default)]
struct Stored {
    bytes: u64,
    rows: u64,
    pieces: usize,
}

/// Stores one ledger.
pub(crate) struct Worker {
    device: Box<dyn Device>,
    encoder: Box<dyn Encoder>,
    provenance: Option<Provenance>,
    header: Header,
    header_bytes: u64,
    digest: LedgerDigest,
    rows: u64,
    stored: Stored,
    /// Whether a part of a piece may follow what is stored.
    is_torn: bool,
    buffer: Vec<u8>,
}

impl Worker {
    pub(crate) fn new(
        device: Box<dyn Device>,
        encoder: Box<dyn Encoder>,
        provenance: Provenance,
    ) -> Self {
        Self {
            device,
            encoder,
            provenance: Some(provenance),
            header: Header::new(Provenance::default(), Dictionary::default()),
            header_bytes: 0,
            digest: LedgerDigest::default(),
            rows: 0,
            stored: Stored::default(),
            is_torn: false,
            buffer: Vec::new(),
        }
    }

    /// Obeys until the ledger is closed, by order or because nobody orders any more.
    pub(crate) fn run(
        mut self,
        orders: &Receiver<Order>,
        spares: &SyncSender<Box<Chunk>>,
    ) -> Result<(), SinkError> {
        for order in orders {
            match order {
                Order::Begin(dictionary) => self.begin(*dictionary)?,
                Order::Rows(chunk) => {
                    self.add(&chunk)?;
                    // A chunk that nobody takes back is freed.
                    let _ = spares.try_send(chunk);
                }
                Order::Finish(closing) => return self.finish(closing),
                Order::Cut(reason) => {
                    self.begin_if_needed()?;
                    self.flush()?;
                    self.end(Some(reason))?;
                    return self.publish();
                }
            }
        }
        if self.provenance.is_some() {
            self.device.discard();
            return Ok(());
        }
        self.flush()?;
        self.end(Some("the run did not close its ledger".to_owned()))
    }

    fn begin(&mut self, dictionary: Dictionary) -> Result<(), SinkError> {
        self.try_begin(dictionary).map_err(|message| {
            self.device.discard();
            self.error(&format!("{message}; nothing was written"))
        })
    }

    fn try_begin(&mut self, dictionary: Dictionary) -> Result<(), String> {
        let refused = |error: io::Error| error.to_string();
        check(&dictionary)?;
        let provenance = self.provenance.take().expect("a ledger begins once");
        self.header = Header::new(provenance, dictionary);
        self.header_bytes = self.header.to_json().len() as u64;
        self.encode(|encoder, header, out| encoder.begin(header, out))?;
        self.device.reserve(FIRST_RESERVE_BYTES).map_err(refused)?;
        self.put_piece().map_err(refused)?;
        self.stored.pieces = 0;
        self.keep_reserve().map_err(refused)?;
        self.put_sidecar(None).map_err(refused)
    }

    fn begin_if_needed(&mut self) -> Result<(), SinkError> {
        if self.provenance.is_some() {
            self.begin(Dictionary::default())
        } else {
            Ok(())
        }
    }

    fn add(&mut self, chunk: &Chunk) -> Result<(), SinkError> {
        self.digest.add(chunk);
        self.rows += chunk.len() as u64;
        self.encode(|encoder, header, out| encoder.add(header, chunk, out))
            .map_err(|message| self.cut(&message))?;
        self.put_rows()
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        self.encode(|encoder, _, out| encoder.flush(out))
            .map_err(|message| self.cut(&message))?;
        self.put_rows()
    }

    fn finish(&mut self, closing: Closing) -> Result<(), SinkError> {
        self.begin_if_needed()?;
        self.flush()?;
        let own = Closing {
            rows: self.rows,
            hash: self.digest.finish(&self.header.dictionary),
        };
        if own != closing {
            let message = format!(
                "{} rows with the hash {} were announced, {} rows with the hash {} came",
                closing.rows, closing.hash, own.rows, own.hash
            );
            return Err(self.cut(&message));
        }
        self.end(None)?;
        self.publish()
    }

    /// Stores the piece that the encoder may have put out.
    fn put_rows(&mut self) -> Result<(), SinkError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.put_piece()
            .and_then(|()| self.keep_reserve())
            .map_err(|error| self.cut(&error.to_string()))
    }

    fn put_piece(&mut self) -> io::Result<()> {
        self.is_torn = true;
        self.device.write_all(&self.buffer)?;
        self.is_torn = false;
        self.stored = Stored {
            bytes: self.stored.bytes + self.buffer.len() as u64,
            rows: self.rows,
            pieces: self.stored.pieces + 1,
        };
        self.buffer.clear();
        Ok(())
    }

    /// Keeps room for the end that the ledger would have now.
    fn keep_reserve(&mut self) -> io::Result<()> {
        self.device.reserve(
            self.encoder
                .end_bytes(self.header_bytes, self.stored.pieces + 1),
        )
    }

    fn put_sidecar(&mut self, seal: Option<&Seal>) -> io::Result<()> {
        let seal = seal.map(|seal| seal.to_text(self.header.checksum()));
        match self.encoder.sidecar(&self.header, seal.as_ref()) {
            Some(text) => self.device.write_sidecar(text.as_bytes()),
            None => Ok(()),
        }
    }

    /// Closes what is stored, and tells how much that is.
    fn cut(&mut self, message: &str) -> SinkError {
        match self.end(Some(message.to_owned())) {
            Ok(()) => {
                let partial = self.device.partial_name();
                self.error(&format!(
                    "{message}; the first {} rows are safe in `{partial}`",
                    self.stored.rows
                ))
            }
            Err(error) => self.error(&format!("{message}; {}", error.message)),
        }
    }

    /// Ends the ledger after the pieces that are stored.
    fn end(&mut self, cut: Option<String>) -> Result<(), SinkError> {
        self.buffer.clear();
        let hash = self
            .digest
            .finish_at(self.stored.rows, &self.header.dictionary);
        let hash = hash.expect("a piece ends with a chunk");
        let seal = Seal {
            closing: Closing {
                rows: self.stored.rows,
                hash,
            },
            cut,
        };
        let text = seal.to_text(self.header.checksum());
        let pieces = self.stored.pieces;
        self.encode(|encoder, header, out| encoder.end(header, &text, pieces, out))
            .and_then(|()| self.put_end(&seal).map_err(|error| error.to_string()))
            .map_err(|message| {
                let partial = self.device.partial_name();
                self.error(&format!(
                    "`{partial}` has {} rows but cannot be closed: {message}",
                    self.stored.rows
                ))
            })
    }

    fn put_end(&mut self, seal: &Seal) -> io::Result<()> {
        self.device.release();
        if self.is_torn {
            self.device.truncate(self.stored.bytes)?;
        }
        self.device.write_all(&self.buffer)?;
        self.put_sidecar(Some(seal))?;
        self.device.sync()
    }

    fn publish(&mut self) -> Result<(), SinkError> {
        self.device.publish().map_err(|error| {
            let partial = self.device.partial_name();
            self.error(&format!(
                "it is complete, but stays at `{partial}`: {error}"
            ))
        })
    }

    fn encode(
        &mut self,
        encode: impl FnOnce(&mut dyn Encoder, &Header, &mut Vec<u8>) -> Result<(), String>,
    ) -> Result<(), String> {
        encode(&mut *self.encoder, &self.header, &mut self.buffer)
    }

    fn error(&self, message: &str) -> SinkError {
        SinkError {
            target: self.device.name(),
            message: message.to_owned(),
        }
    }
}
