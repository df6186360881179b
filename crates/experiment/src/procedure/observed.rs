//! What selection looks at: an objective and the slack of constraints, one number a replication.

use std::ops::Range;

use pluriverse_kernel::view::Observation;
use pluriverse_stats::{Tally, continuation};

use crate::{
    analysis::Candidate,
    experiment::ExperimentError,
    expression::Expression,
    job::Trial,
    plan::{Constraint, FigureName, Limit, Selection, Sense},
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

    /// Its value in these replications of a point, turned so that less is better.
    pub(super) fn values(
        &self,
        bench: &Bench<'_>,
        point: usize,
        replications: Range<u64>,
    ) -> Result<Vec<f64>, ExperimentError> {
        let trials = bench.store.trials(point, replications);
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

/// The objective of every point, as far as it was looked at: each replication once.
pub(super) struct Followed {
    pub(super) objective: Objective,
    first_stage: usize,
    /// For each point, the values of its first stage.
    first: Vec<Vec<f64>>,
    tallies: Vec<Tally>,
}

impl Followed {
    pub(super) fn new(study: &Study, selection: &Selection) -> Self {
        let points = study.points.len();
        Self {
            objective: Objective::new(study, selection),
            first_stage: usize::try_from(selection.first_stage).unwrap_or(usize::MAX),
            first: vec![Vec::new(); points],
            tallies: vec![Tally::new(); points],
        }
    }

    /// Looks at a point's replications up to `until`.
    pub(super) fn follow(
        &mut self,
        bench: &Bench<'_>,
        point: usize,
        until: u64,
    ) -> Result<(), ExperimentError> {
        let seen = self.tallies[point].count();
        let values = self.objective.values(bench, point, seen..until.max(seen))?;
        let room = self.first_stage.saturating_sub(self.first[point].len());
        self.first[point].extend(values.iter().take(room));
        values
            .into_iter()
            .for_each(|value| self.tallies[point].record(value));
        Ok(())
    }

    /// What a point's replications came to.
    pub(super) fn tally(&self, point: usize) -> &Tally {
        &self.tallies[point]
    }

    /// A point's variance, zero where there is none to tell.
    pub(super) fn variance(&self, point: usize) -> f64 {
        let tally = &self.tallies[point];
        if tally.count() > 1 {
            tally.variance()
        } else {
            0.0
        }
    }

    /// Variance of the differences of two points in the first stage, replication by replication.
    pub(super) fn variance_of_differences(&self, one: usize, other: usize) -> f64 {
        let pairs = self.first[one].iter().zip(&self.first[other]);
        moments(pairs.map(|(one, other)| other - one)).1
    }

    /// A row of the answer: a point with all of its replications.
    pub(super) fn candidate(&self, bench: &Bench<'_>, point: usize) -> Candidate {
        let all = self.objective.values(bench, point, 0..u64::MAX);
        let sign_and_confidence = (self.objective.sign, bench.study.plan.confidence);
        Candidate::new(point + 1, &all.unwrap_or_default(), sign_and_confidence)
    }
}

/// A constraint with the indices that it looks at.
pub(super) struct Slack {
    place: Place,
    limit: Limit,
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
            limit: constraint.limit,
            tolerance: constraint.tolerance,
            name,
        }
    }

    /// Takes a point's replications up to `until` into account.
    pub(super) fn follow(
        &self,
        bench: &Bench<'_>,
        (point, until): (usize, u64),
        margin: &mut Margin,
    ) -> Result<(), ExperimentError> {
        let trials = bench.store.trials(point, margin.count..until);
        let pairs: Vec<(f64, f64)> = trials.map(|(_, trial)| self.observed(trial)).collect();
        if margin.follow(&pairs, self.limit) {
            Ok(())
        } else {
            Err(ExperimentError::NothingObserved {
                what: self.name.clone(),
                point: point + 1,
                replication: 0,
            })
        }
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

/// By how much a limit is met, summed over replications: sign · (numerator − limit · denominator) over the mean
/// denominator of the first stage. Its mean is zero just where the ratio of the sums is the limit.
#[derive(Clone, Debug)]
pub(super) struct Margin {
    first_stage: u64,
    count: u64,
    sum: f64,
    /// What a replication is divided by, and the variance, both from the first stage.
    scale: Option<(f64, f64)>,
}

impl Margin {
    pub(super) fn new(first_stage: u64) -> Self {
        Self {
            first_stage,
            count: 0,
            sum: 0.0,
            scale: None,
        }
    }

    /// Takes replications into account, the whole first stage at first; whether anything has been observed.
    pub(super) fn follow(&mut self, pairs: &[(f64, f64)], limit: Limit) -> bool {
        let slack = |(numerator, denominator): &(f64, f64)| {
            limit.sign() * (numerator - limit.value() * denominator)
        };
        if self.scale.is_none() {
            let stage = usize::try_from(self.first_stage).unwrap_or(usize::MAX);
            let first = &pairs[..stage.min(pairs.len())];
            let total: f64 = first.iter().map(|(_, denominator)| denominator).sum();
            if total <= 0.0 {
                return false;
            }
            let scale = total / first.len() as f64;
            let (_, variance) = moments(first.iter().map(|pair| slack(pair) / scale));
            self.scale = Some((scale, variance));
        }
        let (scale, _) = self.scale.expect("it was just made");
        self.count += pairs.len() as u64;
        self.sum += pairs.iter().map(|pair| slack(pair) / scale).sum::<f64>();
        true
    }

    /// Replications that were taken into account.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Whether the limit is met, by procedure F of Andradóttir and Kim (2010); `None` while that is open.
    pub(super) fn is_met(&self, h_squared: f64, tolerance: f64) -> Option<bool> {
        let (_, variance) = self.scale?;
        let reach = continuation(h_squared, variance, tolerance, self.count);
        if self.sum >= reach {
            Some(true)
        } else if self.sum <= -reach {
            Some(false)
        } else {
            None
        }
    }
}

/// Mean and variance (with n − 1).
pub(super) fn moments(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let tally: Tally = values.collect();
    let variance = if tally.count() > 1 {
        tally.variance()
    } else {
        0.0
    };
    (tally.mean(), variance)
}
