//! A plan with the scenario that it is about: what any machine needs to make its runs, and what they measure.
//!
//! A [`Workload`] is everything that a run reads, with no file left to open, so that it can be sent to another machine once
//! and jobs after it. Both are plain values that serialise.

use std::collections::BTreeMap;

use pluriverse_kernel::{
    random::{CounterStream, Purpose, StreamKey},
    scenario::{FileSource, RunKey},
    view::Outline,
};
use serde::{Deserialize, Serialize};

use crate::{
    design,
    plan::{Factor, Pairing, Plan, Question, Randomness, Setting, Staffing},
};

/// A scenario with every file that it refers to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// The scenario's file, as the experiment names it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// Contents of the files that it refers to, by the path that it gives.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl FileSource for Workload {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let found = self.files.get(path);
        found
            .cloned()
            .ok_or_else(|| format!("`{path}` did not come with the scenario"))
    }
}

/// What worlds of the scenario measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Names and units, in order.
    pub outline: Outline,
    /// For each series, how many periods it has.
    pub periods: Vec<usize>,
}

impl Figures {
    /// Index of the figure of this name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<usize> {
        let mut scalars = self.outline.scalars.iter();
        scalars.position(|scalar| scalar.name == name)
    }

    /// Names of the series: chart and name with a slash between.
    pub fn series_names(&self) -> impl Iterator<Item = String> {
        let series = self.outline.series.iter();
        series.map(|series| format!("{}/{}", series.chart, series.name))
    }

    /// Index of the series of this name.
    #[must_use]
    pub fn series(&self, name: &str) -> Option<usize> {
        self.series_names().position(|known| known == name)
    }

    /// Names that an expression may use: all figures, then all factors.
    #[must_use]
    pub fn names_with(&self, factors: &[Factor]) -> Vec<String> {
        let metrics = self.outline.scalars.iter().map(|scalar| &scalar.name);
        let factors = factors.iter().map(|factor| &factor.name);
        metrics.chain(factors).cloned().collect()
    }
}

/// A combination of settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The value of each factor, in the order of the plan.
    pub settings: Vec<Setting>,
    /// Everything set over the scenario: dotted keys and TOML values.
    pub overrides: Vec<(String, String)>,
}

impl Point {
    /// Its settings for people: `agents = 4, patience = 60s`; empty where nothing varies.
    #[must_use]
    pub fn shown(&self, factors: &[Factor]) -> String {
        if factors.is_empty() {
            let settings: Vec<String> = self.settings.iter().map(Setting::to_string).collect();
            return settings.join(", ");
        }
        let pairs = factors.iter().zip(&self.settings);
        let texts: Vec<String> = pairs
            .map(|(factor, setting)| format!("{} = {setting}", factor.name))
            .collect();
        texts.join(", ")
    }
}

/// An experiment that can be run.
#[derive(Clone, Debug)]
pub struct Study {
    /// What was asked for.
    pub plan: Plan,
    /// The scenario.
    pub workload: Workload,
    /// What its worlds measure.
    pub figures: Figures,
    /// The points of the design.
    pub points: Vec<Point>,
    /// Hash of plan and workload: whoever has the same has the same experiment.
    pub fingerprint: [u8; 32],
}

impl Study {
    pub(crate) fn new(plan: Plan, workload: Workload, figures: Figures) -> Self {
        let points = match &plan.question {
            Question::Staffing(staffing) => vec![staffed(&plan, staffing, &staffing.as_it_is)],
            _ => design::points(&plan)
                .into_iter()
                .map(|settings| Point {
                    overrides: overrides(&plan, &settings),
                    settings,
                })
                .collect(),
        };
        let fingerprint = fingerprint(&plan, &workload);
        Self {
            plan,
            workload,
            figures,
            points,
            fingerprint,
        }
    }

    /// The same with the files that its scenario refers to.
    pub(crate) fn with_files(mut self, files: BTreeMap<String, Vec<u8>>) -> Self {
        self.workload.files = files;
        self.fingerprint = fingerprint(&self.plan, &self.workload);
        self
    }

    /// The seed of a point's runs.
    pub(crate) fn seed_of(&self, point: usize) -> u64 {
        const POINT: Purpose = Purpose::named("experiment point");
        let seed = self.plan.seed;
        match self.plan.randomness {
            Randomness::Common => seed,
            Randomness::Independent => CounterStream::new(StreamKey {
                seed,
                replication: 0,
                entity: 0,
                purpose: POINT,
            })
            .u64_at(point as u64),
        }
    }
}

/// The run that a replication's number stands for.
pub(crate) fn key_of(seed: u64, pairing: Pairing, replication: u64) -> RunKey {
    match pairing {
        Pairing::Single => RunKey { seed, replication },
        Pairing::Antithetic => {
            let key = RunKey {
                seed,
                replication: replication / 2,
            };
            if replication.is_multiple_of(2) {
                key
            } else {
                key.mirrored()
            }
        }
    }
}

fn overrides(plan: &Plan, settings: &[Setting]) -> Vec<(String, String)> {
    let factors = plan.factors.iter().zip(settings);
    let varied = factors.map(|(factor, setting)| (factor.key.clone(), setting.toml()));
    plan.set.iter().cloned().chain(varied).collect()
}

/// The point at which each period gets as many as the levels say.
pub(crate) fn staffed(plan: &Plan, staffing: &Staffing, levels: &[i64]) -> Point {
    let setting = Setting::Whole(levels.to_vec());
    let varied = (staffing.key.clone(), setting.toml());
    Point {
        overrides: plan.set.iter().cloned().chain([varied]).collect(),
        settings: vec![setting],
    }
}

fn fingerprint(plan: &Plan, workload: &Workload) -> [u8; 32] {
    let bytes = postcard::to_allocvec(&(plan, workload)).expect("plain values serialise");
    *blake3::Hasher::new_derive_key("pluriverse experiment")
        .update(&bytes)
        .finalize()
        .as_bytes()
}
