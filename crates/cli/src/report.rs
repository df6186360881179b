//! The report of a run: one self-contained HTML file for people.
//!
//! Same run, same bytes, but for the seconds that it took. Charts are drawn here as inline SVG and read without a
//! script; the little script in the page adds what a reader's hand does (pointing, sorting, filtering, dark or
//! light). All text that comes from outside is escaped. Writing the file is the caller's.

use pluriverse_kernel::replicate::Outcome;

mod axis;
mod curve;
mod headline;
mod markup;
mod metrics;
mod page;
mod path;
mod plot;
mod provenance;
mod spread;
mod ticks;
mod timeline;

/// What a report tells.
pub(crate) struct Report<'a> {
    /// One line for people; may be empty.
    pub(crate) title: &'a str,
    /// The scenario's name.
    pub(crate) scenario_name: &'a str,
    /// The kind of world.
    pub(crate) kind: &'a str,
    /// The scenario file, to the letter.
    pub(crate) scenario_text: &'a str,
    /// Its name, as given on the command line.
    pub(crate) file: &'a str,
    /// Values set over those of the file: dotted key and TOML value.
    pub(crate) overrides: &'a [(String, String)],
    /// Seed of all replications.
    pub(crate) seed: u64,
    /// Replications that were planned.
    pub(crate) replications: u64,
    /// Version of the program, with its revision where there is one.
    pub(crate) version: &'a str,
    /// Seconds of the wall clock that it all took.
    pub(crate) wall_seconds: f64,
    /// Threads that it took.
    pub(crate) threads: usize,
    /// What to know before trusting the figures, a sentence each.
    pub(crate) warnings: &'a [String],
    /// What was measured.
    pub(crate) outcome: &'a Outcome,
}

/// The report as a page.
pub(crate) fn html(report: &Report<'_>) -> String {
    let mut out = String::with_capacity(1 << 17);
    page::write(&mut out, report).expect("a String takes whatever is written to it");
    out
}

#[cfg(test)]
mod tests;
