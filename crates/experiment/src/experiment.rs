//! An experiment as a state machine: it says which jobs to do, takes what they came to, and says what follows.
//!
//! It does nothing itself: no thread, no file, no clock. Results may come in any order, twice, or late; they count in the
//! order of the jobs, and what is decided on them depends on nothing else. So the analysis is the same to the bit on one
//! thread, on a cluster, or resumed in the middle.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
};

use pluriverse_kernel::ledger::LedgerHash;

use crate::{
    analysis::{self, Analysis},
    job::{Job, JobResult, Trial},
    procedure::{Bench, Demand, Procedure, Step, wanted_series},
    store::Store,
    study::Study,
};

/// A round of runs is cut into about so many jobs, however many runs it has.
const JOBS_A_ROUND: u64 = 512;
/// No more replications in one job than this.
const JOB_REPLICATIONS_MAX: u64 = 64;
/// No more runs in one experiment than this: their figures are all kept.
pub const RUNS_LIMIT: u64 = 10_000_000;

/// Whether a job's result was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It came for the first time.
    New,
    /// It was there already.
    Known,
}

/// Why an experiment cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExperimentError {
    /// A run failed.
    Run {
        /// Number of its point, from 1.
        point: usize,
        /// The point's settings.
        settings: String,
        /// Why.
        reason: String,
    },
    /// Something that a decision needs was not observed in a run.
    NothingObserved {
        /// What.
        what: String,
        /// Number of the point, from 1.
        point: usize,
        /// The first replication without it.
        replication: u64,
    },
    /// A result of a job that was never given out; the experiment is as before.
    UnknownJob {
        /// The result's number.
        id: u64,
        /// Number of the job after the last one that was given out.
        next: u64,
    },
    /// A job that came to something else the second time; the experiment is as before.
    Differs {
        /// Its number.
        id: u64,
    },
    /// A result that has not as many trials as its job has replications; the experiment is as before.
    WrongCount {
        /// Its number.
        id: u64,
        /// Replications of the job.
        expected: u64,
        /// Trials of the result.
        got: usize,
    },
    /// More runs than can be kept.
    TooMany {
        /// How many there were to be, at least.
        runs: u64,
    },
}

impl fmt::Display for ExperimentError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run {
                point,
                settings,
                reason,
            } => match settings.as_str() {
                "" => write!(out, "a run failed: {reason}"),
                _ => write!(out, "a run of point {point} ({settings}) failed: {reason}"),
            },
            Self::NothingObserved {
                what,
                point,
                replication,
            } => write!(
                out,
                "`{what}` was not observed at point {point} (replication {replication})"
            ),
            Self::UnknownJob { id, next } => {
                write!(out, "there is no job {id}: the next one would be {next}")
            }
            Self::Differs { id } => write!(
                out,
                "job {id} came to something else the second time: expected the same bits on every machine"
            ),
            Self::WrongCount { id, expected, got } => {
                write!(
                    out,
                    "job {id} has {expected} replications, its result has {got}"
                )
            }
            Self::TooMany { runs } => write!(
                out,
                "the experiment would take {runs} runs or more: expected at most {RUNS_LIMIT}"
            ),
        }
    }
}

impl std::error::Error for ExperimentError {}

/// How far an experiment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Runs that have come in.
    pub runs_done: u64,
    /// Runs that are asked for so far; more may follow.
    pub runs_asked: u64,
    /// What goes on, for people.
    pub phase: String,
}

/// A job that was given out.
struct Given {
    point: usize,
    first: u64,
    count: u64,
}

