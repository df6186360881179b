//! The clock seam: when a world may go on to its next event.
//!
//! A clock is asked with the wall time, which the host reads; so this ring needs none. [`SimulatedClock`] says
//! "now" to everything, [`RealtimeClock`] follows the wall clock at a rate and keeps account of how late it was.

use crate::time::{SimDuration, SimTime};

/// A reading of the host's monotonic clock, in nanoseconds since any fixed instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallTime(pub i64);

/// A clock's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The event may be handled.
    Now,
    /// Ask again after this much wall time.
    Wait(SimDuration),
}

/// Decides when a world's next event may be handled.
pub trait Clock {
    /// Whether an event due at `due` may be handled at the wall time `wall`.
    fn admit(&mut self, due: SimTime, wall: WallTime) -> Admission;

    /// Simulated time at `wall`, where the clock has an opinion: a world that waits for input lives at this time.
    fn now(&self, wall: WallTime) -> Option<SimTime>;
}

/// Jumps to the next event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SimulatedClock;

impl Clock for SimulatedClock {
    fn admit(&mut self, _due: SimTime, _wall: WallTime) -> Admission {
        Admission::Now
    }

    fn now(&self, _wall: WallTime) -> Option<SimTime> {
        None
    }
}

/// How well a [`RealtimeClock`] was followed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Punctuality {
    /// Events admitted.
    pub events: u64,
    /// Events admitted later than the tolerance allows.
    pub late_events: u64,
    /// The latest of all, in wall time.
    pub worst: SimDuration,
    /// Sum of all lateness, in wall nanoseconds; divided by `events` the mean drift.
    pub total_nanos: i128,
}

/// Follows the wall clock: `rate` simulated seconds pass in one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RealtimeClock {
    rate: f64,
    tolerance: SimDuration,
    started: Option<(SimTime, WallTime)>,
    punctuality: Punctuality,
}

/// A rate that no clock can follow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateError {
    /// The rate asked for; it must be positive and finite.
    pub got: f64,
}

impl std::fmt::Display for RateError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "a clock cannot run at rate {}: a positive number is expected",
            self.got
        )
    }
}

impl std::error::Error for RateError {}

impl RealtimeClock {
    /// A clock of this rate; an event counts as late past `tolerance` of wall time.
    ///
    /// # Errors
    /// [`RateError`] unless the rate is positive and finite.
    pub fn new(rate: f64, tolerance: SimDuration) -> Result<Self, RateError> {
        if !(rate.is_finite() && rate > 0.0) {
            return Err(RateError { got: rate });
        }
        Ok(Self {
            rate,
            tolerance,
            started: None,
            punctuality: Punctuality::default(),
        })
    }

    /// Ties simulated to wall time, at the start and after every pause.
    pub fn start(&mut self, now: SimTime, wall: WallTime) {
        self.started = Some((now, wall));
    }

    /// How well it was followed so far.
    #[must_use]
    pub fn punctuality(&self) -> Punctuality {
        self.punctuality
    }
}

impl Clock for RealtimeClock {
    fn admit(&mut self, due: SimTime, wall: WallTime) -> Admission {
        let (origin, wall_origin) = *self.started.get_or_insert((due, wall));
        // Computed from the origin each time, so that rounding never adds up to drift.
        let due_after = due.since(origin).nanos() as f64 / self.rate;
        let due_after = match SimDuration::from_nanos_f64(due_after) {
            Some(nanos) => nanos.nanos(),
            None if due_after < 0.0 => i64::MIN,
            None => i64::MAX,
        };
        let passed = wall.0.saturating_sub(wall_origin.0);
        let lateness = passed.saturating_sub(due_after);
        if lateness < 0 {
            return Admission::Wait(SimDuration::from_nanos(lateness.saturating_neg()));
        }
        let punctuality = &mut self.punctuality;
        punctuality.events += 1;
        punctuality.late_events += u64::from(lateness > self.tolerance.nanos());
        punctuality.worst = punctuality.worst.max(SimDuration::from_nanos(lateness));
        punctuality.total_nanos += i128::from(lateness);
        Admission::Now
    }

    fn now(&self, wall: WallTime) -> Option<SimTime> {
        let (origin, wall_origin) = self.started?;
        let passed = wall.0.saturating_sub(wall_origin.0) as f64 * self.rate;
        let passed = SimDuration::from_nanos_f64(passed)?;
        Some(origin.saturating_add(passed))
    }
}
