//! Poisson arrivals, exponential service, several servers: Erlang B and C, M/M/c, M/M/c/K.

use serde::{Deserialize, Serialize};

use super::error::{QueueError, not_negative, positive, stable};
use super::tail::QueueTail;

/// Mean behaviour of a station in its steady state. Times are in the unit of the rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SteadyState {
    /// Share of the servers that is busy, ρ.
    pub utilization: f64,
    /// Probability that an arriving customer waits.
    pub wait_probability: f64,
    /// Mean time in the queue, Wq.
    pub queue_time: f64,
    /// Mean time in the system, W.
    pub sojourn_time: f64,
    /// Mean number waiting, Lq.
    pub queue_length: f64,
    /// Mean number in the system, L.
    pub in_system: f64,
}

/// Mean behaviour of a station with a finite number of places; the times are those of admitted customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FiniteQueue {
    /// Probability that an arriving customer finds all places taken and is lost.
    pub blocking_probability: f64,
    /// Rate of admitted customers.
    pub throughput: f64,
    /// Means over admitted customers.
    pub admitted: SteadyState,
}

/// Probability that all servers are busy in M/G/c/c, where nobody waits (Erlang B).
///
/// `offered_load` is λ/μ in erlangs. Source: Erlang (1917), by the recurrence
/// B(n) = aB(n−1) / (n + aB(n−1)), which neither overflows nor cancels.
///
/// # Errors
/// [`QueueError::Negative`] for a load that is negative or not finite.
pub fn erlang_b(servers: u32, offered_load: f64) -> Result<f64, QueueError> {
    let load = not_negative("offered_load", offered_load)?;
    Ok((1..=servers).fold(1.0, |blocked, n| {
        load * blocked / (f64::from(n) + load * blocked)
    }))
}

/// Probability that an arriving customer waits in M/M/c (Erlang C).
///
/// `offered_load` is λ/μ in erlangs, below `servers`. Source: Erlang (1917), from Erlang B as
/// C = cB / (c − a(1 − B)).
///
/// # Errors
/// [`QueueError::Unstable`] when `offered_load >= servers`; the caller may still simulate a finite horizon.
/// [`QueueError::Negative`] for a load that is negative or not finite.
pub fn erlang_c(servers: u32, offered_load: f64) -> Result<f64, QueueError> {
    let blocked = erlang_b(servers, offered_load)?;
    stable(offered_load, servers)?;
    let count = f64::from(servers);
    Ok(count * blocked / (count - offered_load * (1.0 - blocked)))
}

/// Steady state of M/M/c with an unlimited queue.
///
/// Source: Kleinrock, Queueing Systems I, section 3.5; Wq = C / (cμ − λ).
///
/// # Errors
/// [`QueueError::Unstable`] when the load reaches the servers, [`QueueError::Negative`] and
/// [`QueueError::NotPositive`] for rates that are none.
pub fn m_m_c(
    servers: u32,
    arrival_rate: f64,
    service_rate: f64,
) -> Result<SteadyState, QueueError> {
    not_negative("arrival_rate", arrival_rate)?;
    positive("service_rate", service_rate)?;
    let load = arrival_rate / service_rate;
    let wait_probability = erlang_c(servers, load)?;
    let count = f64::from(servers);
    let queue_time = wait_probability / (service_rate * (count - load));
    let sojourn_time = queue_time + 1.0 / service_rate;
    Ok(SteadyState {
        utilization: load / count,
        wait_probability,
        queue_time,
        sojourn_time,
        queue_length: arrival_rate * queue_time,
        in_system: arrival_rate * sojourn_time,
    })
}

/// Probability that a customer of M/M/c waits no longer than `time`: the service level of a contact centre
/// without abandonment.
///
/// Source: Kleinrock, Queueing Systems I, section 3.5; the wait is zero with probability 1 − C, otherwise
/// exponential at rate cμ − λ.
///
/// # Errors
/// As [`m_m_c`], and [`QueueError::Negative`] for a time that is negative or not finite.
pub fn m_m_c_wait_at_most(
    servers: u32,
    arrival_rate: f64,
    service_rate: f64,
    time: f64,
) -> Result<f64, QueueError> {
    not_negative("time", time)?;
    let waits = m_m_c(servers, arrival_rate, service_rate)?.wait_probability;
    let spare_rate = f64::from(servers) * service_rate - arrival_rate;
    Ok(1.0 - waits * libm::exp(-spare_rate * time))
}

/// Steady state of M/M/c/K: `capacity` places in all, those at the servers included.
///
/// Any load has a steady state. `capacity = servers` is the loss system of Erlang B. Source: Gross and
/// Harris, Fundamentals of Queueing Theory, section 2.5.
///
/// # Errors
/// [`QueueError::CapacityBelowServers`], and [`QueueError::NotPositive`] for rates or servers that are none.
pub fn m_m_c_k(
    servers: u32,
    capacity: u32,
    arrival_rate: f64,
    service_rate: f64,
) -> Result<FiniteQueue, QueueError> {
    positive("arrival_rate", arrival_rate)?;
    positive("service_rate", service_rate)?;
    let count = positive("servers", f64::from(servers))?;
    let Some(places) = capacity.checked_sub(servers) else {
        return Err(QueueError::CapacityBelowServers { capacity, servers });
    };
    let load = arrival_rate / service_rate;
    let mut tail = QueueTail::new(servers, load)?;
    for _ in 0..places {
        tail.extend(load / count);
    }
    let admission = tail.lower_probability();
    let throughput = arrival_rate * admission;
    let queue_length = tail.queue_length();
    let queue_time = queue_length / throughput;
    let busy = load * admission;
    Ok(FiniteQueue {
        blocking_probability: tail.highest_probability(),
        throughput,
        admitted: SteadyState {
            utilization: busy / count,
            wait_probability: tail.busy_probability_below_highest(),
            queue_time,
            sojourn_time: queue_time + 1.0 / service_rate,
            queue_length,
            in_system: queue_length + busy,
        },
    })
}