/// An experiment on its way.
///
/// Call [`poll_job`](Self::poll_job) for work until it gives none, hand what jobs come to to
/// [`handle_result`](Self::handle_result), and ask for work again after each: new jobs appear when all earlier ones are
/// in. A job that was lost is done again from its value; nothing needs to be told. Once [`is_done`](Self::is_done) holds, or
/// at any time before, [`finish`](Self::finish) says what is known.
pub struct Experiment {
    study: Study,
    series: Vec<usize>,
    store: Store,
    procedure: Procedure,
    /// Jobs that nobody has yet.
    queue: VecDeque<Job>,
    /// By number.
    given: Vec<Given>,
    /// Results that came before their turn.
    early: BTreeMap<u64, JobResult>,
    /// Number of the job whose result counts next.
    next: u64,
    hashes: Vec<LedgerHash>,
    events: u64,
    runs_in: u64,
    runs_asked: u64,
    end: Option<Result<(), ExperimentError>>,
}

impl Experiment {
    /// An experiment before its first job.
    #[must_use]
    pub fn new(study: Study) -> Self {
        let mut experiment = Self {
            series: wanted_series(&study),
            procedure: Procedure::of(&study),
            study,
            store: Store::default(),
            queue: VecDeque::new(),
            given: Vec::new(),
            early: BTreeMap::new(),
            next: 0,
            hashes: Vec::new(),
            events: 0,
            runs_in: 0,
            runs_asked: 0,
            end: None,
        };
        experiment.advance();
        experiment
    }

    /// What is being studied.
    #[must_use]
    pub fn study(&self) -> &Study {
        &self.study
    }

    /// A job that nobody has yet; `None` when there is none until results come in, or at all.
    pub fn poll_job(&mut self) -> Option<Job> {
        self.queue.pop_front()
    }

    /// Takes what a job came to; the second time it comes it changes nothing, and is told so.
    ///
    /// # Errors
    /// When there is no such job, or it came to something else before; the experiment is then as before. A run that
    /// failed is no error here, but ends the experiment: see [`failure`](Self::failure).
    pub fn handle_result(&mut self, result: JobResult) -> Result<Receipt, ExperimentError> {
        let index = usize::try_from(result.id).unwrap_or(usize::MAX);
        let Some(given) = self.given.get(index) else {
            return Err(ExperimentError::UnknownJob {
                id: result.id,
                next: self.given.len() as u64,
            });
        };
        if let Ok(trials) = &result.outcome
            && trials.len() as u64 != given.count
        {
            return Err(ExperimentError::WrongCount {
                id: result.id,
                expected: given.count,
                got: trials.len(),
            });
        }
        let id = result.id;
        if let Some(known) = self.early.get(&id) {
            let is_same = *known == result;
            let known = is_same.then_some(Receipt::Known);
            return known.ok_or(ExperimentError::Differs { id });
        }
        if id < self.next {
            let is_same = result.outcome.is_ok_and(|trials| self.has(given, &trials));
            let is_fine = is_same || self.failure().is_some();
            let known = is_fine.then_some(Receipt::Known);
            return known.ok_or(ExperimentError::Differs { id });
        }
        self.runs_in += given.count;
        self.early.insert(result.id, result);
        self.merge();
        Ok(Receipt::New)
    }

    /// Whether a job's trials are those that count.
    fn has(&self, given: &Given, trials: &[Trial]) -> bool {
        let numbered = (given.first..).zip(trials);
        numbered
            .into_iter()
            .all(|(replication, trial)| self.store.get(given.point, replication) == Some(trial))
    }

    fn merge(&mut self) {
        while self.end.is_none()
            && let Some(result) = self.early.remove(&self.next)
        {
            let given = &self.given[usize::try_from(self.next).expect("an index in memory")];
            self.next += 1;
            let trials = match result.outcome {
                Ok(trials) => trials,
                Err(reason) => {
                    let (point, settings) = (given.point, self.settings_of(given.point));
                    self.fail(ExperimentError::Run {
                        point: point + 1,
                        settings,
                        reason,
                    });
                    return;
                }
            };
            for (replication, trial) in (given.first..).zip(trials) {
                self.hashes.push(LedgerHash(trial.hash));
                self.events += trial.events;
                self.store.insert(given.point, replication, trial);
            }
            if self.next == self.given.len() as u64 {
                self.advance();
            }
        }
    }

