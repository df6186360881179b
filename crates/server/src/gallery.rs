//! The scenarios that come with the program: what each is about, its text, and the files that it refers to.

use std::{cell::RefCell, collections::BTreeMap, sync::LazyLock};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use pluriverse_host::scenario;
use pluriverse_kernel::scenario::{Draft, FileSource};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{embedded::SCENARIOS, scenario::ScenarioText};

/// A scenario of the gallery.
#[derive(Serialize, ToSchema)]
pub(crate) struct GalleryEntry {
    /// Its file's name.
    name: &'static str,
    /// One line about it.
    title: String,
    /// The kind of its worlds.
    kind: &'static str,
    /// What its text begins with: the story, for people.
    story: String,
    #[serde(skip)]
    text: &'static str,
    #[serde(skip)]
    files: Vec<&'static str>,
}

/// The whole gallery, in the order of names.
pub(crate) static GALLERY: LazyLock<Vec<GalleryEntry>> = LazyLock::new(|| {
    let texts = SCENARIOS.iter().filter_map(|(name, content)| {
        let is_scenario = name.ends_with(".toml") || name.ends_with(".json");
        Some((
            *name,
            std::str::from_utf8(content).ok().filter(|_| is_scenario)?,
        ))
    });
    texts.filter_map(|(name, text)| entry(name, text)).collect()
});

/// Files of the program, noting which are read.
#[derive(Default)]
struct EmbeddedFiles(RefCell<Vec<&'static str>>);

impl FileSource for EmbeddedFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let (name, content) = SCENARIOS
            .iter()
            .find(|(name, _)| *name == path)
            .ok_or_else(|| format!("the gallery has no `{path}`"))?;
        self.0.borrow_mut().push(name);
        Ok(content.to_vec())
    }
}

fn entry(name: &'static str, text: &'static str) -> Option<GalleryEntry> {
    let files = EmbeddedFiles::default();
    let draft = Draft {
        file: name,
        text,
        overrides: &[],
        files: &files,
    };
    let (scenario, _) = scenario::read(draft).ok()?;
    let mut files = files.0.into_inner();
    files.sort_unstable();
    files.dedup();
    Some(GalleryEntry {
        name,
        title: scenario.title().to_owned(),
        kind: scenario.kind(),
        story: story(text),
        text,
        files,
    })
}

/// The comment that a text begins with; an empty comment line parts paragraphs.
fn story(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix('#'));
    let lines: Vec<_> = lines
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect();
    lines.join("\n")
}

/// The scenario of this name, with its files.
pub(crate) fn find(name: &str) -> Option<ScenarioText> {
    let entry = GALLERY.iter().find(|entry| entry.name == name)?;
    let content = |file: &str| {
        SCENARIOS
            .iter()
            .find(|(name, _)| *name == file)
            .map(|(_, content)| *content)
    };
    let files = entry
        .files
        .iter()
        .filter_map(|file| Some(((*file).to_owned(), STANDARD.encode(content(file)?))));
    Some(ScenarioText {
        name: entry.name.to_owned(),
        text: entry.text.to_owned(),
        files: files.collect::<BTreeMap<_, _>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_in_the_gallery_with_a_story_and_its_files() {
        let scenarios = SCENARIOS.iter().filter(|(name, _)| name.ends_with(".toml"));
        assert_eq!(GALLERY.len(), scenarios.count());
        for entry in &*GALLERY {
            assert!(
                !entry.story.is_empty() && !entry.title.is_empty(),
                "{}",
                entry.name
            );
        }
        let trace = find("claims-trace.toml").unwrap();
        assert_eq!(trace.files.keys().collect::<Vec<_>>(), ["claims.csv"]);
        assert!(find("../Cargo.toml").is_none());
    }
}
