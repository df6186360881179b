//! What a world shows of itself: its state as tables, and what it measured.
//!
//! Hosts show both without knowing the kind of world. Measures come in a fixed order told once by the
//! [`Outline`], so that replications add up by position.

use pluriverse_stats::Histogram;
use serde::{Deserialize, Serialize};

use crate::time::{SimDuration, SimTime};

/// A world's state, in tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Simulated time.
    pub now: SimTime,
    /// Events handled so far.
    pub events: u64,
    /// The tables.
    pub tables: Vec<Table>,
}

/// A table of columns of equal length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Its name: `stations`.
    pub name: String,
    /// The columns.
    pub columns: Vec<Column>,
}

/// A named column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name, with the unit where there is one.
    pub name: String,
    /// The cells.
    pub values: Values,
}

/// Cells of one type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Values {
    /// Whole numbers.
    I64(Vec<i64>),
    /// Numbers.
    F64(Vec<f64>),
    /// Small numbers in bulk.
    F32(Vec<f32>),
    /// Texts.
    Text(Vec<String>),
}

/// How the parts of a world hang together, for drawing: things of the ledger's dictionary, and ways between them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diagram {
    /// The parts.
    pub nodes: Vec<Node>,
    /// The ways.
    pub edges: Vec<Edge>,
}

/// A part of a world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// What it is: the name of a noun of the dictionary, or `exit`.
    pub noun: String,
    /// Its number among those.
    pub number: u32,
    /// What it is called.
    pub name: String,
}

/// A way from one part to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// Index of the node where it begins.
    pub from: usize,
    /// Index of the node where it ends.
    pub to: usize,
    /// The share of those who leave by it, where it is known.
    pub share: Option<f64>,
    /// What takes it: `served`, `gives up`, `turned away`.
    pub label: String,
}

/// The unit of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Seconds.
    Seconds,
    /// A share between 0 and 1.
    Share,
    /// Per hour.
    PerHour,
    /// Money, in the scenario's currency.
    Money,
    /// A plain number.
    Number,
}

/// What a world measures, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// Single figures.
    pub scalars: Vec<Scalar>,
    /// Figures over time.
    pub series: Vec<Series>,
    /// Distributions of observed values.
    pub spreads: Vec<Spread>,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scalar {
    /// Its name: `desk.wait`.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
}

/// One figure for each period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// The chart it belongs in: `queue length`.
    pub chart: String,
    /// Its name there: `desk`.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
    /// Length of a period.
    pub period: SimDuration,
}

/// One distribution of durations, counted in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// Its name: `desk.wait`.
    pub name: String,
}

/// One observed figure: what was summed, and over how much.
///
/// The figure is numerator / denominator; over several runs it is the ratio of the sums, so that a mean wait is the
/// mean over customers, not over runs. A plain figure has denominator 1; nothing observed is 0 / 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// What was summed.
    pub numerator: f64,
    /// Over how much.
    pub denominator: f64,
}

impl Observation {
    /// A sum over a count or a span.
    #[must_use]
    pub const fn ratio(numerator: f64, denominator: f64) -> Self {
        Self {
            numerator,
            denominator,
        }
    }

    /// A plain figure.
    #[must_use]
    pub const fn plain(value: f64) -> Self {
        Self {
            numerator: value,
            denominator: 1.0,
        }
    }

    /// A plain figure that may be missing.
    #[must_use]
    pub fn maybe(value: Option<f64>) -> Self {
        value.map_or(Self::ratio(0.0, 0.0), Self::plain)
    }

    /// Takes one more value into a mean.
    pub fn add(&mut self, value: f64) {
        self.numerator += value;
        self.denominator += 1.0;
    }

    /// The figure, when something was observed.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.denominator > 0.0).then(|| self.numerator / self.denominator)
    }
}

/// A figure that tells its name and unit along.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Name and unit.
    pub scalar: Scalar,
    /// What was observed.
    pub observation: Observation,
}

impl Figure {
    /// A figure of this name and unit.
    pub fn new(name: impl Into<String>, unit: Unit, observation: Observation) -> Self {
        let name = name.into();
        Self {
            scalar: Scalar { name, unit },
            observation,
        }
    }
}

/// What one run measured, in the outline's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures {
    /// A figure for each scalar.
    pub scalars: Vec<Observation>,
    /// Figures by period for each series.
    pub series: Vec<Vec<Observation>>,
    /// A histogram (nanoseconds) for each spread.
    pub spreads: Vec<Histogram>,
}
