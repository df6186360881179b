//! Manifests: versions of dependencies stand in the workspace manifest alone, and every crate takes the
//! workspace's lints.

use toml::{Table, Value};

use super::Finding;
use super::tree::{TextFile, Tree};

const TABLES: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// Checks the manifests of the workspace's crates.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let manifests = tree.files.iter().filter(|file| is_of_a_crate(&file.path));
    manifests.flat_map(check_manifest).collect()
}

fn is_of_a_crate(path: &str) -> bool {
    path == "xtask/Cargo.toml" || (path.starts_with("crates/") && path.ends_with("/Cargo.toml"))
}

fn check_manifest(file: &TextFile) -> Vec<Finding> {
    let manifest: Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => {
            return vec![Finding::new(
                &file.path,
                None,
                format!("is no TOML: {error}"),
            )];
        }
    };
    let targets = manifest
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flat_map(Table::values);
    let places = std::iter::once(&manifest).chain(targets.filter_map(Value::as_table));
    let tables = places.flat_map(|place| {
        TABLES
            .iter()
            .filter_map(|name| place.get(*name)?.as_table())
    });
    let mut findings: Vec<_> = tables
        .flatten()
        .filter(|(_, dependency)| !is_from_workspace(dependency))
        .map(|(name, _)| {
            let message =
                format!("`{name}` has a version of its own: put it in [workspace.dependencies]");
            Finding::new(&file.path, None, message)
        })
        .collect();
    if !manifest.get("lints").is_some_and(is_from_workspace) {
        findings.push(Finding::new(
            &file.path,
            None,
            "lacks `[lints] workspace = true`",
        ));
    }
    findings
}

fn is_from_workspace(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::lines;
    use super::*;

    #[test]
    fn versions_and_lints_come_from_the_workspace() {
        let good = "[dependencies]\na.workspace = true\nb = { workspace = true, features = [\"c\"] }\n\
                    [lints]\nworkspace = true\n";
        let bad = "[dependencies]\na = \"1\"\n[target.'cfg(unix)'.dev-dependencies]\nb = { path = \"../b\" }\n";
        let tree = Tree::of(&[
            ("crates/a/Cargo.toml", good),
            ("crates/b/Cargo.toml", bad),
            ("fuzz/Cargo.toml", bad),
        ]);
        expect![["
            crates/b/Cargo.toml: `a` has a version of its own: put it in [workspace.dependencies]
            crates/b/Cargo.toml: `b` has a version of its own: put it in [workspace.dependencies]
            crates/b/Cargo.toml: lacks `[lints] workspace = true`
        "]]
        .assert_eq(&lines(&check(&tree)));
    }
}
