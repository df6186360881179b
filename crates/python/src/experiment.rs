//! Experiments: which runs to make, and what follows from them, with jobs and results as bytes.
//!
//! Who does the jobs is Python's to say: threads here, or the workers of a cluster, each with a [`Laboratory`] of its own.
//! The analysis is the same to the bit wherever they were done.

use std::{
    path::PathBuf,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use pluriverse_experiment::{
    Analysis as Found, Experiment as Plan, Laboratory as Bench, Receipt, Refusal,
    Study as Described, analysis::main_effects, read, schema, wire,
};
use pluriverse_files::{
    disk::{self, DiskFiles},
    experiment_state::{Resumable, StateFile},
    scenario_file::{self, Refused, SourceText},
};
use pluriverse_kernel::{
    diagnostic::Diagnostic,
    replicate::Verdict,
    scenario::{Draft, FileSource},
};
use pluriverse_report::experiment::{self as report, ExperimentReport};
use pyo3::{prelude::*, types::PyBytes};
use serde::Serialize;

use crate::{
    fault::{Fault, finding_of},
    scenario::{Contents, FilesAround, Overrides, json, shown_version},
};

/// An experiment's file and scenario, read.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct Study {
    described: Described,
    source: SourceText,
    overrides: Overrides,
    warnings: Vec<Diagnostic>,
}

impl Study {
    fn read(
        source: SourceText,
        overrides: Overrides,
        files: &dyn FileSource,
    ) -> Result<Self, Fault> {
        let draft = Draft {
            file: &source.name,
            text: &source.text,
            overrides: &overrides,
            files,
        };
        match read(draft) {
            Ok((described, warnings)) => Ok(Self {
                described,
                source,
                overrides,
                warnings,
            }),
            Err(Refusal { findings, scenario }) => {
                let scenario = scenario.map(|(name, text)| SourceText { name, text });
                let sources = [Some(source), scenario].into_iter().flatten().collect();
                Err(Refused { findings, sources }.into())
            }
        }
    }

    /// The texts that findings point into.
    fn sources(&self) -> [SourceText; 2] {
        let scenario = SourceText {
            name: self.described.workload.file.clone(),
            text: self.described.workload.text.clone(),
        };
        [self.source.clone(), scenario]
    }
}

#[pymethods]
impl Study {
    /// Reads an experiment's file; the scenario lies beside it.
    #[staticmethod]
    fn from_path(py: Python<'_>, path: PathBuf, overrides: Overrides) -> Result<Self, Fault> {
        py.detach(|| {
            let source = scenario_file::read_text(&path)?;
            let files = DiskFiles::from_folder(disk::folder_of(&path));
            Self::read(source, overrides, &files)
        })
    }

    /// Reads an experiment of a name and a text; its scenario is among `files` or in `folder`.
    #[staticmethod]
    fn from_text(
        py: Python<'_>,
        source: (String, String),
        overrides: Overrides,
        files: Contents,
        folder: Option<PathBuf>,
    ) -> Result<Self, Fault> {
        py.detach(|| {
            let (name, text) = source;
            let around = FilesAround::new(&files, folder.as_ref());
            Self::read(SourceText { name, text }, overrides, &around)
        })
    }

    /// What to know before trusting its figures.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let sources = self.sources();
        let warnings = self.warnings.iter();
        warnings
            .map(|warning| finding_of(py, warning, &sources))
            .collect()
    }

    /// Everything that a laboratory reads.
    fn workload<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &wire::to_bytes(&self.described.workload))
    }

    fn __repr__(&self) -> String {
        let name = &self.described.plan.name;
        format!(
            "<pluriverse study {name:?} of {} points>",
            self.described.points.len()
        )
    }
}

/// An experiment on its way: it hands out jobs and takes what they came to.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct Experiment {
    plan: Mutex<Option<Resumable>>,
    source: SourceText,
    overrides: Overrides,
}

impl Experiment {
    fn lock(&self) -> MutexGuard<'_, Option<Resumable>> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&mut Resumable) -> Result<T, Fault> + Send,
    ) -> Result<T, Fault> {
        py.detach(|| match &mut *self.lock() {
            Some(plan) => ask(plan),
            None => Err(Fault::Value("this experiment is finished".to_owned())),
        })
    }
}

#[pymethods]
impl Experiment {
    /// An experiment before its first job; what the file `state` knows of it is not asked for again.
    #[new]
    #[pyo3(signature = (study, state=None))]
    fn new(py: Python<'_>, study: &Study, state: Option<PathBuf>) -> Result<Self, Fault> {
        let described = study.described.clone();
        let resumable = py.detach(|| {
            let state = state.map(|path| StateFile::open(&path, &described));
            Ok::<_, Fault>(Resumable::new(Plan::new(described), state.transpose()?))
        });
        Ok(Self {
            plan: Mutex::new(Some(resumable?)),
            source: study.source.clone(),
            overrides: study.overrides.clone(),
        })
    }

