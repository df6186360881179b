//! The command line as a whole: what is common to the commands, and how the program ends.
//!
//! Each command's own flags are beside its code. Standard output is for results, standard error for everything
//! else; the exit code is 0 when done, 1 when the run failed, 2 for bad input or usage.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use pluriverse_kernel::time::SimDuration;

use pluriverse_report::quantity;

use crate::{command::Command, version};

const AFTER_HELP: &str = "\
Examples:
  pluriverse run scenarios/contact-centre.toml
  pluriverse run ward.toml --replications 1000 --report ward.html
  pluriverse check ward.toml
  pluriverse verify ward.parquet

Exit codes: 0 done, 1 the run failed, 2 bad input or usage.";

/// Replications that a run may have, as in a scenario.
const COUNT_MAX: u64 = 1_000_000_000;
/// Threads that a run may take.
const THREADS_MAX: usize = 1024;

/// One deterministic simulation kernel, many realities.
#[derive(Debug, Parser)]
#[command(name = "pluriverse", version = version::SHOWN.as_str(), after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// A scenario and what the caller changes in it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ScenarioArgs {
    /// The scenario file: TOML, or JSON when it ends in `.json`
    pub(crate) scenario: PathBuf,
    /// Set a value over the file's, by its dotted key; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// End the simulated time after this long, such as 90s, 8h or 30d; short for `--set run.until=…`
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, allow_hyphen_values = true)]
    until: Option<SimDuration>,
}

impl ScenarioArgs {
    /// All values to set over the file's.
    pub(crate) fn overrides(&self) -> Vec<(String, String)> {
        let until = self
            .until
            .map(|until| ("run.until".to_owned(), format!("\"{until}\"")));
        self.set.iter().cloned().chain(until).collect()
    }

    /// Whether the caller says when the run ends.
    pub(crate) fn names_an_end(&self) -> bool {
        self.until.is_some()
    }
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// For programs: one object, times in seconds
    Json,
}

/// Runs the program.
pub(crate) fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => match cli.command.run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failure.tell(),
        },
        Err(error) => {
            // Help into a closed pipe is no failure.
            let _ = error.print();
            if error.use_stderr() {
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            }
        }
    }
}

/// Reads `key=value`.
pub(crate) fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(
            "expected a dotted key and a value, for example `stations.desk.agents=5`".to_owned(),
        ),
    }
}

/// Reads a duration above zero.
pub(crate) fn positive_duration(text: &str) -> Result<SimDuration, String> {
    let duration: SimDuration = text
        .parse()
        .map_err(|error| format!("{error}; write 90s, 1h30m or 30d"))?;
    if duration <= SimDuration::ZERO {
        return Err("expected a duration above zero, for example 8h".to_owned());
    }
    Ok(duration)
}

/// Reads a number of things of which there is at least one.
pub(crate) fn positive_count(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(count @ 1..=COUNT_MAX) => Ok(count),
        _ => Err(format!(
            "expected a whole number from 1 to {}",
            quantity::whole(COUNT_MAX)
        )),
    }
}

/// Reads a number of threads; more than the limit would only make the system refuse them.
pub(crate) fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads @ 1..=THREADS_MAX) => Ok(threads),
        _ => Err(format!("expected a whole number from 1 to {THREADS_MAX}")),
    }
}

/// Reads a seed.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

/// Reads a rate of a clock.
pub(crate) fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        _ => Err(
            "expected a number above 0: simulated seconds for each second, for example 60"
                .to_owned(),
        ),
    }
}
