//! Parquet: a row group a piece, zstd, and encodings that suit a ledger's columns.
//!
//! Times, subjects and causes mostly step by little from row to row (delta encoding); kinds and objects repeat
//! (dictionary). Each row group has the least and greatest of every column, so that readers skip what lies outside
//! the span of time they ask for. Header, seal and the row groups' checksums are key-value metadata of the footer.

use std::{hash::Hasher as _, sync::Arc};

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, Encoding, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::{
            FileMetaData, KeyValue, ParquetMetaData, ParquetMetaDataReader, ParquetMetaDataWriter,
        },
        properties::{EnabledStatistics, WriterProperties},
    },
    schema::types::ColumnPath,
};
use pluriverse_kernel::ledger::Chunk;

use super::{
    Encoder,
    arrow::{CLOSING_KEY, HEADER_KEY},
};
use crate::{
    columns::{Columns, NAMES, fields},
    header::{Header, SealText},
    row_groups::{CHECKSUMS_KEY, checksum, to_text},
};

/// Bytes after the metadata at a file's end: its length and the magic.
const TAIL_BYTES: usize = 8;

/// Writes Parquet.
pub(crate) struct ParquetEncoder {
    piece_chunks: usize,
    held: Columns,
    held_chunks: usize,
    written: u64,
    checksums: Vec<u64>,
    schema: Arc<Schema>,
    writer: Option<ArrowWriter<Vec<u8>>>,
}

impl ParquetEncoder {
    pub(crate) fn new(piece_chunks: usize) -> Self {
        Self {
            piece_chunks,
            held: Columns::default(),
            held_chunks: 0,
            written: 0,
            checksums: Vec::new(),
            schema: Arc::new(Schema::new(fields())),
            writer: None,
        }
    }

    fn writer(&mut self) -> &mut ArrowWriter<Vec<u8>> {
        self.writer
            .as_mut()
            .expect("a file is begun before it gets rows")
    }

    fn put_group(&mut self, out: &mut Vec<u8>) -> Result<(), ParquetError> {
        self.held_chunks = 0;
        let start = self.written;
        let writer = self.writer();
        writer.flush()?;
        writer.sync()?;
        let bytes = std::mem::take(writer.inner_mut());
        let group = writer.flushed_row_groups().last().expect("one was flushed");
        let checksum = checksum(group, |first, count, hasher| {
            let part = part_of(&bytes, first.checked_sub(start), count);
            hasher
                .write(part.ok_or_else(|| ParquetError::General("a column elsewhere".to_owned()))?);
            Ok::<(), ParquetError>(())
        })?;
        self.checksums
            .push(checksum.expect("a group that was just written is in the file"));
        self.written += bytes.len() as u64;
        out.extend_from_slice(&bytes);
        Ok(())
    }

    fn put_end(
        &mut self,
        seal: &SealText,
        pieces: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), ParquetError> {
        let is_whole = pieces == self.checksums.len();
        let checksums = to_text(&self.checksums[..pieces]);
        let writer = self.writer();
        for (key, value) in [(CLOSING_KEY, seal.to_json()), (CHECKSUMS_KEY, checksums)] {
            writer.append_key_value_metadata(KeyValue::new(key.to_owned(), value));
        }
        writer.finish()?;
        let footer = std::mem::take(writer.inner_mut());
        if is_whole {
            out.extend_from_slice(&footer);
            return Ok(());
        }
        let metadata = &footer[..footer.len() - TAIL_BYTES];
        let metadata = ParquetMetaDataReader::decode_metadata(metadata)?;
        ParquetMetaDataWriter::new(out, &shortened(&metadata, pieces)).finish()
    }
}

/// These of the bytes, when they are among them.
fn part_of(bytes: &[u8], first: Option<u64>, count: u64) -> Option<&[u8]> {
    let first = usize::try_from(first?).ok()?;
    bytes.get(first..first.checked_add(usize::try_from(count).ok()?)?)
}

/// The same metadata for a file that has only the first `pieces` row groups.
fn shortened(metadata: &ParquetMetaData, pieces: usize) -> ParquetMetaData {
    let groups = metadata.row_groups()[..pieces].to_vec();
    let file = metadata.file_metadata();
    let rows = groups.iter().map(|group| group.num_rows()).sum();
    let file = FileMetaData::new(
        file.version(),
        rows,
        file.created_by().map(str::to_owned),
        file.key_value_metadata().cloned(),
        file.schema_descr_ptr(),
        file.column_orders().cloned(),
    );
    ParquetMetaData::new(file, groups)
}

fn properties(header: &Header) -> WriterProperties {
    let level = ZstdLevel::try_new(1).expect("1 is a level of zstd");
    let mut properties = WriterProperties::builder()
        .set_created_by(format!("pluriverse version {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_max_row_group_row_count(None)
        .set_dictionary_enabled(false)
        .set_key_value_metadata(Some(vec![KeyValue::new(
            HEADER_KEY.to_owned(),
            header.to_json(),
        )]));
    for name in NAMES {
        let column = ColumnPath::from(name);
        properties = match name {
            "kind" | "object" => properties
                .set_column_dictionary_enabled(column.clone(), true)
                .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED),
            "value" => properties.set_column_encoding(column, Encoding::PLAIN),
            _ => properties.set_column_encoding(column, Encoding::DELTA_BINARY_PACKED),
        };
    }
    properties.build()
}

impl Encoder for ParquetEncoder {
    fn begin(&mut self, header: &Header, out: &mut Vec<u8>) -> Result<(), String> {
        let mut begin = || {
            let mut writer = ArrowWriter::try_new(
                Vec::new(),
                Arc::clone(&self.schema),
                Some(properties(header)),
            )?;
            writer.sync()?;
            out.append(writer.inner_mut());
            Ok(writer)
        };
        self.writer = Some(begin().map_err(|error: ParquetError| error.to_string())?);
        self.written = out.len() as u64;
        Ok(())
    }

    fn add(&mut self, _header: &Header, chunk: &Chunk, out: &mut Vec<u8>) -> Result<(), String> {
        self.held.extend(chunk);
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), self.held.take_arrays())
            .map_err(|error| error.to_string())?;
        self.writer()
            .write(&batch)
            .map_err(|error| error.to_string())?;
        self.held_chunks += 1;
        if self.held_chunks < self.piece_chunks {
            return Ok(());
        }
        self.put_group(out).map_err(|error| error.to_string())
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        if self.held_chunks == 0 {
            return Ok(());
        }
        self.put_group(out).map_err(|error| error.to_string())
    }

    fn end(
        &mut self,
        _header: &Header,
        seal: &SealText,
        pieces: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), String> {
        self.put_end(seal, pieces, out)
            .map_err(|error| error.to_string())
    }

    fn end_bytes(&self, header_bytes: u64, pieces: usize) -> u64 {
        16 * 1024 + header_bytes + 2048 * pieces as u64
    }
}
