//! The counter-based stream: any draw by its number, in any order, without the draws before it.
//!
//! For values that many readers recompute (a field over space, the noise of a sensor at a sample number) or
//! that a parallel loop needs in no order. A stream has no state: it is `Copy` and reading it changes nothing.

use serde::{Deserialize, Serialize};

use super::StreamKey;

const MULTIPLIERS: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];
const WEYL: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];
const ROUND_COUNT: usize = 10;
const UNIT_53: f64 = 1.0 / (1_u64 << 53) as f64;

/// A stream of blocks addressed by a 128-bit number: Philox4x32-10.
///
/// Philox takes a key of 64 bits; another 128 bits of the mixed [`StreamKey`] move the counter, so that two
/// streams that meet in the 64 bits still differ at every number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterStream {
    key: [u32; 2],
    offset: u128,
}

impl CounterStream {
    /// The stream of this name.
    pub const fn new(key: StreamKey) -> Self {
        let [first, second, third, _] = key.mixed();
        Self {
            key: [low(first), high(first)],
            offset: (third as u128) << 64 | second as u128,
        }
    }

    /// The 128 uniform bits at this number.
    pub const fn block(&self, counter: u128) -> [u32; 4] {
        philox4x32_10(words(counter ^ self.offset), self.key)
    }

    /// 64 uniform bits: the first half of the block at this number.
    pub const fn u64_at(&self, counter: u64) -> u64 {
        let [first, second, _, _] = self.block(counter as u128);
        (second as u64) << 32 | first as u64
    }

    /// A uniform multiple of 2⁻⁵³ in [0, 1), from [`u64_at`](Self::u64_at).
    pub const fn f64_at(&self, counter: u64) -> f64 {
        (self.u64_at(counter) >> 11) as f64 * UNIT_53
    }
}

/// Philox4x32-10: a bijection of 128 bits for each key of 64 bits.
///
/// Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011).
pub const fn philox4x32_10(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    let mut round = 0;
    while round < ROUND_COUNT {
        let product0 = MULTIPLIERS[0] as u64 * c0 as u64;
        let product1 = MULTIPLIERS[1] as u64 * c2 as u64;
        [c0, c1, c2, c3] = [
            high(product1) ^ c1 ^ k0,
            low(product1),
            high(product0) ^ c3 ^ k1,
            low(product0),
        ];
        k0 = k0.wrapping_add(WEYL[0]);
        k1 = k1.wrapping_add(WEYL[1]);
        round += 1;
    }
    [c0, c1, c2, c3]
}

/// Least significant word first.
#[allow(
    clippy::cast_possible_truncation,
    reason = "each word takes its own 32 bits"
)]
const fn words(wide: u128) -> [u32; 4] {
    [
        wide as u32,
        (wide >> 32) as u32,
        (wide >> 64) as u32,
        (wide >> 96) as u32,
    ]
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "the low half is what is asked for"
)]
const fn low(word: u64) -> u32 {
    word as u32
}

const fn high(word: u64) -> u32 {
    low(word >> 32)
}
