//! `pluriverse export LEDGER OUT`: a ledger in another format, by the ending of the name.

use std::path::PathBuf;

use pluriverse_store::{Format, LedgerWriter, Plan, StoreError, convert, open};

use pluriverse_report::quantity;

use crate::{
    failure::{Failure, finding},
    outfile, output,
    stored::refused,
};

const AFTER_HELP: &str = "\
Examples:
  pluriverse export ward.parquet ward.csv
  pluriverse export ward.parquet ward.ndjson

Endings: .parquet, .arrow (also .ipc, .feather), .ndjson (also .jsonl), .csv (with a .csv.json beside it).";

/// Flags of `export`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ExportArgs {
    /// The ledger to read
    ledger: PathBuf,
    /// The file to write; its ending says the format
    out: PathBuf,
}

pub(super) fn run(args: &ExportArgs) -> Result<(), Failure> {
    outfile::ensure_distinct(&[
        ("the ledger", &args.ledger),
        ("the file to write", &args.out),
    ])?;
    outfile::ensure_place("export to", &args.out)?;
    let format = Format::of_path(&args.out).map_err(|error| refused(&error))?;
    let mut stored = open(&args.ledger).map_err(|error| refused(&error))?;
    let plan = Plan::new(format, stored.provenance().clone());
    let writer = LedgerWriter::to_path(&args.out, plan).map_err(|error| unwritable(&error))?;
    let seal = convert(&mut stored, writer).map_err(|error| match error {
        StoreError::Sink(_) => {
            Failure::run(finding(error.to_string()).help("make room, or name another place"))
        }
        error => refused(&error),
    })?;
    let rows = quantity::whole(seal.closing.rows);
    let cut = seal
        .cut
        .map_or_else(String::new, |reason| format!(" ({reason})"));
    output::print(&format!(
        "{}: {rows} rows{cut}, {format}\n",
        args.out.display()
    ))
}

fn unwritable(error: &StoreError) -> Failure {
    Failure::input(finding(error.to_string()).help("name a file that can be written"))
}
