//! Installs what the tests need and nothing else, saying what it installs.
//!
//! Idempotent, and quick when there is nothing to do. Toolchain parts come from rustup, Node, npm, Chromium and
//! Python and PostgreSQL from Debian (with sudo when not root), npm packages as the lock file names them into
//! `node_modules`, Python packages into environments below `target`, cargo tools from crates.io at a pinned version into `target/tools`: nothing
//! is put into the user's own `~/.cargo/bin`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::workspace::{self, Workspace};

/// The target that the pure ring must also run on.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A cargo subcommand that the tests use, at the version they were written against.
pub(crate) struct Tool {
    /// Package on crates.io and name of the program.
    name: &'static str,
    version: &'static str,
    install_args: &'static [&'static str],
}

/// Finds dependencies that nobody uses.
pub(crate) const MACHETE: Tool = Tool {
    name: "cargo-machete",
    version: "0.9.2",
    install_args: &[],
};

/// Checks licences, duplicates, sources and advisories of the dependencies. Without its default features it
/// asks the `cargo` that is there instead of linking a second one.
pub(crate) const DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    install_args: &["--no-default-features"],
};

impl Tool {
    fn root(workspace: &Workspace) -> PathBuf {
        workspace.target.join("tools")
    }

    /// A command that starts the installed tool in the root of the workspace.
    pub(crate) fn command(&self, workspace: &Workspace) -> Command {
        workspace.command(Self::root(workspace).join("bin").join(self.name))
    }

    fn is_installed(&self, workspace: &Workspace) -> bool {
        let mut command = self.command(workspace);
        workspace::read(command.arg("--version"))
            .is_ok_and(|out| out.split_whitespace().any(|word| word == self.version))
    }

    /// Builds the tool, unless it is there. Unoptimised: it compiles in half the time and runs for a second.
    ///
    /// # Errors
    /// When crates.io cannot be reached or the tool does not compile.
    pub(crate) fn ensure(&self, workspace: &Workspace) -> anyhow::Result<()> {
        if self.is_installed(workspace) {
            return Ok(());
        }
        println!(
            "installing {} {} from crates.io into target/tools",
            self.name, self.version
        );
        let root = Self::root(workspace);
        let build = root.join("build");
        let mut install =
            workspace.cargo(&["install", "--quiet", "--locked", "--debug", "--force"]);
        install
            .arg("--root")
            .arg(&root)
            .arg("--target-dir")
            .arg(&build);
        install
            .args(["--version", self.version, self.name])
            .args(self.install_args);
        install.env("CARGO_PROFILE_DEV_DEBUG", "false");
        workspace::run(&mut install)?;
        std::fs::remove_dir_all(&build).with_context(|| format!("removing {}", build.display()))
    }
}

/// Adds the toolchain parts that are missing: rustfmt, clippy and the wasm32 standard library.
///
/// # Errors
/// When a part is missing and rustup is too, or rustup cannot fetch it; the message says what to do.
pub(crate) fn ensure_toolchain(workspace: &Workspace) -> anyhow::Result<()> {
    for (part, probe) in [("rustfmt", "cargo-fmt"), ("clippy", "cargo-clippy")] {
        if !starts(Command::new(probe).arg("--version")) {
            println!("installing {part} with rustup");
            workspace::run(workspace.command("rustup").args(["component", "add", part]))
                .with_context(|| format!("the tests need {part}"))?;
        }
    }
    let libraries = workspace
        .command("rustc")
        .args(["--print", "target-libdir", "--target", WASM_TARGET])
        .output();
    let is_there = libraries.is_ok_and(|output| {
        let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success() && std::path::Path::new(&folder).is_dir()
    });
    if !is_there {
        println!("installing the {WASM_TARGET} standard library with rustup");
        workspace::run(workspace.command("rustup").args(["target", "add", WASM_TARGET])).with_context(|| {
            format!("the pure crates are also tested as WebAssembly: this toolchain needs the target {WASM_TARGET}")
        })?;
    }
    Ok(())
}

/// The oldest Node that the engine's package runs on.
const NODE_MAJOR: u32 = 20;

/// Installs Debian's Node and npm when there are none.
///
/// # Errors
/// When they are missing and apt-get is too or fails, or when the Node that is there is too old.
pub(crate) fn ensure_node(workspace: &Workspace) -> anyhow::Result<()> {
    for (program, package) in [("node", "nodejs"), ("npm", "npm")] {
        if !starts(Command::new(program).arg("--version")) {
            println!("installing {package} with apt-get");
            install_debian_package(workspace, package).with_context(|| {
                format!(
                    "the engine for JavaScript needs Node {NODE_MAJOR} or later, as `{program}`"
                )
            })?;
        }
    }
    let version = workspace::read(Command::new("node").arg("--version"))?;
    let major = major(&version).with_context(|| format!("node says its version is `{version}`"))?;
    if major < NODE_MAJOR {
        bail!(
            "node is version {}, expected {NODE_MAJOR} or later",
            version.trim()
        );
    }
    Ok(())
}

