//! How files are laid out: each opens by saying what it is for, none grows without end, and a module `foo`
//! is `foo.rs` with its parts in `foo/`.

use std::collections::BTreeSet;

use super::Finding;
use super::tree::{TextFile, Tree};

const LINES_MAX: usize = 1_000;

/// Folders that cargo gives a meaning: they need no module file of their name.
const CARGO_FOLDERS: &[&str] = &["src", "tests", "examples", "benches", "bin", "fuzz_targets"];

/// Checks every Rust file.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension("rs") {
        findings.extend(check_opening(file));
        findings.extend(check_length(file));
        findings.extend(check_place(file, &tree.paths));
    }
    findings
}

fn check_opening(file: &TextFile) -> Option<Finding> {
    let opening = file.text.lines().next().unwrap_or_default();
    let says_something = opening
        .strip_prefix("//!")
        .is_some_and(|rest| !rest.trim().is_empty());
    (!says_something).then(|| {
        Finding::new(
            &file.path,
            1,
            "does not open with `//!`: say what the file is for",
        )
    })
}

fn check_length(file: &TextFile) -> Option<Finding> {
    let count = file.text.lines().count();
    let message = || format!("has {count} lines, {LINES_MAX} at most: split it by concept");
    (count > LINES_MAX).then(|| Finding::new(&file.path, None, message()))
}

fn check_place(file: &TextFile, paths: &BTreeSet<String>) -> Option<Finding> {
    if file.name() == "mod.rs" {
        let message = "is a `mod.rs`: name the file after its module, beside the folder";
        return Some(Finding::new(&file.path, None, message));
    }
    let (folder, _) = file.path.rsplit_once('/')?;
    let (parent, folder_name) = folder.rsplit_once('/').unwrap_or(("", folder));
    if folder_name == "tests" && parent.starts_with("crates/") {
        let message = "is an integration binary of its own: make it a module of tests/it/main.rs";
        return Some(Finding::new(&file.path, None, message));
    }
    let is_root = CARGO_FOLDERS.contains(&folder_name)
        || ["Cargo.toml", "main.rs"]
            .iter()
            .any(|root| paths.contains(&format!("{folder}/{root}")));
    let module = format!("{folder}.rs");
    let message =
        || format!("lies in a folder with neither its module file {module} nor a main.rs");
    (!is_root && !paths.contains(&module)).then(|| Finding::new(&file.path, None, message()))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::lines;
    use super::*;

    fn check_tree(files: &[(&str, &str)], expected: Expect) {
        expected.assert_eq(&lines(&check(&Tree::of(files))));
    }

    #[test]
    fn a_file_opens_by_saying_what_it_is_for() {
        check_tree(
            &[
                ("src/a.rs", "//! Time.\n"),
                ("src/b.rs", "//!\n//! Time.\n"),
                ("src/c.rs", "use a;\n"),
                ("src/d.rs", ""),
            ],
            expect![["
                src/b.rs:1: does not open with `//!`: say what the file is for
                src/c.rs:1: does not open with `//!`: say what the file is for
                src/d.rs:1: does not open with `//!`: say what the file is for
            "]],
        );
    }

    #[test]
    fn a_file_ends_somewhere() {
        check_tree(
            &[
                ("src/a.rs", &format!("//! A.\n{}", "//\n".repeat(999))),
                ("src/b.rs", &format!("//! B.\n{}", "//\n".repeat(1_000))),
            ],
            expect![["
                src/b.rs: has 1001 lines, 1000 at most: split it by concept
            "]],
        );
    }

    #[test]
    fn a_module_is_a_file_beside_its_folder() {
        let text = "//! A.\n";
        check_tree(
            &[
                ("crates/a/Cargo.toml", ""),
                ("crates/a/build.rs", text),
                ("crates/a/src/lib.rs", text),
                ("crates/a/src/good.rs", text),
                ("crates/a/src/good/part.rs", text),
                ("crates/a/src/lonely/part.rs", text),
                ("crates/a/src/old/mod.rs", text),
                ("crates/a/tests/it/main.rs", text),
                ("crates/a/tests/it/deep/part.rs", text),
                ("crates/a/tests/it/deep.rs", text),
                ("crates/a/tests/second.rs", text),
                ("fuzz/fuzz_targets/events.rs", text),
            ],
            expect![["
                crates/a/src/lonely/part.rs: lies in a folder with neither its module file crates/a/src/lonely.rs nor a main.rs
                crates/a/src/old/mod.rs: is a `mod.rs`: name the file after its module, beside the folder
                crates/a/tests/second.rs: is an integration binary of its own: make it a module of tests/it/main.rs
            "]],
        );
    }
}
