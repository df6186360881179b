//! Links of a document to other files of the repository lead somewhere.
//!
//! Knows `[text](path)` in Markdown. Addresses elsewhere are not asked for: a test needs no network.

use super::Finding;
use super::tree::{TextFile, Tree};

/// Checks every document.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let documents = tree.with_extension("md");
    documents
        .flat_map(|document| check_document(document, tree))
        .collect()
}

fn check_document(document: &TextFile, tree: &Tree) -> Vec<Finding> {
    let folder = document
        .path
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    let mut findings = Vec::new();
    for (index, line) in document.text.lines().enumerate() {
        for target in targets(line).filter(|target| !leads_elsewhere(target)) {
            let path = target.split('#').next().unwrap_or(target);
            if !resolve(folder, path)
                .is_some_and(|path| path.is_empty() || tree.paths.contains(&path))
            {
                findings.push(Finding::new(
                    &document.path,
                    index + 1,
                    format!("`{target}` leads nowhere"),
                ));
            }
        }
    }
    findings
}

/// What stands between `](` and the next `)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target)
}

fn leads_elsewhere(target: &str) -> bool {
    target.starts_with('#') || target.contains("://") || target.starts_with("mailto:")
}

/// A path relative to `folder` as one relative to the root; `None` when it leaves the repository.
fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::lines;
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let text = "[a](guide/a.md) [b](./guide/b.md#part) and [c](../STYLE.md)\n\
                    [d](https://example.org/d.md), [e](#here), [f](../../f.md), [g](..), [h](guide/)";
        let tree = Tree::of(&[
            ("docs/index.md", text),
            ("docs/guide/a.md", ""),
            ("docs/guide", ""),
            ("STYLE.md", ""),
        ]);
        expect![["
            docs/index.md:1: `./guide/b.md#part` leads nowhere
            docs/index.md:2: `../../f.md` leads nowhere
        "]]
        .assert_eq(&lines(&check(&tree)));
    }
}
