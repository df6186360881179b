//! `cargo xtask test`: the one command that says whether the project is as it should be.
//!
//! Locally and in CI alike. Each step installs what it alone needs, so that `cargo xtask test fmt tidy`
//! installs nothing.

use std::process::ExitCode;

use anyhow::bail;

use crate::codegen::{self, Mode};
use crate::python;
use crate::setup::{self, WASM_TARGET};
use crate::steps::{self, Outcome, Step};
use crate::tidy::{self, rings};
use crate::web;
use crate::workspace::{self, Workspace};

/// The steps in order: what fails fastest comes first.
const STEPS: &[Step] = &[
    Step {
        name: "toolchain",
        purpose: "rustfmt, clippy and the wasm32 target are installed",
        action: toolchain,
    },
    Step {
        name: "fmt",
        purpose: "the code is formatted",
        action: fmt,
    },
    Step {
        name: "tidy",
        purpose: "the rules of STYLE.md that no compiler checks",
        action: tidy,
    },
    Step {
        name: "clippy",
        purpose: "no warning in any target",
        action: clippy,
    },
    Step {
        name: "tests",
        purpose: "unit, integration and documentation tests",
        action: tests,
    },
    Step {
        name: "wasm",
        purpose: "the pure ring builds for wasm32",
        action: wasm,
    },
    Step {
        name: "codegen",
        purpose: "no generated file is stale, every scenario has its ledger hash",
        action: codegen,
    },
    Step {
        name: "conformance",
        purpose: "the server answers as docs/openapi.json says, whatever it is sent (schemathesis)",
        action: conformance,
    },
    Step {
        name: "engine",
        purpose: "the npm package: every scenario's ledger hash, every call, Arrow, workers, under Node",
        action: engine,
    },
    Step {
        name: "python",
        purpose: "the package for Python, as its wheel installs it: types, stubs, tests",
        action: python_package,
    },
    Step {
        name: "nextjs",
        purpose: "the engine in a Next.js page, in a real browser",
        action: nextjs,
    },
    Step {
        name: "web",
        purpose: "the web app in Chromium: what people do, access, looks, offline, speed, with a server",
        action: web_app,
    },
    Step {
        name: "machete",
        purpose: "every dependency is used",
        action: machete,
    },
    Step {
        name: "deny",
        purpose: "licences, duplicates and sources of the dependencies",
        action: deny,
    },
    Step {
        name: "advisories",
        purpose: "no dependency with a known vulnerability",
        action: advisories,
    },
];

/// Runs the steps named, or all, and prints the table of outcomes.
///
/// # Errors
/// When a name is no step. A step that fails is no error here: it is in the table and in the exit code.
pub(crate) fn run(workspace: &Workspace, names: &[String]) -> anyhow::Result<ExitCode> {
    let steps = select(names)?;
    let passed = steps::run_all(workspace, &steps);
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn select(names: &[String]) -> anyhow::Result<Vec<&'static Step>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        let known: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        bail!(
            "no step is called `{unknown}`; there are: {}",
            known.join(", ")
        );
    }
    let wanted = |step: &&Step| names.is_empty() || names.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(wanted).collect())
}

fn toolchain(workspace: &Workspace) -> anyhow::Result<Outcome> {
    setup::ensure_toolchain(workspace)?;
    Ok(Outcome::Passed)
}

fn fmt(workspace: &Workspace) -> anyhow::Result<Outcome> {
    cargo(workspace, &["fmt", "--all", "--check"])
}

fn tidy(workspace: &Workspace) -> anyhow::Result<Outcome> {
    tidy::run(workspace)?;
    Ok(Outcome::Passed)
}

fn clippy(workspace: &Workspace) -> anyhow::Result<Outcome> {
    cargo(
        workspace,
        &[
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--keep-going",
            "--",
            "-D",
            "warnings",
        ],
    )
}

fn tests(workspace: &Workspace) -> anyhow::Result<Outcome> {
    setup::ensure_postgresql(workspace)?;
    cargo(
        workspace,
        &["test", "--locked", "--workspace", "--no-fail-fast"],
    )
}

fn wasm(workspace: &Workspace) -> anyhow::Result<Outcome> {
    setup::ensure_toolchain(workspace)?;
    let mut args = vec!["build", "--locked", "--lib", "--target", WASM_TARGET];
    for package in rings::pure_packages(workspace) {
        args.extend(["--package", package]);
    }
    cargo(workspace, &args)
}

fn codegen(workspace: &Workspace) -> anyhow::Result<Outcome> {
    codegen::run(workspace, Mode::Check)?;
    Ok(Outcome::Passed)
}

fn conformance(workspace: &Workspace) -> anyhow::Result<Outcome> {
    crate::conformance::test(workspace)?;
    Ok(Outcome::Passed)
}

fn engine(workspace: &Workspace) -> anyhow::Result<Outcome> {
    web::test_engine(workspace)?;
    Ok(Outcome::Passed)
}

fn python_package(workspace: &Workspace) -> anyhow::Result<Outcome> {
    python::test(workspace)?;
    Ok(Outcome::Passed)
}

fn nextjs(workspace: &Workspace) -> anyhow::Result<Outcome> {
    web::test_nextjs(workspace)?;
    Ok(Outcome::Passed)
}

fn web_app(workspace: &Workspace) -> anyhow::Result<Outcome> {
    web::test_app(workspace)?;
    Ok(Outcome::Passed)
}

fn machete(workspace: &Workspace) -> anyhow::Result<Outcome> {
    setup::MACHETE.ensure(workspace)?;
    workspace::run(setup::MACHETE.command(workspace).args(["crates", "xtask"]))?;
    Ok(Outcome::Passed)
}

fn deny(workspace: &Workspace) -> anyhow::Result<Outcome> {
    setup::DENY.ensure(workspace)?;
    let mut command = setup::DENY.command(workspace);
    workspace::run(command.args(["--locked", "check", "licenses", "bans", "sources"]))?;
    Ok(Outcome::Passed)
}

/// The database lies on GitHub: a machine that does not reach it cannot be told of advisories.
fn advisories(workspace: &Workspace) -> anyhow::Result<Outcome> {
    setup::DENY.ensure(workspace)?;
    let mut fetch = setup::DENY.command(workspace);
    if let Err(error) = workspace::read(fetch.args(["fetch", "db"])) {
        println!("{error:#}");
        return Ok(Outcome::Skipped(
            "the advisory database cannot be fetched".to_owned(),
        ));
    }
    let mut command = setup::DENY.command(workspace);
    workspace::run(command.args(["--locked", "check", "--disable-fetch", "advisories"]))?;
    Ok(Outcome::Passed)
}

fn cargo(workspace: &Workspace, args: &[&str]) -> anyhow::Result<Outcome> {
    workspace::run(&mut workspace.cargo(args))?;
    Ok(Outcome::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_selected_by_name_in_their_own_order() {
        let names = ["tests".to_owned(), "fmt".to_owned()];
        let selected: Vec<_> = select(&names)
            .unwrap()
            .iter()
            .map(|step| step.name)
            .collect();
        assert_eq!(selected, ["fmt", "tests"]);
        assert_eq!(select(&[]).unwrap().len(), STEPS.len());
    }

    #[test]
    fn an_unknown_step_is_answered_with_the_known_ones() {
        let error = select(&["lint".to_owned()])
            .err()
            .map(|error| error.to_string());
        assert!(error.is_some_and(|text| text.contains("`lint`") && text.contains("clippy")));
    }
}
