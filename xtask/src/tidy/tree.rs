//! The texts of the repository, read once.
//!
//! Build products, installed packages and hidden files and folders are left out, but for those that are part
//! of the project. Files that are no UTF-8 are no text and are passed over.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// Names of what no person wrote.
const PRODUCTS: &[&str] = &["target", "node_modules"];

/// Hidden names that are part of the project.
const KEPT_HIDDEN: &[&str] = &[".cargo", ".ci", ".gitattributes", ".gitignore"];

/// What the repository holds.
pub(super) struct Tree {
    /// All text files, in the order of their paths.
    pub(super) files: Vec<TextFile>,
    /// Paths of all files, text or not, and of all folders.
    pub(super) paths: BTreeSet<String>,
}

/// One text file.
pub(super) struct TextFile {
    /// Path relative to the root, with `/` between parts.
    pub(super) path: String,
    pub(super) text: String,
}

impl Tree {
    /// Reads everything under `root`.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub(super) fn load(root: &Path) -> anyhow::Result<Self> {
        let mut tree = Self {
            files: Vec::new(),
            paths: BTreeSet::new(),
        };
        tree.collect(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    fn collect(&mut self, folder: &Path, prefix: &str) -> anyhow::Result<()> {
        let entries =
            fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if is_left_out(&name) {
                continue;
            }
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            self.paths.insert(path.clone());
            if kind.is_dir() {
                self.collect(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() {
                let bytes = fs::read(entry.path()).with_context(|| format!("reading {path}"))?;
                if let Ok(text) = String::from_utf8(bytes) {
                    self.files.push(TextFile { path, text });
                }
            }
        }
        Ok(())
    }

    /// The files whose name ends in `.extension`.
    pub(super) fn with_extension(&self, extension: &str) -> impl Iterator<Item = &TextFile> {
        self.files.iter().filter(move |file| {
            file.name()
                .rsplit_once('.')
                .is_some_and(|(_, found)| found == extension)
        })
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |&(path, text): &(&str, &str)| TextFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        Self {
            files: files.iter().map(file).collect(),
            paths: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
        }
    }
}

impl TextFile {
    /// The last part of the path.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

fn is_left_out(name: &str) -> bool {
    PRODUCTS.contains(&name) || (name.starts_with('.') && !KEPT_HIDDEN.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_hidden_files_and_binaries_are_left_out() {
        let root = tempfile::tempdir().unwrap();
        for (path, bytes) in [
            ("a.rs", b"fn a() {}".as_slice()),
            (".ci/run", b"exec true"),
            (".git/config", b"[core]"),
            (".envrc", b"A=b"),
            ("target/b.rs", b"fn b() {}"),
            ("docs/picture.png", b"\x89PNG\xff"),
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let tree = Tree::load(root.path()).unwrap();
        let paths: Vec<_> = tree.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, [".ci/run", "a.rs"]);
        assert_eq!(tree.with_extension("rs").count(), 1);
        let all: Vec<_> = tree.paths.iter().map(String::as_str).collect();
        assert_eq!(all, [".ci", ".ci/run", "a.rs", "docs", "docs/picture.png"]);
    }
}
