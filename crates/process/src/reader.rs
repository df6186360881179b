//! From a scenario file to a [`Spec`]: names become indices, texts become numbers, and every mistake is answered
//! at its place.
//!
//! Reading goes on after an error as long as what follows still means something, so that one pass tells most of
//! what is wrong. Bad input never panics. What a file looks like is in `format`; what the resulting world does is
//! not known here.

use pluriverse_kernel::{
    diagnostic::Diagnostic,
    scenario::{Draft, FileSource},
    time::SimTime,
};

use crate::{
    document::{self, Cursor, Findings, Node, Place, Shape, Value},
    expression::Expression,
    spec::Spec,
};

mod agents;
mod analysis;
mod arrivals;
mod csv_file;
mod distribution;
mod draw;
mod format;
mod names;
mod routing;
mod run;
mod size;
mod source;
mod station;
mod timestamp;
mod timetable;
mod trace;

use names::NameTables;

/// Reads a scenario; warnings come along with it.
///
/// # Errors
/// Everything that is wrong with the file, at least one finding of severity error.
pub fn read(draft: Draft<'_>) -> Result<(Spec, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut findings = Findings::new(draft.file, draft.text, draft.overrides);
    let root = document::parse(draft.file, draft.text, draft.overrides, &mut findings);
    let root = root.filter(|root| is_process(root, &mut findings));
    let Some(root) = root else {
        return Err(findings.into_diagnostics());
    };
    static ROOT: Shape = Shape::Table(&format::SCENARIO);
    document::check(&root, &ROOT, &mut findings);
    findings.shape_is_known();
    let names = NameTables::collect(&Cursor::root(&root), &mut findings);
    let mut reader = Reader {
        findings,
        files: draft.files,
        names,
        rows_left: csv_file::ROWS_LIMIT,
        instants_left: arrivals::INSTANTS_LIMIT,
    };
    let spec = reader.spec(&Cursor::root(&root), draft.file);
    let mut findings = reader.findings;
    if let Some(spec) = &spec
        && findings.error_count() == 0
    {
        size::check(spec, &Cursor::root(&root), &mut findings);
        analysis::analyse(spec, &Cursor::root(&root), &mut findings);
    }
    match spec {
        Some(spec) if findings.error_count() == 0 => Ok((spec, findings.into_diagnostics())),
        _ => {
            if findings.error_count() == 0 {
                findings.error(&Place::Whole, "this scenario cannot be read");
            }
            Err(findings.into_diagnostics())
        }
    }
}

/// JSON Schema (2020-12) of process scenario files, as pretty-printed JSON.
#[must_use]
pub fn schema() -> String {
    document::schema("Pluriverse process scenario", &format::SCENARIO)
}

/// Whether the file says that it is a process world. Without that, nothing else in it can be judged.
fn is_process(root: &Node, findings: &mut Findings<'_>) -> bool {
    let help = "start the file with `kind = \"process\"`";
    match Cursor::root(root).get("kind") {
        None => {
            findings
                .error(&Place::Whole, "`kind` is missing")
                .expected("what kind of world this is")
                .help(help);
            false
        }
        Some(kind) => match &kind.node.value {
            Value::Text(text) if text == "process" => true,
            value => {
                let message = format!("`kind` = {} is no process world", value.shown());
                findings
                    .error(kind.place(), message)
                    .expected("\"process\"");
                false
            }
        },
    }
}

/// What all readers of sections share.
struct Reader<'d> {
    findings: Findings<'d>,
    files: &'d dyn FileSource,
    names: NameTables,
    /// Rows of files that may still be read.
    rows_left: usize,
    /// Instants that schedules may still make.
    instants_left: i64,
}

impl Reader<'_> {
    /// The whole world; `None` where something is missing, which findings then say.
    fn spec(&mut self, root: &Cursor<'_>, file: &str) -> Option<Spec> {
        let sources = root.entries_of("sources");
        let traces = self.traces(&sources);
        let ends = sources
            .iter()
            .zip(&traces)
            .map(|((entry, cursor), trace)| {
                (entry.key.as_str(), source::end(cursor, trace.as_deref()))
            })
            .collect::<Vec<_>>();
        let run = self.run(root, &ends);
        let classes = self.classes(root);
        let pools = self.pools(root);
        let stations = self.stations(root);
        let until = run.as_ref().map_or(SimTime::MAX, |run| run.until);
        let read_sources = self.sources(&sources, traces, until);
        if sources.is_empty()
            && root
                .get("sources")
                .is_some_and(|sources| sources.table().is_some())
        {
            self.nothing_in(root, "sources");
        }
        if self.names.stations.is_empty()
            && root
                .get("stations")
                .is_some_and(|stations| stations.table().is_some())
        {
            self.nothing_in(root, "stations");
        }
        let text = |key: &str| root.get(key).and_then(|cursor| cursor.text());
        Some(Spec {
            name: text("name").map_or_else(|| stem(file), str::to_owned),
            title: text("title").unwrap_or_default().to_owned(),
            run: run?,
            classes,
            attributes: self.names.attributes.clone(),
            sources: read_sources?,
            pools: pools?,
            stations: stations?,
        })
    }

    fn nothing_in(&mut self, root: &Cursor<'_>, key: &str) {
        let place = root
            .get(key)
            .map_or(Place::Whole, |cursor| cursor.place().clone());
        self.findings
            .error(&place, format!("`{key}` is empty"))
            .expected("at least one");
    }

    /// An expression, from a text or a number.
    fn expression(&mut self, cursor: &Cursor<'_>) -> Option<Expression> {
        if let Some(number) = cursor.number() {
            return Some(Expression::number(number));
        }
        let text = cursor.text()?;
        match Expression::parse(text, &self.names.in_expressions()) {
            Ok(expression) => Some(expression),
            Err(error) => {
                let place = self.findings.within(cursor.place(), text, error.range);
                let message = format!("`{}`: {}", cursor.path, error.message);
                self.findings
                    .error(&place, message)
                    .expected(error.expected);
                None
            }
        }
    }
}

/// The file's name without folders and ending.
fn stem(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if stem.is_empty() {
        name.to_owned()
    } else {
        stem.to_owned()
    }
}
