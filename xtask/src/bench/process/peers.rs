//! What the engine is compared with: made ready from pinned sources, and only for the bench.
//!
//! The Rust peers are a cargo project of their own, so that their dependencies are not the workspace's. The Python
//! peers get a virtual environment below the target folder; nothing is installed for the user.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;

use crate::workspace::{self, Profile, Workspace};

const FOLDER: &str = "benches/peers";

/// The peers, ready to run.
pub(super) struct Peers<'a> {
    workspace: &'a Workspace,
    program: PathBuf,
    python: PathBuf,
}

impl<'a> Peers<'a> {
    /// Builds what has to be built and installs what is missing.
    ///
    /// # Errors
    /// When a registry cannot be reached, a peer does not compile, or there is no Python.
    pub(super) fn prepare(workspace: &'a Workspace) -> anyhow::Result<Self> {
        let manifest = format!("{FOLDER}/Cargo.toml");
        let program =
            workspace.build(Profile::Release, &["--manifest-path", &manifest], "peers")?;
        Ok(Self {
            workspace,
            program,
            python: python(workspace)?,
        })
    }

    /// A peer written in Rust.
    pub(super) fn rust(&self, peer: &str, customers: u64) -> Command {
        let mut command = self.workspace.command(&self.program);
        command.args([peer, &customers.to_string()]);
        command
    }

    /// A peer written in Python.
    pub(super) fn python(&self, script: &str, customers: u64) -> Command {
        let mut command = self.workspace.command(&self.python);
        // Nothing is written beside the scripts.
        command
            .arg("-B")
            .arg(format!("{FOLDER}/{script}"))
            .arg(customers.to_string());
        command
    }
}

/// The interpreter of an environment that has the pinned packages.
fn python(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let folder = workspace.target.join("bench-venv");
    let python = folder.join("bin/python");
    let wanted = workspace.root.join(FOLDER).join("requirements.txt");
    let wanted_text =
        fs::read_to_string(&wanted).with_context(|| format!("reading {}", wanted.display()))?;
    // Written last, so that a broken installation is begun again.
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted_text) {
        return Ok(python);
    }
    let packages = wanted_text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(", ");
    println!("installing {packages} from PyPI into target/bench-venv");
    workspace::run(
        workspace
            .command("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )
    .context("the peers need Python 3 with its module venv (on Debian: python3-venv)")?;
    let mut install = workspace.command(&python);
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
    ]);
    workspace::run(install.arg(&wanted))?;
    fs::write(&stamp, wanted_text).with_context(|| format!("writing {}", stamp.display()))?;
    Ok(python)
}
