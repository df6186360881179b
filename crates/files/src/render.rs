//! Findings as people read them: what, where with the line itself, what was expected, what to do.
//!
//! Only the line that a finding begins on is shown, and of a very long one the part around it, so that no file
//! can flood a terminal; control characters in it are shown as `?`. Whether colours can be seen is the host's to know.

use std::{ops::Range, path::Path};

use codespan_reporting::{
    diagnostic::{Diagnostic as Report, Label, Severity as Level},
    files::{self, Files},
    term::{self, termcolor::Buffer},
};
use pluriverse_kernel::diagnostic::{Diagnostic, Severity};

use crate::scenario_file::SourceText;

/// Characters shown of a long line.
const EXCERPT_CHARS: usize = 160;
/// Of them, before the finding.
const LEAD_CHARS: usize = 40;

/// Whether what is shown may have colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// As terminals take them.
    Ansi,
    /// Plain text.
    None,
}

/// Every finding, one after the other.
#[must_use]
pub fn text(findings: &[Diagnostic], sources: &[SourceText], colours: Colours) -> String {
    let mut buffer = match colours {
        Colours::Ansi => Buffer::ansi(),
        Colours::None => Buffer::no_color(),
    };
    for finding in findings {
        render(finding, sources, &mut buffer);
    }
    String::from_utf8_lossy(buffer.as_slice()).into_owned()
}

/// A finding in one line: `file:line:column: message (expected …)`.
#[must_use]
pub fn one_line(finding: &Diagnostic, sources: &[SourceText]) -> String {
    let source = sources.iter().find(|source| source.name == finding.file);
    let place = source.and_then(|source| finding.line_column(&source.text));
    match place {
        Some((line, column)) => finding.to_string().replacen(
            &finding.file,
            &format!("{}:{line}:{column}", finding.file),
            1,
        ),
        None => finding.to_string(),
    }
}

fn render(finding: &Diagnostic, sources: &[SourceText], buffer: &mut Buffer) {
    let source = sources.iter().find(|source| source.name == finding.file);
    let excerpt = source
        .zip(finding.span.clone())
        .and_then(|(source, span)| Excerpt::new(source, span));
    let mut report = Report::new(match finding.severity {
        Severity::Warning => Level::Warning,
        Severity::Error => Level::Error,
    });
    match &excerpt {
        Some(excerpt) => {
            report.message = printable(&finding.message);
            let mut label = Label::primary((), excerpt.span.clone());
            if !finding.expected.is_empty() {
                label.message = format!("expected {}", printable(&finding.expected));
            }
            report.labels.push(label);
        }
        None => {
            let file = printable(&finding.file);
            let separator = if file.is_empty() { "" } else { ": " };
            report.message = format!("{file}{separator}{}", printable(&finding.message));
            if !finding.expected.is_empty() {
                report
                    .notes
                    .push(format!("expected {}", printable(&finding.expected)));
            }
        }
    }
    if !finding.help.is_empty() {
        report
            .notes
            .push(format!("help: {}", printable(&finding.help)));
    }
    let nothing = Excerpt::default();
    let excerpt = excerpt.as_ref().unwrap_or(&nothing);
    // Writing to a buffer in memory fails only for places outside of the excerpt, of which there are none.
    let _ = term::emit_to_write_style(buffer, &term::Config::default(), excerpt, &report);
}

/// A line of a file, or the part of it that is shown.
#[derive(Debug, Default)]
struct Excerpt {
    file: String,
    text: String,
    /// Number of the line, from 1.
    line: usize,
    /// Column of the text's first character, from 1.
    first_column: usize,
    /// Where the finding is in the text.
    span: Range<usize>,
}

