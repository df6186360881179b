//! Ledgers on disk: written while a world runs, read back for export and verification.
//!
//! A stored ledger has the rows of a run, the [dictionary](pluriverse_kernel::ledger::Dictionary) that says what
//! their numbers mean, its [`Provenance`], which is all that it takes to run the same thing again, and a [`Seal`]
//! with the number and the hash of the rows. The four [`Format`]s hold the same, and turn into each other without loss.
//!
//! # Write
//! A [`LedgerWriter`] is a sink of the kernel's ledger. Rows are encoded and stored by a thread of its own:
//! ```
//! use std::sync::Arc;
//! use pluriverse_kernel::{ledger::{Dictionary, EventKind, Ledger, NONE, NO_CAUSE, Row}, time::SimTime};
//! use pluriverse_store::{Format, Provenance, create, open};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("run.parquet");
//! let provenance = Provenance { kind: "process".to_owned(), seed: 7, ..Provenance::default() };
//! let mut ledger = Ledger::to_sink(create(&path, Format::of_path(&path)?, provenance)?);
//!
//! // What a world does between its start and its end:
//! let tick = EventKind { name: "tick".to_owned(), subject: None, object: None, value: String::new() };
//! ledger.begin(Arc::new(Dictionary { kinds: vec![tick], nouns: vec![] }));
//! for second in 0..10 {
//!     let time = SimTime::from_secs(second);
//!     ledger.append(Row { time, kind: 0, subject: NONE, object: NONE, value: 0.0, cause: NO_CAUSE });
//! }
//! ledger.finish()?;
//!
//! // And back:
//! let mut stored = open(&path)?;
//! assert_eq!(stored.provenance().seed, 7);
//! while let Some(chunk) = stored.next_chunk()? {
//!     assert_eq!(chunk.times()[9], 9_000_000_000);
//! }
//! assert_eq!(Some(stored.read_so_far().hash), ledger.hash());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What each format looks like
//! | | Parquet, Arrow IPC | NDJSON | CSV |
//! |---|---|---|---|
//! | rows | `time kind subject object value cause` | the same by name, and `seq` and `…_name` | the same, `time_s` in seconds |
//! | nothing there | null | null | empty |
//! | NaN, ∞ | themselves | null, `"inf"`, `"-inf"` | `NaN`, `inf`, `-inf` |
//! | header | metadata `pluriverse.header` | first line | `header` in `FILE.json` |
//! | seal | metadata `pluriverse.closing` | last line | `closing` in `FILE.json` |
//!
//! # What outlasts what
//! The file is `FILE.partial` until the ledger is finished, and replaces an earlier `FILE` only then.
//!
//! | | left behind |
//! |---|---|
//! | a run that ends, fails or is interrupted, and finishes its ledger | `FILE`, complete |
//! | a full disk | `FILE.partial`, closed after the last piece that fitted; the error names both |
//! | a world dropped without finishing its ledger | `FILE.partial`, closed after the last rows that were handed over |
//! | a killed process | `FILE.partial`, open: all but Parquet are read up to the last whole piece |
//!
//! Databases, and what a ledger means, are left to others.

mod columns;
mod convert;
mod device;
mod error;
mod format;
mod header;
mod names;
mod provenance;
mod read;
mod row_groups;
mod sink;
mod write;

pub use convert::convert;
pub use device::MemoryFile;
pub use error::{Place, StoreError};
pub use format::Format;
pub use header::Seal;
pub use provenance::{FileDigest, NotedFiles, Provenance};
pub use read::{StoredLedger, open};
pub use sink::{LedgerWriter, Plan, QUEUE_CHUNKS, create};
