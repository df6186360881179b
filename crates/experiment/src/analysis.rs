//! What an experiment came to: the table of its points, and the answer to its question.
//!
//! Plain values that serialise; every host shows the same. Points and periods are numbered from 1, as people count them.

use pluriverse_host::document::unit_name;
use pluriverse_kernel::{ledger::LedgerHash, view::Unit};
use pluriverse_stats::{BatchMeans, Estimate, Paired, RatioTally, controlled_mean, linearized};
use serde::{Serialize, Serializer};

use crate::{
    plan::{Constraint, Limit, Pairing, Question, Sense, Setting},
    procedure::{Bench, REPORT_FIRST},
    store::pair,
    study::Study,
};

mod effects;

pub use effects::{Effect, main_effects};

/// What an experiment came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Analysis {
    /// The experiment's name.
    pub name: String,
    /// One line for people; may be empty.
    pub title: String,
    /// Path of its scenario.
    pub scenario: String,
    /// Hash of the experiment: of its plan, its scenario, and the files that this refers to.
    pub fingerprint: String,
    /// Seed of all runs.
    pub seed: u64,
    /// Coverage that the intervals of the table aim at.
    pub confidence: f64,
    /// Whether all that was asked for is part of it.
    pub is_complete: bool,
    /// Runs that are part of it.
    pub runs: u64,
    /// Events handled in all of them.
    pub events: u64,
    /// One hash over all ledgers, in the order of the jobs.
    pub ledger_hash: String,
    /// Names of what varies.
    pub factors: Vec<String>,
    /// All figures.
    pub metrics: Vec<MetricName>,
    /// Indices of the figures to show.
    pub shown: Vec<usize>,
    /// The points that were run, by number.
    pub points: Vec<PointAnalysis>,
    /// The answer to the question.
    pub answer: Answer,
    /// What the answer is worth, in words; empty where intervals say it all.
    pub guarantee: String,
}

/// A figure's name and unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricName {
    /// Its name.
    pub name: String,
    /// Its unit; as a word `count`, `seconds`, `share`, `per_hour`, `money` or `number`.
    #[serde(serialize_with = "unit_word")]
    pub unit: Unit,
}

fn unit_word<S: Serializer>(unit: &Unit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(unit_name(*unit))
}

/// What one point came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PointAnalysis {
    /// Its number, from 1.
    pub number: usize,
    /// The value of each factor.
    pub settings: Vec<Value>,
    /// Replications.
    pub replications: u64,
    /// The hash that `pluriverse run` prints for these replications.
    pub ledger_hash: String,
    /// The estimate of each figure; `null` where nothing was observed.
    pub estimates: Vec<Option<Estimate>>,
    /// For each figure, the variance that control variates leave, as a share; `null` without them.
    pub variance_left: Vec<Option<f64>>,
}

/// A setting as a plain value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A truth value.
    Flag(bool),
    /// Whole numbers in order.
    Whole(Vec<i64>),
}

impl Value {
    /// The setting that it is.
    #[must_use]
    pub fn setting(&self) -> Setting {
        match self {
            Self::Number(number) => Setting::Number(*number),
            Self::Text(text) => Setting::Text(text.clone()),
            Self::Flag(flag) => Setting::Flag(*flag),
            Self::Whole(numbers) => Setting::Whole(numbers.clone()),
        }
    }
}

impl From<&Setting> for Value {
    fn from(setting: &Setting) -> Self {
        match setting {
            Setting::Number(number) => Self::Number(*number),
            Setting::Text(text) => Self::Text(text.clone()),
            Setting::Flag(flag) => Self::Flag(*flag),
            Setting::Whole(numbers) => Self::Whole(numbers.clone()),
        }
    }
}

/// The answer to an experiment's question.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum Answer {
    /// The table says it all.
    Table,
    /// How points differ from one of them.
    Compare(Comparison),
    /// Which point is the best.
    Select(SelectionAnswer),
    /// How few each period needs.
    Staffing(Box<StaffingAnswer>),
    /// How long a run warms up.
    WarmUp(WarmUpAnswer),
    /// What one long run says.
    SteadyState(SteadyStateAnswer),
}

/// How points differ from one of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Number of that one.
    pub baseline: usize,
    /// The others.
    pub differences: Vec<Difference>,
}

/// How a point differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Its number.
    pub number: usize,
    /// For each figure, this point less the baseline; `null` where one of them was not observed.
    pub paired: Vec<Option<Paired>>,
}

