//! From one format into another, for `pluriverse export`.

use pluriverse_kernel::ledger::LedgerSink;

use crate::{error::StoreError, header::Seal, read::StoredLedger, sink::LedgerWriter};

/// Copies the rows of `stored`, from the first, into `writer`, and says how the copy ends.
///
/// A ledger that was cut stays cut; of one that was never finished the copy has the whole rows, as a cut ledger.
///
/// # Errors
/// When `stored` is damaged (`writer` is then closed as cut, before the rows that are) or `writer` fails.
pub fn convert(stored: &mut StoredLedger, mut writer: LedgerWriter) -> Result<Seal, StoreError> {
    let dictionary = stored.dictionary().clone();
    let ended = loop {
        match stored.next_chunk() {
            Ok(Some(chunk)) => writer.write(&dictionary, chunk)?,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    let closing = stored.read_so_far();
    if closing.rows == 0 {
        writer.write(
            &dictionary,
            &pluriverse_kernel::ledger::Chunk::starting_at(0),
        )?;
    }
    let cut = match ended {
        Ok(()) => stored.seal().and_then(|seal| seal.cut.clone()),
        Err(StoreError::Unfinished { .. }) => Some("its writer did not finish".to_owned()),
        Err(error) => return Err(error),
    };
    match &cut {
        None => writer.finish(&closing)?,
        Some(reason) => writer.finish_cut(reason)?,
    }
    Ok(Seal { closing, cut })
}
