//! Replications: the same scenario under as many stream keys as wanted, added up in one order.
//!
//! Records are merged strictly by replication number, so the outcome is the same to the bit on any number of
//! threads. Threads need the feature `threads`; without it everything runs on the caller's.

use std::{collections::BTreeMap, panic::AssertUnwindSafe};

use pluriverse_stats::{Estimate, Histogram, RatioTally};

use crate::{
    ledger::{Ledger, LedgerHash},
    scenario::{RunKey, Scenario},
    time::SimTime,
    view::{Measures, Outline},
    world::{Phase, Progress, RunError, World},
};

#[cfg(feature = "threads")]
mod threads;

/// Events handled between two looks at an observer: a few milliseconds.
pub const SLICE_EVENTS: u64 = 1 << 16;

/// Which runs to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunPlan {
    /// Seed of all of them.
    pub seed: u64,
    /// How many; at least 1.
    pub replications: u64,
    /// On how many threads, at least 1; more than 1 needs the feature `threads`.
    pub threads: usize,
}

impl RunPlan {
    /// So many replications, on one thread.
    #[must_use]
    pub const fn new(seed: u64, replications: u64) -> Self {
        Self {
            seed,
            replications,
            threads: 1,
        }
    }

    /// Makes these runs with hashed ledgers, unobserved.
    ///
    /// # Errors
    /// As [`replicate`].
    pub fn run(self, scenario: &dyn Scenario) -> Result<Outcome, RunError> {
        replicate(scenario, self, &|_| None, &Unobserved)
    }
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Continue,
    /// Stop as soon as possible, with what there is.
    Stop,
}

/// Follows a batch of runs and may end it; called from any thread.
pub trait Observer: Sync {
    /// A run has come to `now`, `events` further than at its last call.
    fn moved(&self, key: RunKey, now: SimTime, events: u64) -> Verdict;

    /// A run is complete.
    fn completed(&self, key: RunKey, world: &dyn World) {
        let _ = (key, world);
    }
}

/// An [`Observer`] that lets everything run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn moved(&self, _key: RunKey, _now: SimTime, _events: u64) -> Verdict {
        Verdict::Continue
    }
}

/// What a batch of runs came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was measured.
    pub outline: Outline,
    /// For each scalar, over the replications.
    pub scalars: Vec<RatioTally>,
    /// For each series and period, over the replications.
    pub series: Vec<Vec<RatioTally>>,
    /// For each spread, all replications together.
    pub spreads: Vec<Histogram>,
    /// Replications that are part of it.
    pub replications: u64,
    /// Events handled in all of them.
    pub events: u64,
    /// Rows recorded in all of them.
    pub rows: u64,
    /// Simulated seconds of all of them.
    pub sim_seconds: f64,
    /// The ledger's hash, or one over all ledgers' in order; `None` when recording was off.
    pub ledger_hash: Option<LedgerHash>,
    /// Whether all that was planned is part of it.
    pub is_complete: bool,
}

impl Outcome {
    /// What one world has come to; complete when it has finished.
    #[must_use]
    pub fn of(world: &dyn World) -> Self {
        let mut merger = Merger::new(RunPlan::new(world.key().seed, 1));
        merger.merge(Record {
            outline: Some(world.outline()),
            ..Record::of(world)
        });
        merger.finish()
    }

    /// The estimate of the scalar of this name; `None` when there is none, or nothing was observed.
    #[must_use]
    pub fn estimate(&self, name: &str) -> Option<Estimate> {
        let mut scalars = self.outline.scalars.iter();
        let index = scalars.position(|scalar| scalar.name == name)?;
        self.scalars.get(index)?.estimate()
    }
}

/// What one run came to.
struct Record {
    key: RunKey,
    /// Of the first replication; the others' is the same.
    outline: Option<Outline>,
    measures: Measures,
    now: SimTime,
    events: u64,
    rows: u64,
    hash: Option<LedgerHash>,
    is_complete: bool,
    /// Whether runs that have not begun should not begin any more.
    is_last: bool,
}

impl Record {
    fn of(world: &dyn World) -> Self {
        Self {
            key: world.key(),
            outline: None,
            measures: world.measures(),
            now: world.now(),
            events: world.events(),
            rows: world.ledger().rows(),
            hash: world.ledger().hash(),
            is_complete: world.phase() == Phase::Finished,
            is_last: false,
        }
    }
}

/// Runs `plan` and adds up what was measured; `ledgers` makes the ledger of each replication that does not just
/// need hashing.
///
/// # Errors
/// The error of the first replication, by number, that ended early.
pub fn replicate(
    scenario: &dyn Scenario,
    plan: RunPlan,
    ledgers: &(dyn Fn(RunKey) -> Option<Ledger> + Sync),
    observer: &dyn Observer,
) -> Result<Outcome, RunError> {
    let mut merger = Merger::new(plan);
    let job = Job {
        scenario,
        plan,
        ledgers,
        observer,
    };
    #[cfg(feature = "threads")]
    if plan.threads > 1 && plan.replications > 1 {
        return threads::replicate(&job, merger);
    }
    let mut spare = None;
    for replication in 0..plan.replications {
        let record = job.run(replication, &mut spare)?;
        let is_last = record.is_last;
        merger.add(record);
        if is_last {
            break;
        }
    }
    Ok(merger.finish())
}

