//! `pluriverse man FOLDER`: the manual pages, for packagers.

use std::path::PathBuf;

use clap::CommandFactory;
use pluriverse_files::disk;

use crate::{
    args::Cli,
    failure::{Failure, finding},
};

/// Flags of `man`.
#[derive(Debug, clap::Args)]
pub(crate) struct ManualArgs {
    /// An existing folder
    folder: PathBuf,
}

pub(super) fn run(args: &ManualArgs) -> Result<(), Failure> {
    clap_mangen::generate_to(Cli::command(), &args.folder).map_err(|error| {
        let place = args.folder.display();
        Failure::input(
            finding(format!(
                "no manual pages can be written to `{place}`: {}",
                disk::plain(&error)
            ))
            .help("name an existing folder that you may write to"),
        )
    })
}
