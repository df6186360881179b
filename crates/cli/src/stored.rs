//! Ledgers that are read back: what to say about one that cannot be.

use pluriverse_store::StoreError;

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
