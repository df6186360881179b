//! A measure over time as vector paths: line, markers, and the band of its confidence intervals.
//!
//! Periods without a value leave a gap. Where there are more periods than can be told apart, neighbours are drawn
//! together as the range that they span, so that no peak is lost.

use pluriverse_kernel::view::Unit;
use pluriverse_stats::RatioTally;

use super::axis::Axis;
use super::path::Path;
use super::plot::{x, y};
use crate::quantity::Figure;

/// Points that a curve has at most.
const MOST_POINTS: usize = 240;
/// Above this many points, markers would hide the line.
const MOST_MARKERS: usize = 32;

/// What neighbouring periods span.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    /// Lowest and highest estimate.
    pub(crate) line: (f64, f64),
    /// Lowest and highest end of an interval.
    pub(crate) band: (f64, f64),
    /// Lowest and highest estimate in print.
    texts: (String, String),
}

impl Point {
    /// The estimate in print, or the range of estimates.
    pub(crate) fn text(&self) -> String {
        let (low, high) = &self.texts;
        if low == high {
            low.clone()
        } else {
            format!("{low} … {high}")
        }
    }
}

/// A measure over time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Curve {
    /// One for each group of periods.
    pub(crate) points: Vec<Option<Point>>,
    /// Periods in a group; the last may have fewer.
    pub(crate) periods_per_point: usize,
}

/// How many periods are drawn together when there are this many.
pub(crate) fn periods_per_point(periods: usize) -> usize {
    periods.div_ceil(MOST_POINTS).max(1)
}

impl Curve {
    /// The estimates of each period.
    pub(crate) fn new(unit: Unit, periods: &[RatioTally], periods_per_point: usize) -> Self {
        let points = periods.chunks(periods_per_point).map(|group| {
            let estimates = group.iter().filter_map(|tally| point(unit, tally));
            estimates.reduce(together)
        });
        Self {
            points: points.collect(),
            periods_per_point,
        }
    }

    /// Lowest and highest estimate, when there is any.
    pub(crate) fn range(&self) -> Option<(f64, f64)> {
        let lines = self.points.iter().flatten().map(|point| point.line);
        lines.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Lowest and highest end of an interval, when there is any.
    pub(crate) fn band_range(&self) -> Option<(f64, f64)> {
        let bands = self.points.iter().flatten().map(|point| point.band);
        bands.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// The place of the highest estimate and its text.
    pub(crate) fn peak(&self) -> Option<(usize, &Point)> {
        let points = self
            .points
            .iter()
            .enumerate()
            .filter_map(|(index, point)| Some((index, point.as_ref()?)));
        points.reduce(|best, next| {
            if next.1.line.1 > best.1.line.1 {
                next
            } else {
                best
            }
        })
    }

    /// Whether a point is a range of neighbours, so that the line is an area.
    pub(crate) fn is_of_ranges(&self) -> bool {
        self.periods_per_point > 1
    }

    /// Path data of the line, or of the area that the ranges cover, with a break at each gap.
    pub(crate) fn line(&self, placed: &Placed<'_>) -> String {
        if self.is_of_ranges() {
            return self.area(placed, |point| point.line);
        }
        let mut path = Path::default();
        for (first, run) in runs(&self.points) {
            for (offset, point) in run.iter().enumerate() {
                let (across, down) = (
                    placed.across(self, first + offset),
                    y(placed.up, point.line.0),
                );
                if offset == 0 {
                    path.start(across, down);
                } else {
                    path.line_to(across, down);
                }
            }
        }
        path.into_data()
    }

    /// Path data of the markers. Points that no line reaches always have one.
    pub(crate) fn markers(&self, placed: &Placed<'_>) -> String {
        let mut path = Path::default();
        let are_all_marked = self.points.len() <= MOST_MARKERS;
        for (first, run) in runs(&self.points) {
            if !are_all_marked && run.len() > 1 {
                continue;
            }
            for (offset, point) in run.iter().enumerate() {
                path.dot(
                    placed.across(self, first + offset),
                    y(placed.up, point.line.1),
                );
            }
        }
        path.into_data()
    }

    /// Path data of the band; nothing when no point has an interval.
    pub(crate) fn band(&self, placed: &Placed<'_>) -> String {
        if self
            .points
            .iter()
            .flatten()
            .all(|point| point.band == point.line)
        {
            return String::new();
        }
        self.area(placed, |point| point.band)
    }

    /// Path data of the area between two ends; a point that stands alone covers the width of its periods.
    fn area(&self, placed: &Placed<'_>, ends: impl Fn(&Point) -> (f64, f64)) -> String {
        let mut path = Path::default();
        let ends = |point: &Point| {
            let (low, high) = ends(point);
            (y(placed.up, low), y(placed.up, high))
        };
        for (first, run) in runs(&self.points) {
            if let [alone] = run.as_slice() {
                let ((left, right), (low, high)) = (placed.sides(self, first), ends(alone));
                path.start(left, high);
                path.line_to(right, high);
                path.line_to(right, low);
                path.line_to(left, low);
                path.close();
                continue;
            }
            let across = |offset: usize| placed.across(self, first + offset);
            path.start(across(0), ends(run[0]).1);
            for (offset, point) in run.iter().enumerate().skip(1) {
                path.line_to(across(offset), ends(point).1);
            }
            for (offset, point) in run.iter().enumerate().rev() {
                path.line_to(across(offset), ends(point).0);
            }
            path.close();
        }
        path.into_data()
    }
}

/// Where a curve is drawn: its axes, and the length of a period along the level one.
pub(crate) struct Placed<'a> {
    pub(crate) level: &'a Axis,
    pub(crate) up: &'a Axis,
    pub(crate) period_secs: f64,
    pub(crate) periods: usize,
}

impl Placed<'_> {
    /// Middle of a point's periods.
    fn across(&self, curve: &Curve, index: usize) -> i32 {
        let (first, end) = self.periods_of(curve, index);
        x(self.level, (first + end) / 2.0 * self.period_secs)
    }

