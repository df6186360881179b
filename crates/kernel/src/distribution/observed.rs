//! Families given by data: weighted values, a sample, a histogram.

use std::sync::Arc;

use super::alias::AliasTable;
use super::bounded::Uniform;
use super::error::{Checked, DistributionError, FINITE, ensure_length};
use super::{Distribution, Family, special::Tails, wire::Node};
use crate::random::Stream;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Discrete(Arc<WeightedValues>);

#[derive(Debug, PartialEq)]
struct WeightedValues {
    /// In rising order.
    values: Vec<f64>,
    weights: Vec<f64>,
    table: AliasTable,
    /// `cumulative[i]` is the probability of `values[i]` or less.
    cumulative: Vec<f64>,
}

impl Discrete {
    pub(super) fn new(values: &[f64], weights: &[f64]) -> Checked<Self> {
        FINITE.check_all("values", values)?;
        ensure_length("weights", weights.len(), values.len())?;
        let mut pairs: Vec<(f64, f64)> = values
            .iter()
            .copied()
            .zip(weights.iter().copied())
            .collect();
        // The check names places in the caller's order, so it comes before the sort.
        AliasTable::new("weights", weights)?;
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (values, weights): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let table = AliasTable::new("weights", &weights)?;
        let cumulative = running_sum(table.probabilities());
        Ok(Self(Arc::new(WeightedValues {
            values,
            weights,
            table,
            cumulative,
        })))
    }

    fn expect(&self, of_value: impl Fn(f64) -> f64) -> f64 {
        let probabilities = self.0.table.probabilities();
        probabilities
            .iter()
            .zip(&self.0.values)
            .map(|(p, &value)| p * of_value(value))
            .sum()
    }
}

