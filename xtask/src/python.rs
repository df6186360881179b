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

/// Builds the wheel and installs it beside what an environment has already.
///
/// # Errors
/// As [`wheel`].
pub(crate) fn install_release(workspace: &Workspace, python: &Path) -> anyhow::Result<()> {
    let wheel = build_wheel(workspace, Profile::Release)?;
    install(workspace, python, &wheel)
}

/// Tests the package as a wheel installs it.
///
/// # Errors
/// As [`wheel`], and when a test fails or a type is wrong.
pub(crate) fn test(workspace: &Workspace) -> anyhow::Result<()> {
    let wheel = build_wheel(workspace, Profile::Dev)?;
    let cli = workspace.build_cli(Profile::Dev)?;
    // For the tests of the server in a FastAPI app: its database, and the web app's client.
    setup::ensure_postgresql(workspace)?;
    setup::ensure_npm_packages(workspace, "web")?;
    let python = setup::ensure_python_packages(workspace, "python", TEST_REQUIREMENTS)?;
    install(workspace, &python, &wheel)?;
    let folder = workspace.root.join(FOLDER);
    let simpy = simpy_sources(workspace, &python)?;
    let run = |args: &[&str]| {
        let mut command = workspace.command(&python);
        if let Some(simpy) = &simpy {
            command.env("SIMPY_SOURCES", simpy);
        }
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

/// The sources of the SimPy that the tests compare with, fetched from PyPI below the target folder: its examples,
/// documents and tests are not in the package that pip installs. `None`, and a word about it, where PyPI does not
/// give them.
///
/// # Errors
/// When the tests name no version of SimPy, or the folder cannot be written.
fn simpy_sources(workspace: &Workspace, python: &Path) -> anyhow::Result<Option<PathBuf>> {
    let requirements = fs::read_to_string(workspace.root.join(TEST_REQUIREMENTS))?;
    let version = requirements
        .lines()
        .find_map(|line| line.strip_prefix("simpy=="))
        .with_context(|| format!("{TEST_REQUIREMENTS} has no line `simpy==…`"))?;
    let folder = workspace.target.join("simpy-sources");
    let sources = folder.join(format!("simpy-{version}"));
    if sources.join("docs").is_dir() {
        return Ok(Some(sources));
    }
    println!("fetching the sources of SimPy {version} from PyPI into target/simpy-sources");
    let mut pip = workspace.command(python);
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps"])
        .args(["--disable-pip-version-check", "--no-binary", ":all:"])
        .arg("--dest")
        .arg(&folder)
        .arg(format!("simpy=={version}"));
    if let Err(error) = workspace::run(&mut pip) {
        println!("SimPy's own examples and tests are not run: {error:#}");
        return Ok(None);
    }
    let mut unpack = workspace.command(python);
    unpack
        .args(["-m", "tarfile", "--extract"])
        .arg(folder.join(format!("simpy-{version}.tar.gz")))
        .arg(&folder);
    workspace::run(&mut unpack)?;
    Ok(Some(sources))
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
