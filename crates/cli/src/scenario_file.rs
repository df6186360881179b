//! Scenario files as the commands read them: what is wrong with one ends the command.

use std::path::Path;

use pluriverse_files::scenario_file;
pub(crate) use pluriverse_files::scenario_file::{Loaded, SourceText};
use pluriverse_kernel::scenario::FileSource;

use crate::failure::Failure;

/// Reads the scenario file at `path`, with `overrides` set over it.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn load(path: &Path, overrides: Vec<(String, String)>) -> Result<Loaded, Failure> {
    Ok(scenario_file::load(path, overrides)?)
}

/// Reads a scenario from its text.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn read(
    source: SourceText,
    overrides: Vec<(String, String)>,
    files: &dyn FileSource,
) -> Result<Loaded, Failure> {
    Ok(scenario_file::read(source, overrides, files)?)
}

/// Reads the text of a scenario or an experiment.
///
/// # Errors
/// Says what is there instead.
pub(crate) fn read_text(path: &Path) -> Result<SourceText, Failure> {
    Ok(scenario_file::read_text(path)?)
}
