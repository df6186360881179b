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
//! # Without files
//! With the feature `files` off there are no files, threads and readers, and of the formats Arrow IPC alone: an
//! [`ArrowSink`] makes the bytes of such a file, in a browser as anywhere.
//!
//! Databases, and what a ledger means, are left to others.

#![cfg_attr(
    not(feature = "files"),
    allow(
        dead_code,
        reason = "what columns, headers and encoders do for readers and files has no user then"
    )
)]

mod arrow_sink;
mod columns;
#[cfg(feature = "files")]
mod convert;
#[cfg(feature = "files")]
mod device;
#[cfg(feature = "files")]
mod error;
#[cfg(feature = "files")]
mod format;
mod frame;
mod header;
#[cfg(feature = "files")]
mod names;
mod provenance;
#[cfg(feature = "files")]
mod read;
#[cfg(feature = "files")]
mod row_groups;
#[cfg(feature = "files")]
mod sink;
#[cfg(feature = "files")]
pub mod table;
mod write;

pub use arrow_sink::{ArrowBytes, ArrowSink};
#[cfg(feature = "files")]
pub use convert::convert;
#[cfg(feature = "files")]
pub use device::MemoryFile;
#[cfg(feature = "files")]
pub use error::{Place, StoreError};
#[cfg(feature = "files")]
pub use format::Format;
#[cfg(feature = "files")]
pub use frame::store_table;
pub use frame::{TableBuilder, TableRows, TableSink, each_chunk};
pub use header::Seal;
pub use provenance::{FileDigest, NotedFiles, Provenance};
#[cfg(feature = "files")]
pub use read::{StoredLedger, open};
#[cfg(feature = "files")]
pub use sink::{LedgerWriter, Plan, QUEUE_CHUNKS, create};
