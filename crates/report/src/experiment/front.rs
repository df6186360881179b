//! Cost against service: what more of the one buys of the other, and where the answer stands.

use std::fmt;

use pluriverse_experiment::{
    Analysis,
    analysis::{Answer, SelectionAnswer, StaffingAnswer},
    plan::{FigureName, Limit, Sense},
};
use pluriverse_kernel::view::Unit;
use pluriverse_stats::pareto_front;

use super::chart::{Chart, Dot, Join, Trace};
use crate::page::Section;

/// Everything that may stand on the front: cost, and service (more is better), with a label.
struct Alternative {
    cost: f64,
    service: f64,
    label: String,
    mark: Mark,
}

/// What is special about an alternative.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Nothing,
    /// It is the answer.
    Answer,
    /// It is what there is.
    AsItIs,
}

/// What the picture is about.
struct Subject {
    title: String,
    cost_unit: Unit,
    service_unit: Unit,
    /// 1 where a greater figure is better service, −1 where a smaller one is.
    sign: f64,
    limit: Option<f64>,
    alternatives: Vec<Alternative>,
}

pub(super) fn section(analysis: &Analysis) -> Result<Option<Section>, fmt::Error> {
    let subject = match &analysis.answer {
        Answer::Staffing(answer) => Some(of_staffing(answer)),
        Answer::Select(answer) => of_selection(analysis, answer),
        _ => of_table(analysis),
    };
    let Some(subject) = subject.filter(|subject| subject.alternatives.len() > 1) else {
        return Ok(None);
    };
    let mut body = r#"<div class="charts">"#.to_owned();
    subject.chart().write(&mut body, "front")?;
    body.push_str("</div>");
    Ok(Some(Section {
        id: "front",
        title: "Cost and service",
        about: "The line joins what nothing else beats in both: the Pareto front. What lies off it is worse in one and no \
                better in the other."
            .to_owned(),
        body,
    }))
}

impl Subject {
    fn chart(self) -> Chart {
        let pairs: Vec<(f64, f64)> = self
            .alternatives
            .iter()
            .map(|one| (one.cost, -self.sign * one.service))
            .collect();
        let dot = |one: &Alternative| Dot {
            across: one.cost,
            up: one.service,
            band: None,
            label: one.label.clone(),
        };
        let trace = |name: &str, dots: Vec<Dot>, join: Join| Trace {
            name: name.to_owned(),
            dots,
            join,
        };
        let front = pareto_front(&pairs);
        let on_front = front.iter().map(|index| dot(&self.alternatives[*index]));
        let all = self.alternatives.iter().map(dot);
        let mut traces = vec![
            trace("all", all.collect(), Join::Nothing),
            trace("Pareto front", on_front.collect(), Join::Line),
        ];
        for (mark, name) in [(Mark::AsItIs, "as it is"), (Mark::Answer, "the answer")] {
            let marked = self.alternatives.iter().filter(|one| one.mark == mark);
            let dots: Vec<Dot> = marked.map(dot).collect();
            if !dots.is_empty() {
                traces.push(trace(name, dots, Join::Nothing));
            }
        }
        Chart {
            title: self.title,
            across_unit: Some(self.cost_unit),
            up_unit: self.service_unit,
            places: Vec::new(),
            traces,
            limit: self.limit,
            from_zero: false,
        }
    }
}

fn of_staffing(answer: &StaffingAnswer) -> Subject {
    let answer_levels: Option<Vec<i64>> =
        answer.periods.iter().map(|period| period.needed).collect();
    let as_it_is: Vec<i64> = answer
        .periods
        .iter()
        .map(|period| period.as_it_is)
        .collect();
    let alternatives = answer.plans_seen.iter().map(|plan| Alternative {
        cost: plan.total as f64,
        service: plan.worst,
        label: format!("{} in all: {:?}", plan.total, plan.levels),
        mark: if Some(&plan.levels) == answer_levels.as_ref() {
            Mark::Answer
        } else if plan.levels == as_it_is {
            Mark::AsItIs
        } else {
            Mark::Nothing
        },
    });
    Subject {
        title: format!(
            "{} of the worst period by the sum of all periods, in the search's sample",
            answer.series
        ),
        cost_unit: Unit::Count,
        service_unit: answer.unit,
        sign: answer.limit.sign(),
        limit: Some(answer.limit.value()),
        alternatives: alternatives.collect(),
    }
}

fn of_selection(analysis: &Analysis, answer: &SelectionAnswer) -> Option<Subject> {
    if answer.sense == Sense::Maximize {
        return None;
    }
    let constraint = answer.constraints.first()?;
    let FigureName::Metric(name) = &constraint.figure else {
        return None;
    };
    let metric = analysis
        .metrics
        .iter()
        .position(|metric| metric.name == *name)?;
    let alternatives = answer.candidates.iter().filter_map(|candidate| {
        let point = analysis
            .points
            .iter()
            .find(|point| point.number == candidate.number)?;
        Some(Alternative {
            cost: candidate.objective.as_ref()?.mean,
            service: point.estimates.get(metric)?.as_ref()?.mean,
            label: format!("point {}", candidate.number),
            mark: if answer.selected == Some(candidate.number) {
                Mark::Answer
            } else {
                Mark::Nothing
            },
        })
    });
    Some(Subject {
        title: format!("{name} by {}", answer.objective),
        cost_unit: Unit::Number,
        service_unit: analysis.metrics[metric].unit,
        sign: constraint.limit.sign(),
        limit: Some(match constraint.limit {
            Limit::AtLeast(value) | Limit::AtMost(value) => value,
        }),
        alternatives: alternatives.collect(),
    })
}

/// A table of worlds that have both a cost and a service level.
fn of_table(analysis: &Analysis) -> Option<Subject> {
    let ends_with = |ending: &str| {
        let mut metrics = analysis.metrics.iter();
        metrics.position(|metric| metric.name.ends_with(ending))
    };
    let (cost, service) = (ends_with("system.cost")?, ends_with(".service_level")?);
    let alternatives = analysis.points.iter().filter_map(|point| {
        Some(Alternative {
            cost: point.estimates[cost].as_ref()?.mean,
            service: point.estimates[service].as_ref()?.mean,
            label: format!("point {}", point.number),
            mark: Mark::Nothing,
        })
    });
    Some(Subject {
        title: format!(
            "{} by {}",
            analysis.metrics[service].name, analysis.metrics[cost].name
        ),
        cost_unit: Unit::Money,
        service_unit: Unit::Share,
        sign: 1.0,
        limit: None,
        alternatives: alternatives.collect(),
    })
}
