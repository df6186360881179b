//! Reads Parquet ledgers, a row group at a time, each only once its checksum is right.

use std::{
    hash::Hasher as _,
    io::{self, Read},
};

use parquet::{
    arrow::arrow_reader::{
        ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
        ParquetRecordBatchReaderBuilder,
    },
    errors::ParquetError,
};
use pluriverse_kernel::ledger::{CHUNK_ROWS, Chunk};
use twox_hash::XxHash3_64;

use super::{Context, Opened, RowReader, source::Source};
use crate::{
    columns::{Columns, fields},
    error::{Place, StoreError},
    row_groups::{CHECKSUMS_KEY, checksum, from_text},
    write::arrow::{CLOSING_KEY, HEADER_KEY},
};

const MAGIC: &[u8; 4] = b"PAR1";
/// Bytes of the least Parquet file: magic, footer's length, magic.
const BYTES_MIN: u64 = 12;

pub(crate) fn open(context: &Context, source: Source) -> Result<Opened, StoreError> {
    check_magic(context, &source)?;
    let metadata = guarded(|| ArrowReaderMetadata::load(&source, ArrowReaderOptions::new()))
        .map_err(|error| context.corrupt(Place::Closing, "the footer of a Parquet file", error))?;
    let entries = metadata.metadata().file_metadata().key_value_metadata();
    let value = |key: &str| {
        let entry = entries.into_iter().flatten().find(|entry| entry.key == key);
        entry.and_then(|entry| entry.value.as_deref())
    };
    let header = value(HEADER_KEY);
    let header = context.header(header.ok_or_else(|| context.foreign("no ledger is in it"))?)?;
    if *metadata.schema().fields() != fields() {
        return Err(context.foreign("its columns are not a ledger's"));
    }
    let rewritten = || context.foreign("another program has written it anew");
    let seal = context.seal(value(CLOSING_KEY).ok_or_else(rewritten)?)?;
    let checksums = from_text(value(CHECKSUMS_KEY).ok_or_else(rewritten)?)
        .filter(|checksums| checksums.len() == metadata.metadata().num_row_groups());
    let checksums = checksums.ok_or_else(|| {
        context.corrupt(
            Place::Closing,
            "a checksum for each row group",
            "more or fewer",
        )
    })?;
    let rows = ParquetRows {
        context: context.clone(),
        source,
        metadata,
        checksums,
        next_group: 0,
        reader: None,
        columns: Columns::default(),
    };
    Ok(Opened {
        header,
        seal: Some(seal),
        rows: Box::new(rows),
    })
}

fn check_magic(context: &Context, source: &Source) -> Result<(), StoreError> {
    let unreadable = |error| context.unreadable(error);
    let first = source.first(MAGIC.len() as u64).map_err(unreadable)?;
    if first != MAGIC {
        return Err(context.foreign("it does not begin as a Parquet file"));
    }
    let last = source.last(MAGIC.len() as u64).map_err(unreadable)?;
    if source.length() < BYTES_MIN || last != MAGIC {
        let got = "the end of the file: its writer was killed, or it was cut";
        let place = Place::Byte(source.length());
        return Err(context.corrupt(place, "a footer, without which Parquet cannot be read", got));
    }
    Ok(())
}

struct ParquetRows {
    context: Context,
    source: Source,
    metadata: ArrowReaderMetadata,
    checksums: Vec<u64>,
    next_group: usize,
    reader: Option<ParquetRecordBatchReader>,
    columns: Columns,
}

impl RowReader for ParquetRows {
    fn fill(&mut self, chunk: &mut Chunk) -> Result<(), StoreError> {
        self.columns.take_into(chunk);
        while !chunk.is_full() {
            let place = Place::Row(chunk.first_row() + chunk.len() as u64);
            let Some(reader) = &mut self.reader else {
                if self.next_group == self.checksums.len() {
                    return Ok(());
                }
                self.reader = Some(self.begin_group(place)?);
                self.next_group += 1;
                continue;
            };
            let batch = guarded(|| reader.next().transpose().map_err(ParquetError::from))
                .map_err(|error| self.context.corrupt(place, "rows", error))?;
            match batch {
                Some(batch) if self.columns.fill_from(&batch) => self.columns.take_into(chunk),
                Some(_) => return Err(self.context.corrupt(place, "a ledger's columns", "others")),
                None => self.reader = None,
            }
        }
        Ok(())
    }
}

impl ParquetRows {
    fn begin_group(&self, place: Place) -> Result<ParquetRecordBatchReader, StoreError> {
        let index = self.next_group;
        let group = self.metadata.metadata().row_group(index);
        let got = checksum(group, |first, count, hasher| {
            self.hash(first, count, hasher)
        })
        .map_err(|error| self.context.unreadable(error))?;
        let expected = self.checksums[index];
        if got != Some(expected) {
            let got = got.map_or("none".to_owned(), |got| format!("{got:016x}"));
            let expected = format!("a row group with the checksum {expected:016x}");
            return Err(self.context.corrupt(place, expected, got));
        }
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
            self.source.clone(),
            self.metadata.clone(),
        );
        guarded(|| {
            builder
                .with_row_groups(vec![index])
                .with_batch_size(CHUNK_ROWS)
                .build()
        })
        .map_err(|error| self.context.corrupt(place, "rows", error))
    }

    /// Adds `count` bytes of the file to a hash; those that are not there count for nothing.
    fn hash(&self, first: u64, count: u64, hasher: &mut XxHash3_64) -> io::Result<()> {
        let mut part = self.source.reader(first).take(count);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match part.read(&mut buffer)? {
                0 => return Ok(()),
                length => hasher.write(&buffer[..length]),
            }
        }
    }
}

/// Turns a panic of the library into an error: on pages that are made so that they pass the checksum but mean
/// nothing, its decoders panic, and such a file is no defect of this program.
fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, String> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)) {
        Ok(outcome) => outcome.map_err(|error| error.to_string()),
        Err(_) => Err("a page that cannot be read".to_owned()),
    }
}
