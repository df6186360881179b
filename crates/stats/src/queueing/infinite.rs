//! Systems in which nobody waits: M/G/∞ and its time-dependent kin M_t/M/∞.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::error::{QueueError, not_negative, positive};

/// A stretch of time with a constant arrival rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RatePeriod {
    /// Length of the period, in the unit of the rates.
    pub duration: f64,
    /// Poisson arrivals per unit of time.
    pub arrival_rate: f64,
}

/// Mean number in an M_t/M/∞ system at the end of a period and on average over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TransientMean {
    /// Mean number present at the end of the period.
    pub at_end: f64,
    /// Mean number present, averaged over the period.
    pub average: f64,
}

/// Mean number in M/G/∞; the number is Poisson with this mean, whatever the service distribution.
///
/// # Errors
/// [`QueueError::Negative`] and [`QueueError::NotPositive`] for parameters that make no queue.
pub fn m_g_infinity(arrival_rate: f64, mean_service: f64) -> Result<f64, QueueError> {
    not_negative("arrival_rate", arrival_rate)?;
    positive("mean_service", mean_service)?;
    Ok(arrival_rate * mean_service)
}

/// Mean number in M_t/M/∞ through periods of constant arrival rate, from a mean of `initial` at the start.
///
/// Solves m′ = λ(t) − μm exactly in each period: the mean relaxes to λ/μ at rate μ. From an empty or Poisson
/// start the number is Poisson with this mean at every instant. Source: Eick, Massey and Whitt (1993).
///
/// # Errors
/// [`QueueError::Negative`] and [`QueueError::NotPositive`] for parameters that make no queue.
pub fn mt_m_infinity(
    initial: f64,
    periods: &[RatePeriod],
    service_rate: f64,
) -> Result<Vec<TransientMean>, QueueError> {
    positive("service_rate", service_rate)?;
    let mut present = not_negative("initial", initial)?;
    let mut means = Vec::with_capacity(periods.len());
    for period in periods {
        let spans = service_rate * positive("duration", period.duration)?;
        let settled = not_negative("arrival_rate", period.arrival_rate)? / service_rate;
        // Of what was there, a share e^−μt stays; the rest is replaced by its settled value.
        let (kept, replaced) = (libm::exp(-spans), -libm::expm1(-spans));
        let average = settled + (present - settled) * (replaced / spans);
        present = present * kept + settled * replaced;
        means.push(TransientMean {
            at_end: present,
            average,
        });
    }
    Ok(means)
}
