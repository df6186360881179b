//! What runs came to: figures, figures by period, and distributions.

use pluriverse_kernel::{
    replicate::Outcome,
    scenario::Scenario,
    view::{Scalar, Unit},
};
use pluriverse_stats::{Estimate, Histogram, RatioTally};
use serde::{Serialize, Serializer};

/// Shares of the observations whose quantiles are told; 0 and 1 are the least and the greatest value.
const QUANTILES: [f64; 8] = [0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0];
/// A bin's width is at most its least value over this.
const BIN_WIDTH: u64 = 16;

/// What runs came to.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Results<'a> {
    /// The scenario's name.
    pub scenario: &'a str,
    /// Its kind.
    pub kind: &'static str,
    /// Seed of all runs.
    pub seed: u64,
    /// How many runs.
    pub replications: u64,
    /// Events handled in all of them.
    pub events: u64,
    /// Simulated seconds of all of them.
    pub sim_seconds: f64,
    /// The ledger's hash, or one over all ledgers'.
    pub ledger_hash: Option<String>,
    /// Whether all that was planned is part of it.
    pub complete: bool,
    /// The figures by name.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, Metric>))]
    pub metrics: Metrics<'a>,
    /// The figures by period.
    pub series: Vec<SeriesDocument<'a>>,
    /// The distributions of what was observed, all runs together.
    pub distributions: Vec<Distribution<'a>>,
}

impl<'a> Results<'a> {
    /// What `outcome` says of `scenario` under `seed`.
    #[must_use]
    pub fn new(scenario: &'a dyn Scenario, seed: u64, outcome: &'a Outcome) -> Self {
        Self {
            scenario: scenario.name(),
            kind: scenario.kind(),
            seed,
            replications: outcome.replications,
            events: outcome.events,
            sim_seconds: outcome.sim_seconds,
            ledger_hash: outcome.ledger_hash.map(|hash| hash.to_string()),
            complete: outcome.is_complete,
            metrics: Metrics::of(outcome),
            series: series(outcome),
            distributions: distributions(outcome),
        }
    }
}

/// Figures by name, in the world's order.
pub struct Metrics<'a> {
    outline: &'a [Scalar],
    tallies: &'a [RatioTally],
}

impl<'a> Metrics<'a> {
    /// The figures of `outcome`.
    #[must_use]
    pub fn of(outcome: &'a Outcome) -> Self {
        Self {
            outline: &outcome.outline.scalars,
            tallies: &outcome.scalars,
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct Metric {
    mean: Option<f64>,
    half_width_95: Option<f64>,
    n: u64,
    min: Option<f64>,
    max: Option<f64>,
    unit: &'static str,
}

impl Serialize for Metrics<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = self.outline.iter().zip(self.tallies);
        serializer.collect_map(
            pairs.map(|(scalar, tally)| (&scalar.name, metric(scalar.unit, tally.estimate()))),
        )
    }
}

fn metric(unit: Unit, estimate: Option<Estimate>) -> Metric {
    let estimate = estimate.as_ref();
    Metric {
        mean: estimate.map(|estimate| estimate.mean),
        half_width_95: estimate.and_then(|estimate| estimate.half_width),
        n: estimate.map_or(0, |estimate| estimate.count),
        min: estimate.map(|estimate| estimate.min),
        max: estimate.map(|estimate| estimate.max),
        unit: unit_name(unit),
    }
}

/// A unit as it is called outside.
#[must_use]
pub fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "count",
        Unit::Seconds => "seconds",
        Unit::Share => "share",
        Unit::PerHour => "per_hour",
        Unit::Money => "money",
        Unit::Number => "number",
    }
}

/// One figure for each period.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Series))]
pub struct SeriesDocument<'a> {
    /// The chart that it belongs in: `queue length`.
    pub chart: &'a str,
    /// Its name there: `desk`.
    pub name: &'a str,
    /// Unit of the values.
    pub unit: &'static str,
    /// Length of a period; the first begins at 0.
    pub period_seconds: f64,
    /// The estimate of each period; `null` where nothing was observed.
    pub mean: Vec<Option<f64>>,
    /// Half-width of the 95 % interval of each; `null` where there is none, as for a single run.
    pub half_width_95: Vec<Option<f64>>,
}

fn series(outcome: &Outcome) -> Vec<SeriesDocument<'_>> {
    let described = outcome.outline.series.iter().zip(&outcome.series);
    let series = described.map(|(about, periods)| {
        let estimates: Vec<_> = periods.iter().map(RatioTally::estimate).collect();
        let each = |value: fn(&Estimate) -> Option<f64>| {
            let values = estimates.iter().map(|estimate| value(estimate.as_ref()?));
            values.collect()
        };
        SeriesDocument {
            chart: &about.chart,
            name: &about.name,
            unit: unit_name(about.unit),
            period_seconds: about.period.as_secs_f64(),
            mean: each(|estimate| Some(estimate.mean)),
            half_width_95: each(|estimate| estimate.half_width),
        }
    });
    series.collect()
}

/// How observed durations are distributed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Distribution<'a> {
    /// Its name: `desk.wait`.
    pub name: &'a str,
    /// Unit of the values.
    pub unit: &'static str,
    /// How many were observed.
    pub count: u64,
    /// Values that a share of the observations does not exceed, each to 0.4 %.
    pub quantiles: Vec<Quantile>,
    /// All observations, ascending.
    pub bins: Vec<Bin>,
}

/// A value that a share of the observations does not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quantile {
    /// The share.
    pub share: f64,
    /// The value.
    pub value: f64,
}

/// How many observations lie from one value to another; a bin is at most 1/16 of its least value wide.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bin {
    /// Least value that belongs in it.
    pub from: f64,
    /// Greatest value that belongs in it.
    pub to: f64,
    /// How many do.
    pub count: u64,
}

fn distributions(outcome: &Outcome) -> Vec<Distribution<'_>> {
    let described = outcome.outline.spreads.iter().zip(&outcome.spreads);
    let distributions = described.map(|(about, histogram)| Distribution {
        name: &about.name,
        unit: unit_name(Unit::Seconds),
        count: histogram.count(),
        quantiles: quantiles(histogram),
        bins: bins(histogram),
    });
    distributions.collect()
}

fn quantiles(histogram: &Histogram) -> Vec<Quantile> {
    let quantile = |share: f64| {
        let value = secs(histogram.quantile(share)?);
        Some(Quantile { share, value })
    };
    QUANTILES.into_iter().filter_map(quantile).collect()
}

/// The buckets of `histogram`, neighbours together as far as a bin may reach.
fn bins(histogram: &Histogram) -> Vec<Bin> {
    let mut bins: Vec<(u64, u64, u64)> = Vec::new();
    for (low, high, count) in histogram.buckets() {
        match bins.last_mut() {
            Some(bin) if high - bin.0 <= bin.0 / BIN_WIDTH => {
                bin.1 = high;
                bin.2 += count;
            }
            _ => bins.push((low, high, count)),
        }
    }
    let bin = |(low, high, count)| Bin {
        from: secs(low),
        to: secs(high),
        count,
    };
    bins.into_iter().map(bin).collect()
}

fn secs(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}
