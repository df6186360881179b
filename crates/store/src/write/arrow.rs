//! Arrow IPC file format, uncompressed, so that it can be mapped into memory and used as it is.
//!
//! The header is the schema's metadata, the seal the footer's. The footer is put together here, because the
//! library's writer cannot leave out a batch that did not fit on the disk. Format: Apache Arrow columnar format,
//! "IPC File Format".

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::{
    Block, FooterBuilder, MetadataVersion,
    convert::{IpcSchemaEncoder, metadata_to_fb},
    writer::{DictionaryTracker, EncodedData, IpcDataGenerator, IpcWriteOptions, write_message},
};
use arrow_schema::{ArrowError, Metadata, Schema};
use flatbuffers::FlatBufferBuilder;
use pluriverse_kernel::ledger::Chunk;

use super::Encoder;
use crate::{
    columns::{Columns, fields},
    header::{Header, SealText},
};

/// What a file begins and ends with.
pub(crate) const MAGIC: &[u8; 6] = b"ARROW1";
/// What a file begins with, up to the first message.
pub(crate) const LEAD: &[u8; 8] = b"ARROW1\0\0";
/// What stands where a message would begin, after the last.
pub(crate) const END_OF_STREAM: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
/// Key of the header in the schema's metadata, in Arrow as in Parquet.
pub(crate) const HEADER_KEY: &str = "pluriverse.header";
/// Key of the seal in the footer's metadata, in Arrow as in Parquet.
pub(crate) const CLOSING_KEY: &str = "pluriverse.closing";

/// Writes Arrow IPC files.
pub(crate) struct ArrowEncoder {
    piece_chunks: usize,
    held: Columns,
    held_chunks: usize,
    schema: Arc<Schema>,
    options: IpcWriteOptions,
    blocks: Vec<Block>,
    written: i64,
}

impl ArrowEncoder {
    pub(crate) fn new(piece_chunks: usize) -> Self {
        Self {
            piece_chunks,
            held: Columns::default(),
            held_chunks: 0,
            schema: Arc::new(Schema::empty()),
            options: IpcWriteOptions::try_new(8, false, MetadataVersion::V5)
                .expect("these options go together"),
            blocks: Vec::new(),
            written: 0,
        }
    }

    fn put(&mut self, message: EncodedData, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let (metadata, body) = write_message(&mut *out, message, &self.options)?;
        let too_large = |_| ArrowError::IpcError("a message is too large".to_owned());
        let metadata_length = i32::try_from(metadata).map_err(too_large)?;
        let body_length = i64::try_from(body).map_err(too_large)?;
        self.blocks
            .push(Block::new(self.written, metadata_length, body_length));
        self.written += i64::from(metadata_length) + body_length;
        Ok(())
    }

    fn put_batch(&mut self, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), self.held.take_arrays())?;
        self.held_chunks = 0;
        let mut tracker = DictionaryTracker::new(true);
        let (_, message) = IpcDataGenerator::default().encode(
            &batch,
            &mut tracker,
            &self.options,
            &mut Default::default(),
        )?;
        self.put(message, out)
    }
}

impl Encoder for ArrowEncoder {
    fn begin(&mut self, header: &Header, out: &mut Vec<u8>) -> Result<(), String> {
        let metadata = Metadata::default().with(HEADER_KEY, header.to_json());
        self.schema = Arc::new(Schema::new_with_metadata(fields(), metadata));
        out.extend_from_slice(LEAD);
        self.written = LEAD.len() as i64;
        let mut tracker = DictionaryTracker::new(true);
        let message = IpcDataGenerator::default().schema_to_bytes_with_dictionary_tracker(
            &self.schema,
            &mut tracker,
            &self.options,
        );
        self.put(message, out).map_err(|error| error.to_string())?;
        self.blocks.clear();
        Ok(())
    }

    fn add(&mut self, _header: &Header, chunk: &Chunk, out: &mut Vec<u8>) -> Result<(), String> {
        self.held.extend(chunk);
        self.held_chunks += 1;
        if self.held_chunks < self.piece_chunks {
            return Ok(());
        }
        self.put_batch(out).map_err(|error| error.to_string())
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        if self.held.len() == 0 {
            return Ok(());
        }
        self.put_batch(out).map_err(|error| error.to_string())
    }

    fn end(
        &mut self,
        _header: &Header,
        seal: &SealText,
        pieces: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), String> {
        out.extend_from_slice(&END_OF_STREAM);
        let mut builder = FlatBufferBuilder::new();
        let dictionaries = builder.create_vector::<Block>(&[]);
        let batches = builder.create_vector(&self.blocks[..pieces]);
        let schema = IpcSchemaEncoder::new().schema_to_fb_offset(&mut builder, &self.schema);
        let metadata = metadata_to_fb(
            &mut builder,
            &Metadata::default().with(CLOSING_KEY, seal.to_json()),
        );
        let mut footer = FooterBuilder::new(&mut builder);
        footer.add_version(MetadataVersion::V5);
        footer.add_schema(schema);
        footer.add_dictionaries(dictionaries);
        footer.add_recordBatches(batches);
        footer.add_custom_metadata(metadata);
        let root = footer.finish();
        builder.finish(root, None);
        let footer = builder.finished_data();
        let length =
            i32::try_from(footer.len()).map_err(|_| "the footer is too large".to_owned())?;
        out.extend_from_slice(footer);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(MAGIC);
        Ok(())
    }

    fn end_bytes(&self, header_bytes: u64, pieces: usize) -> u64 {
        16 * 1024 + 2 * header_bytes + 32 * pieces as u64
    }
}
