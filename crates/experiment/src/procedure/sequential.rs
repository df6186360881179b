//! Replications until a figure is known well enough.
//!
//! Each point goes on until the half width of its interval is small beside the mean. To aim at a relative error of γ, the
//! width is held to γ/(1 + γ) of the mean, since it is the unknown true mean that the error is relative to. Source: Law,
//! Simulation Modeling and Analysis, section 9.4.1.

use pluriverse_stats::RatioTally;

use super::{Bench, Demand, Step};
use crate::{
    analysis::paired_trials,
    plan::{Pairing, StopRule},
    study::Study,
};

/// How far each point has come.
pub(crate) struct Sequential {
    rule: StopRule,
    metric: usize,
    /// Replications of each point that have been asked for.
    counts: Vec<u64>,
    /// Whether a point is done.
    done: Vec<bool>,
    /// Whether a point ended at the most replications without being known well enough.
    unreached: usize,
    grain: u64,
}

impl Sequential {
    pub(super) fn new(study: &Study, rule: &StopRule) -> Self {
        let points = study.points.len();
        Self {
            rule: rule.clone(),
            metric: study
                .figures
                .metric(&rule.metric)
                .expect("the reader has looked the figure up"),
            counts: vec![0; points],
            done: vec![false; points],
            unreached: 0,
            grain: match study.plan.pairing {
                Pairing::Single => 1,
                Pairing::Antithetic => 2,
            },
        }
    }

    pub(super) fn advance(&mut self, bench: &Bench<'_>) -> Step {
        let mut demands = Vec::new();
        for point in 0..self.counts.len() {
            if self.done[point] {
                continue;
            }
            let count = self.counts[point];
            let wanted = if count == 0 {
                self.rule.min
            } else {
                self.wanted(bench, point)
            };
            let wanted = wanted.min(self.rule.max).next_multiple_of(self.grain);
            self.counts[point] = wanted;
            match Demand::between(point, count, wanted) {
                Some(demand) => demands.push(demand),
                None => self.done[point] = true,
            }
        }
        Step::run(demands)
    }

    /// How many replications this point should have: as many as it has when it is known well enough.
    fn wanted(&mut self, bench: &Bench<'_>, point: usize) -> u64 {
        let count = self.counts[point];
        let mut tally = RatioTally::new();
        for (numerator, denominator) in paired_trials(bench, point, self.metric) {
            tally.record(numerator, denominator);
        }
        let estimate = tally.estimate_at(self.rule.confidence);
        let width = estimate.and_then(|estimate| estimate.relative_half_width());
        let goal = self.rule.relative_half_width / (1.0 + self.rule.relative_half_width);
        let factor = match width {
            Some(width) if width <= goal => return count,
            // The width falls with the root of the count; no more than twice as many at a time, since it is itself uncertain.
            Some(width) => (width / goal) * (width / goal),
            None => 2.0,
        };
        if count >= self.rule.max {
            self.unreached += 1;
            return count;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count times a factor of at most two"
        )]
        let predicted = libm::ceil(count as f64 * factor.min(2.0)) as u64;
        predicted.max(count + 1 + count / 20)
    }

    pub(super) fn guarantee(&self) -> String {
        let rule = &self.rule;
        let mut text = format!(
            "Each point was run until the {} % interval of `{}` was as narrow as a relative error of {} % asks for (Law, \
             section 9.4.1). As the number of runs depends on what they showed, the coverage is that only for many runs.",
            100.0 * rule.confidence,
            rule.metric,
            100.0 * rule.relative_half_width
        );
        if self.unreached > 0 {
            text.push_str(&format!(
                " {} of the points ended at {} replications before that.",
                self.unreached, rule.max
            ));
        }
        text
    }

    pub(super) fn phase(&self) -> String {
        let done = self.done.iter().filter(|done| **done).count();
        format!("{done} of {} points known well enough", self.done.len())
    }
}
