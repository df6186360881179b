//! Simulated time: integer nanoseconds, so that every host counts alike.
//!
//! A [`SimTime`] is a point (since the UTC epoch or the scenario's origin), a [`SimDuration`] a distance.
//! Arithmetic is checked: an overflow is an answer (`None`), never a wrapped clock. Knows no calendar.

use serde::{Deserialize, Serialize};

mod text;

pub use text::ParseDurationError;

const NANOS_PER_SEC: i64 = 1_000_000_000;

/// A point in simulated time, in nanoseconds since the scenario's origin.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct SimTime(i64);

/// A distance between two points in simulated time, in nanoseconds; may be negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct SimDuration(i64);

impl SimTime {
    /// The scenario's origin.
    pub const ZERO: Self = Self(0);
    /// The last point that can be told; stands for "never" where a limit is optional.
    pub const MAX: Self = Self(i64::MAX);

    /// The point `nanos` nanoseconds after the origin.
    #[inline]
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The point `secs` whole seconds after the origin, saturating at the ends of time.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(NANOS_PER_SEC))
    }

    /// Nanoseconds since the origin.
    #[inline]
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Seconds since the origin, as the nearest `f64`.
    #[inline]
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SEC as f64
    }

    /// This point moved by `delay`, or `None` past the ends of time.
    #[inline]
    #[must_use]
    pub const fn checked_add(self, delay: SimDuration) -> Option<Self> {
        match self.0.checked_add(delay.0) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// This point moved by `delay`, held at the ends of time.
    #[must_use]
    pub const fn saturating_add(self, delay: SimDuration) -> Self {
        Self(self.0.saturating_add(delay.0))
    }

    /// How far this point lies after `earlier` (negative when it lies before), held at the ends of time.
    #[inline]
    #[must_use]
    pub const fn since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest duration.
    pub const MAX: Self = Self(i64::MAX);

    /// A duration of `nanos` nanoseconds.
    #[inline]
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// A duration of whole seconds, saturating.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(NANOS_PER_SEC))
    }

    /// The duration nearest to `secs` seconds, or `None` for NaN and what does not fit.
    #[must_use]
    pub fn from_secs_f64(secs: f64) -> Option<Self> {
        Self::from_nanos_f64(secs * NANOS_PER_SEC as f64)
    }

    /// The duration nearest to `nanos` nanoseconds (ties to even), or `None` for NaN and what does not fit.
    #[inline]
    #[must_use]
    pub fn from_nanos_f64(nanos: f64) -> Option<Self> {
        /// Adding 2⁵² leaves no bits below one: the sum is rounded as IEEE 754 says, and its low 52 bits are the
        /// whole number.
        const ROUNDER: f64 = 4_503_599_627_370_496.0;
        if (0.0..ROUNDER / 2.0).contains(&nanos) {
            let bits = (nanos + ROUNDER).to_bits() - ROUNDER.to_bits();
            return Some(Self(bits.cast_signed()));
        }
        Self::from_far_nanos_f64(nanos)
    }

    /// The duration nearest to `nanos` nanoseconds where they are negative or more than some 26 days.
    ///
    /// Never inlined: engines of WebAssembly lift its conversions out of whatever loop it would be part of.
    #[cold]
    #[inline(never)]
    fn from_far_nanos_f64(nanos: f64) -> Option<Self> {
        const LIMIT: f64 = 9.223_372_036_854_775e18;
        if !(nanos > -LIMIT && nanos < LIMIT) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        let whole = libm::rint(nanos) as i64;
        Some(Self(whole))
    }

    /// Nanoseconds.
    #[inline]
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Seconds, as the nearest `f64`.
    #[inline]
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SEC as f64
    }

    /// The sum, or `None` when it does not fit.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// `count` times this duration, or `None` when it does not fit.
    #[must_use]
    pub const fn checked_mul(self, count: i64) -> Option<Self> {
        match self.0.checked_mul(count) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// Whether time would run backwards.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}
