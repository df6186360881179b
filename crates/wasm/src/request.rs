//! What a caller asks for: a scenario's text with the files and values that belong to it, and which run of it.

use pluriverse_host::{
    document::Finding,
    scenario::{self, GivenFiles},
};
use pluriverse_kernel::{
    ledger::Ledger,
    scenario::{Draft, FileSource, RunKey, Scenario},
};
use pluriverse_store::{NotedFiles, Provenance};
use serde::Deserialize;

use crate::fault::Fault;

/// A scenario, and which run of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    name: String,
    text: String,
    #[serde(default)]
    overrides: Vec<(String, String)>,
    /// In decimal: JavaScript's numbers do not hold every seed.
    seed: Option<String>,
    replication: Option<String>,
    #[serde(default = "one")]
    pub(crate) replications: u64,
    #[serde(default)]
    keep_ledger: bool,
}

fn one() -> u64 {
    1
}

/// A scenario that was read.
pub(crate) struct Loaded {
    pub(crate) scenario: Box<dyn Scenario>,
    pub(crate) key: RunKey,
    pub(crate) provenance: Provenance,
}

impl Request {
    /// # Errors
    /// When the words are none of ours: a defect of the caller.
    pub(crate) fn parse(words: &[u8]) -> Result<Self, Fault> {
        serde_json::from_slice(words).map_err(|error| Fault::usage(error.to_string()))
    }

    /// Everything that can be said about the scenario; no error among it when it can be run.
    pub(crate) fn check(&self, files: &GivenFiles) -> Vec<Finding> {
        let found = match scenario::read(self.draft(files)) {
            Ok((_, warnings)) => warnings,
            Err(found) => found,
        };
        found
            .iter()
            .map(|one| Finding::new(one, &self.text))
            .collect()
    }

    fn draft<'a>(&'a self, files: &'a dyn FileSource) -> Draft<'a> {
        Draft {
            file: &self.name,
            text: &self.text,
            overrides: &self.overrides,
            files,
        }
    }

    /// Reads the scenario.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn load(&self, files: &GivenFiles) -> Result<Loaded, Fault> {
        let files = NotedFiles::new(files);
        let draft = self.draft(&files);
        let (scenario, _) = scenario::read(draft)
            .map_err(|found| Fault::scenario(&self.name, &self.text, &found))?;
        let key = RunKey {
            seed: number("seed", self.seed.as_deref())?.unwrap_or(scenario.defaults().seed),
            replication: number("replication", self.replication.as_deref())?.unwrap_or(0),
        };
        let provenance = Provenance {
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            revision: crate::exports::REVISION.to_owned(),
            seed: key.seed,
            replication: key.replication,
            ..Provenance::of(draft, &*scenario, files.digests())
        };
        Ok(Loaded {
            scenario,
            key,
            provenance,
        })
    }

    /// A ledger that keeps as much as the caller wants.
    pub(crate) fn ledger(&self) -> Ledger {
        if self.keep_ledger {
            Ledger::in_memory()
        } else {
            Ledger::hashed()
        }
    }
}

fn number(name: &str, text: Option<&str>) -> Result<Option<u64>, Fault> {
    let parse = |text: &str| {
        let refused = |_| {
            Fault::usage(format!(
                "`{name}` is {text}, expected a whole number from 0 to {}",
                u64::MAX
            ))
        };
        text.parse().map_err(refused)
    };
    text.map(parse).transpose()
}
