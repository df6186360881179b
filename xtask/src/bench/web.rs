//! The engine in JavaScript next to the native one, and the web app: what it loads, and what a frame costs.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use serde_json::Value;

use super::Bench;
use super::measure::{self, Clock, Plan};
use super::process::{Agreed, contender, whole_runs};
use super::report::{Size, Table};
use crate::setup;
use crate::web;
use crate::workspace::{self, Profile, Workspace};

pub(super) const BENCH: Bench = Bench {
    name: "web",
    purpose: "the engine in WebAssembly against the native one, and the web app",
    measure,
};

fn measure(workspace: &Workspace) -> anyhow::Result<Vec<Table>> {
    web::build_engine(workspace)?;
    setup::ensure_chromium(workspace)?;
    let selection = ["--package", "pluriverse-cli", "--bench", "process"];
    let native = workspace.build(Profile::Release, &selection, "process")?;
    let mut tables = Vec::new();
    for (scenario, title, runs, secs) in [
        (
            "contact-centre",
            "The reference contact centre, 2,000 days of 13 h",
            2_000,
            13 * 3_600,
        ),
        (
            "mega-centre",
            "A centre of 5,000 agents and 1.4 million calls, one day",
            1,
            86_400,
        ),
    ] {
        let plan = Plan {
            title: title.to_owned(),
            unit: "simulated second",
            clock: Clock::Cpu,
            rounds: 5,
        };
        let agreed = Agreed::default();
        let one = |name: &str, command: Command| {
            contender(name, whole_runs(runs, secs), command, |answer| {
                agreed.check(&answer["hash"])
            })
        };
        let contenders = vec![
            one("native", native_command(workspace, &native, scenario, runs)),
            one("in Chromium", script(workspace, "browser", scenario, runs)),
            one("in Node", script(workspace, "scenario", scenario, runs)),
        ];
        let note = "The same days on one core, ledger on, natively, in a page and in Node, once the module is compiled; \
                    the target is at most 1.3 times the native time in a page.";
        tables.push(Table::of(note, measure::compare(&plan, contenders)?));
    }
    let note = "What a page loads for the engine; the target is at most 1.5 MB compressed.";
    tables.push(Table::of_sizes(
        "Size of the engine",
        note,
        sizes(workspace)?,
    ));
    let note = "The built app in Chromium: a page that has nothing yet, and worlds that run at 100,000 times real time with \
                charts on, for three seconds each.";
    let figures = web::measure_app(workspace)?;
    let figures = super::report::figures(&figures)?;
    tables.push(Table::of_figures("The web app", note, figures));
    Ok(tables)
}

fn file_of(scenario: &str) -> String {
    format!("scenarios/{scenario}.toml")
}

fn native_command(workspace: &Workspace, program: &Path, scenario: &str, runs: u64) -> Command {
    let mut command = workspace.command(program);
    command.args(["scenario", &file_of(scenario), &runs.to_string(), "1", "on"]);
    command
}

/// A measurement among the engine's scripts.
fn script(workspace: &Workspace, name: &str, scenario: &str, runs: u64) -> Command {
    let mut command = workspace.command("node");
    command.arg(format!("{}/bench/{name}.mjs", web::ENGINE));
    command.args([&file_of(scenario), &runs.to_string()]);
    command
}

/// The module and the scripts around it.
fn sizes(workspace: &Workspace) -> anyhow::Result<Vec<Size>> {
    let printed = workspace::read(
        workspace
            .command("node")
            .arg(format!("{}/bench/size.mjs", web::ENGINE)),
    )?;
    let printed: Vec<Value> = serde_json::from_str(&printed)?;
    let size = |line: &Value| {
        let whole = |key: &str| {
            line[key]
                .as_u64()
                .with_context(|| format!("no whole number `{key}`"))
        };
        Ok(Size {
            name: line["name"].as_str().context("no text `name`")?.to_owned(),
            bytes: whole("bytes")?,
            gzip_bytes: whole("gzip")?,
            brotli_bytes: whole("brotli")?,
        })
    };
    printed.iter().map(size).collect()
}
