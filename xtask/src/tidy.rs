//! The rules of STYLE.md that neither the compiler nor clippy checks.
//!
//! One file per rule; each is a function from the texts of the repository (or cargo's facts about it) to
//! findings, so that its test is a piece of bad text and the finding it must cause. Nothing is ever fixed here.

mod flags;
mod layout;
mod leftovers;
mod links;
mod machine_paths;
mod manifests;
mod names;
mod purity;
pub(crate) mod rings;
mod source;
mod test_habits;
mod tree;

use std::fmt;

use anyhow::bail;

use crate::workspace::Workspace;
use source::RustFile;
use tree::Tree;

/// Something that breaks a rule.
struct Finding {
    /// File, relative to the root; for a rule about a package, its manifest.
    path: String,
    /// Line, counted from 1, where the rule is about one.
    line: Option<usize>,
    /// What is wrong and what to do.
    message: String,
}

impl Finding {
    fn new(path: &str, line: impl Into<Option<usize>>, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line: line.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}:{line}: {}", self.path, self.message),
            None => write!(out, "{}: {}", self.path, self.message),
        }
    }
}

/// Checks every rule and prints what breaks one.
///
/// # Errors
/// When a rule is broken, or the repository cannot be read.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let tree = Tree::load(&workspace.root)?;
    let mut count = report(&check_files(&tree));
    count += report(&rings::check_edges(&workspace.packages));
    count += report(&rings::check_reach(workspace)?);
    if count > 0 {
        bail!("{count} finding(s) against the rules of STYLE.md");
    }
    Ok(())
}

/// Prints the findings and returns how many there are.
fn report(findings: &[Finding]) -> usize {
    for finding in findings {
        println!("{finding}");
    }
    findings.len()
}

fn check_files(tree: &Tree) -> Vec<Finding> {
    let mut findings = layout::check(tree);
    findings.extend(links::check(tree));
    findings.extend(machine_paths::check(tree));
    findings.extend(manifests::check(tree));
    let mut rust_files = Vec::new();
    for file in tree.with_extension("rs") {
        match RustFile::parse(file) {
            Ok(parsed) => rust_files.push(parsed),
            Err(finding) => findings.push(finding),
        }
    }
    for file in &rust_files {
        findings.extend(leftovers::check(file));
        findings.extend(names::check(file));
        findings.extend(test_habits::check(file));
    }
    findings.extend(flags::check(&rust_files));
    findings.extend(purity::check(&rust_files));
    findings
}

/// What the findings of a rule look like in a test: one line each.
#[cfg(test)]
fn lines(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(|finding| format!("{finding}\n"))
        .collect()
}