impl Excerpt {
    fn new(source: &SourceText, span: Range<usize>) -> Option<Self> {
        let text = source.text.as_str();
        let start = floor_boundary(text, span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..]
            .find('\n')
            .map_or(text.len(), |newline| start + newline);
        let line_end = line_start + text[line_start..line_end].trim_end_matches('\r').len();
        let start = start.min(line_end);
        let end = floor_boundary(text, span.end).clamp(start, line_end);
        let lead = text[line_start..start]
            .chars()
            .count()
            .saturating_sub(LEAD_CHARS);
        let is_long = text[line_start..line_end]
            .chars()
            .nth(EXCERPT_CHARS)
            .is_some();
        let skipped = if is_long { lead } else { 0 };
        let first = nth_char(text, line_start, line_end, skipped);
        let last = nth_char(text, first, line_end, EXCERPT_CHARS);
        Some(Self {
            file: Path::new(&source.name).display().to_string(),
            text: printable(text.get(first..last)?),
            line: text[..start].matches('\n').count() + 1,
            first_column: skipped + 1,
            span: start - first..end.min(last) - first,
        })
    }
}

/// The byte at which the `count`-th character after `from` begins, at most `end`.
fn nth_char(text: &str, from: usize, end: usize, count: usize) -> usize {
    text[from..end]
        .char_indices()
        .nth(count)
        .map_or(end, |(offset, _)| from + offset)
}

fn floor_boundary(text: &str, index: usize) -> usize {
    (0..=index.min(text.len()))
        .rev()
        .find(|index| text.is_char_boundary(*index))
        .unwrap_or(0)
}

/// The text without what would steer a terminal; every character keeps its length.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            c if c.is_ascii_control() => '?',
            c if c.is_control() => '\u{00bf}',
            c => c,
        })
        .collect()
}

impl<'a> Files<'a> for Excerpt {
    type FileId = ();
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, _: ()) -> Result<&'a str, files::Error> {
        Ok(&self.file)
    }

    fn source(&'a self, _: ()) -> Result<&'a str, files::Error> {
        Ok(&self.text)
    }

    fn line_index(&'a self, _: (), _byte: usize) -> Result<usize, files::Error> {
        Ok(0)
    }

    fn line_number(&'a self, _: (), _line: usize) -> Result<usize, files::Error> {
        Ok(self.line)
    }

    fn column_number(&'a self, _: (), _line: usize, byte: usize) -> Result<usize, files::Error> {
        let before = self.text.get(..byte).unwrap_or(&self.text);
        Ok(self.first_column + before.chars().count())
    }

    fn line_range(&'a self, _: (), _line: usize) -> Result<Range<usize>, files::Error> {
        Ok(0..self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, finding: Diagnostic, expected: Expect) {
        let source = SourceText {
            name: finding.file.clone(),
            text: text.to_owned(),
        };
        expected.assert_eq(&super::text(&[finding], &[source], Colours::None));
    }

    #[test]
    fn a_finding_shows_its_line() {
        let finding = Diagnostic::error("a.toml", "`patience` is negative")
            .at(16..21)
            .expected("a duration of zero or more")
            .help("leave it out");
        check(
            "kind = 1\r\npat = \"-20s\"\r\n",
            finding,
            expect![[r#"
                error: `patience` is negative
                  ┌─ a.toml:2:7
                  │
                2 │ pat = "-20s"
                  │       ^^^^^ expected a duration of zero or more
                  │
                  = help: leave it out

            "#]],
        );
    }

    #[test]
    fn a_finding_without_a_place_names_the_file() {
        check(
            "",
            Diagnostic::warning("a.toml", "the file is empty").expected("a kind"),
            expect![[r#"
                warning: a.toml: the file is empty
                 = expected a kind

            "#]],
        );
    }

    #[test]
    fn a_long_line_is_cut_and_control_characters_do_not_reach_the_terminal() {
        let text = format!("{}\u{1b}[31mé{}", "x".repeat(5_000), "y".repeat(5_000));
        check(
            &text,
            Diagnostic::error("a.json", "no").at(5_005..20_000),
            expect![[r#"
                error: no
                  ┌─ a.json:1:5006
                  │
                1 │ xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx?[31méyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
                  │                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

            "#]],
        );
    }

    #[test]
    fn places_past_the_end_are_the_end() {
        check(
            "é",
            Diagnostic::error("a", "no").at(1..9),
            expect![[r#"
                error: no
                  ┌─ a:1:1
                  │
                1 │ é
                  │ ^

            "#]],
        );
        check(
            "a\n",
            Diagnostic::error("a", "no").at(2..2),
            expect![[r#"
                error: no
                  ┌─ a:2:1
                  │
                2 │ 
                  │ ^

            "#]],
        );
    }
}
