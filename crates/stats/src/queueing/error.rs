//! What a queueing formula refuses to answer, and why.

use core::error::Error;
use core::fmt;

/// Why a queueing formula has no answer. The formulas are pure: nothing else is affected, and a model that is
/// unstable can still be simulated over a finite horizon.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum QueueError {
    /// Work arrives at least as fast as the servers can do it, so that the queue grows without limit.
    Unstable {
        /// Arrival rate over service rate, in erlangs.
        offered_load: f64,
        /// Number of servers; the load must stay below it.
        servers: u32,
    },
    /// A parameter must be finite and above zero.
    NotPositive {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        got: f64,
    },
    /// A parameter must be finite and zero or more.
    Negative {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        got: f64,
    },
    /// The places in the system include those at the servers, so there must be at least as many.
    CapacityBelowServers {
        /// Places in the whole system.
        capacity: u32,
        /// Number of servers.
        servers: u32,
    },
    /// Routing probabilities of a station need one entry per station.
    RoutingLength {
        /// Index of the station.
        station_index: usize,
        /// Number of stations.
        expected: usize,
        /// Number of entries.
        got: usize,
    },
    /// Routing probabilities of a station sum to more than one.
    RoutingAboveOne {
        /// Index of the station.
        station_index: usize,
        /// Their sum.
        sum: f64,
    },
    /// Customers who reach this station never leave the network, so that an open network has no steady state.
    NeverLeaves {
        /// Index of a station from which there is no way out.
        station_index: usize,
    },
    /// A sum over states was given up; patience so long under overload makes the sum too long to take.
    TooManyStates {
        /// Number of states summed.
        states: u64,
    },
}

impl fmt::Display for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unstable {
                offered_load,
                servers,
            } => write!(
                f,
                "no steady state: the offered load of {offered_load} erlangs is not below {servers} servers"
            ),
            Self::NotPositive { name, got } => {
                write!(f, "`{name}` must be finite and above zero, got {got}")
            }
            Self::Negative { name, got } => {
                write!(f, "`{name}` must be finite and zero or more, got {got}")
            }
            Self::CapacityBelowServers { capacity, servers } => {
                write!(
                    f,
                    "a capacity of {capacity} has no room for {servers} servers"
                )
            }
            Self::RoutingLength {
                station_index,
                expected,
                got,
            } => write!(
                f,
                "station {station_index} has {got} routing probabilities, expected {expected}"
            ),
            Self::RoutingAboveOne { station_index, sum } => write!(
                f,
                "the routing probabilities of station {station_index} sum to {sum}, above one"
            ),
            Self::NeverLeaves { station_index } => write!(
                f,
                "customers at station {station_index} never leave the network"
            ),
            Self::TooManyStates { states } => {
                write!(
                    f,
                    "gave up after {states} states; the patience is too long to sum over"
                )
            }
        }
    }
}

impl Error for QueueError {}

pub(super) fn positive(name: &'static str, got: f64) -> Result<f64, QueueError> {
    if got > 0.0 && got.is_finite() {
        Ok(got)
    } else {
        Err(QueueError::NotPositive { name, got })
    }
}

pub(super) fn not_negative(name: &'static str, got: f64) -> Result<f64, QueueError> {
    if got >= 0.0 && got.is_finite() {
        Ok(got)
    } else {
        Err(QueueError::Negative { name, got })
    }
}

pub(super) fn stable(offered_load: f64, servers: u32) -> Result<(), QueueError> {
    if offered_load < f64::from(servers) {
        Ok(())
    } else {
        Err(QueueError::Unstable {
            offered_load,
            servers,
        })
    }
}
