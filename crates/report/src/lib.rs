//! Reports of runs and of [experiments](experiment): one self-contained HTML file for people.
//!
//! Same run, same bytes, but for the seconds that it took. Charts are drawn here as inline SVG and read without a
//! script; the little script in the page adds what a reader's hand does (pointing, sorting, filtering, dark or
//! light). All text that comes from outside is escaped. Writing the file is the caller's.

use pluriverse_kernel::replicate::Outcome;

mod axis;
mod curve;
pub mod experiment;
mod headline;
mod markup;
mod metrics;
mod page;
mod path;
mod plot;
mod provenance;
pub mod quantity;
mod spread;
mod ticks;
mod timeline;

/// What a report tells.
pub struct Report<'a> {
    /// One line for people; may be empty.
    pub title: &'a str,
    /// The scenario's name.
    pub scenario_name: &'a str,
    /// The kind of world.
    pub kind: &'a str,
    /// The scenario file, to the letter.
    pub scenario_text: &'a str,
    /// Its name, as given on the command line.
    pub file: &'a str,
    /// Values set over those of the file: dotted key and TOML value.
    pub overrides: &'a [(String, String)],
    /// Seed of all replications.
    pub seed: u64,
    /// Replications that were planned.
    pub replications: u64,
    /// Version of the program, with its revision where there is one.
    pub version: &'a str,
    /// Seconds of the wall clock that it all took.
    pub wall_seconds: f64,
    /// Threads that it took.
    pub threads: usize,
    /// What to know before trusting the figures, a sentence each.
    pub warnings: &'a [String],
    /// What was measured.
    pub outcome: &'a Outcome,
}

/// The report as a page.
pub fn html(report: &Report<'_>) -> String {
    let mut out = String::with_capacity(1 << 17);
    page::write(&mut out, report).expect("a String takes whatever is written to it");
    out
}

#[cfg(test)]
mod tests;
