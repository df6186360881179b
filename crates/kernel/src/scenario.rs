//! A world on paper: what a host holds between reading a file and running it, whatever the kind.
//!
//! A [`Kind`] reads a file into a [`Scenario`]; a scenario makes any number of [`World`]s. Hosts list the kinds
//! they know once and match on none of them. Files that a scenario refers to come through [`FileSource`], so that
//! this ring needs no file system.

use crate::{
    diagnostic::Diagnostic,
    ledger::Ledger,
    model::Model,
    random::{Purpose, Stream, StreamKey},
    simulation::Simulation,
    time::SimTime,
    view::Diagram,
    world::World,
};

/// Reads the files that a scenario refers to, by the path that the scenario gives.
pub trait FileSource {
    /// The whole file.
    ///
    /// # Errors
    /// One sentence that says why it cannot be read.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// A [`FileSource`] without files, for scenarios that stand alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl FileSource for NoFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!(
            "`{path}` cannot be read here: this host has no files"
        ))
    }
}

/// A scenario file and what the caller changes in it.
#[derive(Clone, Copy)]
pub struct Draft<'a> {
    /// The file's name as the user gave it; errors carry it. `.json` is read as JSON, all else as TOML.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Values set over those of the file: dotted key and TOML value, in order.
    pub overrides: &'a [(String, String)],
    /// Where files come from that the scenario refers to.
    pub files: &'a dyn FileSource,
}

/// A kind of world: how its scenario files are read.
pub trait Kind: Sync {
    /// The word that a file's `kind` says.
    fn name(&self) -> &'static str;
    /// One sentence about it.
    fn summary(&self) -> &'static str;
    /// JSON Schema (2020-12) of its scenario files, as pretty-printed JSON.
    fn schema(&self) -> String;
    /// Reads a scenario; warnings come along with it.
    ///
    /// # Errors
    /// Everything that is wrong with the file, at least one of severity error.
    fn read(&self, draft: Draft<'_>) -> Reading;
}

/// A scenario with its warnings, or all that is wrong with its file.
pub type Reading = Result<(Box<dyn Scenario>, Vec<Diagnostic>), Vec<Diagnostic>>;

/// The bit of a replication's number that says that its draws are mirrored.
const MIRRORED: u64 = 1 << 63;

/// What distinguishes one run of a scenario from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunKey {
    /// The run's seed.
    pub seed: u64,
    /// Which replication, from 0; below 2⁶³, as the highest bit says that it is mirrored.
    pub replication: u64,
}

impl RunKey {
    /// The antithetic partner of this run: the same streams, each draw turned over ([`Stream::mirrored`]). Also its own
    /// partner's partner.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        Self {
            replication: self.replication ^ MIRRORED,
            ..self
        }
    }

    /// Whether draws are turned over.
    #[must_use]
    pub const fn is_mirrored(self) -> bool {
        self.replication & MIRRORED != 0
    }

    /// A stream of this run, at its start, by whom and what for; mirrored where the run is.
    #[must_use]
    pub fn stream(self, entity: u64, purpose: Purpose) -> Stream {
        let stream = Stream::new(StreamKey {
            seed: self.seed,
            replication: self.replication & !MIRRORED,
            entity,
            purpose,
        });
        if self.is_mirrored() {
            stream.mirrored()
        } else {
            stream
        }
    }
}

/// What a scenario says about runs when the caller says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunDefaults {
    /// Seed.
    pub seed: u64,
    /// Number of replications.
    pub replications: u64,
    /// Where a run ends; `None` when it ends by itself.
    pub until: Option<SimTime>,
}

/// A described world.
pub trait Scenario: Send + Sync {
    /// The kind's name.
    fn kind(&self) -> &'static str;
    /// The scenario's name.
    fn name(&self) -> &str;
    /// One line for people; may be empty.
    fn title(&self) -> &str;
    /// Defaults of a run.
    fn defaults(&self) -> RunDefaults;
    /// How the parts of its worlds hang together, where that can be drawn.
    fn diagram(&self) -> Option<Diagram> {
        None
    }
    /// A new world, before its start, that writes into `ledger` (which it clears but whose buffers it keeps).
    fn world(&self, key: RunKey, ledger: Ledger) -> Box<dyn World>;
}

/// A scenario written in Rust: a model that has not started, of which every run gets a copy.
#[derive(Clone, Debug)]
pub struct Prototype<M> {
    name: String,
    model: M,
}

impl<M: Model + Clone + Sync> Prototype<M> {
    /// The scenario of this name whose worlds begin as `model` is.
    pub fn new(name: impl Into<String>, model: M) -> Self {
        Self {
            name: name.into(),
            model,
        }
    }
}

impl<M: Model + Clone + Sync> Scenario for Prototype<M> {
    fn kind(&self) -> &'static str {
        M::KIND
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn title(&self) -> &str {
        ""
    }

    fn defaults(&self) -> RunDefaults {
        RunDefaults {
            seed: 1,
            replications: 1,
            until: None,
        }
    }

    fn world(&self, key: RunKey, ledger: Ledger) -> Box<dyn World> {
        Box::new(Simulation::new(self.model.clone(), key, ledger))
    }
}
