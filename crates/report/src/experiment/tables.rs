//! An experiment in tables of texts: its points, and what its answer lists.

use std::fmt::{self, Write as _};

use pluriverse_experiment::{
    Analysis,
    analysis::{
        Answer, Comparison, PointAnalysis, SelectionAnswer, StaffingAnswer, StaffingPeriod,
        Standing,
    },
};
use pluriverse_kernel::view::Unit;

use super::drawn;
use crate::{
    markup::Escaped,
    quantity::{DASH, Figure, whole},
    ticks::clock,
};

/// Points that a page can hold and stay quick.
const POINTS_SHOWN: usize = 1_000;

/// A table of texts.
pub struct Table {
    /// What it lists.
    pub title: &'static str,
    /// Heads of its columns.
    pub heads: Vec<String>,
    /// A text for each column.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Writes it as HTML.
    pub(super) fn write(&self, body: &mut String) -> fmt::Result {
        write!(
            body,
            r#"<div class="card"><div class="scroll" tabindex="0" role="region" aria-label="{}"><table><thead><tr>"#,
            self.title
        )?;
        for head in &self.heads {
            write!(body, r#"<th scope="col">{}"#, Escaped(head))?;
        }
        body.write_str("</thead><tbody>")?;
        for row in &self.rows {
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
}

/// What the answer lists, where it lists something.
pub(super) fn answer(analysis: &Analysis) -> Option<Table> {
    match &analysis.answer {
        Answer::Compare(answer) => Some(differences(analysis, answer)),
        Answer::Select(answer) => Some(candidates(answer)),
        Answer::Staffing(answer) => Some(periods(answer)),
        Answer::Table | Answer::WarmUp(_) | Answer::SteadyState(_) => None,
    }
}

/// The points that were run; of the plans that staffing looked at the one that is there and the answer.
pub(super) fn points(analysis: &Analysis) -> Table {
    let metrics = drawn(analysis);
    let mut heads = vec!["Point".to_owned()];
    heads.extend(analysis.factors.iter().cloned());
    heads.push("Runs".to_owned());
    heads.extend(names(analysis, &metrics));
    let is_shown = |point: &&PointAnalysis| match &analysis.answer {
        Answer::Staffing(answer) => point.number == 1 || Some(point.number) == answer.point,
        _ => true,
    };
    let shown = analysis.points.iter().filter(is_shown).take(POINTS_SHOWN);
    let rows = shown.map(|point| {
        let settings = point.settings.iter();
        let mut row = vec![point.number.to_string()];
        row.extend(settings.map(|value| value.setting().to_string()));
        row.push(whole(point.replications));
        row.extend(metrics.iter().map(|metric| {
            let estimate = point.estimates[*metric].as_ref();
            Figure::cell(analysis.metrics[*metric].unit, estimate)
        }));
        row
    });
    Table {
        title: "Points",
        rows: rows.collect(),
        heads,
    }
}

/// Each point less another one.
pub(super) fn differences(analysis: &Analysis, answer: &Comparison) -> Table {
    let metrics = drawn(analysis);
    let mut heads = vec!["Point".to_owned()];
    heads.extend(names(analysis, &metrics));
    let rows = answer.differences.iter().map(|difference| {
        let mut row = vec![difference.number.to_string()];
        row.extend(metrics.iter().map(|metric| {
            let paired = difference.paired[*metric].as_ref();
            let estimate = paired.map(|paired| &paired.difference);
            Figure::cell(analysis.metrics[*metric].unit, estimate)
        }));
        row
    });
    Table {
        title: "Differences",
        rows: rows.collect(),
        heads,
    }
}

/// The points of a selection, and what became of each.
pub(super) fn candidates(answer: &SelectionAnswer) -> Table {
    let rows = answer.candidates.iter().map(|candidate| {
        vec![
            candidate.number.to_string(),
            whole(candidate.replications),
            Figure::cell(Unit::Number, candidate.objective.as_ref()),
            standing(candidate.standing),
        ]
    });
    Table {
        title: "Candidates",
        heads: ["Point", "Runs", "Objective", "Standing"]
            .map(str::to_owned)
            .into(),
        rows: rows.collect(),
    }
}

/// What became of a point, in words.
pub fn standing(standing: Standing) -> String {
    match standing {
        Standing::Open => "open".to_owned(),
        Standing::Feasible => "meets all constraints".to_owned(),
        Standing::Infeasible => "misses a constraint".to_owned(),
        Standing::Worse { than } => format!("worse than point {than}"),
        Standing::Selected => "selected".to_owned(),
    }
}

/// What each period needs.
fn periods(answer: &StaffingAnswer) -> Table {
    let rows = answer.periods.iter().map(|period| {
        let needed = period.needed.map(|needed| needed.to_string());
        vec![
            begin_of(answer, period),
            needed.unwrap_or_else(|| DASH.to_owned()),
            Figure::cell(answer.unit, period.estimate.as_ref()),
            period.as_it_is.to_string(),
            Figure::cell(answer.unit, period.as_it_is_estimate.as_ref()),
        ]
    });
    let heads = ["From", "Needed", &answer.series, "As it is", &answer.series];
    Table {
        title: "Periods",
        heads: heads.map(str::to_owned).into(),
        rows: rows.collect(),
    }
}

/// When a period begins.
pub(super) fn begin_of(answer: &StaffingAnswer, period: &StaffingPeriod) -> String {
    let last = answer.periods.len() as f64 * answer.period_seconds;
    let begin = (period.number - 1) as f64 * answer.period_seconds;
    clock(begin, answer.period_seconds, last)
}

fn names(analysis: &Analysis, metrics: &[usize]) -> impl Iterator<Item = String> {
    let metrics = metrics.iter();
    metrics.map(|metric| analysis.metrics[*metric].name.clone())
}
