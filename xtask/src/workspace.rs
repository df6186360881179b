//! Where the workspace lies, which packages it has, and how its commands are started.
//!
//! Facts come from cargo itself (`cargo metadata`), never from guesses about folders.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// The checkout that the tool works on.
pub(crate) struct Workspace {
    /// Folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Folder of build products (`target`, or what `CARGO_TARGET_DIR` says).
    pub(crate) target: PathBuf,
    /// Packages of the workspace, in cargo's order.
    pub(crate) packages: Vec<Package>,
}

/// One package of the workspace, as its manifest declares it.
pub(crate) struct Package {
    /// Name in the manifest.
    pub(crate) name: String,
    /// Folder of the manifest, relative to the root, with `/` between parts.
    pub(crate) folder: String,
    /// Names of the declared dependencies of every kind, renamed ones under their real name.
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependency tables.
pub(crate) struct Dependency {
    /// Name of the package depended on.
    pub(crate) name: String,
    /// Which table it stands in.
    pub(crate) kind: DependencyKind,
    /// The targets that have it, as the manifest names them; `None` when all have.
    pub(crate) target: Option<String>,
}

/// The dependency tables of a manifest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DependencyKind {
    /// `[dependencies]`
    Normal,
    /// `[dev-dependencies]`
    Dev,
    /// `[build-dependencies]`
    Build,
}

impl Workspace {
    /// Finds the workspace around the manifest of this tool, or around the current folder.
    ///
    /// # Errors
    /// When `cargo metadata` fails: a manifest is wrong or the folder is in no workspace.
    pub(crate) fn locate() -> anyhow::Result<Self> {
        let folder = match std::env::var_os("CARGO_MANIFEST_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => std::env::current_dir()?,
        };
        let metadata = Command::new(cargo_path())
            .args(["metadata", "--format-version=1", "--no-deps"])
            .current_dir(folder)
            .stderr(Stdio::inherit())
            .output()
            .context("could not start cargo")?;
        if !metadata.status.success() {
            bail!("`cargo metadata` failed ({})", metadata.status);
        }
        Self::from_metadata(&serde_json::from_slice(&metadata.stdout)?)
    }

    fn from_metadata(metadata: &Value) -> anyhow::Result<Self> {
        let root = PathBuf::from(text(metadata, "workspace_root")?);
        let packages = list(metadata, "packages")?
            .iter()
            .map(|package| Package::from_metadata(package, &root))
            .collect::<anyhow::Result<_>>()?;
        let target = PathBuf::from(text(metadata, "target_directory")?);
        Ok(Self {
            root,
            target,
            packages,
        })
    }

    /// A command that runs in the root of the workspace.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// A cargo command, of the same toolchain that started this tool.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut command = self.command(cargo_path());
        command.args(args);
        command
    }
}

/// The cargo profiles that the tools build with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// What tests use: checked arithmetic, the inner crates optimised.
    Dev,
    /// What users run, and what is measured.
    Release,
}

impl Workspace {
    /// Builds one target of the workspace and returns the file made: a program or a library.
    ///
    /// `selection` are the arguments that choose it (`--package`, `--bin`, …), `target` is its name.
    ///
    /// # Errors
    /// When it does not compile (the compiler's messages are on the terminal) or makes no file.
    pub(crate) fn build(
        &self,
        profile: Profile,
        selection: &[&str],
        target: &str,
    ) -> anyhow::Result<PathBuf> {
        let mut command = self.cargo(&["build"]);
        if profile == Profile::Release {
            command.arg("--release");
        }
        command.args(selection);
        self.build_by(command, target)
    }

    /// Builds by this `cargo build` and returns the file made for `target`.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub(crate) fn build_by(&self, mut command: Command, target: &str) -> anyhow::Result<PathBuf> {
        command.args(["--locked", "--message-format=json-render-diagnostics"]);
        command.stderr(Stdio::inherit());
        let shown = show(&command);
        let output = command
            .output()
            .with_context(|| format!("could not start `{shown}`"))?;
        if !output.status.success() {
            bail!("`{shown}` failed ({})", output.status);
        }
        let messages = String::from_utf8(output.stdout)?;
        let file = messages
            .lines()
            .filter_map(|line| file_made(line, target))
            .next_back();
        file.with_context(|| format!("`{shown}` made no file called `{target}`"))
    }

    /// Builds the `pluriverse` command and returns its path.
    ///
    /// # Errors
    /// When it does not compile.
    pub(crate) fn build_cli(&self, profile: Profile) -> anyhow::Result<PathBuf> {
        let selection: &[&str] = match profile {
            // Asked for together with what the tests build, so that features are resolved as they are there and
            // no dependency is compiled a second time.
            Profile::Dev => &["--workspace", "--bin", "pluriverse"],
            Profile::Release => &["--package", "pluriverse-cli", "--bin", "pluriverse"],
        };
        self.build(profile, selection, "pluriverse")
    }
}

