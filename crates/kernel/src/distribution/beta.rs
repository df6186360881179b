//! The beta family on an interval; PERT is a beta with given mode.

use super::bounded::check_interval;
use super::error::{Checked, SHAPE};
use super::gamma::GammaSampler;
use super::{
    Distribution, Family,
    special::{self, Tails},
    wire::Node,
};
use crate::random::Stream;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Beta {
    alpha: f64,
    beta: f64,
    low: f64,
    high: f64,
    method: Method,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Method {
    /// Both shapes at most 1, where gamma numbers would underflow together. Source: Jöhnk (1964).
    Johnk,
    /// X / (X + Y) of two gamma numbers.
    Gammas(GammaSampler, GammaSampler),
}

impl Beta {
    pub(super) fn new(alpha: f64, beta: f64, low: f64, high: f64) -> Checked<Self> {
        SHAPE.check("alpha", alpha)?;
        SHAPE.check("beta", beta)?;
        check_interval(low, high)?;
        let method = if alpha <= 1.0 && beta <= 1.0 {
            Method::Johnk
        } else {
            Method::Gammas(GammaSampler::new(alpha), GammaSampler::new(beta))
        };
        Ok(Self {
            alpha,
            beta,
            low,
            high,
            method,
        })
    }

    fn width(&self) -> f64 {
        self.high - self.low
    }

    /// Accepts U^(1/alpha) + V^(1/beta) ≤ 1, in logarithms where both powers underflow.
    fn johnk(&self, stream: &mut Stream) -> f64 {
        loop {
            let log_x = -stream.exponential() / self.alpha;
            let log_y = -stream.exponential() / self.beta;
            let (x, y) = (libm::exp(log_x), libm::exp(log_y));
            if x + y > 1.0 {
                continue;
            }
            return if x + y > 0.0 {
                x / (x + y)
            } else {
                1.0 / (1.0 + libm::exp(log_y - log_x))
            };
        }
    }
}

impl Family for Beta {
    fn sample(&self, stream: &mut Stream) -> f64 {
        let unit = match &self.method {
            Method::Johnk => self.johnk(stream),
            Method::Gammas(first, second) => {
                let (x, y) = (first.sample(stream), second.sample(stream));
                x / (x + y)
            }
        };
        // The width may have been rounded up.
        (self.low + self.width() * unit).min(self.high)
    }

    fn mean(&self) -> f64 {
        self.low + self.width() * (self.alpha / (self.alpha + self.beta))
    }

    fn variance(&self) -> f64 {
        let sum = self.alpha + self.beta;
        let width = self.width();
        width * width * (self.alpha / sum) * (self.beta / sum) / (sum + 1.0)
    }

    fn tails(&self, x: f64) -> Tails {
        special::beta_tails(self.alpha, self.beta, (x - self.low) / self.width())
    }

    fn support(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::beta_between(self.alpha, self.beta, self.low * factor, self.high * factor)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        let Self {
            alpha,
            beta,
            low,
            high,
            ..
        } = *self;
        nodes.push(Node::Beta {
            alpha,
            beta,
            low,
            high,
        });
    }
}
