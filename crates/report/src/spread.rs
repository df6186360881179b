//! Distributions of durations: a histogram for each, with its quantiles.
//!
//! The buckets of a [`Histogram`] grow with their values; drawn as they are they would show a density that is not
//! there. They are dealt out over bins of equal length along the axis, so that equal areas are equal shares. A
//! long tail gets a logarithmic axis; observations of exactly zero (cases that did not wait) are told in words
//! when they are many, since a bar for them would dwarf all others.

use std::fmt::{self, Write as _};

use pluriverse_kernel::{replicate::Outcome, view::Unit};
use pluriverse_stats::Histogram;

use super::axis::{Axis, Spacing};
use super::markup::{Escaped, humanized, subject_and_measure};
use super::plot::{Drawn, HEIGHT, MOST_CHARTS, Plot, WIDTH, y};
use super::ticks::round_step;
use crate::quantity::{duration, number, percent};

/// Bins that a histogram has about.
const BINS: f64 = 40.0;
/// The axis covers this share of the observations above zero.
const COVERED: f64 = 0.995;
/// From this ratio of the 99th to the 25th percentile on, the axis is logarithmic.
const LONG_TAIL: f64 = 300.0;
/// Zeros are told in words from this share on.
const MANY_ZEROS: f64 = 0.02;
/// Quantiles that are marked.
const QUANTILES: [(f64, &str); 4] = [(0.5, "p50"), (0.9, "p90"), (0.95, "p95"), (0.99, "p99")];
/// Marks closer than this share of the axis get labels on different lines.
const LABEL_WIDTH: f64 = 0.11;

/// Writes all distributions that hold anything; what several subjects have in common is drawn once.
pub(crate) fn write(out: &mut String, outcome: &Outcome) -> Result<Drawn, fmt::Error> {
    let mut charts: Vec<(String, Vec<&str>, &Histogram)> = Vec::new();
    for (about, histogram) in outcome.outline.spreads.iter().zip(&outcome.spreads) {
        let (subject, measure) = subject_and_measure(&about.name);
        let measure = humanized(measure);
        let is_same =
            |other: &(String, Vec<&str>, &Histogram)| other.0 == measure && other.2 == histogram;
        match charts.iter().position(is_same) {
            _ if histogram.is_empty() => {}
            Some(index) => charts[index].1.push(subject),
            None => charts.push((measure, vec![subject], histogram)),
        }
    }
    for (index, (measure, subjects, histogram)) in charts.iter().take(MOST_CHARTS).enumerate() {
        let title = match subjects.join(", ").as_str() {
            "" => measure.clone(),
            subjects => format!("{measure} · {subjects}"),
        };
        Spread::new(&title, histogram).write(out, &format!("d{index}"))?;
    }
    Ok(Drawn {
        charts: charts.len().min(MOST_CHARTS),
        left_out: charts.len().saturating_sub(MOST_CHARTS),
    })
}

/// A distribution, ready to be drawn; times in seconds.
struct Spread<'a> {
    title: &'a str,
    histogram: &'a Histogram,
    count: f64,
    zeros: f64,
    axis: Axis,
    /// Share of all observations in each bin.
    bins: Vec<f64>,
    /// Share of all observations below the axis, without the zeros.
    below: f64,
    /// Share of all observations above it.
    above: f64,
}

impl<'a> Spread<'a> {
    fn new(title: &'a str, histogram: &'a Histogram) -> Self {
        let count = histogram.count() as f64;
        let zeros = histogram
            .buckets()
            .take_while(|(_, high, _)| *high == 0)
            .map(|(.., n)| n as f64)
            .sum::<f64>();
        let zeros = if zeros / count >= MANY_ZEROS {
            zeros
        } else {
            0.0
        };
        let (axis, bin_count) = axis(histogram, zeros, count);
        let mut spread = Self {
            title,
            histogram,
            count,
            zeros,
            axis,
            bins: vec![0.0; bin_count],
            below: 0.0,
            above: 0.0,
        };
        spread.deal_out();
        spread
    }

