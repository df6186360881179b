//! Holds a tree against its [`Shape`] and notes every place where the two differ.
//!
//! After a check without errors, everything that a shape promises holds and readers of the tree need not look
//! again. A part that fails is noted once and not looked into further.

use pluriverse_kernel::time::{ParseDurationError, SimDuration};

use super::{
    Bound, Entry, Field, Findings, Node, Shape, Table, Unit, Value, did_you_mean, join,
    shape::{MapShape, Presence, RateError, Variants, rate_per_nano},
};

/// Notes where `node` differs from `shape`.
pub fn check(node: &Node, shape: &'static Shape, findings: &mut Findings<'_>) {
    Checker {
        findings,
        path: String::new(),
        unit: Unit::Number,
    }
    .shape(node, shape);
}

struct Checker<'c, 'd> {
    findings: &'c mut Findings<'d>,
    path: String,
    unit: Unit,
}

impl Checker<'_, '_> {
    fn shape(&mut self, node: &Node, shape: &'static Shape) {
        match (shape, &node.value) {
            (_, Value::Broken) => {}
            (Shape::OneOf(shapes), _) => match self.alternative(node, shapes) {
                Some(shape) => self.shape(node, shape),
                None => self.wrong_type(node, shape),
            },
            (Shape::Named(definition), _) => self.shape(node, &definition.shape),
            (Shape::In(unit, shape), _) => {
                let outer = std::mem::replace(&mut self.unit, *unit);
                self.shape(node, shape);
                self.unit = outer;
            }
            (Shape::Quantity(bound), _) => match self.unit {
                Unit::Duration => self.duration(node, bound.of_durations(), shape),
                Unit::Number => self.number(node, *bound, shape),
            },
            (Shape::Duration(bound), _) => self.duration(node, *bound, shape),
            (Shape::Number(bound), _) => self.number(node, *bound, shape),
            (Shape::Rate, _) => self.rate(node, shape),
            (Shape::Integer { low, high }, _) => self.integer(node, *low, *high, shape),
            (Shape::Boolean, Value::Boolean(_)) => {}
            (Shape::Text { .. }, Value::Text(text)) => {
                if text.chars().any(|c| c.is_control()) {
                    let message = format!("`{}` has a control character in it", self.path);
                    self.findings
                        .error(&node.place, message)
                        .expected("plain text on one line");
                }
            }
            (Shape::Choice(choices), Value::Text(text)) => {
                if !choices.iter().any(|choice| choice.word == text) {
                    let words = choices.iter().map(|choice| choice.word);
                    let message = format!("`{}` = {} is not known", self.path, node.value.shown());
                    let near =
                        super::nearest(text, words).map(|near| format!("did you mean \"{near}\"?"));
                    let expected = shape.words(self.unit);
                    self.findings
                        .error(&node.place, message)
                        .expected(expected)
                        .help(near.unwrap_or_default());
                }
            }
            (Shape::List(item), Value::List(items)) => self.list(node, items, item),
            (Shape::Table(table), Value::Table(entries)) => self.table(node, entries, table.fields),
            (Shape::Map(map), Value::Table(entries)) => self.map(node, entries, map),
            (Shape::Variant(groups), Value::Table(entries)) => {
                self.variant(node, entries, groups, shape)
            }
            _ => self.wrong_type(node, shape),
        }
    }

    fn wrong_type(&mut self, node: &Node, shape: &'static Shape) {
        let expected = shape.words(self.unit);
        let note = match &node.value {
            Value::Table(_) | Value::List(_) | Value::Null | Value::Broken => {
                format!("`{}` is {}", self.path, node.value.kind())
            }
            value => format!("`{}` = {} is {}", self.path, value.shown(), value.kind()),
        };
        self.findings.error(&node.place, note).expected(expected);
    }

