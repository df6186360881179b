//! A file of the user as a tree of values that know where they stand, whatever it was written in.
//!
//! TOML and JSON become the same tree; values set over the file's (`--set key=value`) are part of it and know
//! that too. What a tree should look like is said once, in a [`Shape`]: the check of a file and the
//! JSON Schema that editors use both come from it. Knows nothing of processes.

use std::ops::Range;

mod check;
mod cursor;
mod findings;
mod overrides;
mod parse;
mod schema;
mod shape;
mod suggest;

pub use check::check;
pub use cursor::Cursor;
pub use findings::{Findings, Note};
pub use parse::parse;
pub use schema::schema;
pub use shape::{
    Bound, Choice, Definition, Field, MapShape, Presence, RateError, Scope, Shape, TableShape,
    Unit, Variants, rate_per_nano,
};
pub use suggest::{did_you_mean, listed, nearest};

/// Where a value or a key was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In no place of its own: the file as a whole.
    Whole,
    /// In the file, as a byte range.
    File(Range<usize>),
    /// In the override of this index.
    Override(usize),
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it says.
    pub value: Value,
    /// Where it stands.
    pub place: Place,
}

/// What both TOML and JSON can say.
#[derive(Clone, Debug)]
pub enum Value {
    /// JSON's `null`.
    Null,
    /// Something that was noted as an error already; it fits everywhere, so that it is told only once.
    Broken,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction or an exponent.
    Float(f64),
    /// A text.
    Text(String),
    /// A TOML date or time, as written.
    DateTime(String),
    /// Values in order.
    List(Vec<Node>),
    /// Values by key.
    Table(Table),
}

/// Keys and values, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Keys and values, in the order of the file.
    pub entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_place: Place,
    /// The value.
    pub node: Node,
}

impl Table {
    /// The entry of this key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }
}

impl Value {
    /// What kind of value it is, for a message: "a text", "a table".
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Broken => "broken",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::DateTime(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }

    /// The value as it was written, when it is short enough for a message, else its kind.
    pub fn shown(&self) -> String {
        const SHOWN_BYTES: usize = 60;
        match self {
            Self::Boolean(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Float(value)
                if libm::fabs(*value) >= 1e16 || (*value != 0.0 && libm::fabs(*value) < 1e-6) =>
            {
                format!("{value:e}")
            }
            Self::Float(value) => value.to_string(),
            Self::Text(text) if text.len() <= SHOWN_BYTES => format!("{text:?}"),
            Self::DateTime(text) => text.clone(),
            other => other.kind().to_owned(),
        }
    }
}

/// `key` as a step of a dotted path: bare where TOML lets it be bare, else quoted.
pub fn path_step(key: &str) -> String {
    let is_bare = !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare {
        key.to_owned()
    } else {
        format!("{key:?}")
    }
}

/// `key` within the table at `path`; the root's path is empty.
pub fn join(path: &str, key: &str) -> String {
    let step = path_step(key);
    if path.is_empty() {
        step
    } else {
        format!("{path}.{step}")
    }
}
