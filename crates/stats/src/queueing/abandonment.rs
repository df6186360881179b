//! Customers who hang up: Erlang A.

use serde::{Deserialize, Serialize};

use super::error::{QueueError, not_negative, positive};
use super::markovian::{SteadyState, m_m_c};
use super::tail::QueueTail;

const MAX_STATES: u64 = 100_000_000;

/// Steady state of a queue whose customers may leave before they are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Abandonment {
    /// Probability that a customer leaves unserved.
    pub abandon_probability: f64,
    /// Probability that an arriving customer finds all servers busy.
    pub wait_probability: f64,
    /// Mean number waiting, Lq.
    pub queue_length: f64,
    /// Mean time in the queue over all customers, those who abandon included.
    pub queue_time: f64,
    /// Share of the servers that is busy.
    pub utilization: f64,
}

/// Steady state of M/M/c+M: every waiting customer loses patience at rate `abandonment_rate`.
///
/// Any load has a steady state when that rate is above zero; at zero this is M/M/c. Source: Palm (1937);
/// Garnett, Mandelbaum and Reiman (2002); by the birth-death recurrence, summed until the rest of the states
/// is below rounding.
///
/// # Errors
/// [`QueueError::NotPositive`] and [`QueueError::Negative`] for rates or servers that are none,
/// [`QueueError::Unstable`] without abandonment under overload, [`QueueError::TooManyStates`] when the queue
/// reaches about 10⁸ customers.
pub fn erlang_a(
    servers: u32,
    arrival_rate: f64,
    service_rate: f64,
    abandonment_rate: f64,
) -> Result<Abandonment, QueueError> {
    positive("arrival_rate", arrival_rate)?;
    positive("service_rate", service_rate)?;
    let count = positive("servers", f64::from(servers))?;
    if not_negative("abandonment_rate", abandonment_rate)? == 0.0 {
        return m_m_c(servers, arrival_rate, service_rate).map(without_abandonment);
    }
    let load = arrival_rate / service_rate;
    let mut tail = QueueTail::new(servers, load)?;
    let mut waiting = 0;
    loop {
        waiting += 1;
        let ratio = arrival_rate / (count * service_rate + waiting as f64 * abandonment_rate);
        tail.extend(ratio);
        if tail.has_converged(ratio) {
            break;
        }
        if waiting == MAX_STATES {
            return Err(QueueError::TooManyStates { states: MAX_STATES });
        }
    }
    let queue_length = tail.queue_length();
    let abandon_probability = abandonment_rate * queue_length / arrival_rate;
    Ok(Abandonment {
        abandon_probability,
        wait_probability: tail.busy_probability(),
        queue_length,
        queue_time: queue_length / arrival_rate,
        utilization: load * (1.0 - abandon_probability) / count,
    })
}

fn without_abandonment(steady: SteadyState) -> Abandonment {
    Abandonment {
        abandon_probability: 0.0,
        wait_probability: steady.wait_probability,
        queue_length: steady.queue_length,
        queue_time: steady.queue_time,
        utilization: steady.utilization,
    }
}
