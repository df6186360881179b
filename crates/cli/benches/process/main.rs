//! What `cargo xtask bench process` measures of this workspace: one measurement a call, printed as a line of JSON.
//!
//! Reading files and building worlds' inputs is not part of a measurement. What came out is printed along, so that
//! whoever reads the line can tell a fast wrong answer.
#![allow(clippy::print_stdout, reason = "the measurement is what it prints")]

mod append;
mod hold;
mod memory;
mod scenario;
#[path = "../../../../benches/stopwatch.rs"]
mod stopwatch;

use anyhow::bail;

const USAGE: &str = "\
usage: process customers COUNT on|off|parquet    one M/M/1 queue until COUNT customers are served
       process scenario FILE RUNS THREADS on|off replications of a scenario, by simulated seconds
       process hold heap|pluriverse SHAPE COUNT  pop and push with COUNT events pending
       process append hashed|sink ROWS           rows into a ledger
";

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["customers", count, ledger] => scenario::customers(count.parse()?, ledger.parse()?),
        ["scenario", file, runs, threads, ledger] => {
            scenario::replications(file, runs.parse()?, threads.parse()?, ledger.parse()?)
        }
        ["hold", queue, shape, count] => hold::measure(queue, shape.parse()?, count.parse()?),
        ["append", target, rows] => append::measure(target, rows.parse()?),
        // What `cargo bench` and `cargo test --benches` say: nothing that could be measured.
        [] | ["--bench"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => bail!("unknown measurement\n\n{USAGE}"),
    }
}
