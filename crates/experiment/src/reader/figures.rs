//! Names of figures, held against those that the scenario has.

use pluriverse_document::{Cursor, did_you_mean};

use super::Reader;
use crate::{expression::Expression, plan::Factor};

impl Reader<'_> {
    /// The name of a figure of a run that there is.
    pub(super) fn metric(&mut self, cursor: &Cursor<'_>) -> Option<String> {
        let name = cursor.text()?;
        if self.figures.metric(name).is_some() {
            return Some(name.to_owned());
        }
        let known = self.figures.outline.scalars.iter();
        let help = did_you_mean(name, known.map(|scalar| scalar.name.as_str()));
        let message = format!("`{}`: the scenario has no figure `{name}`", cursor.path);
        self.findings.error(cursor.place(), message).help(help);
        None
    }

    /// The name of a series that there is, and how many periods it has.
    pub(super) fn series(&mut self, cursor: &Cursor<'_>) -> Option<(String, usize)> {
        let name = cursor.text()?;
        if let Some(index) = self.figures.series(name) {
            return Some((name.to_owned(), self.figures.periods[index]));
        }
        let names: Vec<String> = self.figures.series_names().collect();
        let help = did_you_mean(name, names.iter().map(String::as_str));
        let message = format!("`{}`: the scenario has no series `{name}`", cursor.path);
        self.findings.error(cursor.place(), message).help(help);
        None
    }

    /// An expression of figures and factors, as it was written.
    pub(super) fn objective(&mut self, cursor: &Cursor<'_>, factors: &[Factor]) -> Option<String> {
        let text = cursor.text()?;
        let names = self.figures.names_with(factors);
        match Expression::parse(text, &names) {
            Ok(_) => Some(text.to_owned()),
            Err(error) => {
                let place = self
                    .findings
                    .within(cursor.place(), text, error.range.clone());
                let message = format!("`{}`: {}", cursor.path, error.message);
                let help = match text.get(error.range) {
                    Some(word) if error.is_name => {
                        did_you_mean(word, names.iter().map(String::as_str))
                    }
                    _ => String::new(),
                };
                self.findings
                    .error(&place, message)
                    .expected(error.expected)
                    .help(help);
                None
            }
        }
    }
}
