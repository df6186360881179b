//! Results as a table for people.
//!
//! Metrics are grouped by what stands before the last dot of their names. The table is never wider than the
//! terminal: the extremes go first, then the ends of long names.

use std::fmt::Write;

use pluriverse_kernel::view::Scalar;
use pluriverse_stats::RatioTally;

use pluriverse_report::quantity::{self, DASH, Figure};

use crate::{
    realtime,
    results::{Ending, Results},
};

/// The narrowest that a column of names is cut to.
const NAME_CHARS_MIN: usize = 12;

/// The results, at most `columns` wide where that is known.
pub(crate) fn document(results: &Results<'_>, columns: Option<usize>) -> String {
    let mut text = headline(results, columns);
    let rows = rows(&results.outcome.outline.scalars, &results.outcome.scalars);
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&metrics(&rows, columns));
    }
    text
}

fn headline(results: &Results<'_>, columns: Option<usize>) -> String {
    let outcome = results.outcome;
    let mut text = results.scenario.name().to_owned();
    if !results.scenario.title().is_empty() {
        let _ = write!(text, ": {}", results.scenario.title());
    }
    text = cut(&text, columns);
    text.push('\n');
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{}", cut(&format!("  {name:12}  {value}"), columns));
    };
    if let Some(state) = incomplete(results) {
        line("INCOMPLETE", state);
    }
    let planned = results.plan.replications;
    let replications = match outcome.replications {
        done if done == planned => quantity::whole(done),
        done => format!("{} of {}", quantity::whole(done), quantity::whole(planned)),
    };
    line(
        "replications",
        format!("{replications}, seed {}", results.plan.seed),
    );
    if let Some(reason) = results.no_interval() {
        line("interval", reason.to_owned());
    }
    let speed = quantity::compact(results.events_per_second());
    line(
        "events",
        format!("{} ({speed} a second)", quantity::whole(outcome.events)),
    );
    let wall = quantity::duration(results.wall_seconds());
    let speedup = quantity::compact(results.speedup());
    line(
        "simulated",
        format!(
            "{} in {wall} ({speedup} × real time)",
            quantity::duration(outcome.sim_seconds)
        ),
    );
    if let Some(seen) = &results.punctuality {
        line("punctuality", realtime::sentence(seen));
    }
    if let Some(hash) = outcome.ledger_hash {
        let name = if planned > 1 { "ledgers" } else { "ledger" };
        line(name, hash.to_string());
    }
    text
}

fn incomplete(results: &Results<'_>) -> Option<String> {
    match results.ending {
        Ending::Finished if results.outcome.is_complete => None,
        Ending::PausedAt(at) => Some(format!("paused at {at}; the figures are those up to there")),
        Ending::Finished | Ending::Interrupted if results.outcome.replications == 0 => {
            Some("interrupted before a replication was complete".to_owned())
        }
        Ending::Finished | Ending::Interrupted if results.plan.replications > 1 => {
            Some("interrupted; the figures are those of the complete replications".to_owned())
        }
        Ending::Finished | Ending::Interrupted => {
            Some("interrupted; the figures are those up to there".to_owned())
        }
    }
}

/// One metric, in texts.
struct Row<'a> {
    group: &'a str,
    name: &'a str,
    mean: String,
    half_width: Option<String>,
    unit: &'static str,
    extremes: Option<(String, String)>,
}

fn rows<'a>(outline: &'a [Scalar], tallies: &[RatioTally]) -> Vec<Row<'a>> {
    let pairs = outline.iter().zip(tallies);
    let rows = pairs.map(|(scalar, tally)| {
        let (group, name) = scalar.name.rsplit_once('.').unwrap_or(("", &scalar.name));
        match tally.estimate() {
            None => Row {
                group,
                name,
                mean: DASH.to_owned(),
                half_width: None,
                unit: "",
                extremes: None,
            },
            Some(estimate) => {
                let figure = Figure::full(scalar.unit, &estimate);
                Row {
                    group,
                    name,
                    mean: figure.mean,
                    half_width: figure.half_width.map(|width| format!("± {width}")),
                    unit: figure.symbol,
                    extremes: (estimate.count > 1).then_some((figure.min, figure.max)),
                }
            }
        }
    });
    rows.collect()
}

