//! Rows as bytes, as they stand in a pickle: numbered, each as wide as the others, with a hash over all of them.
//!
//! The hash is over the names, too. What is damaged is refused; whole ledgers are pickled as files of theirs are.

use pluriverse_kernel::{ledger::Row, time::SimTime};
use pluriverse_store::TableBuilder;
use pyo3::prelude::*;

use crate::{
    fault::Fault,
    names::{Legend, Names},
    rows::Rows,
};

/// Bytes of a row and its number.
const WIDTH_BYTES: usize = 42;
/// Bytes of the hash, which come last.
const HASH_BYTES: usize = 32;

/// The bytes of these rows, with a number beside them that is as safe as they are.
pub(crate) fn pack(
    rows: impl ExactSizeIterator<Item = (u64, Row)>,
    aside: u64,
    legend: &Legend,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + rows.len() * WIDTH_BYTES + HASH_BYTES);
    bytes.extend(aside.to_le_bytes());
    for (number, row) in rows {
        bytes.extend(number.to_le_bytes());
        bytes.extend(row.time.nanos().to_le_bytes());
        bytes.extend(row.kind.to_le_bytes());
        bytes.extend(row.subject.to_le_bytes());
        bytes.extend(row.object.to_le_bytes());
        bytes.extend(row.value.to_bits().to_le_bytes());
        bytes.extend(row.cause.to_le_bytes());
    }
    bytes.extend(hash(&bytes, legend).as_bytes());
    bytes
}

/// The rows that these bytes are, and the number beside them.
///
/// # Errors
/// When they are no such bytes, or belong to other names.
pub(crate) fn unpack(bytes: &[u8], legend: &Bound<'_, Legend>) -> Result<(Rows, u64), Fault> {
    parts(bytes, legend).ok_or_else(|| {
        Fault::Ledger("a pickle of events is damaged: its rows do not fit their hash".to_owned())
    })
}

fn parts(bytes: &[u8], legend: &Bound<'_, Legend>) -> Option<(Rows, u64)> {
    let (content, found) = bytes.split_last_chunk::<HASH_BYTES>()?;
    if hash(content, legend.get()) != *found {
        return None;
    }
    let (aside, mut content) = content.split_first_chunk()?;
    let count = content.len() / WIDTH_BYTES;
    let mut table = TableBuilder::with_capacity(count);
    let mut numbers = Vec::with_capacity(count);
    while !content.is_empty() {
        numbers.push(u64::from_le_bytes(*take(&mut content)?));
        table.push(&Row {
            time: SimTime::from_nanos(i64::from_le_bytes(*take(&mut content)?)),
            kind: u16::from_le_bytes(*take(&mut content)?),
            subject: u32::from_le_bytes(*take(&mut content)?),
            object: u32::from_le_bytes(*take(&mut content)?),
            value: f64::from_bits(u64::from_le_bytes(*take(&mut content)?)),
            cause: u64::from_le_bytes(*take(&mut content)?),
        });
    }
    let rows = Rows::numbered(numbers, &table.finish(), Names::told_by(legend));
    Some((rows, u64::from_le_bytes(*aside)))
}

/// The next bytes of `content`, which is shorter afterwards.
fn take<'a, const N: usize>(content: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (taken, rest) = content.split_first_chunk()?;
    *content = rest;
    Some(taken)
}

fn hash(content: &[u8], legend: &Legend) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_derive_key("pluriverse pickle of rows");
    hasher.update(legend.fingerprint());
    hasher.update(content);
    hasher.finalize()
}
