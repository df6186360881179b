//! The project's own tools: `cargo xtask test`, `tidy`, `build`, `wheel`, `codegen`, `bench`.
//!
//! Everything that a contributor or CI runs goes through here, so that both run the same thing. Depends on
//! no crate of the workspace: it builds and reports even when they do not.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool reports on the terminal"
)]

mod bench;
mod codegen;
mod conformance;
mod python;
mod scenarios;
mod setup;
mod steps;
mod test;
mod tidy;
mod web;
mod workspace;

use std::process::ExitCode;

use codegen::Mode;
use workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask <command>

  test [STEP...]      install what the tests need, then run every step, or the steps named
  tidy                check the rules of STYLE.md that no compiler checks, and that nothing generated is stale
  build               make the engine's npm package, the web app, and the program that serves it
  wheel               make the package for Python, in target/wheels
  codegen [--check]   write the committed files that are made from the code, or say which are stale
  bench NAME          measure, and write the results to docs/benchmarks.md
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    let Some((command, rest)) = args.split_first() else {
        eprint!("{USAGE}");
        return Ok(ExitCode::from(2));
    };
    let workspace = Workspace::locate()?;
    match (command.as_str(), rest) {
        ("test", names) => test::run(&workspace, names),
        ("tidy", []) => {
            tidy::run(&workspace)?;
            codegen::run(&workspace, Mode::Check)?;
            println!("tidy: nothing to report");
            Ok(ExitCode::SUCCESS)
        }
        ("build", []) => web::build(&workspace).map(|()| ExitCode::SUCCESS),
        ("wheel", []) => python::wheel(&workspace).map(|()| ExitCode::SUCCESS),
        ("codegen", []) => codegen::run(&workspace, Mode::Write).map(|()| ExitCode::SUCCESS),
        ("codegen", [flag]) if flag == "--check" => {
            codegen::run(&workspace, Mode::Check).map(|()| ExitCode::SUCCESS)
        }
        ("bench", [name]) => bench::run(&workspace, name).map(|()| ExitCode::SUCCESS),
        ("bench", []) => {
            print!("benches:\n{}", bench::list());
            Ok(ExitCode::SUCCESS)
        }
        ("help" | "--help" | "-h", _) => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprint!("unknown command or argument: {}\n\n{USAGE}", args.join(" "));
            Ok(ExitCode::from(2))
        }
    }
}
