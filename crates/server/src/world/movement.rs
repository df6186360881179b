//! How a world is moved: by a call that somebody waits for, or by itself at a speed.
//!
//! Knows the wall clock, but takes its instants as arguments.

use std::time::{Duration, Instant};

use pluriverse_kernel::time::{SimDuration, SimTime};
use serde::Serialize;
use utoipa::ToSchema;

/// How far behind the clock a world that plays may fall before the clock waits for it.
const LAG_MAX: Duration = Duration::from_millis(250);

/// A call of the lifecycle.
#[derive(Debug)]
pub(crate) enum Move {
    /// Begins.
    Start,
    /// Handles one event.
    Step,
    /// Handles what is due up to a time, at most so many events.
    Run {
        /// The time; the far end of time for "to the end".
        until: SimTime,
        /// At most so many events.
        max_events: u64,
    },
    /// Goes to a time, forwards or back.
    Seek(SimTime),
    /// Holds the world.
    Pause,
    /// Lets it go on.
    Resume,
    /// Becomes what a snapshot was.
    Restore(Vec<u8>),
}

impl Move {
    /// What the call is called.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Step => "step",
            Self::Run { .. } => "run",
            Self::Seek(_) => "seek",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Restore(_) => "restore",
        }
    }
}

/// How a world plays.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Playing {
    /// Simulated seconds a second; `null` for as fast as possible.
    pub(crate) speed: Option<f64>,
}

/// The clock of a world that plays.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) playing: Playing,
    since: Instant,
    from: SimTime,
}

impl Pace {
    /// A clock that starts at `now` with the world at `at`.
    pub(crate) fn new(speed: Option<f64>, now: Instant, at: SimTime) -> Self {
        Self {
            playing: Playing { speed },
            since: now,
            from: at,
        }
    }

    /// How far the world should be by `now`.
    pub(crate) fn target(&self, now: Instant) -> SimTime {
        let Some(speed) = self.playing.speed else {
            return SimTime::MAX;
        };
        let seconds = now.duration_since(self.since).as_secs_f64() * speed;
        SimDuration::from_secs_f64(seconds)
            .map_or(SimTime::MAX, |span| self.from.saturating_add(span))
    }

    /// Lets the clock wait for a world that is at `at` and cannot keep up.
    pub(crate) fn wait_for(&mut self, now: Instant, at: SimTime) {
        let Some(speed) = self.playing.speed else {
            return;
        };
        let behind = self.target(now).as_secs_f64() - at.as_secs_f64();
        if behind > LAG_MAX.as_secs_f64() * speed {
            *self = Self::new(Some(speed), now, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_runs_at_its_speed_and_waits_for_a_world_that_is_slow() {
        let start = Instant::now();
        let mut pace = Pace::new(Some(60.0), start, SimTime::from_secs(100));
        let later = start + Duration::from_secs(2);
        assert_eq!(pace.target(start), SimTime::from_secs(100));
        assert_eq!(pace.target(later), SimTime::from_secs(220));

        pace.wait_for(later, SimTime::from_secs(219));
        assert_eq!(pace.target(later), SimTime::from_secs(220));
        pace.wait_for(later, SimTime::from_secs(150));
        assert_eq!(pace.target(later), SimTime::from_secs(150));
    }

    #[test]
    fn without_a_speed_there_is_no_waiting() {
        let now = Instant::now();
        assert_eq!(
            Pace::new(None, now, SimTime::ZERO).target(now),
            SimTime::MAX
        );
        let fast = Pace::new(Some(1e300), now, SimTime::ZERO);
        assert_eq!(fast.target(now + Duration::from_secs(1)), SimTime::MAX);
    }
}
