//! From a path to a scenario: reads the file, and says what is there where it cannot be read.
//!
//! What a scenario refers to is noted with its digest, so that a ledger can say what made it.

use std::path::{Path, PathBuf};

use pluriverse_host::scenario::{self, nearest};
use pluriverse_kernel::{
    diagnostic::Diagnostic,
    scenario::{Draft, FileSource, NoFiles, RunKey, Scenario},
};
use pluriverse_store::{FileDigest, NotedFiles, Provenance};

use crate::disk::{self, DiskFiles, Refusal};

/// Largest scenario file.
const TEXT_LIMIT_BYTES: u64 = 64 << 20;

/// A file's text, under the name that findings call it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// The name, as the user gave it.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// Why there is no scenario: everything that is wrong, and the texts that it is wrong in.
#[derive(Debug)]
pub struct Refused {
    /// What is wrong; at least one error.
    pub findings: Vec<Diagnostic>,
    /// What findings point into.
    pub sources: Vec<SourceText>,
}

impl From<Diagnostic> for Refused {
    fn from(finding: Diagnostic) -> Self {
        Self {
            findings: vec![finding],
            sources: Vec::new(),
        }
    }
}

/// A scenario and what it came from.
pub struct Loaded {
    /// The scenario.
    pub scenario: Box<dyn Scenario>,
    /// Its text.
    pub source: SourceText,
    /// Values set over those of the text: dotted key and TOML value, in order.
    pub overrides: Vec<(String, String)>,
    /// What the user should know.
    pub warnings: Vec<Diagnostic>,
    /// The files that it refers to.
    pub files: Vec<FileDigest>,
}

impl Loaded {
    /// What a ledger of the run `key` says of its origin; which engine runs it is still to be said.
    #[must_use]
    pub fn provenance(&self, key: RunKey) -> Provenance {
        let draft = Draft {
            file: &self.source.name,
            text: &self.source.text,
            overrides: &self.overrides,
            files: &NoFiles,
        };
        Provenance {
            seed: key.seed,
            replication: key.replication,
            ..Provenance::of(draft, &*self.scenario, self.files.clone())
        }
    }
}

/// Reads the scenario file at `path`, with `overrides` set over it.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(path: &Path, overrides: Vec<(String, String)>) -> Result<Loaded, Refused> {
    let source = read_text(path)?;
    read(
        source,
        overrides,
        &DiskFiles::from_folder(disk::folder_of(path)),
    )
}

/// Reads a scenario from its text; what it refers to comes from `files`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(
    source: SourceText,
    overrides: Vec<(String, String)>,
    files: &dyn FileSource,
) -> Result<Loaded, Refused> {
    let files = NotedFiles::new(files);
    let draft = Draft {
        file: &source.name,
        text: &source.text,
        overrides: &overrides,
        files: &files,
    };
    match scenario::read(draft) {
        Ok((scenario, warnings)) => Ok(Loaded {
            scenario,
            source,
            overrides,
            warnings,
            files: files.digests(),
        }),
        Err(findings) => Err(Refused {
            findings,
            sources: vec![source],
        }),
    }
}

/// Reads the text of a scenario or an experiment.
///
/// # Errors
/// What is there instead.
pub fn read_text(path: &Path) -> Result<SourceText, Refused> {
    let name = path.display().to_string();
    let bytes = disk::read_at_most(path, TEXT_LIMIT_BYTES).map_err(|refusal| {
        let found = finding(refusal.about(path));
        Refused::from(match refusal {
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
        Refused::from(
            finding(message).expected("TOML, or JSON in a file that ends in `.json`, in UTF-8"),
        )
    })?;
    Ok(SourceText { name, text })
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

/// An error that is about the call as a whole, not about a file's text.
fn finding(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("", message)
}
