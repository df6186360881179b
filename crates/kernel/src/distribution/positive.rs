//! Families on the positive half-line with a closed inverse or transform: Weibull, log-normal, Pareto.

use super::error::{Checked, FINITE, POSITIVE, SHAPE};
use super::{
    Distribution, Family,
    special::{self, Tails},
    wire::Node,
};
use crate::random::Stream;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weibull {
    shape: f64,
    scale: f64,
}

impl Weibull {
    pub(super) fn new(shape: f64, scale: f64) -> Checked<Self> {
        SHAPE.check("shape", shape)?;
        POSITIVE.check("scale", scale)?;
        Ok(Self { shape, scale })
    }
}

impl Family for Weibull {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.scale * libm::pow(stream.exponential(), 1.0 / self.shape)
    }

    fn mean(&self) -> f64 {
        self.scale * libm::tgamma(1.0 + 1.0 / self.shape)
    }

    fn variance(&self) -> f64 {
        let first = libm::tgamma(1.0 + 1.0 / self.shape);
        let second = libm::tgamma(1.0 + 2.0 / self.shape);
        if second.is_finite() {
            self.scale * self.scale * (second - first * first)
        } else {
            f64::INFINITY
        }
    }

    fn tails(&self, x: f64) -> Tails {
        special::exponential_tails(libm::pow(x.max(0.0) / self.scale, self.shape))
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::weibull(self.shape, self.scale * factor)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        nodes.push(Node::Weibull {
            shape: self.shape,
            scale: self.scale,
        });
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct LogNormal {
    log_mean: f64,
    log_std_dev: f64,
}

impl LogNormal {
    pub(super) fn new(log_mean: f64, log_std_dev: f64) -> Checked<Self> {
        FINITE.check("log_mean", log_mean)?;
        POSITIVE.check("log_std_dev", log_std_dev)?;
        Ok(Self {
            log_mean,
            log_std_dev,
        })
    }
}

impl Family for LogNormal {
    fn sample(&self, stream: &mut Stream) -> f64 {
        libm::exp(self.log_mean + self.log_std_dev * stream.normal())
    }

    fn mean(&self) -> f64 {
        libm::exp(self.log_mean + 0.5 * self.log_std_dev * self.log_std_dev)
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        mean * mean * libm::expm1(self.log_std_dev * self.log_std_dev)
    }

    fn tails(&self, x: f64) -> Tails {
        if x <= 0.0 {
            Tails::ALL_ABOVE
        } else {
            special::normal_tails((libm::log(x) - self.log_mean) / self.log_std_dev)
        }
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::lognormal(self.log_mean + libm::log(factor), self.log_std_dev)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        nodes.push(Node::LogNormal {
            log_mean: self.log_mean,
            log_std_dev: self.log_std_dev,
        });
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pareto {
    shape: f64,
    scale: f64,
}

impl Pareto {
    pub(super) fn new(shape: f64, scale: f64) -> Checked<Self> {
        SHAPE.check("shape", shape)?;
        POSITIVE.check("scale", scale)?;
        Ok(Self { shape, scale })
    }

    /// E[X^order; X ≤ x] for x at or above the scale.
    fn partial_moment(&self, order: f64, x: f64) -> f64 {
        let (gap, log_ratio) = (self.shape - order, libm::log(x / self.scale));
        let whole = libm::pow(self.scale, order) * self.shape;
        if gap == 0.0 {
            whole * log_ratio
        } else {
            whole * -libm::expm1(-gap * log_ratio) / gap
        }
    }
}

impl Family for Pareto {
    /// A Pareto number is the scale times the exponential of an exponential number.
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.scale * libm::exp(stream.exponential() / self.shape)
    }

    fn mean(&self) -> f64 {
        if self.shape > 1.0 {
            self.shape * self.scale / (self.shape - 1.0)
        } else {
            f64::INFINITY
        }
    }

    fn variance(&self) -> f64 {
        if self.shape <= 2.0 {
            return f64::INFINITY;
        }
        let ratio = self.scale / (self.shape - 1.0);
        ratio * ratio * self.shape / (self.shape - 2.0)
    }

    fn tails(&self, x: f64) -> Tails {
        special::exponential_tails(self.shape * libm::log((x / self.scale).max(1.0)))
    }

    fn support(&self) -> (f64, f64) {
        (self.scale, f64::INFINITY)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::pareto(self.shape, self.scale * factor)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        nodes.push(Node::Pareto {
            shape: self.shape,
            scale: self.scale,
        });
    }

    /// Closed form: with a mean that may be infinite, the quadrature has nothing to measure against.
    fn clamped_moments(&self, low: f64, high: f64) -> [f64; 2] {
        let (from, to) = (low.max(self.scale), high.max(self.scale));
        [1.0, 2.0].map(|order| {
            let below = self.tails(low).below * libm::pow(low.max(0.0), order);
            let inside = if to.is_finite() {
                self.partial_moment(order, to)
            } else if self.shape > order {
                libm::pow(self.scale, order) * self.shape / (self.shape - order)
            } else {
                return f64::INFINITY;
            };
            let above = if high.is_finite() {
                self.tails(high).above * libm::pow(high, order)
            } else {
                0.0
            };
            below + (inside - self.partial_moment(order, from)) + above
        })
    }
}
