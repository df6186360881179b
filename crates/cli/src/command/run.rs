//! `pluriverse run SCENARIO`: runs a scenario and prints what was measured.
//!
//! Everything that can be refused is refused before the run: flags that contradict each other, a scenario that
//! is wrong, a place that cannot be written to.

use std::path::{Path, PathBuf};

use pluriverse_files::disk;
use pluriverse_kernel::{
    replicate::RunPlan,
    scenario::{RunDefaults, RunKey},
    time::SimDuration,
};

use crate::{
    args::{self, Format, ScenarioArgs},
    failure::{Failure, Fault, finding},
    interrupt,
    ledger_file::LedgerFile,
    outfile::{self, Claim},
    output, render,
    results::Ending,
    scenario_file,
};

mod session;

use session::{Finished, Session};

/// Largest snapshot that is read.
const SNAPSHOT_LIMIT_BYTES: u64 = 16 << 30;

const AFTER_HELP: &str = "\
Examples:
  pluriverse run ward.toml
  pluriverse run ward.toml --replications 1000 --format json > ward.json
  pluriverse run ward.toml --set stations.desk.agents=5 --until 30d
  pluriverse run ward.toml --ledger ward.parquet --report ward.html
  pluriverse run ward.toml --clock realtime --rate 60
  pluriverse run ward.toml --pause-at 4h --snapshot noon.snapshot
  pluriverse run ward.toml --from noon.snapshot

Ctrl-C ends a run with what there is: the ledger so far is complete and readable,
and the results say that they are not. A second Ctrl-C ends the program.

Exit codes: 0 done, 1 the run failed or was interrupted, 2 bad input or usage.";

/// Flags of `run`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Seed of the random numbers; by default the scenario's
    #[arg(long, value_name = "NUMBER", value_parser = args::seed, allow_hyphen_values = true)]
    seed: Option<u64>,
    /// How many times to run, each with other random numbers; by default what the scenario says
    #[arg(long, value_name = "COUNT", value_parser = args::positive_count, allow_hyphen_values = true)]
    replications: Option<u64>,
    /// How many replications to run at a time; by default one for each core
    #[arg(long, value_name = "COUNT", value_parser = args::threads, allow_hyphen_values = true)]
    threads: Option<usize>,
    /// What makes simulated time pass
    #[arg(long, value_enum, default_value_t)]
    clock: ClockChoice,
    /// With `--clock realtime`: simulated seconds for each second [default: 1]
    #[arg(long, value_name = "NUMBER", value_parser = args::rate, allow_hyphen_values = true)]
    rate: Option<f64>,
    /// Write every event of the run (replication 0) to this file: .parquet, .arrow, .ndjson or .csv
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Write a report with charts to this HTML file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// How to print the results
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Show nothing but results and errors
    #[arg(long, short)]
    quiet: bool,
    /// Write the world's complete state to this file when the run ends, is paused or interrupted
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// Stop at this simulated time
    #[arg(long, value_name = "DURATION", value_parser = args::positive_duration, allow_hyphen_values = true)]
    pause_at: Option<SimDuration>,
    /// Go on from a snapshot of the same scenario
    #[arg(long, value_name = "SNAPSHOT")]
    from: Option<PathBuf>,
}

/// What makes simulated time pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum ClockChoice {
    /// From event to event, as fast as possible
    #[default]
    Simulated,
    /// With the wall clock, at `--rate`
    Realtime,
}

