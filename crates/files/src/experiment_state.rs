//! An experiment with its state in a file: what its runs came to is appended as they end, and what the file has already
//! is not run again.
//!
//! A kill leaves at most half a record behind, which is cut away when the file is opened again. A file that belongs to
//! another experiment is never written to. Whoever makes the runs is not known here.

use std::{
    error::Error,
    fmt,
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use pluriverse_experiment::{
    Experiment, ExperimentError, Job, JobResult, Receipt, Study,
    journal::{self, Journal, JournalError},
};

use crate::disk;

/// Largest state file that is read.
const STATE_LIMIT_BYTES: u64 = 64 << 30;

/// Why a state file is of no use; what is in it stays.
#[derive(Debug)]
pub struct StateError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: StateReason,
}

/// What is wrong with a state file.
#[derive(Debug)]
#[non_exhaustive]
pub enum StateReason {
    /// It cannot be read and written.
    Unusable(io::Error),
    /// Another experiment has it open.
    InUse,
    /// It is a device or a pipe.
    NoFile,
    /// It is larger than any experiment's.
    TooLarge {
        /// Its size.
        bytes: u64,
    },
    /// It is no state of this experiment.
    Journal(JournalError),
    /// No more fits in.
    Full(io::Error),
    /// What it says of a job is not what the experiment asked for.
    Misfit(ExperimentError),
}

impl fmt::Display for StateError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.path.display())?;
        match &self.reason {
            StateReason::Unusable(error) => {
                write!(out, "the file cannot be used: {}", disk::plain(error))
            }
            StateReason::InUse => out.write_str("an experiment is writing to this file"),
            StateReason::NoFile => out.write_str("this is no file that can be gone back to"),
            StateReason::TooLarge { bytes } => {
                write!(out, "it has {bytes} bytes, more than any experiment writes")
            }
            StateReason::Journal(error) => error.fmt(out),
            StateReason::Full(error) => {
                write!(out, "nothing more can be written: {}", disk::plain(error))
            }
            StateReason::Misfit(error) => error.fmt(out),
        }
    }
}

impl Error for StateError {}

impl StateError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match &self.reason {
            StateReason::Unusable(_) => "name a file that you may read and write",
            StateReason::InUse => "wait for it, or name another file",
            StateReason::NoFile => "name a file on a disk",
            StateReason::Journal(JournalError::Foreign) => {
                "name another file, or remove this one to begin anew; what has been changed back goes on"
            }
            StateReason::Journal(JournalError::Damaged { .. }) => {
                "remove it to begin anew, or bring back a copy"
            }
            StateReason::TooLarge { .. } | StateReason::Journal(_) => "name another file",
            StateReason::Full(_) => "make room and call it again: what is there is kept",
            StateReason::Misfit(_) => "remove it to begin anew",
        }
    }
}

/// An open state file.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    file: File,
    known: Journal,
    /// Bytes of header and whole records.
    whole_bytes: u64,
}

impl StateFile {
    /// Opens the file of this study at `path`, or makes it.
    ///
    /// # Errors
    /// When it is another experiment's, damaged, in use, or cannot be written to.
    pub fn open(path: &Path, study: &Study) -> Result<Self, StateError> {
        Self::open_at(path, study).map_err(|reason| StateError {
            path: path.to_owned(),
            reason,
        })
    }

