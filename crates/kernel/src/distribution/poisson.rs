//! Poisson counts: how many arrive in a batch or an interval.

use crate::random::Stream;

/// From this mean on, transformed rejection beats inversion.
const REJECTION_FROM: f64 = 10.0;

/// A Poisson count with this mean, in events.
///
/// Inversion by sequential search below a mean of 10; above, the transformed rejection PTRS. Source: Hörmann,
/// "The transformed rejection method for generating Poisson random variables", Insurance: Mathematics and
/// Economics 12 (1993).
///
/// # Panics
/// When `mean` is not a number from 0 to 10¹⁵.
pub fn poisson(mean: f64, stream: &mut Stream) -> u64 {
    assert!(
        (0.0..=1e15).contains(&mean),
        "a Poisson mean of {mean}: expected 0 to 1e15"
    );
    if mean < REJECTION_FROM {
        by_inversion(mean, stream)
    } else {
        by_rejection(mean, stream)
    }
}

fn by_inversion(mean: f64, stream: &mut Stream) -> u64 {
    let mut count = 0;
    let mut probability = libm::exp(-mean);
    let mut uniform = stream.next_f64();
    // At 100 the probability is below the spacing of the uniform numbers; rounding may leave a rest above it.
    while uniform >= probability && count < 100 {
        uniform -= probability;
        count += 1;
        probability *= mean / count as f64;
    }
    count
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are whole and ≥ 0"
)]
fn by_rejection(mean: f64, stream: &mut Stream) -> u64 {
    let log_mean = libm::log(mean);
    let b = 0.931 + 2.53 * libm::sqrt(mean);
    let a = -0.059 + 0.024_83 * b;
    let inverse_alpha = 1.123_9 + 1.132_8 / (b - 3.4);
    let v_squeeze = 0.927_7 - 3.622_4 / (b - 2.0);
    loop {
        let u = stream.next_open_f64() - 0.5;
        let v = stream.next_open_f64();
        let us = 0.5 - libm::fabs(u);
        let count = libm::floor((2.0 * a / us + b) * u + mean + 0.43);
        if us >= 0.07 && v <= v_squeeze {
            return count as u64;
        }
        if count < 0.0 || (us < 0.013 && v > us) {
            continue;
        }
        let proposal = libm::log(v * inverse_alpha / (a / (us * us) + b));
        if proposal <= count * log_mean - mean - libm::lgamma(count + 1.0) {
            return count as u64;
        }
    }
}
