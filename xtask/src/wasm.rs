//! The same ledgers in WebAssembly: every scenario runs under Node and must have the hash that is committed.
//!
//! The program run is `crates/process/examples/wasm_probe.rs`; `wasm/run.mjs` feeds it.

use std::fs;

use anyhow::{Context as _, bail};

use crate::scenarios::{self, Scenarios};
use crate::setup::{self, WASM_TARGET};
use crate::workspace::{self, Profile, Workspace};

const PROBE: &str = "wasm_probe";
const RUNNER: &str = "xtask/src/wasm/run.mjs";

/// Runs the scenarios under Node and compares.
///
/// # Errors
/// When the probe does not build, Node is missing and cannot be installed, or a hash differs.
pub(crate) fn check_ledgers(workspace: &Workspace) -> anyhow::Result<()> {
    setup::ensure_node(workspace)?;
    let selection = [
        "--package",
        "pluriverse-process",
        "--example",
        PROBE,
        "--target",
        WASM_TARGET,
    ];
    let probe = workspace.build(Profile::Dev, &selection, PROBE)?;
    let found = Scenarios::find(&workspace.root)?;
    let mut node = workspace.command("node");
    node.arg(RUNNER)
        .arg(probe)
        .args(&found.attachments)
        .arg("--")
        .args(&found.worlds);
    let computed = workspace::read(&mut node)?;
    let committed =
        fs::read_to_string(workspace.root.join(scenarios::GOLDEN)).with_context(|| {
            format!(
                "reading {} (`cargo xtask codegen` makes it)",
                scenarios::GOLDEN
            )
        })?;
    let differences = differences(&committed, &computed);
    for difference in &differences {
        println!("{difference}");
    }
    if !differences.is_empty() {
        bail!(
            "{} line(s) differ between {} and WebAssembly",
            differences.len(),
            scenarios::GOLDEN
        );
    }
    println!(
        "{} scenario(s) have the same ledger under Node",
        found.worlds.len()
    );
    Ok(())
}

/// Lines that stand in one text only, marked by which.
fn differences(committed: &str, computed: &str) -> Vec<String> {
    let only = |these: &str, those: &str, mark: &str| -> Vec<String> {
        let is_new = |line: &&str| those.lines().all(|other| other != *line);
        these
            .lines()
            .filter(is_new)
            .map(|line| format!("{mark} {line}"))
            .collect()
    };
    [
        only(committed, computed, "committed:"),
        only(computed, committed, "wasm:     "),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_that_differs_is_shown_on_both_sides() {
        assert!(differences("a 1 x\nb 2 y\n", "a 1 x\nb 2 y\n").is_empty());
        let shown = differences("a 1 x\nb 2 y\n", "a 1 x\nc 2 y\n");
        assert_eq!(shown, ["committed: b 2 y", "wasm:      c 2 y"]);
        assert_eq!(differences("a 1 x\n", ""), ["committed: a 1 x"]);
    }
}
