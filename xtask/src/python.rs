//! The package for Python: `cargo xtask wheel`, and the tests of what the wheel installs.
//!
//! Tests never see the sources of the package: they run in an environment that has the wheel. What the package
//! promises without any other package is tried in a second environment that has nothing but the wheel.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::setup;
use crate::workspace::{self, Profile, Workspace};

/// The package's folder.
const FOLDER: &str = "python";
const BUILD_REQUIREMENTS: &str = "python/requirements-build.txt";
const TEST_REQUIREMENTS: &str = "python/requirements-test.txt";

/// Builds the wheel that users install, into `target/wheels`.
///
/// # Errors
/// When maturin cannot be installed or the package does not compile.
pub(crate) fn wheel(workspace: &Workspace) -> anyhow::Result<()> {
    let wheel = build_wheel(workspace, Profile::Release)?;
    println!("built {}", wheel.display());
    Ok(())
}

/// Tests the package as a wheel installs it.
///
/// # Errors
/// As [`wheel`], and when a test fails or a type is wrong.
pub(crate) fn test(workspace: &Workspace) -> anyhow::Result<()> {
    let wheel = build_wheel(workspace, Profile::Dev)?;
    let cli = workspace.build_cli(Profile::Dev)?;
    let python = setup::ensure_python_packages(workspace, "python", TEST_REQUIREMENTS)?;
    install(workspace, &python, &wheel)?;
    let folder = workspace.root.join(FOLDER);
    let run = |args: &[&str]| {
        let mut command = workspace.command(&python);
        command.arg("-m").args(args).env("PLURIVERSE", &cli);
        // The sources lie in this folder; what is tested is what was installed.
        command.env("PYTHONSAFEPATH", "1");
        workspace::run(command.current_dir(&folder))
    };
    run(&[
        "mypy.stubtest",
        "--mypy-config-file",
        "pyproject.toml",
        "pluriverse._native",
    ])?;
    run(&["mypy"])?;
    run(&["pytest"])?;
    tour(workspace, &wheel, &cli)
}

/// Runs the README's tour where nothing but the wheel is installed.
fn tour(workspace: &Workspace, wheel: &Path, cli: &Path) -> anyhow::Result<()> {
    let folder = workspace.target.join("tour-venv");
    let mut venv = workspace.command("python3");
    workspace::run(venv.args(["-m", "venv", "--clear"]).arg(&folder))?;
    let python = folder.join("bin/python");
    install(workspace, &python, wheel)?;
    let mut tour = workspace.command(&python);
    tour.arg("python/tests/tour.py").env("PLURIVERSE", cli);
    workspace::run(&mut tour)
}

/// Installs the wheel that users install beside what the benches compare with, and returns the interpreter.
///
/// # Errors
/// As [`wheel`].
pub(crate) fn install_for_bench(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let wheel = build_wheel(workspace, Profile::Release)?;
    let python = setup::ensure_python_packages(workspace, "python-bench", TEST_REQUIREMENTS)?;
    install(workspace, &python, &wheel)?;
    Ok(python)
}

/// Builds a wheel; tests take the profile that compiles fast.
fn build_wheel(workspace: &Workspace, profile: Profile) -> anyhow::Result<PathBuf> {
    let python = setup::ensure_python_packages(workspace, "maturin", BUILD_REQUIREMENTS)?;
    let (name, args): (_, &[&str]) = match profile {
        Profile::Release => ("wheels", &["--release", "--strip"]),
        Profile::Dev => ("wheels-dev", &["--profile", "dev"]),
    };
    let folder = workspace.target.join(name);
    if folder.is_dir() {
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    let mut maturin = workspace.command(python.with_file_name("maturin"));
    maturin
        .args(["build", "--locked", "--quiet", "--out"])
        .arg(&folder)
        .args(args)
        .current_dir(workspace.root.join(FOLDER));
    workspace::run(&mut maturin)?;
    wheel_in(&folder)
}

/// The one wheel in a folder.
fn wheel_in(folder: &Path) -> anyhow::Result<PathBuf> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let wheels: Vec<_> = files
        .filter(|file| file.extension() == Some(OsStr::new("whl")))
        .collect();
    match wheels.as_slice() {
        [wheel] => Ok(wheel.clone()),
        _ => bail!(
            "{} has {} wheels, one was expected",
            folder.display(),
            wheels.len()
        ),
    }
}

/// Installs a wheel, and nothing else, over what is there.
fn install(workspace: &Workspace, python: &Path, wheel: &Path) -> anyhow::Result<()> {
    let mut pip = workspace.command(python);
    pip.args(["-m", "pip", "install", "--quiet"]).args([
        "--disable-pip-version-check",
        "--force-reinstall",
        "--no-deps",
        "--no-index",
    ]);
    workspace::run(pip.arg(wheel))
}
