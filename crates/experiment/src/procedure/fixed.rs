//! As many replications as the plan says, all at once; and what follows from replications in general.

use pluriverse_kernel::view::Observation;
use pluriverse_stats::{
    MSER_BATCH, batch_means, moving_average, mser, paired_difference, welch_mean,
};

use super::{Bench, Demand, Step};
use crate::{
    analysis::{Answer, Comparison, Difference, SteadyStateAnswer, WarmUpAnswer, paired_trials},
    plan::{Question, SteadyState, WarmUp},
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
        Question::WarmUp(asked) => Answer::WarmUp(warm_up(bench, asked)),
        Question::SteadyState(asked) => Answer::SteadyState(steady_state(bench, asked)),
        Question::Table | Question::Select(_) | Question::Staffing(_) => Answer::Table,
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

/// The periods of the one series in each trial; a period in which nothing was observed ends a run's part.
fn runs(bench: &Bench<'_>) -> Vec<Vec<f64>> {
    let trials = bench.store.trials(0, 0..u64::MAX);
    let periods = |periods: &Vec<Observation>| -> Vec<f64> {
        periods
            .iter()
            .map_while(|observation| observation.value())
            .collect()
    };
    trials
        .filter_map(|(_, trial)| trial.series.first().map(periods))
        .collect()
}

fn warm_up(bench: &Bench<'_>, asked: &WarmUp) -> WarmUpAnswer {
    let mean = welch_mean(&runs(bench));
    let truncation = mser(&mean, MSER_BATCH);
    let (unit, period_seconds) = bench.series_about();
    WarmUpAnswer {
        series: asked.series.clone(),
        unit,
        period_seconds,
        smoothed: moving_average(&mean, asked.window),
        periods: truncation.map(|truncation| truncation.observations),
        seconds: truncation.map(|truncation| truncation.observations as f64 * period_seconds),
        is_reliable: truncation.is_some_and(|truncation| truncation.is_reliable),
        mean,
    }
}

fn steady_state(bench: &Bench<'_>, asked: &SteadyState) -> SteadyStateAnswer {
    let run = runs(bench).into_iter().next().unwrap_or_default();
    let by_rule = || mser(&run, MSER_BATCH).map_or(0, |truncation| truncation.observations);
    let warm_up = asked.warm_up.unwrap_or_else(by_rule).min(run.len());
    let (unit, period_seconds) = bench.series_about();
    SteadyStateAnswer {
        series: asked.series.clone(),
        unit,
        period_seconds,
        warm_up_periods: warm_up,
        periods: run.len(),
        batches: batch_means(&run[warm_up..], bench.study.plan.confidence),
    }
}
