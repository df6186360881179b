//! From an experiment file to a [`Study`]: every mistake is answered at its place before anything runs.
//!
//! The scenario is read too, with the values of every point set over it, so that a factor that sets what is not there,
//! or a value that is not allowed, is found here. Bad input never panics.

use std::{cell::RefCell, collections::BTreeMap};

use pluriverse_document::{self as document, Cursor, Findings, Place, Shape};
use pluriverse_host::scenario;
use pluriverse_kernel::{
    diagnostic::Diagnostic,
    ledger::Ledger,
    scenario::{Draft, FileSource, RunKey, Scenario},
};

use crate::{
    experiment::RUNS_LIMIT,
    plan::{Method, Plan, Question, Replications},
    study::{Figures, Study, Workload},
};

mod figures;
mod format;
mod periods;
mod questions;
mod sections;

/// All that is wrong with an experiment.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What is wrong; each names its file.
    pub findings: Vec<Diagnostic>,
    /// Name and text of the scenario, where it was found: findings may point into it.
    pub scenario: Option<(String, String)>,
}

/// A study and what its user should know.
pub type Reading = Result<(Study, Vec<Diagnostic>), Refusal>;

/// Reads an experiment; files come from `draft.files` by their path relative to the experiment's file.
///
/// # Errors
/// Everything that is wrong with the file, its scenario, or one of its points.
pub fn read(draft: Draft<'_>) -> Reading {
    static ROOT: Shape = Shape::Table(&format::EXPERIMENT);
    let mut findings = Findings::new(draft.file, draft.text, draft.overrides);
    let root = document::parse(draft.file, draft.text, draft.overrides, &mut findings);
    let Some(root) = root else {
        return refuse(findings, None);
    };
    document::check(&root, &ROOT, &mut findings);
    findings.shape_is_known();
    if findings.error_count() > 0 {
        return refuse(findings, None);
    }
    let root = Cursor::root(&root);
    let Some(source) = source(&root, draft.files, &mut findings) else {
        return refuse(findings, None);
    };
    let set = sections::set(&root);
    let files = Noted::new(draft.files, &source.folder);
    let base = scenario::read(Draft {
        file: &source.file,
        text: &source.text,
        overrides: &set,
        files: &files,
    });
    let (base, warnings) = match base {
        Ok(base) => base,
        Err(found) => {
            let findings = found.into_iter().map(|found| from_set(found, draft.file));
            return Err(Refusal {
                findings: findings.collect(),
                scenario: Some((source.file, source.text)),
            });
        }
    };
    let told = (source.file.clone(), source.text.clone());
    let mut reader = Reader {
        figures: Figures::of(&*base),
        scenario: &source.text,
        scenario_file: &source.file,
        findings,
    };
    let study = reader.study(&root, draft.file, &*base);
    if let Some(study) = &study {
        reader.points(&root, study, &files);
    }
    match study {
        Some(study) if reader.findings.error_count() == 0 => {
            let mut findings = reader.findings.into_diagnostics();
            findings.extend(warnings);
            Ok((study.with_files(files.into_contents()), findings))
        }
        _ => refuse(reader.findings, Some(told)),
    }
}

/// JSON Schema (2020-12) of experiment files, as pretty-printed JSON.
#[must_use]
pub fn schema() -> String {
    document::schema("Pluriverse experiment", &format::EXPERIMENT)
}

fn refuse(findings: Findings<'_>, scenario: Option<(String, String)>) -> Reading {
    Err(Refusal {
        findings: findings.into_diagnostics(),
        scenario,
    })
}

/// A finding about a value that the experiment sets over the scenario's says so.
fn from_set(mut finding: Diagnostic, file: &str) -> Diagnostic {
    if let Some(key) = finding.file.strip_prefix("--set ") {
        finding.message = format!("`set.{key:?}`: {}", finding.message);
        finding.file = file.to_owned();
    }
    finding
}

/// A scenario's text and where it lies.
struct Source {
    file: String,
    text: String,
    /// Folder of the file, with its slash; empty beside the experiment.
    folder: String,
}

fn source(
    root: &Cursor<'_>,
    files: &dyn FileSource,
    findings: &mut Findings<'_>,
) -> Option<Source> {
    let cursor = root.get("scenario")?;
    let file = cursor.text()?.to_owned();
    let bytes = match files.read(&file) {
        Ok(bytes) => bytes,
        Err(reason) => {
            findings
                .error(
                    cursor.place(),
                    format!("the scenario cannot be read: {reason}"),
                )
                .expected("a scenario file, relative to this file");
            return None;
        }
    };
    let Ok(text) = String::from_utf8(bytes) else {
        findings
            .error(cursor.place(), format!("`{file}` is no text"))
            .expected("TOML, or JSON in a file that ends in `.json`, in UTF-8");
        return None;
    };
    let folder = file.rfind('/').map_or(0, |slash| slash + 1);
    Some(Source {
        folder: file[..folder].to_owned(),
        file,
        text,
    })
}

/// Files of a scenario by the path that the scenario gives, noted as they are read.
struct Noted<'d> {
    inner: &'d dyn FileSource,
    folder: &'d str,
    contents: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl<'d> Noted<'d> {
    fn new(inner: &'d dyn FileSource, folder: &'d str) -> Self {
        Self {
            inner,
            folder,
            contents: RefCell::default(),
        }
    }

    fn into_contents(self) -> BTreeMap<String, Vec<u8>> {
        self.contents.into_inner()
    }
}