    /// The shape among several that fits the type of `node`.
    fn alternative(&self, node: &Node, shapes: &'static [Shape]) -> Option<&'static Shape> {
        let fits = shapes.iter().filter(|shape| self.fits(node, shape));
        match &node.value {
            // The last of equals would win with `max_by_key`; the first one is the one that the docs lead with.
            Value::Table(table) => fits.rev().max_by_key(|shape| likeness(shape, table)),
            _ => fits.into_iter().next(),
        }
    }

    fn fits(&self, node: &Node, shape: &Shape) -> bool {
        match shape {
            Shape::Boolean => matches!(node.value, Value::Boolean(_)),
            Shape::Text { .. } | Shape::Choice(_) | Shape::Rate => {
                matches!(node.value, Value::Text(_))
            }
            Shape::Integer { .. } | Shape::Number(_) => {
                matches!(node.value, Value::Integer(_) | Value::Float(_))
            }
            // A bare number is meant as a duration without its unit, and is answered as that.
            Shape::Duration(_) => matches!(
                node.value,
                Value::Text(_) | Value::Integer(_) | Value::Float(_)
            ),
            Shape::Quantity(bound) => match self.unit {
                Unit::Duration => self.fits(node, &Shape::Duration(*bound)),
                Unit::Number => self.fits(node, &Shape::Number(*bound)),
            },
            Shape::List(_) => matches!(node.value, Value::List(_)),
            Shape::Table(_) | Shape::Map(_) | Shape::Variant(_) => {
                matches!(node.value, Value::Table(_))
            }
            Shape::OneOf(shapes) => shapes.iter().any(|shape| self.fits(node, shape)),
            Shape::In(_, shape) => self.fits(node, shape),
            Shape::Named(definition) => self.fits(node, &definition.shape),
        }
    }

    fn duration(&mut self, node: &Node, bound: Bound, shape: &'static Shape) {
        let expected = shape.words(self.unit);
        let text = match &node.value {
            Value::Text(text) => text,
            Value::Integer(_) | Value::Float(_) => {
                let shown = node.value.shown();
                let message = format!("`{}` = {shown} has no unit", self.path);
                self.findings
                    .error(&node.place, message)
                    .expected(expected)
                    .help(format!("write \"{shown}s\" for seconds"));
                return;
            }
            _ => return self.wrong_type(node, shape),
        };
        match text.parse::<SimDuration>() {
            Ok(duration) => {
                if let Some(violation) = bound.violation(duration.nanos() as f64) {
                    let message = format!("`{}` {violation}", self.path);
                    self.findings.error(&node.place, message).expected(expected);
                }
            }
            Err(ParseDurationError::UnitMissing { number }) => {
                let message = format!("`{}` = {} has no unit", self.path, node.value.shown());
                let help = format!("write \"{number}s\" for seconds");
                self.findings
                    .error(&node.place, message)
                    .expected(expected)
                    .help(help);
            }
            Err(error) => {
                let message = format!("`{}` is no duration: {error}", self.path);
                self.findings.error(&node.place, message).expected(expected);
            }
        }
    }

    fn number(&mut self, node: &Node, bound: Bound, shape: &'static Shape) {
        let expected = shape.words(self.unit);
        let value = match &node.value {
            Value::Integer(value) => *value as f64,
            Value::Float(value) => *value,
            Value::Text(text)
                if text.parse::<f64>().is_ok() || text.parse::<SimDuration>().is_ok() =>
            {
                let message = format!("`{}` = {text:?} is a text", self.path);
                let help = "leave the quotes out";
                let note = self.findings.error(&node.place, message).expected(expected);
                if text.parse::<f64>().is_ok() {
                    note.help(help);
                }
                return;
            }
            _ => return self.wrong_type(node, shape),
        };
        let violation = if value.is_finite() {
            bound.violation(value)
        } else {
            Some("is not finite")
        };
        if let Some(violation) = violation {
            let message = format!("`{}` = {} {violation}", self.path, node.value.shown());
            self.findings.error(&node.place, message).expected(expected);
        }
    }

    fn integer(&mut self, node: &Node, low: i64, high: i64, shape: &'static Shape) {
        let expected = shape.words(self.unit);
        let problem = match node.value {
            Value::Integer(value) if value < low && value < 0 => "is negative",
            Value::Integer(value) if value < low => "is too small",
            Value::Integer(value) if value > high => "is too large",
            Value::Integer(_) => return,
            Value::Float(value) if libm::trunc(value) != value => "is not a whole number",
            Value::Float(value) if value < low as f64 => "is too small",
            Value::Float(value) if value > (high as f64).min(9e15) => "is too large",
            Value::Float(_) => return,
            _ => return self.wrong_type(node, shape),
        };
        let message = format!("`{}` = {} {problem}", self.path, node.value.shown());
        self.findings.error(&node.place, message).expected(expected);
    }

    fn rate(&mut self, node: &Node, shape: &'static Shape) {
        let expected = shape.words(self.unit);
        let shown = node.value.shown();
        let problem = match &node.value {
            Value::Text(text) => match rate_per_nano(text) {
                Ok(_) => return,
                Err(RateError::Negative) => "is negative".to_owned(),
                Err(RateError::NotANumber) => "does not start with a number".to_owned(),
                Err(RateError::UnitMissing) => "has no unit".to_owned(),
                Err(RateError::UnitUnknown { got }) => {
                    format!("has no unit of time after the slash, but `{got}`")
                }
            },
            Value::Integer(_) | Value::Float(_) => "has no unit".to_owned(),
            _ => return self.wrong_type(node, shape),
        };
        let message = format!("`{}` = {shown} {problem}", self.path);
        self.findings
            .error(&node.place, message)
            .expected(expected)
            .help("units are w, d, h, min, s, ms, us and ns");
    }

    fn list(&mut self, node: &Node, items: &[Node], shape: &'static Shape) {
        if items.is_empty() {
            let message = format!("`{}` is an empty list", self.path);
            self.findings
                .error(&node.place, message)
                .expected("at least one element");
        }
        let length = self.path.len();
        for (index, item) in items.iter().enumerate() {
            use std::fmt::Write as _;
            write!(self.path, "[{index}]").expect("a string takes all that is written");
            self.shape(item, shape);
            self.path.truncate(length);
        }
    }

    fn entry(&mut self, entry: &Entry, shape: &'static Shape) {
        let path = join(&self.path, &entry.key);
        let outer = std::mem::replace(&mut self.path, path);
        self.shape(&entry.node, shape);
        self.path = outer;
    }

    fn table(&mut self, node: &Node, table: &Table, fields: &'static [Field]) {
        for entry in &table.entries {
            match fields.iter().find(|field| field.key == entry.key) {
                Some(field) => self.entry(entry, &field.shape),
                None => self.unknown_key(entry, fields.iter()),
            }
        }
        let is_misspelt = |field: &Field| {
            let unknown = table
                .entries
                .iter()
                .filter(|entry| fields.iter().all(|known| known.key != entry.key));
            let meant =
                |entry: &Entry| super::nearest(&entry.key, fields.iter().map(|known| known.key));
            unknown
                .into_iter()
                .any(|entry| meant(entry) == Some(field.key))
        };
        for field in fields
            .iter()
            .filter(|field| field.presence == Presence::Required)
        {
            if table.get(field.key).is_none() && !is_misspelt(field) {
                let message = format!("`{}` is missing", join(&self.path, field.key));
                let expected = field.shape.words(self.unit);
                self.findings
                    .error(&node.place, message)
                    .expected(expected)
                    .help(lowered(field.doc));
            }
        }
    }

    fn unknown_key(&mut self, entry: &Entry, fields: impl Iterator<Item = &'static Field> + Clone) {
        let message = match self.path.as_str() {
            "" => format!("unknown key `{}`", entry.key),
            path => format!("unknown key `{}` in `{path}`", entry.key),
        };
        let help = did_you_mean(&entry.key, fields.map(|field| field.key));
        self.findings.error(&entry.key_place, message).help(help);
    }

    fn map(&mut self, node: &Node, table: &Table, map: &'static MapShape) {
        if table.entries.len() > map.limit {
            let message = format!("`{}` has {} entries", self.path, table.entries.len());
            self.findings
                .error(&node.place, message)
                .expected(format!("at most {}", map.limit));
            return;
        }
        for entry in &table.entries {
            let name = entry.key.trim();
            if name.is_empty()
                || name != entry.key
                || name.chars().any(char::is_control)
                || name.len() > 100
            {
                let message = format!("{:?} is no name for a {}", entry.key, map.what);
                self.findings
                    .error(&entry.key_place, message)
                    .expected("1 to 100 characters without line breaks or spaces around them");
            }
            self.entry(entry, &map.value);
        }
    }

    fn variant(
        &mut self,
        node: &Node,
        table: &Table,
        groups: &'static [&'static Variants],
        shape: &'static Shape,
    ) {
        let fields = || groups.iter().flat_map(|group| group.fields);
        let known = |entry: &Entry| fields().find(|field| field.key == entry.key);
        let mut found = table
            .entries
            .iter()
            .filter_map(|entry| known(entry).map(|field| (entry, field)));
        let (first, second) = (found.next(), found.next());
        for entry in table.entries.iter().filter(|entry| known(entry).is_none()) {
            self.unknown_key(entry, fields());
        }
        match (first, second) {
            (Some((entry, field)), None) => self.entry(entry, &field.shape),
            (Some((first, _)), Some((second, _))) => {
                let message = format!(
                    "`{}` says both `{}` and `{}`",
                    self.path, first.key, second.key
                );
                self.findings
                    .error(&second.key_place, message)
                    .expected("only one of them");
            }
            (None, _) if table.entries.is_empty() => {
                let message = format!("`{}` is an empty table", self.path);
                let expected = shape.words(self.unit);
                self.findings.error(&node.place, message).expected(expected);
            }
            (None, _) => {}
        }
    }
}

