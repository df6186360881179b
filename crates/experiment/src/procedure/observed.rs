//! What selection looks at: an objective and the slack of constraints, one number a replication.

use pluriverse_kernel::view::Observation;

use crate::{
    experiment::ExperimentError,
    expression::Expression,
    job::Trial,
    plan::{Constraint, FigureName, Selection, Sense},
    procedure::Bench,
    store::pair,
    study::Study,
};

/// An objective that can be computed, so that less of it is better.
pub(super) struct Objective {
    expression: Expression,
    text: String,
    sign: f64,
    /// Figures come first among the names, then factors.
    metric_count: usize,
}

impl Objective {
    pub(super) fn new(study: &Study, selection: &Selection) -> Self {
        let names = study.figures.names_with(&study.plan.factors);
        Self {
            expression: Expression::parse(&selection.objective, &names)
                .expect("the reader has parsed the objective"),
            text: selection.objective.clone(),
            sign: match selection.sense {
                Sense::Minimize => 1.0,
                Sense::Maximize => -1.0,
            },
            metric_count: study.figures.outline.scalars.len(),
        }
    }

    /// 1 when less is better, −1 when more is.
    pub(super) fn sign(&self) -> f64 {
        self.sign
    }

    /// Its value in the first `count` replications of a point, turned so that less is better.
    pub(super) fn values(
        &self,
        bench: &Bench<'_>,
        point: usize,
        count: u64,
    ) -> Result<Vec<f64>, ExperimentError> {
        let trials = bench.store.trials(point, 0..count);
        trials
            .map(|(replication, trial)| {
                let value = self.value(bench, point, trial);
                value.ok_or_else(|| ExperimentError::NothingObserved {
                    what: self.text.clone(),
                    point: point + 1,
                    replication,
                })
            })
            .collect()
    }

    fn value(&self, bench: &Bench<'_>, point: usize, trial: &Trial) -> Option<f64> {
        let settings = &bench.study.points[point].settings;
        let value = self
            .expression
            .value(|name| match name.checked_sub(self.metric_count) {
                None => trial
                    .scalars
                    .get(name)
                    .copied()
                    .and_then(Observation::value),
                Some(factor) => settings.get(factor)?.number(),
            })?;
        Some(self.sign * value)
    }
}

/// A constraint with the indices that it looks at.
pub(super) struct Slack {
    place: Place,
    /// 1 where more is better, −1 where less is.
    sign: f64,
    limit: f64,
    pub(super) tolerance: f64,
    name: String,
}

enum Place {
    Metric(usize),
    Period { series: usize, period: usize },
}

impl Slack {
    pub(super) fn new(study: &Study, series: &[usize], constraint: &Constraint) -> Self {
        let (place, name) = match &constraint.figure {
            FigureName::Metric(name) => {
                let index = study.figures.metric(name);
                let index = index.expect("the reader has looked the figure up");
                (Place::Metric(index), name.clone())
            }
            FigureName::Period {
                series: name,
                period,
            } => {
                let index = study.figures.series(name);
                let index = index.expect("the reader has looked the series up");
                let place = series.iter().position(|wanted| *wanted == index);
                let place = Place::Period {
                    series: place.expect("constraints are among what is wanted"),
                    period: *period,
                };
                (place, format!("{name} in period {}", period + 1))
            }
        };
        Self {
            place,
            sign: constraint.limit.sign(),
            limit: constraint.limit.value(),
            tolerance: constraint.tolerance,
            name,
        }
    }

    /// By how much the limit is met in each of the first `count` replications; the mean is zero just where the ratio of
    /// the sums is the limit. `scale_count` replications tell how large denominators are.
    pub(super) fn values(
        &self,
        bench: &Bench<'_>,
        point: usize,
        (count, scale_count): (u64, u64),
    ) -> Result<Vec<f64>, ExperimentError> {
        let pairs: Vec<(f64, f64)> = bench
            .store
            .trials(point, 0..count)
            .map(|(_, trial)| self.observed(trial))
            .collect();
        slack_values(&pairs, (self.sign, self.limit), scale_count).ok_or_else(|| {
            ExperimentError::NothingObserved {
                what: self.name.clone(),
                point: point + 1,
                replication: 0,
            }
        })
    }

    fn observed(&self, trial: &Trial) -> (f64, f64) {
        let observation = match self.place {
            Place::Metric(index) => trial.scalars.get(index),
            Place::Period { series, period } => trial
                .series
                .get(series)
                .and_then(|periods| periods.get(period)),
        };
        observation.map_or((0.0, 0.0), pair)
    }
}

/// sign · (numerator − limit · denominator) over the mean denominator of the first `scale_count`; `None` when those are
/// all zero.
pub(super) fn slack_values(
    pairs: &[(f64, f64)],
    (sign, limit): (f64, f64),
    scale_count: u64,
) -> Option<Vec<f64>> {
    let scale_count = usize::try_from(scale_count).unwrap_or(usize::MAX);
    let first = &pairs[..scale_count.min(pairs.len())];
    let total: f64 = first.iter().map(|(_, denominator)| denominator).sum();
    if total <= 0.0 {
        return None;
    }
    let scale = first.len() as f64 / total;
    let slack =
        |(numerator, denominator): &(f64, f64)| sign * (numerator - limit * denominator) * scale;
    Some(pairs.iter().map(slack).collect())
}

/// Mean and variance (with n − 1).
pub(super) fn moments(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let tally: pluriverse_stats::Tally = values.collect();
    let variance = if tally.count() > 1 {
        tally.variance()
    } else {
        0.0
    };
    (tally.mean(), variance)
}
