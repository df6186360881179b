//! How long a user waits before the command does anything: process start, against a program that does nothing.

use std::process::Command;

use super::Bench;
use super::measure::{self, Comparison, Contender, Plan};
use crate::workspace::{Profile, Workspace};

pub(super) const BENCH: Bench = Bench {
    name: "start",
    purpose: "starting the command, against a program that does nothing",
    measure,
};

fn measure(workspace: &Workspace) -> anyhow::Result<Vec<Comparison>> {
    let mut pluriverse = Command::new(workspace.build_cli(Profile::Release)?);
    pluriverse.arg("--version");
    let plan = Plan {
        title: "One start",
        unit: "start",
        units: 1..=1,
        rounds: 101,
    };
    let contenders = vec![
        Contender::program("true", Command::new("true"), |_| Ok(1)),
        Contender::program("pluriverse --version", pluriverse, |output| {
            Ok(u64::from(output.starts_with("pluriverse ")))
        }),
    ];
    Ok(vec![measure::compare(&plan, contenders)?])
}
