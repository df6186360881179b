//! The values that go into statements and come out of them, the same for both databases.
//!
//! Whole numbers without a sign travel as the signed ones with the same bits, so that every `u64` fits a column.

use crate::error::ArchiveError;

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Whole(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    /// A number without a sign, by its bits.
    pub(crate) fn bits(number: u64) -> Self {
        Self::Whole(number.cast_signed())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Whole(number.into())
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Self {
        Self::Whole(number.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The values of a row, taken one after the other.
#[derive(Debug)]
pub(crate) struct Row {
    values: std::vec::IntoIter<Value>,
}

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self {
            values: values.into_iter(),
        }
    }

    fn next(&mut self) -> Value {
        self.values.next().unwrap_or(Value::Null)
    }

    /// The next value, which is a text.
    pub(crate) fn text(&mut self) -> Result<String, ArchiveError> {
        self.maybe_text()?
            .ok_or_else(|| unlike("a text", &Value::Null))
    }

    /// The next value, which is a text or nothing.
    pub(crate) fn maybe_text(&mut self) -> Result<Option<String>, ArchiveError> {
        match self.next() {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            other => Err(unlike("a text", &other)),
        }
    }

    /// The next value, which is a whole number.
    pub(crate) fn whole(&mut self) -> Result<i64, ArchiveError> {
        self.maybe_whole()?
            .ok_or_else(|| unlike("a whole number", &Value::Null))
    }

    /// The next value, which is a whole number or nothing.
    pub(crate) fn maybe_whole(&mut self) -> Result<Option<i64>, ArchiveError> {
        match self.next() {
            Value::Whole(number) => Ok(Some(number)),
            Value::Null => Ok(None),
            other => Err(unlike("a whole number", &other)),
        }
    }

    /// The next value, which is a number without a sign, by its bits.
    pub(crate) fn bits(&mut self) -> Result<u64, ArchiveError> {
        self.whole().map(i64::cast_unsigned)
    }

    /// The next value, which is a number or nothing.
    pub(crate) fn maybe_real(&mut self) -> Result<Option<f64>, ArchiveError> {
        match self.next() {
            Value::Real(number) => Ok(Some(number)),
            Value::Whole(number) => Ok(Some(number as f64)),
            Value::Null => Ok(None),
            other => Err(unlike("a number", &other)),
        }
    }

    /// The next value, which is bytes.
    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, ArchiveError> {
        match self.next() {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(unlike("bytes", &other)),
        }
    }
}

fn unlike(expected: &str, got: &Value) -> ArchiveError {
    let got = match got {
        Value::Null => "nothing".to_owned(),
        Value::Whole(number) => format!("the whole number {number}"),
        Value::Real(number) => format!("the number {number}"),
        Value::Text(text) => format!("the text `{}`", text.chars().take(40).collect::<String>()),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
    };
    ArchiveError::Damaged {
        message: format!("the database holds {got} where {expected} was expected"),
    }
}
