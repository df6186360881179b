//! `pluriverse schema [KIND]`: the JSON Schema that editors complete and check scenario files with.

use std::fmt::Write;

use clap::builder::{PossibleValue, PossibleValuesParser};
use pluriverse_host::kinds::{self, KINDS};

use crate::{failure::Failure, output};

const AFTER_HELP: &str = "\
Examples:
  pluriverse schema                           list the kinds
  pluriverse schema process > process.json    print the schema of one";

/// What `kind` says in an experiment's file, which is no world.
const EXPERIMENT: &str = "experiment";
const EXPERIMENT_SUMMARY: &str = "runs of a scenario with something varied, and a question to them";

/// Flags of `schema`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct SchemaArgs {
    /// The kind; without it the kinds are listed
    #[arg(value_parser = kind_names())]
    kind: Option<String>,
}

pub(super) fn run(args: &SchemaArgs) -> Result<(), Failure> {
    let schema = match args.kind.as_deref() {
        Some(EXPERIMENT) => pluriverse_experiment::schema(),
        Some(name) => kinds::find(name).map_or_else(String::new, |kind| kind.schema()),
        None => return output::print(&list()),
    };
    output::print(&format!("{}\n", schema.trim_end()))
}

/// Names and summaries of everything that has a schema.
fn described() -> impl Iterator<Item = (&'static str, &'static str)> {
    let kinds = KINDS.iter().map(|kind| (kind.name(), kind.summary()));
    kinds.chain([(EXPERIMENT, EXPERIMENT_SUMMARY)])
}

fn kind_names() -> PossibleValuesParser {
    PossibleValuesParser::new(
        described().map(|(name, summary)| PossibleValue::new(name).help(summary)),
    )
}

fn list() -> String {
    let width = described().map(|(name, _)| name.len()).max().unwrap_or(0);
    described().fold(String::new(), |mut text, (name, summary)| {
        let _ = writeln!(text, "{name:width$}  {summary}");
        text
    })
}
