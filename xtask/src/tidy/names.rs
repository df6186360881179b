//! Names that say nothing: crates and modules called `util`, types called `ThingManager`.

use super::Finding;
use super::source::{RustFile, Word, starts_with};

const MODULES: &[&str] = &[
    "common", "core", "helper", "helpers", "misc", "types", "util", "utils",
];
const TYPE_ENDINGS: &[&str] = &["Manager", "Helper", "Data", "Info"];
const TYPE_KEYWORDS: &[&str] = &["struct", "enum", "trait", "type", "union"];

/// Checks the path of a file and what the file defines.
pub(super) fn check(file: &RustFile<'_>) -> Vec<Finding> {
    let path = &file.file.path;
    let mut findings = Vec::new();
    for part in path.split('/') {
        let stem = part.strip_suffix(".rs").unwrap_or(part);
        if MODULES.contains(&stem) {
            findings.push(Finding::new(path, None, say(stem)));
        }
    }
    for (index, word) in file.words.iter().enumerate() {
        if let Some(name) = defined_name(&file.words[index..])
            && is_banned(&word.text, name)
        {
            findings.push(Finding::new(path, word.line, say(name)));
        }
    }
    findings
}

/// The name that an inline module or a type definition gives, when `words` begins with one.
fn defined_name(words: &[Word]) -> Option<&str> {
    let [keyword, name, after, ..] = words else {
        return None;
    };
    let is_module = keyword.text == "mod" && starts_with(words, &["mod", &name.text, "{"]);
    let is_type = TYPE_KEYWORDS.contains(&keyword.text.as_str()) && after.text != "!";
    (is_module || is_type).then_some(name.text.as_str())
}

fn is_banned(keyword: &str, name: &str) -> bool {
    match keyword {
        "mod" => MODULES.contains(&name),
        // How a trait from outside calls a type that its implementors name.
        "type" if TYPE_ENDINGS.contains(&name) => false,
        _ => TYPE_ENDINGS.iter().any(|ending| name.ends_with(ending)),
    }
}

fn say(name: &str) -> String {
    format!("`{name}` says nothing: name it after what it is in the field")
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::{lines, tree::TextFile};
    use super::*;

    fn check_file(path: &str, text: &str, expected: Expect) {
        let file = TextFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        expected.assert_eq(&lines(&check(&RustFile::parse(&file).ok().unwrap())));
    }

    #[test]
    fn crates_and_modules_are_named_after_something() {
        check_file(
            "crates/common/src/utils.rs",
            "mod helpers { mod inner {} }\nmod time {}",
            expect![["
                crates/common/src/utils.rs: `common` says nothing: name it after what it is in the field
                crates/common/src/utils.rs: `utils` says nothing: name it after what it is in the field
                crates/common/src/utils.rs:1: `helpers` says nothing: name it after what it is in the field
            "]],
        );
    }

    #[test]
    fn types_are_named_after_something() {
        check_file(
            "src/a.rs",
            "struct AgentManager;\nenum UnitData {}\ntype RunInfo = ();\nstruct Database;\nfn f(d: UnitData) {}\n\
             impl Body for B { type Data = (); }",
            expect![["
                src/a.rs:1: `AgentManager` says nothing: name it after what it is in the field
                src/a.rs:2: `UnitData` says nothing: name it after what it is in the field
                src/a.rs:3: `RunInfo` says nothing: name it after what it is in the field
            "]],
        );
    }
}
