//! Reads Arrow IPC ledgers.
//!
//! Messages are read one after the other, so that a file without a footer, from a killed writer, is read as far as it
//! goes. Batches are taken apart here rather than by the library, whose reader trusts the lengths and offsets in a
//! file and panics where they are wrong. Format: Apache Arrow columnar format, "Encapsulated message format".

use std::io::Read;

use arrow_ipc::{
    KeyValue, MessageHeader, RecordBatch, convert::try_fb_to_schema, root_as_footer,
    root_as_message,
};
use flatbuffers::{ForwardsUOffset, Vector};
use pluriverse_kernel::ledger::{Chunk, NO_CAUSE, NONE};

use super::{
    Context, Opened, RowReader,
    lines::HEADER_BYTES_MAX,
    source::{Source, SourceReader},
};
use crate::{
    columns::{Columns, fields},
    error::{Place, StoreError},
    header::SealText,
    write::arrow::{CLOSING_KEY, END_OF_STREAM, HEADER_KEY, LEAD, MAGIC},
};

/// Bytes after the footer: its length and the magic.
const TAIL_BYTES: u64 = 10;
/// Most bytes in what describes a batch.
const METADATA_BYTES_MAX: u64 = 1 << 20;
/// Most bytes in a batch, which is held in memory; this writer's largest take 144 MiB.
const BODY_BYTES_MAX: u64 = 256 << 20;

pub(crate) fn open(context: &Context, source: Source) -> Result<Opened, StoreError> {
    let mut reader = source.reader(0);
    let mut lead = [0; LEAD.len()];
    if reader.read_exact(&mut lead).is_err() || lead != *LEAD {
        return Err(context.foreign("it does not begin as an Arrow IPC file"));
    }
    let mut messages = Messages {
        context: context.clone(),
        reader,
        offset: LEAD.len() as u64,
        length: source.length(),
    };
    let header_text = read_schema(context, &mut messages)?;
    let header = context.header(&header_text)?;
    let seal = read_footer(context, &source, &header_text)?;
    let rows = ArrowRows {
        messages,
        columns: Columns::default(),
        has_ended: false,
    };
    Ok(Opened {
        header,
        seal,
        rows: Box::new(rows),
    })
}

/// Reads the first message, which is the schema, and returns the header in it.
fn read_schema(context: &Context, messages: &mut Messages) -> Result<String, StoreError> {
    let metadata = match messages.next_metadata(HEADER_BYTES_MAX) {
        Ok(Some(metadata)) => metadata,
        Err(error @ StoreError::Io { .. }) => return Err(error),
        Ok(None) | Err(_) => return Err(context.foreign("no ledger is in it")),
    };
    let unlike = |error: &dyn std::fmt::Display| {
        let place = Place::Byte(LEAD.len() as u64);
        context.corrupt(place, "a schema", format!("none: {error}"))
    };
    let message = root_as_message(&metadata).map_err(|error| unlike(&error))?;
    let schema = message.header_as_schema();
    let schema = schema.ok_or_else(|| unlike(&"it is another message"))?;
    let text = metadata_value(schema.custom_metadata(), HEADER_KEY);
    let text = text.ok_or_else(|| context.foreign("no ledger is in it"))?;
    let schema = try_fb_to_schema(schema).map_err(|error| unlike(&error))?;
    if *schema.fields() != fields() {
        return Err(context.foreign("its columns are not a ledger's"));
    }
    Ok(text.to_owned())
}

fn metadata_value<'a>(
    metadata: Option<Vector<'a, ForwardsUOffset<KeyValue<'a>>>>,
    key: &str,
) -> Option<&'a str> {
    metadata?
        .iter()
        .find(|entry| entry.key() == Some(key))?
        .value()
}

/// Reads the seal in the footer, when there is one.
fn read_footer(
    context: &Context,
    source: &Source,
    header_text: &str,
) -> Result<Option<SealText>, StoreError> {
    let unreadable = |error| context.unreadable(error);
    let tail = source.last(TAIL_BYTES).map_err(unreadable)?;
    let (Some(length), true) = (tail.first_chunk::<4>(), tail.ends_with(MAGIC)) else {
        return Ok(None);
    };
    let place = Place::Byte(source.length() - TAIL_BYTES);
    let length = u64::try_from(i32::from_le_bytes(*length))
        .ok()
        .filter(|length| length + TAIL_BYTES <= source.length());
    let Some(length) = length else {
        return Err(context.corrupt(place, "the length of a footer", "more than the file has"));
    };
    let mut footer = source.last(length + TAIL_BYTES).map_err(unreadable)?;
    footer.truncate(footer.len() - tail.len());
    let footer = root_as_footer(&footer)
        .map_err(|error| context.corrupt(place, "a footer", error.to_string()))?;
    let copy = footer
        .schema()
        .and_then(|schema| metadata_value(schema.custom_metadata(), HEADER_KEY));
    if copy != Some(header_text) {
        return Err(context.corrupt(
            Place::Header,
            "the same header in front and in the footer",
            "another",
        ));
    }
    let Some(text) = metadata_value(footer.custom_metadata(), CLOSING_KEY) else {
        return Err(context.corrupt(Place::Closing, "a closing", "nothing"));
    };
    context.seal(text).map(Some)
}

/// The messages of a file, one after the other.
struct Messages {
    context: Context,
    reader: SourceReader,
    offset: u64,
    length: u64,
}