    /// A job that nobody has yet; `None` when there is none until results come in, or at all.
    fn poll_job<'py>(&self, py: Python<'py>) -> Result<Option<Bound<'py, PyBytes>>, Fault> {
        let job = self.with(py, |plan| {
            Ok(plan.poll_job()?.map(|job| wire::to_bytes(&job)))
        })?;
        Ok(job.map(|job| PyBytes::new(py, &job)))
    }

    /// Takes what a job came to; `False` when it was there already.
    fn handle_result(&self, py: Python<'_>, result: Vec<u8>) -> Result<bool, Fault> {
        self.with(py, |plan| {
            Ok(plan.handle_result(wire::from_bytes(&result)?)? == Receipt::New)
        })
    }

    /// Whether nothing is left to do.
    fn is_done(&self, py: Python<'_>) -> Result<bool, Fault> {
        self.with(py, |plan| Ok(plan.experiment().is_done()))
    }

    /// Runs that are in, runs that are asked for so far, and what goes on.
    fn progress(&self, py: Python<'_>) -> Result<(u64, u64, String), Fault> {
        self.with(py, |plan| {
            let progress = plan.experiment().progress();
            Ok((progress.runs_done, progress.runs_asked, progress.phase))
        })
    }

    /// Lets go of the state file, wherever the experiment is.
    fn close(&self, py: Python<'_>) {
        py.detach(|| drop(self.lock().take()));
    }

    /// What it has come to; the experiment is over then.
    fn finish(&self, py: Python<'_>, wall_seconds: f64, threads: usize) -> Result<Analysis, Fault> {
        py.detach(|| {
            let Some(plan) = self.lock().take() else {
                return Err(Fault::Value("this experiment is finished".to_owned()));
            };
            let (plan, closed) = plan.close();
            closed?;
            let failure = plan.failure().map(ToString::to_string);
            let scenario_text = plan.study().workload.text.clone();
            let found = plan.finish();
            let page = report::html(&ExperimentReport {
                analysis: &found,
                file: &self.source.name,
                text: &self.source.text,
                scenario_text: &scenario_text,
                overrides: &self.overrides,
                version: &shown_version(),
                wall_seconds,
                threads,
            });
            match failure {
                Some(failure) => Err(Fault::Failed(failure)),
                None => Ok(Analysis { found, page }),
            }
        })
    }
}

/// What an experiment came to.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct Analysis {
    found: Found,
    page: String,
}

type ShownTable = (&'static str, Vec<String>, Vec<Vec<String>>);

#[derive(Serialize)]
struct EffectOfValue {
    factor: usize,
    metric: usize,
    value: pluriverse_experiment::analysis::Value,
    mean: f64,
    points: usize,
}

#[pymethods]
impl Analysis {
    /// Everything, as JSON: what the command line prints with `--format json`.
    fn json(&self) -> String {
        json(&self.found)
    }

    /// The report, as HTML.
    fn report(&self) -> &str {
        &self.page
    }

    /// The answer in a sentence of HTML, and tables as people read them: title, heads, rows.
    fn shown(&self) -> (String, Vec<ShownTable>) {
        let tables = report::tables(&self.found).into_iter();
        let tables = tables.map(|table| (table.title, table.heads, table.rows));
        (report::answer_in_words(&self.found), tables.collect())
    }

    /// The main effect of each factor on each figure, by value, as JSON.
    fn effects_json(&self) -> String {
        let factors = 0..self.found.factors.len();
        let pairs = factors
            .flat_map(|factor| (0..self.found.metrics.len()).map(move |metric| (factor, metric)));
        let effects = pairs.flat_map(|(factor, metric)| {
            let found = main_effects(&self.found, factor, metric).into_iter();
            found.map(move |effect| EffectOfValue {
                factor,
                metric,
                value: effect.value,
                mean: effect.mean,
                points: effect.points,
            })
        });
        json(&effects.collect::<Vec<_>>())
    }
}

/// Makes the runs of jobs; every thread or process has its own.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct Laboratory {
    bench: Mutex<Bench>,
    is_over: AtomicBool,
}

#[pymethods]
impl Laboratory {
    /// A laboratory for what [`Study::workload`] says.
    #[new]
    fn new(workload: Vec<u8>) -> Result<Self, Fault> {
        Ok(Self {
            bench: Mutex::new(Bench::new(wire::from_bytes(&workload)?)),
            is_over: AtomicBool::new(false),
        })
    }

    /// Does a job; `None` when it was stopped.
    fn run<'py>(
        &self,
        py: Python<'py>,
        job: Vec<u8>,
    ) -> Result<Option<Bound<'py, PyBytes>>, Fault> {
        let job = wire::from_bytes(&job)?;
        // Ordering: the flag publishes no data.
        if self.is_over.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let result = py.detach(|| {
            let mut bench = self.bench.lock().unwrap_or_else(PoisonError::into_inner);
            // Ordering: the flag publishes no data.
            let verdict = || match self.is_over.load(Ordering::Relaxed) {
                true => Verdict::Stop,
                false => Verdict::Continue,
            };
            bench.run_while(&job, &verdict)
        });
        Ok(result.map(|result| PyBytes::new(py, &wire::to_bytes(&result))))
    }

    /// Stops the job that is being done, and those after it.
    fn stop(&self) {
        // Ordering: the flag publishes no data.
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// JSON Schema of experiment files, as JSON.
#[pyfunction]
pub(crate) fn experiment_schema_json() -> String {
    schema()
}
