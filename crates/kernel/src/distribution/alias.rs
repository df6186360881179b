//! The alias table: an index by weight from one word, whatever the number of weights.
//!
//! Source: Walker (1977), built in linear time as in Vose, "A linear algorithm for generating random numbers
//! with a given distribution", IEEE TSE 17 (1991).

use super::error::{Checked, DistributionError, NON_NEGATIVE};
use crate::random::Stream;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct AliasTable {
    cells: Vec<Cell>,
    probabilities: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Cell {
    /// The cell keeps its own index when the fraction of the word, in units of 2⁻⁶⁴, is below this.
    keep_below: u64,
    other: u32,
}

impl AliasTable {
    /// `weights` need not sum to one; they stay as given for whoever stores them.
    pub(super) fn new(parameter: &'static str, weights: &[f64]) -> Checked<Self> {
        NON_NEGATIVE.check_all(parameter, weights)?;
        let Ok(count) = u32::try_from(weights.len()) else {
            return Err(DistributionError::Length {
                parameter,
                got: weights.len(),
                expected: u32::MAX as usize,
            });
        };
        let sum: f64 = weights.iter().sum();
        if sum <= 0.0 || sum.is_infinite() {
            let expected = "a finite number above zero";
            return Err(DistributionError::Sum {
                parameter,
                got: sum,
                expected,
            });
        }
        let probabilities: Vec<f64> = weights.iter().map(|weight| weight / sum).collect();
        Ok(Self {
            cells: cells(&probabilities, count),
            probabilities,
        })
    }

    #[inline]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the index is below the number of cells, which fits 32 bits"
    )]
    pub(super) fn pick(&self, stream: &mut Stream) -> usize {
        let product = u128::from(stream.next_u64()) * self.cells.len() as u128;
        let index = (product >> 64) as u32 as usize;
        let cell = self.cells[index];
        if product & u128::from(u64::MAX) < u128::from(cell.keep_below) {
            index
        } else {
            cell.other as usize
        }
    }

    pub(super) fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }
}

fn cells(probabilities: &[f64], count: u32) -> Vec<Cell> {
    let mut shares: Vec<f64> = probabilities.iter().map(|p| p * f64::from(count)).collect();
    let (mut small, mut large): (Vec<u32>, Vec<u32>) =
        (0..count).partition(|&index| shares[index as usize] < 1.0);
    let mut cells: Vec<Cell> = (0..count)
        .map(|other| Cell {
            keep_below: u64::MAX,
            other,
        })
        .collect();
    while let (Some(&giver), Some(taker)) = (large.last(), small.pop()) {
        let share = shares[taker as usize];
        cells[taker as usize] = Cell {
            keep_below: fraction(share),
            other: giver,
        };
        shares[giver as usize] -= 1.0 - share;
        if shares[giver as usize] < 1.0 {
            large.pop();
            small.push(giver);
        }
    }
    // Whatever is left has a share of one but for rounding: it keeps its own index. A weight of zero always
    // found a giver, because the shares that are left sum to their number.
    cells
}

/// A share in [0, 1) in units of 2⁻⁶⁴.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share is in [0, 1)"
)]
fn fraction(share: f64) -> u64 {
    (share * 18_446_744_073_709_551_616.0) as u64
}
