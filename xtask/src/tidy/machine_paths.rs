//! Paths of one person's machine in a committed text: they lead nowhere on another.

use super::Finding;
use super::tree::{TextFile, Tree};

/// Written in two parts so that this file does not find itself.
const BEGINNINGS: &[&str] = &[
    concat!("/", "root/"),
    concat!("/", "home/"),
    concat!("/", "work/"),
    concat!("/", "Users/"),
    concat!("/", "tmp/wt/"),
    concat!("/", "tmp/t-"),
];

/// Checks every text file.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files.iter().flat_map(check_file).collect()
}

fn check_file(file: &TextFile) -> Vec<Finding> {
    let lines = file.text.lines().enumerate();
    let find = |(index, line): (usize, &str)| {
        let beginning = BEGINNINGS.iter().find(|beginning| names(line, beginning))?;
        Some(Finding::new(
            &file.path,
            index + 1,
            format!("`{beginning}…` is a path of one machine"),
        ))
    };
    lines.filter_map(find).collect()
}

/// Whether an absolute path starts so; a folder of that name further down another path does not count.
fn names(line: &str, beginning: &str) -> bool {
    line.match_indices(beginning).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || ".-_~}>*/".contains(before))
    })
}

#[cfg(test)]
mod tests {
    use super::super::lines;
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_found_wherever_it_stands() {
        let path = format!("{}me/project", BEGINNINGS[1]);
        let texts = [
            format!("see {path}"),
            format!("\"{path}\""),
            format!("first\nPATH=a:{path}"),
            format!("https://example.org{path}"),
            format!("$HOME/..{path}"),
        ];
        let found = texts.map(|text| lines(&check(&Tree::of(&[("docs/a.md", &text)]))));
        let wanted = |line: usize| {
            format!(
                "docs/a.md:{line}: `{}…` is a path of one machine\n",
                BEGINNINGS[1]
            )
        };
        assert_eq!(
            found,
            [
                wanted(1),
                wanted(1),
                wanted(2),
                String::new(),
                String::new()
            ]
        );
    }
}
