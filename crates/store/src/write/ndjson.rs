//! NDJSON: the header in the first line, the seal in the last, between them a line a row.
//!
//! Times are whole nanoseconds. What JSON has no number for is null (NaN) or a string (`"inf"`, `"-inf"`).

use std::io::Write;

use pluriverse_kernel::ledger::{Chunk, NO_CAUSE, NONE, Row};

use super::Encoder;
use crate::{
    header::{Header, SealText},
    names::Names,
};

/// Writes NDJSON.
pub(crate) struct NdjsonEncoder;

impl Encoder for NdjsonEncoder {
    fn begin(&mut self, header: &Header, out: &mut Vec<u8>) -> Result<(), String> {
        out.extend_from_slice(header.to_json().as_bytes());
        out.push(b'\n');
        Ok(())
    }

    fn add(&mut self, header: &Header, chunk: &Chunk, out: &mut Vec<u8>) -> Result<(), String> {
        let names = Names(&header.dictionary);
        for index in 0..chunk.len() {
            write_row(
                chunk.first_row() + index as u64,
                chunk.row(index),
                names,
                out,
            )
            .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn flush(&mut self, _out: &mut Vec<u8>) -> Result<(), String> {
        Ok(())
    }

    fn end(
        &mut self,
        _header: &Header,
        seal: &SealText,
        _pieces: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), String> {
        writeln!(out, "{{\"closing\":{}}}", seal.to_json()).map_err(|error| error.to_string())
    }

    fn end_bytes(&self, _header_bytes: u64, _pieces: usize) -> u64 {
        16 * 1024
    }
}

fn write_row(number: u64, row: Row, names: Names<'_>, out: &mut Vec<u8>) -> std::io::Result<()> {
    write!(
        out,
        "{{\"seq\":{number},\"time\":{},\"kind\":{},\"kind_name\":",
        row.time.nanos(),
        row.kind
    )?;
    write_name(names.kind(row.kind), out)?;
    write!(out, ",\"subject\":")?;
    write_number(row.subject, NONE, out)?;
    write!(out, ",\"subject_name\":")?;
    write_name(names.subject(row.kind, row.subject).as_deref(), out)?;
    write!(out, ",\"object\":")?;
    write_number(row.object, NONE, out)?;
    write!(out, ",\"object_name\":")?;
    write_name(names.object(row.kind, row.object).as_deref(), out)?;
    write!(out, ",\"value\":")?;
    match row.value {
        value if value.is_nan() => write!(out, "null")?,
        value if value.is_infinite() => write!(out, "\"{value}\"")?,
        value => write!(out, "{value:?}")?,
    }
    write!(out, ",\"cause\":")?;
    write_number(row.cause, NO_CAUSE, out)?;
    writeln!(out, "}}")
}

fn write_number<T: PartialEq + std::fmt::Display>(
    number: T,
    absent: T,
    out: &mut Vec<u8>,
) -> std::io::Result<()> {
    if number == absent {
        write!(out, "null")
    } else {
        write!(out, "{number}")
    }
}

fn write_name(name: Option<&str>, out: &mut Vec<u8>) -> std::io::Result<()> {
    serde_json::to_writer(out, &name).map_err(std::io::Error::from)
}
