//! `pluriverse check SCENARIO`: everything that is wrong with a scenario, or what it describes.

use std::fmt::Write;

use pluriverse_kernel::{ledger::Ledger, scenario::RunKey, view::Values};

use pluriverse_report::quantity;

use crate::{
    args::ScenarioArgs,
    failure::Failure,
    output, render,
    scenario_file::{self, Loaded},
};

const AFTER_HELP: &str = "\
Examples:
  pluriverse check ward.toml
  pluriverse check ward.toml --set stations.desk.agents=5";

/// Flags of `check`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
}

pub(super) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let loaded = scenario_file::load(&args.scenario.scenario, args.scenario.overrides())?;
    render::tell(&loaded.warnings, std::slice::from_ref(&loaded.source));
    output::print(&summary(&loaded))
}

fn summary(loaded: &Loaded) -> String {
    let scenario = &*loaded.scenario;
    let defaults = scenario.defaults();
    let world = scenario.world(
        RunKey {
            seed: defaults.seed,
            replication: 0,
        },
        Ledger::off(),
    );
    let outline = world.outline();
    let mut text = match loaded.warnings.len() {
        0 => format!("{}: ok\n", loaded.source.name),
        1 => format!("{}: ok, with 1 warning\n", loaded.source.name),
        count => format!("{}: ok, with {count} warnings\n", loaded.source.name),
    };
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:12}  {value}");
    };
    line("scenario", scenario.name().to_owned());
    if !scenario.title().is_empty() {
        line("title", scenario.title().to_owned());
    }
    line("kind", scenario.kind().to_owned());
    line(
        "until",
        defaults
            .until
            .map_or_else(|| "it ends by itself".to_owned(), |until| until.to_string()),
    );
    line("replications", defaults.replications.to_string());
    line("seed", defaults.seed.to_string());
    for file in &loaded.files {
        line(
            "file",
            format!("{}, {} bytes", file.path, quantity::whole(file.bytes)),
        );
    }
    for table in &world.state().tables {
        let rows = table
            .columns
            .first()
            .map_or(0, |column| match &column.values {
                Values::I64(cells) => cells.len(),
                Values::F64(cells) => cells.len(),
                Values::F32(cells) => cells.len(),
                Values::Text(cells) => cells.len(),
            });
        line(&table.name, rows.to_string());
    }
    let (scalars, series) = (outline.scalars.len(), outline.series.len());
    line(
        "measures",
        format!(
            "{scalars} figures, {series} over time, {} distributions",
            outline.spreads.len()
        ),
    );
    text
}