    /// Deals every bucket out over the bins that it reaches into, in proportion.
    fn deal_out(&mut self) {
        let bin_count = self.bins.len() as f64;
        for (low, high, observations) in self.histogram.buckets() {
            if high == 0 && self.zeros > 0.0 {
                continue;
            }
            let share = observations as f64 / self.count;
            let (low, high) = edges(low, high);
            let (from, to) = (
                self.axis.fraction(low) * bin_count,
                self.axis.fraction(high) * bin_count,
            );
            if to <= 0.0 {
                self.below += share;
                continue;
            }
            // The least end of all may lie infinitely far down a logarithmic axis.
            let from = from.max(0.0);
            self.above += share * (to - from.max(bin_count)).max(0.0) / (to - from);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "within 0 and the bin count"
            )]
            let reached = from.floor() as usize..to.min(bin_count).ceil() as usize;
            for bin in reached {
                let left = bin as f64;
                let part = (to.min(left + 1.0) - from.max(left)) / (to - from);
                self.bins[bin] += share * part;
            }
        }
    }

    fn write(&self, out: &mut String, id: &str) -> fmt::Result {
        let title = Escaped(self.title);
        write!(
            out,
            r#"<figure class="card chart spread" id="{id}"><figcaption><h3>{title}</h3><dl class="quantiles">"#
        )?;
        for (q, label) in QUANTILES {
            write!(
                out,
                "<div><dt>{label}</dt><dd>{}</dd></div>",
                self.quantile_text(q)
            )?;
        }
        write!(
            out,
            "<div><dt>max</dt><dd>{}</dd></div></dl></figcaption>",
            self.quantile_text(1.0)
        )?;
        let up = Axis::of_values(
            Unit::Share,
            0.0,
            self.bins.iter().copied().fold(0.0, f64::max),
        );
        self.write_labels(out, &up)?;
        let description = self.description();
        let picture = self.picture(&up)?;
        let across = &self.axis;
        Plot {
            id,
            title: self.title,
            description: &description,
            across,
            up: &up,
            picture: &picture,
        }
        .write(out)?;
        write!(out, r#"<p class="note">{description}</p>"#)?;
        self.write_values(out)?;
        out.write_str("</figure>")
    }

    /// Names of the marked quantiles, above the picture.
    fn write_labels(&self, out: &mut String, up: &Axis) -> fmt::Result {
        let mut line_ends: Vec<f64> = Vec::new();
        let mut labels = String::new();
        for (place, label) in self.marked() {
            let free = line_ends.iter().position(|end| *end <= place);
            let line = free.unwrap_or(line_ends.len());
            if free.is_none() {
                line_ends.push(0.0);
            }
            line_ends[line] = place + LABEL_WIDTH;
            write!(
                labels,
                r#"<span style="left:{:.2}%;--line:{line}">{label}</span>"#,
                place * 100.0
            )?;
        }
        let (lines, gutter) = (line_ends.len(), up.label_width());
        write!(
            out,
            r#"<div class="marks" aria-hidden="true" style="--gutter:{gutter}ch;--lines:{lines}"><div>{labels}</div></div>"#
        )
    }

    fn picture(&self, up: &Axis) -> Result<String, fmt::Error> {
        let mut bars = String::new();
        let width = WIDTH / self.bins.len() as f64;
        for (index, share) in self.bins.iter().enumerate() {
            if *share > 0.0 {
                let left = index as f64 * width;
                write!(
                    bars,
                    "M{left:.0} {HEIGHT}V{}H{:.0}V{HEIGHT}Z",
                    y(up, *share).min(996),
                    left + width
                )?;
            }
        }
        let lines = self
            .marked()
            .map(|(place, _)| format!("M{:.0} 0V{HEIGHT}", place * WIDTH));
        let lines: String = lines.collect();
        Ok(format!(
            r#"<path class="bars" d="{bars}"/><path class="marked" d="{lines}"/>"#
        ))
    }

    /// Place along the axis and name of each quantile that is on it.
    fn marked(&self) -> impl Iterator<Item = (f64, &'static str)> {
        QUANTILES.into_iter().filter_map(|(q, label)| {
            let secs = self.quantile_secs(q);
            let place = self.axis.fraction(secs);
            let is_drawn = secs > 0.0 || self.zeros == 0.0;
            (is_drawn && (0.0..=1.0).contains(&place)).then_some((place, label))
        })
    }

    fn description(&self) -> String {
        let mut text = format!("{} observations", number(self.count, 0));
        if self.zeros > 0.0 {
            let _ = write!(
                text,
                "; {} are zero and not drawn",
                percent(self.zeros / self.count)
            );
        }
        for (share, side) in [(self.below, "left"), (self.above, "right")] {
            // Less than this is what rounding leaves.
            if share > 1e-9 {
                let _ = write!(text, "; {} lie further {side}", percent(share));
            }
        }
        match self.axis.spacing {
            Spacing::Logarithmic => text.push_str("; logarithmic axis"),
            Spacing::Linear => {
                let width = (self.axis.high - self.axis.low) / self.bins.len() as f64;
                let _ = write!(text, "; a bar is {} wide", duration(width));
            }
        }
        text.push('.');
        text
    }

    fn write_values(&self, out: &mut String) -> fmt::Result {
        let bin_count = self.bins.len();
        write!(
            out,
            r#"<details class="values"><summary>Values</summary><div class="scroll" tabindex="0" role="region" aria-label="Values: {}"><table data-rows="{bin_count}"><thead><tr><th scope=col>From–to<th scope=col>Share<th scope=col>Up to here</thead><tbody>"#,
            Escaped(self.title),
        )?;
        let mut so_far = self.zeros / self.count + self.below;
        for (index, share) in self.bins.iter().enumerate() {
            so_far += share;
            let edge = |index: usize| duration(self.axis.value(index as f64 / bin_count as f64));
            let (from, to) = (edge(index), edge(index + 1));
            writeln!(
                out,
                "<tr><th scope=row>{from}–{to}<td>{}<td>{}",
                percent(*share),
                percent(so_far.min(1.0))
            )?;
        }
        out.write_str("</tbody></table></div></details>")
    }

    fn quantile_secs(&self, q: f64) -> f64 {
        self.histogram.quantile(q).unwrap_or(0) as f64 / 1e9
    }

    fn quantile_text(&self, q: f64) -> String {
        duration(self.quantile_secs(q))
    }
}

