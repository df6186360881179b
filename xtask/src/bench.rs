//! `cargo xtask bench NAME`: measures, and writes down what was measured on which machine and revision.
//!
//! A bench compares contenders in one call, in turns, and checks that each did the work that was asked for, so
//! that a fast wrong answer fails. Results go to `docs/benchmarks/NAME.json` and, as a table, between the marks
//! of that name in `docs/benchmarks.md`. A bench is one file in `bench/` and one line of the table below.

mod experiment;
mod machine;
mod measure;
mod process;
mod python;
mod report;
mod server;
mod simpy;
mod start;
mod web;

use anyhow::bail;

use crate::workspace::Workspace;
use machine::Machine;
use report::Table;

/// Something that can be measured.
struct Bench {
    name: &'static str,
    /// One line for the reader: what is measured and against what.
    purpose: &'static str,
    measure: fn(&Workspace) -> anyhow::Result<Vec<Table>>,
}

const BENCHES: &[Bench] = &[
    experiment::BENCH,
    process::BENCH,
    python::BENCH,
    server::BENCH,
    simpy::BENCH,
    start::BENCH,
    web::BENCH,
];

/// Measures one bench and writes its results down.
///
/// # Errors
/// When there is no such bench, or a contender fails or does another amount of work than asked for.
pub(crate) fn run(workspace: &Workspace, name: &str) -> anyhow::Result<()> {
    let Some(bench) = BENCHES.iter().find(|bench| bench.name == name) else {
        bail!("no bench is called `{name}`; there are:\n{}", list());
    };
    println!("{}: {}", bench.name, bench.purpose);
    let machine = Machine::of(workspace)?;
    let tables = (bench.measure)(workspace)?;
    report::publish(&workspace.root, bench.name, &machine, &tables)
}

/// The benches by name, a line each.
pub(crate) fn list() -> String {
    BENCHES
        .iter()
        .map(|bench| format!("  {:<10} {}\n", bench.name, bench.purpose))
        .collect()
}
