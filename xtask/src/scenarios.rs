//! The runnable examples in `scenarios/`, and the ledger hash that each must have wherever it runs.
//!
//! One line a scenario: hash, number of events, path. The committed list pins what a revision computes; native
//! and WebAssembly runs are compared with it, each by its own step.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::workspace::{self, Workspace};

/// The committed list.
pub(crate) const GOLDEN: &str = "scenarios/golden.txt";

const FOLDER: &str = "scenarios";

/// Files under `scenarios/`, relative to the root and sorted.
pub(crate) struct Scenarios {
    /// Files that describe a world.
    pub(crate) worlds: Vec<String>,
    /// Files that those refer to.
    pub(crate) attachments: Vec<String>,
}

impl Scenarios {
    /// Looks through the folder.
    ///
    /// # Errors
    /// When it cannot be read or holds no world.
    pub(crate) fn find(root: &Path) -> anyhow::Result<Self> {
        let mut found = Self {
            worlds: Vec::new(),
            attachments: Vec::new(),
        };
        found.collect(root, FOLDER)?;
        if found.worlds.is_empty() {
            bail!("no file under {FOLDER}/ describes a world");
        }
        found.worlds.sort();
        found.attachments.sort();
        Ok(found)
    }

    fn collect(&mut self, root: &Path, folder: &str) -> anyhow::Result<()> {
        for entry in fs::read_dir(root.join(folder)).with_context(|| format!("reading {folder}"))? {
            let entry = entry?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                self.collect(root, &path)?;
                continue;
            }
            let text = fs::read(entry.path()).with_context(|| format!("reading {path}"))?;
            let place = if describes_a_world(&path, &text) {
                &mut self.worlds
            } else {
                &mut self.attachments
            };
            place.push(path);
        }
        Ok(())
    }
}

/// Whether a file is TOML or JSON with a `kind` at its top.
fn describes_a_world(path: &str, text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    match path.rsplit_once('.') {
        Some((_, "toml")) => text
            .parse::<toml::Table>()
            .is_ok_and(|table| table.contains_key("kind")),
        Some((_, "json")) => {
            serde_json::from_str::<Value>(text).is_ok_and(|value| !value["kind"].is_null())
        }
        _ => false,
    }
}

/// Runs every scenario once with `pluriverse` and lists the hashes.
///
/// # Errors
/// When a scenario does not run.
pub(crate) fn ledger_hashes(workspace: &Workspace, cli: &Path) -> anyhow::Result<String> {
    let mut out = String::new();
    for path in Scenarios::find(&workspace.root)?.worlds {
        let mut command = workspace.command(cli);
        command.args([
            "run",
            "--replications",
            "1",
            "--format",
            "json",
            "--quiet",
            &path,
        ]);
        let line = line(&workspace::read(&mut command)?)
            .with_context(|| format!("what `run {path}` printed"))?;
        writeln!(out, "{line} {path}").expect("a String takes every write");
    }
    Ok(out)
}

/// Hash and number of events, out of what `run --format json` prints.
fn line(result: &str) -> anyhow::Result<String> {
    let result: Value = serde_json::from_str(result)?;
    let hash = result["ledger_hash"]
        .as_str()
        .context("has no text `ledger_hash`")?;
    let events = result["events"].as_u64().context("has no count `events`")?;
    Ok(format!("{hash} {events}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worlds_are_told_from_what_they_refer_to() {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("scenarios/shop.toml", "kind = \"process\"\n"),
            ("scenarios/more/shop.json", "{ \"kind\": \"process\" }"),
            ("scenarios/more/arrivals.csv", "kind,at\n"),
            ("scenarios/golden.txt", ""),
            ("scenarios/settings.toml", "colour = 1\n"),
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let found = Scenarios::find(root.path()).unwrap();
        assert_eq!(
            found.worlds,
            ["scenarios/more/shop.json", "scenarios/shop.toml"]
        );
        let attachments = [
            "scenarios/golden.txt",
            "scenarios/more/arrivals.csv",
            "scenarios/settings.toml",
        ];
        assert_eq!(found.attachments, attachments);
    }

    #[test]
    fn no_scenario_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(FOLDER)).unwrap();
        assert!(Scenarios::find(root.path()).is_err());
    }

    #[test]
    fn a_result_without_a_hash_is_an_error() {
        assert_eq!(
            line(r#"{ "ledger_hash": "ab", "events": 3 }"#).unwrap(),
            "ab 3"
        );
        assert!(line(r#"{ "ledger_hash": null, "events": 3 }"#).is_err());
    }
}
