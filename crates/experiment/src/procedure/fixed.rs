//! As many replications as the plan says, all at once; and what follows from replications in general.

use pluriverse_stats::paired_difference;

use super::{Bench, Demand, Step, long_run};
use crate::{
    analysis::{Answer, Comparison, Difference, paired_trials},
    plan::Question,
};

/// All replications of all points.
pub(crate) struct Fixed {
    points: usize,
    count: u64,
    has_begun: bool,
}

impl Fixed {
    pub(super) fn new(points: usize, count: u64) -> Self {
        Self {
            points,
            count,
            has_begun: false,
        }
    }

    pub(super) fn advance(&mut self) -> Step {
        if self.has_begun {
            return Step::Done;
        }
        self.has_begun = true;
        let demands = (0..self.points).filter_map(|point| Demand::between(point, 0, self.count));
        Step::run(demands.collect())
    }
}

/// The answer to a question that needs no procedure of its own.
pub(super) fn answer(bench: &Bench<'_>) -> Answer {
    match &bench.study.plan.question {
        Question::Compare { baseline } => Answer::Compare(compare(bench, *baseline)),
        Question::WarmUp(asked) => Answer::WarmUp(long_run::warm_up(bench, asked).0),
        Question::SteadyState(asked) => Answer::SteadyState(long_run::steady_state(bench, asked).0),
        Question::Table | Question::Select(_) | Question::Staffing(_) => Answer::Table,
    }
}

/// What that answer is worth, in words; empty where its intervals say it all.
pub(super) fn guarantee(bench: &Bench<'_>) -> String {
    match &bench.study.plan.question {
        Question::WarmUp(asked) => long_run::warm_up(bench, asked).1,
        Question::SteadyState(asked) => long_run::steady_state(bench, asked).1,
        _ => String::new(),
    }
}

fn compare(bench: &Bench<'_>, baseline: usize) -> Comparison {
    let metrics = bench.study.figures.outline.scalars.len();
    let others = (0..bench.study.points.len()).filter(|point| *point != baseline);
    let differences = others.map(|point| Difference {
        number: point + 1,
        paired: (0..metrics)
            .map(|metric| {
                let (first, second) = (
                    paired_trials(bench, baseline, metric),
                    paired_trials(bench, point, metric),
                );
                let count = first.len().min(second.len());
                let confidence = bench.study.plan.confidence;
                paired_difference(&first[..count], &second[..count], confidence)
            })
            .collect(),
    });
    Comparison {
        baseline: baseline + 1,
        differences: differences.collect(),
    }
}
