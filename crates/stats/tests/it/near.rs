//! Comparison of computed numbers with references.

/// Fails unless `got` is within the relative error `tolerance` of `expected`.
#[track_caller]
pub(crate) fn assert_near(got: f64, expected: f64, tolerance: f64, what: &str) {
    let error = (got - expected).abs();
    let allowed = tolerance * expected.abs();
    assert!(
        error <= allowed,
        "{what}: expected {expected:e}, got {got:e}, error {error:e} > {allowed:e}"
    );
}

/// A number to `digits` significant digits, as tables print it.
pub(crate) fn significant(value: f64, digits: usize) -> String {
    let scientific = format!("{value:.*e}", digits - 1);
    let (_, exponent) = scientific.split_once('e').unwrap();
    let places = i64::try_from(digits).unwrap() - 1 - exponent.parse::<i64>().unwrap();
    let text = format!("{value:.*}", usize::try_from(places.max(0)).unwrap());
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A seeded generator for simulated experiments: SplitMix64 (Steele, Lea and Flood, 2014).
pub(crate) struct SplitMix64(pub(crate) u64);

impl SplitMix64 {
    pub(crate) fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform strictly between 0 and 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.next_u64() >> 11) as f64 + 0.5) * (0.5_f64).powi(53)
    }

    pub(crate) fn normal(&mut self) -> f64 {
        pluriverse_stats::normal_quantile(self.uniform())
    }
}