impl Messages {
    /// The next message, of at most `limit` bytes but for its body; `None` where the messages or the file end.
    fn next_metadata(&mut self, limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(prefix) = self.take(8)? else {
            return Ok(None);
        };
        if prefix == END_OF_STREAM {
            return Ok(None);
        }
        let place = Place::Byte(self.offset - 8);
        let (marker, length) = prefix.split_at(4);
        let length: [u8; 4] = length.try_into().expect("eight bytes less four");
        let length = u64::try_from(i32::from_le_bytes(length))
            .ok()
            .filter(|length| *length <= limit);
        let (true, Some(length)) = (marker == [0xff; 4], length) else {
            return Err(self
                .context
                .corrupt(place, "a message", format!("{prefix:02x?}")));
        };
        self.take(length)
    }

    /// The next `count` bytes; `None` when the file ends before.
    fn take(&mut self, count: u64) -> Result<Option<Vec<u8>>, StoreError> {
        if count > self.length.saturating_sub(self.offset) {
            return Ok(None);
        }
        let mut bytes = vec![0; usize::try_from(count).unwrap_or(usize::MAX)];
        self.reader
            .read_exact(&mut bytes)
            .map_err(|error| self.context.unreadable(error))?;
        self.offset += count;
        Ok(Some(bytes))
    }
}

struct ArrowRows {
    messages: Messages,
    columns: Columns,
    has_ended: bool,
}

impl RowReader for ArrowRows {
    fn fill(&mut self, chunk: &mut Chunk) -> Result<(), StoreError> {
        self.columns.take_into(chunk);
        while !chunk.is_full() && !self.has_ended {
            self.has_ended = !self.next_batch()?;
            self.columns.take_into(chunk);
        }
        Ok(())
    }
}

impl ArrowRows {
    /// Reads the next batch into the columns; `false` when there is none.
    fn next_batch(&mut self) -> Result<bool, StoreError> {
        self.columns.clear();
        let place = Place::Byte(self.messages.offset);
        let Some(metadata) = self.messages.next_metadata(METADATA_BYTES_MAX)? else {
            return Ok(false);
        };
        let context = self.messages.context.clone();
        let corrupt = |got: &str| context.corrupt(place, "rows", got);
        let message = root_as_message(&metadata).map_err(|error| corrupt(&error.to_string()))?;
        if message.header_type() != MessageHeader::RecordBatch {
            return Err(corrupt("another message"));
        }
        let batch = message
            .header_as_record_batch()
            .ok_or_else(|| corrupt("another message"))?;
        let length = u64::try_from(message.bodyLength())
            .ok()
            .filter(|length| *length <= BODY_BYTES_MAX);
        let length = length.ok_or_else(|| corrupt("a body that is too long"))?;
        let Some(body) = self.messages.take(length)? else {
            return Ok(false);
        };
        Body {
            batch,
            bytes: &body,
        }
        .read(&mut self.columns)
        .ok_or_else(|| corrupt("columns that do not fit the body"))?;
        Ok(true)
    }
}

/// A batch and its bytes.
struct Body<'a> {
    batch: RecordBatch<'a>,
    bytes: &'a [u8],
}

impl Body<'_> {
    /// Reads all columns; `None` when they are not as they should be.
    fn read(&self, columns: &mut Columns) -> Option<()> {
        if self.batch.compression().is_some() || self.batch.nodes()?.len() != fields().len() {
            return None;
        }
        columns.time = self.column(0, None, i64::from_le_bytes)?;
        columns.kind = self.column(1, None, u16::from_le_bytes)?;
        columns.subject = self.column(2, Some(NONE), u32::from_le_bytes)?;
        columns.object = self.column(3, Some(NONE), u32::from_le_bytes)?;
        columns.value = self.column(4, None, f64::from_le_bytes)?;
        columns.cause = self.column(5, Some(NO_CAUSE), u64::from_le_bytes)?;
        Some(())
    }

    fn column<const N: usize, T: Clone>(
        &self,
        index: usize,
        absent: Option<T>,
        decode: impl Fn([u8; N]) -> T,
    ) -> Option<Vec<T>> {
        let rows = usize::try_from(self.batch.length()).ok()?;
        let node = self.batch.nodes()?.get(index);
        if usize::try_from(node.length()).ok()? != rows {
            return None;
        }
        let bytes = self.buffer(2 * index + 1)?.get(..rows.checked_mul(N)?)?;
        let mut values: Vec<T> = bytes
            .as_chunks::<N>()
            .0
            .iter()
            .map(|bytes| decode(*bytes))
            .collect();
        if node.null_count() != 0 {
            let absent = absent?;
            let validity = self.buffer(2 * index)?.get(..rows.div_ceil(8))?;
            for (row, value) in values.iter_mut().enumerate() {
                if validity[row / 8] & (1 << (row % 8)) == 0 {
                    *value = absent.clone();
                }
            }
        }
        Some(values)
    }

    fn buffer(&self, index: usize) -> Option<&[u8]> {
        let buffers = self.batch.buffers()?;
        if index >= buffers.len() {
            return None;
        }
        let buffer = buffers.get(index);
        let start = usize::try_from(buffer.offset()).ok()?;
        self.bytes
            .get(start..start.checked_add(usize::try_from(buffer.length()).ok()?)?)
    }
}
