//! What the engine is compared with: made ready from pinned sources, and only for the bench.
//!
//! The Rust peers are a cargo project of their own, so that their dependencies are not the workspace's. The Python
//! peers get a virtual environment below the target folder; nothing is installed for the user.

use std::path::PathBuf;
use std::process::Command;

use crate::{
    setup,
    workspace::{Profile, Workspace},
};

const FOLDER: &str = "benches/peers";
/// The peers written in Python.
pub(in crate::bench) const REQUIREMENTS: &str = "benches/peers/requirements.txt";

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
            python: setup::ensure_python_packages(workspace, "bench", REQUIREMENTS)?,
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
