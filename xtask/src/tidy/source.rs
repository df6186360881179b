//! Rust source as a flat list of words with their lines, comments gone and literals whole.
//!
//! A rule that looks for words here cannot be set off by prose or by a text literal. There are no types: a
//! rule that needs them belongs to clippy.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use super::Finding;
use super::tree::TextFile;

/// The attribute of what is compiled for tests only, as words.
pub(super) const CFG_TEST: &[&str] = &["cfg", "(", "test", ")"];

/// One token: an identifier, a literal, a delimiter, `::`, or any other single punctuation character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Counted from 1.
    pub(super) line: usize,
}

/// A parsed file.
pub(super) struct RustFile<'a> {
    pub(super) file: &'a TextFile,
    /// The whole file.
    pub(super) words: Vec<Word>,
    /// The file without what is compiled for tests only.
    pub(super) shipped: Vec<Word>,
}

/// A path as the source names it, `use` trees written out: `std::fs::File`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NamedPath {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
}

impl<'a> RustFile<'a> {
    /// Splits a file into words.
    ///
    /// # Errors
    /// A finding when the text is not made of Rust tokens.
    pub(super) fn parse(file: &'a TextFile) -> Result<Self, Finding> {
        let stream: TokenStream = file.text.parse().map_err(|error: proc_macro2::LexError| {
            let line = error.span().start().line;
            Finding::new(
                &file.path,
                line,
                "is not Rust: unbalanced brackets or an open literal",
            )
        })?;
        let shipped = words_without(stream.clone(), &[CFG_TEST]);
        Ok(Self {
            file,
            words: words_without(stream, &[]),
            shipped,
        })
    }

    /// Paths of the module files that this file declares under an attribute (given as words): `mod part;`.
    pub(super) fn modules_under(&self, attribute: &[&str]) -> Vec<String> {
        let path = &self.file.path;
        let folder = match path.rsplit_once('/') {
            Some((folder, "lib.rs" | "main.rs")) => folder,
            _ => path.trim_end_matches(".rs"),
        };
        let declaration = [&["#", "["], attribute, &["]"]].concat();
        let starts = (0..self.words.len()).map(|index| &self.words[index..]);
        let under = starts
            .filter(|words| starts_with(words, &declaration))
            .map(|words| &words[declaration.len()..]);
        under
            .filter_map(|words| {
                let at = words.iter().take(5).position(|word| word.text == "mod")?;
                let [name, end] = words.get(at + 1..at + 3)? else {
                    return None;
                };
                (end.text == ";").then(|| format!("{folder}/{}.rs", name.text))
            })
            .collect()
    }

    /// The shipped words without the items that stand under one of `attributes` (given as words).
    pub(super) fn shipped_without(&self, attributes: &[&[&str]]) -> Vec<Word> {
        let stream: TokenStream = self.file.text.parse().expect("parsed once before");
        words_without(stream, &[&[CFG_TEST], attributes].concat())
    }
}

/// Whether `words` begins with these texts.
pub(super) fn starts_with(words: &[Word], texts: &[&str]) -> bool {
    words.len() >= texts.len()
        && words
            .iter()
            .zip(texts)
            .all(|(word, text)| word.text == *text)
}

/// All paths that the words name, of one segment or more.
pub(super) fn named_paths(words: &[Word]) -> Vec<NamedPath> {
    let mut paths = Vec::new();
    let mut rest = words;
    while let Some(word) = rest.first() {
        rest = &rest[1..];
        if word.text == "use" {
            rest = write_out_use(rest, &[], &mut paths);
        } else if is_identifier(&word.text) {
            let mut segments = vec![word.text.clone()];
            while let [separator, next, ..] = rest
                && separator.text == "::"
                && is_identifier(&next.text)
            {
                segments.push(next.text.clone());
                rest = &rest[2..];
            }
            paths.push(NamedPath {
                segments,
                line: word.line,
            });
        }
    }
    paths
}

