//! Reads Parquet ledgers.

use parquet::{
    arrow::arrow_reader::{
        ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
    },
    errors::ParquetError,
};
use pluriverse_kernel::ledger::{CHUNK_ROWS, Chunk};

use super::{Context, Opened, RowReader, source::Source};
use crate::{
    columns::{Columns, fields},
    error::{Place, StoreError},
    write::arrow::{CLOSING_KEY, HEADER_KEY},
};

const MAGIC: &[u8; 4] = b"PAR1";

pub(crate) fn open(context: &Context, source: Source) -> Result<Opened, StoreError> {
    let unreadable = |error| context.unreadable(error);
    let mut lead = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(source.reader(0), 4), &mut lead)
        .map_err(unreadable)?;
    if lead != MAGIC {
        return Err(context.foreign("it does not begin as a Parquet file"));
    }
    if source.length() < 12 || source.last(4).map_err(unreadable)? != MAGIC {
        return Err(context.corrupt(
            Place::Byte(source.length()),
            "the footer of a Parquet file",
            "the end of the file (its writer was killed, or it was cut; Parquet cannot be read without)",
        ));
    }
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(false);
    let builder =
        guarded(|| ParquetRecordBatchReaderBuilder::try_new_with_options(source, options))
            .map_err(|error| {
                context.corrupt(Place::Closing, "the footer of a Parquet file", error)
            })?;
    let metadata = builder.metadata().file_metadata().key_value_metadata();
    let value = |key: &str| {
        let entry = metadata
            .into_iter()
            .flatten()
            .find(|entry| entry.key == key)?;
        entry.value.clone()
    };
    let header =
        value(HEADER_KEY).ok_or_else(|| context.foreign("another program's Parquet file"))?;
    let header = context.header(&header)?;
    let seal = value(CLOSING_KEY)
        .ok_or_else(|| context.corrupt(Place::Closing, "a closing", "nothing"))?;
    let seal = context.seal(&seal)?;
    if *builder.schema().fields() != fields() {
        return Err(context.foreign("its columns are not a ledger's"));
    }
    let reader = guarded(|| builder.with_batch_size(CHUNK_ROWS).build())
        .map_err(|error| context.corrupt(Place::Row(0), "rows", error))?;
    let rows = ParquetRows {
        context: context.clone(),
        reader: Some(reader),
        columns: Columns::default(),
    };
    Ok(Opened {
        header,
        seal: Some(seal),
        rows: Box::new(rows),
    })
}

struct ParquetRows {
    context: Context,
    reader: Option<ParquetRecordBatchReader>,
    columns: Columns,
}

impl RowReader for ParquetRows {
    fn fill(&mut self, chunk: &mut Chunk) -> Result<(), StoreError> {
        self.columns.take_into(chunk);
        while let (Some(reader), false) = (&mut self.reader, chunk.is_full()) {
            let row = chunk.first_row() + chunk.len() as u64;
            let batch = guarded(|| reader.next().transpose().map_err(ParquetError::from))
                .map_err(|error| self.context.corrupt(Place::Row(row), "rows", error))?;
            match batch {
                Some(batch) if self.columns.fill_from(&batch) => self.columns.take_into(chunk),
                Some(_) => {
                    return Err(self.context.corrupt(
                        Place::Row(row),
                        "a ledger's columns",
                        "others",
                    ));
                }
                None => self.reader = None,
            }
        }
        Ok(())
    }
}

/// Turns a panic of the library into an error: it panics on some damaged pages, and a damaged file is no defect of
/// this program.
fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, String> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)) {
        Ok(outcome) => outcome.map_err(|error| error.to_string()),
        Err(_) => Err("a page that cannot be read".to_owned()),
    }
}
