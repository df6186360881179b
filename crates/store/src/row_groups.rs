//! Checksums of Parquet row groups.
//!
//! Parquet files have none of their own that this library writes, and its decoders panic on some damaged pages. So
//! each row group gets one, over its bytes and over what the footer says of where and how they are encoded; a reader
//! checks it before it decodes anything. They are metadata of the footer, 16 hexadecimal digits for each group.

use std::{fmt::Write, hash::Hasher as _};

use parquet::file::metadata::RowGroupMetaData;
use twox_hash::XxHash3_64;

/// Key of the checksums in the footer's metadata.
pub(crate) const CHECKSUMS_KEY: &str = "pluriverse.checksums";

/// Digits of a checksum.
const DIGITS: usize = 16;

/// The checksum of a row group, whose bytes `hash_bytes` adds: it is given each column's first byte and their number.
///
/// # Errors
/// Whatever `hash_bytes` answers, `None` when the group says that its bytes are in no file.
pub(crate) fn checksum<E>(
    group: &RowGroupMetaData,
    mut hash_bytes: impl FnMut(u64, u64, &mut XxHash3_64) -> Result<(), E>,
) -> Result<Option<u64>, E> {
    let mut hasher = XxHash3_64::new();
    hasher.write(&group.num_rows().to_le_bytes());
    for column in group.columns() {
        let first_page = column.dictionary_page_offset();
        let numbers = [
            column.data_page_offset(),
            first_page.unwrap_or(-1),
            column.compressed_size(),
            column.uncompressed_size(),
            column.num_values(),
        ];
        for number in numbers {
            hasher.write(&number.to_le_bytes());
        }
        hasher.write(column.compression().to_string().as_bytes());
        for encoding in column.encodings() {
            hasher.write(encoding.to_string().as_bytes());
        }
        let start = u64::try_from(first_page.unwrap_or(column.data_page_offset()));
        let (Ok(start), Ok(count)) = (start, u64::try_from(column.compressed_size())) else {
            return Ok(None);
        };
        hash_bytes(start, count, &mut hasher)?;
    }
    Ok(Some(hasher.finish()))
}

/// Checksums as they are stored.
pub(crate) fn to_text(checksums: &[u64]) -> String {
    let mut text = String::with_capacity(checksums.len() * DIGITS);
    for checksum in checksums {
        write!(text, "{checksum:016x}").expect("writing to a string succeeds");
    }
    text
}

/// Stored checksums; `None` when the text is none.
pub(crate) fn from_text(text: &str) -> Option<Vec<u64>> {
    let (groups, rest) = text.as_bytes().as_chunks::<DIGITS>();
    let parse =
        |digits: &[u8; DIGITS]| u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    if !rest.is_empty() {
        return None;
    }
    groups.iter().map(parse).collect()
}
