//! A CSV file that a scenario refers to: its header, its rows, and where in it a cell stands.

use csv::StringRecord;

use super::Reader;
use crate::document::{Cursor, did_you_mean};

/// No more rows than this in all files that a scenario reads, each as often as it is read.
pub(super) const ROWS_LIMIT: usize = 5_000_000;

/// A file that was read whole.
#[derive(Debug)]
pub(super) struct CsvFile {
    /// As the scenario names it.
    path: String,
    header: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// A row and the line on which it starts, from 1.
#[derive(Debug)]
pub(super) struct Row {
    line: u64,
    cells: StringRecord,
}

impl CsvFile {
    /// Reads the file that `cursor` names.
    pub(super) fn read(reader: &mut Reader<'_>, cursor: &Cursor<'_>) -> Option<Self> {
        let path = cursor.text()?;
        match Self::parse(reader, path) {
            Ok(file) => Some(file),
            Err(message) => {
                reader.findings.error(cursor.place(), message);
                None
            }
        }
    }

    fn parse(reader: &mut Reader<'_>, path: &str) -> Result<Self, String> {
        let bytes = reader.files.read(path).map_err(|error| {
            if error.contains(path) {
                error
            } else {
                format!("`{path}` cannot be read: {error}")
            }
        })?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut csv = csv::ReaderBuilder::new().from_reader(bytes);
        let broken = |error: csv::Error| broken(path, &error);
        let header: Vec<String> = csv
            .headers()
            .map_err(broken)?
            .iter()
            .map(|name| name.trim().to_owned())
            .collect();
        if header.iter().all(String::is_empty) {
            return Err(format!("`{path}` is empty: it has no header row"));
        }
        let mut rows = Vec::new();
        for record in csv.into_records() {
            let cells = record.map_err(broken)?;
            let line = cells.position().map_or(0, csv::Position::line);
            rows.push(Row { line, cells });
            if rows.len() > reader.rows_left {
                return Err(match reader.rows_left {
                    ROWS_LIMIT => format!("`{path}` has more than {ROWS_LIMIT} rows"),
                    _ => format!("with `{path}`, more than {ROWS_LIMIT} rows are read in all"),
                });
            }
        }
        reader.rows_left -= rows.len();
        if rows.is_empty() {
            return Err(format!("`{path}` has a header and no rows"));
        }
        Ok(Self {
            path: path.to_owned(),
            header,
            rows,
        })
    }

    /// The index of the column that `cursor` names.
    pub(super) fn column(&self, reader: &mut Reader<'_>, cursor: &Cursor<'_>) -> Option<usize> {
        let name = cursor.text()?;
        let found = self.header.iter().position(|column| column == name.trim());
        if found.is_none() {
            let help = did_you_mean(name, self.header.iter().map(String::as_str));
            let message = format!("`{}` has no column `{name}`", self.path);
            reader.findings.error(cursor.place(), message).help(help);
        }
        found
    }

    pub(super) fn text<'r>(&self, row: &'r Row, column: usize) -> &'r str {
        row.cells.get(column).unwrap_or("").trim()
    }

    /// A finite number, or what is wrong with the cell.
    pub(super) fn number(&self, row: &Row, column: usize) -> Result<f64, String> {
        let text = self.text(row, column);
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ if text.is_empty() => Err(format!("{}: the cell is empty", self.at(row, column))),
            _ => Err(format!(
                "{}: `{}` is no number",
                self.at(row, column),
                shortened(text)
            )),
        }
    }

    /// Where a cell stands, for messages: "claims.csv:12, column 3 `arrival`".
    pub(super) fn at(&self, row: &Row, column: usize) -> String {
        let name = self.header.get(column).map_or("", String::as_str);
        format!("{}:{}, column {} `{name}`", self.path, row.line, column + 1)
    }
}

/// A cell's text, cut off where it is long.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}

/// Nanoseconds in a unit of a data file.
pub(super) fn unit_nanos(unit: &str) -> Option<f64> {
    let nanos = match unit {
        "ns" => 1.0,
        "us" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" => 60e9,
        "h" => 3_600e9,
        "d" => 86_400e9,
        _ => return None,
    };
    Some(nanos)
}

fn broken(path: &str, error: &csv::Error) -> String {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } if len < expected_len => {
            format!(
                "{path}:{line}, column {len}: the row ends after {len} of {expected_len} columns"
            )
        }
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!(
                "{path}:{line}, column {len}: the row has {len} columns, the header {expected_len}"
            )
        }
        csv::ErrorKind::Utf8 { err, .. } => {
            format!(
                "{path}:{line}, column {}: the text is not UTF-8",
                err.field() + 1
            )
        }
        _ => format!("{path}:{line}: {error}"),
    }
}
