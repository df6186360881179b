//! What made a ledger: everything that a second run needs to make it again.
//!
//! Holds no clock time and no machine: two runs of the same thing write the same file.

use std::cell::RefCell;

use pluriverse_kernel::{
    scenario::{Draft, FileSource, RunKey, Scenario},
    time::SimTime,
    world::PastInput,
};
use serde::{Deserialize, Serialize};

/// The run that a ledger records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Version of the engine: `0.1.0`.
    pub engine: String,
    /// Revision that the engine was built from; empty when not known.
    pub revision: String,
    /// Kind of world.
    pub kind: String,
    /// The scenario file's name as the user gave it.
    pub scenario_file: String,
    /// The scenario file's whole text.
    pub scenario_text: String,
    /// Values set over those of the file: dotted key and TOML value, in order.
    pub overrides: Vec<(String, String)>,
    /// Files that the scenario refers to.
    pub files: Vec<FileDigest>,
    /// The run's seed.
    pub seed: u64,
    /// Which replication, from 0.
    pub replication: u64,
    /// Where the run was to end; `None` when it ends by itself.
    #[serde(rename = "until_nanos")]
    pub until: Option<SimTime>,
    /// What came from outside, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<PastInput>,
}

impl Provenance {
    /// What every run of `scenario` says that was read from `draft`, with `files` the ones that it refers to. Which
    /// run it is and what engine runs it are still to be said.
    #[must_use]
    pub fn of(draft: Draft<'_>, scenario: &dyn Scenario, files: Vec<FileDigest>) -> Self {
        Self {
            kind: scenario.kind().to_owned(),
            scenario_file: draft.file.to_owned(),
            scenario_text: draft.text.to_owned(),
            overrides: draft.overrides.to_vec(),
            files,
            until: scenario.defaults().until,
            ..Self::default()
        }
    }

    /// Which run it is.
    #[must_use]
    pub fn key(&self) -> RunKey {
        RunKey {
            seed: self.seed,
            replication: self.replication,
        }
    }

    /// The scenario, to be read again with `files` as the source of what it refers to.
    #[must_use]
    pub fn draft<'a>(&'a self, files: &'a dyn FileSource) -> Draft<'a> {
        Draft {
            file: &self.scenario_file,
            text: &self.scenario_text,
            overrides: &self.overrides,
            files,
        }
    }
}

/// A file that a scenario refers to, by content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    /// Its path as the scenario gives it.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// blake3 of its content, in hexadecimal.
    pub blake3: String,
}

impl FileDigest {
    /// The digest of a file with this content.
    #[must_use]
    pub fn of(path: &str, content: &[u8]) -> Self {
        Self {
            path: path.to_owned(),
            bytes: content.len() as u64,
            blake3: blake3::hash(content).to_hex().to_string(),
        }
    }

    /// Whether `content` is what the file held when the ledger was made.
    #[must_use]
    pub fn matches(&self, content: &[u8]) -> bool {
        *self == Self::of(&self.path, content)
    }
}

/// Passes files on and notes which were read, for [`Provenance::files`].
pub struct NotedFiles<'a> {
    source: &'a dyn FileSource,
    noted: RefCell<Vec<FileDigest>>,
}

impl<'a> NotedFiles<'a> {
    /// Notes what is read from `source`.
    #[must_use]
    pub fn new(source: &'a dyn FileSource) -> Self {
        Self {
            source,
            noted: RefCell::new(Vec::new()),
        }
    }

    /// The files read so far, each once, in the order of their first reading.
    #[must_use]
    pub fn digests(&self) -> Vec<FileDigest> {
        self.noted.borrow().clone()
    }
}

impl FileSource for NotedFiles<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let content = self.source.read(path)?;
        let digest = FileDigest::of(path, &content);
        let mut noted = self.noted.borrow_mut();
        if !noted.contains(&digest) {
            noted.push(digest);
        }
        Ok(content)
    }
}
