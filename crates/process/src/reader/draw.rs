//! Values drawn for each case: a distribution, one by class or by time, or computed from the case.

use super::{Reader, distribution::NANOS_PER_SEC, timetable::Spelling};
use crate::{
    document::{Cursor, Unit, Value, did_you_mean},
    expression::Expression,
    spec::Draw,
};

impl Reader<'_> {
    /// Reads a draw; durations are in nanoseconds.
    pub(super) fn draw(&mut self, cursor: &Cursor<'_>, unit: Unit) -> Option<Draw> {
        let factor = match unit {
            Unit::Duration => NANOS_PER_SEC,
            Unit::Number => 1.0,
        };
        if unit == Unit::Number && cursor.text().is_some() {
            return Some(Draw::Expression {
                value: self.expression(cursor)?,
                unit: factor,
            });
        }
        if !matches!(cursor.node.value, Value::Table(_)) {
            return self.distribution(cursor, unit).map(Draw::Distribution);
        }
        if let Some(scale) = cursor.get("scale") {
            let (factor, draw) = (self.expression(&scale), self.draw(&cursor.get("of")?, unit));
            return Some(Draw::Scaled {
                factor: factor?,
                draw: Box::new(draw?),
            });
        }
        let (kind, value) = cursor.variant()?;
        match kind {
            "by_class" => self.by_class(&value, unit),
            "by_time" => {
                let spelling = Spelling {
                    steps: "steps",
                    value: "of",
                };
                let timetable =
                    self.timetable(&value, spelling, |reader, item| reader.draw(item, unit))?;
                Some(Draw::ByTime {
                    steps: timetable.steps,
                    cycle: timetable.cycle,
                })
            }
            "attribute" => Some(Draw::Expression {
                value: self.attribute(&value)?,
                unit: factor,
            }),
            "expression" => Some(Draw::Expression {
                value: self.expression(&value)?,
                unit: factor,
            }),
            _ => self.distribution(cursor, unit).map(Draw::Distribution),
        }
    }

    /// Reads every entry of the table `key`, whose keys are attributes; each is read even where another is wrong.
    pub(super) fn by_attribute<T>(
        &mut self,
        cursor: &Cursor<'_>,
        key: &str,
        mut read: impl FnMut(&mut Self, &Cursor<'_>) -> Option<T>,
    ) -> Option<Vec<(usize, T)>> {
        let mut values = Vec::new();
        for (entry, cursor) in cursor.entries_of(key) {
            let mut names = self.names.attributes.iter();
            let index = names.position(|name| *name == entry.key);
            values.push((index, read(self, &cursor)));
        }
        let known = |(index, value): (Option<usize>, Option<T>)| Some((index?, value?));
        values.into_iter().map(known).collect()
    }

    fn attribute(&mut self, cursor: &Cursor<'_>) -> Option<Expression> {
        let name = cursor.text()?;
        let found = self
            .names
            .attributes
            .iter()
            .position(|attribute| attribute == name);
        if found.is_none() {
            let help = match did_you_mean(name, self.names.attributes.iter().map(String::as_str)) {
                help if help.is_empty() => {
                    "sources set attributes: `attributes = { size = 1 }`".to_owned()
                }
                help => help,
            };
            let message = format!("`{}` = \"{name}\" is no attribute of any case", cursor.path);
            self.findings.error(cursor.place(), message).help(help);
        }
        found.map(Expression::attribute)
    }

    fn by_class(&mut self, cursor: &Cursor<'_>, unit: Unit) -> Option<Draw> {
        let errors = self.findings.error_count();
        let mut draws: Vec<Option<Draw>> = vec![None; self.names.classes.len()];
        let mut default = None;
        for (entry, value) in cursor.entries() {
            let draw = self.draw(&value, unit);
            if entry.key == "default" {
                default = draw;
            } else if let Some(index) = self
                .names
                .classes
                .iter()
                .position(|class| *class == entry.key)
            {
                draws[index] = draw;
            } else {
                let help = did_you_mean(&entry.key, self.names.classes.iter().map(String::as_str));
                let message = format!("`{}`: there is no class `{}`", cursor.path, entry.key);
                self.findings.error(&entry.key_place, message).help(help);
            }
        }
        if self.findings.error_count() > errors {
            return None;
        }
        if default.is_none()
            && let Some(index) = draws.iter().position(Option::is_none)
        {
            let class = &self.names.classes[index];
            let message = format!("`{}` says nothing about class `{class}`", cursor.path);
            let help = format!("add `{class} = …`, or `default = …` for all others");
            self.findings.error(cursor.place(), message).help(help);
            return None;
        }
        draws
            .into_iter()
            .map(|draw| draw.or_else(|| default.clone()))
            .collect::<Option<Vec<_>>>()
            .map(Draw::ByClass)
    }
}
