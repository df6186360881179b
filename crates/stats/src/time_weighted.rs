//! Time integral of a level that changes in steps: queue length, busy servers, stock.
//!
//! Levels and times are integers and the area is an exact `i128`, so a mean does not drift however long the
//! run. The area cannot overflow: a level of 63 bits over at most 2⁶⁴ nanoseconds. Time never runs backwards.

use serde::{Deserialize, Serialize};

/// Integral, mean and maximum of an integer level over time in nanoseconds.
///
/// A change takes effect at its instant: the level before it counts up to that instant, the new one from
/// there. Of several changes at one instant only the last has an area, but all count towards [`max`](Self::max).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeWeighted {
    area: i128,
    since: i64,
    level: i64,
    max: i64,
    start: i64,
}

impl TimeWeighted {
    /// Starts to observe at time `start`, with `level` in force.
    #[must_use]
    pub const fn new(start: i64, level: i64) -> Self {
        Self {
            area: 0,
            since: start,
            level,
            max: level,
            start,
        }
    }

    /// From `now` on, the level is `level`.
    ///
    /// # Panics
    /// When `now` lies before the last change.
    #[inline]
    pub fn set(&mut self, now: i64, level: i64) {
        self.area += self.pending(now);
        self.since = now;
        self.level = level;
        self.max = self.max.max(level);
    }

    /// From `now` on, the level is `delta` higher.
    ///
    /// # Panics
    /// When `now` lies before the last change, or the level leaves the range of `i64`.
    #[inline]
    pub fn add(&mut self, now: i64, delta: i64) {
        let level = self
            .level
            .checked_add(delta)
            .expect("the level stays within i64");
        self.set(now, level);
    }

    /// The level now in force.
    #[inline]
    #[must_use]
    pub fn level(&self) -> i64 {
        self.level
    }

    /// Highest level since the start, or since the last [`restart`](Self::restart).
    #[inline]
    #[must_use]
    pub fn max(&self) -> i64 {
        self.max
    }

    /// Time from which the area is counted.
    #[must_use]
    pub fn start(&self) -> i64 {
        self.start
    }

    /// Time of the last change, or of the start.
    #[must_use]
    pub fn since(&self) -> i64 {
        self.since
    }

    /// Integral of the level from the start to `now`, in level × nanoseconds.
    ///
    /// # Panics
    /// When `now` lies before the last change.
    #[inline]
    #[must_use]
    pub fn area_until(&self, now: i64) -> i128 {
        self.area + self.pending(now)
    }

    /// Mean level from the start to `now`; over no time at all, the level in force.
    ///
    /// # Panics
    /// When `now` lies before the last change.
    #[must_use]
    pub fn mean_until(&self, now: i64) -> f64 {
        let area = self.area_until(now);
        match now.abs_diff(self.start) {
            0 => self.level as f64,
            elapsed => area as f64 / elapsed as f64,
        }
    }

    /// Forgets the past at `now` and keeps the level: the end of a warm-up period.
    ///
    /// # Panics
    /// When `now` lies before the last change.
    pub fn restart(&mut self, now: i64) {
        assert!(
            now >= self.since,
            "restart at {now}, before the last change at {}",
            self.since
        );
        *self = Self::new(now, self.level);
    }

    #[inline]
    fn pending(&self, now: i64) -> i128 {
        if now < self.since {
            self.refuse(now);
        }
        product(self.level, now.abs_diff(self.since))
    }

    #[cold]
    fn refuse(&self, now: i64) -> ! {
        panic!("time ran back from {} to {now}", self.since);
    }
}

/// An area, exactly.
#[inline]
fn product(level: i64, elapsed: u64) -> i128 {
    // WebAssembly has no multiplication of this width: it is left to where the area may leave 63 bits.
    let is_small = elapsed < 1 << 43 && (0..1 << 20).contains(&level);
    if cfg!(target_family = "wasm") && is_small {
        return i128::from(level.wrapping_mul(elapsed.cast_signed()));
    }
    i128::from(level) * i128::from(elapsed)
}
