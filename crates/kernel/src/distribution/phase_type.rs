//! Phase-type distributions: the time until a Markov chain of exponential phases ends.
//!
//! Source: Neuts, "Matrix-geometric solutions in stochastic models" (1981), chapter 2; the distribution function
//! by uniformisation.

use std::sync::Arc;

use super::alias::AliasTable;
use super::error::{Checked, DistributionError, FINITE, NON_NEGATIVE, POSITIVE, ensure_length};
use super::special::{Tails, poisson_probability};
use super::{Distribution, Family, Kind, wire::Node};
use crate::random::Stream;

/// Row sums this close to zero, relative to the diagonal, are zero but for rounding.
const ROUNDING: f64 = 1e-9;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct PhaseType {
    chain: Arc<Chain>,
    /// What one unit of the chain's time is worth in draws. Rates that were scaled instead would round, and
    /// rounding may build other alias tables: the same words would take other paths.
    time_unit: f64,
}

#[derive(Debug, PartialEq)]
struct Chain {
    initial: Vec<f64>,
    /// Rates, row by row.
    generator: Vec<f64>,
    /// First phase; the index after the last phase stands for the end.
    start: AliasTable,
    phases: Vec<Phase>,
}

#[derive(Debug, PartialEq)]
struct Phase {
    mean: f64,
    /// Next phase or the end.
    next: AliasTable,
}

impl PhaseType {
    pub(super) fn new(initial: Vec<f64>, generator: Vec<f64>) -> Checked<Self> {
        let count = initial.len();
        NON_NEGATIVE.check_all("initial", &initial)?;
        FINITE.check_all("generator", &generator)?;
        ensure_length("generator", generator.len(), count * count)?;
        let sum: f64 = initial.iter().sum();
        if sum <= 0.0 || sum > 1.0 + ROUNDING {
            return Err(DistributionError::Sum {
                parameter: "initial",
                got: sum,
                expected: "a number above zero and at most one",
            });
        }
        let mut start = initial.clone();
        start.push(if 1.0 - sum < ROUNDING { 0.0 } else { 1.0 - sum });
        let phases = generator
            .chunks(count)
            .enumerate()
            .map(|(index, row)| Phase::new(index, row))
            .collect::<Checked<Vec<Phase>>>()?;
        ensure_end_in_reach(&phases)?;
        let start = AliasTable::new("initial", &start)?;
        let chain = Chain {
            initial,
            generator,
            start,
            phases,
        };
        Ok(Self {
            chain: Arc::new(chain),
            time_unit: 1.0,
        })
    }

    pub(super) fn with_time_unit(&self, time_unit: f64) -> Checked<Self> {
        Ok(Self {
            chain: Arc::clone(&self.chain),
            time_unit: POSITIVE.check("time_unit", time_unit)?,
        })
    }

    /// Expected time to the end from each phase, when time in phase i counts `reward[i]` times.
    fn expected_rewards(&self, reward: &[f64]) -> Vec<f64> {
        let count = reward.len();
        let mut rows: Vec<Vec<f64>> = self
            .chain
            .generator
            .chunks(count)
            .zip(reward)
            .map(|(row, &right)| row.iter().map(|rate| -rate).chain([right]).collect())
            .collect();
        solve(&mut rows);
        rows.iter().map(|row| row[count]).collect()
    }

    fn expect_at_start(&self, by_phase: &[f64]) -> f64 {
        self.chain
            .start
            .probabilities()
            .iter()
            .zip(by_phase)
            .map(|(p, value)| p * value)
            .sum()
    }
}

impl Phase {
    fn new(index: usize, row: &[f64]) -> Checked<Self> {
        let at = |column: usize, expected: &'static str| DistributionError::Element {
            parameter: "generator",
            index: index * row.len() + column,
            got: row[column],
            expected,
        };
        let leave = -row[index];
        if leave <= 0.0 || !(1.0 / leave).is_finite() {
            return Err(at(index, "a rate below zero on the diagonal"));
        }
        let mut rates = row.to_vec();
        rates[index] = 0.0;
        if let Some(column) = rates.iter().position(|&rate| rate < 0.0) {
            return Err(at(column, "a rate of zero or more off the diagonal"));
        }
        let end = leave - rates.iter().sum::<f64>();
        if end < -ROUNDING * leave {
            return Err(at(index, "a diagonal that outweighs the rest of its row"));
        }
        rates.push(if end < ROUNDING * leave { 0.0 } else { end });
        Ok(Self {
            mean: 1.0 / leave,
            next: AliasTable::new("generator", &rates)?,
        })
    }
}

