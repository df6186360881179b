//! Standard output and standard error: results to the one, everything else to the other.
//!
//! Text is written in one piece through a locked writer. A reader that went away (`| head`) is no error: it has
//! seen what it wanted.

use std::io::{self, IsTerminal, Write};

use pluriverse_files::disk;

use crate::failure::{Failure, finding};

/// Writes results to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::run(
            finding(format!(
                "the results cannot be written to standard output: {}",
                disk::plain(&error)
            ))
            .help("make room, or send them elsewhere"),
        )),
        _ => Ok(()),
    }
}

/// Tells the user something that is no result; nobody hears about it when standard error is closed.
pub(crate) fn tell(text: &str) {
    let mut out = io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Columns of the terminal that standard output goes to; `None` when it goes elsewhere.
pub(crate) fn columns() -> Option<usize> {
    let (terminal_size::Width(columns), _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(columns))
}

/// Whether standard error takes colours: a terminal that can, and a user who has not said `NO_COLOR`.
pub(crate) fn error_takes_colours() -> bool {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    io::stderr().is_terminal() && !no_color && !is_dumb
}
