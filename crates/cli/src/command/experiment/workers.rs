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
use pluriverse_files::experiment_state::{Resumable, ResumeError};
use pluriverse_kernel::replicate::Verdict;
use pluriverse_report::quantity;

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
    resumable: Resumable,
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
    pub(super) fn run(&self, resumable: Resumable) -> Worked {
        let began = Instant::now();
        let workload = resumable.experiment().study().workload.clone();
        let pool = Pool {
            shared: Mutex::new(Shared {
                resumable,
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
        let runs_resumed = shared.resumable.runs_resumed();
        let (experiment, closed) = shared.resumable.close();
        Worked {
            experiment,
            runs_resumed,
            wall: began.elapsed(),
            trouble: shared.trouble.or(closed.err().map(Failure::from)),
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
            let resumed = shared.resumable.runs_resumed();
            let polled = shared.resumable.poll_job();
            if shared.resumable.runs_resumed() > resumed {
                // What the file knew may have made jobs for the others.
                self.changed.notify_all();
            }
            match polled {
                Ok(Some(job)) => {
                    shared.under_way += 1;
                    return Some(job);
                }
                Ok(None) if shared.under_way == 0 || shared.resumable.experiment().is_done() => {
                    return None;
                }
                Ok(None) => {
                    let woken = self.changed.wait(shared);
                    shared = woken.unwrap_or_else(PoisonError::into_inner);
                }
                Err(error) => shared.trouble = Some(error.into()),
            }
        }
    }

    fn hand_in(&self, result: Option<JobResult>) {
        let mut shared = self.lock();
        shared.under_way -= 1;
        if let Some(result) = result.filter(|_| shared.trouble.is_none()) {
            let taken = shared.resumable.handle_result(result);
            shared.trouble = taken.err().map(|error| match error {
                ResumeError::State(error) => error.into(),
                ResumeError::Experiment(error) => Failure::run(finding(error.to_string())),
            });
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
        let progress = shared.resumable.experiment().progress();
        let (done, asked) = (progress.runs_done, progress.runs_asked.max(1));
        let mut message = format!(
            "{} of {} runs · {}",
            quantity::whole(done),
            quantity::whole(asked),
            progress.phase
        );
        let fresh = done.saturating_sub(shared.resumable.runs_resumed());
        if fresh > 0 {
            let left = self.began.elapsed().as_secs_f64() / fresh as f64 * (asked - done) as f64;
            message.push_str(&format!(" · {} left of these", quantity::duration(left)));
        }
        self.bar.set_position(done * STEPS / asked);
        self.bar.set_message(message);
    }
}