/// How many of the table's keys the shape knows, and how many it nearly knows.
fn likeness(shape: &'static Shape, table: &Table) -> (usize, usize) {
    let mut keys = Vec::new();
    collect_keys(shape, &mut keys);
    let is_known = |entry: &&Entry| keys.contains(&entry.key.as_str());
    let is_near = |entry: &&Entry| super::nearest(&entry.key, keys.iter().copied()).is_some();
    (
        table.entries.iter().filter(is_known).count(),
        table.entries.iter().filter(is_near).count(),
    )
}

fn collect_keys(shape: &'static Shape, keys: &mut Vec<&'static str>) {
    match shape {
        Shape::Table(table) => keys.extend(table.fields.iter().map(|field| field.key)),
        Shape::Variant(groups) => keys.extend(
            groups
                .iter()
                .flat_map(|group| group.fields)
                .map(|field| field.key),
        ),
        Shape::OneOf(shapes) => shapes.iter().for_each(|shape| collect_keys(shape, keys)),
        Shape::In(_, shape) => collect_keys(shape, keys),
        Shape::Named(definition) => collect_keys(&definition.shape, keys),
        _ => {}
    }
}

/// A doc as a part of a sentence: without its capital and its full stop.
fn lowered(doc: &str) -> String {
    let mut letters = doc.chars();
    let first = letters.next().map(char::to_lowercase);
    let text: String = first.into_iter().flatten().chain(letters).collect();
    text.trim_end_matches('.').to_owned()
}
