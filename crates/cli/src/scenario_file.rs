//! From a path to a scenario: reads the file, finds out its kind, has the kind read it.
//!
//! The file's `kind` is looked up even where the rest is wrong, so that the kind itself can say what is wrong.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use jsonc_parser::ast;
use pluriverse_kernel::{
    diagnostic::Diagnostic,
    scenario::{Draft, Kind, Scenario},
};
use pluriverse_store::{FileDigest, NotedFiles};
use toml::de::{DeTable, DeValue};

use crate::{
    disk::{self, DiskFiles, Refusal},
    failure::{Failure, finding},
    kinds::{self, KINDS},
};

/// Largest scenario file.
const TEXT_LIMIT_BYTES: u64 = 64 << 20;
/// How alike (0 to 1) a name must be to be taken for a misspelling.
const ALIKE: f64 = 0.75;

/// Dots that a key may have.
const KEY_DOTS_MAX: usize = 64;

/// A file's text, under the name that findings call it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceText {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A scenario and what it came from.
pub(crate) struct Loaded {
    pub(crate) scenario: Box<dyn Scenario>,
    pub(crate) source: SourceText,
    pub(crate) overrides: Vec<(String, String)>,
    pub(crate) warnings: Vec<Diagnostic>,
    pub(crate) files: Vec<FileDigest>,
}

/// Reads the scenario file at `path`, with `overrides` set over it.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn load(path: &Path, overrides: Vec<(String, String)>) -> Result<Loaded, Failure> {
    let source = read_text(path)?;
    read(
        source,
        overrides,
        &DiskFiles::from_folder(disk::folder_of(path)),
    )
}

/// Reads a scenario from its text.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn read(
    source: SourceText,
    overrides: Vec<(String, String)>,
    files: &DiskFiles,
) -> Result<Loaded, Failure> {
    let files = NotedFiles::new(files);
    let kind = match find_kind(&source) {
        Ok(kind) => kind,
        Err(finding) => return Err(Failure::scenario(vec![*finding], vec![source])),
    };
    let draft = Draft {
        file: &source.name,
        text: &source.text,
        overrides: &overrides,
        files: &files,
    };
    match kind.read(draft) {
        Ok((scenario, warnings)) => Ok(Loaded {
            scenario,
            source,
            overrides,
            warnings,
            files: files.into_digests(),
        }),
        Err(findings) => Err(Failure::scenario(findings, vec![source])),
    }
}

fn read_text(path: &Path) -> Result<SourceText, Failure> {
    let name = path.display().to_string();
    let bytes = disk::read_at_most(path, TEXT_LIMIT_BYTES).map_err(|refusal| {
        let found = finding(refusal.about(path));
        Failure::input(match refusal {
            Refusal::Missing => found.help(similar_files(path)),
            Refusal::Folder => found.help(scenarios_in(path)),
            Refusal::TooLarge(_) => found
                .expected("a scenario file")
                .help("recorded data belongs into files that a scenario refers to"),
            Refusal::Io(_) => found.help("name a scenario file that you may read"),
        })
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(place).copied().unwrap_or_default();
        let message = format!("`{name}` is no text: byte {place} is 0x{byte:02x}");
        Failure::input(
            finding(message).expected("TOML, or JSON in a file that ends in `.json`, in UTF-8"),
        )
    })?;
    Ok(SourceText { name, text })
}

/// The kind that a scenario says it is.
fn find_kind(source: &SourceText) -> Result<&'static dyn Kind, Box<Diagnostic>> {
    let file = source.name.as_str();
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
        let meant = nearest(&name, KINDS.iter().map(|kind| kind.name().to_owned()));
        Box::new(match meant {
            Some(meant) => unknown.help(format!("did you mean `{meant}`?")),
            None => unknown,
        })
    })
}

/// A kind's name (`None` when the value is no text) and its place.
type KindValue = (Option<String>, std::ops::Range<usize>);

fn kind_of_toml(source: &SourceText) -> Result<Option<KindValue>, Box<Diagnostic>> {
    let text = without_deep_keys(&source.text);
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
    let finding = Diagnostic::error(&source.name, format!("this is no TOML: {message}"));
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

fn kind_of_json(source: &SourceText) -> Result<Option<KindValue>, Box<Diagnostic>> {
    let parsed = jsonc_parser::parse_to_ast(&source.text, &Default::default(), &Default::default());
    let parsed = parsed.map_err(|error| {
        let range = error.range();
        let message = format!("this is no JSON: {}", error.kind());
        Box::new(Diagnostic::error(&source.name, message).at(range.start..range.end))
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

/// The candidate that `name` most likely stands for.
fn nearest(name: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
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

/// Advice for a path at which there is nothing.
fn similar_files(path: &Path) -> String {
    let wanted = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let folder = disk::folder_of(path);
    if !folder.is_dir() {
        return format!("there is no folder `{}` either", folder.display());
    }
    match nearest(&wanted, scenario_names(folder)) {
        Some(meant) => format!("did you mean `{}`?", path.with_file_name(meant).display()),
        None => "check the path".to_owned(),
    }
}

/// Advice for a folder.
fn scenarios_in(folder: &Path) -> String {
    let mut names: Vec<PathBuf> = scenario_names(folder)
        .map(|name| folder.join(name))
        .collect();
    names.sort();
    match names.first() {
        Some(first) => format!("name a file in it, for example `{}`", first.display()),
        None => "name a scenario file".to_owned(),
    }
}

fn scenario_names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with(".toml") || name.ends_with(".json"))
}
