//! Distributions made of others: mixture, shift, scale, clamp.
//!
//! Nesting is limited, so that no walk over the parts runs out of stack.

use std::sync::Arc;

use super::alias::AliasTable;
use super::error::{Checked, DistributionError, FINITE, check_bounds, ensure_length};
use super::{Distribution, Family, Kind, MAX_DEPTH, special::Tails, wire::Node};
use crate::random::Stream;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mixture(Arc<Parts>);

#[derive(Debug, PartialEq)]
struct Parts {
    weights: Vec<f64>,
    components: Vec<Distribution>,
    table: AliasTable,
}

impl Mixture {
    pub(super) fn new(weights: &[f64], components: Vec<Distribution>) -> Checked<Self> {
        let table = AliasTable::new("weights", weights)?;
        ensure_length("components", components.len(), weights.len())?;
        for component in &components {
            ensure_depth(component)?;
        }
        Ok(Self(Arc::new(Parts {
            weights: weights.to_vec(),
            components,
            table,
        })))
    }

    /// The components that are ever drawn, with their probabilities.
    fn drawn(&self) -> impl Iterator<Item = (f64, &Distribution)> {
        let probabilities = self.0.table.probabilities().iter().copied();
        probabilities
            .zip(&self.0.components)
            .filter(|&(p, _)| p > 0.0)
    }

    fn expect(&self, of_component: impl Fn(&Distribution) -> f64) -> f64 {
        self.drawn()
            .map(|(p, component)| p * of_component(component))
            .sum()
    }
}

impl Family for Mixture {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.0.components[self.0.table.pick(stream)].sample(stream)
    }

    fn mean(&self) -> f64 {
        self.expect(Distribution::mean)
    }

    fn variance(&self) -> f64 {
        let centre = self.mean();
        if centre.is_infinite() {
            return f64::INFINITY;
        }
        self.expect(|part| part.variance() + (part.mean() - centre) * (part.mean() - centre))
    }

    fn tails(&self, x: f64) -> Tails {
        Tails::mixed(self.drawn().map(|(p, part)| (p, part.tails(x))))
    }

    fn support(&self) -> (f64, f64) {
        let ends = self.drawn().map(|(_, part)| part.support());
        ends.fold((f64::INFINITY, f64::NEG_INFINITY), |all, one| {
            (all.0.min(one.0), all.1.max(one.1))
        })
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        let components = self
            .0
            .components
            .iter()
            .map(|part| part.clone().scaled(factor))
            .collect();
        Distribution::mixture(&self.0.weights, components)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        for component in &self.0.components {
            component.write(nodes);
        }
        nodes.push(Node::Mixture {
            weights: self.0.weights.clone(),
        });
    }

    fn clamped_moments(&self, low: f64, high: f64) -> [f64; 2] {
        [0, 1].map(|order| self.expect(|part| part.clamped_moments(low, high)[order]))
    }

    fn depth(&self) -> usize {
        1 + self
            .0
            .components
            .iter()
            .map(Distribution::depth)
            .max()
            .unwrap_or(0)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shifted {
    inner: Arc<Distribution>,
    offset: f64,
}

impl Shifted {
    pub(super) fn new(inner: Distribution, offset: f64) -> Checked<Self> {
        FINITE.check("offset", offset)?;
        ensure_depth(&inner)?;
        Ok(Self {
            inner: Arc::new(inner),
            offset,
        })
    }
}

impl Family for Shifted {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.inner.sample(stream) + self.offset
    }

    fn mean(&self) -> f64 {
        self.inner.mean() + self.offset
    }

    fn variance(&self) -> f64 {
        self.inner.variance()
    }

    fn tails(&self, x: f64) -> Tails {
        self.inner.tails(x - self.offset)
    }

    fn support(&self) -> (f64, f64) {
        let (low, high) = self.inner.support();
        (low + self.offset, high + self.offset)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        (*self.inner)
            .clone()
            .scaled(factor)
            .shifted(self.offset * factor)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        self.inner.write(nodes);
        nodes.push(Node::Shifted {
            offset: self.offset,
        });
    }

    fn clamped_moments(&self, low: f64, high: f64) -> [f64; 2] {
        let offset = self.offset;
        let [first, second] = self.inner.clamped_moments(low - offset, high - offset);
        [first + offset, second + offset * (2.0 * first + offset)]
    }

    fn depth(&self) -> usize {
        1 + self.inner.depth()
    }
}

