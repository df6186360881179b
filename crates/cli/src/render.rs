//! Findings on the terminal: in colours only where they can be seen.

use pluriverse_files::{
    render::{self, Colours},
    scenario_file::SourceText,
};
use pluriverse_kernel::diagnostic::Diagnostic;

pub(crate) use pluriverse_files::render::one_line;

use crate::output;

/// Tells the user about every finding, on standard error.
pub(crate) fn tell(findings: &[Diagnostic], sources: &[SourceText]) {
    if findings.is_empty() {
        return;
    }
    let colours = if output::error_takes_colours() {
        Colours::Ansi
    } else {
        Colours::None
    };
    output::tell(&render::text(findings, sources, colours));
}
