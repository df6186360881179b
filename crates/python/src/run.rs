//! Runs of a scenario to their ends, on as many threads as wanted, while Python goes on with something else.
//!
//! The thread that asked waits beside them: it hears Ctrl-C and tells how far they are. The outcome is the same to the
//! bit on any number of threads.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use pluriverse_kernel::{
    ledger::Ledger,
    replicate::{Observer, Outcome as Measured, RunPlan, Verdict, replicate},
    scenario::RunKey,
    time::SimTime,
    world::{RunError, World},
};
use pluriverse_store::{Format, create};
use pyo3::prelude::*;

use crate::{
    fault::Fault,
    numbers::{self, Whole},
    outcome::Outcome,
    scenario::{Held, Scenario},
};

/// How often the waiting thread hears signals and tells how far the runs are.
const LISTEN: Duration = Duration::from_millis(50);

/// What all runs together have come to.
#[derive(Default)]
struct Seen {
    events: u64,
    done: u64,
    /// Where the runs are that go on at the moment.
    running: BTreeMap<u64, SimTime>,
}

/// Follows runs, and ends them where that is wanted.
#[derive(Default)]
struct Watch {
    is_over: AtomicBool,
    seen: Mutex<Seen>,
}

impl Observer for Watch {
    fn moved(&self, key: RunKey, now: SimTime, events: u64) -> Verdict {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.events += events;
        seen.running.insert(key.replication, now);
        // Ordering: the flag publishes no data.
        if self.is_over.load(Ordering::Relaxed) {
            Verdict::Stop
        } else {
            Verdict::Continue
        }
    }

    fn completed(&self, key: RunKey, _world: &dyn World) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.running.remove(&key.replication);
        seen.done += 1;
    }
}

impl Watch {
    /// Complete runs, the share of everything that is done where the end is known, events so far.
    fn told(&self, plan: RunPlan, until: Option<SimTime>) -> (u64, Option<f64>, u64) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let until = until.filter(|until| *until > SimTime::ZERO);
        let share = until.map(|until| {
            let running = seen.running.values();
            let running: f64 = running
                .map(|now| (now.as_secs_f64() / until.as_secs_f64()).min(1.0))
                .sum();
            ((seen.done as f64 + running) / plan.replications as f64).clamp(0.0, 1.0)
        });
        (seen.done, share, seen.events)
    }
}

/// Seed, number of replications and of threads, where they are named.
type Asked = (Option<Whole>, Option<Whole>, Option<Whole>);

/// How runs ended, and how long they took.
type Ending = (Result<Measured, RunError>, Duration);

/// Where the thread that runs says how it ended.
#[derive(Default)]
struct Finish {
    ending: Mutex<Option<Ending>>,
    said: Condvar,
}

impl Finish {
    fn say(&self, ending: Ending) {
        *self.ending.lock().unwrap_or_else(PoisonError::into_inner) = Some(ending);
        self.said.notify_all();
    }

    /// The ending, when it comes within `LISTEN`.
    fn hear(&self) -> Option<Ending> {
        let guard = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = self
            .said
            .wait_timeout_while(guard, LISTEN, |ending| ending.is_none());
        heard.unwrap_or_else(PoisonError::into_inner).0.take()
    }
}

/// Runs replications of a scenario, as many as `plan` says (seed, replications, threads); the ledger of the first goes to a file, where one is named. `progress` is called
/// now and then with the runs that are complete, the share that is done and the events so far.
#[pyfunction]
#[pyo3(signature = (scenario, plan, *, ledger=None, progress=None))]
pub(crate) fn run(
    py: Python<'_>,
    scenario: &Scenario,
    plan: Asked,
    ledger: Option<PathBuf>,
    progress: Option<Bound<'_, PyAny>>,
) -> Result<Outcome, Fault> {
    let held = &scenario.0;
    let plan = planned(held, plan)?;
    let first = RunKey {
        seed: plan.seed,
        replication: 0,
    };
    let sink = ledger
        .map(|path| create(&path, Format::of_path(&path)?, held.provenance(first)))
        .transpose()?;
    let recorded = Mutex::new(sink.map(Ledger::to_sink));
    let ledgers = |key: RunKey| match key.replication {
        0 => recorded
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(),
        _ => None,
    };
    let watch = Watch::default();
    let finish = Finish::default();
    let until = held.defaults().until;
    let began = Instant::now();
    let ended = std::thread::scope(|scope| {
        let runs = scope.spawn(|| {
            let ending = replicate(&*held.scenario, plan, &ledgers, &watch);
            finish.say((ending, began.elapsed()));
        });
        let ended = wait(py, &finish, || match &progress {
            Some(progress) => progress.call1(watch.told(plan, until)).map(drop),
            None => Ok(()),
        });
        // Ordering: the flag publishes no data.
        watch.is_over.store(ended.is_err(), Ordering::Relaxed);
        // The runs catch the panics of models; whatever else there is, the ending has been said or has not.
        let _ = py.detach(|| runs.join());
        ended
    });
    let (ending, wall) = ended?;
    let measured = ending?;
    if let Some(progress) = &progress {
        progress.call1(watch.told(plan, until))?;
    }
    Ok(Outcome::new(held, plan, measured, wall))
}

/// Waits for the end of the runs without holding Python up.
///
/// # Errors
/// What a signal or `look` raises.
fn wait(py: Python<'_>, finish: &Finish, look: impl Fn() -> PyResult<()>) -> PyResult<Ending> {
    loop {
        if let Some(ended) = py.detach(|| finish.hear()) {
            return Ok(ended);
        }
        py.check_signals()?;
        look()?;
    }
}

fn planned(held: &Held, (seed, replications, threads): Asked) -> Result<RunPlan, Fault> {
    let defaults = held.defaults();
    let seed = numbers::within(seed, "seed", numbers::ANY)?;
    let replications = numbers::within(replications, "replications", numbers::SOME)?
        .unwrap_or(defaults.replications);
    let threads = numbers::within(threads, "threads", numbers::SOME)?.map(numbers::count);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.unwrap_or(cores).min(THREADS_MAX);
    Ok(RunPlan {
        seed: seed.unwrap_or(defaults.seed),
        replications,
        threads: threads.min(usize::try_from(replications).unwrap_or(usize::MAX)),
    })
}

/// More threads than this only make the system refuse them.
const THREADS_MAX: usize = 1024;
