//! What runs came to, on its way into Python: as documents, and as the report.

use std::{sync::Arc, time::Duration};

use pluriverse_host::document::Results;
use pluriverse_kernel::replicate::{Outcome as Measured, RunPlan};
use pluriverse_report::{
    Report,
    quantity::{self, Figure},
};
use pyo3::prelude::*;
use serde::Serialize;

use crate::scenario::{Held, json as print, shown_version};

/// What runs of one scenario came to.
#[pyclass(frozen, module = "pluriverse._native")]
pub(crate) struct Outcome {
    held: Arc<Held>,
    plan: RunPlan,
    measured: Measured,
    wall: Duration,
}

impl Outcome {
    pub(crate) fn new(held: &Arc<Held>, plan: RunPlan, measured: Measured, wall: Duration) -> Self {
        Self {
            held: Arc::clone(held),
            plan,
            measured,
            wall,
        }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    results: Results<'a>,
    title: &'a str,
    wall_seconds: f64,
    speedup: f64,
    warnings: Vec<String>,
    overrides: &'a [(String, String)],
}

#[pymethods]
impl Outcome {
    /// Everything, as JSON: what the command line prints with `--format json`, with series and distributions.
    fn json(&self) -> String {
        let wall_seconds = self.wall.as_secs_f64();
        print(&Document {
            results: Results::new(&*self.held.scenario, self.plan.seed, &self.measured),
            title: self.held.scenario.title(),
            wall_seconds,
            speedup: self.measured.sim_seconds / wall_seconds.max(1e-9),
            warnings: self.held.warning_lines(),
            overrides: &self.held.overrides,
        })
    }

    /// The figures as people read them: name, mean, half-width of its interval, unit.
    fn figures(&self) -> Vec<(&str, String, Option<String>, &'static str)> {
        let outline = self.measured.outline.scalars.iter();
        let told = outline.zip(&self.measured.scalars).map(|(scalar, tally)| {
            let name = scalar.name.as_str();
            match tally.estimate() {
                None => (name, quantity::DASH.to_owned(), None, ""),
                Some(estimate) => {
                    let figure = Figure::full(scalar.unit, &estimate);
                    (name, figure.mean, figure.half_width, figure.symbol)
                }
            }
        });
        told.collect()
    }

    /// The report, as HTML.
    fn report(&self) -> String {
        let scenario = &self.held.scenario;
        let version = shown_version();
        pluriverse_report::html(&Report {
            title: scenario.title(),
            scenario_name: scenario.name(),
            kind: scenario.kind(),
            scenario_text: &self.held.source.text,
            file: &self.held.source.name,
            overrides: &self.held.overrides,
            seed: self.plan.seed,
            replications: self.plan.replications,
            version: &version,
            wall_seconds: self.wall.as_secs_f64(),
            threads: self.plan.threads,
            warnings: &self.held.warning_lines(),
            outcome: &self.measured,
        })
    }
}
