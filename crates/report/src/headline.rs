//! The few figures that matter most, as cards.
//!
//! Which they are is told by the names that measures have across all kinds of world: service level, waits,
//! utilisation, losses. Where there are more than fit, each card shows the station to worry about. A world with
//! none of these names shows its first figures.

use std::fmt::{self, Write as _};

use pluriverse_kernel::{replicate::Outcome, view::Unit};
use pluriverse_stats::Estimate;

use super::markup::{Escaped, humanized, subject_and_measure};
use crate::quantity::Figure;

/// Cards that fit at a glance.
const MOST_CARDS: usize = 6;

/// Which of many subjects to show.
#[derive(Clone, Copy)]
enum Worst {
    Lowest,
    Highest,
}

/// Measures that matter, most important first.
const MEASURES: [(&str, Worst); 10] = [
    ("service_level", Worst::Lowest),
    ("wait", Worst::Highest),
    ("wait_p95", Worst::Highest),
    ("utilization", Worst::Highest),
    ("abandoned", Worst::Highest),
    ("blocked", Worst::Highest),
    ("cost", Worst::Highest),
    ("queue_length", Worst::Highest),
    ("sojourn", Worst::Highest),
    ("throughput", Worst::Highest),
];

/// A figure with its name.
struct Candidate<'a> {
    name: &'a str,
    unit: Unit,
    estimate: Estimate,
}

/// Writes the cards; nothing when nothing was measured.
pub(crate) fn write(out: &mut String, outcome: &Outcome) -> fmt::Result {
    let candidates = candidates(outcome);
    let groups: Vec<(Vec<&Candidate<'_>>, Worst)> = MEASURES
        .iter()
        .map(|(measure, worst)| (group(&candidates, measure), *worst))
        .collect();
    let count: usize = groups.iter().map(|(group, _)| group.len()).sum();
    let cards: Vec<(&Candidate<'_>, String)> = match count {
        0 => candidates.iter().map(alone).collect(),
        _ if count <= MOST_CARDS => groups
            .iter()
            .flat_map(|(group, _)| group.iter().copied().map(alone))
            .collect(),
        _ => groups
            .iter()
            .filter_map(|(group, worst)| worst.of(group))
            .collect(),
    };
    if cards.is_empty() {
        return Ok(());
    }
    out.write_str(r#"<ul class="cards">"#)?;
    for (candidate, note) in cards.iter().take(MOST_CARDS) {
        candidate.write(out, note)?;
    }
    out.write_str("</ul>")
}

fn alone<'a, 'b>(candidate: &'b Candidate<'a>) -> (&'b Candidate<'a>, String) {
    (candidate, String::new())
}

/// The candidates of one measure; a world of a single station says the same of it and of the whole only once.
fn group<'a, 'b>(candidates: &'b [Candidate<'a>], measure: &str) -> Vec<&'b Candidate<'a>> {
    let of_measure = candidates.iter().filter(|c| is_of(c.name, measure));
    let mut group: Vec<&Candidate<'_>> = of_measure.collect();
    if let [station, whole] = group.as_slice()
        && station.estimate == whole.estimate
    {
        group.truncate(1);
    }
    // A loss that never happens is no headline.
    let is_loss = matches!(measure, "abandoned" | "blocked");
    if is_loss && group.iter().all(|candidate| candidate.estimate.mean == 0.0) {
        group.clear();
    }
    group
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

impl Worst {
    /// The one to worry about, and among how many it was found.
    fn of<'a, 'b>(self, group: &[&'b Candidate<'a>]) -> Option<(&'b Candidate<'a>, String)> {
        let mean = |candidate: &&&Candidate<'_>| candidate.estimate.mean;
        let by_mean = |a: &&&Candidate<'_>, b: &&&Candidate<'_>| mean(a).total_cmp(&mean(b));
        let (found, word) = match self {
            Self::Lowest => (group.iter().min_by(by_mean), "lowest"),
            // The first of equals, as for the lowest.
            Self::Highest => (group.iter().rev().max_by(by_mean), "highest"),
        };
        let note = match group.len() {
            1 => String::new(),
            count => format!("{word} of {count}"),
        };
        found.map(|candidate| (*candidate, note))
    }
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
            None => out.write_str("one replication")?,
        }
        write!(out, r#"</p><p class="subject">{}"#, Escaped(subject))?;
        if !note.is_empty() {
            write!(out, r#" <span class="tag">{note}</span>"#)?;
        }
        out.write_str("</p></li>")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::scalars;
    use super::*;

    fn cards(figures: &[(&str, f64)]) -> Vec<String> {
        let mut out = String::new();
        write(&mut out, &scalars(figures)).unwrap();
        let text = |card: &str| {
            let text = card.replace("</p>", " ").replace('>', ">\u{0}");
            let words = text
                .split('<')
                .map(|part| part.split('\u{0}').next_back().unwrap_or(""));
            words
                .collect::<String>()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        };
        out.split("<li")
            .skip(1)
            .map(|card| text(&format!("<li{card}")))
            .collect()
    }

    #[test]
    fn a_few_figures_are_all_shown_in_order_of_weight() {
        let figures = [
            ("desk.queue_length", 3.0),
            ("desk.wait", 2.0),
            ("desk.gold.wait", 1.0),
        ];
        assert_eq!(
            cards(&figures),
            [
                "Wait 2 one replication desk",
                "Queue length 3 one replication desk"
            ]
        );
    }

    #[test]
    fn of_many_the_worst_is_shown() {
        let names: Vec<String> = (0..7).map(|index| format!("s{index}")).collect();
        let waits: Vec<String> = names.iter().map(|name| format!("{name}.wait")).collect();
        let levels: Vec<String> = names
            .iter()
            .map(|name| format!("{name}.service_level"))
            .collect();
        let waits = waits.iter().zip([1.0, 5.0, 9.0, 9.5, 2.0, 3.0, 4.0]);
        let levels = levels.iter().zip([0.9, 0.7, 0.8, 0.95, 0.6, 0.99, 0.85]);
        let figures: Vec<(&str, f64)> = waits
            .chain(levels)
            .map(|(name, value)| (name.as_str(), value))
            .collect();
        assert_eq!(
            cards(&figures),
            [
                "Service level 0.600 one replication s4 lowest of 7",
                "Wait 9.50 one replication s3 highest of 7",
            ]
        );
    }

    #[test]
    fn repeats_and_losses_that_never_happen_are_left_out() {
        let figures = [
            ("desk.sojourn", 4.0),
            ("system.sojourn", 4.0),
            ("desk.abandoned", 0.0),
        ];
        assert_eq!(cards(&figures), ["Sojourn 4 one replication desk"]);
    }

    #[test]
    fn unknown_names_show_the_first_figures() {
        let figures = [("battles", 7.0), ("units.lost", 12.0)];
        assert_eq!(
            cards(&figures),
            ["Battles 7 one replication", "Lost 12 one replication units"]
        );
    }
}