/// Widths of the columns, in characters.
struct Widths {
    name: usize,
    mean: usize,
    half_width: usize,
    unit: usize,
    min: usize,
    max: usize,
}

impl Widths {
    fn of(rows: &[Row<'_>], columns: Option<usize>) -> Self {
        let widest =
            |length: &dyn Fn(&Row<'_>) -> usize| rows.iter().map(length).max().unwrap_or(0);
        let extreme = |choose: fn(&(String, String)) -> &String| {
            widest(&|row| {
                row.extremes
                    .as_ref()
                    .map_or(0, |extremes| choose(extremes).chars().count())
            })
        };
        let mut widths = Self {
            name: widest(&|row| indent(row) + row.name.chars().count()),
            mean: widest(&|row| row.mean.chars().count()).max("mean".len()),
            half_width: widest(&|row| {
                row.half_width
                    .as_ref()
                    .map_or(0, |text| text.chars().count())
            }),
            unit: widest(&|row| row.unit.chars().count()),
            min: extreme(|(min, _)| min),
            max: extreme(|(_, max)| max),
        };
        if widths.min > 0 {
            (widths.min, widths.max) = (widths.min.max("min".len()), widths.max.max("max".len()));
        }
        let Some(columns) = columns else {
            return widths;
        };
        if widths.total() > columns {
            (widths.min, widths.max) = (0, 0);
        }
        let surplus = widths.total().saturating_sub(columns);
        widths.name = widths
            .name
            .saturating_sub(surplus)
            .max(NAME_CHARS_MIN.min(widths.name));
        widths
    }

    fn total(&self) -> usize {
        let gapped = [self.mean, self.half_width, self.min, self.max]
            .map(|width| if width > 0 { width + 2 } else { 0 });
        self.name + gapped.iter().sum::<usize>() + if self.unit > 0 { self.unit + 1 } else { 0 }
    }
}

fn indent(row: &Row<'_>) -> usize {
    if row.group.is_empty() { 0 } else { 2 }
}

fn metrics(rows: &[Row<'_>], columns: Option<usize>) -> String {
    let widths = Widths::of(rows, columns);
    let mut text = line(
        &widths,
        [
            "",
            "mean",
            if widths.half_width > 0 { "± 95 %" } else { "" },
            "",
            "min",
            "max",
        ],
    );
    let mut groups: Vec<&str> = Vec::new();
    for row in rows {
        if !groups.contains(&row.group) {
            groups.push(row.group);
        }
    }
    for group in groups {
        if !group.is_empty() {
            text.push_str(&cut(group, columns));
            text.push('\n');
        }
        for row in rows.iter().filter(|row| row.group == group) {
            let name = format!("{:indent$}{}", "", row.name, indent = indent(row));
            let half_width = row.half_width.as_deref().unwrap_or("");
            let (min, max) = row
                .extremes
                .as_ref()
                .map_or(("", ""), |(min, max)| (min, max));
            text.push_str(&line(
                &widths,
                [&name, &row.mean, half_width, row.unit, min, max],
            ));
        }
    }
    text
}

fn line(widths: &Widths, [name, mean, half_width, unit, min, max]: [&str; 6]) -> String {
    let name = cut(name, Some(widths.name));
    let mut text = format!(
        "{name:name_width$}  {mean:>mean_width$}",
        name_width = widths.name,
        mean_width = widths.mean
    );
    if widths.half_width > 0 {
        let _ = write!(text, "  {half_width:width$}", width = widths.half_width);
    }
    if widths.unit > 0 {
        let _ = write!(text, " {unit:width$}", width = widths.unit);
    }
    if widths.min > 0 {
        let _ = write!(
            text,
            "  {min:>width$}  {max:>max_width$}",
            width = widths.min,
            max_width = widths.max
        );
    }
    let mut text = text.trim_end().to_owned();
    text.push('\n');
    text
}

/// The text, its end replaced by `…` when it is longer than `chars`.
fn cut(text: &str, chars: Option<usize>) -> String {
    match chars {
        Some(chars) if text.chars().count() > chars => text
            .chars()
            .take(chars.saturating_sub(1))
            .chain(std::iter::once('…'))
            .collect(),
        _ => text.to_owned(),
    }
}
