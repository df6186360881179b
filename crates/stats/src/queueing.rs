//! Closed forms of queueing theory: oracles for tests, and warnings before a run that cannot settle.
//!
//! All of them describe the steady state (the M_t/M/∞ mean excepted, which is exact at every instant). Rates
//! are events per unit of time and all times come back in that same unit. Every function evaluates a form
//! that neither overflows nor cancels, thousands of servers included. Approximations (G/G/c and the like) are
//! deliberately absent: what is here may be used to judge a simulation.

mod abandonment;
mod error;
mod infinite;
mod markovian;
mod network;
mod single_server;
mod tail;

pub use abandonment::{Abandonment, erlang_a};
pub use error::QueueError;
pub use infinite::{RatePeriod, TransientMean, m_g_infinity, mt_m_infinity};
pub use markovian::{
    FiniteQueue, SteadyState, erlang_b, erlang_c, m_m_c, m_m_c_k, m_m_c_wait_at_most,
};
pub use network::{JacksonNetwork, Station, jackson};
pub use single_server::{
    PriorityClass, SingleServer, m_g_1, m_m_1_priority_non_preemptive, m_m_1_priority_preemptive,
    priority_non_preemptive, priority_preemptive,
};

/// Mean number present by Little's law, L = λW, for any system in a steady state and any part of it.
#[must_use]
pub fn little(arrival_rate: f64, mean_time: f64) -> f64 {
    arrival_rate * mean_time
}