impl RunArgs {
    /// The flag that makes this a matter of one world, if there is one.
    fn single_flag(&self) -> Option<&'static str> {
        let flags = [
            ("--clock realtime", self.clock == ClockChoice::Realtime),
            ("--snapshot", self.snapshot.is_some()),
            ("--pause-at", self.pause_at.is_some()),
            ("--from", self.from.is_some()),
        ];
        flags
            .into_iter()
            .find(|(_, is_given)| *is_given)
            .map(|(flag, _)| flag)
    }

    /// Refuses flags that contradict each other.
    fn check(&self) -> Result<(), Failure> {
        let refuse = |message: &str, help: &str| Err(Failure::input(finding(message).help(help)));
        if self.rate.is_some() && self.clock == ClockChoice::Simulated {
            return refuse(
                "--rate says nothing to a simulated clock",
                "add `--clock realtime`",
            );
        }
        if self.from.is_some() && self.seed.is_some() {
            return refuse(
                "--from and --seed contradict each other",
                "a snapshot goes on with its own seed",
            );
        }
        if self.from.is_some() && self.scenario.names_an_end() {
            return refuse(
                "--from and --until contradict each other",
                "a snapshot ends where its run was to end; see --pause-at",
            );
        }
        if self.from.is_some() && self.ledger.is_some() {
            return refuse(
                "--from and --ledger contradict each other: a ledger begins with its run",
                "run the whole without --from to record it; the hash of the results covers all rows either way",
            );
        }
        if let (Some(flag), Some(replications)) = (
            self.single_flag(),
            self.replications.filter(|count| *count > 1),
        ) {
            let message =
                format!("{flag} is about one run, --replications asks for {replications}");
            return refuse(&message, "leave one of them out");
        }
        let inputs = [
            ("the scenario", Some(&self.scenario.scenario)),
            ("--from", self.from.as_ref()),
        ];
        let outputs = [
            ("--ledger", &self.ledger),
            ("--report", &self.report),
            ("--snapshot", &self.snapshot),
        ];
        let outputs = outputs.map(|(flag, path)| (flag, path.as_ref()));
        let named = inputs
            .into_iter()
            .chain(outputs)
            .filter_map(|(flag, path)| Some((flag, path?.as_path())));
        let is_same = |(flag, _): &(&str, _)| !(*flag == "--from" && self.from == self.snapshot);
        outfile::ensure_distinct(&named.filter(is_same).collect::<Vec<_>>())
    }

    fn plan(&self, defaults: &RunDefaults) -> RunPlan {
        let default = if self.single_flag().is_some() {
            1
        } else {
            defaults.replications
        };
        let replications = self.replications.unwrap_or(default);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = self.threads.unwrap_or(cores);
        RunPlan {
            seed: self.seed.unwrap_or(defaults.seed),
            replications,
            threads: threads.min(usize::try_from(replications).unwrap_or(usize::MAX)),
        }
    }

    fn tell(&self, text: &str) {
        if !self.quiet {
            output::tell(text);
        }
    }
}

pub(super) fn run(args: &RunArgs) -> Result<(), Failure> {
    args.check()?;
    let loaded = scenario_file::load(&args.scenario.scenario, args.scenario.overrides())?;
    if !args.quiet {
        render::tell(&loaded.warnings, std::slice::from_ref(&loaded.source));
    }
    let from = args.from.as_deref().map(read_snapshot).transpose()?;
    let plan = args.plan(&loaded.scenario.defaults());
    let interrupt = interrupt::listen()?;
    let claim = |flag, path: &Option<PathBuf>| {
        path.as_deref()
            .map(|path| Claim::new(flag, path))
            .transpose()
    };
    let (report, snapshot) = (
        claim("--report", &args.report)?,
        claim("--snapshot", &args.snapshot)?,
    );
    let key = RunKey {
        seed: plan.seed,
        replication: 0,
    };
    let create = |path: &PathBuf| LedgerFile::create(path, &loaded, key, interrupt);
    let ledger = args.ledger.as_ref().map(create).transpose()?;
    let session = Session {
        args,
        loaded: &loaded,
        plan,
        interrupt,
    };
    let finished = match args.single_flag() {
        Some(_) => session.run_one(ledger, from.as_deref()),
        None => session.run_batch(ledger),
    };
    let finished = finished?;
    // Each is tried whatever becomes of the others: what a run came to is not to be lost.
    let kept = [
        session.print(&finished),
        session.write_report(&finished, report),
        write_snapshot(&finished, snapshot),
    ];
    if Failure::tell_all(kept) {
        return Err(Failure::told(Fault::Run));
    }
    if let Some(path) = &args.report {
        args.tell(&format!(
            "note: {} is written; `pluriverse serve` shows such worlds in motion, at http://{}/\n",
            path.display(),
            super::serve::ADDRESS
        ));
    }
    if let (Some(path), true) = (&args.snapshot, finished.ending != Ending::Finished) {
        args.tell(&format!(
            "note: `--from {}` goes on from here\n",
            path.display()
        ));
    }
    match finished.ending {
        Ending::Interrupted => Err(Failure::told(Fault::Run)),
        Ending::Finished | Ending::PausedAt(_) => Ok(()),
    }
}

fn write_snapshot(finished: &Finished, claim: Option<Claim>) -> Result<(), Failure> {
    match (claim, &finished.snapshot) {
        (Some(claim), Some(snapshot)) => claim.write(snapshot),
        _ => Ok(()),
    }
}

fn read_snapshot(path: &Path) -> Result<Vec<u8>, Failure> {
    disk::read_at_most(path, SNAPSHOT_LIMIT_BYTES).map_err(|refusal| {
        let found = finding(format!("--from: {}", refusal.about(path)));
        Failure::input(found.help("name a file that --snapshot wrote"))
    })
}
