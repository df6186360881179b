//! What is known of a run besides its ledger.

use std::{
    fmt,
    hash::{BuildHasher as _, RandomState},
    str::FromStr,
};

use pluriverse_store::Provenance;
use serde::{Deserialize, Serialize, Serializer, de};
use serde_json::value::RawValue;

use crate::{
    clock::{now_millis, rfc_3339},
    error::ArchiveError,
};

/// The name of a run: up to 100 letters, digits, `-`, `_` and `.`, not beginning with a dot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RunId(String);

/// Most characters of an id.
const ID_LENGTH_MAX: usize = 100;

impl RunId {
    /// A name that no other run has: the time, and a random number.
    #[must_use]
    pub fn fresh() -> Self {
        let millis = now_millis();
        let random = RandomState::new().hash_one(millis);
        let digits = rfc_3339(millis).replace(['-', ':', '.', 'Z'], "");
        Self(format!(
            "{}-{:010x}",
            digits.to_ascii_lowercase(),
            random >> 24
        ))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RunId {
    type Err = ArchiveError;

    fn from_str(text: &str) -> Result<Self, ArchiveError> {
        let is_fit = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        if text.is_empty()
            || text.len() > ID_LENGTH_MAX
            || text.starts_with('.')
            || !text.chars().all(is_fit)
        {
            return Err(ArchiveError::Invalid {
                what: "the run's id",
                got: text.chars().take(ID_LENGTH_MAX).collect(),
                expected: format!("1 to {ID_LENGTH_MAX} letters, digits, `-`, `_` and `.`"),
            });
        }
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Where a run was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// By the server.
    Server,
    /// In a browser.
    Browser,
    /// On the command line.
    Cli,
}

impl Source {
    const ALL: [Self; 3] = [Self::Server, Self::Browser, Self::Cli];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Browser => "browser",
            Self::Cli => "cli",
        }
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It waits for its turn.
    Queued,
    /// It goes on.
    Running,
    /// It has ended as planned.
    Complete,
    /// It has ended with an error.
    Failed,
    /// Somebody has stopped it.
    Cancelled,
}

impl Status {
    const ALL: [Self; 5] = [
        Self::Queued,
        Self::Running,
        Self::Complete,
        Self::Failed,
        Self::Cancelled,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Finds `text` among names; what is in the database but not among them is of nobody known.
fn named<T: Copy>(
    all: &[T],
    name: impl Fn(T) -> &'static str,
    what: &'static str,
    text: &str,
) -> Result<T, ArchiveError> {
    let found = all.iter().copied().find(|value| name(*value) == text);
    found.ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|value| name(*value)).collect();
        ArchiveError::Invalid {
            what,
            got: text.to_owned(),
            expected: names.join(", "),
        }
    })
}

impl FromStr for Source {
    type Err = ArchiveError;

    fn from_str(text: &str) -> Result<Self, ArchiveError> {
        named(&Self::ALL, Self::name, "the source", text)
    }
}

impl FromStr for Status {
    type Err = ArchiveError;

    fn from_str(text: &str) -> Result<Self, ArchiveError> {
        named(&Self::ALL, Self::name, "the status", text)
    }
}

/// An instant of the wall clock, to the millisecond; written as RFC 3339 does: `2026-11-20T16:04:35.120Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant {
    /// Milliseconds since 1970 in UTC.
    pub unix_millis: i64,
}

impl fmt::Display for Instant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&rfc_3339(self.unix_millis))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A run that is about to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// Its name.
    pub id: RunId,
    /// Where it is made.
    pub source: Source,
    /// How far it is.
    pub status: Status,
    /// Kind of world.
    pub kind: String,
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's text.
    pub scenario_text: String,
    /// Values set over those of the text: dotted key and TOML value, in order.
    pub overrides: Vec<(String, String)>,
    /// The seed.
    pub seed: u64,
    /// How many replications.
    pub replications: u64,
    /// Version of the engine.
    pub engine: String,
    /// Revision that the engine was built from; empty when not known.
    pub revision: String,
}

impl NewRun {
    /// The complete run of one replication that `provenance` tells of. The scenario's name is its file's, without
    /// folder and ending.
    #[must_use]
    pub fn of(id: RunId, source: Source, provenance: &Provenance) -> Self {
        let file = &provenance.scenario_file;
        let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        Self {
            id,
            source,
            status: Status::Complete,
            kind: provenance.kind.clone(),
            scenario: name.to_owned(),
            scenario_text: provenance.scenario_text.clone(),
            overrides: provenance.overrides.clone(),
            seed: provenance.seed,
            replications: 1,
            engine: provenance.engine.clone(),
            revision: provenance.revision.clone(),
        }
    }
}

/// A run, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunSummary {
    /// Its name.
    pub id: RunId,
    /// When it was written down first.
    pub created_at: Instant,
    /// Where it was made.
    pub source: Source,
    /// How far it is.
    pub status: Status,
    /// Why it failed.
    pub failure: Option<String>,
    /// Kind of world.
    pub kind: String,
    /// The scenario's name.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// How many replications.
    pub replications: u64,
    /// Version of the engine.
    pub engine: String,
    /// Revision that the engine was built from; empty when not known.
    pub revision: String,
    /// The ledger's hash, or one over all replications' ledgers.
    pub ledger_hash: Option<String>,
    /// Rows of the ledger that is here; `null` when none is.
    pub ledger_rows: Option<u64>,
}

/// A run with everything but its ledger.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// What a list shows.
    #[serde(flatten)]
    pub summary: RunSummary,
    /// The scenario's text.
    pub scenario_text: String,
    /// Values set over those of the text.
    pub overrides: Vec<(String, String)>,
    /// What it came to: JSON as `pluriverse run --format json` prints it; `null` when not known.
    pub results: Option<Box<RawValue>>,
}