/// The first number of `v20.19.2`.
fn major(version: &str) -> Option<u32> {
    let digits = version.trim().strip_prefix('v')?.split('.').next()?;
    digits.parse().ok()
}

/// Installs Debian's Chromium when there is none.
///
/// # Errors
/// When there is no `chromium` and apt-get is missing or fails.
pub(crate) fn ensure_chromium(workspace: &Workspace) -> anyhow::Result<()> {
    if starts(Command::new("chromium").arg("--version")) {
        return Ok(());
    }
    println!("installing chromium with apt-get");
    install_debian_package(workspace, "chromium")
        .context("pages are tested in a real browser: install Chromium as `chromium`")
}

/// Installs the npm packages that `folder`'s lock file names, unless those are there.
///
/// # Errors
/// When the registry cannot be reached, or the lock file does not go with the manifests.
pub(crate) fn ensure_npm_packages(workspace: &Workspace, folder: &str) -> anyhow::Result<()> {
    let folder = workspace.root.join(folder);
    let lock = folder.join("package-lock.json");
    let wanted = std::fs::read(&lock).with_context(|| format!("reading {}", lock.display()))?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!(
        "installing npm packages into {}",
        folder.join("node_modules").display()
    );
    let mut install = workspace.command("npm");
    install.args(["ci", "--no-audit", "--no-fund", "--no-update-notifier"]);
    workspace::run(install.current_dir(&folder))?;
    std::fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))
}

/// Makes a virtual environment of Python below the target folder that has the packages of `requirements`, a path
/// relative to the root, unless it is there; returns its interpreter.
///
/// # Errors
/// When there is no Python 3 and apt-get is missing or fails, or PyPI cannot be reached.
pub(crate) fn ensure_python_packages(
    workspace: &Workspace,
    name: &str,
    requirements: &str,
) -> anyhow::Result<PathBuf> {
    let folder = workspace.target.join(format!("{name}-venv"));
    let python = folder.join("bin/python");
    let wanted = workspace.root.join(requirements);
    let wanted_text = std::fs::read_to_string(&wanted)
        .with_context(|| format!("reading {}", wanted.display()))?;
    // Written last, so that a broken installation is begun again.
    let stamp = folder.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted_text) {
        return Ok(python);
    }
    if !starts(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
        println!("installing python3-venv with apt-get");
        install_debian_package(workspace, "python3-venv")
            .context("this needs Python 3 with its module venv")?;
    }
    println!("installing the packages of {requirements} from PyPI into target/{name}-venv");
    let mut venv = workspace.command("python3");
    workspace::run(venv.args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut install = workspace.command(&python);
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    workspace::run(install.arg("--requirement").arg(&wanted))?;
    std::fs::write(&stamp, wanted_text).with_context(|| format!("writing {}", stamp.display()))?;
    Ok(python)
}

/// Installs Debian's PostgreSQL when there are no server programs: the tests make clusters of their own with them.
///
/// # Errors
/// When there is no `initdb` and apt-get is missing or fails.
pub(crate) fn ensure_postgresql(workspace: &Workspace) -> anyhow::Result<()> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut folders = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let is_there = folders.any(|folder| folder.join("initdb").is_file());
    if is_there || starts(Command::new("initdb").arg("--version")) {
        return Ok(());
    }
    println!("installing postgresql with apt-get");
    install_debian_package(workspace, "postgresql")
        .context("runs are also kept in PostgreSQL: install PostgreSQL 13 or later")
}

fn install_debian_package(workspace: &Workspace, package: &str) -> anyhow::Result<()> {
    let is_root = workspace::read(Command::new("id").arg("-u"))?.trim() == "0";
    let apt_get = |args: &[&str]| {
        let mut command = workspace.command(if is_root { "env" } else { "sudo" });
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"])
            .args(args);
        workspace::run(&mut command)
    };
    if !is_root && !starts(Command::new("sudo").arg("--version")) {
        bail!("installing the Debian package {package} takes root or sudo");
    }
    apt_get(&["update"])?;
    apt_get(&["install", "--yes", "--no-install-recommends", package])
}

/// Whether a program is there and answers.
fn starts(command: &mut Command) -> bool {
    let silent = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}
