//! A chart of figures against numbers: dots with intervals, lines through them, a limit across.

use std::fmt::{self, Write as _};

use pluriverse_kernel::view::Unit;

use crate::{
    axis::Axis,
    markup::Escaped,
    path::Path,
    plot::{Plot, WIDTH, x, y},
    quantity::{ShownUnit, decimals_for},
};

/// A figure at a place.
pub(super) struct Dot {
    pub(super) across: f64,
    pub(super) up: f64,
    /// Half the width of its interval.
    pub(super) band: Option<f64>,
    /// What it is the figure of.
    pub(super) label: String,
}

/// Dots that belong together.
pub(super) struct Trace {
    pub(super) name: String,
    pub(super) dots: Vec<Dot>,
    pub(super) join: Join,
}

/// What joins the dots of a trace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// Nothing.
    Nothing,
    /// A line from each to the next.
    Line,
    /// Stairs: each holds as far as half-way to the next.
    Steps,
}

/// A chart.
pub(super) struct Chart {
    pub(super) title: String,
    /// Unit of the level axis, where its marks are round numbers rather than `places`.
    pub(super) across_unit: Option<Unit>,
    pub(super) up_unit: Unit,
    /// Marks of the level axis.
    pub(super) places: Vec<(f64, String)>,
    pub(super) traces: Vec<Trace>,
    /// A line across at this figure.
    pub(super) limit: Option<f64>,
    /// Whether the upright axis takes in zero.
    pub(super) from_zero: bool,
}

impl Chart {
    fn dots(&self) -> impl Iterator<Item = &Dot> {
        self.traces.iter().flat_map(|trace| &trace.dots)
    }

    fn axes(&self) -> (Axis, Axis) {
        let mut places = self.places.clone();
        places.sort_by(|one, other| one.0.total_cmp(&other.0));
        let across = match self.across_unit {
            Some(unit) => {
                let values = self.dots().map(|dot| dot.across);
                let (low, high) = range(values);
                Axis::of_range(unit, low, high)
            }
            None => Axis::of_places(&places),
        };
        let ends = self.dots().flat_map(|dot| {
            let half = dot.band.unwrap_or(0.0);
            [dot.up - half, dot.up + half]
        });
        let (low, high) = range(ends.chain(self.limit));
        let up = if self.from_zero {
            Axis::of_values(self.up_unit, low, high)
        } else {
            Axis::of_range(self.up_unit, low, high)
        };
        (across, up)
    }

    /// Writes the chart; `id` tells it from others of the page.
    pub(super) fn write(&self, out: &mut String, id: &str) -> fmt::Result {
        let (across, up) = self.axes();
        write!(
            out,
            r#"<figure class="card chart whole" id="{id}"><figcaption><h3>{}</h3>"#,
            Escaped(&self.title)
        )?;
        if self.traces.len() > 1 {
            out.write_str(r#"<ul class="legend">"#)?;
            for (index, trace) in self.traces.iter().enumerate() {
                write!(
                    out,
                    r#"<li><i class="swatch s{}"></i>{}</li>"#,
                    index + 1,
                    Escaped(&trace.name)
                )?;
            }
            out.write_str("</ul>")?;
        }
        out.write_str("</figcaption>")?;
        let picture = self.picture(&across, &up)?;
        let plot = Plot {
            id,
            title: &self.title,
            description: &self.description(),
            across: &across,
            up: &up,
            picture: &picture,
        };
        plot.write(out)?;
        self.write_values(out)?;
        out.write_str("</figure>")
    }

    fn picture(&self, across: &Axis, up: &Axis) -> Result<String, fmt::Error> {
        let mut picture = String::new();
        if let Some(limit) = self.limit {
            write!(
                picture,
                r#"<path class="marked" d="M0 {}h{WIDTH}"/>"#,
                y(up, limit)
            )?;
        }
        for (index, trace) in self.traces.iter().enumerate() {
            let class = index + 1;
            let (mut bands, mut line, mut dots) =
                (Path::default(), Path::default(), Path::default());
            for (position, dot) in trace.dots.iter().enumerate() {
                let (left, top) = (x(across, dot.across), y(up, dot.up));
                if let Some(half) = dot.band {
                    bands.start(left, y(up, dot.up - half));
                    bands.line_to(left, y(up, dot.up + half));
                }
                match (position.checked_sub(1), trace.join) {
                    (None, _) => line.start(left, top),
                    (Some(before), Join::Steps) => {
                        let before = &trace.dots[before];
                        let between = x(across, f64::midpoint(before.across, dot.across));
                        line.line_to(between, y(up, before.up));
                        line.line_to(between, top);
                        line.line_to(left, top);
                    }
                    (Some(_), _) => line.line_to(left, top),
                }
                dots.dot(left, top);
            }
            let bands = bands.into_data();
            if !bands.is_empty() {
                write!(picture, r#"<path class="line s{class}" d="{bands}"/>"#)?;
            }
            if trace.join != Join::Nothing {
                write!(
                    picture,
                    r#"<path class="line s{class}" d="{}"/>"#,
                    line.into_data()
                )?;
            }
            write!(
                picture,
                r#"<path class="dots s{class}" d="{}"/>"#,
                dots.into_data()
            )?;
        }
        Ok(picture)
    }

    fn text(&self, dot: &Dot) -> String {
        let shown = ShownUnit::of(self.up_unit, dot.up);
        let half = dot.band.filter(|half| *half > 0.0);
        let decimals = match half {
            Some(half) => decimals_for(shown.in_unit(half), 2),
            None => decimals_for(shown.in_unit(dot.up), 4),
        };
        match half {
            Some(half) => format!(
                "{} ± {}",
                shown.text(dot.up, decimals),
                shown.text(half, decimals)
            ),
            None => shown.text(dot.up, decimals),
        }
    }

    fn description(&self) -> String {
        self.traces.iter().fold(String::new(), |mut text, trace| {
            if let (Some(first), Some(last)) = (trace.dots.first(), trace.dots.last()) {
                let _ = write!(
                    text,
                    "{}: {} at {}, {} at {}. ",
                    trace.name,
                    self.text(first),
                    first.label,
                    self.text(last),
                    last.label
                );
            }
            text
        })
    }

    fn write_values(&self, out: &mut String) -> fmt::Result {
        write!(
            out,
            r#"<details class="values"><summary>Values</summary><div class="scroll" tabindex="0" role="region" aria-label="Values: {}"><table><thead><tr><th scope=col><th scope=col>At<th scope=col>Value</thead><tbody>"#,
            Escaped(&self.title)
        )?;
        for trace in &self.traces {
            for dot in &trace.dots {
                writeln!(
                    out,
                    "<tr><th scope=row>{}<td>{}<td>{}",
                    Escaped(&trace.name),
                    Escaped(&dot.label),
                    self.text(dot)
                )?;
            }
        }
        out.write_str("</tbody></table></div></details>")
    }
}

/// Least and greatest of the values that are numbers.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|value| value.is_finite());
    let ends = finite.fold(None, |ends: Option<(f64, f64)>, value| {
        Some(ends.map_or((value, value), |(low, high)| {
            (low.min(value), high.max(value))
        }))
    });
    ends.unwrap_or((0.0, 1.0))
}
