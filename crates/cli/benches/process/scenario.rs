//! Worlds read from scenario files: one long queue, and many replications.

use std::{path::Path, str::FromStr, sync::Mutex};

use anyhow::{Context as _, anyhow, bail};
use pluriverse_kernel::{
    ledger::Ledger,
    replicate::{Outcome, RunPlan, Unobserved, replicate},
    scenario::{Draft, Kind as _, NoFiles, RunKey, Scenario},
};
use pluriverse_process::scenario::Process;
use pluriverse_store::{Format, LedgerWriter, Plan, Provenance};
use serde_json::json;

use crate::{memory, stopwatch::Stopwatch};

/// What becomes of rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recording {
    /// They are hashed.
    On,
    /// There are none.
    Off,
    /// They are hashed and, of the first replication, written to a file that goes away with the program.
    Parquet,
}

impl FromStr for Recording {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        match text {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            "parquet" => Ok(Self::Parquet),
            _ => bail!("recording is on, off or parquet, not `{text}`"),
        }
    }
}

/// One M/M/1 queue at 90 %, from the first to the last of `count` customers.
pub(crate) fn customers(count: u64, recording: Recording) -> anyhow::Result<()> {
    // Time for half as many again as arrive on average, so that all of them do.
    let until = format!("\"{}m\"", count * 5 / 3);
    let overrides = [
        ("sources.people.limit", count.to_string()),
        ("run.until", until),
        ("run.at_end", "\"drain\"".to_owned()),
        ("run.warm_up", "\"0s\"".to_owned()),
    ];
    let scenario = read("scenarios/mm1.toml", &overrides)?;
    let stopwatch = Stopwatch::start();
    let outcome = run(&*scenario, 1, 1, recording)?;
    let served = figure(&outcome, "system.completed")?;
    let wait = figure(&outcome, "barber.wait")?;
    anyhow::ensure!(served == count as f64, "{served} of {count} were served");
    let answer = json!({
        "customers": served,
        "mean_wait": wait / 60.0,
        "events": outcome.events,
        "rows": outcome.rows,
        "peak_bytes": memory::peak_bytes()?,
    });
    stopwatch.print(count, &answer.to_string());
    Ok(())
}

/// Replications of a scenario file as it is; units are simulated seconds.
pub(crate) fn replications(
    file: &str,
    runs: u64,
    threads: usize,
    recording: Recording,
) -> anyhow::Result<()> {
    let scenario = read(file, &[])?;
    let stopwatch = Stopwatch::start();
    let outcome = run(&*scenario, runs, threads, recording)?;
    let hash = outcome.ledger_hash.map(|hash| hash.to_string());
    let completed = figure(&outcome, "system.completed")?;
    let answer = json!({ "events": outcome.events, "rows": outcome.rows, "hash": hash, "completed": completed });
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole seconds of a few years"
    )]
    let seconds = outcome.sim_seconds as u64;
    stopwatch.print(seconds, &answer.to_string());
    Ok(())
}

fn read(file: &str, overrides: &[(&str, String)]) -> anyhow::Result<Box<dyn Scenario>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {file}"))?;
    let overrides: Vec<(String, String)> = overrides
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    let draft = Draft {
        file,
        text: &text,
        overrides: &overrides,
        files: &NoFiles,
    };
    match Process.read(draft) {
        Ok((scenario, _)) => Ok(scenario),
        Err(findings) => {
            let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
            Err(anyhow!("{}", findings.join("\n")))
        }
    }
}

fn run(
    scenario: &dyn Scenario,
    replications: u64,
    threads: usize,
    recording: Recording,
) -> anyhow::Result<Outcome> {
    let plan = RunPlan {
        seed: scenario.defaults().seed,
        replications,
        threads,
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("ledger.parquet");
    let written = match recording {
        Recording::Parquet => Some(to_parquet(scenario, &file)?),
        Recording::On | Recording::Off => None,
    };
    let written = Mutex::new(written);
    let ledgers = |key: RunKey| match recording {
        Recording::Off => Some(Ledger::off()),
        Recording::Parquet if key.replication == 0 => written.lock().ok()?.take(),
        Recording::On | Recording::Parquet => None,
    };
    let outcome = replicate(scenario, plan, &ledgers, &Unobserved)?;
    anyhow::ensure!(outcome.is_complete, "the runs ended early");
    anyhow::ensure!(
        recording != Recording::Parquet || file.metadata()?.len() > outcome.rows,
        "the ledger has less than a byte a row"
    );
    Ok(outcome)
}

/// A ledger that is written to `file`.
fn to_parquet(scenario: &dyn Scenario, file: &Path) -> anyhow::Result<Ledger> {
    let provenance = Provenance {
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        revision: String::new(),
        kind: scenario.kind().to_owned(),
        scenario_file: scenario.name().to_owned(),
        scenario_text: String::new(),
        overrides: Vec::new(),
        files: Vec::new(),
        seed: scenario.defaults().seed,
        replication: 0,
        until: scenario.defaults().until,
        inputs: Vec::new(),
    };
    let writer = LedgerWriter::to_path(file, Plan::new(Format::Parquet, provenance))?;
    Ok(Ledger::to_sink(Box::new(writer)))
}

/// The mean of a figure of this name.
fn figure(outcome: &Outcome, name: &str) -> anyhow::Result<f64> {
    let figures = outcome.outline.scalars.iter().zip(&outcome.scalars);
    let (_, tally) = figures
        .into_iter()
        .find(|(info, _)| info.name == name)
        .with_context(|| format!("no figure is called `{name}`"))?;
    let estimate = tally
        .estimate()
        .with_context(|| format!("nothing was observed of `{name}`"))?;
    Ok(estimate.mean)
}
