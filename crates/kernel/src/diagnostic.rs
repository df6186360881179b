//! What is wrong with a user's file, in a form that any host can show: text, place, what to do.
//!
//! A diagnostic points into the file by byte range. It knows neither colours nor terminals; hosts render it.

use std::{fmt, ops::Range};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file can be used; the user should know.
    Warning,
    /// The file cannot be used.
    Error,
}

/// One finding about a user's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file, as the user named it.
    pub file: String,
    /// What is wrong, with the value: one sentence without a full stop.
    pub message: String,
    /// Where, as a byte range of the file's text; `None` when it is about the file as a whole.
    pub span: Option<Range<usize>>,
    /// What was expected at that place; empty when the message says it all.
    pub expected: String,
    /// What to do about it; empty when it is plain.
    pub help: String,
}

impl Diagnostic {
    /// An error about `file` as a whole.
    pub fn error(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            file: file.into(),
            message: message.into(),
            span: None,
            expected: String::new(),
            help: String::new(),
        }
    }

    /// A warning about `file` as a whole.
    pub fn warning(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(file, message)
        }
    }

    /// The same finding, at `span`.
    #[must_use]
    pub fn at(mut self, span: Range<usize>) -> Self {
        self.span = Some(span);
        self
    }

    /// The same finding, saying what was expected.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    /// The same finding, saying what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Line and column (both from 1, columns in characters) of the finding in `text`.
    #[must_use]
    pub fn line_column(&self, text: &str) -> Option<(usize, usize)> {
        let start = self.span.as_ref()?.start.min(text.len());
        let before = text.get(..start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Some((line, column))
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.file, self.message)?;
        if !self.expected.is_empty() {
            write!(out, " (expected {})", self.expected)?;
        }
        if !self.help.is_empty() {
            write!(out, "; {}", self.help)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostic {}
