//! Committed files that are made from the code: `cargo xtask codegen` writes them, `--check` finds stale ones.
//!
//! They are committed so that a reader, an editor or another program has them without building anything, and so
//! that a change of what users see is seen in review. The table is the one list of them.

mod help;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::scenarios;
use crate::workspace::{self, Profile, Workspace};

/// A committed file and where it comes from.
struct Generated {
    /// Path relative to the root.
    path: &'static str,
    source: Source,
}

/// What a file is made from.
enum Source {
    /// What `pluriverse` prints when called with these arguments.
    Output(&'static [&'static str]),
    /// The help pages of `pluriverse` and all of its subcommands, as one document.
    HelpPages,
    /// The ledger hash of every scenario.
    LedgerHashes,
}

const GENERATED: &[Generated] = &[
    Generated {
        path: "docs/cli.md",
        source: Source::HelpPages,
    },
    Generated {
        path: "docs/openapi.json",
        source: Source::Output(&["openapi"]),
    },
    Generated {
        path: "docs/schema/process.schema.json",
        source: Source::Output(&["schema", "process"]),
    },
    Generated {
        path: "docs/schema/experiment.schema.json",
        source: Source::Output(&["schema", "experiment"]),
    },
    Generated {
        path: scenarios::GOLDEN,
        source: Source::LedgerHashes,
    },
];

/// What to do with a file that is not as it should be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write it.
    Write,
    /// Say that it is stale.
    Check,
}

/// Makes every file of the table.
///
/// # Errors
/// When the command line does not build or refuses, or with [`Mode::Check`] when a committed file is stale.
pub(crate) fn run(workspace: &Workspace, mode: Mode) -> anyhow::Result<()> {
    let cli = workspace.build_cli(Profile::Dev)?;
    let mut stale_count = 0;
    for generated in GENERATED {
        let wanted = generated.source.text(workspace, &cli)?;
        let path = workspace.root.join(generated.path);
        // A file that is missing is as stale as an empty one.
        let found = fs::read_to_string(&path).unwrap_or_default();
        let Some(line) = first_difference(&found, &wanted) else {
            continue;
        };
        stale_count += 1;
        match mode {
            Mode::Write => {
                let folder = path.parent().context("a generated file lies in a folder")?;
                fs::create_dir_all(folder)?;
                fs::write(&path, wanted).with_context(|| format!("writing {}", generated.path))?;
                println!("wrote {}", generated.path);
            }
            Mode::Check => println!("{}:{line}: is stale from this line on", generated.path),
        }
    }
    if mode == Mode::Check && stale_count > 0 {
        bail!(
            "{stale_count} generated file(s) stale: run `cargo xtask codegen` and read the difference"
        );
    }
    Ok(())
}

impl Source {
    fn text(&self, workspace: &Workspace, cli: &Path) -> anyhow::Result<String> {
        match self {
            Self::Output(args) => plain(workspace, cli, args),
            Self::HelpPages => help::document(|args| plain(workspace, cli, args)),
            Self::LedgerHashes => scenarios::ledger_hashes(workspace, cli),
        }
    }
}

/// What `pluriverse` prints, however wide and colourful the terminal is.
fn plain(workspace: &Workspace, cli: &Path, args: &[&str]) -> anyhow::Result<String> {
    let mut command: Command = workspace.command(cli);
    workspace::read(
        command
            .args(args)
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100"),
    )
}

/// Number of the first line that differs, counted from 1.
fn first_difference(found: &str, wanted: &str) -> Option<usize> {
    if found == wanted {
        return None;
    }
    let same = found
        .lines()
        .zip(wanted.lines())
        .take_while(|(found, wanted)| found == wanted);
    Some(same.count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("", "a\n"), Some(1));
        assert_eq!(first_difference("a", "a\n"), Some(2));
    }
}