/// The axis of a distribution of `count` observations, `zeros` of which are left out; and how many bins it has.
fn axis(histogram: &Histogram, zeros: f64, count: f64) -> (Axis, usize) {
    let positive = count - zeros;
    let at = |share: f64| {
        let q = ((zeros + share * positive) / count).clamp(0.0, 1.0);
        histogram.quantile(q).unwrap_or(0) as f64 / 1e9
    };
    let (least, quarter, most) = (at(0.005), at(0.25), at(1.0));
    let high = if most <= 1.3 * at(COVERED) {
        most
    } else {
        at(COVERED)
    };
    if quarter > 0.0 && at(0.99) / quarter >= LONG_TAIL {
        let (low, high) = (least.max(quarter / 1000.0), high * 1.02);
        return (Axis::of_log_durations(low, high), 40);
    }
    // A distribution far from zero shows its own range.
    let low = if least > 0.6 * high && high > least {
        least
    } else {
        0.0
    };
    let bin = round_step(Unit::Seconds, (high - low) / BINS);
    let bin = if high > low { bin } else { 1e-9 };
    let (first, end) = ((low / bin).floor(), (high / bin + 1e-9).floor() + 1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "about BINS, and clamped"
    )]
    let bins = (end - first).clamp(1.0, 4.0 * BINS) as usize;
    (
        Axis::of_durations(first * bin, (first + bins as f64) * bin),
        bins,
    )
}

