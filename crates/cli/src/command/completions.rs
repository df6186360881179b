//! `pluriverse completions SHELL`: a completion script on standard output.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{args::Cli, failure::Failure, output};

const AFTER_HELP: &str = "\
Examples:
  pluriverse completions bash > ~/.local/share/bash-completion/completions/pluriverse
  pluriverse completions fish > ~/.config/fish/completions/pluriverse.fish
  pluriverse completions zsh > \"${fpath[1]}/_pluriverse\"";

/// Flags of `completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "pluriverse", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}
