//! The server against its own OpenAPI document: schemathesis sends what the document allows and what it forbids, and
//! every answer must be one that the document names.
//!
//! The program is the one that users run, on a free port, with nothing in its database. Which checks are made, and
//! why others are not, stands in the configuration beside this file.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Stdio},
};

use anyhow::{Context as _, bail};

use crate::{
    setup,
    workspace::{self, Profile, Workspace},
};

const REQUIREMENTS: &str = "xtask/src/conformance/requirements.txt";
const CONFIGURATION: &str = "xtask/src/conformance/schemathesis.toml";
const HOOKS: &str = "xtask/src/conformance/hooks.py";

/// Lets schemathesis loose on a server.
///
/// # Errors
/// When something cannot be installed or built, or an answer is not what the document says.
pub(crate) fn test(workspace: &Workspace) -> anyhow::Result<()> {
    let python = setup::ensure_python_packages(workspace, "schemathesis", REQUIREMENTS)?;
    let cli = workspace.build_cli(Profile::Dev)?;
    let folder = workspace.target.join("conformance");
    if folder.is_dir() {
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    fs::create_dir_all(&folder)?;
    let server = Server::start(workspace, &cli, &folder)?;
    let mut schemathesis = workspace.command(python.with_file_name("st"));
    schemathesis
        .arg("--config-file")
        .arg(workspace.root.join(CONFIGURATION))
        .arg("run")
        .arg(format!("{}/api/v1/openapi.json", server.url))
        .env("SCHEMATHESIS_HOOKS", workspace.root.join(HOOKS))
        // Whatever it leaves behind goes with the server's data.
        .current_dir(&folder);
    workspace::run(&mut schemathesis)
}

/// A running server; dropping it ends it.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(workspace: &Workspace, cli: &Path, folder: &Path) -> anyhow::Result<Self> {
        let mut command = workspace.command(cli);
        command
            .args(["serve", "--address", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .env("PLURIVERSE_LOG", "error")
            .stdout(Stdio::piped());
        let mut child = command.spawn().context("the server does not start")?;
        let stdout = child.stdout.take().context("the server says nothing")?;
        let mut server = Self {
            child,
            url: String::new(),
        };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let Some(url) = url_in(&line) else {
            bail!("the server says `{}` and no address", line.trim_end());
        };
        server.url = url.to_owned();
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which the requests have shown.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in what a server says when it is ready.
fn url_in(line: &str) -> Option<&str> {
    let url = line
        .split_whitespace()
        .find(|word| word.starts_with("http://"))?;
    Some(url.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_what_the_server_says() {
        let line = "Pluriverse is at http://127.0.0.1:4321/ (Ctrl-C stops it)\n";
        assert_eq!(url_in(line), Some("http://127.0.0.1:4321"));
        assert_eq!(url_in("error: no\n"), None);
    }
}
