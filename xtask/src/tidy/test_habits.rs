//! Habits that make tests worthless: switched off without a word, passing by panicking, waiting for luck.

use super::Finding;
use super::source::{RustFile, starts_with};

/// Words in a row, and what is wrong with them.
const HABITS: &[(&[&str], &str)] = &[
    (
        &["[", "ignore", "]"],
        "`ignore` without a reason: write `#[ignore = \"…\"]`",
    ),
    (
        &[",", "ignore", ")"],
        "`ignore` without a reason: write `ignore = \"…\"`",
    ),
    (
        &["should_panic"],
        "`should_panic` takes any panic for the right one: assert on the error",
    ),
];

const SLEEPS: &[&str] = &["thread", "::", "sleep"];

/// Checks one file; sleeping is looked for where tests are.
pub(super) fn check(file: &RustFile<'_>) -> Vec<Finding> {
    let path = &file.file.path;
    let is_test = path.contains("/tests/");
    let mut findings = Vec::new();
    for (index, word) in file.words.iter().enumerate() {
        let words = &file.words[index..];
        for (_, problem) in HABITS.iter().filter(|(habit, _)| starts_with(words, habit)) {
            findings.push(Finding::new(path, word.line, *problem));
        }
        if is_test && starts_with(words, SLEEPS) {
            findings.push(Finding::new(
                path,
                word.line,
                "a test that sleeps is slow or lucky: wait for the event",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::{lines, tree::TextFile};
    use super::*;

    #[test]
    fn worthless_tests_are_found() {
        let text = "#[ignore]\nfn a() {}\n#[ignore = \"needs a server\"]\nfn b() {}\n#[cfg_attr(miri, ignore)]\n\
                    fn c() {}\n#[should_panic]\nfn d() { std::thread::sleep(s) }";
        let file = TextFile {
            path: "crates/a/tests/it/a.rs".to_owned(),
            text: text.to_owned(),
        };
        expect![[r#"
            crates/a/tests/it/a.rs:1: `ignore` without a reason: write `#[ignore = "…"]`
            crates/a/tests/it/a.rs:5: `ignore` without a reason: write `ignore = "…"`
            crates/a/tests/it/a.rs:7: `should_panic` takes any panic for the right one: assert on the error
            crates/a/tests/it/a.rs:8: a test that sleeps is slow or lucky: wait for the event
        "#]]
        .assert_eq(&lines(&check(&RustFile::parse(&file).ok().unwrap())));
    }
}
