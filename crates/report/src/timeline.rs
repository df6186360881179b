//! Charts over simulated time: one for each chart that the outline names, a curve for each of its series.
//!
//! A chart has at most [`MOST_CURVES`] curves; a larger one is split evenly. Its table of values serves those who
//! do not see it and is where the page's script reads what it shows under the pointer.

use std::fmt::{self, Write as _};

use pluriverse_kernel::{
    replicate::Outcome,
    time::SimDuration,
    view::{Series, Unit},
};
use pluriverse_stats::RatioTally;

use super::axis::Axis;
use super::curve::{Curve, Placed, periods_per_point};
use super::markup::{Escaped, humanized};
use super::plot::{Drawn, MOST_CHARTS, Plot};
use super::ticks::clock;
use crate::quantity::{DASH, duration};

/// Colours there are.
const MOST_CURVES: usize = 8;
/// How far above the highest estimate an axis follows intervals; few replications make them very wide.
const BAND_HEADROOM: f64 = 1.6;

/// One series.
#[derive(Clone, Copy)]
struct Plotted<'a> {
    about: &'a Series,
    periods: &'a [RatioTally],
}

/// One chart.
struct Chart<'a> {
    title: String,
    unit: Unit,
    period_secs: f64,
    series: Vec<Plotted<'a>>,
}

/// Writes all charts over time.
pub(crate) fn write(out: &mut String, outcome: &Outcome) -> Result<Drawn, fmt::Error> {
    let charts = charts(outcome);
    for (index, chart) in charts.iter().take(MOST_CHARTS).enumerate() {
        chart.write(out, &format!("t{index}"))?;
    }
    let left_out = charts
        .iter()
        .skip(MOST_CHARTS)
        .map(|chart| chart.series.len())
        .sum();
    Ok(Drawn {
        charts: charts.len().min(MOST_CHARTS),
        left_out,
    })
}

/// Puts series that share chart, unit and period together, in the order of their first.
fn charts(outcome: &Outcome) -> Vec<Chart<'_>> {
    let mut groups: Vec<Vec<Plotted<'_>>> = Vec::new();
    for (about, periods) in outcome.outline.series.iter().zip(&outcome.series) {
        if periods.iter().all(|tally| tally.estimate().is_none()) {
            continue;
        }
        let series = Plotted { about, periods };
        let is_together = |group: &Vec<Plotted<'_>>| chart_of(group[0].about) == chart_of(about);
        match groups.iter().position(is_together) {
            Some(index) => groups[index].push(series),
            None => groups.push(vec![series]),
        }
    }
    groups.iter().flat_map(|group| split(group)).collect()
}

/// What series in one chart have in common.
fn chart_of(about: &Series) -> (&str, Unit, SimDuration) {
    (&about.chart, about.unit, about.period)
}

fn split<'a>(group: &[Plotted<'a>]) -> Vec<Chart<'a>> {
    let parts = group.len().div_ceil(MOST_CURVES).max(1);
    let each = group.len().div_ceil(parts).max(1);
    let charts = group.chunks(each).enumerate().map(|(index, series)| {
        let about = series[0].about;
        let mut title = humanized(&about.chart);
        if parts > 1 {
            let _ = write!(title, " ({} of {parts})", index + 1);
        }
        let period_secs = about.period.as_secs_f64();
        let period_secs = if period_secs > 0.0 { period_secs } else { 1.0 };
        Chart {
            title,
            unit: about.unit,
            period_secs,
            series: series.to_vec(),
        }
    });
    charts.collect()
}

