//! Small tables in Parquet files: what experiments and other evaluations come to, for whatever reads Parquet.
//!
//! A table is whole or not there: it is made in memory, and the caller writes its bytes.

use std::{fmt, sync::Arc};

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::{metadata::KeyValue, properties::WriterProperties},
};

/// Cells of a column; `None` where there is nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Whole numbers.
    Whole(Vec<Option<i64>>),
    /// Numbers.
    Numbers(Vec<Option<f64>>),
    /// Texts.
    Texts(Vec<Option<String>>),
    /// Truth values.
    Flags(Vec<Option<bool>>),
}

impl Cells {
    fn array(&self) -> ArrayRef {
        match self {
            Self::Whole(cells) => Arc::new(Int64Array::from(cells.clone())),
            Self::Numbers(cells) => Arc::new(Float64Array::from(cells.clone())),
            Self::Texts(cells) => Arc::new(StringArray::from(cells.clone())),
            Self::Flags(cells) => Arc::new(BooleanArray::from(cells.clone())),
        }
    }
}

/// Columns that make no table.
#[derive(Debug)]
pub struct TableError {
    reason: String,
}

impl fmt::Display for TableError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the table cannot be stored: {}", self.reason)
    }
}

impl std::error::Error for TableError {}

/// A Parquet file with these columns in this order, and key-value metadata.
///
/// # Errors
/// When the columns are of different lengths, or there are none.
pub fn parquet_bytes(
    columns: &[(String, Cells)],
    metadata: &[(&str, String)],
) -> Result<Vec<u8>, TableError> {
    let refuse = |error: &dyn fmt::Display| TableError {
        reason: error.to_string(),
    };
    let arrays = columns
        .iter()
        .map(|(name, cells)| (name.as_str(), cells.array(), true));
    let batch = RecordBatch::try_from_iter_with_nullable(arrays).map_err(|error| refuse(&error))?;
    let metadata = metadata
        .iter()
        .map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone()));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(metadata.collect()))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))
        .map_err(|error| refuse(&error))?;
    writer.write(&batch).map_err(|error| refuse(&error))?;
    writer.into_inner().map_err(|error| refuse(&error))
}
