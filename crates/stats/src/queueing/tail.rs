//! The states of a birth-death queue from "all servers busy, nobody waiting" upwards.
//!
//! Weights are relative, and rescaled together before they overflow, so that queues of any length add up; no
//! probability is computed as one less another. The states with a free server enter as one weight, which
//! Erlang B gives: it does not depend on what the queue does.

use super::error::QueueError;
use super::markovian::erlang_b;

const RESCALE_ABOVE: f64 = 1e200;

/// Running sums over the states with all servers busy.
pub(super) struct QueueTail {
    /// Weight of the states with a free server.
    free: f64,
    /// Weight of the states with all servers busy, but the highest so far.
    lower: f64,
    /// Weight of the highest state so far.
    highest: f64,
    /// Customers waiting in that state.
    waiting: f64,
    /// Sum of weight times customers waiting.
    moment: f64,
}

impl QueueTail {
    /// Starts at "all busy, nobody waiting", for one server or more.
    pub(super) fn new(servers: u32, offered_load: f64) -> Result<Self, QueueError> {
        let blocked = erlang_b(servers - 1, offered_load)?;
        Ok(Self {
            free: 1.0,
            lower: 0.0,
            // Erlang's recurrence without its last normalization: the odds of B(c).
            highest: offered_load * blocked / f64::from(servers),
            waiting: 0.0,
            moment: 0.0,
        })
    }

    /// Adds the next state, `ratio` (birth over death rate) times as likely as the one before.
    pub(super) fn extend(&mut self, ratio: f64) {
        self.lower += self.highest;
        self.highest *= ratio;
        self.waiting += 1.0;
        self.moment += self.highest * self.waiting;
        if self.highest > RESCALE_ABOVE {
            for weight in [
                &mut self.free,
                &mut self.lower,
                &mut self.highest,
                &mut self.moment,
            ] {
                *weight /= RESCALE_ABOVE;
            }
        }
    }

    /// Whether all further states, each at most `ratio` times the one before, would leave the sums as they are.
    pub(super) fn has_converged(&self, ratio: f64) -> bool {
        // The rest of a geometric series, and of its first moment, which converges last.
        let rest = self.highest * ratio / (1.0 - ratio);
        let rest_moment = rest * (self.waiting + 1.0 / (1.0 - ratio));
        ratio < 1.0 && rest_moment <= 0.25 * f64::EPSILON * self.moment
    }

    /// Probability of the highest state.
    pub(super) fn highest_probability(&self) -> f64 {
        self.highest / self.total()
    }

    /// Probability of all states but the highest.
    pub(super) fn lower_probability(&self) -> f64 {
        (self.free + self.lower) / self.total()
    }

    /// Probability that all servers are busy.
    pub(super) fn busy_probability(&self) -> f64 {
        (self.lower + self.highest) / self.total()
    }

    /// Probability that all servers are busy, given that the state is not the highest.
    pub(super) fn busy_probability_below_highest(&self) -> f64 {
        self.lower / (self.free + self.lower)
    }

    /// Mean number waiting.
    pub(super) fn queue_length(&self) -> f64 {
        self.moment / self.total()
    }

    fn total(&self) -> f64 {
        self.free + self.lower + self.highest
    }
}
