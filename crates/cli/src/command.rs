//! The commands; one file each.

use clap::Subcommand;

use crate::failure::Failure;

mod bench;
mod check;
mod completions;
mod experiment;
mod export;
mod manual;
mod openapi;
mod run;
mod schema;
mod serve;
mod token;
mod verify;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a scenario and print what was measured
    Run(run::RunArgs),
    /// Run an experiment: what varies, how often, and a question
    Experiment(experiment::ExperimentArgs),
    /// Check a scenario without running it
    Check(check::CheckArgs),
    /// Print the JSON Schema of a kind of scenario, or list the kinds
    Schema(schema::SchemaArgs),
    /// Convert a ledger to another format
    Export(export::ExportArgs),
    /// Check a ledger: its hash, and a run of its scenario against its rows
    Verify(verify::VerifyArgs),
    /// Serve worlds and the web app over HTTP
    Serve(serve::ServeArgs),
    /// Make, list and revoke the tokens that a server asks for
    Token(token::TokenArgs),
    /// Measure how fast a scenario runs here
    Bench(bench::BenchArgs),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Write the manual pages into a folder
    #[command(name = "man", hide = true)]
    Manual(manual::ManualArgs),
    /// Print the OpenAPI document of what a server answers to programs
    #[command(name = "openapi", hide = true)]
    OpenApi,
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// Whatever keeps it from being done.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Run(args) => run::run(&args),
            Self::Experiment(args) => experiment::run(&args),
            Self::Check(args) => check::run(&args),
            Self::Schema(args) => schema::run(&args),
            Self::Export(args) => export::run(&args),
            Self::Verify(args) => verify::run(&args),
            Self::Serve(args) => serve::run(&args),
            Self::Token(args) => token::run(&args),
            Self::Bench(args) => bench::run(&args),
            Self::Completions(args) => completions::run(&args),
            Self::Manual(args) => manual::run(&args),
            Self::OpenApi => openapi::run(),
        }
    }
}
