//! A run's ledger on its way into a file, with what it takes to make it again.
//!
//! A run that is stopped before its end leaves a ledger that says so itself.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use pluriverse_kernel::{
    ledger::{Chunk, Closing, Dictionary, LedgerSink, SinkError},
    scenario::RunKey,
};
use pluriverse_store::{Format, LedgerWriter, Plan, Provenance, StoreError};

use crate::{
    failure::{Failure, finding},
    interrupt::Interrupt,
    outfile,
    scenario_file::Loaded,
    version::{REVISION, VERSION},
};

/// Why a ledger ends before its run; empty as long as it does not.
pub(crate) type CutReason = Arc<OnceLock<String>>;

/// A ledger's file, for one run.
pub(crate) struct LedgerFile {
    writer: LedgerWriter,
    cut: CutReason,
    interrupt: &'static Interrupt,
}

impl LedgerFile {
    /// Begins the file that the user named with `--ledger`, for the run `key` of a scenario.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub(crate) fn create(
        path: &Path,
        loaded: &Loaded,
        key: RunKey,
        interrupt: &'static Interrupt,
    ) -> Result<Self, Failure> {
        outfile::ensure_place("--ledger", path)?;
        let format = Format::of_path(path).map_err(|error| refused(&error))?;
        let plan = Plan::new(format, provenance(loaded, key));
        let writer = LedgerWriter::to_path(path, plan).map_err(|error| refused(&error))?;
        Ok(Self {
            writer,
            cut: CutReason::default(),
            interrupt,
        })
    }

    /// Where to say why the run ends early, before the ledger is finished.
    pub(crate) fn cut_reason(&self) -> CutReason {
        Arc::clone(&self.cut)
    }
}

impl LedgerSink for LedgerFile {
    fn write(&mut self, dictionary: &Dictionary, chunk: &Chunk) -> Result<(), SinkError> {
        self.writer.write(dictionary, chunk)
    }

    fn finish(&mut self, closing: &Closing) -> Result<(), SinkError> {
        let interrupted = self
            .interrupt
            .is_requested()
            .then_some("the run was interrupted");
        match self.cut.get().map(String::as_str).or(interrupted) {
            Some(reason) => self.writer.finish_cut(reason),
            None => self.writer.finish(closing),
        }
    }
}

fn provenance(loaded: &Loaded, key: RunKey) -> Provenance {
    Provenance {
        engine: VERSION.to_owned(),
        revision: REVISION.to_owned(),
        ..loaded.provenance(key)
    }
}

fn refused(error: &StoreError) -> Failure {
    let found = finding(format!("--ledger: {error}"));
    Failure::input(match error {
        StoreError::UnknownFormat { .. } => found,
        _ => found.help("name a file that you may write"),
    })
}
