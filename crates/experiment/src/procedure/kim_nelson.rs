//! The best of several points by a fully sequential procedure, subject to constraints.
//!
//! All points that are left have the same number of replications. After each step, sums of differences (of the objective
//! between two points, of a figure from its limit) are held against a boundary that closes in: whoever crosses it first
//! is decided for good. A point drops out when a constraint is found unmet, or when it is found worse than a point that
//! is found to meet all of its own.
//!
//! Sources: Kim and Nelson, "A fully sequential procedure for indifference-zone selection in simulation", ACM TOMACS 11
//! (2001); with constraints, Andradóttir and Kim, "Fully sequential procedures for comparing constrained systems via
//! simulation", Naval Research Logistics 57 (2010), whose simultaneous form this is. Errors are shared out by Bonferroni's
//! inequality, so random numbers may be common.

use pluriverse_stats::{continuation, kim_nelson_h_squared};

use super::{
    Bench, Demand, Step,
    observed::{Followed, Margin, Slack},
};
use crate::{
    analysis::{Candidate, SelectionAnswer, Standing},
    experiment::ExperimentError,
    plan::Selection,
    procedure::wanted_series,
    study::Study,
};

/// What is known of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finding {
    Open,
    /// Of two points the first is better; of a constraint, it is met.
    For,
    /// The opposite.
    Against,
}

/// Kim and Nelson's procedure with constraints.
pub(crate) struct KimNelson {
    selection: Selection,
    indifference: f64,
    followed: Followed,
    slacks: Vec<Slack>,
    /// For each point and constraint.
    margins: Vec<Vec<Margin>>,
    /// Replications of every point that is left.
    count: u64,
    standing: Vec<Standing>,
    /// For each point and constraint.
    met: Vec<Vec<Finding>>,
    /// For each pair of points.
    better: Vec<Vec<Finding>>,
    h_squared_objective: f64,
    h_squared_constraint: f64,
}

impl KimNelson {
    pub(super) fn new(study: &Study, selection: &Selection, indifference: f64) -> Self {
        let points = study.points.len();
        let series = wanted_series(study);
        let slacks: Vec<Slack> = selection
            .constraints
            .iter()
            .map(|constraint| Slack::new(study, &series, constraint))
            .collect();
        let error = 1.0 - selection.confidence;
        let others = points.saturating_sub(1).max(1) as f64;
        let (of_objective, of_constraint) = if slacks.is_empty() {
            (error / others, 0.25)
        } else {
            let tests = (slacks.len() + points.saturating_sub(1)).max(1) as f64;
            (0.5 * error / others, 0.5 * error / tests)
        };
        let h_squared = |error: f64| kim_nelson_h_squared(error.min(0.49), selection.first_stage);
        Self {
            selection: selection.clone(),
            indifference,
            followed: Followed::new(study, selection),
            margins: vec![vec![Margin::new(selection.first_stage); slacks.len()]; points],
            met: vec![vec![Finding::Open; slacks.len()]; points],
            slacks,
            count: 0,
            standing: vec![Standing::Open; points],
            better: vec![vec![Finding::Open; points]; points],
            h_squared_objective: h_squared(of_objective),
            h_squared_constraint: h_squared(of_constraint),
        }
    }

    pub(super) fn advance(&mut self, bench: &Bench<'_>) -> Result<Step, ExperimentError> {
        let before = self.count;
        if before > 0 {
            self.judge(bench)?;
            if self.is_decided() {
                self.settle();
                return Ok(Step::Done);
            }
            if before >= self.selection.most {
                return Ok(Step::Done);
            }
        }
        self.count = if before == 0 {
            self.selection.first_stage
        } else {
            (before + self.selection.step).min(self.selection.most)
        };
        let left = self.left();
        let demands = left
            .into_iter()
            .filter_map(|point| Demand::between(point, before, self.count));
        Ok(Step::run(demands.collect()))
    }

    /// Points that may still be the best.
    fn left(&self) -> Vec<usize> {
        let is_left =
            |point: &usize| matches!(self.standing[*point], Standing::Open | Standing::Feasible);
        (0..self.standing.len()).filter(is_left).collect()
    }

    fn is_decided(&self) -> bool {
        match self.left().as_slice() {
            [] => true,
            [only] => self.standing[*only] == Standing::Feasible,
            _ => false,
        }
    }