/// Reads one `use` tree below `prefix`, and returns the words after it.
fn write_out_use<'w>(
    mut rest: &'w [Word],
    prefix: &[String],
    paths: &mut Vec<NamedPath>,
) -> &'w [Word] {
    let mut segments = prefix.to_vec();
    let mut line = 0;
    while let Some(word) = rest.first() {
        match word.text.as_str() {
            "," | "}" | ";" => break,
            "{" => {
                rest = &rest[1..];
                while let Some(word) = rest.first()
                    && word.text != "}"
                {
                    rest = write_out_use(rest, &segments, paths);
                    if starts_with(rest, &[","]) {
                        rest = &rest[1..];
                    }
                }
                return rest.get(1..).unwrap_or_default();
            }
            "as" => rest = &rest[1..],
            "::" => {}
            name => {
                segments.push(name.to_owned());
                line = word.line;
            }
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    if segments.len() > prefix.len() {
        paths.push(NamedPath { segments, line });
    }
    rest
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Flattens a stream, leaving out the items that stand under one of `attributes`.
fn words_without(stream: TokenStream, attributes: &[&[&str]]) -> Vec<Word> {
    let mut words = Vec::new();
    flatten(stream, attributes, &mut words);
    words
}

fn flatten(stream: TokenStream, attributes: &[&[&str]], words: &mut Vec<Word>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        let mut push = |text: String| words.push(Word { text, line });
        match tree {
            TokenTree::Ident(name) => push(name.to_string()),
            TokenTree::Literal(literal) => push(literal.to_string()),
            TokenTree::Punct(punct)
                if punct.as_char() == ':'
                    && punct.spacing() == Spacing::Joint
                    && trees.next_if(|next| next.to_string() == ":").is_some() =>
            {
                push("::".to_owned());
            }
            TokenTree::Punct(punct) => {
                if punct.as_char() == '#'
                    && let Some(TokenTree::Group(group)) = trees.peek()
                    && names_one_of(group.stream(), attributes)
                {
                    trees.next();
                    skip_item(&mut trees);
                } else {
                    push(punct.to_string());
                }
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                push(open.to_owned());
                let close = Word {
                    text: close.to_owned(),
                    line: group.span_close().start().line,
                };
                flatten(group.stream(), attributes, words);
                words.push(close);
            }
        }
    }
}

fn names_one_of(attribute: TokenStream, attributes: &[&[&str]]) -> bool {
    if attributes.is_empty() {
        return false;
    }
    let words = words_without(attribute, &[]);
    attributes
        .iter()
        .any(|texts| words.len() == texts.len() && starts_with(&words, texts))
}

/// An item ends with its first braces or semicolon.
fn skip_item(trees: &mut impl Iterator<Item = TokenTree>) {
    for tree in trees {
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            TokenTree::Punct(punct) if punct.as_char() == ';' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check_words(text: &str, expected: Expect) {
        let file = TextFile {
            path: "a.rs".to_owned(),
            text: text.to_owned(),
        };
        let parsed = RustFile::parse(&file).ok().unwrap();
        let show = |word: &Word| format!("{}@{}", word.text, word.line);
        expected.assert_eq(
            &parsed
                .shipped
                .iter()
                .map(show)
                .collect::<Vec<_>>()
                .join(" "),
        );
    }

    fn check_paths(text: &str, expected: Expect) {
        let file = TextFile {
            path: "a.rs".to_owned(),
            text: text.to_owned(),
        };
        let parsed = RustFile::parse(&file).ok().unwrap();
        let show = |path: NamedPath| format!("{}@{}", path.segments.join("::"), path.line);
        let paths: Vec<_> = named_paths(&parsed.words).into_iter().map(show).collect();
        expected.assert_eq(&paths.join(" "));
    }

    #[test]
    fn comments_are_gone_and_texts_are_whole() {
        check_words(
            "// HashMap\nlet a = \"Instant::now()\"; /* std::fs */\na::b",
            expect![[r#"let@2 a@2 =@2 "Instant::now()"@2 ;@2 a@3 ::@3 b@3"#]],
        );
    }

    #[test]
    fn what_is_compiled_for_tests_only_is_not_shipped() {
        check_words(
            "#[cfg(test)] mod tests { use a; } #[cfg(test)] use b; #[cfg(not(test))] fn c() {}",
            expect!["#@1 [@1 cfg@1 (@1 not@1 (@1 test@1 )@1 )@1 ]@1 fn@1 c@1 (@1 )@1 {@1 }@1"],
        );
    }

    #[test]
    fn use_trees_are_written_out() {
        check_paths(
            "use std::{env, fs::{self, File as F}, time::*};\nx::y(a.b)",
            expect!["std::env@1 std::fs::self@1 std::fs::File@1 std::time::*@1 x::y@2 a@2 b@2"],
        );
    }

    #[test]
    fn module_files_under_an_attribute_are_named() {
        let text = "#[cfg(test)]\nmod tests;\n#[cfg(test)] pub(crate) mod oracle;\n#[cfg(test)] mod here {}\nmod a;";
        let modules = |path: &str| {
            let file = TextFile {
                path: path.to_owned(),
                text: text.to_owned(),
            };
            RustFile::parse(&file).ok().unwrap().modules_under(CFG_TEST)
        };
        assert_eq!(modules("src/lib.rs"), ["src/tests.rs", "src/oracle.rs"]);
        assert_eq!(
            modules("src/time.rs"),
            ["src/time/tests.rs", "src/time/oracle.rs"]
        );
    }

    #[test]
    fn an_unbalanced_file_is_a_finding() {
        let file = TextFile {
            path: "a.rs".to_owned(),
            text: "fn a() {\n(".to_owned(),
        };
        assert!(RustFile::parse(&file).is_err());
    }
}
