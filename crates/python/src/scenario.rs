//! Scenarios: read from a file or a text, with what they refer to, so that they can be sent to another machine.
//!
//! A scenario holds the content of every file that it was read with; pickled, it carries them along.

use std::{cell::RefCell, collections::BTreeMap, path::PathBuf, sync::Arc};

use pluriverse_files::{
    disk::{self, DiskFiles},
    render,
    scenario_file::{self, Loaded, SourceText},
};
use pluriverse_host::scenario::GivenFiles;
use pluriverse_kernel::{
    diagnostic::Diagnostic,
    scenario::{FileSource, RunDefaults, RunKey, Scenario as Described},
    time::SimTime,
};
use pluriverse_store::{FileDigest, Provenance};
use pyo3::{prelude::*, types::PyBytes};

use crate::fault::{Fault, finding_of};

/// Revision that the module was built from; empty where the build did not set `PLURIVERSE_REVISION`.
pub(crate) const REVISION: &str = match option_env!("PLURIVERSE_REVISION") {
    Some(revision) => revision,
    None => "",
};

/// Version and revision, for people.
pub(crate) fn shown_version() -> String {
    match REVISION {
        "" => env!("CARGO_PKG_VERSION").to_owned(),
        revision => format!("{} ({revision})", env!("CARGO_PKG_VERSION")),
    }
}

/// Values set over those of a text: dotted key and TOML value.
pub(crate) type Overrides = Vec<(String, String)>;
/// Files by the path that the scenario gives.
pub(crate) type Contents = BTreeMap<String, Vec<u8>>;
/// Name, text, overrides and files, for a pickle.
type Parts<'py> = (
    String,
    String,
    Overrides,
    BTreeMap<String, Bound<'py, PyBytes>>,
);

/// A scenario and everything that it was made of.
pub(crate) struct Held {
    pub(crate) scenario: Arc<dyn Described>,
    pub(crate) source: SourceText,
    pub(crate) overrides: Overrides,
    warnings: Vec<Diagnostic>,
    digests: Vec<FileDigest>,
    contents: Contents,
    folder: Option<PathBuf>,
}

impl Held {
    fn read(
        source: SourceText,
        overrides: Overrides,
        files: &dyn FileSource,
        folder: Option<PathBuf>,
    ) -> Result<Self, Fault> {
        let kept = KeptFiles {
            source: files,
            contents: RefCell::default(),
        };
        let Loaded {
            scenario,
            source,
            overrides,
            warnings,
            files: digests,
        } = scenario_file::read(source, overrides, &kept)?;
        Ok(Self {
            scenario: Arc::from(scenario),
            source,
            overrides,
            warnings,
            digests,
            contents: kept.contents.into_inner(),
            folder,
        })
    }

    /// What a ledger of the run `key` says of its origin.
    pub(crate) fn provenance(&self, key: RunKey) -> Provenance {
        Provenance {
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            revision: REVISION.to_owned(),
            kind: self.scenario.kind().to_owned(),
            scenario_file: self.source.name.clone(),
            scenario_text: self.source.text.clone(),
            overrides: self.overrides.clone(),
            files: self.digests.clone(),
            seed: key.seed,
            replication: key.replication,
            until: self.scenario.defaults().until,
            inputs: Vec::new(),
        }
    }

    pub(crate) fn defaults(&self) -> RunDefaults {
        self.scenario.defaults()
    }

    /// The warnings, a line each.
    pub(crate) fn warning_lines(&self) -> Vec<String> {
        let sources = std::slice::from_ref(&self.source);
        let lines = self.warnings.iter();
        lines
            .map(|warning| render::one_line(warning, sources))
            .collect()
    }
}

/// Passes files on and keeps what was read.
struct KeptFiles<'a> {
    source: &'a dyn FileSource,
    contents: RefCell<Contents>,
}

impl FileSource for KeptFiles<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let content = self.source.read(path)?;
        self.contents
            .borrow_mut()
            .insert(path.to_owned(), content.clone());
        Ok(content)
    }
}

/// Files that came with a scenario first, then those of its folder, where it has one.
pub(crate) struct FilesAround {
    given: GivenFiles,
    folder: Option<DiskFiles>,
}

impl FilesAround {
    pub(crate) fn new(contents: &Contents, folder: Option<&PathBuf>) -> Self {
        let mut given = GivenFiles::default();
        for (path, content) in contents {
            given.insert(path, content.clone());
        }
        Self {
            given,
            folder: folder.map(|folder| DiskFiles::from_folder(folder)),
        }
    }
}

impl FileSource for FilesAround {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match (self.given.read(path), &self.folder) {
            (Err(_), Some(folder)) => folder.read(path),
            (given, _) => given,
        }
    }
}

/// A described world: of it any number of worlds can be made.
#[pyclass(frozen, module = "pluriverse._native", name = "Scenario", weakref)]
pub(crate) struct Scenario(pub(crate) Arc<Held>);

