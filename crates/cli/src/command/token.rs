//! `pluriverse token`: makes, lists and revokes what a server asks its callers for.

use std::{fmt::Write, path::PathBuf};

use pluriverse_server::tokens::{self, Scope, TokenError};

use super::serve::data_dir;
use crate::{
    failure::{Failure, finding},
    output,
};

const AFTER_HELP: &str = "\
Examples:
  pluriverse token new --scope run     print a new token, once
  pluriverse token list
  pluriverse token revoke 1f0c2a9b";

/// Flags of `token`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    action: Action,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a token and print it; it is shown only this once
    New(NewArgs),
    /// List the tokens, by id and scope
    List(FolderArgs),
    /// Let a token open nothing any more
    Revoke(RevokeArgs),
}

/// Where the tokens are.
#[derive(Debug, clap::Args)]
struct FolderArgs {
    /// Folder of everything that the server keeps, as for `serve`
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct NewArgs {
    /// What it allows: each has what those before it have
    #[arg(long, value_enum)]
    scope: ScopeName,
    #[command(flatten)]
    folder: FolderArgs,
}

#[derive(Debug, clap::Args)]
struct RevokeArgs {
    /// The token's id, which it carries between its two underscores
    id: String,
    #[command(flatten)]
    folder: FolderArgs,
}

/// A scope, on the command line.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ScopeName {
    /// Looking at worlds and runs
    Read,
    /// Making and moving worlds, starting runs, sending ledgers
    Run,
    /// Deleting what others have kept
    Admin,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Read => Self::Read,
            ScopeName::Run => Self::Run,
            ScopeName::Admin => Self::Admin,
        }
    }
}

pub(super) fn run(args: &TokenArgs) -> Result<(), Failure> {
    match &args.action {
        Action::New(new) => {
            let folder = data_dir(new.folder.data_dir.as_deref())?;
            let token =
                tokens::create(&folder, new.scope.into()).map_err(|error| refused(&error))?;
            output::print(&format!("{token}\n"))
        }
        Action::List(list) => {
            let folder = data_dir(list.data_dir.as_deref())?;
            let records = tokens::list(&folder).map_err(|error| refused(&error))?;
            let text = records.iter().fold(String::new(), |mut text, record| {
                let _ = writeln!(text, "{}  {}", record.id, record.scope);
                text
            });
            output::print(&text)
        }
        Action::Revoke(revoke) => {
            let folder = data_dir(revoke.folder.data_dir.as_deref())?;
            tokens::revoke(&folder, &revoke.id).map_err(|error| refused(&error))
        }
    }
}

fn refused(error: &TokenError) -> Failure {
    let found = finding(error.to_string());
    Failure::input(match error {
        TokenError::Unknown { .. } => found.help("`pluriverse token list` lists them"),
        TokenError::File { .. } => found.help("name a folder that you may write with --data-dir"),
        _ => found,
    })
}
