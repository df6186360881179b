//! The state of an experiment in a file: what its runs came to, appended as they end.
//!
//! A kill leaves at most half a record behind, which is cut away when the file is opened again. A file that belongs to
//! another experiment is never written to.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use pluriverse_experiment::{
    JobResult, Study,
    journal::{self, Journal, JournalError},
};
use pluriverse_files::disk;

use crate::{
    failure::{Failure, finding},
    outfile,
};

/// Largest state file that is read.
const STATE_LIMIT_BYTES: u64 = 64 << 30;

/// An open state file.
pub(super) struct StateFile {
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
    pub(super) fn open(path: &Path, study: &Study) -> Result<Self, Failure> {
        outfile::ensure_place("--state", path)?;
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        let refuse = |reason: String, help: &str| {
            Failure::input(finding(format!("--state {}: {reason}", path.display())).help(help))
        };
        let unusable = |error: &std::io::Error| {
            let reason = format!("the file cannot be used: {}", disk::plain(error));
            refuse(reason, "name a file that you may read and write")
        };
        let mut file = opened.map_err(|error| unusable(&error))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                let reason = "an experiment is writing to this file".to_owned();
                return Err(refuse(reason, "wait for it, or name another file"));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(&error)),
            Ok(()) => {}
        }
        let about = file.metadata().map_err(|error| unusable(&error))?;
        if !about.is_file() {
            let reason = "this is no file that can be gone back to".to_owned();
            return Err(refuse(reason, "name a file on a disk"));
        }
        if about.len() > STATE_LIMIT_BYTES {
            let reason = format!(
                "it has {} bytes, more than any experiment writes",
                about.len()
            );
            return Err(refuse(reason, "name another file"));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(|error| unusable(&error))?;
        let known = journal::read(study, &bytes).map_err(|error| {
            let help = match error {
                JournalError::Foreign => {
                    "name another file, or remove this one to begin anew; what has been changed back goes on"
                }
                JournalError::Damaged { .. } => "remove it to begin anew, or bring back a copy",
                _ => "name another file",
            };
            refuse(error.to_string(), help)
        })?;
        let mut state = Self {
            path: path.to_owned(),
            file,
            whole_bytes: known.whole_bytes as u64,
            known,
        };
        let begun = state.begin(study);
        begun.map_err(|error| unusable(&error))?;
        Ok(state)
    }

    /// Cuts away what was torn off, and begins a file that is empty.
    fn begin(&mut self, study: &Study) -> std::io::Result<()> {
        self.file.set_len(self.whole_bytes)?;
        self.file.seek(SeekFrom::End(0))?;
        if self.whole_bytes == 0 {
            let header = journal::header(study);
            self.file.write_all(&header)?;
            self.whole_bytes = header.len() as u64;
        }
        Ok(())
    }

    /// What the job of this number came to, when the file says so.
    pub(super) fn take(&mut self, id: u64) -> Option<JobResult> {
        self.known.results.remove(&id)
    }

    /// Writes down what a job came to.
    ///
    /// # Errors
    /// When the disk refuses; the file is then whole up to the record before.
    pub(super) fn append(&mut self, result: &JobResult) -> Result<(), Failure> {
        let record = journal::record(result);
        let written = self.file.write_all(&record);
        written.map_err(|error| {
            // Half a record would be cut away when the file is opened again; better it is not there at all.
            let _ = self.file.set_len(self.whole_bytes);
            self.refused(&error)
        })?;
        self.whole_bytes += record.len() as u64;
        Ok(())
    }

    /// Has the disk keep what was written.
    ///
    /// # Errors
    /// When it refuses.
    pub(super) fn close(self) -> Result<(), Failure> {
        let kept = self.file.sync_all();
        kept.map_err(|error| self.refused(&error))
    }

    fn refused(&self, error: &std::io::Error) -> Failure {
        let message = format!(
            "--state {}: nothing more can be written: {}",
            self.path.display(),
            disk::plain(error)
        );
        Failure::run(finding(message).help("make room and call it again: what is there is kept"))
    }

    /// What to do when what the file holds does not fit.
    pub(super) fn advice(&self) -> String {
        format!("remove `{}` to begin anew", self.path.display())
    }
}
