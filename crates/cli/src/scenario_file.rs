//! From a path to a scenario: reads the file, and says what is there where it cannot be read.

use std::path::{Path, PathBuf};

use pluriverse_host::scenario::{self, nearest};
use pluriverse_kernel::{
    diagnostic::Diagnostic,
    scenario::{Draft, Scenario},
};
use pluriverse_store::{FileDigest, NotedFiles};

use crate::{
    disk::{self, DiskFiles, Refusal},
    failure::{Failure, finding},
};

/// Largest scenario file.
const TEXT_LIMIT_BYTES: u64 = 64 << 20;

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
        Err(findings) => Err(Failure::scenario(findings, vec![source])),
    }
}

/// Reads the text of a scenario or an experiment.
///
/// # Errors
/// Says what is there instead.
pub(crate) fn read_text(path: &Path) -> Result<SourceText, Failure> {
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