/// Walks backwards from the end; a phase that is not met would run for ever.
fn ensure_end_in_reach(phases: &[Phase]) -> Checked<()> {
    let mut reached = vec![false; phases.len()];
    let mut frontier = vec![phases.len()];
    while let Some(target) = frontier.pop() {
        for (index, phase) in phases.iter().enumerate() {
            if !reached[index] && phase.next.probabilities()[target] > 0.0 {
                reached[index] = true;
                frontier.push(index);
            }
        }
    }
    match reached.iter().position(|&met| !met) {
        None => Ok(()),
        Some(phase) => Err(DistributionError::NoExit { phase }),
    }
}

/// Gauss–Jordan elimination on rows that end with the right-hand side. The matrix is an M-matrix, whose diagonal
/// serves as pivot in any order.
fn solve(rows: &mut [Vec<f64>]) {
    for pivot in 0..rows.len() {
        let scale = 1.0 / rows[pivot][pivot];
        for cell in &mut rows[pivot] {
            *cell *= scale;
        }
        let pivot_row = rows[pivot].clone();
        for (index, row) in rows.iter_mut().enumerate() {
            let factor = row[pivot];
            if index != pivot && factor != 0.0 {
                for (cell, above) in row.iter_mut().zip(&pivot_row) {
                    *cell -= factor * above;
                }
            }
        }
    }
}

impl Family for PhaseType {
    fn sample(&self, stream: &mut Stream) -> f64 {
        let mut phase = self.chain.start.pick(stream);
        let mut time = 0.0;
        while let Some(here) = self.chain.phases.get(phase) {
            time += here.mean * stream.exponential();
            phase = here.next.pick(stream);
        }
        time * self.time_unit
    }

    fn mean(&self) -> f64 {
        let times = self.expected_rewards(&vec![1.0; self.chain.phases.len()]);
        self.time_unit * self.expect_at_start(&times)
    }

    fn variance(&self) -> f64 {
        let times = self.expected_rewards(&vec![1.0; self.chain.phases.len()]);
        let mean = self.expect_at_start(&times);
        let square = 2.0 * self.expect_at_start(&self.expected_rewards(&times));
        self.time_unit * self.time_unit * (square - mean * mean)
    }

    /// What is above is the mass that is still in a phase after a Poisson number of steps of the uniformised
    /// chain; the effort grows with x times the fastest rate.
    fn tails(&self, x: f64) -> Tails {
        if x < 0.0 {
            return Tails::ALL_ABOVE;
        }
        if x == f64::INFINITY {
            return Tails::ALL_BELOW;
        }
        let phases = &self.chain.phases;
        let rate = phases
            .iter()
            .map(|phase| 1.0 / phase.mean)
            .fold(0.0, f64::max);
        let expected_steps = rate * (x / self.time_unit);
        let mut mass = self.chain.start.probabilities()[..phases.len()].to_vec();
        let mut alive = 0.0;
        let mut steps = 0.0;
        loop {
            let left: f64 = mass.iter().sum();
            alive += poisson_probability(steps, expected_steps) * left;
            let far = steps > expected_steps + 10.0 * libm::sqrt(expected_steps) + 20.0;
            if far || left < 1e-18 {
                return Tails::from_below(alive.min(1.0)).swapped();
            }
            steps += 1.0;
            mass = step(&mass, &self.chain.generator, rate);
        }
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        let scaled = self.with_time_unit(self.time_unit * factor)?;
        Ok(Distribution(Kind::PhaseType(scaled)))
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        nodes.push(Node::PhaseType {
            initial: self.chain.initial.clone(),
            generator: self.chain.generator.clone(),
            time_unit: self.time_unit,
        });
    }
}

/// The mass after one step of the chain with transition matrix I + generator / rate.
fn step(mass: &[f64], generator: &[f64], rate: f64) -> Vec<f64> {
    let mut next = mass.to_vec();
    for (row, here) in generator.chunks(mass.len()).zip(mass) {
        for (cell, flow) in next.iter_mut().zip(row) {
            *cell += here * flow / rate;
        }
    }
    next
}
