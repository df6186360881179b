//! CSV: plain rows with names, so that any program reads them; everything else stands beside it as JSON.
//!
//! Times are exact decimal seconds. A field is empty where there is nothing; values may be `NaN`, `inf`, `-inf`.

use std::{fmt::Write as _, io};

use pluriverse_kernel::{
    ledger::{Chunk, NO_CAUSE, NONE, Row},
    time::SimTime,
};
use serde::{Deserialize, Serialize};

use super::Encoder;
use crate::{
    header::{Header, SealText},
    names::Names,
};

/// The names of the fields, in order.
pub(crate) const FIELDS: [&str; 10] = [
    "seq",
    "time_s",
    "kind",
    "kind_name",
    "subject",
    "subject_name",
    "object",
    "object_name",
    "value",
    "cause",
];

/// What stands beside a CSV ledger.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sidecar<H> {
    pub(crate) header: H,
    pub(crate) closing: Option<SealText>,
}

/// Writes CSV.
pub(crate) struct CsvEncoder;

impl Encoder for CsvEncoder {
    fn begin(&mut self, _header: &Header, out: &mut Vec<u8>) -> Result<(), String> {
        out.extend_from_slice(FIELDS.join(",").as_bytes());
        out.push(b'\n');
        Ok(())
    }

    fn add(&mut self, header: &Header, chunk: &Chunk, out: &mut Vec<u8>) -> Result<(), String> {
        let mut writer = LineWriter {
            csv: csv::Writer::from_writer(out),
            scratch: String::new(),
        };
        for index in 0..chunk.len() {
            let number = chunk.first_row() + index as u64;
            writer
                .write(number, chunk.row(index), Names(&header.dictionary))
                .map_err(|error| error.to_string())?;
        }
        writer.csv.flush().map_err(|error| error.to_string())
    }

    fn flush(&mut self, _out: &mut Vec<u8>) -> Result<(), String> {
        Ok(())
    }

    fn end(
        &mut self,
        _header: &Header,
        _seal: &SealText,
        _pieces: usize,
        _out: &mut Vec<u8>,
    ) -> Result<(), String> {
        Ok(())
    }

    fn sidecar(&self, header: &Header, seal: Option<&SealText>) -> Option<String> {
        let sidecar = Sidecar {
            header,
            closing: seal.cloned(),
        };
        Some(
            serde_json::to_string_pretty(&sidecar).expect("strings and numbers always encode")
                + "\n",
        )
    }

    fn end_bytes(&self, header_bytes: u64, _pieces: usize) -> u64 {
        16 * 1024 + 8 * header_bytes
    }
}

struct LineWriter<W: io::Write> {
    csv: csv::Writer<W>,
    scratch: String,
}

impl<W: io::Write> LineWriter<W> {
    fn write(&mut self, number: u64, row: Row, names: Names<'_>) -> csv::Result<()> {
        self.field(Some(number))?;
        self.field(Some(Seconds(row.time)))?;
        self.field(Some(row.kind))?;
        self.field(names.kind(row.kind))?;
        self.field(Some(row.subject).filter(|number| *number != NONE))?;
        self.field(names.subject(row.kind, row.subject))?;
        self.field(Some(row.object).filter(|number| *number != NONE))?;
        self.field(names.object(row.kind, row.object))?;
        self.field(Some(Value(row.value)))?;
        self.field(Some(row.cause).filter(|cause| *cause != NO_CAUSE))?;
        self.csv.write_record(None::<&[u8]>)
    }

    fn field(&mut self, content: Option<impl std::fmt::Display>) -> csv::Result<()> {
        self.scratch.clear();
        if let Some(content) = content {
            write!(self.scratch, "{content}").expect("writing to a string succeeds");
        }
        self.csv.write_field(self.scratch.as_bytes())
    }
}

/// Shows the shortest text that reads back as the same value.
struct Value(f64);

impl std::fmt::Display for Value {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:?}", self.0)
    }
}

/// Shows a time as exact decimal seconds.
struct Seconds(SimTime);

impl std::fmt::Display for Seconds {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let nanos = self.0.nanos().unsigned_abs();
        let (secs, mut rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
        let sign = if self.0.nanos() < 0 { "-" } else { "" };
        if rest == 0 {
            return write!(out, "{sign}{secs}");
        }
        let mut digits = 9;
        while rest.is_multiple_of(10) {
            rest /= 10;
            digits -= 1;
        }
        write!(out, "{sign}{secs}.{rest:0digits$}")
    }
}