/// Only where the parameters of a family cannot take the factor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scaled {
    inner: Arc<Distribution>,
    factor: f64,
}

impl Scaled {
    /// `factor` is finite and above zero.
    pub(super) fn new(inner: Distribution, factor: f64) -> Self {
        Self {
            inner: Arc::new(inner),
            factor,
        }
    }
}

impl Family for Scaled {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.inner.sample(stream) * self.factor
    }

    fn mean(&self) -> f64 {
        self.inner.mean() * self.factor
    }

    fn variance(&self) -> f64 {
        self.inner.variance() * self.factor * self.factor
    }

    fn tails(&self, x: f64) -> Tails {
        self.inner.tails(x / self.factor)
    }

    fn support(&self) -> (f64, f64) {
        let (low, high) = self.inner.support();
        (low * self.factor, high * self.factor)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        let factor = super::error::POSITIVE.check("factor", self.factor * factor)?;
        Ok(Distribution(Kind::Scaled(Self {
            inner: Arc::clone(&self.inner),
            factor,
        })))
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        self.inner.write(nodes);
        nodes.push(Node::Scaled {
            factor: self.factor,
        });
    }

    fn clamped_moments(&self, low: f64, high: f64) -> [f64; 2] {
        let factor = self.factor;
        let [first, second] = self.inner.clamped_moments(low / factor, high / factor);
        [first * factor, second * factor * factor]
    }

    fn depth(&self) -> usize {
        1 + self.inner.depth()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clamped {
    inner: Arc<Distribution>,
    low: f64,
    high: f64,
}

impl Clamped {
    pub(super) fn new(inner: Distribution, low: f64, high: f64) -> Checked<Self> {
        check_bounds(low, high)?;
        ensure_depth(&inner)?;
        Ok(Self {
            inner: Arc::new(inner),
            low,
            high,
        })
    }

    fn moments(&self) -> [f64; 2] {
        self.inner.clamped_moments(self.low, self.high)
    }
}

impl Family for Clamped {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.inner.sample(stream).clamp(self.low, self.high)
    }

    fn mean(&self) -> f64 {
        self.moments()[0]
    }

    fn variance(&self) -> f64 {
        let [first, second] = self.moments();
        if second.is_infinite() {
            second
        } else {
            (second - first * first).max(0.0)
        }
    }

    fn tails(&self, x: f64) -> Tails {
        if x < self.low {
            Tails::ALL_ABOVE
        } else if x >= self.high {
            Tails::ALL_BELOW
        } else {
            self.inner.tails(x)
        }
    }

    fn support(&self) -> (f64, f64) {
        let (low, high) = self.inner.support();
        (
            low.clamp(self.low, self.high),
            high.clamp(self.low, self.high),
        )
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        (*self.inner)
            .clone()
            .scaled(factor)
            .clamped(self.low * factor, self.high * factor)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        self.inner.write(nodes);
        nodes.push(Node::Clamped {
            low: self.low,
            high: self.high,
        });
    }

    /// Two clamps in a row are one whose bounds are clamped.
    fn clamped_moments(&self, low: f64, high: f64) -> [f64; 2] {
        let (from, to) = (self.low.clamp(low, high), self.high.clamp(low, high));
        if from == to {
            [from, from * from]
        } else {
            self.inner.clamped_moments(from, to)
        }
    }

    fn depth(&self) -> usize {
        1 + self.inner.depth()
    }
}

fn ensure_depth(inner: &Distribution) -> Checked<()> {
    let (got, expected) = (inner.depth() + 1, MAX_DEPTH);
    if got > expected {
        Err(DistributionError::Depth { got, expected })
    } else {
        Ok(())
    }
}
