//! A place in a checked tree, with the path that leads there.
//!
//! Readings return `None` where the tree differs from its shape; the check has noted that already, so that a reader
//! just goes on with what is there.

use pluriverse_kernel::time::SimDuration;

use super::{Entry, Node, Place, Table, Value, join, rate_per_nano};

/// A value of the tree and its path.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'d> {
    pub(crate) node: &'d Node,
    pub(crate) path: String,
}

impl<'d> Cursor<'d> {
    pub(crate) fn root(node: &'d Node) -> Self {
        Self {
            node,
            path: String::new(),
        }
    }

    pub(crate) fn place(&self) -> &'d Place {
        &self.node.place
    }

    pub(crate) fn table(&self) -> Option<&'d Table> {
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
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        self.table()?.get(key).map(|entry| self.entry(entry))
    }

    /// Names and values of a table, in the order of the file; nothing where there is no table.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'d Entry, Self)> {
        let entries = self.table().map_or(&[][..], |table| &table.entries);
        entries.iter().map(|entry| (entry, self.entry(entry)))
    }

    /// Names and values of the table under `key`.
    pub(crate) fn entries_of(&self, key: &str) -> Vec<(&'d Entry, Self)> {
        self.get(key)
            .map_or_else(Vec::new, |cursor| cursor.entries().collect())
    }

    /// The one key of a table that says what kind of thing it is.
    pub(crate) fn variant(&self) -> Option<(&'d str, Self)> {
        match self.table()?.entries.as_slice() {
            [entry] => Some((&entry.key, self.entry(entry))),
            _ => None,
        }
    }

    /// The elements of a list; nothing where there is no list.
    pub(crate) fn items(&self) -> impl Iterator<Item = Self> {
        let items = match &self.node.value {
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        items.iter().enumerate().map(|(index, node)| Self {
            node,
            path: format!("{}[{index}]", self.path),
        })
    }

    pub(crate) fn text(&self) -> Option<&'d str> {
        match &self.node.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn boolean(&self) -> Option<bool> {
        match self.node.value {
            Value::Boolean(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn integer(&self) -> Option<i64> {
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
    pub(crate) fn number(&self) -> Option<f64> {
        match self.node.value {
            Value::Integer(value) => Some(value as f64),
            Value::Float(value) => Some(value).filter(|value| value.is_finite()),
            _ => None,
        }
    }

    pub(crate) fn duration(&self) -> Option<SimDuration> {
        self.text()?.parse().ok()
    }

    /// A rate as count and the nanoseconds it takes.
    pub(crate) fn rate(&self) -> Option<(f64, f64)> {
        rate_per_nano(self.text()?).ok()
    }
}
