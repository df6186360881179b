//! The few figures that matter most, as cards.
//!
//! Which they are is told by the names that measures have across all kinds of world: service level, waits,
//! utilisation, losses. Where many stations have such a figure, the card shows the one to worry about. A world
//! with none of these names shows its first figures.

use std::fmt::{self, Write as _};

use pluriverse_kernel::{replicate::Outcome, view::Unit};
use pluriverse_stats::Estimate;

use super::markup::{Escaped, humanized, subject_and_measure};
use super::quantity::Figure;

/// Cards that fit at a glance.
const MOST_CARDS: usize = 6;
/// Up to this many subjects each have their own card.
const FEW_SUBJECTS: usize = 2;

/// Which of many subjects to show.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Worst {
    Lowest,
    Highest,
}

/// Measures that matter, most important first.
const MEASURES: [(&str, Worst); 8] = [
    ("service_level", Worst::Lowest),
    ("wait", Worst::Highest),
    ("wait_p95", Worst::Highest),
    ("utilization", Worst::Highest),
    ("abandoned", Worst::Highest),
    ("blocked", Worst::Highest),
    ("queue_length", Worst::Highest),
    ("sojourn", Worst::Highest),
];

/// A figure with its name.
struct Candidate<'a> {
    name: &'a str,
    unit: Unit,
    estimate: Estimate,
}

/// Writes the cards; nothing when nothing was measured.
pub(super) fn write(out: &mut String, outcome: &Outcome) -> fmt::Result {
    let candidates = candidates(outcome);
    let mut cards: Vec<(&Candidate<'_>, String)> = Vec::new();
    for (measure, worst) in MEASURES {
        let group: Vec<&Candidate<'_>> = candidates
            .iter()
            .filter(|c| is_of(c.name, measure))
            .collect();
        // A loss that never happens is no headline.
        if matches!(measure, "abandoned" | "blocked")
            && group.iter().all(|c| c.estimate.mean == 0.0)
        {
            continue;
        }
        if group.len() <= FEW_SUBJECTS {
            cards.extend(
                group
                    .into_iter()
                    .map(|candidate| (candidate, String::new())),
            );
        } else if let Some(shown) = extreme(&group, worst) {
            let word = if worst == Worst::Lowest {
                "lowest"
            } else {
                "highest"
            };
            cards.push((shown, format!("{word} of {}", group.len())));
        }
    }
    if cards.is_empty() {
        cards.extend(
            candidates
                .iter()
                .map(|candidate| (candidate, String::new())),
        );
    }
    if cards.is_empty() {
        return Ok(());
    }
    out.write_str(r#"<ul class="cards">"#)?;
    for (candidate, note) in cards.iter().take(MOST_CARDS) {
        candidate.write(out, note)?;
    }
    out.write_str("</ul>")
}

fn candidates(outcome: &Outcome) -> Vec<Candidate<'_>> {
    let all = outcome.outline.scalars.iter().zip(&outcome.scalars);
    let known = all.filter_map(|(about, tally)| {
        let estimate = tally
            .estimate()
            .filter(|estimate| estimate.mean.is_finite())?;
        Some(Candidate {
            name: &about.name,
            unit: about.unit,
            estimate,
        })
    });
    known.collect()
}

/// Whether a name is this measure of a whole subject (`desk.wait`), not of a class there (`desk.gold.wait`).
fn is_of(name: &str, wanted: &str) -> bool {
    let (subject, measure) = subject_and_measure(name);
    measure == wanted && !subject.contains('.')
}

fn extreme<'a, 'b>(group: &[&'b Candidate<'a>], worst: Worst) -> Option<&'b Candidate<'a>> {
    let is_worse = |a: f64, b: f64| if worst == Worst::Lowest { a < b } else { a > b };
    let pick = |best: &'b Candidate<'a>, next| {
        let next: &'b Candidate<'a> = next;
        if is_worse(next.estimate.mean, best.estimate.mean) {
            next
        } else {
            best
        }
    };
    group.iter().copied().reduce(pick)
}

impl Candidate<'_> {
    fn write(&self, out: &mut String, note: &str) -> fmt::Result {
        let (subject, measure) = subject_and_measure(self.name);
        let figure = Figure::brief(self.unit, &self.estimate);
        let unit = figure.symbol;
        write!(
            out,
            r#"<li class="card"><p class="measure">{}</p><p class="figure">{}<small>{unit}</small></p><p class="interval">"#,
            Escaped(&humanized(measure)),
            figure.mean,
        )?;
        match &figure.half_width {
            Some(half) => write!(out, "± {half}")?,
            None => out.write_str("no interval from one replication")?,
        }
        write!(out, r#"</p><p class="subject">{}"#, Escaped(subject))?;
        if !note.is_empty() {
            write!(out, r#" <span class="tag">{note}</span>"#)?;
        }
        out.write_str("</p></li>")
    }
}