impl Family for Discrete {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.0.values[self.0.table.pick(stream)]
    }

    fn mean(&self) -> f64 {
        self.expect(|value| value)
    }

    fn variance(&self) -> f64 {
        let centre = self.mean();
        self.expect(|value| (value - centre) * (value - centre))
    }

    fn tails(&self, x: f64) -> Tails {
        match self.0.values.partition_point(|&value| value <= x) {
            0 => Tails::ALL_ABOVE,
            count if count == self.0.values.len() => Tails::ALL_BELOW,
            count => Tails::from_below(self.0.cumulative[count - 1]),
        }
    }

    fn support(&self) -> (f64, f64) {
        let drawn = |index: &usize| self.0.weights[*index] > 0.0;
        let count = self.0.values.len();
        let first = (0..count).find(drawn).unwrap_or(0);
        let last = (0..count).rfind(drawn).unwrap_or(0);
        (self.0.values[first], self.0.values[last])
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::discrete(&scale_all(&self.0.values, factor), &self.0.weights)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        let (values, weights) = (self.0.values.clone(), self.0.weights.clone());
        nodes.push(Node::Discrete { values, weights });
    }

    fn clamped_moments(&self, low: f64, high: f64) -> [f64; 2] {
        [1, 2].map(|order| self.expect(|value| libm::pow(value.clamp(low, high), f64::from(order))))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Empirical {
    /// In rising order, never empty.
    samples: Arc<[f64]>,
}

impl Empirical {
    pub(super) fn new(samples: &[f64]) -> Checked<Self> {
        FINITE.check_all("samples", samples)?;
        let mut samples: Arc<[f64]> = samples.into();
        Arc::make_mut(&mut samples).sort_by(f64::total_cmp);
        Ok(Self { samples })
    }

    fn average(&self, of_sample: impl Fn(f64) -> f64) -> f64 {
        self.samples
            .iter()
            .map(|&sample| of_sample(sample))
            .sum::<f64>()
            / self.samples.len() as f64
    }
}

impl Family for Empirical {
    fn sample(&self, stream: &mut Stream) -> f64 {
        let index = stream.below(self.samples.len() as u64);
        self.samples[usize::try_from(index).expect("an index below a length fits")]
    }

    fn mean(&self) -> f64 {
        self.average(|sample| sample)
    }

    fn variance(&self) -> f64 {
        let centre = self.mean();
        self.average(|sample| (sample - centre) * (sample - centre))
    }

    fn tails(&self, x: f64) -> Tails {
        let count = self.samples.partition_point(|&sample| sample <= x);
        Tails::from_below(count as f64 / self.samples.len() as f64)
    }

    fn support(&self) -> (f64, f64) {
        (self.samples[0], self.samples[self.samples.len() - 1])
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::empirical(&scale_all(&self.samples, factor))
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        nodes.push(Node::Empirical {
            samples: self.samples.to_vec(),
        });
    }

    fn clamped_moments(&self, low: f64, high: f64) -> [f64; 2] {
        [1, 2].map(|order| {
            self.average(|sample| libm::pow(sample.clamp(low, high), f64::from(order)))
        })
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Histogram(Arc<Bins>);

#[derive(Debug, PartialEq)]
struct Bins {
    edges: Vec<f64>,
    weights: Vec<f64>,
    bins: Vec<Uniform>,
    table: AliasTable,
    /// `cumulative[i]` is the probability of bin i or one below.
    cumulative: Vec<f64>,
}

impl Histogram {
    pub(super) fn new(edges: &[f64], weights: &[f64]) -> Checked<Self> {
        FINITE.check_all("edges", edges)?;
        ensure_length("edges", edges.len(), weights.len() + 1)?;
        let table = AliasTable::new("weights", weights)?;
        let bins = edges
            .windows(2)
            .enumerate()
            .map(|(index, ends)| {
                Uniform::new(ends[0], ends[1]).map_err(|_| DistributionError::Element {
                    parameter: "edges",
                    index: index + 1,
                    got: ends[1],
                    expected: "a number above the edge before it, at a finite distance",
                })
            })
            .collect::<Checked<Vec<Uniform>>>()?;
        let cumulative = running_sum(table.probabilities());
        let (edges, weights) = (edges.to_vec(), weights.to_vec());
        Ok(Self(Arc::new(Bins {
            edges,
            weights,
            bins,
            table,
            cumulative,
        })))
    }

    fn expect(&self, of_bin: impl Fn(&Uniform) -> f64) -> f64 {
        self.0
            .table
            .probabilities()
            .iter()
            .zip(&self.0.bins)
            .map(|(p, bin)| p * of_bin(bin))
            .sum()
    }
}

impl Family for Histogram {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.0.bins[self.0.table.pick(stream)].sample(stream)
    }

    fn mean(&self) -> f64 {
        self.expect(Uniform::mean)
    }

    fn variance(&self) -> f64 {
        let centre = self.mean();
        self.expect(|bin| bin.variance() + (bin.mean() - centre) * (bin.mean() - centre))
    }

    fn tails(&self, x: f64) -> Tails {
        let index = self.0.edges.partition_point(|&edge| edge <= x);
        if index == 0 {
            return Tails::ALL_ABOVE;
        }
        if index == self.0.edges.len() {
            return Tails::ALL_BELOW;
        }
        let before = if index == 1 {
            0.0
        } else {
            self.0.cumulative[index - 2]
        };
        let inside = self.0.bins[index - 1].tails(x).below;
        Tails::from_below(before + self.0.table.probabilities()[index - 1] * inside)
    }

    fn support(&self) -> (f64, f64) {
        let drawn = |index: &usize| self.0.weights[*index] > 0.0;
        let count = self.0.weights.len();
        let first = (0..count).find(drawn).unwrap_or(0);
        let last = (0..count).rfind(drawn).unwrap_or(0);
        (self.0.edges[first], self.0.edges[last + 1])
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::histogram(&scale_all(&self.0.edges, factor), &self.0.weights)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        let (edges, weights) = (self.0.edges.clone(), self.0.weights.clone());
        nodes.push(Node::Histogram { edges, weights });
    }

    fn clamped_moments(&self, low: f64, high: f64) -> [f64; 2] {
        [0, 1].map(|order| self.expect(|bin| bin.clamped_moments(low, high)[order]))
    }
}

fn running_sum(probabilities: &[f64]) -> Vec<f64> {
    let step = |sum: &mut f64, p: &f64| {
        *sum += p;
        Some(sum.min(1.0))
    };
    probabilities.iter().scan(0.0, step).collect()
}

fn scale_all(list: &[f64], factor: f64) -> Vec<f64> {
    list.iter().map(|x| x * factor).collect()
}
