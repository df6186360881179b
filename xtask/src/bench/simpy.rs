//! `pluriverse.simpy` against SimPy: models that SimPy's users know, the same text for both.
//!
//! Each runs in a process of its own that times itself. Both have to handle as many events and to answer the same,
//! to the last digit. The wheel that users install is built and put beside SimPy, in the environment of the peers.

use std::path::PathBuf;

use super::Bench;
use super::measure::{self, Clock, Comparison, Plan};
use super::process::{Agreed, contender};
use super::report::Table;
use crate::python;
use crate::setup;
use crate::workspace::Workspace;

pub(super) const BENCH: Bench = Bench {
    name: "simpy",
    purpose: "SimPy's programs on the engine's queue, against SimPy",
    measure,
};

/// What is run, how often it has to happen, and at least how many events that takes.
const MODELS: [(&str, &str, u64, u64); 4] = [
    ("queue", "M/M/1 at 90 %", 50_000, 300_000),
    ("bank", "bank", 50_000, 300_000),
    ("carwash", "car wash", 50_000, 350_000),
    ("machine-shop", "machine shop", 40, 300_000),
];

fn measure(workspace: &Workspace) -> anyhow::Result<Vec<Table>> {
    let python = setup::ensure_python_packages(workspace, "bench", super::process::REQUIREMENTS)?;
    python::install_release(workspace, &python)?;
    let both = |when: &str| -> anyhow::Result<Vec<Comparison>> {
        let models = MODELS.iter();
        models
            .map(|model| compare(workspace, &python, *model, when))
            .collect()
    };
    Ok(vec![
        Table::of_situations(
            "SimPy's models",
            "Processor time for each event, the models' own code included. Random numbers are drawn before the \
             clock starts, since Python takes as long for them here as there; the target is a third of SimPy's time.",
            both("beforehand")?,
        ),
        Table::of_situations(
            "SimPy's models, drawing as they go",
            "The same models, each drawing its random numbers when it needs them, as most models do. In the machine \
             shop a normal variate for each part takes Python longer than the event that it is for; there is no \
             target.",
            both("on-the-way")?,
        ),
    ])
}

fn compare(
    workspace: &Workspace,
    python: &PathBuf,
    (model, title, count, least): (&str, &str, u64, u64),
    when: &str,
) -> anyhow::Result<Comparison> {
    let plan = Plan {
        title: title.to_owned(),
        unit: "event",
        clock: Clock::Cpu,
        rounds: 9,
    };
    let agreed = Agreed::default();
    let one = |name: &str, module: &str| {
        let mut command = workspace.command(python);
        // Nothing is written beside the scripts.
        command
            .arg("-B")
            .arg("benches/peers/simpy_models.py")
            .args([module, model, &count.to_string(), when]);
        contender(name, least..=4 * least, command, |answer| {
            agreed.check(answer)
        })
    };
    let contenders = vec![
        one("pluriverse.simpy", "pluriverse.simpy"),
        one("SimPy 4.1", "simpy"),
    ];
    measure::compare(&plan, contenders)
}
