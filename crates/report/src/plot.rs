//! The drawing area that all charts share: axes, grid, and an SVG picture that stretches to any width.
//!
//! The picture has no fixed shape: it is drawn on a grid of [`WIDTH`] × [`HEIGHT`] units and stretched, with
//! strokes that keep their width, while the labels are ordinary text that keeps its size. So a chart reads as
//! well on a phone as on paper.

use std::fmt::{self, Write as _};

use super::axis::Axis;
use super::markup::Escaped;

/// Units across the drawing area.
pub(crate) const WIDTH: f64 = 4000.0;
/// Units from its bottom to its top.
pub(crate) const HEIGHT: f64 = 1000.0;

/// Charts of a sort that a page can hold and stay quick.
pub(crate) const MOST_CHARTS: usize = 60;

/// How many charts of a sort were drawn.
pub(crate) struct Drawn {
    /// Charts in the page.
    pub(crate) charts: usize,
    /// Series or distributions that found no room.
    pub(crate) left_out: usize,
}

/// A picture between two axes.
pub(crate) struct Plot<'a> {
    /// Distinguishes this picture in the page.
    pub(crate) id: &'a str,
    /// What it shows, for those who do not see it.
    pub(crate) title: &'a str,
    /// What there is to see in it.
    pub(crate) description: &'a str,
    pub(crate) across: &'a Axis,
    pub(crate) up: &'a Axis,
    /// SVG elements in drawing units.
    pub(crate) picture: &'a str,
}

impl Plot<'_> {
    /// Writes the axes and the picture.
    pub(crate) fn write(&self, out: &mut String) -> fmt::Result {
        let Self {
            id,
            title,
            description,
            across,
            up,
            picture,
        } = self;
        write!(
            out,
            r#"<div class="plot" style="--gutter:{}ch"><div class="up" aria-hidden="true">"#,
            up.label_width()
        )?;
        for mark in &up.marks {
            write!(
                out,
                r#"<span style="bottom:{:.2}%">{}</span>"#,
                mark.fraction * 100.0,
                Escaped(&mark.label)
            )?;
        }
        write!(
            out,
            r#"</div><div class="canvas"><svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{}</title><desc id="{id}-d">{}</desc>"#,
            Escaped(title),
            Escaped(description),
        )?;
        write!(
            out,
            r#"<path class="grid" d="{}"/>{picture}<path class="base" d="M0 {} h{WIDTH}"/></svg>"#,
            self.grid(),
            y(up, 0.0)
        )?;
        out.write_str(r#"</div><div class="across" aria-hidden="true">"#)?;
        for mark in &across.marks {
            write!(
                out,
                r#"<span style="left:{:.2}%">{}</span>"#,
                mark.fraction * 100.0,
                Escaped(&mark.label)
            )?;
        }
        out.write_str("</div></div>")
    }

    fn grid(&self) -> String {
        let lines = self
            .up
            .marks
            .iter()
            .map(|mark| format!("M0 {}h{WIDTH}", down(mark.fraction)));
        lines.collect()
    }
}

/// Drawing units from the left for a value on a level axis.
pub(crate) fn x(axis: &Axis, value: f64) -> i32 {
    units(axis.fraction(value) * WIDTH)
}

/// Drawing units from the top for a value on an upright axis.
pub(crate) fn y(axis: &Axis, value: f64) -> i32 {
    down(axis.fraction(value))
}

fn down(fraction: f64) -> i32 {
    units((1.0 - fraction) * HEIGHT)
}

/// Whole units; far outside the picture one place is as good as another.
#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped far within the range; NaN becomes 0"
)]
fn units(place: f64) -> i32 {
    place.round().clamp(-2.0 * WIDTH, 3.0 * WIDTH) as i32
}
