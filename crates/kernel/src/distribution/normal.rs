//! The normal family, which reaches below zero: a duration wants the truncated one.

use super::error::{Checked, FINITE, POSITIVE};
use super::{
    Distribution, Family,
    special::{self, Tails},
    wire::Node,
};
use crate::random::Stream;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Normal {
    mean: f64,
    std_dev: f64,
}

impl Normal {
    pub(super) fn new(mean: f64, std_dev: f64) -> Checked<Self> {
        FINITE.check("mean", mean)?;
        POSITIVE.check("std_dev", std_dev)?;
        Ok(Self { mean, std_dev })
    }
}

impl Family for Normal {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.mean + self.std_dev * stream.normal()
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.std_dev * self.std_dev
    }

    fn tails(&self, x: f64) -> Tails {
        special::normal_tails((x - self.mean) / self.std_dev)
    }

    fn support(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, f64::INFINITY)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::normal(self.mean * factor, self.std_dev * factor)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        nodes.push(Node::Normal {
            mean: self.mean,
            std_dev: self.std_dev,
        });
    }

    /// From E[Z; Z in (a, b)] = φ(a) − φ(b) and its second-order twin.
    fn clamped_moments(&self, low: f64, high: f64) -> [f64; 2] {
        let (a, b) = (
            (low - self.mean) / self.std_dev,
            (high - self.mean) / self.std_dev,
        );
        let end = |z: f64, probability: f64| if z.is_finite() { z * probability } else { 0.0 };
        let (below, above) = (
            special::normal_tails(a).below,
            special::normal_tails(b).above,
        );
        let (density_a, density_b) = (special::normal_density(a), special::normal_density(b));
        let first = end(a, below) + end(b, above) + density_a - density_b;
        let second = end(a, end(a, below))
            + end(b, end(b, above))
            + (1.0 - below - above)
            + end(a, density_a)
            - end(b, density_b);
        let (mean, scale) = (self.mean, self.std_dev);
        [
            mean + scale * first,
            mean * mean + 2.0 * mean * scale * first + scale * scale * second,
        ]
    }
}