impl FileSource for Noted<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if let Some(content) = self.contents.borrow().get(path) {
            return Ok(content.clone());
        }
        let is_absolute = path.starts_with('/') || path.contains(':');
        let folder = if is_absolute { "" } else { self.folder };
        let content = self.inner.read(&format!("{folder}{path}"))?;
        self.contents
            .borrow_mut()
            .insert(path.to_owned(), content.clone());
        Ok(content)
    }
}

/// What all readers of sections share.
struct Reader<'d> {
    findings: Findings<'d>,
    figures: Figures,
    scenario: &'d str,
    scenario_file: &'d str,
}

impl Reader<'_> {
    /// The study; `None` where something is wrong with its plan.
    fn study(&mut self, root: &Cursor<'_>, file: &str, base: &dyn Scenario) -> Option<Study> {
        let plan = self.plan(root, file, base);
        let plan = plan.filter(|_| self.findings.error_count() == 0)?;
        let workload = Workload {
            file: self.scenario_file.to_owned(),
            text: self.scenario.to_owned(),
            files: BTreeMap::new(),
        };
        Some(Study::new(plan, workload, self.figures.clone()))
    }

    /// The whole plan; `None` where something is missing, which findings then say.
    fn plan(&mut self, root: &Cursor<'_>, file: &str, base: &dyn Scenario) -> Option<Plan> {
        let defaults = base.defaults();
        let text = |key: &str| root.get(key).and_then(|cursor| cursor.text());
        let confidence = self.confidence(root);
        let pairing = sections::pairing(root);
        let factors = self.factors(root);
        let design = self.design(root, &factors);
        let replications = self.replications(root, defaults.replications, pairing);
        let controls = self.controls(root);
        let metrics = self.metrics(root);
        let question = self.question(root, &factors, pairing);
        Some(Plan {
            name: text("name").map_or_else(|| stem(file), str::to_owned),
            title: text("title").unwrap_or_default().to_owned(),
            scenario: text("scenario")?.to_owned(),
            set: sections::set(root),
            factors,
            design: design?,
            replications: replications?,
            seed: root
                .get("seed")
                .and_then(|cursor| cursor.integer())
                .map_or(defaults.seed, i64::unsigned_abs),
            confidence,
            randomness: sections::randomness(root),
            pairing,
            controls,
            metrics,
            question: question?,
        })
    }

    /// Holds the scenario of every point against the rules of its kind.
    fn points(&mut self, root: &Cursor<'_>, study: &Study, files: &dyn FileSource) {
        if let Question::Compare { baseline } = study.plan.question
            && baseline >= study.points.len()
        {
            let place = place_of(root, &["question", "compare", "baseline"]);
            let count = study.points.len();
            self.findings
                .error(&place, format!("there is no point {}", baseline + 1))
                .expected(format!("a number from 1 to {count}"));
        }
        self.check_amount(root, study);
        for (index, point) in study.points.iter().enumerate() {
            let read = scenario::read(Draft {
                file: &study.workload.file,
                text: &study.workload.text,
                overrides: &point.overrides,
                files,
            });
            let Err(found) = read else { continue };
            for finding in found {
                self.of_point(root, study, (index, finding));
            }
            // What is wrong with one point is most often wrong with the others.
            return;
        }
    }

    /// Whether the runs that are asked for can be kept, and a budget is enough to begin with.
    fn check_amount(&mut self, root: &Cursor<'_>, study: &Study) {
        let points = study.points.len() as u64;
        if let Replications::Fixed(count) = study.plan.replications
            && points.saturating_mul(count) > RUNS_LIMIT
        {
            let place = place_of(root, &["replications", "count"]);
            let message = format!("{count} replications of {points} points are too many");
            self.findings
                .error(&place, message)
                .expected(format!("at most {RUNS_LIMIT} runs in all"));
        }
        if let Question::Select(selection) = &study.plan.question
            && let Method::Ocba { budget } = selection.method
            && budget < 2 * points
        {
            let place = place_of(root, &["question", "select", "budget"]);
            self.findings
                .error(
                    &place,
                    format!("a budget of {budget} is too small for {points} points"),
                )
                .expected("at least two replications of each");
        }
    }

    fn of_point(
        &mut self,
        root: &Cursor<'_>,
        study: &Study,
        (index, finding): (usize, Diagnostic),
    ) {
        let key = finding.file.strip_prefix("--set ").unwrap_or("").to_owned();
        let factors = &study.plan.factors;
        let place = match factors.iter().find(|factor| factor.key == key) {
            Some(factor) => place_of(root, &["factors", &factor.name]),
            None => place_of(root, &["scenario"]),
        };
        let settings = study.points[index].shown(factors);
        let message = format!("point {} ({settings}): {}", index + 1, finding.message);
        self.findings
            .error(&place, message)
            .expected(finding.expected)
            .help(finding.help);
    }
}

/// Where the innermost of these keys that is there was written.
fn place_of(root: &Cursor<'_>, keys: &[&str]) -> Place {
    let mut cursor = root.clone();
    for key in keys {
        match cursor.get(key) {
            Some(inner) => cursor = inner,
            None => break,
        }
    }
    cursor.place().clone()
}

/// The file's name without folders and ending.
fn stem(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem.to_owned(),
        _ => name.to_owned(),
    }
}

impl Figures {
    /// What worlds of `scenario` measure.
    fn of(scenario: &dyn Scenario) -> Self {
        let key = RunKey {
            seed: 0,
            replication: 0,
        };
        let world = scenario.world(key, Ledger::off());
        let periods = world.measures().series.iter().map(Vec::len).collect();
        Self {
            outline: world.outline(),
            periods,
        }
    }
}
