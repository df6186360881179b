//! What to run next, given what has been run: one procedure for each way of asking.
//!
//! A procedure is asked only when everything that it wanted is there, and looks at nothing but trials by their numbers.
//! So what it decides cannot depend on who ran what, or when.

use pluriverse_kernel::view::Unit;

use crate::{
    analysis::Answer,
    experiment::ExperimentError,
    plan::{FigureName, Method, Question, Replications},
    store::Store,
    study::{Point, Study},
};

mod fixed;
mod kim_nelson;
mod long_run;
mod observed;
mod ocba;
mod rinott;
mod sequential;
mod staffing;

use fixed::Fixed;
use kim_nelson::KimNelson;
use ocba::Ocba;
use rinott::Rinott;
use sequential::Sequential;
pub(crate) use staffing::REPORT_FIRST;
use staffing::StaffingSearch;

/// Replications that are wanted of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Demand {
    pub(crate) point: usize,
    pub(crate) first: u64,
    pub(crate) count: u64,
}

impl Demand {
    /// Those from `from` to below `until`, if there are any.
    pub(crate) fn between(point: usize, from: u64, until: u64) -> Option<Self> {
        (until > from).then(|| Self {
            point,
            first: from,
            count: until - from,
        })
    }
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// These runs; at least one.
    Run(Vec<Demand>),
    /// Nothing: the question is answered.
    Done,
}

impl Step {
    /// These runs, or nothing when there are none.
    pub(crate) fn run(demands: Vec<Demand>) -> Self {
        if demands.is_empty() {
            Self::Done
        } else {
            Self::Run(demands)
        }
    }
}

/// What a procedure looks at, and where it adds points.
pub(crate) struct Bench<'a> {
    pub(crate) study: &'a mut Study,
    pub(crate) store: &'a Store,
    /// Index of each series among those that trials bring along.
    pub(crate) series: &'a [usize],
}

impl Bench<'_> {
    /// Adds a point with these overrides beside those of the plan.
    pub(crate) fn add_point(&mut self, point: Point) -> usize {
        self.study.points.push(point);
        self.study.points.len() - 1
    }

    /// Unit and length of a period, in seconds, of the first series that trials bring along.
    pub(crate) fn series_about(&self) -> (Unit, f64) {
        let index = self.series.first();
        let series = index.and_then(|index| self.study.figures.outline.series.get(*index));
        series.map_or((Unit::Number, 0.0), |series| {
            (series.unit, series.period.nanos() as f64 / 1e9)
        })
    }
}

/// A way of asking.
pub(crate) enum Procedure {
    Fixed(Fixed),
    Sequential(Sequential),
    KimNelson(KimNelson),
    Rinott(Rinott),
    Ocba(Ocba),
    Staffing(Box<StaffingSearch>),
}

impl Procedure {
    /// The one that answers the question of `study`.
    pub(crate) fn of(study: &Study) -> Self {
        let points = study.points.len();
        match &study.plan.question {
            Question::Select(selection) => match selection.method {
                Method::KimNelson { indifference } => {
                    Self::KimNelson(KimNelson::new(study, selection, indifference))
                }
                Method::Rinott { indifference } => {
                    Self::Rinott(Rinott::new(study, selection, indifference))
                }
                Method::Ocba { budget } => Self::Ocba(Ocba::new(study, selection, budget)),
            },
            Question::Staffing(staffing) => {
                Self::Staffing(Box::new(StaffingSearch::new(study, staffing)))
            }
            Question::SteadyState(_) => Self::Fixed(Fixed::new(points, 1)),
            _ => match &study.plan.replications {
                Replications::Fixed(count) => Self::Fixed(Fixed::new(points, *count)),
                Replications::Until(rule) => Self::Sequential(Sequential::new(study, rule)),
            },
        }
    }

    /// What to run now that everything wanted before is there.
    pub(crate) fn advance(&mut self, bench: &mut Bench<'_>) -> Result<Step, ExperimentError> {
        match self {
            Self::Fixed(procedure) => Ok(procedure.advance()),
            Self::Sequential(procedure) => Ok(procedure.advance(bench)),
            Self::KimNelson(procedure) => procedure.advance(bench),
            Self::Rinott(procedure) => procedure.advance(bench),
            Self::Ocba(procedure) => procedure.advance(bench),
            Self::Staffing(procedure) => procedure.advance(bench),
        }
    }

    /// What follows from what is there, complete or not.
    pub(crate) fn answer(&self, bench: &Bench<'_>) -> Answer {
        match self {
            Self::Fixed(_) | Self::Sequential(_) => fixed::answer(bench),
            Self::KimNelson(procedure) => Answer::Select(procedure.answer(bench)),
            Self::Rinott(procedure) => Answer::Select(procedure.answer(bench)),
            Self::Ocba(procedure) => Answer::Select(procedure.answer(bench)),
            Self::Staffing(procedure) => Answer::Staffing(Box::new(procedure.answer(bench))),
        }
    }

    /// What the answer is worth, in words; empty where intervals say it all.
    pub(crate) fn guarantee(&self, bench: &Bench<'_>) -> String {
        match self {
            Self::Fixed(_) => fixed::guarantee(bench),
            Self::Sequential(procedure) => {
                let texts = [fixed::guarantee(bench), procedure.guarantee()];
                texts.join(" ").trim_start().to_owned()
            }
            Self::KimNelson(procedure) => procedure.guarantee(),
            Self::Rinott(procedure) => procedure.guarantee(),
            Self::Ocba(procedure) => procedure.guarantee(),
            Self::Staffing(procedure) => procedure.guarantee(),
        }
    }

    /// What it does at the moment, for people.
    pub(crate) fn phase(&self) -> String {
        match self {
            Self::Fixed(_) => "runs".to_owned(),
            Self::Sequential(procedure) => procedure.phase(),
            Self::KimNelson(procedure) => procedure.phase(),
            Self::Rinott(_) => "two stages".to_owned(),
            Self::Ocba(_) => "spends the budget".to_owned(),
            Self::Staffing(procedure) => procedure.phase(),
        }
    }
}

/// Indices of the series that the question looks at.
pub(crate) fn wanted_series(study: &Study) -> Vec<usize> {
    let names: Vec<&str> = match &study.plan.question {
        Question::Select(selection) => selection
            .constraints
            .iter()
            .filter_map(|constraint| match &constraint.figure {
                FigureName::Period { series, .. } => Some(series.as_str()),
                FigureName::Metric(_) => None,
            })
            .collect(),
        Question::Staffing(staffing) => vec![&staffing.series],
        Question::WarmUp(warm_up) => vec![&warm_up.series],
        Question::SteadyState(steady) => vec![&steady.series],
        Question::Table | Question::Compare { .. } => Vec::new(),
    };
    let mut indices: Vec<usize> = names
        .iter()
        .filter_map(|name| study.figures.series(name))
        .collect();
    indices.sort_unstable();
    indices.dedup();
    indices
}
