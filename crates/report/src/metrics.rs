//! The table of every figure, with its interval and a picture of both.
//!
//! The order is the outline's; the page's script sorts and filters by the plain numbers that each cell carries.

use std::fmt::{self, Write as _};

use pluriverse_kernel::{
    replicate::Outcome,
    view::{Scalar, Unit},
};
use pluriverse_stats::{Estimate, RatioTally};

use super::markup::Escaped;
use crate::quantity::{DASH, Figure};

/// Columns: heading, and whether it sorts by number.
const COLUMNS: [(&str, bool); 7] = [
    ("Metric", false),
    ("Mean", true),
    ("± 95 %", true),
    ("Unit", false),
    ("Min", true),
    ("Max", true),
    ("n", true),
];

/// Writes the table.
pub(crate) fn write(out: &mut String, outcome: &Outcome) -> fmt::Result {
    if outcome.outline.scalars.is_empty() {
        return out.write_str(r#"<p class="note">Nothing was measured.</p>"#);
    }
    out.write_str(
        r#"<div class="card"><div class="tools"><label for="filter">Filter</label><input id="filter" type="search" autocomplete="off" spellcheck="false" placeholder="desk wait"><output id="shown" for="filter"></output></div><div class="scroll" tabindex="0" role="region" aria-label="All metrics"><table id="figures"><thead><tr>"#,
    )?;
    for (heading, is_number) in COLUMNS {
        let class = if is_number { r#" class="number""# } else { "" };
        write!(out, r#"<th scope="col"{class}>{heading}"#)?;
    }
    out.write_str(r#"<th scope="col" class="range-head">Range</thead><tbody>"#)?;
    for (about, tally) in outcome.outline.scalars.iter().zip(&outcome.scalars) {
        write_row(out, about, tally)?;
    }
    out.write_str(
        r#"</tbody></table></div><p class="note key">Range: <i class="range"><b></b><u></u></i> smallest to largest replication, 95 % interval, mean.</p></div>"#,
    )
}

fn write_row(out: &mut String, about: &Scalar, tally: &RatioTally) -> fmt::Result {
    write!(out, r#"<tr><th scope="row">{}"#, name(&about.name))?;
    let Some(estimate) = tally.estimate() else {
        let unit = unit_word(about.unit, "");
        return writeln!(
            out,
            "<td>{DASH}<td>{DASH}<td>{unit}<td>{DASH}<td>{DASH}<td>0<td>"
        );
    };
    let figure = Figure::full(about.unit, &estimate);
    write_number(out, estimate.mean, &figure.mean)?;
    match (&figure.half_width, estimate.half_width) {
        (Some(text), Some(half)) => write_number(out, half, text)?,
        _ => write!(out, "<td>{DASH}")?,
    }
    write!(out, "<td>{}", unit_word(about.unit, figure.symbol))?;
    write_number(out, estimate.min, &figure.min)?;
    write_number(out, estimate.max, &figure.max)?;
    write!(out, "<td>{}<td>", estimate.count)?;
    writeln!(out, "{}", range(&estimate))
}

/// A cell; the plain number is left out where the text says it.
fn write_number(out: &mut String, value: f64, text: &str) -> fmt::Result {
    if text.parse() == Ok(value) {
        write!(out, "<td>{text}")
    } else {
        write!(out, r#"<td data-v="{value:.6e}">{text}"#)
    }
}

/// The measure stands out from what it is about; lines break at the dots.
fn name(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((subject, measure)) => {
            let subject = Escaped(subject).to_string().replace('.', ".<wbr>");
            format!("<span>{subject}.</span><wbr>{}", Escaped(measure))
        }
        None => Escaped(name).to_string(),
    }
}

fn unit_word(unit: Unit, symbol: &'static str) -> &'static str {
    match unit {
        Unit::Count => "count",
        Unit::Money => "money",
        Unit::Number => "",
        Unit::PerHour => "per hour",
        Unit::Share => "%",
        Unit::Seconds => symbol,
    }
}

/// A small picture: all replications from end to end, the interval, the mean.
fn range(estimate: &Estimate) -> String {
    let Estimate {
        mean,
        half_width,
        count: _,
        min,
        max,
    } = *estimate;
    let (Some(half), true) = (half_width, max > min) else {
        return String::new();
    };
    let place = |value: f64| ((value - min) / (max - min) * 100.0).clamp(0.0, 100.0);
    let (low, high) = (place(mean - half), place(mean + half));
    if !(low.is_finite() && high.is_finite()) {
        return String::new();
    }
    format!(
        r#"<i class="range" style="--a:{low:.0}%;--b:{:.0}%;--m:{:.0}%"><b></b><u></u></i>"#,
        100.0 - high,
        place(mean)
    )
}
