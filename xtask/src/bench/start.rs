//! How long a user waits before the command does anything: process start, against a program that does nothing.

use std::process::Command;

use anyhow::ensure;

use super::Bench;
use super::measure::{self, Clock, Contender, Plan};
use super::report::Table;
use crate::workspace::{Profile, Workspace};

pub(super) const BENCH: Bench = Bench {
    name: "start",
    purpose: "starting the command, against a program that does nothing",
    measure,
};

fn measure(workspace: &Workspace) -> anyhow::Result<Vec<Table>> {
    let mut pluriverse = Command::new(workspace.build_cli(Profile::Release)?);
    pluriverse.arg("--version");
    let plan = Plan {
        title: "One start".to_owned(),
        unit: "start",
        clock: Clock::Wall,
        rounds: 101,
    };
    let contenders = vec![
        Contender::program("true", Command::new("true"), |_| Ok(())),
        Contender::program("pluriverse --version", pluriverse, |output| {
            ensure!(output.starts_with("pluriverse "), "it says `{output}`");
            Ok(())
        }),
    ];
    let note = "From the call to the exit of a program that does nothing but tell its version; `true` is the least \
                that the system lets a program take.";
    Ok(vec![Table::of(note, measure::compare(&plan, contenders)?)])
}
