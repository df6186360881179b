//! A progress bar on the terminal, and the ear that a run lends to Ctrl-C.
//!
//! The bar is drawn on standard error and only where that is a terminal. Runs on several threads report to one
//! bar; none of them waits for it longer than an addition takes.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pluriverse_kernel::{
    replicate::{Observer, RunPlan, Verdict},
    scenario::RunKey,
    time::SimTime,
    world::World,
};

use pluriverse_report::quantity;

use crate::interrupt::Interrupt;

/// Steps of the bar.
const STEPS: u64 = 1_000;
/// Time between two drawings.
const REDRAW: Duration = Duration::from_millis(80);

/// Whether there is to be a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Where standard error is a terminal.
    OnTerminals,
    /// Nowhere.
    Never,
}

/// Follows runs.
pub(crate) struct Progress {
    interrupt: &'static Interrupt,
    bar: ProgressBar,
    replications: u64,
    until: Option<SimTime>,
    began: Instant,
    seen: Mutex<Seen>,
}

/// What all runs together have come to.
struct Seen {
    events: u64,
    done: u64,
    sim_seconds: f64,
    /// Where the runs are that go on at the moment.
    running: BTreeMap<u64, SimTime>,
    drawn: Instant,
}

impl Progress {
    /// Follows a plan whose runs end at `until`, where that is known.
    pub(crate) fn new(
        plan: RunPlan,
        until: Option<SimTime>,
        shown: Shown,
        interrupt: &'static Interrupt,
    ) -> Self {
        let target = match shown {
            Shown::OnTerminals => ProgressDrawTarget::stderr(),
            Shown::Never => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(STEPS), target);
        let template = match until {
            Some(_) => "{bar:24} {percent:>3} %  {wide_msg}",
            None => "{spinner} {wide_msg}",
        };
        bar.set_style(
            ProgressStyle::with_template(template).expect("the template is a literal that parses"),
        );
        let began = Instant::now();
        let seen = Seen {
            events: 0,
            done: 0,
            sim_seconds: 0.0,
            running: BTreeMap::new(),
            drawn: began,
        };
        Self {
            interrupt,
            bar,
            replications: plan.replications,
            until,
            began,
            seen: Mutex::new(seen),
        }
    }

    /// Takes a run that goes on from a snapshot to be at `now`.
    pub(crate) fn resume(&self, key: RunKey, now: SimTime) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.running.insert(key.replication, now);
    }

    /// Takes the bar away and returns the time that the runs took.
    pub(crate) fn end(&self) -> Duration {
        let took = self.began.elapsed();
        self.bar.finish_and_clear();
        took
    }

    fn note(&self, key: RunKey, now: SimTime, events: u64) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let before = seen
            .running
            .insert(key.replication, now)
            .unwrap_or(SimTime::ZERO);
        seen.sim_seconds += now.since(before).as_secs_f64();
        seen.events += events;
        if self.bar.is_hidden() || seen.drawn.elapsed() < REDRAW {
            return;
        }
        seen.drawn = Instant::now();
        self.draw(&seen);
    }

    fn draw(&self, seen: &Seen) {
        let wall = self.began.elapsed().as_secs_f64().max(1e-9);
        let rate = quantity::compact(seen.events as f64 / wall);
        let speedup = quantity::compact(seen.sim_seconds / wall);
        let mut message = if self.replications > 1 {
            format!(
                "{} of {} replications",
                quantity::whole(seen.done),
                quantity::whole(self.replications)
            )
        } else {
            let now = quantity::duration(seen.sim_seconds);
            match self.until {
                Some(until) => format!("{now} of {}", quantity::duration(until.as_secs_f64())),
                None => now,
            }
        };
        message.push_str(&format!(" · {rate} events/s · {speedup} × real time"));
        if let Some(share) = self.share(seen) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share is within 0 and 1"
            )]
            self.bar.set_position((share * STEPS as f64) as u64);
            if share > 0.0 {
                message.push_str(&format!(
                    " · {} left",
                    quantity::duration(wall * (1.0 - share) / share)
                ));
            }
        }
        self.bar.set_message(message);
    }

    /// How much of everything is done, from 0 to 1, where the end is known.
    fn share(&self, seen: &Seen) -> Option<f64> {
        let until = self
            .until
            .filter(|until| *until > SimTime::ZERO)?
            .as_secs_f64();
        let running: f64 = seen
            .running
            .values()
            .map(|now| (now.as_secs_f64() / until).min(1.0))
            .sum();
        Some(((seen.done as f64 + running) / self.replications as f64).clamp(0.0, 1.0))
    }
}

impl Observer for Progress {
    fn moved(&self, key: RunKey, now: SimTime, events: u64) -> Verdict {
        self.note(key, now, events);
        if self.interrupt.is_requested() {
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
