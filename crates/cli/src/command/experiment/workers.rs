//! Threads that do an experiment's jobs, each with a laboratory of its own.
//!
//! One lock holds the experiment; it is taken for a moment between jobs. Who does which job, and when, has no part in
//! the result. What ends the work is a flag, so that no thread is left behind.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pluriverse_experiment::{Experiment, ExperimentError, Job, JobResult, Laboratory};
use pluriverse_kernel::replicate::Verdict;
use pluriverse_report::quantity;

use super::state_file::StateFile;
use crate::{
    failure::{Failure, finding},
    interrupt::Interrupt,
    progress::Shown,
};

/// Time between two drawings of the bar.
const REDRAW: Duration = Duration::from_millis(80);
/// Steps of the bar.
const STEPS: u64 = 1_000;

/// How the jobs are done.
pub(super) struct Session {
    pub(super) threads: usize,
    pub(super) shown: Shown,
    pub(super) interrupt: &'static Interrupt,
}

/// An experiment whose work has ended, done or not.
pub(super) struct Worked {
    pub(super) experiment: Experiment,
    /// Runs that the state file had already.
    pub(super) runs_resumed: u64,
    pub(super) wall: Duration,
    trouble: Option<Failure>,
}

impl Worked {
    /// Why it ended early, where that is somebody's fault.
    pub(super) fn take_failure(&mut self) -> Option<Failure> {
        if let Some(trouble) = self.trouble.take() {
            return Some(trouble);
        }
        let error = self.experiment.failure()?;
        let help = match error {
            ExperimentError::NothingObserved { .. } => {
                "let runs be longer, or ask for something that is observed in each"
            }
            ExperimentError::TooMany { .. } => "ask for fewer points or replications",
            _ => "",
        };
        Some(Failure::run(finding(error.to_string()).help(help)))
    }
}

/// What the threads share.
struct Shared {
    experiment: Experiment,
    state: Option<StateFile>,
    runs_resumed: u64,
    /// Jobs that somebody is at.
    under_way: usize,
    trouble: Option<Failure>,
    drawn: Instant,
}

/// The threads' common place.
struct Pool<'a> {
    shared: Mutex<Shared>,
    changed: Condvar,
    bar: ProgressBar,
    began: Instant,
    interrupt: &'a Interrupt,
}

impl Session {
    /// Does the experiment to its end, or to where it is stopped.
    pub(super) fn run(&self, experiment: Experiment, state: Option<StateFile>) -> Worked {
        let began = Instant::now();
        let workload = experiment.study().workload.clone();
        let pool = Pool {
            shared: Mutex::new(Shared {
                experiment,
                state,
                runs_resumed: 0,
                under_way: 0,
                trouble: None,
                drawn: began,
            }),
            changed: Condvar::new(),
            bar: self.bar(),
            began,
            interrupt: self.interrupt,
        };
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| pool.work(Laboratory::new(workload.clone())));
            }
        });
        pool.bar.finish_and_clear();
        let shared = pool
            .shared
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let closed = shared.state.map_or(Ok(()), StateFile::close);
        Worked {
            experiment: shared.experiment,
            runs_resumed: shared.runs_resumed,
            wall: began.elapsed(),
            trouble: shared.trouble.or(closed.err()),
        }
    }

    fn bar(&self) -> ProgressBar {
        let target = match self.shown {
            Shown::OnTerminals => ProgressDrawTarget::stderr(),
            Shown::Never => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(STEPS), target);
        bar.set_style(
            ProgressStyle::with_template("{bar:24} {percent:>3} %  {wide_msg}")
                .expect("the template is a literal that parses"),
        );
        bar
    }
}

impl Pool<'_> {
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, mut laboratory: Laboratory) {
        let verdict = || {
            if self.interrupt.is_requested() {
                Verdict::Stop
            } else {
                Verdict::Continue
            }
        };
        while let Some(job) = self.next_job() {
            let result = laboratory.run_while(&job, &verdict);
            self.hand_in(result);
        }
    }

    /// The next job that is not done yet; `None` when there is no more work here.
    fn next_job(&self) -> Option<Job> {
        let mut shared = self.lock();
        loop {
            if shared.trouble.is_some() || self.interrupt.is_requested() {
                return None;
            }
            match shared.experiment.poll_job() {
                Some(job) => {
                    let known = shared.state.as_mut().and_then(|state| state.take(job.id));
                    match known {
                        Some(known) => {
                            shared.runs_resumed += job.count;
                            shared.take(known);
                            self.changed.notify_all();
                        }
                        None => {
                            shared.under_way += 1;
                            return Some(job);
                        }
                    }
                }
                None if shared.experiment.is_done() || shared.under_way == 0 => return None,
                None => {
                    let woken = self.changed.wait(shared);
                    shared = woken.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    fn hand_in(&self, result: Option<JobResult>) {
        let mut shared = self.lock();
        shared.under_way -= 1;
        if let Some(result) = result.filter(|_| shared.trouble.is_none()) {
            let noted = match &mut shared.state {
                Some(state) if result.outcome.is_ok() => state.append(&result),
                _ => Ok(()),
            };
            match noted {
                Ok(()) => shared.take(result),
                Err(failure) => shared.trouble = Some(failure),
            }
        }
        self.draw(&mut shared);
        drop(shared);
        self.changed.notify_all();
    }

    fn draw(&self, shared: &mut Shared) {
        if self.bar.is_hidden() || shared.drawn.elapsed() < REDRAW {
            return;
        }
        shared.drawn = Instant::now();
        let progress = shared.experiment.progress();
        let (done, asked) = (progress.runs_done, progress.runs_asked.max(1));
        let mut message = format!(
            "{} of {} runs · {}",
            quantity::whole(done),
            quantity::whole(asked),
            progress.phase
        );
        let fresh = done.saturating_sub(shared.runs_resumed);
        if fresh > 0 {
            let left = self.began.elapsed().as_secs_f64() / fresh as f64 * (asked - done) as f64;
            message.push_str(&format!(" · {} left of these", quantity::duration(left)));
        }
        self.bar.set_position(done * STEPS / asked);
        self.bar.set_message(message);
    }
}

impl Shared {
    /// Takes a result into account.
    fn take(&mut self, result: JobResult) {
        if let Err(error) = self.experiment.handle_result(result) {
            let help = match &self.state {
                Some(state) => state.advice(),
                None => String::new(),
            };
            self.trouble = Some(Failure::run(finding(error.to_string()).help(help)));
        }
    }
}