    fn open_at(path: &Path, study: &Study) -> Result<Self, StateReason> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(StateReason::Unusable)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(StateReason::InUse),
            Err(TryLockError::Error(error)) => return Err(StateReason::Unusable(error)),
            Ok(()) => {}
        }
        let about = file.metadata().map_err(StateReason::Unusable)?;
        if !about.is_file() {
            return Err(StateReason::NoFile);
        }
        if about.len() > STATE_LIMIT_BYTES {
            return Err(StateReason::TooLarge { bytes: about.len() });
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(StateReason::Unusable)?;
        let known = journal::read(study, &bytes).map_err(StateReason::Journal)?;
        let mut state = Self {
            path: path.to_owned(),
            file,
            whole_bytes: known.whole_bytes as u64,
            known,
        };
        state.begin(study).map_err(StateReason::Unusable)?;
        Ok(state)
    }

    /// Cuts away what was torn off, and begins a file that is empty.
    fn begin(&mut self, study: &Study) -> io::Result<()> {
        self.file.set_len(self.whole_bytes)?;
        self.file.seek(SeekFrom::End(0))?;
        if self.whole_bytes == 0 {
            let header = journal::header(study);
            self.file.write_all(&header)?;
            self.whole_bytes = header.len() as u64;
        }
        Ok(())
    }

    /// Appends a record.
    ///
    /// # Errors
    /// When the disk refuses; the file is then whole up to the record before.
    fn append(&mut self, record: &[u8]) -> Result<(), StateError> {
        let written = self.file.write_all(record);
        written.map_err(|error| {
            // Half a record would be cut away when the file is opened again; better it is not there at all.
            let _ = self.file.set_len(self.whole_bytes);
            self.refused(StateReason::Full(error))
        })?;
        self.whole_bytes += record.len() as u64;
        Ok(())
    }

    fn refused(&self, reason: StateReason) -> StateError {
        StateError {
            path: self.path.clone(),
            reason,
        }
    }
}

/// Why an experiment with a state file cannot go on.
#[derive(Debug)]
pub enum ResumeError {
    /// Because of the file.
    State(StateError),
    /// Because of what a job came to; the file does not have it.
    Experiment(ExperimentError),
}

impl fmt::Display for ResumeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(error) => error.fmt(out),
            Self::Experiment(error) => error.fmt(out),
        }
    }
}

impl Error for ResumeError {}

/// An experiment that takes what its state file knows from there, and writes down what is new.
///
/// As with [`Experiment`], whoever holds it asks for jobs and hands in what they came to, in any order.
pub struct Resumable {
    experiment: Experiment,
    state: Option<StateFile>,
    runs_resumed: u64,
}

impl Resumable {
    /// An experiment before its first job, with the state of its study where there is one.
    #[must_use]
    pub fn new(experiment: Experiment, state: Option<StateFile>) -> Self {
        Self {
            experiment,
            state,
            runs_resumed: 0,
        }
    }

    /// The experiment as far as it has come.
    #[must_use]
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// Runs that the file had already.
    #[must_use]
    pub fn runs_resumed(&self) -> u64 {
        self.runs_resumed
    }

    /// A job that nobody has yet and that the file does not know; `None` when there is none until results come in, or at
    /// all.
    ///
    /// # Errors
    /// When what the file says does not fit.
    pub fn poll_job(&mut self) -> Result<Option<Job>, StateError> {
        while let Some(job) = self.experiment.poll_job() {
            let Some(state) = &mut self.state else {
                return Ok(Some(job));
            };
            let Some(known) = state.known.results.remove(&job.id) else {
                return Ok(Some(job));
            };
            self.runs_resumed += job.count;
            let taken = self.experiment.handle_result(known);
            taken.map_err(|error| state.refused(StateReason::Misfit(error)))?;
        }
        Ok(None)
    }

    /// Takes what a job came to and writes it down; the second time it comes it changes nothing, and is told so. Runs
    /// that failed are not written down: they may end otherwise when they are made again.
    ///
    /// # Errors
    /// When it is no result of a job, or the disk refuses it; the file is then as before.
    pub fn handle_result(&mut self, result: JobResult) -> Result<Receipt, ResumeError> {
        let is_kept = self.state.is_some() && result.outcome.is_ok();
        let record = is_kept.then(|| journal::record(&result));
        let taken = self.experiment.handle_result(result);
        let receipt = taken.map_err(ResumeError::Experiment)?;
        if let (Receipt::New, Some(state), Some(record)) = (receipt, &mut self.state, record) {
            state.append(&record).map_err(ResumeError::State)?;
        }
        Ok(receipt)
    }

    /// The experiment, once the disk has what was written; says whether the disk refused.
    pub fn close(self) -> (Experiment, Result<(), StateError>) {
        let synced = match self.state {
            Some(state) => {
                let kept = state.file.sync_all();
                kept.map_err(|error| state.refused(StateReason::Full(error)))
            }
            None => Ok(()),
        };
        (self.experiment, synced)
    }
}
