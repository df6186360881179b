//! Ledgers that are read back: what to say about one that cannot be, and how to show a row.

use pluriverse_kernel::ledger::{Dictionary, NO_CAUSE, NONE, Row};
use pluriverse_store::StoreError;

use pluriverse_report::quantity;

use crate::failure::{Failure, finding};

/// The failure of a command that needed the ledger: damage is what it found out, all else is bad input.
pub(crate) fn refused(error: &StoreError) -> Failure {
    let found = finding(error.to_string());
    match error {
        StoreError::Corrupt { .. }
        | StoreError::HashDiffers { .. }
        | StoreError::RowsDiffer { .. } => {
            Failure::run(found.help(
                "the file is damaged or was changed: fetch it again, or run its scenario again",
            ))
        }
        StoreError::Unfinished { .. } => {
            Failure::run(found.help("`pluriverse export` saves the rows that are there"))
        }
        StoreError::UnknownFormat { .. } => Failure::input(found),
        StoreError::Newer { .. } => Failure::input(found.help("use a newer version of pluriverse")),
        StoreError::SidecarMissing { .. } => {
            Failure::input(found.help("put the two files side by side"))
        }
        _ => Failure::input(
            found.help("name a ledger that `pluriverse run --ledger` or `export` wrote"),
        ),
    }
}

/// A row for people: `4m2s  start  case 12, desk  3.5  after row 1,230`.
pub(crate) fn describe(dictionary: &Dictionary, row: &Row) -> String {
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