/// Which point is the best.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SelectionAnswer {
    /// What was to be small or large.
    pub objective: String,
    /// Which of the two.
    pub sense: Sense,
    /// `kn`, `rinott` or `ocba`.
    pub method: &'static str,
    /// What a point has to meet.
    pub constraints: Vec<Constraint>,
    /// Number of the best point; `null` when there is none, or it is not decided.
    pub selected: Option<usize>,
    /// All points.
    pub candidates: Vec<Candidate>,
    /// Estimated probability of a right answer, where there is one.
    pub probability: Option<f64>,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// A point in a selection.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// Its number.
    pub number: usize,
    /// Its replications.
    pub replications: u64,
    /// The objective with its interval.
    pub objective: Option<Estimate>,
    /// What became of it.
    pub standing: Standing,
}

impl Candidate {
    /// A point with the values of its objective, times `sign` each.
    pub(crate) fn new(number: usize, values: &[f64], (sign, confidence): (f64, f64)) -> Self {
        let tally: pluriverse_stats::Tally = values.iter().map(|value| sign * value).collect();
        Self {
            number,
            replications: tally.count(),
            objective: pluriverse_stats::mean_interval(&tally, confidence),
            standing: Standing::Open,
        }
    }

    pub(crate) fn standing(mut self, standing: Standing) -> Self {
        self.standing = standing;
        self
    }
}

/// What became of a point in a selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing is decided.
    Open,
    /// It meets all constraints; nothing else is decided.
    Feasible,
    /// It misses a constraint.
    Infeasible,
    /// It is worse than another one.
    Worse {
        /// Number of that one.
        than: usize,
    },
    /// It is the best.
    Selected,
}

impl Standing {
    /// What becomes of a point once this one is selected, where it is on the mean alone.
    pub(crate) fn beside(selected: Option<usize>, point: usize) -> Self {
        match selected {
            Some(selected) if selected == point => Self::Selected,
            Some(selected) => Self::Worse { than: selected + 1 },
            None => Self::Open,
        }
    }
}

/// How few each period needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StaffingAnswer {
    /// Key of the list in the scenario.
    pub key: String,
    /// The series that has to meet the limit.
    pub series: String,
    /// Its unit.
    #[serde(serialize_with = "unit_word")]
    pub unit: Unit,
    /// Length of a period.
    pub period_seconds: f64,
    /// The limit.
    pub limit: Limit,
    /// A difference from it that does not matter.
    pub tolerance: f64,
    /// Probability with which the answer is right.
    pub confidence: f64,
    /// What the scenario has in all.
    pub total_as_it_is: i64,
    /// What the answer has in all; `null` when there is none.
    pub total: Option<i64>,
    /// Number of the answer's point.
    pub point: Option<usize>,
    /// Whether the guarantee holds.
    pub is_certified: bool,
    /// Plans that were run.
    pub plans_looked_at: usize,
    /// What the search saw of them, in its sample.
    pub plans_seen: Vec<PlanSeen>,
    /// How often a plan was put to the test.
    pub attempts: u64,
    /// The periods.
    pub periods: Vec<StaffingPeriod>,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// A plan in the search's sample.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanSeen {
    /// How many each period has.
    pub levels: Vec<i64>,
    /// How many there are in all.
    pub total: i64,
    /// The figure of the period that is worst off.
    pub worst: f64,
}

/// What one period needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StaffingPeriod {
    /// Its number, from 1.
    pub number: usize,
    /// What the scenario has there.
    pub as_it_is: i64,
    /// The figure with that; all periods' intervals hold together.
    pub as_it_is_estimate: Option<Estimate>,
    /// What it needs.
    pub needed: Option<i64>,
    /// The figure with that; all periods' intervals hold together.
    pub estimate: Option<Estimate>,
}

/// How long a run warms up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WarmUpAnswer {
    /// The series.
    pub series: String,
    /// Its unit.
    #[serde(serialize_with = "unit_word")]
    pub unit: Unit,
    /// Length of a period.
    pub period_seconds: f64,
    /// The mean over the runs, by period, up to the first one in which none of them observed anything.
    pub mean: Vec<f64>,
    /// Welch's moving average of it.
    pub smoothed: Vec<f64>,
    /// Periods that belong to the warm-up by MSER-5; `null` when there are too few to tell.
    pub periods: Option<usize>,
    /// The same as a time.
    pub seconds: Option<f64>,
    /// Whether less than half of the run belongs to it; else the run is too short to tell.
    pub is_reliable: bool,
}

/// What one long run says about the steady state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SteadyStateAnswer {
    /// The series.
    pub series: String,
    /// Its unit.
    #[serde(serialize_with = "unit_word")]
    pub unit: Unit,
    /// Length of a period.
    pub period_seconds: f64,
    /// Periods that were left out at the beginning.
    pub warm_up_periods: usize,
    /// Periods of the run.
    pub periods: usize,
    /// Mean and interval; `null` when there are too few periods.
    pub batches: Option<BatchMeans>,
}

