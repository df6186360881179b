//! A run held against a stored ledger, row by row, while it goes on.
//!
//! The run ends at the first row that differs; memory stays bounded by a chunk of each.

use std::sync::{Arc, Mutex, PoisonError};

use pluriverse_host::outside;
use pluriverse_kernel::ledger::{
    Chunk, Closing, Dictionary, LedgerSink, NO_CAUSE, NONE, Row, SinkError,
};
use pluriverse_store::{StoreError, StoredLedger};

use pluriverse_report::quantity;

/// What a comparison came upon; empty as long as everything agrees.
pub type Findings = Arc<Mutex<Option<Found>>>;

/// What a comparison comes upon.
pub enum Found {
    /// Something differs, in words.
    Difference(String),
    /// The stored ledger goes on with something from outside that the second run was not given; the row, in words.
    Outside(String),
    /// The stored ledger ends here by its own account; everything up to there agrees.
    End,
    /// The stored ledger cannot be read any further.
    Unreadable(StoreError),
}

/// Takes the rows of a run and holds them against a stored ledger.
pub struct Comparison {
    /// The ledger.
    pub stored: StoredLedger,
    /// Where to look for what was found.
    pub findings: Findings,
}

impl Comparison {
    /// Notes `found` and has the run stop.
    fn stop(&self, found: Found) -> SinkError {
        let mut findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        findings.get_or_insert(found);
        SinkError {
            target: self.stored.path().display().to_string(),
            message: "compared".to_owned(),
        }
    }

    fn compare(&mut self, dictionary: &Dictionary, made: &Chunk) -> Result<(), Found> {
        if dictionary != self.stored.dictionary() {
            return Err(Found::Difference(
                "  in what its numbers mean (the dictionary)".to_owned(),
            ));
        }
        let is_cut = self.stored.seal().is_some_and(|seal| seal.cut.is_some());
        let dictionary = dictionary.clone();
        let kept = self.stored.next_chunk().map_err(Found::Unreadable)?;
        let kept_len = kept.map_or(0, Chunk::len);
        for index in 0..made.len().max(kept_len) {
            let kept = kept
                .filter(|_| index < kept_len)
                .map(|kept| kept.row(index));
            let made_row = (index < made.len()).then(|| made.row(index));
            let is_same = match (&kept, &made_row) {
                (Some(kept), Some(made)) => {
                    let values = kept.value.to_bits() == made.value.to_bits()
                        || (kept.value.is_nan() && made.value.is_nan());
                    values
                        && Row {
                            value: 0.0,
                            ..*kept
                        } == Row {
                            value: 0.0,
                            ..*made
                        }
                }
                (None, Some(_)) if is_cut => return Err(Found::End),
                _ => false,
            };
            if !is_same {
                let show = |row: Option<Row>| {
                    row.map_or_else(
                        || "no such row".to_owned(),
                        |row| describe(&dictionary, &row),
                    )
                };
                let number = quantity::whole(made.first_row() + index as u64);
                if let Some(row) = kept.filter(|row| outside::is_input(&dictionary, row.kind)) {
                    let row = describe(&dictionary, &row);
                    return Err(Found::Outside(format!(
                        "  row {number} in the file:  {row}"
                    )));
                }
                let (kept, made) = (show(kept), show(made_row));
                return Err(Found::Difference(format!(
                    "  row {number} in the file:  {kept}\n  row {number} of the run:   {made}"
                )));
            }
        }
        Ok(())
    }
}

impl LedgerSink for Comparison {
    fn write(&mut self, dictionary: &Dictionary, chunk: &Chunk) -> Result<(), SinkError> {
        self.compare(dictionary, chunk)
            .map_err(|found| self.stop(found))
    }

    fn finish(&mut self, closing: &Closing) -> Result<(), SinkError> {
        let left = match self.stored.next_chunk() {
            Ok(None) => return Ok(()),
            Ok(Some(chunk)) => chunk.row(0),
            Err(error) => return Err(self.stop(Found::Unreadable(error))),
        };
        let number = quantity::whole(closing.rows);
        let kept = describe(self.stored.dictionary(), &left);
        let text = format!(
            "  row {number} in the file:  {kept}\n  row {number} of the run:   no such row"
        );
        Err(self.stop(Found::Difference(text)))
    }
}

/// A row for people: `4m2s  start  case 12, desk  3.5  after row 1,230`.
fn describe(dictionary: &Dictionary, row: &Row) -> String {
    let info = dictionary.kinds.get(usize::from(row.kind));
    let kind = info.map_or_else(|| format!("kind {}", row.kind), |info| info.name.clone());
    let mut text = format!("{}  {kind}", row.time);
    let nouns = info.map_or((None, None), |info| (info.subject, info.object));
    for (noun, number) in [(nouns.0, row.subject), (nouns.1, row.object)] {
        if number != NONE {
            let noun = noun.and_then(|noun| dictionary.nouns.get(usize::from(noun)));
            let name = noun.map_or_else(|| number.to_string(), |noun| noun.name_of(number));
            text.push_str(&format!("  {name}"));
        }
    }
    text.push_str(&format!("  {}", row.value));
    if row.cause != NO_CAUSE {
        text.push_str(&format!("  (after row {})", quantity::whole(row.cause)));
    }
    text
}
