//! What was found wrong so far, in the order in which it was found.
//!
//! A place in the file becomes a byte range; a place in an override becomes a diagnostic of `--set key`, since
//! there is no file to point into. At most [`LIMIT`] findings are kept, so that a hostile file cannot flood.

use std::ops::Range;

use pluriverse_kernel::diagnostic::{Diagnostic, Severity};

use super::Place;

/// No more findings than this; a file with so many errors is something else altogether.
const LIMIT: usize = 100;

/// A collection of diagnostics about one file.
#[derive(Debug)]
pub struct Findings<'d> {
    file: &'d str,
    text: &'d str,
    overrides: &'d [(String, String)],
    found: Vec<Diagnostic>,
    /// Where notes go once the limit is reached.
    surplus: Diagnostic,
    error_count: usize,
    /// How many of the findings are about the shape of the file.
    shape_count: usize,
}

/// A finding that can still be told more about.
pub struct Note<'f>(&'f mut Diagnostic);

impl Note<'_> {
    /// Says what was expected at that place.
    pub fn expected(self, expected: impl Into<String>) -> Self {
        self.0.expected = expected.into();
        self
    }

    /// Says what to do.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.0.help = help.into();
        self
    }
}

impl<'d> Findings<'d> {
    /// None so far about this file and what is set over it.
    pub fn new(file: &'d str, text: &'d str, overrides: &'d [(String, String)]) -> Self {
        let surplus = Diagnostic::error(file, "");
        Self {
            file,
            text,
            overrides,
            found: Vec::new(),
            surplus,
            error_count: 0,
            shape_count: 0,
        }
    }

    /// Notes an error at `place`.
    pub fn error(&mut self, place: &Place, message: impl Into<String>) -> Note<'_> {
        self.error_count += 1;
        self.note(place, message.into(), Severity::Error)
    }

    /// Notes a warning at `place`.
    pub fn warning(&mut self, place: &Place, message: impl Into<String>) -> Note<'_> {
        self.note(place, message.into(), Severity::Warning)
    }

    fn note(&mut self, place: &Place, message: String, severity: Severity) -> Note<'_> {
        let mut diagnostic = Diagnostic::error(self.file, message);
        diagnostic.severity = severity;
        match place {
            Place::Whole => {}
            Place::File(range) => diagnostic.span = Some(range.clone()),
            Place::Override(index) => {
                if let Some((key, _)) = self.overrides.get(*index) {
                    diagnostic.file = format!("--set {key}");
                }
            }
        }
        let is_error = severity == Severity::Error;
        if severity == Severity::Error && self.is_shapeless(place) {
            self.surplus = diagnostic;
            return Note(&mut self.surplus);
        }
        // The first error is kept however many warnings came before it.
        if self.found.len() < LIMIT || (is_error && self.error_count == 1) {
            self.found.push(diagnostic);
            Note(self.found.last_mut().expect("a diagnostic was just pushed"))
        } else {
            self.surplus = diagnostic;
            Note(&mut self.surplus)
        }
    }

    /// Says that the shape of the file was looked at. What is found from now on around a place whose shape is
    /// wrong follows from that, and is not told again.
    pub fn shape_is_known(&mut self) {
        self.shape_count = self.found.len();
    }

    /// Whether something at `place` or within has the wrong shape.
    fn is_shapeless(&self, place: &Place) -> bool {
        let shape_errors = self.found[..self.shape_count].iter();
        let mut shape_errors = shape_errors.filter(|found| found.severity == Severity::Error);
        match place {
            Place::File(range) => shape_errors.any(|found| {
                let span = found.span.as_ref();
                span.is_some_and(|span| range.start <= span.start && span.end <= range.end)
            }),
            _ => false,
        }
    }

    /// The place of `range` of a text value that stands at `place`: within the value where the file holds it
    /// letter by letter, else the whole value.
    pub fn within(&self, place: &Place, value: &str, range: Range<usize>) -> Place {
        let Place::File(whole) = place else {
            return place.clone();
        };
        let inner = whole.start + 1..whole.end.saturating_sub(1);
        if self.text.get(inner.clone()) != Some(value) {
            return place.clone();
        }
        Place::File(inner.start + range.start..inner.start + range.end)
    }

    /// How many errors were noted, those past the limit included.
    pub fn error_count(&self) -> usize {
        self.error_count
    }

    /// Everything that was kept, by place in the file; what has none comes first.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut found = self.found;
        found.sort_by_key(|diagnostic| diagnostic.span.as_ref().map_or(0, |span| span.start));
        found.dedup();
        found
    }
}
