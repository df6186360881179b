//! Every flag of the command line is read by something.
//!
//! Looks at the structs and enums of `crates/cli` that derive clap's `Args`, `Parser` or `Subcommand`, and
//! asks that each named field is read as `.field` or taken apart as `{ field, … }` in code that ships. Goes by
//! names: two flags of one name vouch for each other, and the compiler's own check for fields that are never
//! read, which goes by type, is the finer one for private fields.

use std::collections::BTreeSet;

use super::Finding;
use super::source::{RustFile, Word, starts_with};

const DERIVES: &[&str] = &["Args", "Parser", "Subcommand"];

/// A named field of a struct or variant that clap fills in.
struct Flag {
    path: String,
    name: String,
    line: usize,
}

/// Checks the files of the command-line crate among `files`.
pub(super) fn check(files: &[RustFile<'_>]) -> Vec<Finding> {
    let mut flags = Vec::new();
    let mut names_read = BTreeSet::new();
    for file in files
        .iter()
        .filter(|file| file.file.path.starts_with("crates/cli/src/"))
    {
        let rest = take_definitions(file, &mut flags);
        names_read.extend(names_read_in(&rest));
    }
    flags.retain(|flag| !names_read.contains(&flag.name));
    let report = |flag: Flag| {
        Finding::new(
            &flag.path,
            flag.line,
            format!("nobody reads the flag `{}`", flag.name),
        )
    };
    flags.into_iter().map(report).collect()
}

/// Moves the fields of clap's definitions to `flags`, and returns the other words of the file.
fn take_definitions(file: &RustFile<'_>, flags: &mut Vec<Flag>) -> Vec<Word> {
    let mut others = Vec::new();
    let mut words = file.shipped.as_slice();
    let mut is_clap = false;
    while let Some(word) = words.first() {
        if starts_with(words, &["#", "[", "derive", "("]) {
            let end = end_of_group(&words[1..]) + 1;
            is_clap = words[..end]
                .iter()
                .any(|word| DERIVES.contains(&word.text.as_str()));
            words = &words[end..];
            continue;
        }
        if ["struct", "enum"].contains(&word.text.as_str()) && std::mem::take(&mut is_clap) {
            let Some(open) = words
                .iter()
                .position(|word| ["{", ";"].contains(&word.text.as_str()))
            else {
                break;
            };
            if words[open].text == "{" {
                let end = open + end_of_group(&words[open..]);
                flags.extend(fields(&words[open + 1..end - 1]).map(|word| Flag {
                    path: file.file.path.clone(),
                    name: word.text.trim_start_matches("r#").to_owned(),
                    line: word.line,
                }));
                words = &words[end..];
                continue;
            }
        }
        others.push(word.clone());
        words = &words[1..];
    }
    others
}

/// Named fields in the body of a struct or of an enum's variants: identifiers before a lone colon, but for
/// those inside parentheses and brackets (attributes, types).
fn fields(body: &[Word]) -> impl Iterator<Item = &Word> {
    let mut depth = 0_usize;
    body.windows(2).filter_map(move |window| {
        match window[0].text.as_str() {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0 && window[1].text == ":").then_some(&window[0])
    })
}

/// How many words the bracketed group takes that `words` begins with.
fn end_of_group(words: &[Word]) -> usize {
    let mut depth = 0_usize;
    for (index, word) in words.iter().enumerate() {
        match word.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return index + 1;
        }
    }
    words.len()
}

/// Names that stand as `.name` without a call, or alone between commas in braces.
fn names_read_in(words: &[Word]) -> BTreeSet<String> {
    let is_read = |window: &&[Word]| {
        let [before, _, after] = *window else {
            return false;
        };
        let is_field = before.text == "." && after.text != "(";
        let is_taken_apart =
            ["{", ","].contains(&before.text.as_str()) && [",", "}"].contains(&after.text.as_str());
        is_field || is_taken_apart
    };
    words
        .windows(3)
        .filter(is_read)
        .map(|window| window[1].text.trim_start_matches("r#").to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::{lines, tree::Tree};
    use super::*;

    fn check_files(files: &[(&str, &str)], expected: Expect) {
        let tree = Tree::of(files);
        let parsed: Vec<_> = tree
            .files
            .iter()
            .filter_map(|file| RustFile::parse(file).ok())
            .collect();
        assert_eq!(parsed.len(), files.len());
        expected.assert_eq(&lines(&check(&parsed)));
    }

    #[test]
    fn a_flag_that_nobody_reads_is_found() {
        check_files(
            &[
                (
                    "crates/cli/src/args.rs",
                    "#[derive(Debug, clap::Args)]\npub struct RunArgs {\n#[arg(long, value_parser = f(x: y))]\n\
                     pub seed: Option<u64>,\npub quiet: bool,\npub horizon: a::Duration,\n}\n\
                     #[derive(Debug)]\nstruct Plain { unread: u8 }",
                ),
                (
                    "crates/cli/src/run.rs",
                    "fn run(args: &RunArgs) { go(args.seed); println!(\"quiet\") }\n\
                     #[cfg(test)]\nmod tests { fn f(a: RunArgs) { a.quiet } }",
                ),
                ("crates/store/src/lib.rs", "fn f() { a.horizon }"),
            ],
            expect![["
                crates/cli/src/args.rs:5: nobody reads the flag `quiet`
                crates/cli/src/args.rs:6: nobody reads the flag `horizon`
            "]],
        );
    }

    #[test]
    fn the_fields_of_subcommands_count_and_may_be_taken_apart() {
        check_files(
            &[(
                "crates/cli/src/main.rs",
                "#[derive(Subcommand)]\nenum Command { Schema { kind: Kind, pretty: bool }, Run(RunArgs) }\n\
                 fn main() { match command { Command::Schema { kind, .. } => kind.show(), Command::Run(_) => {} } }",
            )],
            expect![["
                crates/cli/src/main.rs:2: nobody reads the flag `pretty`
            "]],
        );
    }
}