/// A bucket's ends in seconds; whole nanoseconds reach to the next.
fn edges(low: u64, high: u64) -> (f64, f64) {
    (low as f64 / 1e9, (high as f64 + 1.0) / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(millis: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::new();
        millis
            .into_iter()
            .for_each(|millis| histogram.record(millis * 1_000_000));
        histogram
    }

    fn html(histogram: &Histogram) -> String {
        let mut out = String::new();
        Spread::new("desk.wait", histogram)
            .write(&mut out, "d0")
            .unwrap();
        out
    }

    #[test]
    fn bins_and_what_is_left_out_add_up_to_everything() {
        let uniform = histogram(1..=10_000);
        let long = histogram((0..4000).map(|n| n * n * n / 1000));
        let far = histogram((0..500).map(|n| 100_000 + n));
        for histogram in [
            uniform,
            long,
            far,
            histogram([5]),
            histogram([0; 10]),
            histogram([0, 0, 0, 9]),
        ] {
            let spread = Spread::new("wait", &histogram);
            let all = spread.bins.iter().sum::<f64>()
                + spread.below
                + spread.above
                + spread.zeros / spread.count;
            assert!((all - 1.0).abs() < 1e-9, "{all} {:?}", spread.axis);
        }
    }

    #[test]
    fn a_uniform_distribution_is_drawn_level() {
        let uniform = histogram(1..=100_000);
        let spread = Spread::new("wait", &uniform);
        let inner = &spread.bins[1..spread.bins.len() - 2];
        let (low, high) = inner.iter().fold((f64::MAX, 0.0_f64), |(l, h), bin| {
            (l.min(*bin), h.max(*bin))
        });
        assert!(high / low < 1.03, "{low} {high}");
    }

    #[test]
    fn many_zeros_are_told_and_a_long_tail_is_logarithmic() {
        let waits = histogram((0..1000).map(|n| if n < 400 { 0 } else { n * 10 }));
        assert!(html(&waits).contains("40.0 % are zero and not drawn"));
        let long = histogram((0..2000_u32).map(|n| 2_u64.pow(n / 100)));
        assert_eq!(
            Spread::new("wait", &long).axis.spacing,
            Spacing::Logarithmic
        );
    }

    #[test]
    fn quantiles_among_the_zeros_are_not_marked() {
        let waits = histogram((0..1000).map(|n| if n < 600 { 0 } else { n }));
        let labels: Vec<&str> = Spread::new("Wait", &waits)
            .marked()
            .map(|(_, label)| label)
            .collect();
        assert_eq!(labels, ["p90", "p95", "p99"]);
    }

    #[test]
    fn what_subjects_have_in_common_is_drawn_once() {
        let mut outcome = super::super::tests::scalars(&[]);
        for (name, millis) in [
            ("desk.wait", 5),
            ("system.wait", 5),
            ("desk.sojourn", 5),
            ("bar.wait", 6),
        ] {
            outcome
                .outline
                .spreads
                .push(pluriverse_kernel::view::Spread {
                    name: name.to_owned(),
                });
            outcome.spreads.push(histogram([millis]));
        }
        let mut out = String::new();
        assert_eq!(write(&mut out, &outcome).unwrap().charts, 3);
        for title in ["Wait · desk, system", "Sojourn · desk", "Wait · bar"] {
            assert!(out.contains(&format!("<h3>{title}</h3>")), "{title}");
        }
    }

    #[test]
    fn names_are_escaped() {
        let mut out = String::new();
        Spread::new("<b>", &histogram([1]))
            .write(&mut out, "d0")
            .unwrap();
        assert!(out.contains("<h3>&lt;b&gt;</h3>") && !out.contains("<b>"));
    }

    #[test]
    fn the_largest_duration_there_is_fits() {
        let mut histogram = Histogram::new();
        histogram.record_n(u64::MAX, 3);
        histogram.record(1);
        let html = html(&histogram);
        assert!(!html.contains("NaN") && !html.contains("inf"), "{html}");
    }
}
