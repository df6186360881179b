//! `pluriverse experiment FILE`: runs an experiment and prints what follows from it.
//!
//! Everything that can be refused is refused before the first run. What the runs came to is written down as they end where
//! the user names a file for it, so that neither Ctrl-C nor a kill loses them.

use std::path::{Path, PathBuf};

use pluriverse_experiment::{self as experiment, Experiment, Refusal, Study};
use pluriverse_files::{
    disk::{self, DiskFiles},
    experiment_state::{Resumable, StateFile},
    scenario_file::Refused,
};
use pluriverse_kernel::scenario::Draft;
use pluriverse_report::{
    experiment::{self as report, ExperimentReport},
    quantity,
};

use crate::{
    args::{self, Format},
    failure::{Failure, Fault},
    interrupt, json,
    outfile::{self, Claim},
    output,
    progress::Shown,
    render,
    scenario_file::{self, SourceText},
    version,
};

mod results;
mod tables;
mod workers;

use workers::{Session, Worked};

const AFTER_HELP: &str = "\
Examples:
  pluriverse experiment staffing.toml
  pluriverse experiment staffing.toml --set replications.count=1000
  pluriverse experiment staffing.toml --report staffing.html --results staffing.parquet
  pluriverse experiment staffing.toml --state staffing.state

With --state, an experiment that was killed or interrupted goes on where it was when it is
called again. The result is the same to the bit on any number of threads, in one piece or
in several.

Ctrl-C ends an experiment with what there is; a second Ctrl-C ends the program.

Exit codes: 0 done, 1 a run failed or the experiment was interrupted, 2 bad input or usage.";

/// Flags of `experiment`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ExperimentArgs {
    /// The experiment file: TOML, or JSON when it ends in `.json`
    file: PathBuf,
    /// Set a value over the file's, by its dotted key; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = args::assignment)]
    set: Vec<(String, String)>,
    /// How many runs to make at a time; by default one for each core
    #[arg(long, value_name = "COUNT", value_parser = args::threads, allow_hyphen_values = true)]
    threads: Option<usize>,
    /// How to print the results
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write every figure of every point, and of every replication, to this Parquet file
    #[arg(long, value_name = "FILE.parquet")]
    results: Option<PathBuf>,
    /// Write a report with charts to this HTML file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write down what runs came to in this file, and go on from it where it is there
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Show nothing but results and errors
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(args: &ExperimentArgs) -> Result<(), Failure> {
    let named = [
        ("the experiment", Some(&args.file)),
        ("--results", args.results.as_ref()),
        ("--report", args.report.as_ref()),
        ("--state", args.state.as_ref()),
    ];
    let named = named
        .into_iter()
        .filter_map(|(flag, path)| Some((flag, path?.as_path())));
    outfile::ensure_distinct(&named.collect::<Vec<_>>())?;
    let (study, source) = load(args)?;
    let claim = |flag, path: &Option<PathBuf>| {
        path.as_deref()
            .map(|path| Claim::new(flag, path))
            .transpose()
    };
    let claims = Claims {
        results: claim("--results", &args.results)?,
        report: claim("--report", &args.report)?,
    };
    let state = args.state.as_deref();
    let state = state.map(|path| open_state(path, &study)).transpose()?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let session = Session {
        threads: args.threads.unwrap_or(cores),
        shown: args.shown(),
        interrupt: interrupt::listen()?,
    };
    let worked = session.run(Resumable::new(Experiment::new(study), state));
    let told = Told {
        args,
        source: &source,
        threads: session.threads,
    };
    told.tell(worked, claims)
}

/// Files that will be written.
struct Claims {
    results: Option<Claim>,
    report: Option<Claim>,
}

impl ExperimentArgs {
    fn shown(&self) -> Shown {
        if self.quiet {
            Shown::Never
        } else {
            Shown::OnTerminals
        }
    }
}

/// What is told of an experiment whose work has ended.
struct Told<'a> {
    args: &'a ExperimentArgs,
    source: &'a SourceText,
    threads: usize,
}

impl Told<'_> {
    /// Prints what was found, writes what is to be written, and says how the program ends.
    fn tell(&self, mut worked: Worked, claims: Claims) -> Result<(), Failure> {
        let failure = worked.take_failure();
        let (resumed, wall) = (worked.runs_resumed, worked.wall);
        let scenario_text = worked.experiment.study().workload.text.clone();
        let rows = claims
            .results
            .map(|claim| (claim, results::Replications::of(&worked.experiment)));
        let analysis = worked.experiment.finish();
        if resumed > 0 {
            self.note(&format!(
                "note: {} runs were there already\n",
                quantity::whole(resumed)
            ));
        }
        let is_complete = analysis.is_complete;
        let mut attempts = Vec::new();
        if analysis.runs > 0 || is_complete {
            attempts.push(output::print(&match self.args.format {
                Format::Table => tables::document(&analysis, wall, output::columns()),
                Format::Json => json::print(&analysis),
            }));
            if let Some((claim, rows)) = rows {
                attempts.push(claim.write(&results::parquet(&analysis, &rows)));
            }
            if let Some(claim) = claims.report {
                let page = report::html(&ExperimentReport {
                    analysis: &analysis,
                    file: &self.source.name,
                    text: &self.source.text,
                    scenario_text: &scenario_text,
                    overrides: &self.args.set,
                    version: &version::SHOWN,
                    wall_seconds: wall.as_secs_f64(),
                    threads: self.threads,
                });
                attempts.push(claim.write(page.as_bytes()));
            }
        }
        if let (false, Some(state)) = (is_complete, &self.args.state) {
            self.note(&format!(
                "note: the same call goes on from `{}`\n",
                state.display()
            ));
        }
        attempts.push(failure.map_or(Ok(()), Err));
        let has_failed = Failure::tell_all(attempts);
        if is_complete && !has_failed {
            Ok(())
        } else {
            Err(Failure::told(Fault::Run))
        }
    }

    fn note(&self, text: &str) {
        if !self.args.quiet {
            output::tell(text);
        }
    }
}

fn open_state(path: &Path, study: &Study) -> Result<StateFile, Failure> {
    outfile::ensure_place("--state", path)?;
    Ok(StateFile::open(path, study)?)
}

fn load(args: &ExperimentArgs) -> Result<(Study, SourceText), Failure> {
    let source = scenario_file::read_text(&args.file)?;
    let folder = disk::folder_of(&args.file);
    let draft = Draft {
        file: &source.name,
        text: &source.text,
        overrides: &args.set,
        files: &DiskFiles::from_folder(folder),
    };
    match experiment::read(draft) {
        Ok((study, warnings)) => {
            if !args.quiet {
                let scenario = SourceText {
                    name: study.workload.file.clone(),
                    text: study.workload.text.clone(),
                };
                render::tell(&warnings, &[source.clone(), scenario]);
            }
            Ok((study, source))
        }
        Err(Refusal { findings, scenario }) => {
            let scenario = scenario.map(|(name, text)| SourceText { name, text });
            let sources = [Some(source), scenario].into_iter().flatten().collect();
            Err(Refused { findings, sources }.into())
        }
    }
}