/// All files below a folder with what is in them, by their paths from there.
///
/// # Errors
/// When one cannot be read.
pub(crate) fn files_below(folder: &Path) -> anyhow::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("reading {}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let content = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            files.insert(path.strip_prefix(folder)?.to_owned(), content);
        }
    }
    Ok(files)
}

/// The file that one of cargo's messages says was made for `target`, if it says so.
fn file_made(message: &str, target: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let is_artifact =
        message["reason"] == "compiler-artifact" && message["target"]["name"] == target;
    let file = message["filenames"].as_array()?.last()?.as_str()?;
    is_artifact.then(|| PathBuf::from(file))
}

impl Package {
    fn from_metadata(package: &Value, root: &Path) -> anyhow::Result<Self> {
        let manifest = PathBuf::from(text(package, "manifest_path")?);
        let folder = manifest
            .parent()
            .and_then(|folder| folder.strip_prefix(root).ok())
            .with_context(|| format!("{} lies outside the workspace", manifest.display()))?;
        let dependencies = list(package, "dependencies")?
            .iter()
            .map(Dependency::from_metadata)
            .collect::<anyhow::Result<_>>()?;
        Ok(Self {
            name: text(package, "name")?.to_owned(),
            folder: folder.to_string_lossy().replace('\\', "/"),
            dependencies,
        })
    }
}

impl Dependency {
    fn from_metadata(dependency: &Value) -> anyhow::Result<Self> {
        let kind = match dependency["kind"].as_str() {
            None => DependencyKind::Normal,
            Some("dev") => DependencyKind::Dev,
            Some("build") => DependencyKind::Build,
            Some(other) => bail!("cargo metadata: unknown kind of dependency `{other}`"),
        };
        Ok(Self {
            name: text(dependency, "name")?.to_owned(),
            kind,
            target: dependency["target"].as_str().map(str::to_owned),
        })
    }
}

/// Runs a command to its end with its output on the terminal.
///
/// # Errors
/// When the command cannot be started or fails; the message shows the command line.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = show(command);
    let status = command
        .status()
        .with_context(|| format!("could not start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs a command to its end and returns what it wrote to standard output.
///
/// # Errors
/// When the command cannot be started or fails (the message ends with what it wrote to standard error), or
/// when its output is not UTF-8.
pub(crate) fn read(command: &mut Command) -> anyhow::Result<String> {
    let shown = show(command);
    let output = command
        .output()
        .with_context(|| format!("could not start `{shown}`"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{shown}` failed ({})\n{}",
            output.status,
            stderr.trim_end()
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` wrote no UTF-8"))
}

/// The command line as a person would type it.
fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

fn cargo_path() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn text<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a str> {
    value[key]
        .as_str()
        .with_context(|| format!("cargo metadata has no text `{key}`"))
}

fn list<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a Vec<Value>> {
    value[key]
        .as_array()
        .with_context(|| format!("cargo metadata has no list `{key}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_made_is_read_from_cargo_s_message() {
        let message = r#"{"reason":"compiler-artifact","target":{"name":"probe"},"filenames":["/t/libprobe.rlib","/t/probe.wasm"]}"#;
        assert_eq!(
            file_made(message, "probe"),
            Some(PathBuf::from("/t/probe.wasm"))
        );
        assert_eq!(file_made(message, "other"), None);
        assert_eq!(file_made("   Compiling probe", "probe"), None);
    }

    #[test]
    fn packages_are_read_with_their_folders_and_dependencies() {
        let metadata = serde_json::json!({
            "workspace_root": "/w",
            "target_directory": "/t",
            "packages": [{
                "name": "pluriverse-stats",
                "manifest_path": "/w/crates/stats/Cargo.toml",
                "dependencies": [{ "name": "libm", "kind": null }, { "name": "proptest", "kind": "dev" }],
            }],
        });
        let workspace = Workspace::from_metadata(&metadata).unwrap();
        let package = &workspace.packages[0];
        assert_eq!(
            (package.name.as_str(), package.folder.as_str()),
            ("pluriverse-stats", "crates/stats")
        );
        let kinds: Vec<_> = package
            .dependencies
            .iter()
            .map(|found| (found.name.as_str(), found.kind))
            .collect();
        assert!(
            kinds
                == [
                    ("libm", DependencyKind::Normal),
                    ("proptest", DependencyKind::Dev)
                ]
        );
    }
}