#[pymethods]
impl Scenario {
    /// Reads a scenario file.
    #[staticmethod]
    fn from_path(py: Python<'_>, path: PathBuf, overrides: Overrides) -> Result<Self, Fault> {
        py.detach(|| {
            let source = scenario_file::read_text(&path)?;
            let folder = disk::folder_of(&path).to_owned();
            let files = DiskFiles::from_folder(&folder);
            let held = Held::read(source, overrides, &files, Some(folder))?;
            Ok(Self(Arc::new(held)))
        })
    }

    /// Reads a scenario of a name and a text; JSON when the name ends in `.json`. Files that it refers to are among
    /// `files` or in `folder`.
    #[staticmethod]
    fn from_text(
        py: Python<'_>,
        source: (String, String),
        overrides: Overrides,
        files: Contents,
        folder: Option<PathBuf>,
    ) -> Result<Self, Fault> {
        py.detach(|| {
            let around = FilesAround::new(&files, folder.as_ref());
            let source = SourceText {
                name: source.0,
                text: source.1,
            };
            let held = Held::read(source, overrides, &around, folder)?;
            Ok(Self(Arc::new(held)))
        })
    }

    /// The same scenario with further values set over those of its text.
    fn with_overrides(&self, py: Python<'_>, overrides: Overrides) -> Result<Self, Fault> {
        let Held {
            source,
            overrides: before,
            contents,
            folder,
            ..
        } = &*self.0;
        let all = before.iter().cloned().chain(overrides).collect();
        py.detach(|| {
            let around = FilesAround::new(contents, folder.as_ref());
            let held = Held::read(source.clone(), all, &around, folder.clone())?;
            Ok(Self(Arc::new(held)))
        })
    }

    /// Everything that it takes to make it again, elsewhere too: name, text, overrides, files.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Parts<'py>)> {
        let Held {
            source,
            overrides,
            contents,
            ..
        } = &*self.0;
        let files = contents
            .iter()
            .map(|(path, content)| (path.clone(), PyBytes::new(py, content)));
        let parts = (
            source.name.clone(),
            source.text.clone(),
            overrides.clone(),
            files.collect(),
        );
        let rebuild = py.import("pluriverse._scenario")?.getattr("_rebuild")?;
        Ok((rebuild, parts))
    }

    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        self.0.scenario.name()
    }

    /// One line for people; may be empty.
    #[getter]
    fn title(&self) -> &str {
        self.0.scenario.title()
    }

    /// The kind of world.
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.scenario.kind()
    }

    /// The file's name, as it was given.
    #[getter]
    fn file(&self) -> &str {
        &self.0.source.name
    }

    /// The text that it was read from.
    #[getter]
    fn text(&self) -> &str {
        &self.0.source.text
    }

    /// Values set over those of the text.
    #[getter]
    fn overrides(&self) -> Overrides {
        self.0.overrides.clone()
    }

    /// Paths of the files that it refers to.
    #[getter]
    fn files(&self) -> Vec<String> {
        self.0.contents.keys().cloned().collect()
    }

    /// Seed of a run when none is named.
    #[getter]
    fn seed(&self) -> u64 {
        self.0.defaults().seed
    }

    /// Number of replications when none is named.
    #[getter]
    fn replications(&self) -> u64 {
        self.0.defaults().replications
    }

    /// Where a run ends, in seconds; `None` when it ends by itself.
    #[getter]
    fn until(&self) -> Option<f64> {
        self.0.defaults().until.map(SimTime::as_secs_f64)
    }

    /// What to know before trusting its figures.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let sources = std::slice::from_ref(&self.0.source);
        let warnings = self.0.warnings.iter();
        warnings
            .map(|warning| finding_of(py, warning, sources))
            .collect()
    }

    /// What can be drawn of it, as JSON; `null` when nothing can.
    fn diagram_json(&self) -> String {
        json(&self.0.scenario.diagram())
    }

    fn __eq__(&self, other: &Self) -> bool {
        let parts = |scenario: &Self| {
            let Held {
                source,
                overrides,
                digests,
                ..
            } = &*scenario.0;
            (source.clone(), overrides.clone(), digests.clone())
        };
        parts(self) == parts(other)
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        (&self.0.source.text, &self.0.overrides).hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self) -> String {
        format!(
            "<pluriverse.Scenario {:?} of kind {:?}>",
            self.name(),
            self.kind()
        )
    }
}

/// A document as text.
pub(crate) fn json(document: &impl serde::Serialize) -> String {
    serde_json::to_string(document).expect("numbers and texts under text keys always encode")
}

/// The kinds of world, each with a sentence about it.
#[pyfunction]
pub(crate) fn kinds() -> Vec<(&'static str, &'static str)> {
    let kinds = pluriverse_host::kinds::KINDS.iter();
    kinds.map(|kind| (kind.name(), kind.summary())).collect()
}

/// JSON Schema of the scenario files of a kind, as JSON; `None` when there is no such kind.
#[pyfunction]
pub(crate) fn schema_json(kind: &str) -> Option<String> {
    pluriverse_host::kinds::find(kind).map(pluriverse_kernel::scenario::Kind::schema)
}