    fn settings_of(&self, point: usize) -> String {
        self.study.points[point].shown(&self.study.plan.factors)
    }

    fn fail(&mut self, error: ExperimentError) {
        self.queue.clear();
        self.end = Some(Err(error));
    }

    /// Asks the procedure what comes next.
    fn advance(&mut self) {
        let mut bench = Bench {
            study: &mut self.study,
            store: &self.store,
            series: &self.series,
        };
        match self.procedure.advance(&mut bench) {
            Ok(Step::Done) => self.end = Some(Ok(())),
            Ok(Step::Run(demands)) => self.ask(&demands),
            Err(error) => self.fail(error),
        }
    }

    /// Cuts what is wanted into jobs. How, depends on nothing but how much it is.
    fn ask(&mut self, demands: &[Demand]) {
        let total: u64 = demands.iter().map(|demand| demand.count).sum();
        self.runs_asked += total;
        if self.runs_asked > RUNS_LIMIT {
            let runs = self.runs_asked;
            self.fail(ExperimentError::TooMany { runs });
            return;
        }
        let most = (total / JOBS_A_ROUND).clamp(1, JOB_REPLICATIONS_MAX);
        for demand in demands {
            let end = demand.first + demand.count;
            let mut first = demand.first;
            while first < end {
                let count = most.min(end - first);
                self.queue.push_back(Job {
                    id: self.given.len() as u64,
                    point: demand.point,
                    overrides: self.study.points[demand.point].overrides.clone(),
                    seed: self.study.seed_of(demand.point),
                    pairing: self.study.plan.pairing,
                    first,
                    count,
                    series: self.series.clone(),
                });
                self.given.push(Given {
                    point: demand.point,
                    first,
                    count,
                });
                first += count;
            }
        }
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.end.is_some()
    }

    /// Why the experiment ended early, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&ExperimentError> {
        self.end.as_ref()?.as_ref().err()
    }

    /// Every trial that counts so far: number of its point (from 1), number of the replication, and what it came to; by
    /// point, then by replication.
    pub fn trials(&self) -> impl Iterator<Item = (usize, u64, &Trial)> {
        let points = 0..self.study.points.len();
        points.flat_map(|point| {
            let trials = self.store.trials(point, 0..u64::MAX);
            trials.map(move |(replication, trial)| (point + 1, replication, trial))
        })
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            runs_done: self.runs_in,
            runs_asked: self.runs_asked,
            phase: self.procedure.phase(),
        }
    }

    /// What the experiment has come to: all of it once it is done, else what counts so far.
    #[must_use]
    pub fn finish(mut self) -> Analysis {
        let is_complete = self.end == Some(Ok(()));
        let bench = Bench {
            study: &mut self.study,
            store: &self.store,
            series: &self.series,
        };
        let guarantee = if is_complete {
            self.procedure.guarantee(&bench)
        } else {
            String::new()
        };
        let points = (0..bench.study.points.len())
            .filter_map(|point| analysis::point_analysis(&bench, point))
            .collect();
        let answer = self.procedure.answer(&bench);
        let study = &*bench.study;
        Analysis {
            name: study.plan.name.clone(),
            title: study.plan.title.clone(),
            scenario: study.plan.scenario.clone(),
            fingerprint: LedgerHash(study.fingerprint).to_string(),
            seed: study.plan.seed,
            confidence: study.plan.confidence,
            is_complete,
            runs: self.hashes.len() as u64,
            events: self.events,
            ledger_hash: LedgerHash::combine(self.hashes.iter().copied()).to_string(),
            factors: analysis::factor_names(study),
            metrics: analysis::metric_names(study),
            shown: analysis::shown(study),
            points,
            answer,
            guarantee,
        }
    }
}
