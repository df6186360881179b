//! Reads CSV ledgers, with the file that stands beside each.

use std::io::{self, Read};

use csv::ByteRecord;
use pluriverse_kernel::{
    ledger::{Chunk, Dictionary, NO_CAUSE, NONE, Row},
    time::SimTime,
};

use super::{
    Context, Opened, RowReader,
    lines::ROW_BYTES_MAX,
    source::{Source, SourceReader},
};
use crate::{
    error::{Place, StoreError},
    header::{Header, reason},
    names::Names,
    write::csv::{FIELDS, Sidecar},
};

/// How much of a field an error shows.
const SHOWN_CHARS: usize = 80;

pub(crate) fn open(
    context: &Context,
    source: Source,
    sidecar: Option<&[u8]>,
) -> Result<Opened, StoreError> {
    let sidecar = sidecar.ok_or_else(|| StoreError::SidecarMissing {
        path: context.path.clone(),
        sidecar: crate::device::sidecar_of(&context.path),
    })?;
    let malformed = |error: serde_json::Error| {
        let place = Place::Line {
            line: error.line() as u64,
            column: error.column() as u64,
        };
        let path = crate::device::sidecar_of(&context.path);
        Context {
            path,
            format: context.format,
        }
        .corrupt(
            place,
            "a CSV ledger's",
            format!("another: {}", reason(&error)),
        )
    };
    let sidecar: Sidecar<serde_json::Value> = serde_json::from_slice(sidecar).map_err(malformed)?;
    let header: Header = context.header(&sidecar.header.to_string())?;
    let reader = Metered {
        inner: source.reader(0),
        left: ROW_BYTES_MAX,
        last: b'\n',
        has_ended: false,
    };
    let csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(reader);
    let mut rows = CsvRows {
        context: context.clone(),
        csv,
        record: ByteRecord::new(),
        dictionary: header.dictionary.clone(),
    };
    let is_ours = rows.next()?
        && rows
            .record
            .iter()
            .eq(FIELDS.iter().map(|name| name.as_bytes()));
    if !is_ours {
        return Err(context.foreign(format!("its first line is not `{}`", FIELDS.join(","))));
    }
    Ok(Opened {
        header,
        seal: sidecar.closing,
        rows: Box::new(rows),
    })
}

/// Bounds how much one record may read, and sees how the file ends.
struct Metered {
    inner: SourceReader,
    left: u64,
    last: u8,
    has_ended: bool,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a record is too long",
            ));
        }
        let count = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(count as u64);
        match buffer[..count].last() {
            Some(last) => self.last = *last,
            None => self.has_ended = true,
        }
        Ok(count)
    }
}

struct CsvRows {
    context: Context,
    csv: csv::Reader<Metered>,
    record: ByteRecord,
    dictionary: Dictionary,
}

impl RowReader for CsvRows {
    fn fill(&mut self, chunk: &mut Chunk) -> Result<(), StoreError> {
        while !chunk.is_full() && self.next()? {
            let next = chunk.first_row() + chunk.len() as u64;
            chunk.push(self.row(next)?);
        }
        Ok(())
    }
}

impl CsvRows {
    /// Reads the next record, unless the file ends before or within it.
    fn next(&mut self) -> Result<bool, StoreError> {
        self.csv.get_mut().left = ROW_BYTES_MAX;
        let is_there = self.csv.read_byte_record(&mut self.record);
        let reader = self.csv.get_ref();
        let is_cut = reader.has_ended && reader.last != b'\n';
        match is_there {
            Ok(is_there) => Ok(is_there && !is_cut),
            Err(_) if is_cut => Ok(false),
            Err(error) => Err(self.malformed(&error)),
        }
    }

    fn malformed(&self, error: &csv::Error) -> StoreError {
        let (expected, got) = match error.kind() {
            csv::ErrorKind::Io(source) if source.kind() == io::ErrorKind::InvalidData => (
                format!("a row of less than {ROW_BYTES_MAX} bytes"),
                "a longer one".to_owned(),
            ),
            csv::ErrorKind::Io(source) => {
                return self
                    .context
                    .unreadable(io::Error::new(source.kind(), source.to_string()));
            }
            csv::ErrorKind::UnequalLengths { len, .. } => {
                (format!("{} fields", FIELDS.len()), len.to_string())
            }
            _ => ("a row".to_owned(), format!("none: {error}")),
        };
        let line = error
            .position()
            .map_or(self.csv.position().line(), csv::Position::line);
        self.context
            .corrupt(Place::Line { line, column: 1 }, expected, got)
    }

    fn row(&self, next: u64) -> Result<Row, StoreError> {
        let number: u64 = self.parse(0, "a row's number")?;
        if number != next {
            return Err(self.corrupt(0, &format!("row {next}")));
        }
        let nanos = parse_seconds(self.text(1)?)
            .ok_or_else(|| self.corrupt(1, "seconds, to the nanosecond"))?;
        let kind = self.parse(2, "a kind's number")?;
        let subject = self.parse_or(4, NONE, "a subject's number")?;
        let object = self.parse_or(6, NONE, "an object's number")?;
        let value = self.parse(8, "a number")?;
        let cause = self.parse_or(9, NO_CAUSE, "a row's number")?;
        let names = Names(&self.dictionary);
        self.check_name(3, names.kind(kind))?;
        self.check_name(5, names.subject(kind, subject).as_deref())?;
        self.check_name(7, names.object(kind, object).as_deref())?;
        Ok(Row {
            time: SimTime::from_nanos(nanos),
            kind,
            subject,
            object,
            value,
            cause,
        })
    }

    fn text(&self, field: usize) -> Result<&str, StoreError> {
        let bytes = self.record.get(field).unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|_| self.corrupt(field, "text in UTF-8"))
    }

    fn parse<T: std::str::FromStr>(&self, field: usize, expected: &str) -> Result<T, StoreError> {
        self.text(field)?
            .parse()
            .map_err(|_| self.corrupt(field, expected))
    }

    fn parse_or<T: std::str::FromStr>(
        &self,
        field: usize,
        absent: T,
        expected: &str,
    ) -> Result<T, StoreError> {
        if self.text(field)?.is_empty() {
            Ok(absent)
        } else {
            self.parse(field, expected)
        }
    }

    fn check_name(&self, field: usize, expected: Option<&str>) -> Result<(), StoreError> {
        let expected = expected.unwrap_or_default();
        if self.text(field)? == expected {
            return Ok(());
        }
        Err(self.corrupt(field, &format!("`{expected}`")))
    }

    fn corrupt(&self, field: usize, expected: &str) -> StoreError {
        let got = String::from_utf8_lossy(self.record.get(field).unwrap_or_default());
        let got: String = got.chars().take(SHOWN_CHARS).collect();
        let line = self.record.position().map_or(0, csv::Position::line);
        let name = FIELDS[field];
        self.context
            .corrupt(Place::Field { line, name }, expected, format!("`{got}`"))
    }
}

/// Nanoseconds in decimal seconds, when they are whole and fit.
fn parse_seconds(text: &str) -> Option<i64> {
    let (is_negative, digits) = text
        .strip_prefix('-')
        .map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || fraction.len() > 9 {
        return None;
    }
    let whole: i128 = whole.parse::<u64>().ok()?.into();
    let fraction: i128 = format!("{fraction:0<9}").parse::<u64>().ok()?.into();
    let nanos = whole * 1_000_000_000 + fraction;
    i64::try_from(if is_negative { -nanos } else { nanos }).ok()
}
