//! The package for Python next to the command line, and what rows cost on their way into Python.
//!
//! Measured is the wheel that users install. A run must have the ledger hash that the command line's has.

use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

use super::Bench;
use super::measure::{self, Clock, Contender, Plan, Sample};
use super::process::Agreed;
use super::report::{self, Table};
use crate::python;
use crate::workspace::{self, Profile, Workspace};

pub(super) const BENCH: Bench = Bench {
    name: "python",
    purpose: "runs from Python against the command line, rows into data frames, callbacks",
    measure,
};

fn measure(workspace: &Workspace) -> anyhow::Result<Vec<Table>> {
    let cli = workspace.build_cli(Profile::Release)?;
    let interpreter = python::install_for_bench(workspace)?;
    let script = |name: &str| {
        let mut command = workspace.command(&interpreter);
        command.arg(format!("python/bench/{name}.py"));
        command
    };
    let mut comparisons = Vec::new();
    for (scenario, title, replications) in [
        (
            "scenarios/contact-centre.toml",
            "2,000 days of the contact centre",
            2_000,
        ),
        ("scenarios/mm1.toml", "20 long runs of M/M/1", 20),
        (
            "scenarios/mega-centre.toml",
            "One day of 5,000 agents and 1.4 million calls",
            1,
        ),
    ] {
        let plan = Plan {
            title: title.to_owned(),
            unit: "run",
            clock: Clock::Wall,
            rounds: 11,
        };
        let agreed = Agreed::default();
        let count = replications.to_string();
        let mut theirs = workspace.command(&cli);
        theirs.args(["run", scenario, "--quiet", "--format", "json"]);
        theirs.args(["--threads", "1", "--replications", &count]);
        let mut ours = script("run");
        ours.args([scenario, &count, "1"]);
        let contenders = vec![
            contender("pluriverse run", theirs, &agreed),
            contender("pv.run", ours, &agreed),
        ];
        comparisons.push(measure::compare(&plan, contenders)?);
    }
    let runs = Table::of_situations(
        "Runs from Python",
        "The time that each says its runs took, on one thread; the target is at most 1.05 times the command line's.",
        comparisons,
    );
    let mut figures = script("figures");
    figures.arg("scenarios/mm1.toml");
    let figures = report::figures(&workspace::read(&mut figures)?)?;
    let note = "Rows of a world in memory, each time taken from the world and handed over; a callback that looks at a \
                column of each batch, against the same run without one.";
    Ok(vec![
        runs,
        Table::of_figures("Rows in Python", note, figures),
    ])
}

/// A program that prints results with the time that its runs took; all must have the same ledger.
fn contender<'a>(name: &str, mut command: Command, agreed: &'a Agreed) -> Contender<'a> {
    Contender::new(name, 1..=u64::MAX, move || {
        let results: Value = serde_json::from_str(&workspace::read(&mut command)?)?;
        agreed.check(&results["ledger_hash"])?;
        let wall = results["wall_seconds"].as_f64();
        let runs = results["replications"].as_u64();
        Ok(Sample {
            wall: Duration::from_secs_f64(wall.context("no number `wall_seconds`")?),
            cpu: None,
            units: runs.context("no whole number `replications`")?,
        })
    })
}