/// What every replication needs to know.
struct Job<'a> {
    scenario: &'a dyn Scenario,
    plan: RunPlan,
    ledgers: &'a (dyn Fn(RunKey) -> Option<Ledger> + Sync),
    observer: &'a dyn Observer,
}

impl Job<'_> {
    /// Makes one run; `spare` is a ledger to use again.
    fn run(&self, replication: u64, spare: &mut Option<Ledger>) -> Result<Record, RunError> {
        let key = RunKey {
            seed: self.plan.seed,
            replication,
        };
        let run = AssertUnwindSafe(|| {
            let special = (self.ledgers)(key);
            let is_special = special.is_some();
            let ledger = special
                .or_else(|| spare.take())
                .unwrap_or_else(Ledger::hashed);
            let (record, ledger) = self.run_world(key, ledger)?;
            if !is_special {
                *spare = Some(ledger);
            }
            Ok(record)
        });
        std::panic::catch_unwind(run).unwrap_or_else(|panic| Err(RunError::panicked(key, &*panic)))
    }

    fn run_world(&self, key: RunKey, ledger: Ledger) -> Result<(Record, Ledger), RunError> {
        let mut world = self.scenario.world(key, ledger);
        let mut seen = 0;
        let (moved, is_last) = loop {
            let progress = world.run(SLICE_EVENTS);
            let events = world.events() - seen;
            seen = world.events();
            let verdict = self.observer.moved(key, world.now(), events);
            let is_last = verdict == Verdict::Stop;
            match progress {
                Ok(Progress::More) if !is_last => {}
                Ok(_) => break (Ok(()), is_last),
                Err(error) => break (Err(error), true),
            }
        };
        // The ledger is closed even when the run failed: what was recorded stays readable.
        let closed = world.finish_ledger().map_err(RunError::Ledger);
        moved?;
        closed?;
        self.observer.completed(key, &*world);
        let record = Record {
            outline: (key.replication == 0).then(|| world.outline()),
            is_last,
            ..Record::of(&*world)
        };
        Ok((record, world.into_ledger()))
    }
}

/// Adds records up in the order of their numbers, whatever order they come in.
struct Merger {
    plan: RunPlan,
    outcome: Outcome,
    hashes: Vec<LedgerHash>,
    waiting: BTreeMap<u64, Record>,
    next: u64,
}

impl Merger {
    fn new(plan: RunPlan) -> Self {
        let outcome = Outcome {
            outline: Outline::default(),
            scalars: Vec::new(),
            series: Vec::new(),
            spreads: Vec::new(),
            replications: 0,
            events: 0,
            rows: 0,
            sim_seconds: 0.0,
            ledger_hash: None,
            is_complete: true,
        };
        Self {
            plan,
            outcome,
            hashes: Vec::new(),
            waiting: BTreeMap::new(),
            next: 0,
        }
    }

    fn add(&mut self, record: Record) {
        self.waiting.insert(record.key.replication, record);
        while let Some(record) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.merge(record);
        }
    }

    fn merge(&mut self, record: Record) {
        let outcome = &mut self.outcome;
        if let Some(outline) = record.outline {
            outcome.outline = outline;
        }
        outcome.is_complete &= record.is_complete;
        // A run that was cut short is not comparable with complete ones, but alone it is all there is.
        if !record.is_complete && self.plan.replications > 1 {
            return;
        }
        let Measures {
            scalars,
            series,
            spreads,
        } = &record.measures;
        outcome
            .scalars
            .resize_with(scalars.len(), RatioTally::default);
        outcome.series.resize_with(series.len(), Vec::new);
        outcome
            .spreads
            .resize_with(spreads.len(), Histogram::default);
        for (tally, seen) in outcome.scalars.iter_mut().zip(scalars) {
            tally.record(seen.numerator, seen.denominator);
        }
        for (tallies, seen) in outcome.series.iter_mut().zip(series) {
            tallies.resize_with(seen.len().max(tallies.len()), RatioTally::default);
            for (tally, seen) in tallies.iter_mut().zip(seen) {
                tally.record(seen.numerator, seen.denominator);
            }
        }
        for (histogram, seen) in outcome.spreads.iter_mut().zip(spreads) {
            histogram.merge(seen);
        }
        outcome.replications += 1;
        outcome.events += record.events;
        outcome.rows += record.rows;
        outcome.sim_seconds += record.now.as_secs_f64();
        self.hashes.extend(record.hash);
    }

    fn finish(mut self) -> Outcome {
        self.outcome.is_complete &= self.outcome.replications == self.plan.replications;
        self.outcome.ledger_hash = match self.hashes.as_slice() {
            [] => None,
            [only] if self.plan.replications == 1 => Some(*only),
            _ => Some(LedgerHash::combine(self.hashes.iter().copied())),
        };
        self.outcome
    }
}
