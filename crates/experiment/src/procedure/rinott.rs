//! The best of several points in two stages: the variances of the first tell how long the second has to be.
//!
//! Source: Rinott, "On two-stage selection procedures and related probability-inequalities", Communications in
//! Statistics A7 (1978). Points are run independently of each other.

use pluriverse_stats::rinott_h;

use super::{Bench, Demand, Step, observed::Followed};
use crate::{
    analysis::{SelectionAnswer, Standing},
    experiment::ExperimentError,
    plan::Selection,
    study::Study,
};

/// Rinott's procedure.
pub(crate) struct Rinott {
    selection: Selection,
    indifference: f64,
    followed: Followed,
    counts: Vec<u64>,
    stage: u32,
    /// Whether a point needs more replications than it may have.
    is_capped: bool,
    /// The point with the best mean, at the end.
    selected: Option<usize>,
}

impl Rinott {
    pub(super) fn new(study: &Study, selection: &Selection, indifference: f64) -> Self {
        Self {
            selection: selection.clone(),
            indifference,
            followed: Followed::new(study, selection),
            counts: vec![0; study.points.len()],
            stage: 0,
            is_capped: false,
            selected: None,
        }
    }

    pub(super) fn advance(&mut self, bench: &Bench<'_>) -> Result<Step, ExperimentError> {
        self.stage += 1;
        let points = self.counts.len();
        let before = self.counts.clone();
        match self.stage {
            1 => self.counts = vec![self.selection.first_stage; points],
            2 => self.second_stage(bench)?,
            _ => {
                self.select(bench)?;
                return Ok(Step::Done);
            }
        }
        let demands: Vec<Demand> = (0..points)
            .filter_map(|point| Demand::between(point, before[point], self.counts[point]))
            .collect();
        if demands.is_empty() {
            self.select(bench)?;
        }
        Ok(Step::run(demands))
    }

    fn second_stage(&mut self, bench: &Bench<'_>) -> Result<(), ExperimentError> {
        let points = self.counts.len() as u64;
        let first_stage = self.selection.first_stage;
        let h = if points > 1 {
            let guess = 1.0 / points as f64;
            rinott_h(
                points,
                self.selection.confidence.max(guess + 1e-9),
                first_stage,
            )
        } else {
            0.0
        };
        for (point, count) in self.counts.iter_mut().enumerate() {
            self.followed.follow(bench, point, first_stage)?;
            let variance = self.followed.variance(point);
            let needed = libm::ceil(h * h * variance / (self.indifference * self.indifference));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a conversion to whole numbers saturates, and the most is taken after it"
            )]
            let needed = needed as u64;
            self.is_capped |= needed > self.selection.most;
            *count = needed.clamp(first_stage, self.selection.most.max(first_stage));
        }
        Ok(())
    }

    fn select(&mut self, bench: &Bench<'_>) -> Result<(), ExperimentError> {
        let mut best: Option<(f64, usize)> = None;
        for point in 0..self.counts.len() {
            self.followed.follow(bench, point, self.counts[point])?;
            let mean = self.followed.tally(point).mean();
            if best.is_none_or(|(least, _)| mean < least) {
                best = Some((mean, point));
            }
        }
        self.selected = best.map(|(_, point)| point);
        Ok(())
    }

    pub(super) fn answer(&self, bench: &Bench<'_>) -> SelectionAnswer {
        let candidate = |point: usize| {
            let standing = Standing::beside(self.selected, point);
            self.followed.candidate(bench, point).standing(standing)
        };
        let mut notes = Vec::new();
        if self.is_capped {
            notes.push(format!(
                "A point would have needed more than {} replications (`max`): the guarantee does not hold.",
                self.selection.most
            ));
        }
        SelectionAnswer {
            objective: self.selection.objective.clone(),
            sense: self.selection.sense,
            method: "rinott",
            constraints: self.selection.constraints.clone(),
            selected: self.selected.map(|point| point + 1),
            candidates: (0..self.counts.len()).map(candidate).collect(),
            probability: None,
            notes,
        }
    }

    pub(super) fn guarantee(&self) -> String {
        format!(
            "With probability {} or more, no point has an objective better than the selected one's by {} or more (Rinott \
             1978). Replications are taken to be normal.",
            self.selection.confidence, self.indifference
        )
    }
}
