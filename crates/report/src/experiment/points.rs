//! The table of an experiment's points.

use std::fmt::{self, Write as _};

use pluriverse_experiment::{
    Analysis,
    analysis::{Answer, PointAnalysis},
};
use pluriverse_kernel::view::Unit;
use pluriverse_stats::Estimate;

use super::drawn;
use crate::{
    markup::Escaped,
    page::Section,
    quantity::{DASH, Figure, whole},
};

/// Points that a page can hold and stay quick.
const POINTS_SHOWN: usize = 1_000;

pub(super) fn section(analysis: &Analysis) -> Result<Option<Section>, fmt::Error> {
    if analysis.points.is_empty() {
        return Ok(None);
    }
    let metrics = drawn(analysis);
    let mut heads = vec!["Point".to_owned()];
    heads.extend(analysis.factors.iter().cloned());
    heads.push("Runs".to_owned());
    heads.extend(
        metrics
            .iter()
            .map(|metric| analysis.metrics[*metric].name.clone()),
    );
    let points: Vec<&PointAnalysis> = analysis
        .points
        .iter()
        .filter(|point| is_shown(analysis, point))
        .collect();
    let left_out = analysis.points.len() - points.len().min(POINTS_SHOWN);
    let points = points.into_iter().take(POINTS_SHOWN);
    let rows = points.map(|point| {
        let mut row = vec![point.number.to_string()];
        row.extend(
            point
                .settings
                .iter()
                .map(|value| value.setting().to_string()),
        );
        row.push(whole(point.replications));
        row.extend(metrics.iter().map(|metric| {
            let estimate = point.estimates[*metric].as_ref();
            cell(analysis.metrics[*metric].unit, estimate)
        }));
        row
    });
    let mut body = String::new();
    write_table(&mut body, "Points", (&heads, &rows.collect::<Vec<_>>()))?;
    if left_out > 0 {
        write!(
            body,
            r#"<p class="note">{} more points are not shown: see `--results` and `--format json`.</p>"#,
            whole(left_out as u64)
        )?;
    }
    Ok(Some(Section {
        id: "points",
        title: "Points",
        about: format!(
            "Means with {} % intervals over the replications.",
            100.0 * analysis.confidence
        ),
        body,
    }))
}

/// Of the plans that staffing looked at, the one that is there and the answer are shown.
fn is_shown(analysis: &Analysis, point: &PointAnalysis) -> bool {
    match &analysis.answer {
        Answer::Staffing(answer) => point.number == 1 || Some(point.number) == answer.point,
        _ => true,
    }
}

/// An estimate in a cell.
pub(super) fn cell(unit: Unit, estimate: Option<&Estimate>) -> String {
    estimate.map_or_else(
        || DASH.to_owned(),
        |estimate| Figure::full(unit, estimate).line(),
    )
}

/// A table of texts.
pub(super) fn write_table(
    body: &mut String,
    name: &str,
    (heads, rows): (&[String], &[Vec<String>]),
) -> fmt::Result {
    write!(
        body,
        r#"<div class="card"><div class="scroll" tabindex="0" role="region" aria-label="{name}"><table><thead><tr>"#
    )?;
    for head in heads {
        write!(body, r#"<th scope="col">{}"#, Escaped(head))?;
    }
    body.write_str("</thead><tbody>")?;
    for row in rows {
        for (index, text) in row.iter().enumerate() {
            match index {
                0 => write!(body, r#"<tr><th scope="row">{}"#, Escaped(text))?,
                _ => write!(body, "<td>{}", Escaped(text))?,
            }
        }
        body.write_char('\n')?;
    }
    body.write_str("</tbody></table></div></div>")
}
