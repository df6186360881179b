//! Runs side by side: the same figure of each in a line.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor},
};

use crate::{
    archive::Archive,
    error::ArchiveError,
    run::{RunId, RunSummary},
};

/// Most runs that are compared at once.
pub const COMPARED_RUNS_MAX: usize = 32;

/// Runs side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The runs, as they were asked for.
    pub runs: Vec<RunSummary>,
    /// Every figure that one of them has, in the order of the first that has it.
    pub metrics: Vec<ComparedMetric>,
}

/// One figure of all runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedMetric {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What it is in each run; `null` where a run has none.
    pub values: Vec<Option<Metric>>,
}

/// A figure as results say it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// The estimate.
    pub mean: Option<f64>,
    /// Half the width of its 95 % confidence interval.
    pub half_width_95: Option<f64>,
    /// Over how many replications.
    pub n: u64,
    /// The least.
    pub min: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
    /// Its unit.
    pub unit: String,
}

impl Archive {
    /// Sets runs side by side.
    ///
    /// # Errors
    /// [`ArchiveError::NoRun`] when one is not there; [`ArchiveError::Invalid`] when there are none or too many.
    pub fn compare(&self, ids: &[RunId]) -> Result<Comparison, ArchiveError> {
        if ids.is_empty() || ids.len() > COMPARED_RUNS_MAX {
            return Err(ArchiveError::Invalid {
                what: "the number of runs to compare",
                got: ids.len().to_string(),
                expected: format!("1 to {COMPARED_RUNS_MAX}"),
            });
        }
        let mut comparison = Comparison {
            runs: Vec::new(),
            metrics: Vec::new(),
        };
        for (index, id) in ids.iter().enumerate() {
            let run = self.run(id)?;
            comparison.runs.push(run.summary);
            let Some(results) = run.results else {
                continue;
            };
            let results: Results =
                serde_json::from_str(results.get()).map_err(|error| ArchiveError::Damaged {
                    message: format!("the results of `{id}` are damaged: {error}"),
                })?;
            for (name, metric) in results.metrics.0 {
                comparison.add(index, ids.len(), name, metric);
            }
        }
        Ok(comparison)
    }
}

impl Comparison {
    fn add(&mut self, run: usize, run_count: usize, name: String, metric: Metric) {
        let known = self.metrics.iter().position(|known| known.name == name);
        let index = known.unwrap_or_else(|| {
            self.metrics.push(ComparedMetric {
                name,
                unit: metric.unit.clone(),
                values: vec![None; run_count],
            });
            self.metrics.len() - 1
        });
        self.metrics[index].values[run] = Some(metric);
    }
}

#[derive(Deserialize)]
struct Results {
    #[serde(default)]
    metrics: Metrics,
}

/// Figures in the order in which the results have them.
#[derive(Default)]
struct Metrics(Vec<(String, Metric)>);

impl<'de> Deserialize<'de> for Metrics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Figures;

        impl<'de> Visitor<'de> for Figures {
            type Value = Metrics;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("figures by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metrics, A::Error> {
                let mut metrics = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    metrics.push(entry);
                }
                Ok(Metrics(metrics))
            }
        }

        deserializer.deserialize_map(Figures)
    }
}
