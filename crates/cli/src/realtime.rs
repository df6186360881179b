//! The wall clock: reads it for a [`RealtimeClock`], sleeps until the next event is due, and tells how it went.

use std::time::{Duration, Instant};

use pluriverse_kernel::{
    clock::{Admission, Clock, Punctuality, RealtimeClock, WallTime},
    time::{SimDuration, SimTime},
};

use pluriverse_report::quantity;

use crate::interrupt::Interrupt;

/// Wall time past which an event counts as late: what a scheduler that is not overloaded keeps to.
pub(crate) const TOLERANCE: SimDuration = SimDuration::from_nanos(10_000_000);

/// Longest sleep between two looks at the clock, so that the display lives.
const NAP_MAX: Duration = Duration::from_millis(200);

/// A clock and the wall that it hangs on.
pub(crate) struct Wall {
    clock: RealtimeClock,
    hung: Instant,
}

impl Wall {
    /// Ties `now` to this moment.
    pub(crate) fn hang(mut clock: RealtimeClock, now: SimTime) -> Self {
        clock.start(now, WallTime::default());
        Self {
            clock,
            hung: Instant::now(),
        }
    }

    /// Sleeps until the event due at `due` may be handled, and notes how late it was; `tick` is told the time
    /// on the way.
    pub(crate) fn wait_for_event(
        &mut self,
        due: SimTime,
        interrupt: &Interrupt,
        tick: &dyn Fn(SimTime),
    ) -> Waited {
        let waited = self.wait(due, interrupt, tick);
        if waited == Waited::Due {
            self.clock.admit(due, self.read());
        }
        waited
    }

    /// Sleeps until `due`.
    pub(crate) fn wait(
        &self,
        due: SimTime,
        interrupt: &Interrupt,
        tick: &dyn Fn(SimTime),
    ) -> Waited {
        // A copy answers, so that its account of lateness is not kept.
        let mut clock = self.clock;
        loop {
            if interrupt.is_requested() {
                return Waited::Interrupted;
            }
            let wall = self.read();
            let Admission::Wait(left) = clock.admit(due, wall) else {
                return Waited::Due;
            };
            if let Some(now) = clock.now(wall) {
                tick(now);
            }
            interrupt.sleep(Duration::from_nanos(left.nanos().max(0).unsigned_abs()).min(NAP_MAX));
        }
    }

    /// How well the clock was followed.
    pub(crate) fn punctuality(&self) -> Punctuality {
        self.clock.punctuality()
    }

    fn read(&self) -> WallTime {
        WallTime(i64::try_from(self.hung.elapsed().as_nanos()).unwrap_or(i64::MAX))
    }
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    /// The time has come.
    Due,
    /// The user asked to stop.
    Interrupted,
}

/// Mean lateness in seconds of wall time; `None` before the first event.
pub(crate) fn mean_drift_seconds(seen: &Punctuality) -> Option<f64> {
    (seen.events > 0).then(|| seen.total_nanos as f64 / seen.events as f64 * 1e-9)
}

/// How well the clock was followed, in a sentence.
pub(crate) fn sentence(seen: &Punctuality) -> String {
    let Some(mean) = mean_drift_seconds(seen) else {
        return "no event was due".to_owned();
    };
    let worst = quantity::duration(seen.worst.as_secs_f64());
    let late = match seen.late_events {
        0 => "none late".to_owned(),
        count => format!("{} late", quantity::whole(count)),
    };
    let events = quantity::whole(seen.events);
    format!(
        "{} behind on average, {worst} at worst; of {events} events {late} (by more than {TOLERANCE})",
        quantity::duration(mean)
    )
}
