//! `cargo xtask build`: the npm package of the engine, the web app, and the program that serves it.
//!
//! Idempotent: what is there and not stale is not made again. The module is the same bytes on every machine.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::setup::{self, WASM_TARGET};
use crate::workspace::{self, Profile, Workspace};

/// The npm workspace.
const FOLDER: &str = "web";

/// The engine's package.
pub(crate) const ENGINE: &str = "web/engine";

/// Makes everything that there is to make.
///
/// # Errors
/// When something cannot be installed or does not compile.
pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<()> {
    build_engine(workspace)?;
    build_app(workspace)?;
    let program = workspace.build_cli(Profile::Release)?;
    println!("built {}, which serves the app", program.display());
    Ok(())
}

/// Makes the engine's package: the WebAssembly module, and TypeScript made into JavaScript and types.
///
/// # Errors
/// As [`build`].
pub(crate) fn build_engine(workspace: &Workspace) -> anyhow::Result<()> {
    setup::ensure_toolchain(workspace)?;
    setup::ensure_node(workspace)?;
    setup::ensure_npm_packages(workspace, FOLDER)?;
    let module = build_module(workspace)?;
    let folder = workspace.root.join(ENGINE).join("dist");
    if folder.is_dir() {
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    npm(workspace, &["run", "build", "--workspace=engine"])?;
    fs::copy(&module, folder.join("pluriverse.wasm"))
        .with_context(|| format!("copying {}", module.display()))?;
    println!("built {ENGINE}/dist");
    Ok(())
}

/// Makes the web app. Where that comes to the files that are there they stay untouched: the program that has them in it
/// is linked again only for other ones.
fn build_app(workspace: &Workspace) -> anyhow::Result<()> {
    let fresh = workspace.target.join("app-dist");
    let place = fresh.to_string_lossy();
    let vite = ["--", "--outDir", &place, "--emptyOutDir"];
    npm(
        workspace,
        &[&["run", "build", "--workspace=app"], &vite[..]].concat(),
    )?;
    let files = workspace::files_below(&fresh)?;
    let dist = workspace.root.join("web/app/dist");
    if dist.is_dir() {
        if files == workspace::files_below(&dist)? {
            println!("web/app/dist is as it was");
            return Ok(());
        }
        fs::remove_dir_all(&dist).with_context(|| format!("removing {}", dist.display()))?;
    }
    for (path, content) in files {
        let path = dist.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&dist))?;
        fs::write(&path, content).with_context(|| format!("writing {}", path.display()))?;
    }
    println!("built web/app/dist");
    Ok(())
}

/// Makes the package and tests it under Node, ledgers also with the command line.
///
/// # Errors
/// As [`build`], and when a test fails.
pub(crate) fn test_engine(workspace: &Workspace) -> anyhow::Result<()> {
    build_engine(workspace)?;
    let cli = workspace.build_cli(Profile::Dev)?;
    let mut node = workspace.command("node");
    node.args(["--test", "--test-timeout=300000", "--expose-gc", "test/"])
        .env("PLURIVERSE", cli);
    workspace::run(node.current_dir(workspace.root.join(ENGINE)))
}

/// Builds the page of `examples/nextjs` and looks at it in a browser.
///
/// # Errors
/// As [`build`], and when the page does not show what it should.
pub(crate) fn test_nextjs(workspace: &Workspace) -> anyhow::Result<()> {
    const EXAMPLE: &str = "examples/nextjs";
    build_engine(workspace)?;
    setup::ensure_chromium(workspace)?;
    setup::ensure_npm_packages(workspace, EXAMPLE)?;
    for script in ["build", "test"] {
        let mut npm = workspace.command("npm");
        npm.args(["--no-update-notifier", "run", script]);
        npm.env("NEXT_TELEMETRY_DISABLED", "1");
        workspace::run(npm.current_dir(workspace.root.join(EXAMPLE)))?;
    }
    Ok(())
}

/// Tests the web app: types, units, and in Chromium what people do with it as the program serves it.
///
/// # Errors
/// As [`build`], and when a test fails.
pub(crate) fn test_app(workspace: &Workspace) -> anyhow::Result<()> {
    setup::ensure_chromium(workspace)?;
    build_engine(workspace)?;
    for script in ["check", "test"] {
        npm(workspace, &["run", script, "--workspace=app"])?;
    }
    build_app(workspace)?;
    let cli = workspace.build_cli(Profile::Dev)?;
    let mut tests = workspace.command("npm");
    tests.args(["--no-update-notifier", "run", "e2e", "--workspace=app"]);
    tests.env("PLURIVERSE", cli);
    workspace::run(tests.current_dir(workspace.root.join(FOLDER)))
}

/// Measures the web app in Chromium: a list of figures, as JSON.
///
/// # Errors
/// As [`build`], and when the app does not do what is measured.
pub(crate) fn measure_app(workspace: &Workspace) -> anyhow::Result<String> {
    build_app(workspace)?;
    let cli = workspace.build_cli(Profile::Release)?;
    let figures = workspace.root.join("target/app-figures.json");
    let mut speed = workspace.command("npm");
    speed.args(["--no-update-notifier", "run", "speed", "--workspace=app"]);
    speed.env("PLURIVERSE", cli).env("FIGURES", &figures);
    workspace::run(speed.current_dir(workspace.root.join(FOLDER)))?;
    fs::read_to_string(&figures).with_context(|| format!("reading {}", figures.display()))
}

/// Compiles `crates/wasm`.
fn build_module(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let mut cargo =
        workspace.cargo(&["build", "--profile", "wasm", "--package", "pluriverse-wasm"]);
    cargo.args(["--target", WASM_TARGET, "--config", &flags(&workspace.root)]);
    // A hash function under arrow draws its keys at compile time.
    cargo.env("CONST_RANDOM_SEED", "pluriverse");
    workspace.build_by(cargo, "pluriverse_wasm")
}

/// The setting that lets the module use vectors, and keeps this machine's folders out of what panics say.
fn flags(root: &Path) -> String {
    let home =
        std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME").map(|home| home + "/.cargo"));
    let mut flags = vec![
        "-Ctarget-feature=+simd128".to_owned(),
        format!("--remap-path-prefix={}=.", root.display()),
    ];
    flags.extend(home.map(|home| format!("--remap-path-prefix={home}=cargo")));
    format!("target.{WASM_TARGET}.rustflags={flags:?}")
}

fn npm(workspace: &Workspace, args: &[&str]) -> anyhow::Result<()> {
    let mut npm = workspace.command("npm");
    npm.args(["--silent", "--no-update-notifier"]).args(args);
    workspace::run(npm.current_dir(workspace.root.join(FOLDER)))
}
