//! A place in a checked tree, with the path that leads there.
//!
//! Readings return `None` where the tree differs from its shape; the check has noted that already, so that a reader
//! just goes on with what is there.

use pluriverse_kernel::time::SimDuration;

use super::{Entry, Node, Place, Table, Value, join, rate_per_nano};

/// A value of the tree and its path.
#[derive(Clone, Debug)]
pub struct Cursor<'d> {
    /// The value.
    pub node: &'d Node,
    /// Dotted keys and indices that lead to it; empty at the root.
    pub path: String,
}

impl<'d> Cursor<'d> {
    /// The whole of a file.
    pub fn root(node: &'d Node) -> Self {
        Self {
            node,
            path: String::new(),
        }
    }

    /// Where it was written.
    pub fn place(&self) -> &'d Place {
        &self.node.place
    }

    /// The table that it is, if it is one.
    pub fn table(&self) -> Option<&'d Table> {
        match &self.node.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    fn entry(&self, entry: &'d Entry) -> Self {
        Self {
            node: &entry.node,
            path: join(&self.path, &entry.key),
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<Self> {
        self.table()?.get(key).map(|entry| self.entry(entry))
    }

    /// Names and values of a table, in the order of the file; nothing where there is no table.
    pub fn entries(&self) -> impl Iterator<Item = (&'d Entry, Self)> {
        let entries = self.table().map_or(&[][..], |table| &table.entries);
        entries.iter().map(|entry| (entry, self.entry(entry)))
    }

    /// Names and values of the table under `key`.
    pub fn entries_of(&self, key: &str) -> Vec<(&'d Entry, Self)> {
        self.get(key)
            .map_or_else(Vec::new, |cursor| cursor.entries().collect())
    }

    /// The one key of a table that says what kind of thing it is.
    pub fn variant(&self) -> Option<(&'d str, Self)> {
        match self.table()?.entries.as_slice() {
            [entry] => Some((&entry.key, self.entry(entry))),
            _ => None,
        }
    }

    /// The elements of a list; nothing where there is no list.
    pub fn items(&self) -> impl Iterator<Item = Self> {
        let items = match &self.node.value {
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        items.iter().enumerate().map(|(index, node)| Self {
            node,
            path: format!("{}[{index}]", self.path),
        })
    }

    /// The text that it is, if it is one.
    pub fn text(&self) -> Option<&'d str> {
        match &self.node.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value that it is, if it is one.
    pub fn boolean(&self) -> Option<bool> {
        match self.node.value {
            Value::Boolean(value) => Some(value),
            _ => None,
        }
    }

    /// The whole number that it is, if it is one.
    pub fn integer(&self) -> Option<i64> {
        match self.node.value {
            Value::Integer(value) => Some(value),
            // `5.0` is five; the check has held it against the bounds.
            #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
            Value::Float(value) if libm::trunc(value) == value && libm::fabs(value) < 9e18 => {
                Some(value as i64)
            }
            _ => None,
        }
    }

    /// A finite number.
    pub fn number(&self) -> Option<f64> {
        match self.node.value {
            Value::Integer(value) => Some(value as f64),
            Value::Float(value) => Some(value).filter(|value| value.is_finite()),
            _ => None,
        }
    }

    /// The duration that its text means, if it means one.
    pub fn duration(&self) -> Option<SimDuration> {
        self.text()?.parse().ok()
    }

    /// A rate as count and the nanoseconds it takes.
    pub fn rate(&self) -> Option<(f64, f64)> {
        rate_per_nano(self.text()?).ok()
    }
}