/// What a point's replications observed of a figure; antithetic pairs are one observation.
pub(crate) fn paired_trials(bench: &Bench<'_>, point: usize, metric: usize) -> Vec<(f64, f64)> {
    let single: Vec<(f64, f64)> = bench
        .store
        .trials(point, counted(bench, point))
        .map(|(_, trial)| trial.scalars.get(metric).map_or((0.0, 0.0), pair))
        .collect();
    match bench.study.plan.pairing {
        Pairing::Single => single,
        Pairing::Antithetic => single
            .chunks_exact(2)
            .map(|two| (two[0].0 + two[1].0, two[0].1 + two[1].1))
            .collect(),
    }
}

/// The replications of a point that its table shows: where the answer was run on its own, those.
fn counted(bench: &Bench<'_>, point: usize) -> std::ops::Range<u64> {
    if bench.store.get(point, REPORT_FIRST).is_some() {
        REPORT_FIRST..u64::MAX
    } else {
        0..REPORT_FIRST
    }
}

/// The table's row of a point; `None` when it was not run.
pub(crate) fn point_analysis(bench: &Bench<'_>, point: usize) -> Option<PointAnalysis> {
    let trials = bench.store.trials(point, counted(bench, point));
    let hashes: Vec<LedgerHash> = trials.map(|(_, trial)| LedgerHash(trial.hash)).collect();
    if hashes.is_empty() {
        return None;
    }
    let metrics = bench.study.figures.outline.scalars.len();
    let (mut estimates, mut variance_left) = (Vec::new(), Vec::new());
    for metric in 0..metrics {
        let (estimate, left) = estimate(bench, point, metric);
        estimates.push(estimate);
        variance_left.push(left);
    }
    let settings = &bench.study.points[point].settings;
    Some(PointAnalysis {
        number: point + 1,
        settings: settings.iter().map(Value::from).collect(),
        replications: hashes.len() as u64,
        ledger_hash: combined(&hashes).to_string(),
        estimates,
        variance_left,
    })
}

fn combined(hashes: &[LedgerHash]) -> LedgerHash {
    match hashes {
        [only] => *only,
        several => LedgerHash::combine(several.iter().copied()),
    }
}

fn estimate(bench: &Bench<'_>, point: usize, metric: usize) -> (Option<Estimate>, Option<f64>) {
    let plan = &bench.study.plan;
    let pairs = paired_trials(bench, point, metric);
    if let Some(controlled) = controlled(bench, (point, metric), &pairs) {
        return (Some(controlled.estimate), controlled.variance_left);
    }
    let mut tally = RatioTally::new();
    for (numerator, denominator) in pairs {
        tally.record(numerator, denominator);
    }
    (tally.estimate_at(plan.confidence), None)
}

/// The estimate that control variates correct; `None` when there are none, or they say nothing here.
fn controlled(
    bench: &Bench<'_>,
    (point, metric): (usize, usize),
    pairs: &[(f64, f64)],
) -> Option<pluriverse_stats::Controlled> {
    let plan = &bench.study.plan;
    if plan.controls.is_empty() {
        return None;
    }
    let controls: Option<Vec<(Vec<f64>, f64)>> = plan
        .controls
        .iter()
        .map(|control| {
            let index = bench.study.figures.metric(&control.metric)?;
            // A figure corrected by itself would be what is known of it, and say nothing.
            (index != metric).then_some(())?;
            let values = linearized(&paired_trials(bench, point, index))?;
            Some((values, control.mean))
        })
        .collect();
    controlled_mean(&linearized(pairs)?, &controls?, plan.confidence)
}

/// Names of what varies.
pub(crate) fn factor_names(study: &Study) -> Vec<String> {
    match &study.plan.question {
        Question::Staffing(staffing) => vec![staffing.key.clone()],
        _ => study
            .plan
            .factors
            .iter()
            .map(|factor| factor.name.clone())
            .collect(),
    }
}

/// Names and units of all figures.
pub(crate) fn metric_names(study: &Study) -> Vec<MetricName> {
    let scalars = study.figures.outline.scalars.iter();
    scalars
        .map(|scalar| MetricName {
            name: scalar.name.clone(),
            unit: scalar.unit,
        })
        .collect()
}

/// Indices of the figures to show.
pub(crate) fn shown(study: &Study) -> Vec<usize> {
    let all = 0..study.figures.outline.scalars.len();
    if study.plan.metrics.is_empty() {
        return all.collect();
    }
    let names = study.plan.metrics.iter();
    names
        .filter_map(|name| study.figures.metric(name))
        .collect()
}
