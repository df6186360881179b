//! Random numbers that belong to a name: each use of chance in a run draws from its own keyed stream.
//!
//! A stream is fixed by (seed, replication, entity, purpose) and by nothing else, so adding an entity or a new
//! use of chance never moves the draws of another one, and two scenarios that share a seed share their common
//! random numbers. Different keys never share a starting state. Every draw is a pure function of the key and
//! of the number of draws before it, and all mathematics is `libm`: native and wasm agree to the bit.
//! Shapes of chance live in [`crate::distribution`]; nothing here is fit for cryptography.
//!
//! ```
//! use pluriverse_kernel::random::{Purpose, Stream, StreamKey};
//!
//! const SERVICE: Purpose = Purpose::named("service");
//! let key = StreamKey { seed: 1, replication: 0, entity: 7, purpose: SERVICE };
//! let mut stream = Stream::new(key);
//! let same = Stream::new(key).next_u64();
//! assert_eq!(stream.next_u64(), same);
//! assert!((0.0..1.0).contains(&stream.next_f64()));
//! ```

mod counter;
mod stream;
mod ziggurat;

use serde::{Deserialize, Serialize};

pub use counter::{CounterStream, philox4x32_10};
pub use stream::{Stream, ZeroState};

/// What a stream is for; two purposes of one entity never share draws.
///
/// Made from a name at compile time: `const SERVICE: Purpose = Purpose::named("service");`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Purpose(u64);

impl Purpose {
    /// The purpose of this name: FNV-1a 64 of its bytes, then mixed.
    ///
    /// Source of the hash: Fowler, Noll, Vo; RFC 9923.
    pub const fn named(name: &str) -> Self {
        let bytes = name.as_bytes();
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut index = 0;
        while index < bytes.len() {
            hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            index += 1;
        }
        Self(mix(hash))
    }

    /// The number that stands for the name.
    pub const fn value(self) -> u64 {
        self.0
    }
}

/// The name of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StreamKey {
    /// Seed of the run, chosen by the user.
    pub seed: u64,
    /// Number of the replication, from zero.
    pub replication: u64,
    /// Entity or class that draws.
    pub entity: u64,
    /// What it draws for.
    pub purpose: Purpose,
}

impl StreamKey {
    /// Four words in which each bit depends on each bit of the key.
    ///
    /// Three rounds of a chain of SplitMix64 finalisers. Each step can be undone, so the whole is a bijection
    /// of 256 bits: different keys give different words.
    const fn mixed(self) -> [u64; 4] {
        let mut words = [self.seed, self.replication, self.entity, self.purpose.0];
        let mut carry = words[3];
        let mut step = 0;
        while step < 12 {
            let constant = GOLDEN_GAMMA.wrapping_mul(step as u64 + 1);
            let index = step % 4;
            carry = mix(words[index].wrapping_add(carry).wrapping_add(constant));
            words[index] = carry;
            step += 1;
        }
        words
    }
}

/// 2⁶⁴ divided by the golden ratio, made odd.
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// The output function of SplitMix64 (Stafford's variant 13), a bijection of 64 bits.
const fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
