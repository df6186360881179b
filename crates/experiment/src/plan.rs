//! What an experiment is: its scenario, what varies in it, how often it is run, and the question.
//!
//! A plan holds what was written, checked; names are still names. What they refer to is looked up where the scenario is
//! known, in [`Study`](crate::study::Study).

use serde::{Deserialize, Serialize};

/// No more design points than this.
pub const POINTS_LIMIT: u64 = 10_000;
/// No more factors than this: as many as there are dimensions of the Sobol sequence.
pub const FACTORS_LIMIT: usize = crate::design::SOBOL_DIMENSIONS;
/// No more replications of one point than this.
pub const REPLICATIONS_LIMIT: u64 = 1_000_000;

/// An experiment, as its file says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Short name.
    pub name: String,
    /// One line for people; may be empty.
    pub title: String,
    /// Path of the scenario, as the file gives it.
    pub scenario: String,
    /// Values set over the scenario's at every point: dotted key and TOML value.
    pub set: Vec<(String, String)>,
    /// What varies.
    pub factors: Vec<Factor>,
    /// Which combinations are looked at.
    pub design: Design,
    /// How often each is run.
    pub replications: Replications,
    /// Seed of all runs.
    pub seed: u64,
    /// Coverage that intervals aim at.
    pub confidence: f64,
    /// Whether points share their random numbers.
    pub randomness: Randomness,
    /// Whether replications come in antithetic pairs.
    pub pairing: Pairing,
    /// Figures whose mean is known.
    pub controls: Vec<Control>,
    /// Figures to show; empty for all.
    pub metrics: Vec<String>,
    /// What to find out.
    pub question: Question,
}

/// Something that varies from point to point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// Its name.
    pub name: String,
    /// The dotted key that it sets in the scenario.
    pub key: String,
    /// The values that it takes.
    pub levels: Levels,
}

/// The values of a factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Levels {
    /// These.
    Listed(Vec<Setting>),
    /// Any between two, both included.
    Range {
        /// The least.
        min: f64,
        /// The greatest.
        max: f64,
        /// Whether only whole numbers.
        grain: Grain,
        /// What stands after the number in the scenario, which makes a text of it: `s` or `/h`; empty for a number.
        unit: String,
    },
}

/// Which numbers of a range count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grain {
    /// All.
    Real,
    /// Whole ones.
    Whole,
}

/// A value of a factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Setting {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A truth value.
    Flag(bool),
    /// Whole numbers in order.
    Whole(Vec<i64>),
}

impl Setting {
    /// As TOML, for setting it over a scenario's value.
    #[must_use]
    pub fn toml(&self) -> String {
        match self {
            Self::Text(text) => format!("{text:?}"),
            other => other.to_string(),
        }
    }

    /// The number that it is, for plots and expressions; that of a text such as `90s` is the one before its unit.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => {
                let end =
                    text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')));
                text[..end.unwrap_or(text.len())].parse().ok()
            }
            Self::Flag(_) => None,
            Self::Whole(numbers) => Some(numbers.iter().map(|number| *number as f64).sum()),
        }
    }
}

impl std::fmt::Display for Setting {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(out, "{number}"),
            Self::Text(text) => out.write_str(text),
            Self::Flag(flag) => write!(out, "{flag}"),
            Self::Whole(numbers) => {
                let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
                write!(out, "[{}]", texts.join(", "))
            }
        }
    }
}

/// Which combinations of factors are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Design {
    /// All.
    Grid,
    /// So many, each factor evenly spread, drawn with the experiment's seed.
    LatinHypercube {
        /// How many.
        points: u64,
    },
    /// So many points of the Sobol sequence, its first one left out.
    Sobol {
        /// How many.
        points: u64,
    },
}

/// How often a point is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Replications {
    /// So often.
    Fixed(u64),
    /// Until a figure is known well enough.
    Until(StopRule),
}

/// When a figure is known well enough.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StopRule {
    /// Which figure.
    pub metric: String,
    /// Half width of its interval over its mean, to be reached.
    pub relative_half_width: f64,
    /// Coverage of that interval.
    pub confidence: f64,
    /// At least so many replications.
    pub min: u64,
    /// At most so many.
    pub max: u64,
}

