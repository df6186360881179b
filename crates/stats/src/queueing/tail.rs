//! The states of a birth-death queue from "all servers busy, nobody waiting" upwards.
//!
//! Weights are relative, and rescaled together before they overflow, so that queues of any length add up. The
//! states with a free server enter as one sum, which Erlang B gives: they do not depend on what the queue does.

const RESCALE_ABOVE: f64 = 1e200;

/// Running sums over the states with all servers busy.
pub(super) struct QueueTail {
    /// Weight of all states with at most one customer per server.
    settled: f64,
    /// Weight of the highest state so far.
    weight: f64,
    /// Customers waiting in that state.
    waiting: f64,
    /// Weight of the states in which somebody waits, but the weight of nobody waiting.
    queued: f64,
    /// Weight of "all servers busy, nobody waiting".
    base: f64,
    /// Sum of weight times customers waiting.
    moment: f64,
}

impl QueueTail {
    /// Starts at "all busy, nobody waiting", given the total weight of that state and all below, relative to it.
    pub(super) fn above(settled: f64) -> Self {
        Self {
            settled,
            weight: 1.0,
            waiting: 0.0,
            queued: 0.0,
            base: 1.0,
            moment: 0.0,
        }
    }

    /// Adds the next state, `ratio` (birth over death rate) times as likely as the one before.
    pub(super) fn extend(&mut self, ratio: f64) {
        self.weight *= ratio;
        self.waiting += 1.0;
        self.queued += self.weight;
        self.moment += self.weight * self.waiting;
        if self.weight > RESCALE_ABOVE {
            let scale = 1.0 / RESCALE_ABOVE;
            for part in [
                &mut self.settled,
                &mut self.weight,
                &mut self.queued,
                &mut self.base,
                &mut self.moment,
            ] {
                *part *= scale;
            }
        }
    }

    /// Whether all further states, each at most `ratio` times the one before, would leave the sums as they are.
    pub(super) fn has_converged(&self, ratio: f64) -> bool {
        let rest = self.weight * ratio / (1.0 - ratio);
        let rest_moment = rest * (self.waiting + 1.0 / (1.0 - ratio));
        ratio < 1.0
            && rest <= 0.25 * f64::EPSILON * self.queued
            && rest_moment <= 0.25 * f64::EPSILON * self.moment
    }

    /// Probability of the highest state.
    pub(super) fn last_probability(&self) -> f64 {
        self.weight / self.total()
    }

    /// Probability that all servers are busy.
    pub(super) fn wait_probability(&self) -> f64 {
        (self.base + self.queued) / self.total()
    }

    /// Mean number waiting.
    pub(super) fn queue_length(&self) -> f64 {
        self.moment / self.total()
    }

    fn total(&self) -> f64 {
        self.settled + self.queued
    }
}