    fn settle(&mut self) {
        if let [only] = self.left().as_slice() {
            self.standing[*only] = Standing::Selected;
        }
    }

    fn judge(&mut self, bench: &Bench<'_>) -> Result<(), ExperimentError> {
        for point in self.left() {
            self.judge_constraints(bench, point)?;
        }
        let left = self.left();
        for point in &left {
            self.followed.follow(bench, *point, self.count)?;
        }
        for (index, first) in left.iter().enumerate() {
            for second in &left[index + 1..] {
                self.compare(*first, *second);
            }
        }
        for point in &left {
            let beaten = left.iter().find(|other| {
                self.standing[**other] == Standing::Feasible
                    && self.better[**other][*point] == Finding::For
            });
            if let Some(by) = beaten {
                self.standing[*point] = Standing::Worse { than: by + 1 };
            }
        }
        Ok(())
    }

    fn judge_constraints(
        &mut self,
        bench: &Bench<'_>,
        point: usize,
    ) -> Result<(), ExperimentError> {
        for (index, slack) in self.slacks.iter().enumerate() {
            if self.met[point][index] == Finding::Open {
                let margin = &mut self.margins[point][index];
                slack.follow(bench, (point, self.count), margin)?;
                self.met[point][index] =
                    match margin.is_met(self.h_squared_constraint, slack.tolerance) {
                        None => Finding::Open,
                        Some(true) => Finding::For,
                        Some(false) => Finding::Against,
                    };
            }
        }
        let met = &self.met[point];
        if met.contains(&Finding::Against) {
            self.standing[point] = Standing::Infeasible;
        } else if met.iter().all(|found| *found == Finding::For) {
            self.standing[point] = Standing::Feasible;
        }
        Ok(())
    }

    /// Holds the sum of the differences of two points against the boundary. Where that has closed, the sign decides, and
    /// of equals the first is taken.
    fn compare(&mut self, first: usize, second: usize) {
        if self.better[first][second] != Finding::Open {
            return;
        }
        let variance = self.followed.variance_of_differences(first, second);
        let reach = continuation(
            self.h_squared_objective,
            variance,
            self.indifference,
            self.count,
        );
        let lead = self.followed.tally(second).sum() - self.followed.tally(first).sum();
        let (of_first, of_second) = if lead >= reach {
            (Finding::For, Finding::Against)
        } else if lead <= -reach {
            (Finding::Against, Finding::For)
        } else {
            return;
        };
        self.better[first][second] = of_first;
        self.better[second][first] = of_second;
    }

    pub(super) fn answer(&self, bench: &Bench<'_>) -> SelectionAnswer {
        let candidate = |point: usize| {
            let candidate = self.followed.candidate(bench, point);
            candidate.standing(self.standing[point])
        };
        let candidates: Vec<Candidate> = (0..self.standing.len()).map(candidate).collect();
        let selected = self
            .standing
            .iter()
            .position(|standing| *standing == Standing::Selected);
        let mut notes = Vec::new();
        if selected.is_none() && self.left().is_empty() {
            notes.push("No point meets all constraints.".to_owned());
        } else if selected.is_none() && self.count >= self.selection.most {
            notes.push(format!(
                "Undecided after {} replications of each point that is left: allow more (`max`), or let larger differences \
                 not matter (`indifference`, `tolerance`).",
                self.count
            ));
        }
        SelectionAnswer {
            objective: self.selection.objective.clone(),
            sense: self.selection.sense,
            method: "kn",
            constraints: self.selection.constraints.clone(),
            selected: selected.map(|point| point + 1),
            candidates,
            probability: None,
            notes,
        }
    }

    pub(super) fn guarantee(&self) -> String {
        let mut text = format!(
            "With probability {} or more, no point has an objective better than the selected one's by {} or more",
            self.selection.confidence, self.indifference
        );
        if !self.slacks.is_empty() {
            text.push_str(
                ", of those that meet every constraint by its tolerance; and the selected one misses none by its tolerance",
            );
        }
        text.push_str(
            " (Kim and Nelson 2001; with constraints Andradóttir and Kim 2010). Replications are taken to be normal.",
        );
        text
    }

    pub(super) fn phase(&self) -> String {
        format!(
            "{} of {} points left",
            self.left().len(),
            self.standing.len()
        )
    }
}
