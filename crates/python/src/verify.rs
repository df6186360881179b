//! Whether a stored ledger is what its scenario makes: against its own hash, and against a second run.

use std::{
    path::{Path, PathBuf},
    sync::PoisonError,
};

use pluriverse_files::{
    comparison::{Comparison, Findings, Found},
    disk::{self, DiskFiles},
    scenario_file::{self, SourceText},
};
use pluriverse_host::retrace::{cannot_repeat, repeat};
use pluriverse_kernel::{
    ledger::Ledger,
    replicate::SLICE_EVENTS,
    scenario::FileSource as _,
    world::{Progress, RunError, World},
};
use pluriverse_store::{Provenance, open};
use pyo3::prelude::*;

use crate::{fault::Fault, scenario::json};

/// Reads the whole file and compares it with its hash: number of rows, hash, why rows are missing at the end, and what
/// made it, as JSON.
#[pyfunction]
pub(crate) fn check_hash(
    py: Python<'_>,
    path: PathBuf,
) -> Result<(u64, String, Option<String>, String), Fault> {
    py.detach(|| {
        let mut stored = open(&path)?;
        stored.verify()?;
        let closing = stored.read_so_far();
        let cut = stored.seal().and_then(|seal| seal.cut.clone());
        let provenance = json(stored.provenance());
        Ok((closing.rows, closing.hash.to_string(), cut, provenance))
    })
}

/// Runs the ledger's scenario again and compares every row. The files that it refers to are in `files`, or where they
/// were. Says how the run failed, where the first one had failed too.
#[pyfunction]
#[pyo3(signature = (path, files=None))]
pub(crate) fn check_rerun(
    py: Python<'_>,
    path: PathBuf,
    files: Option<PathBuf>,
) -> Result<Option<String>, Fault> {
    py.detach(|| {
        let stored = open(&path)?;
        let provenance = stored.provenance().clone();
        let recorded = disk::folder_of(Path::new(&provenance.scenario_file)).to_owned();
        let files = DiskFiles::from_folder(&files.unwrap_or(recorded));
        check_files(&provenance, &files)?;
        let source = SourceText {
            name: provenance.scenario_file.clone(),
            text: provenance.scenario_text.clone(),
        };
        let loaded = scenario_file::read(source, provenance.overrides.clone(), &files)?;
        let findings = Findings::default();
        let comparison = Comparison {
            stored,
            findings: findings.clone(),
        };
        let record = Ledger::to_sink(Box::new(comparison));
        let mut world = loaded.scenario.world(provenance.key(), record);
        repeat(&mut *world, &provenance.inputs).map_err(|refused| {
            let reason = cannot_repeat(Some(&refused));
            Fault::Ledger(format!("{}: {reason}", path.display()))
        })?;
        let ended = run(&mut *world)?;
        let closed = world.finish_ledger();
        let found = findings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match (found, ended) {
            (Some(Found::Difference(text)), _) => Err(Fault::Ledger(format!(
                "{}: a second run differs\n{text}",
                path.display()
            ))),
            (Some(Found::Outside(row)), _) => {
                let reason = cannot_repeat(None);
                Err(Fault::Ledger(format!(
                    "{}: {reason}\n{row}",
                    path.display()
                )))
            }
            (Some(Found::Unreadable(error)), _) => Err(error.into()),
            (Some(Found::End), _) => Ok(None),
            (None, Some(error)) => Ok(Some(error.to_string())),
            (None, None) => Ok(closed.map(|()| None)?),
        }
    })
}

/// Runs to the end, which may be an error of the run.
fn run(world: &mut dyn World) -> Result<Option<RunError>, Fault> {
    loop {
        match world.run(SLICE_EVENTS) {
            Ok(Progress::More) => Python::attach(|py| py.check_signals())?,
            Ok(_) => return Ok(None),
            Err(error) => return Ok(Some(error)),
        }
    }
}

/// Whether the files that the scenario refers to are what they were.
fn check_files(provenance: &Provenance, files: &DiskFiles) -> Result<(), Fault> {
    for digest in &provenance.files {
        let content = files.read(&digest.path).map_err(|message| {
            Fault::Ledger(format!("the scenario cannot be run again: {message}"))
        })?;
        if !digest.matches(&content) {
            return Err(Fault::Ledger(format!(
                "`{}` is not what it was when the ledger was made",
                digest.path
            )));
        }
    }
    Ok(())
}
