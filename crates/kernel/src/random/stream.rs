//! The sequential stream: xoshiro256++ and the draws that everything else is made of.
//!
//! The state is never all zero, also when it comes from a file. One call of [`Stream::next_u64`] moves the
//! state by one; the other draws say how many they use, or that it varies. A mirrored stream goes through the same
//! states and gives each draw turned over: large where the other's is small.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::{GOLDEN_GAMMA, StreamKey, ziggurat};

/// 2⁻⁵³, the spacing of the values of [`Stream::next_f64`].
const UNIT_53: f64 = 1.0 / (1_u64 << 53) as f64;
/// 2⁻⁵², the spacing of the values of [`Stream::next_open_f64`].
const UNIT_52: f64 = 1.0 / (1_u64 << 52) as f64;

/// A sequential stream of random numbers: xoshiro256++.
///
/// Not `Copy`, so that no draw is repeated by accident. Source: Blackman and Vigna, "Scrambled linear
/// pseudorandom number generators", ACM TOMS 47 (2021).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "[u64; 4]", into = "[u64; 4]")]
pub struct Stream {
    state: [u64; 4],
    /// All ones in a mirrored stream, else zero.
    mirror: u64,
}

/// A state of four zero words, which xoshiro256++ never leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZeroState;

impl fmt::Display for ZeroState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the state of a random stream is all zero: expected at least one bit set")
    }
}

impl core::error::Error for ZeroState {}

impl Stream {
    /// The stream of this name, at its start.
    pub fn new(key: StreamKey) -> Self {
        let state = key.mixed();
        // The mixing is a bijection, so one key in 2²⁵⁶ lands on the state that is not allowed.
        let state = if state == [0; 4] {
            [GOLDEN_GAMMA; 4]
        } else {
            state
        };
        Self { state, mirror: 0 }
    }

    /// The stream that [`state`](Self::state) was taken from, at the same place.
    ///
    /// # Errors
    /// [`ZeroState`] when all words are zero.
    pub fn from_state(state: [u64; 4]) -> Result<Self, ZeroState> {
        if state == [0; 4] {
            Err(ZeroState)
        } else {
            Ok(Self { state, mirror: 0 })
        }
    }

    /// The same stream, each of its draws turned over.
    ///
    /// A uniform draw u becomes 1 − u (its bits are complemented), an exponential or normal one what its distribution
    /// function's inverse makes of 1 − F(x). Each draw has the same distribution as before and is independent of the
    /// others, so whatever is computed from them is as unbiased as before; with the stream it mirrors, it is as
    /// negatively correlated as can be. Both use the same number of words for each of these draws.
    #[must_use]
    pub fn mirrored(self) -> Self {
        Self {
            mirror: u64::MAX,
            ..self
        }
    }

    /// The four words that the next draws follow from.
    pub fn state(&self) -> [u64; 4] {
        self.state
    }

    /// 64 uniform bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.next_plain() ^ self.mirror
    }

    /// 64 uniform bits, the same in the mirrored stream.
    #[inline]
    pub(super) fn next_plain(&mut self) -> u64 {
        let [s0, s1, s2, s3] = self.state;
        let result = s0.wrapping_add(s3).rotate_left(23).wrapping_add(s0);
        let s2 = s2 ^ s0;
        let s3 = s3 ^ s1;
        self.state = [s0 ^ s3, s1 ^ s2, s2 ^ (s1 << 17), s3.rotate_left(45)];
        result
    }

    /// A uniform multiple of 2⁻⁵³ in [0, 1), from one word.
    #[inline]
    pub fn next_f64(&mut self) -> f64 {
        (self.next_u64() >> 11).cast_signed() as f64 * UNIT_53
    }

    /// A uniform number in (0, 1), from one word: an odd multiple of 2⁻⁵³, so that neither end occurs.
    #[inline]
    pub fn next_open_f64(&mut self) -> f64 {
        ((self.next_u64() >> 12).cast_signed() as f64 + 0.5) * UNIT_52
    }

    /// A uniform integer in `0..bound`, exactly unbiased; one word, rarely more.
    ///
    /// Source: Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019).
    ///
    /// # Panics
    /// When `bound` is zero.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(
            bound > 0,
            "a draw below zero: expected a bound of one or more"
        );
        let mut product = u128::from(self.next_u64()) * u128::from(bound);
        if low_word(product) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while low_word(product) < threshold {
                product = u128::from(self.next_u64()) * u128::from(bound);
            }
        }
        high_word(product)
    }

    /// An exponential number of mean 1, zero or more; one word in 98.9 % of draws.
    ///
    /// Ziggurat of 256 layers. Source: Marsaglia and Tsang, "The ziggurat method for generating random
    /// variables", J. Stat. Softw. 5 (2000), with separate bits for layer and position (Doornik 2005).
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        let x = ziggurat::exponential(self);
        if self.mirror == 0 { x } else { reflected(x) }
    }

    /// A normal number of mean 0 and variance 1; one word in 98.8 % of draws.
    ///
    /// Ziggurat of 256 layers; source as for [`exponential`](Self::exponential).
    #[inline]
    pub fn normal(&mut self) -> f64 {
        let x = ziggurat::normal(self);
        if self.mirror == 0 { x } else { -x }
    }
}

impl TryFrom<[u64; 4]> for Stream {
    type Error = ZeroState;

    fn try_from(state: [u64; 4]) -> Result<Self, ZeroState> {
        Self::from_state(state)
    }
}

impl From<Stream> for [u64; 4] {
    fn from(stream: Stream) -> Self {
        stream.state
    }
}

/// The exponential number that is exceeded as often as `x` is not: −ln(1 − e⁻ˣ).
#[inline(never)]
fn reflected(x: f64) -> f64 {
    // Zero is drawn, if ever, for all numbers below the spacing of the draws.
    let x = if x > 0.0 { x } else { 0.5 * UNIT_53 };
    -libm::log(-libm::expm1(-x))
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "the low half is what is asked for"
)]
const fn low_word(wide: u128) -> u64 {
    wide as u64
}

#[allow(clippy::cast_possible_truncation, reason = "the shift leaves 64 bits")]
const fn high_word(wide: u128) -> u64 {
    (wide >> 64) as u64
}