/// Whether points share their random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Randomness {
    /// Replication i of every point has the same ones.
    Common,
    /// Each point has its own.
    Independent,
}

/// Whether replications come in pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pairing {
    /// Each is independent of the others.
    Single,
    /// Every second one mirrors the draws of the one before.
    Antithetic,
}

/// A figure whose mean is known exactly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// Which figure.
    pub metric: String,
    /// Its mean.
    pub mean: f64,
}

/// What to find out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// What each point comes to.
    Table,
    /// How points differ from one of them.
    Compare {
        /// Index of that one.
        baseline: usize,
    },
    /// Which point is the best.
    Select(Selection),
    /// How few of something each period needs.
    Staffing(Staffing),
    /// How long a run warms up.
    WarmUp(WarmUp),
    /// What one long run says about the steady state.
    SteadyState(SteadyState),
}

/// Which point is the best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// A figure, or an expression of figures and factors.
    pub objective: String,
    /// Whether less of it is better.
    pub sense: Sense,
    /// What a point has to meet to be selected.
    pub constraints: Vec<Constraint>,
    /// How to find it.
    pub method: Method,
    /// Probability with which the answer is to be right.
    pub confidence: f64,
    /// Replications of every point to begin with, from which variances are estimated.
    pub first_stage: u64,
    /// Replications of a point that are made at a time from then on.
    pub step: u64,
    /// At most so many replications of a point.
    pub most: u64,
}

/// Whether less or more is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sense {
    /// Less.
    Minimize,
    /// More.
    Maximize,
}

/// How the best point is found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Method {
    /// Kim and Nelson's fully sequential procedure.
    KimNelson {
        /// The smallest difference of the objective that matters.
        indifference: f64,
    },
    /// Rinott's two-stage procedure.
    Rinott {
        /// The smallest difference of the objective that matters.
        indifference: f64,
    },
    /// Optimal computing budget allocation.
    Ocba {
        /// Replications in all.
        budget: u64,
    },
}

/// What a point has to meet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    /// Which figure.
    pub figure: FigureName,
    /// What it has to be.
    pub limit: Limit,
    /// A difference from the limit that does not matter.
    pub tolerance: f64,
}

/// A figure of a run, or one of its periods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FigureName {
    /// A figure of the whole run.
    Metric(String),
    /// A period's figure of a series, such as `Service level/agents`.
    Period {
        /// The series.
        series: String,
        /// Which period, from 0.
        period: usize,
    },
}

/// A bound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Limit {
    /// The bound itself.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::AtLeast(value) | Self::AtMost(value) => value,
        }
    }

    /// 1 where more is better, −1 where less is.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Self::AtLeast(_) => 1.0,
            Self::AtMost(_) => -1.0,
        }
    }
}

/// How few of something each period needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Staffing {
    /// Dotted key of a list of whole numbers in the scenario, one for each period.
    pub key: String,
    /// What the scenario says there.
    pub as_it_is: Vec<i64>,
    /// The series whose periods have to meet the limit.
    pub series: String,
    /// What each period's figure has to be.
    pub limit: Limit,
    /// A difference from the limit that does not matter.
    pub tolerance: f64,
    /// The fewest that a period may get.
    pub least: i64,
    /// The most.
    pub most: i64,
    /// Probability with which the answer is to be right.
    pub confidence: f64,
    /// Replications of each plan that the search looks at.
    pub search: u64,
    /// Replications from which variances are estimated when a plan is certified, and that are added at a time.
    pub first_stage: u64,
    /// Replications of the answer on their own, for the intervals that are shown.
    pub report: u64,
    /// At most so many replications to certify one plan.
    pub certify: u64,
}

/// How long a run warms up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WarmUp {
    /// The series to look at, such as `Queue length/desk`.
    pub series: String,
    /// Periods on each side of Welch's moving average.
    pub window: usize,
}

/// What one long run says about the steady state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SteadyState {
    /// The series to look at, such as `Queue length/desk`.
    pub series: String,
    /// Periods to leave out at the beginning; by MSER-5 where it is not said.
    pub warm_up: Option<usize>,
}
