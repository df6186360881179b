//! Families made of exponential phases with closed forms: exponential, Erlang, hyperexponential.

use std::sync::Arc;

use super::alias::AliasTable;
use super::error::{AT_LEAST_ONE, Checked, POSITIVE, ensure_length};
use super::gamma::GammaSampler;
use super::{
    Distribution, Family,
    special::{self, Tails},
    wire::Node,
};
use crate::random::Stream;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Exponential {
    mean: f64,
}

impl Exponential {
    pub(super) fn new(mean: f64) -> Checked<Self> {
        Ok(Self {
            mean: POSITIVE.check("mean", mean)?,
        })
    }
}

impl Family for Exponential {
    #[inline]
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.mean * stream.exponential()
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.mean * self.mean
    }

    fn tails(&self, x: f64) -> Tails {
        special::exponential_tails(x / self.mean)
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::exponential(self.mean * factor)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        nodes.push(Node::Exponential { mean: self.mean });
    }
}

/// Up to this shape a sum of exponentials is cheaper than a gamma number.
const SUM_UP_TO: u32 = 6;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Erlang {
    shape: u32,
    mean: f64,
    /// Mean of one phase.
    scale: f64,
    gamma: GammaSampler,
}

impl Erlang {
    pub(super) fn new(shape: u32, mean: f64) -> Checked<Self> {
        AT_LEAST_ONE.check("shape", f64::from(shape))?;
        POSITIVE.check("mean", mean)?;
        let scale = POSITIVE.check("mean", mean / f64::from(shape))?;
        Ok(Self {
            shape,
            mean,
            scale,
            gamma: GammaSampler::new(f64::from(shape)),
        })
    }
}

impl Family for Erlang {
    fn sample(&self, stream: &mut Stream) -> f64 {
        if self.shape > SUM_UP_TO {
            return self.scale * self.gamma.sample(stream);
        }
        let mut sum = stream.exponential();
        for _ in 1..self.shape {
            sum += stream.exponential();
        }
        self.scale * sum
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.mean * self.scale
    }

    fn tails(&self, x: f64) -> Tails {
        special::gamma_tails(f64::from(self.shape), x / self.scale)
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::erlang(self.shape, self.mean * factor)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        nodes.push(Node::Erlang {
            shape: self.shape,
            mean: self.mean,
        });
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct HyperExponential(Arc<Branches>);

#[derive(Debug, PartialEq)]
struct Branches {
    weights: Vec<f64>,
    means: Vec<f64>,
    table: AliasTable,
}

impl HyperExponential {
    pub(super) fn new(weights: &[f64], means: &[f64]) -> Checked<Self> {
        let table = AliasTable::new("weights", weights)?;
        ensure_length("means", means.len(), weights.len())?;
        POSITIVE.check_all("means", means)?;
        Ok(Self(Arc::new(Branches {
            weights: weights.to_vec(),
            means: means.to_vec(),
            table,
        })))
    }

    /// Sum over the branches of probability times a function of the mean.
    fn expect(&self, of_mean: impl Fn(f64) -> f64) -> f64 {
        let probabilities = self.0.table.probabilities();
        probabilities
            .iter()
            .zip(&self.0.means)
            .map(|(p, &mean)| p * of_mean(mean))
            .sum()
    }
}

impl Family for HyperExponential {
    fn sample(&self, stream: &mut Stream) -> f64 {
        let branch = self.0.table.pick(stream);
        self.0.means[branch] * stream.exponential()
    }

    fn mean(&self) -> f64 {
        self.expect(|mean| mean)
    }

    fn variance(&self) -> f64 {
        let centre = self.mean();
        self.expect(|mean| mean * mean + (mean - centre) * (mean - centre))
    }

    fn tails(&self, x: f64) -> Tails {
        let probabilities = self.0.table.probabilities().iter().copied();
        let tails = |mean: &f64| special::exponential_tails(x / mean);
        Tails::mixed(probabilities.zip(self.0.means.iter().map(tails)))
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        let means: Vec<f64> = self.0.means.iter().map(|mean| mean * factor).collect();
        Distribution::hyperexponential(&self.0.weights, &means)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        let (weights, means) = (self.0.weights.clone(), self.0.means.clone());
        nodes.push(Node::HyperExponential { weights, means });
    }
}
