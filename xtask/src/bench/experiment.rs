//! How well an experiment of many short runs keeps the cores busy.
//!
//! Utilization is processor time over time that passed and cores, of a whole call of `pluriverse experiment`: what the
//! program does before its first run and after its last counts against it.

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::Bench;
use super::measure::Spread;
use super::report::{Figure, Table};
use crate::workspace::{self, Profile, Workspace};

pub(super) const BENCH: Bench = Bench {
    name: "experiment",
    purpose: "a thousand short runs on all cores, and how busy these are",
    measure,
};

/// Calls that count.
const ROUNDS: usize = 11;
/// Runs of the experiment.
const RUNS: u64 = 1_000;
/// Ticks of the processor time that the system tells, a second.
const TICKS_A_SECOND: f64 = 100.0;

/// Four points of 250 runs each; a run takes a millisecond or two.
const EXPERIMENT: &str = r#"
kind = "experiment"
scenario = "../scenarios/mm10.toml"
metrics = ["plaza.wait"]
set = { "run.until" = "2000m", "run.warm_up" = "0s" }
factors.lanes = { key = "stations.plaza.agents", values = [10, 11, 12, 13] }
replications.count = 250
"#;

/// Runs the experiment several times.
///
/// # Errors
/// When it fails, has another number of runs, or comes to something else on one core than on all.
fn measure(workspace: &Workspace) -> anyhow::Result<Vec<Table>> {
    let pluriverse = workspace.build_cli(Profile::Release)?;
    let file = workspace.root.join("target/experiment-bench.toml");
    fs::write(&file, EXPERIMENT)?;
    let cores = std::thread::available_parallelism()?.get();
    let call = |threads: usize| -> anyhow::Result<(String, Duration, Duration)> {
        let mut command = Command::new(&pluriverse);
        command.args(["experiment", "--format", "json", "--quiet", "--threads"]);
        command.arg(threads.to_string()).arg(&file);
        let (before, began) = (children_cpu()?, Instant::now());
        let printed = workspace::read(&mut command)?;
        Ok((
            printed,
            began.elapsed(),
            children_cpu()?.saturating_sub(before),
        ))
    };
    let (expected, ..) = call(1)?;
    let document: Value = serde_json::from_str(&expected)?;
    ensure!(
        document["runs"] == RUNS,
        "it made {} runs",
        document["runs"]
    );
    let (mut utilization, mut rate) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (printed, wall, cpu) = call(cores)?;
        ensure!(
            printed == expected,
            "{cores} threads come to something else than one"
        );
        let wall = wall.as_secs_f64();
        utilization.push(cpu.as_secs_f64() / (wall * cores as f64));
        rate.push(RUNS as f64 / wall);
    }
    let figure = |name: &str, values: Vec<f64>, unit: &str, target: &str| Figure {
        name: name.to_owned(),
        value: Spread::of(values),
        unit: unit.to_owned(),
        target: target.to_owned(),
    };
    let figures = vec![
        figure(
            "processor time over time and cores",
            utilization,
            "",
            "at least 0.95",
        ),
        figure("runs", rate, "a second", ""),
    ];
    Ok(vec![Table::of_figures(
        "An experiment of 1,000 short runs",
        "Four points of 250 replications of 2,000 minutes at ten to thirteen toll lanes, on all cores, from the call to the \
         end of the program; the JSON must be the same as on one core, to the letter.",
        figures,
    )])
}

/// Processor time of all programs that were called and have ended.
fn children_cpu() -> anyhow::Result<Duration> {
    let line = fs::read_to_string("/proc/self/stat").context("reading this program's times")?;
    // The name, which may hold anything, ends at the last bracket; times of children are fields 16 and 17.
    let (_, fields) = line.rsplit_once(')').context("a line without a name")?;
    let ticks = |index: usize| -> anyhow::Result<f64> {
        let field = fields.split_whitespace().nth(index - 3);
        Ok(field.context("a line that is too short")?.parse()?)
    };
    Ok(Duration::from_secs_f64(
        (ticks(16)? + ticks(17)?) / TICKS_A_SECOND,
    ))
}
