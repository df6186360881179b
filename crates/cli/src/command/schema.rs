//! `pluriverse schema [KIND]`: the JSON Schema that editors complete and check scenario files with.

use std::fmt::Write;

use clap::builder::{PossibleValue, PossibleValuesParser};
use pluriverse_host::kinds::{self, KINDS};

use crate::{failure::Failure, output};

const AFTER_HELP: &str = "\
Examples:
  pluriverse schema                           list the kinds
  pluriverse schema process > process.json    print the schema of one";

/// Flags of `schema`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct SchemaArgs {
    /// The kind; without it the kinds are listed
    #[arg(value_parser = kind_names())]
    kind: Option<String>,
}

pub(super) fn run(args: &SchemaArgs) -> Result<(), Failure> {
    match args.kind.as_deref().and_then(kinds::find) {
        Some(kind) => output::print(&format!("{}\n", kind.schema().trim_end())),
        None => output::print(&list()),
    }
}

fn kind_names() -> PossibleValuesParser {
    PossibleValuesParser::new(
        KINDS
            .iter()
            .map(|kind| PossibleValue::new(kind.name()).help(kind.summary())),
    )
}

fn list() -> String {
    let width = KINDS
        .iter()
        .map(|kind| kind.name().len())
        .max()
        .unwrap_or(0);
    KINDS.iter().fold(String::new(), |mut text, kind| {
        let _ = writeln!(text, "{:width$}  {}", kind.name(), kind.summary());
        text
    })
}
