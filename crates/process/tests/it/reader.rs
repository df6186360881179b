//! Scenario files: what good ones say, and how bad ones are answered.
#![allow(
    clippy::too_many_lines,
    reason = "tables and snapshots are as long as what they show"
)]

mod accepted;
mod hostile;
mod refused;
pub(crate) mod scenarios;
mod schema;
mod trace;

use pluriverse_kernel::{
    diagnostic::{Diagnostic, Severity},
    scenario::{Draft, FileSource},
};
use pluriverse_process::{reader::read, spec::Spec};

/// A scenario that says everything that a scenario can say, and the file that it refers to.
pub(crate) const EVERYTHING: &str = include_str!("reader/everything.toml");
pub(crate) const HISTORY: &str =
    "arrival,kind,minutes,amount\n0.5,silver,1.5,12\n0.75,gold,0.25,3\n0.5,gold,2,1\n";

/// Files by path, from memory.
pub(crate) struct Files<'f>(pub(crate) &'f [(&'f str, &'f str)]);

impl FileSource for Files<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found
            .map(|(_, text)| text.as_bytes().to_vec())
            .ok_or_else(|| format!("`{path}` is not there"))
    }
}

/// A scenario that is being tested: the draft without its life times.
#[derive(Clone, Copy)]
pub(crate) struct Case<'c> {
    pub(crate) file: &'c str,
    pub(crate) text: &'c str,
    pub(crate) overrides: &'c [(&'c str, &'c str)],
    pub(crate) files: &'c [(&'c str, &'c str)],
}

impl<'c> Case<'c> {
    pub(crate) fn new(text: &'c str) -> Self {
        Self {
            file: "world.toml",
            text,
            overrides: &[],
            files: &[],
        }
    }

    pub(crate) fn read(self) -> Result<(Spec, Vec<Diagnostic>), Vec<Diagnostic>> {
        let overrides: Vec<(String, String)> = self
            .overrides
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let files = Files(self.files);
        read(Draft {
            file: self.file,
            text: self.text,
            overrides: &overrides,
            files: &files,
        })
    }

    /// The world of a scenario that has neither errors nor warnings.
    pub(crate) fn spec(self) -> Spec {
        match self.read() {
            Ok((spec, warnings)) if warnings.is_empty() => spec,
            Ok((_, findings)) | Err(findings) => panic!("{}", render_all(&findings, self.text)),
        }
    }

    /// Everything that is said about the scenario, as a terminal would show it.
    pub(crate) fn findings(self) -> String {
        match self.read() {
            Ok((_, warnings)) => render_all(&warnings, self.text),
            Err(errors) => {
                assert!(
                    errors
                        .iter()
                        .any(|finding| finding.severity == Severity::Error),
                    "an error says why"
                );
                render_all(&errors, self.text)
            }
        }
    }
}

pub(crate) fn render_all(findings: &[Diagnostic], text: &str) -> String {
    findings
        .iter()
        .map(|finding| render(finding, text))
        .collect::<Vec<_>>()
        .join("\n")
}

/// One finding with its line and an underline, in the manner of compilers.
fn render(finding: &Diagnostic, text: &str) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut shown = format!("{severity}: {}\n", finding.message);
    let expected = |indent: &str| match finding.expected.as_str() {
        "" => String::new(),
        expected => format!("{indent}expected {expected}"),
    };
    match (&finding.span, finding.line_column(text)) {
        (Some(span), Some((line, column))) => {
            let content = text.lines().nth(line - 1).unwrap_or("");
            let marked = &text[span.start.min(text.len())..span.end.min(text.len())];
            let width = marked.lines().next().unwrap_or("").chars().count().max(1);
            let gutter = " ".repeat(line.to_string().len());
            let indent = " ".repeat(column - 1);
            shown.push_str(&format!("{gutter} ┌─ {}:{line}:{column}\n", finding.file));
            shown.push_str(&format!("{line} │ {content}\n"));
            shown.push_str(&format!(
                "{gutter} │ {indent}{}{}\n",
                "^".repeat(width),
                expected(" ")
            ));
        }
        _ => {
            shown.push_str(&format!(" ┌─ {}\n", finding.file));
            if !finding.expected.is_empty() {
                shown.push_str(&format!(" │{}\n", expected(" ")));
            }
        }
    }
    if !finding.help.is_empty() {
        shown.push_str(&format!(" = help: {}\n", finding.help));
    }
    shown
}
