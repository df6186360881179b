//! Jobs, what they come to, and how any machine does them.
//!
//! A job is a range of replications at one point. Doing it twice gives the same bits, so a job that is lost is simply done
//! again, by whomever. What is wrong with a run is part of the result: no job ends in silence.

use std::{collections::VecDeque, panic::AssertUnwindSafe};

use pluriverse_host::scenario;
use pluriverse_kernel::{
    ledger::Ledger,
    replicate::{SLICE_EVENTS, Verdict},
    scenario::{Draft, RunKey, Scenario},
    view::Observation,
    world::{Phase, Progress, RunError},
};
use serde::{Deserialize, Serialize};

use crate::{
    plan::Pairing,
    study::{Workload, key_of},
};

/// Scenarios that a laboratory keeps, so that jobs at the same point read it once.
const SCENARIOS_KEPT: usize = 64;

/// Dotted keys and TOML values set over a scenario.
type Overrides = Vec<(String, String)>;

/// Work to be done: some replications of one point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Its number; jobs count from 0 in the order in which their results count.
    pub id: u64,
    /// Which point, from 0.
    pub point: usize,
    /// Everything set over the scenario at that point.
    pub overrides: Vec<(String, String)>,
    /// Seed of its runs.
    pub seed: u64,
    /// Whether every second replication mirrors the one before.
    pub pairing: Pairing,
    /// Number of the first replication.
    pub first: u64,
    /// How many.
    pub count: u64,
    /// Indices of the series to bring along.
    pub series: Vec<usize>,
}

/// What one replication came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Hash of its ledger.
    pub hash: [u8; 32],
    /// Events handled.
    pub events: u64,
    /// Each figure of the outline.
    pub scalars: Vec<Observation>,
    /// The periods of each series that was asked for.
    pub series: Vec<Vec<Observation>>,
}

/// What a job came to: a trial for each replication, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobResult {
    /// Which job.
    pub id: u64,
    /// Its trials in order, or what went wrong in the first run that failed.
    pub outcome: Result<Vec<Trial>, String>,
}

/// Makes the runs of jobs; every thread or process has its own.
pub struct Laboratory {
    workload: Workload,
    /// The latest first.
    scenarios: VecDeque<(Overrides, Box<dyn Scenario>)>,
    ledger: Option<Ledger>,
}

impl Laboratory {
    /// A laboratory for this scenario.
    #[must_use]
    pub fn new(workload: Workload) -> Self {
        Self {
            workload,
            scenarios: VecDeque::new(),
            ledger: None,
        }
    }

    /// Does a job to the end.
    #[must_use]
    pub fn run(&mut self, job: &Job) -> JobResult {
        self.run_while(job, &|| Verdict::Continue)
            .expect("nobody stops it")
    }

    /// Does a job while `verdict`, which is asked every few milliseconds, lets it; `None` when it did not.
    pub fn run_while(&mut self, job: &Job, verdict: &dyn Fn() -> Verdict) -> Option<JobResult> {
        let outcome = match self.trials(job, verdict) {
            Ok(Some(trials)) => Ok(trials),
            Ok(None) => return None,
            Err(reason) => Err(reason),
        };
        Some(JobResult {
            id: job.id,
            outcome,
        })
    }

    fn trials(
        &mut self,
        job: &Job,
        verdict: &dyn Fn() -> Verdict,
    ) -> Result<Option<Vec<Trial>>, String> {
        self.fetch(&job.overrides)?;
        let (_, scenario) = self.scenarios.front().expect("it was just fetched");
        let mut trials = Vec::new();
        for replication in job.first..job.first.saturating_add(job.count) {
            let key = key_of(job.seed, job.pairing, replication);
            let ledger = self.ledger.take().unwrap_or_else(Ledger::hashed);
            let run = AssertUnwindSafe(|| trial(&**scenario, (key, ledger), &job.series, verdict));
            let ran = std::panic::catch_unwind(run)
                .unwrap_or_else(|panic| Err(RunError::panicked(key, &*panic)));
            match ran {
                Ok(Some((trial, ledger))) => {
                    self.ledger = Some(ledger);
                    trials.push(trial);
                }
                Ok(None) => return Ok(None),
                Err(error) => return Err(format!("replication {replication}: {error}")),
            }
        }
        Ok(Some(trials))
    }

    /// Has the scenario with these overrides at the front.
    fn fetch(&mut self, overrides: &[(String, String)]) -> Result<(), String> {
        let known = self.scenarios.iter().position(|(of, _)| of == overrides);
        let entry = match known.and_then(|index| self.scenarios.remove(index)) {
            Some(entry) => entry,
            None => {
                let read = scenario::read(Draft {
                    file: &self.workload.file,
                    text: &self.workload.text,
                    overrides,
                    files: &self.workload,
                });
                let (scenario, _) = read.map_err(|findings| {
                    let first = findings.first().map(ToString::to_string);
                    first.unwrap_or_else(|| "the scenario cannot be read".to_owned())
                })?;
                (overrides.to_vec(), scenario)
            }
        };
        self.scenarios.push_front(entry);
        self.scenarios.truncate(SCENARIOS_KEPT);
        Ok(())
    }
}

fn trial(
    scenario: &dyn Scenario,
    (key, ledger): (RunKey, Ledger),
    series: &[usize],
    verdict: &dyn Fn() -> Verdict,
) -> Result<Option<(Trial, Ledger)>, RunError> {
    let mut world = scenario.world(key, ledger);
    while world.run(SLICE_EVENTS)? == Progress::More {
        if verdict() == Verdict::Stop {
            return Ok(None);
        }
    }
    if world.phase() != Phase::Finished {
        let message = "the run has no end".to_owned();
        let now = world.now();
        return Err(RunError::Model { now, message });
    }
    world.finish_ledger().map_err(RunError::Ledger)?;
    let measures = world.measures();
    let trial = Trial {
        hash: world.ledger().hash().map_or([0; 32], |hash| hash.0),
        events: world.events(),
        scalars: measures.scalars,
        series: series
            .iter()
            .filter_map(|index| measures.series.get(*index).cloned())
            .collect(),
    };
    Ok(Some((trial, world.into_ledger())))
}
