//! Quantiles of any number of whole-numbered observations in a few kilobytes, to a stated relative error.
//!
//! Buckets are log-linear, as in HdrHistogram (Tene): each power of two is cut into 128 equal buckets. Values
//! below 256 are exact; above, a bucket is at most 1/128 of its low end wide, and the midpoint reported for it
//! is within 1/256 of any value in it. The whole range of `u64` fits. Counts are kept only up to the highest
//! bucket in use, so that equal histories are equal values. Sums and exact extremes are left to
//! [`DurationTally`](crate::DurationTally).

use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, de};

const SUB_BUCKET_BITS: u32 = 7;
const SUB_BUCKETS: u64 = 1 << SUB_BUCKET_BITS;
/// Buckets that are passed over at a time on the way to a quantile.
const BLOCK_BUCKETS: usize = 64;
const MAX_BUCKETS: usize = bucket_index(u64::MAX) + 1;

/// Counts of `u64` observations (nanoseconds, as a rule) in log-linear buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// Never ends in a zero.
    #[serde(deserialize_with = "checked_counts")]
    counts: Vec<u64>,
}

impl Histogram {
    /// A histogram of nothing; it allocates with the first observation.
    #[must_use]
    pub const fn new() -> Self {
        Self { counts: Vec::new() }
    }

    /// Adds one observation.
    #[inline]
    pub fn record(&mut self, value: u64) {
        let index = bucket_index(value);
        match self.counts.get_mut(index) {
            Some(count) => *count += 1,
            None => self.open_bucket(index, 1),
        }
    }

    /// Adds the same observation `times` times.
    pub fn record_n(&mut self, value: u64, times: u64) {
        let index = bucket_index(value);
        match self.counts.get_mut(index) {
            Some(count) => *count += times,
            None if times == 0 => {}
            None => self.open_bucket(index, times),
        }
    }

    #[cold]
    #[inline(never)]
    fn open_bucket(&mut self, index: usize, count: u64) {
        debug_assert!(index < MAX_BUCKETS && count > 0);
        self.counts.resize(index + 1, 0);
        self.counts[index] = count;
    }

    /// Adds all observations of another histogram.
    pub fn merge(&mut self, other: &Self) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (ours, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *ours += theirs;
        }
    }

    /// Number of observations; takes time in proportion to the buckets in use, not to the observations.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Whether nothing has been recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The least value at which a share of at least `q` of the observations is reached; `None` when empty.
    ///
    /// This is the nearest-rank quantile (type 1 of Hyndman and Fan, 1996): `q = 0` gives the smallest
    /// observation, `q = 1` the largest. The answer is the midpoint of its bucket: exact below 256, otherwise
    /// within 1/256 of the true quantile.
    ///
    /// # Panics
    /// When `q` is not within 0 and 1.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<u64> {
        let [value] = self.quantiles([q]);
        value
    }

    /// Several quantiles in one go, each as [`quantile`](Self::quantile) gives it.
    ///
    /// # Panics
    /// When a share is not within 0 and 1, or smaller than the one before it.
    #[must_use]
    pub fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [Option<u64>; N] {
        let (count, mut last) = (self.count(), 0.0);
        // Buckets before `place` hold `seen` observations.
        let (mut place, mut seen) = (0, 0);
        shares.map(|q| {
            assert!(
                (last..=1.0).contains(&q),
                "quantiles ascend within 0 and 1, got {q} after {last}"
            );
            last = q;
            let rank = nearest_rank(q, count)?;
            while let Some(block) = self.counts.get(place..place + BLOCK_BUCKETS) {
                let within: u64 = block.iter().sum();
                if seen + within >= rank {
                    break;
                }
                (place, seen) = (place + BLOCK_BUCKETS, seen + within);
            }
            let mut up_to = seen;
            let index = self.counts[place..].iter().position(|count| {
                up_to += count;
                up_to >= rank
            })?;
            let (low, high) = bucket_bounds(place + index);
            Some(low + (high - low) / 2)
        })
    }

    /// Number of observations not above `value`, to the resolution of the buckets: those that share the
    /// bucket of `value` count as not above it. Exact below 256.
    #[must_use]
    pub fn count_at_most(&self, value: u64) -> u64 {
        self.counts.iter().take(bucket_index(value) + 1).sum()
    }

    /// The buckets that hold anything, in ascending order: lowest value, highest value (inclusive), count.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64, u64)> + '_ {
        let used = self
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0);
        used.map(|(index, count)| {
            let (low, high) = bucket_bounds(index);
            (low, high, *count)
        })
    }

    /// Forgets all observations and keeps the memory for the next ones.
    pub fn clear(&mut self) {
        self.counts.clear();
    }
}

/// Smallest rank from 1 that covers the share `q` of `count`; division, being correctly rounded, settles the
/// cases in which the product `q * count` lands just beside a whole number (0.07 × 100).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count lies within 0 and the count, and the cast saturates"
)]
fn nearest_rank(q: f64, count: u64) -> Option<u64> {
    if count == 0 {
        return None;
    }
    let total = count as f64;
    let mut rank = (libm::ceil(q * total) as u64).clamp(1, count);
    if rank > 1 && (rank - 1) as f64 / total >= q {
        rank -= 1;
    }
    Some(rank)
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the index is at most 56 × 128 + 255"
)]
const fn bucket_index(value: u64) -> usize {
    // Setting the bit of the first power of two that is cut keeps the shift at zero for all smaller values.
    let shift = (u64::BITS - 1 - SUB_BUCKET_BITS) - (value | SUB_BUCKETS).leading_zeros();
    (((shift as u64) << SUB_BUCKET_BITS) + (value >> shift)) as usize
}

/// Lowest and highest value of a bucket.
const fn bucket_bounds(index: usize) -> (u64, u64) {
    let index = index as u64;
    if index < SUB_BUCKETS {
        return (index, index);
    }
    let shift = (index >> SUB_BUCKET_BITS) - 1;
    let low = ((index & (SUB_BUCKETS - 1)) | SUB_BUCKETS) << shift;
    (low, low + ((1 << shift) - 1))
}

/// Refuses counts that no history of observations could have left.
fn checked_counts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    let counts = Vec::<u64>::deserialize(deserializer)?;
    if counts.len() > MAX_BUCKETS {
        return Err(de::Error::invalid_length(
            counts.len(),
            &"at most 7424 buckets",
        ));
    }
    if counts.last() == Some(&0) {
        return Err(de::Error::custom(
            "the last bucket of a histogram is never empty",
        ));
    }
    let total = counts
        .iter()
        .try_fold(0_u64, |sum, count| sum.checked_add(*count));
    match total {
        Some(_) => Ok(counts),
        None => Err(de::Error::custom(
            "the counts of a histogram sum to less than 2^64",
        )),
    }
}
