//! The best of several points within a budget: replications go where they tell most.
//!
//! After the first stage, the budget grows by a step at a time and is shared out anew from what is known by then. Source:
//! Chen, Lin, Yücesan and Chick, "Simulation budget allocation for further enhancing the efficiency of ordinal
//! optimization", Discrete Event Dynamic Systems 10 (2000). There is no guarantee, but an estimate of being right.

use pluriverse_stats::{approximate_selection_probability, ocba_shares};

use super::{Bench, Demand, Step, observed::Followed};
use crate::{
    analysis::{SelectionAnswer, Standing},
    experiment::ExperimentError,
    plan::Selection,
    study::Study,
};

/// Optimal computing budget allocation.
pub(crate) struct Ocba {
    selection: Selection,
    budget: u64,
    followed: Followed,
    counts: Vec<u64>,
    selected: Option<usize>,
    probability: Option<f64>,
}

impl Ocba {
    pub(super) fn new(study: &Study, selection: &Selection, budget: u64) -> Self {
        Self {
            selection: selection.clone(),
            budget,
            followed: Followed::new(study, selection),
            counts: vec![0; study.points.len()],
            selected: None,
            probability: None,
        }
    }

    pub(super) fn advance(&mut self, bench: &Bench<'_>) -> Result<Step, ExperimentError> {
        let points = self.counts.len();
        let before = self.counts.clone();
        let spent: u64 = before.iter().sum();
        if spent == 0 {
            let each = self
                .selection
                .first_stage
                .min(self.budget / points as u64)
                .max(2);
            self.counts = vec![each; points];
        } else {
            let (means, variances) = self.moments(bench)?;
            let left = self.budget.saturating_sub(spent);
            if left == 0 {
                self.select(&means, &variances);
                return Ok(Step::Done);
            }
            let more = self.selection.step.saturating_mul(points as u64).min(left);
            let shares = ocba_shares(&means, &variances, (spent + more) as f64);
            self.share_out(&shares, more);
        }
        let demands = (0..points)
            .filter_map(|point| Demand::between(point, before[point], self.counts[point]));
        Ok(Step::run(demands.collect()))
    }

    /// Gives `more` replications to those who have less than their share, in proportion to what they lack.
    fn share_out(&mut self, shares: &[f64], more: u64) {
        let lacks: Vec<f64> = shares
            .iter()
            .zip(&self.counts)
            .map(|(share, count)| (share - *count as f64).max(0.0))
            .collect();
        let total: f64 = lacks.iter().sum();
        let mut left = more;
        let mut rests = Vec::new();
        for (point, lack) in lacks.iter().enumerate() {
            let part = if total > 0.0 {
                more as f64 * (lack / total)
            } else {
                more as f64 / lacks.len() as f64
            };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a part of a count"
            )]
            let whole = (libm::floor(part) as u64).min(left);
            self.counts[point] += whole;
            left -= whole;
            rests.push((part - libm::floor(part), point));
        }
        rests.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        for (_, point) in rests.iter().cycle() {
            if left == 0 {
                break;
            }
            self.counts[*point] += 1;
            left -= 1;
        }
    }

    fn moments(&mut self, bench: &Bench<'_>) -> Result<(Vec<f64>, Vec<f64>), ExperimentError> {
        for (point, count) in self.counts.iter().enumerate() {
            self.followed.follow(bench, point, *count)?;
        }
        let points = 0..self.counts.len();
        let means = points
            .clone()
            .map(|point| self.followed.tally(point).mean());
        let variances = points.map(|point| self.followed.variance(point));
        Ok((means.collect(), variances.collect()))
    }

    fn select(&mut self, means: &[f64], variances: &[f64]) {
        let mut best = 0;
        for (point, mean) in means.iter().enumerate() {
            if *mean < means[best] {
                best = point;
            }
        }
        self.selected = Some(best);
        self.probability = Some(approximate_selection_probability(
            means,
            variances,
            &self.counts,
        ));
    }

    pub(super) fn answer(&self, bench: &Bench<'_>) -> SelectionAnswer {
        let candidate = |point: usize| {
            let standing = Standing::beside(self.selected, point);
            self.followed.candidate(bench, point).standing(standing)
        };
        SelectionAnswer {
            objective: self.selection.objective.clone(),
            sense: self.selection.sense,
            method: "ocba",
            constraints: self.selection.constraints.clone(),
            selected: self.selected.map(|point| point + 1),
            candidates: (0..self.counts.len()).map(candidate).collect(),
            probability: self.probability,
            notes: Vec::new(),
        }
    }

    pub(super) fn guarantee(&self) -> String {
        let estimate = self.probability.map_or(String::new(), |probability| {
            format!(" The estimated probability that the selected point is the best is {probability:.3} or more.")
        });
        format!(
            "No guarantee: {} replications were spent where they tell most (Chen et al. 2000).{estimate}",
            self.counts.iter().sum::<u64>()
        )
    }
}