    fn sides(&self, curve: &Curve, index: usize) -> (i32, i32) {
        let (first, end) = self.periods_of(curve, index);
        (
            x(self.level, first * self.period_secs),
            x(self.level, end * self.period_secs),
        )
    }

    fn periods_of(&self, curve: &Curve, index: usize) -> (f64, f64) {
        let first = index * curve.periods_per_point;
        (
            first as f64,
            (first + curve.periods_per_point).min(self.periods) as f64,
        )
    }
}

/// Runs of points without a gap, each with the index of its first.
fn runs(points: &[Option<Point>]) -> Vec<(usize, Vec<&Point>)> {
    let mut runs: Vec<(usize, Vec<&Point>)> = Vec::new();
    let mut is_open = false;
    for (index, point) in points.iter().enumerate() {
        match (point, runs.last_mut()) {
            (Some(point), Some((_, run))) if is_open => run.push(point),
            (Some(point), _) => runs.push((index, vec![point])),
            (None, _) => {}
        }
        is_open = point.is_some();
    }
    runs
}

fn point(unit: Unit, tally: &RatioTally) -> Option<Point> {
    let estimate = tally.estimate()?;
    let half = estimate
        .half_width
        .filter(|half| half.is_finite())
        .unwrap_or(0.0);
    let text = Figure::brief(unit, &estimate).line();
    estimate.mean.is_finite().then(|| Point {
        line: (estimate.mean, estimate.mean),
        band: (estimate.mean - half, estimate.mean + half),
        texts: (text.clone(), text),
    })
}

fn together(a: Point, b: Point) -> Point {
    let lowest_text = if b.line.0 < a.line.0 {
        b.texts.0
    } else {
        a.texts.0
    };
    let highest_text = if b.line.1 > a.line.1 {
        b.texts.1
    } else {
        a.texts.1
    };
    Point {
        line: (a.line.0.min(b.line.0), a.line.1.max(b.line.1)),
        band: (a.band.0.min(b.band.0), a.band.1.max(b.band.1)),
        texts: (lowest_text, highest_text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(values: &[f64]) -> RatioTally {
        let mut tally = RatioTally::new();
        values.iter().for_each(|value| tally.record(*value, 1.0));
        tally
    }

    fn drawn(periods: &[RatioTally]) -> (Curve, String, String, String) {
        let group = periods_per_point(periods.len());
        let curve = Curve::new(Unit::Number, periods, group);
        let level = Axis::of_clock(periods.len() as f64);
        let up = Axis::of_values(Unit::Number, 0.0, 10.0);
        let placed = Placed {
            level: &level,
            up: &up,
            period_secs: 1.0,
            periods: periods.len(),
        };
        let paths = (
            curve.line(&placed),
            curve.markers(&placed),
            curve.band(&placed),
        );
        (curve, paths.0, paths.1, paths.2)
    }

    #[test]
    fn a_gap_breaks_the_line() {
        let (_, line, markers, band) =
            drawn(&[tally(&[1.0]), tally(&[2.0]), tally(&[]), tally(&[5.0])]);
        assert_eq!(line, "M500 900l1000-100M3500 500");
        assert_eq!(markers, "M500 900h0M1500 800h0M3500 500h0");
        assert_eq!(band, "", "a single replication has no interval");
    }

    #[test]
    fn a_point_that_stands_alone_has_a_band_as_wide_as_its_period() {
        let (_, line, markers, band) = drawn(&[tally(&[4.0, 6.0])]);
        assert_eq!(
            (line.as_str(), markers.as_str()),
            ("M2000 500", "M2000 500h0")
        );
        // t(0.975, 1) × s / √n = 12.706 × 1.4142 / 1.4142 on either side of 5.
        assert_eq!(band, "M0 -771l4000 0 0 2542-4000 0Z");
    }

    #[test]
    fn many_periods_keep_their_peak() {
        let mut periods = vec![tally(&[1.0]); 10_000];
        periods[7_777] = tally(&[9.0]);
        let (curve, line, markers, _) = drawn(&periods);
        assert!(
            curve.points.len() <= MOST_POINTS && line.len() < 5_000,
            "{}",
            line.len()
        );
        assert_eq!(markers, "");
        assert_eq!(curve.range(), Some((1.0, 9.0)));
        let (index, point) = curve.peak().unwrap();
        assert_eq!(point.text(), "1 … 9");
        assert!(
            (index * curve.periods_per_point..(index + 1) * curve.periods_per_point)
                .contains(&7_777)
        );
    }

    #[test]
    fn nothing_observed_is_nothing_drawn() {
        let (curve, line, markers, band) = drawn(&[tally(&[]), tally(&[])]);
        assert_eq!((line + &markers + &band).as_str(), "");
        assert_eq!(
            (curve.range(), curve.band_range(), curve.peak()),
            (None, None, None)
        );
    }
}
