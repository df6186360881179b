//! Runs, their results and their complete ledgers in a database: SQLite by default, PostgreSQL by URL.
//!
//! An [`Archive`] is the same on both. What is written down of a run is a [`Run`]; its ledger comes in as a whole
//! ([`Archive::ingest`]) or in chunks ([`Archive::begin_upload`]), goes out as it came in
//! ([`Archive::ledger`]), and lies in tables in between, so that figures can be computed by SQL
//! ([`Archive::stations`], and the views beside it).
//!
//! # A run and its ledger
//! ```
//! use std::sync::Arc;
//! use pluriverse_archive::{Archive, Filter, IngestOutcome, Location, Options, Page, RunId, Source};
//! use pluriverse_kernel::{ledger::{Dictionary, Ledger, NONE, NO_CAUSE, Row}, time::SimTime};
//! use pluriverse_store::{Format, LedgerWriter, Plan, Provenance, StoredLedger};
//!
//! // A ledger of ten rows, as any engine may send it:
//! let provenance = Provenance { kind: "process".to_owned(), seed: 7, ..Provenance::default() };
//! let (writer, file) = LedgerWriter::to_memory(1 << 20, Plan::new(Format::ArrowIpc, provenance))?;
//! let mut ledger = Ledger::to_sink(Box::new(writer));
//! ledger.begin(Arc::new(Dictionary::of_kinds(["tick"])));
//! for second in 0..10 {
//!     let time = SimTime::from_secs(second);
//!     ledger.append(Row { time, kind: 0, subject: NONE, object: NONE, value: 0.0, cause: NO_CAUSE });
//! }
//! ledger.finish()?;
//!
//! // Into an archive, twice; the second time changes nothing:
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("runs.sqlite");
//! let archive = Archive::open(Location::parse(&path.to_string_lossy())?, Options::default())?;
//! let id: RunId = "first".parse()?;
//! let mut stored = StoredLedger::from_bytes(Format::ArrowIpc, file.bytes(), None)?;
//! let ingested = archive.ingest(&id, Source::Browser, &mut stored)?;
//! assert_eq!((ingested.rows, ingested.outcome), (10, IngestOutcome::Stored));
//! let mut stored = StoredLedger::from_bytes(Format::ArrowIpc, file.bytes(), None)?;
//! assert_eq!(archive.ingest(&id, Source::Browser, &mut stored)?.outcome, IngestOutcome::AlreadyThere);
//! assert_eq!(archive.runs(&Filter::default(), Page::default())?.total, 1);
//!
//! // And out again, with the same hash:
//! let mut archived = archive.ledger(&id)?;
//! while archived.next_chunk()?.is_some() {}
//! assert_eq!(Some(archived.closing().hash), ledger.hash());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is never seen
//! A ledger is stored in one transaction, after its hash was found to be right: of one that broke off, was damaged,
//! or whose writer was killed, nothing is there. Chunks of an upload wait in tables of their own.
//!
//! HTTP, and who may do what, are left to the server.

mod archive;
mod claim;
mod clock;
mod compare;
mod connection;
mod error;
mod figures;
mod ingest;
mod ledger;
mod location;
mod run;
mod runs;
mod schema;
mod spool;
mod upload;
mod value;

pub use archive::{Archive, Options};
pub use claim::Claim;
pub use compare::{COMPARED_RUNS_MAX, ComparedMetric, Comparison, Metric};
pub use error::ArchiveError;
pub use figures::StationFigures;
pub use ingest::{IngestOutcome, Ingested};
pub use ledger::ArchivedLedger;
pub use location::{Location, PostgresLocation};
pub use run::{Instant, NewRun, Run, RunId, RunSummary, Source, Status};
pub use runs::{Change, Filter, PAGE_RUNS_MAX, Page, Retention, RunPage};
pub use spool::{Packing, Spool, SpooledLedger};
pub use upload::{
    CHUNK_BYTES_MAX, ChunkHash, ChunkOutcome, Declaration, ROW_BYTES, UploadStatus, chunk_bytes,
};
