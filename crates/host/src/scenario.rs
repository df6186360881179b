//! From a text to a scenario: finds out its kind, has the kind read it.
//!
//! The text's `kind` is looked up even where the rest is wrong, so that the kind itself can say what is wrong.

use std::{borrow::Cow, collections::BTreeMap, path::Path};

use jsonc_parser::ast;
use pluriverse_kernel::{
    diagnostic::Diagnostic,
    scenario::{Draft, FileSource, Kind, Reading},
};
use toml::de::{DeTable, DeValue};

use crate::kinds::{self, KINDS};

/// How alike (0 to 1) a name must be to be taken for a misspelling.
const ALIKE: f64 = 0.75;

/// The `kind` of experiment files, which describe no world.
const EXPERIMENT: &str = "experiment";

/// Dots that a key may have.
const KEY_DOTS_MAX: usize = 64;

/// Files in memory, by the path that a scenario gives; a leading `./` makes no difference.
#[derive(Clone, Debug, Default)]
pub struct GivenFiles(BTreeMap<String, Vec<u8>>);

impl GivenFiles {
    /// Takes a file.
    pub fn insert(&mut self, path: &str, content: Vec<u8>) {
        self.0.insert(from_here(path).to_owned(), content);
    }
}

impl FileSource for GivenFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let found = self.0.get(from_here(path));
        found
            .cloned()
            .ok_or_else(|| format!("`{path}` is not among the files that came with the scenario"))
    }
}

fn from_here(path: &str) -> &str {
    path.trim_start_matches("./")
}

/// Reads the scenario of `draft`, of whatever kind it says it is.
///
/// # Errors
/// Everything that is wrong with it, at least one finding of severity error.
pub fn read(draft: Draft<'_>) -> Reading {
    match find_kind(draft) {
        Ok(kind) => kind.read(draft),
        Err(finding) => Err(vec![*finding]),
    }
}

/// The kind that a scenario says it is.
fn find_kind(source: Draft<'_>) -> Result<&'static dyn Kind, Box<Diagnostic>> {
    let file = source.file;
    let example = format!(
        "begin it with `kind = \"{}\"`; there is {}",
        KINDS[0].name(),
        listed()
    );
    if source.text.trim_start_matches('\u{feff}').trim().is_empty() {
        let empty = Diagnostic::error(file, "the file is empty");
        return Err(Box::new(empty.expected("a scenario").help(example)));
    }
    let ending = Path::new(file).extension();
    let is_json = ending.is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    let found = if is_json {
        kind_of_json(source)?
    } else {
        kind_of_toml(source)?
    };
    let Some((name, span)) = found else {
        let missing = Diagnostic::error(file, "the file does not say its kind");
        return Err(Box::new(missing.help(example)));
    };
    let Some(name) = name else {
        let wrong = Diagnostic::error(file, "`kind` is no text");
        return Err(Box::new(wrong.at(span).expected(listed())));
    };
    kinds::find(&name).ok_or_else(|| {
        let unknown = Diagnostic::error(file, format!("there is no kind `{name}`"));
        let unknown = unknown.at(span).expected(listed());
        if name == EXPERIMENT {
            return Box::new(
                unknown.help("an experiment is no world: `pluriverse experiment` runs it"),
            );
        }
        let meant = nearest(&name, KINDS.iter().map(|kind| kind.name().to_owned()));
        Box::new(match meant {
            Some(meant) => unknown.help(format!("did you mean `{meant}`?")),
            None => unknown,
        })
    })
}

/// A kind's name (`None` when the value is no text) and its place.
type KindValue = (Option<String>, std::ops::Range<usize>);

fn kind_of_toml(source: Draft<'_>) -> Result<Option<KindValue>, Box<Diagnostic>> {
    let text = without_deep_keys(source.text);
    let (table, errors) = DeTable::parse_recoverable(&text);
    if let Some(value) = table.get_ref().get("kind") {
        let name = match value.get_ref() {
            DeValue::String(name) => Some(name.to_string()),
            _ => None,
        };
        return Ok(Some((name, value.span())));
    }
    let Some(error) = errors.first() else {
        return Ok(None);
    };
    let message = error.message().lines().next().unwrap_or("it has an error");
    let finding = Diagnostic::error(source.file, format!("this is no TOML: {message}"));
    Err(Box::new(match error.span() {
        Some(span) => finding.at(span),
        None => finding,
    }))
}

/// The text with blanks in the place of lines whose keys have so many dots that their tables would be deeper
/// than the stack. Whoever reads the file as a whole says what is wrong with them.
fn without_deep_keys(text: &str) -> Cow<'_, str> {
    let is_deep = |line: &str| {
        let key = line.split(['=', '#']).next().unwrap_or("");
        key.bytes().filter(|byte| *byte == b'.').count() > KEY_DOTS_MAX
    };
    if !text.lines().any(is_deep) {
        return Cow::Borrowed(text);
    }
    let lines = text.split_inclusive('\n');
    Cow::Owned(
        lines
            .map(|line| {
                if is_deep(line) {
                    " ".repeat(line.len() - 1) + "\n"
                } else {
                    line.to_owned()
                }
            })
            .collect(),
    )
}

fn kind_of_json(source: Draft<'_>) -> Result<Option<KindValue>, Box<Diagnostic>> {
    let parsed = jsonc_parser::parse_to_ast(source.text, &Default::default(), &Default::default());
    let parsed = parsed.map_err(|error| {
        let range = error.range();
        let message = format!("this is no JSON: {}", error.kind());
        Box::new(Diagnostic::error(source.file, message).at(range.start..range.end))
    })?;
    let Some(ast::Value::Object(object)) = parsed.value else {
        return Ok(None);
    };
    let property = object
        .properties
        .iter()
        .find(|property| property.name.as_str() == "kind");
    Ok(property.map(|property| {
        let range = jsonc_parser::common::Ranged::range(&property.value);
        let name = match &property.value {
            ast::Value::StringLit(literal) => Some(literal.value.to_string()),
            _ => None,
        };
        (name, range.start..range.end)
    }))
}

/// The kinds that there are, for a sentence.
fn listed() -> String {
    let names: Vec<_> = KINDS
        .iter()
        .map(|kind| format!("`{}`", kind.name()))
        .collect();
    names.join(", ")
}

/// The candidate that `name` is most likely a misspelling of.
pub fn nearest(name: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    let scored = candidates.map(|candidate| {
        (
            strsim::normalized_damerau_levenshtein(name, &candidate),
            candidate,
        )
    });
    let alike = scored.filter(|(score, _)| *score >= ALIKE || (name.len() <= 4 && *score >= 0.5));
    alike
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}