impl Chart<'_> {
    fn write(&self, out: &mut String, id: &str) -> fmt::Result {
        let periods = self
            .series
            .iter()
            .map(|series| series.periods.len())
            .max()
            .unwrap_or(0);
        let group = periods_per_point(periods);
        let curves: Vec<Curve> = self
            .series
            .iter()
            .map(|s| Curve::new(self.unit, s.periods, group))
            .collect();
        let level = Axis::of_clock(periods as f64 * self.period_secs);
        let up = self.value_axis(&curves);
        let placed = Placed {
            level: &level,
            up: &up,
            period_secs: self.period_secs,
            periods,
        };
        let title = Escaped(&self.title);
        write!(
            out,
            r#"<figure class="card chart" id="{id}"><figcaption><h3>{title}</h3>"#
        )?;
        self.write_legend(out)?;
        out.write_str("</figcaption>")?;
        let description = self.description(&curves, &placed);
        let picture = picture(&curves, &placed)?;
        let plot = Plot {
            id,
            title: &self.title,
            description: &description,
            across: &level,
            up: &up,
            picture: &picture,
        };
        plot.write(out)?;
        if group > 1 {
            write!(
                out,
                r#"<p class="note">{group} periods of {} are drawn together as the range that they span.</p>"#,
                duration(self.period_secs)
            )?;
        }
        self.write_values(out, &curves, &placed)?;
        out.write_str("</figure>")
    }

    /// An axis that holds every estimate and, within reason, every interval.
    fn value_axis(&self, curves: &[Curve]) -> Axis {
        let widest = |a: (f64, f64), b: (f64, f64)| (a.0.min(b.0), a.1.max(b.1));
        let (low, high) = curves
            .iter()
            .filter_map(Curve::range)
            .reduce(widest)
            .unwrap_or((0.0, 1.0));
        let band = curves
            .iter()
            .filter_map(Curve::band_range)
            .reduce(widest)
            .unwrap_or((low, high));
        let top = band.1.min(high.max(0.0) * BAND_HEADROOM).max(high);
        // Only what can be negative at all has room below zero.
        let bottom = if low < 0.0 {
            band.0.max(low * BAND_HEADROOM).min(low)
        } else {
            0.0
        };
        match self.unit {
            Unit::Share if low >= 0.0 && high <= 1.0 && high > 0.5 => {
                Axis::of_values(self.unit, 0.0, 1.0)
            }
            Unit::Share if high <= 1.0 => Axis::of_values(self.unit, bottom, top.min(1.0)),
            _ => Axis::of_values(self.unit, bottom, top),
        }
    }

    fn write_legend(&self, out: &mut String) -> fmt::Result {
        out.write_str(r#"<ul class="legend">"#)?;
        for (index, series) in self.series.iter().enumerate() {
            write!(
                out,
                r#"<li><i class="swatch s{}"></i>{}</li>"#,
                index + 1,
                Escaped(&series.about.name)
            )?;
        }
        out.write_str("</ul>")
    }

    fn description(&self, curves: &[Curve], placed: &Placed<'_>) -> String {
        let mut text = format!("Means over {} periods. ", placed.periods);
        for (series, curve) in self.series.iter().zip(curves) {
            let Some((index, point)) = curve.peak() else {
                continue;
            };
            let (from, _) = self.period_of(index, placed);
            let _ = write!(
                text,
                "{}: highest {} at {from}. ",
                series.about.name,
                point.text()
            );
        }
        text
    }

    fn write_values(&self, out: &mut String, curves: &[Curve], placed: &Placed<'_>) -> fmt::Result {
        let group = periods_per_point(placed.periods);
        let rows = placed.periods.div_ceil(group);
        write!(
            out,
            r#"<details class="values"><summary>Values</summary><div class="scroll" tabindex="0" role="region" aria-label="Values: {}"><table data-rows="{}"><thead><tr><th scope=col>Period"#,
            Escaped(&self.title),
            placed.periods as f64 / group as f64,
        )?;
        for series in &self.series {
            write!(out, "<th scope=col>{}", Escaped(&series.about.name))?;
        }
        out.write_str("</thead><tbody>")?;
        for row in 0..rows {
            let (from, to) = self.period_of(row, placed);
            write!(out, "<tr><th scope=row>{from}–{to}")?;
            for curve in curves {
                match curve.points.get(row).and_then(Option::as_ref) {
                    Some(point) => write!(out, "<td>{}", point.text())?,
                    None => write!(out, "<td>{DASH}")?,
                }
            }
            out.write_char('\n')?;
        }
        out.write_str("</tbody></table></div></details>")
    }

    /// Start and end of a row of values.
    fn period_of(&self, row: usize, placed: &Placed<'_>) -> (String, String) {
        let group = periods_per_point(placed.periods);
        let last = placed.periods as f64 * self.period_secs;
        let at = |period: usize| {
            clock(
                period.min(placed.periods) as f64 * self.period_secs,
                self.period_secs,
                last,
            )
        };
        (at(row * group), at((row + 1) * group))
    }
}

/// Bands first, so that no band lies over a line.
fn picture(curves: &[Curve], placed: &Placed<'_>) -> Result<String, fmt::Error> {
    let mut picture = String::new();
    for (index, curve) in curves.iter().enumerate() {
        let band = curve.band(placed);
        if !band.is_empty() {
            write!(picture, r#"<path class="band s{}" d="{band}"/>"#, index + 1)?;
        }
    }
    for (index, curve) in curves.iter().enumerate() {
        let class = if curve.is_of_ranges() {
            "ranges"
        } else {
            "line"
        };
        write!(
            picture,
            r#"<path class="{class} s{}" d="{}"/>"#,
            index + 1,
            curve.line(placed)
        )?;
        let markers = curve.markers(placed);
        if !markers.is_empty() {
            write!(
                picture,
                r#"<path class="dots s{}" d="{markers}"/>"#,
                index + 1
            )?;
        }
    }
    Ok(picture)
}
