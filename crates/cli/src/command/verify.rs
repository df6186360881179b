//! `pluriverse verify LEDGER`: whether a ledger is what its scenario makes.
//!
//! First the file against its own hash, then a second run of the scenario that the file carries, row by row. The
//! first row that differs is shown in both versions.

use std::{
    path::{Path, PathBuf},
    sync::PoisonError,
};

use pluriverse_files::{
    comparison::{Comparison, Findings, Found},
    disk::{self, DiskFiles},
};
use pluriverse_host::retrace::{cannot_repeat, repeat};
use pluriverse_kernel::{
    ledger::{Closing, Ledger, LedgerHash},
    replicate::RunPlan,
    scenario::FileSource,
    world::RunError,
};
use pluriverse_store::{FileDigest, Provenance, open};

use pluriverse_report::quantity;

use crate::{
    drive::{Drive, Pace},
    failure::{Failure, Fault, finding},
    interrupt, output,
    progress::{Progress, Shown},
    results::Ending,
    scenario_file::{self, SourceText},
    stored::refused,
    version,
};

const AFTER_HELP: &str = "\
Examples:
  pluriverse verify ward.parquet
  pluriverse verify ward.parquet --files data/     the files of the scenario are there
  pluriverse verify ward.parquet --hash-only       without running it again

Exit codes: 0 verified, 1 not verified, 2 bad input or usage.";

/// Flags of `verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct VerifyArgs {
    /// The ledger: .parquet, .arrow, .ndjson or .csv
    ledger: PathBuf,
    /// Folder of the files that the scenario refers to; by default that of the scenario file when it ran
    #[arg(long, value_name = "FOLDER")]
    files: Option<PathBuf>,
    /// Check the file against its own hash only
    #[arg(long)]
    hash_only: bool,
}

pub(super) fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let stored = check_hash(&args.ledger)?;
    let mut verdict = "the rows have the hash that the file says".to_owned();
    if !args.hash_only {
        verdict = match rerun(args, &stored.provenance)? {
            None => "the rows have the hash that the file says, and a second run makes the same"
                .to_owned(),
            Some(failure) => {
                format!("a second run makes the same rows and fails in the same place: {failure}")
            }
        };
    }
    output::print(&stored.report(&args.ledger, &verdict))
}

/// A ledger whose rows are as it says.
struct Checked {
    provenance: Provenance,
    rows: u64,
    hash: LedgerHash,
    cut: Option<String>,
}

impl Checked {
    fn report(&self, path: &Path, verdict: &str) -> String {
        let Provenance {
            scenario_file,
            seed,
            replication,
            ..
        } = &self.provenance;
        let state = match &self.cut {
            None => String::new(),
            Some(reason) => format!(" as far as it goes ({reason})"),
        };
        let rows = quantity::whole(self.rows);
        let hash = self.hash;
        let engine = version::shown(&self.provenance.engine, &self.provenance.revision);
        format!(
            "{}: verified{state}\n  {verdict}\n  rows      {rows}\n  ledger    {hash}\n  \
             scenario  {scenario_file}, seed {seed}, replication {replication}\n  engine    {engine}\n",
            path.display(),
        )
    }
}

/// Reads the whole file and compares it with its hash.
fn check_hash(path: &Path) -> Result<Checked, Failure> {
    let mut stored = open(path).map_err(|error| refused(&error))?;
    stored.verify().map_err(|error| refused(&error))?;
    let Closing { rows, hash } = stored.read_so_far();
    let cut = stored.seal().and_then(|seal| seal.cut.clone());
    Ok(Checked {
        provenance: stored.provenance().clone(),
        rows,
        hash,
        cut,
    })
}

/// Runs the ledger's scenario again and compares every row; says how the run failed where the first one had.
fn rerun(args: &VerifyArgs, provenance: &Provenance) -> Result<Option<RunError>, Failure> {
    let recorded_folder = disk::folder_of(Path::new(&provenance.scenario_file));
    let folder = args.files.as_deref().unwrap_or(recorded_folder);
    let files = DiskFiles::from_folder(folder);
    check_files(&provenance.files, &files)?;
    let source = SourceText {
        name: provenance.scenario_file.clone(),
        text: provenance.scenario_text.clone(),
    };
    let loaded = scenario_file::read(source, provenance.overrides.clone(), &files)?;
    let interrupt = interrupt::listen()?;
    let findings = Findings::default();
    let stored = open(&args.ledger).map_err(|error| refused(&error))?;
    let comparison = Comparison {
        stored,
        findings: findings.clone(),
    };
    let key = provenance.key();
    let mut world = loaded
        .scenario
        .world(key, Ledger::to_sink(Box::new(comparison)));
    repeat(&mut *world, &provenance.inputs).map_err(|refused| {
        let reason = cannot_repeat(Some(&refused));
        Failure::run(finding(format!("{}: {reason}", args.ledger.display())))
    })?;
    let plan = RunPlan {
        seed: key.seed,
        replications: 1,
        threads: 1,
    };
    let end = loaded.scenario.defaults().until;
    let progress = Progress::new(plan, end, Shown::OnTerminals, interrupt);
    let drive = Drive {
        world: &mut *world,
        limit: None,
        end,
        observer: &progress,
        interrupt,
    };
    let ended = drive.run(&mut Pace::Unhurried);
    let closed = if matches!(ended, Ok(Ending::Interrupted)) {
        Ok(())
    } else {
        world.finish_ledger()
    };
    progress.end();
    let found = findings
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match (found, ended) {
        (Some(Found::Difference(text)), _) => Err(differs(&args.ledger, provenance, &text)),
        (Some(Found::Outside(row)), _) => {
            let reason = cannot_repeat(None);
            let message = format!("{}: {reason}\n{row}", args.ledger.display());
            Err(Failure::run(finding(message)))
        }
        (Some(Found::Unreadable(error)), _) => Err(refused(&error)),
        (Some(Found::End), _) => Ok(None),
        (None, Ok(Ending::Interrupted)) => Err(Failure::told(Fault::Run)),
        (None, Ok(_)) => closed
            .map(|()| None)
            .map_err(|error| RunError::Ledger(error).into()),
        (None, Err(error)) => Ok(Some(error)),
    }
}

/// Whether the files that the scenario refers to are what they were.
fn check_files(digests: &[FileDigest], files: &DiskFiles) -> Result<(), Failure> {
    for digest in digests {
        let content = files.read(&digest.path).map_err(|message| {
            Failure::input(
                finding(format!("the scenario cannot be run again: {message}"))
                    .help("name the folder of its files with --files"),
            )
        })?;
        if !digest.matches(&content) {
            let message = format!(
                "`{}` is not what it was when the ledger was made",
                digest.path
            );
            let expected = format!("{} bytes with the blake3 {}", digest.bytes, digest.blake3);
            return Err(Failure::run(
                finding(message)
                    .expected(expected)
                    .help("name the folder of the old files with --files"),
            ));
        }
    }
    Ok(())
}

fn differs(path: &Path, provenance: &Provenance, text: &str) -> Failure {
    let found = finding(format!("{}: a second run differs\n{text}", path.display()));
    let same_engine =
        provenance.engine == version::VERSION && provenance.revision == version::REVISION;
    Failure::run(if same_engine {
        found.help("the rows were changed and hashed again, or this is a defect of pluriverse: please report it")
    } else {
        let made_by = version::shown(&provenance.engine, &provenance.revision);
        found.help(format!(
            "it was made by version {made_by}: verify it with that one"
        ))
    })
}
