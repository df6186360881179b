//! Reads NDJSON ledgers.

use std::{borrow::Cow, fmt};

use pluriverse_kernel::{
    ledger::{Chunk, Dictionary, NO_CAUSE, NONE, Row},
    time::SimTime,
};
use serde::{Deserialize, Deserializer, de};

use super::{
    Context, Opened, RowReader,
    lines::{HEADER_BYTES_MAX, Line, Lines, ROW_BYTES_MAX},
    source::Source,
};
use crate::{
    error::{Place, StoreError},
    header::{SealText, reason},
    names::Names,
};

/// The closing is within so many bytes of the end.
const TAIL_BYTES: u64 = 64 * 1024;
/// What the last line begins with.
const CLOSING: &[u8] = b"{\"closing\":";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosingLine {
    closing: SealText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowLine<'a> {
    seq: u64,
    time: i64,
    kind: u16,
    #[serde(borrow, deserialize_with = "required")]
    kind_name: Option<Cow<'a, str>>,
    #[serde(deserialize_with = "required")]
    subject: Option<u32>,
    #[serde(borrow, deserialize_with = "required")]
    subject_name: Option<Cow<'a, str>>,
    #[serde(deserialize_with = "required")]
    object: Option<u32>,
    #[serde(borrow, deserialize_with = "required")]
    object_name: Option<Cow<'a, str>>,
    #[serde(deserialize_with = "value")]
    value: f64,
    #[serde(deserialize_with = "required")]
    cause: Option<u64>,
}

/// A field that may be null but must be there.
fn required<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// A value: a number, null for NaN, a text for the infinities.
fn value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    struct Value;

    impl de::Visitor<'_> for Value {
        type Value = f64;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a number, null, \"inf\" or \"-inf\"")
        }

        fn visit_f64<E>(self, value: f64) -> Result<f64, E> {
            Ok(value)
        }

        fn visit_i64<E>(self, value: i64) -> Result<f64, E> {
            Ok(value as f64)
        }

        fn visit_u64<E>(self, value: u64) -> Result<f64, E> {
            Ok(value as f64)
        }

        fn visit_unit<E>(self) -> Result<f64, E> {
            Ok(f64::NAN)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<f64, E> {
            match text {
                "inf" => Ok(f64::INFINITY),
                "-inf" => Ok(f64::NEG_INFINITY),
                _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
            }
        }
    }

    deserializer.deserialize_any(Value)
}

pub(crate) fn open(context: &Context, source: Source) -> Result<Opened, StoreError> {
    let unreadable = |error| context.unreadable(error);
    let mut lines = Lines::new(source.reader(0));
    let is_ledger = lines.continue_with("{\"pluriverse_ledger\":");
    if !is_ledger.map_err(unreadable)? {
        return Err(context.foreign("its first line is no ledger's header"));
    }
    let mut line = Vec::new();
    let kind = lines
        .read(&mut line, HEADER_BYTES_MAX)
        .map_err(unreadable)?;
    if kind != Line::Whole {
        return Err(context.corrupt(
            Place::Header,
            "a whole line",
            format!("{} bytes", line.len()),
        ));
    }
    let text = std::str::from_utf8(&line).unwrap_or_default();
    let header = context.header(text)?;
    let seal = find_seal(context, &source)?;
    let rows = NdjsonRows {
        context: context.clone(),
        lines,
        line,
        dictionary: header.dictionary.clone(),
        has_ended: false,
    };
    Ok(Opened {
        header,
        seal,
        rows: Box::new(rows),
    })
}

fn find_seal(context: &Context, source: &Source) -> Result<Option<SealText>, StoreError> {
    let tail = source
        .last(TAIL_BYTES)
        .map_err(|error| context.unreadable(error))?;
    let tail = tail.strip_suffix(b"\n").unwrap_or(&tail);
    let last = tail
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    if !last.starts_with(CLOSING) {
        return Ok(None);
    }
    // A closing that ends early is what a killed writer leaves: the rows before it are whole.
    Ok(serde_json::from_slice(last)
        .ok()
        .map(|line: ClosingLine| line.closing))
}

struct NdjsonRows {
    context: Context,
    lines: Lines,
    line: Vec<u8>,
    dictionary: Dictionary,
    has_ended: bool,
}

impl RowReader for NdjsonRows {
    fn fill(&mut self, chunk: &mut Chunk) -> Result<(), StoreError> {
        while !chunk.is_full() && !self.has_ended {
            let kind = self.lines.read(&mut self.line, ROW_BYTES_MAX);
            match kind.map_err(|error| self.context.unreadable(error))? {
                Line::End | Line::Cut => self.has_ended = true,
                Line::TooLong => {
                    return Err(self.corrupt(
                        1,
                        &format!("a line of less than {ROW_BYTES_MAX} bytes"),
                        "a longer one",
                    ));
                }
                Line::Whole if self.line.starts_with(CLOSING) => self.end()?,
                Line::Whole => {
                    let next = chunk.first_row() + chunk.len() as u64;
                    chunk.push(self.row(next)?);
                }
            }
        }
        Ok(())
    }
}

impl NdjsonRows {
    /// Nothing may follow the closing.
    fn end(&mut self) -> Result<(), StoreError> {
        self.has_ended = true;
        let kind = self.lines.read(&mut self.line, ROW_BYTES_MAX);
        match kind.map_err(|error| self.context.unreadable(error))? {
            Line::End => Ok(()),
            _ => Err(self.corrupt(1, "nothing after the closing", "more")),
        }
    }

    fn row(&self, next: u64) -> Result<Row, StoreError> {
        let row: RowLine<'_> = serde_json::from_slice(&self.line).map_err(|error| {
            self.corrupt(
                error.column() as u64,
                "a row",
                &format!("none: {}", reason(&error)),
            )
        })?;
        let names = Names(&self.dictionary);
        let (subject, object) = (row.subject.unwrap_or(NONE), row.object.unwrap_or(NONE));
        self.check_name("kind_name", names.kind(row.kind), row.kind_name.as_deref())?;
        self.check_name(
            "subject_name",
            names.subject(row.kind, subject).as_deref(),
            row.subject_name.as_deref(),
        )?;
        self.check_name(
            "object_name",
            names.object(row.kind, object).as_deref(),
            row.object_name.as_deref(),
        )?;
        if row.seq != next {
            return Err(self.corrupt(1, &format!("row {next}"), &format!("row {}", row.seq)));
        }
        let cause = row.cause.unwrap_or(NO_CAUSE);
        Ok(Row {
            time: SimTime::from_nanos(row.time),
            kind: row.kind,
            subject,
            object,
            value: row.value,
            cause,
        })
    }

    fn check_name(
        &self,
        field: &str,
        expected: Option<&str>,
        got: Option<&str>,
    ) -> Result<(), StoreError> {
        if expected == got {
            return Ok(());
        }
        let show =
            |name: Option<&str>| name.map_or_else(|| "null".to_owned(), |name| format!("`{name}`"));
        let column = self
            .line
            .windows(field.len())
            .position(|part| part == field.as_bytes())
            .unwrap_or(0) as u64;
        Err(self.corrupt(column, &format!("{field} {}", show(expected)), &show(got)))
    }

    fn corrupt(&self, column: u64, expected: &str, got: &str) -> StoreError {
        self.context.corrupt(
            Place::Line {
                line: self.lines.number(),
                column,
            },
            expected,
            got,
        )
    }
}
