//! Open networks of queues: Jackson's product form.

use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::error::{QueueError, not_negative, positive};
use super::markovian::{SteadyState, m_m_c};

/// Routing that sums to one within this counts as one: decimal probabilities do not sum exactly.
const ROUTING_SLACK: f64 = 1e-9;

/// A station of an open Jackson network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Station {
    /// Number of identical servers.
    pub servers: u32,
    /// Services per unit of time and server, exponential.
    pub service_rate: f64,
    /// Poisson arrivals from outside per unit of time.
    pub external_rate: f64,
    /// Probability of going to each station next, one entry a station; what is missing to one leaves.
    pub routing: Vec<f64>,
}

/// Steady state of an open Jackson network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JacksonNetwork {
    /// Arrival rate at each station, from outside and from other stations.
    pub arrival_rates: Vec<f64>,
    /// Steady state of each station; the times are per visit.
    pub stations: Vec<SteadyState>,
    /// Mean number in the whole network.
    pub in_system: f64,
    /// Mean time from entering the network to leaving it; NaN when nobody enters.
    pub sojourn_time: f64,
}

/// Steady state of an open network of M/M/c stations with fixed routing probabilities.
///
/// Source: Jackson (1957). The traffic equations λ = γ + λP are solved by elimination without subtraction
/// (Grassmann, Taksar and Heyman, 1985), so that no accuracy is lost however rarely customers leave.
///
/// # Errors
/// [`QueueError::RoutingLength`], [`QueueError::RoutingAboveOne`] and [`QueueError::NeverLeaves`] for a
/// routing that is none, [`QueueError::Unstable`] when a station is overloaded, [`QueueError::Negative`] and
/// [`QueueError::NotPositive`] for rates that are none.
pub fn jackson(stations: &[Station]) -> Result<JacksonNetwork, QueueError> {
    let arrival_rates = traffic(stations)?;
    let mut steady = Vec::with_capacity(stations.len());
    for (station, rate) in stations.iter().zip(&arrival_rates) {
        steady.push(m_m_c(station.servers, *rate, station.service_rate)?);
    }
    let in_system: f64 = steady.iter().map(|station| station.in_system).sum();
    let entering: f64 = stations.iter().map(|station| station.external_rate).sum();
    Ok(JacksonNetwork {
        arrival_rates,
        stations: steady,
        in_system,
        sojourn_time: if entering > 0.0 {
            in_system / entering
        } else {
            f64::NAN
        },
    })
}

/// Solves the traffic equations.
///
/// Stations are removed from the last to the first: what flows into a removed station is handed on to those
/// that remain, and out, in proportion. Going forward again, each rate follows from those before it.
fn traffic(stations: &[Station]) -> Result<Vec<f64>, QueueError> {
    let count = stations.len();
    let mut entering = Vec::with_capacity(count);
    let mut leaving = Vec::with_capacity(count);
    for (station_index, station) in stations.iter().enumerate() {
        entering.push(not_negative("external_rate", station.external_rate)?);
        leaving.push(leaving_probability(station_index, station, count)?);
    }
    let mut routing: Vec<Vec<f64>> = stations
        .iter()
        .map(|station| station.routing.clone())
        .collect();
    let mut onward = vec![0.0; count];
    for k in (0..count).rev() {
        let (remaining, removed) = routing.split_at_mut(k);
        let next = &removed[0][..k];
        // What does not return to the station itself, as a sum and not as one less what does.
        onward[k] = leaving[k] + next.iter().sum::<f64>();
        if onward[k] <= 0.0 {
            return Err(QueueError::NeverLeaves { station_index: k });
        }
        for (i, row) in remaining.iter_mut().enumerate() {
            let share = row[k] / onward[k];
            leaving[i] += share * leaving[k];
            row.iter_mut()
                .zip(next)
                .for_each(|(direct, via)| *direct += share * via);
        }
        let share = entering[k] / onward[k];
        entering
            .iter_mut()
            .zip(next)
            .for_each(|(direct, via)| *direct += share * via);
    }
    let mut rates: Vec<f64> = Vec::with_capacity(count);
    for k in 0..count {
        let arriving: f64 = rates
            .iter()
            .zip(&routing)
            .map(|(rate, row)| rate * row[k])
            .sum();
        rates.push((entering[k] + arriving) / onward[k]);
    }
    Ok(rates)
}

/// Checks the routing of a station and returns the probability of leaving the network from it.
fn leaving_probability(
    station_index: usize,
    station: &Station,
    expected: usize,
) -> Result<f64, QueueError> {
    let got = station.routing.len();
    if got != expected {
        return Err(QueueError::RoutingLength {
            station_index,
            expected,
            got,
        });
    }
    for probability in &station.routing {
        not_negative("routing", *probability)?;
    }
    positive("service_rate", station.service_rate)?;
    let sum: f64 = station.routing.iter().sum();
    if sum > 1.0 + ROUTING_SLACK {
        return Err(QueueError::RoutingAboveOne { station_index, sum });
    }
    Ok(if sum > 1.0 - ROUTING_SLACK {
        0.0
    } else {
        1.0 - sum
    })
}
