//! How much one address may do: so many requests, and far fewer wrong tokens.
//!
//! A bucket for each address fills with time and is emptied by what the address does. Memory is bounded: buckets
//! that are full again are forgotten.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Addresses that are remembered at a time.
const ADDRESSES_MAX: usize = 10_000;

/// Who an address belongs to: of IPv6 everybody has 2^64 at least.
fn subject(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

/// A limit for each address.
pub(crate) struct Throttle {
    /// What a bucket holds.
    burst: f64,
    /// What flows into it in a second.
    per_second: f64,
    buckets: Mutex<BTreeMap<IpAddr, Bucket>>,
}

struct Bucket {
    level: f64,
    at: Instant,
}

impl Throttle {
    /// So many at once, and as many more in `period`.
    pub(crate) fn new(burst: u32, period: Duration) -> Self {
        let burst = f64::from(burst.max(1));
        Self {
            burst,
            per_second: burst / period.as_secs_f64(),
            buckets: Mutex::default(),
        }
    }

    /// Counts one more of `address`.
    ///
    /// # Errors
    /// When that is too many: how long to wait.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        self.check(address, now)?;
        let mut buckets = self.lock();
        if let Some(bucket) = buckets.get_mut(&subject(address)) {
            bucket.level -= 1.0;
        }
        Ok(())
    }

    /// Takes one of `address` back that did not count after all.
    pub(crate) fn give_back(&self, address: IpAddr) {
        if let Some(bucket) = self.lock().get_mut(&subject(address)) {
            bucket.level = (bucket.level + 1.0).min(self.burst);
        }
    }

    /// Whether `address` may go on.
    ///
    /// # Errors
    /// When it may not: how long to wait.
    pub(crate) fn check(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let address = subject(address);
        let mut buckets = self.lock();
        if buckets.len() >= ADDRESSES_MAX && !buckets.contains_key(&address) {
            buckets.retain(|_, bucket| self.level(bucket, now) < self.burst);
            if buckets.len() >= ADDRESSES_MAX {
                buckets.pop_first();
            }
        }
        let bucket = buckets.entry(address).or_insert(Bucket {
            level: self.burst,
            at: now,
        });
        bucket.level = self.level(bucket, now);
        bucket.at = now;
        if bucket.level >= 1.0 {
            return Ok(());
        }
        Err(Duration::from_secs_f64(
            (1.0 - bucket.level) / self.per_second,
        ))
    }

    fn level(&self, bucket: &Bucket, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        (bucket.level + passed * self.per_second).min(self.burst)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<IpAddr, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u32) -> IpAddr {
        IpAddr::from(std::net::Ipv4Addr::from_bits(last))
    }

    #[test]
    fn a_burst_is_allowed_and_then_as_much_as_flows_in() {
        let throttle = Throttle::new(10, Duration::from_secs(60));
        let start = Instant::now();
        for _ in 0..10 {
            assert!(throttle.take(address(1), start).is_ok());
        }
        let wait = throttle.take(address(1), start).unwrap_err();
        assert!((wait.as_secs_f64() - 6.0).abs() < 1e-6);
        assert!(throttle.take(address(2), start).is_ok());
        assert!(
            throttle
                .take(address(1), start + Duration::from_millis(6001))
                .is_ok()
        );
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        let throttle = Throttle::new(1, Duration::from_secs(60));
        let start = Instant::now();
        let parse = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(throttle.take(parse("2001:db8::1"), start).is_ok());
        assert!(throttle.take(parse("2001:db8::ffff:2"), start).is_err());
        assert!(throttle.take(parse("2001:db8:0:1::1"), start).is_ok());
        assert!(throttle.take(parse("10.0.0.1"), start).is_ok());
        assert!(throttle.take(parse("::ffff:10.0.0.1"), start).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::new(1, Duration::from_secs(1));
        let start = Instant::now();
        for number in 0..2 * ADDRESSES_MAX {
            assert!(
                throttle
                    .take(address(u32::try_from(number).unwrap()), start)
                    .is_ok()
            );
        }
        assert!(throttle.lock().len() <= ADDRESSES_MAX);
    }
}
