//! Control variates: what is known exactly about a run corrects what is estimated from it.
//!
//! The mean number of arrivals is known; a run with more of them than that has longer waits than usual, and how much
//! longer is what regression tells. The estimate is unbiased and its interval exact where figure and controls are jointly
//! normal, and nearly so for means over a run.

use alloc::{vec, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{Estimate, Tally, interval::t_half_width_of};

/// A mean corrected by its controls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Controlled {
    /// The corrected mean with its interval; the extremes are those of the figures before correction.
    pub estimate: Estimate,
    /// How much of a control's deviation is taken off.
    pub coefficients: Vec<f64>,
    /// Variance that is left, as a share of that without controls; `None` where there was none.
    pub variance_left: Option<f64>,
}

/// The mean of `values` corrected by `controls`, of each of which the mean is known.
///
/// `controls[i]` holds a control's observations in the order of `values`. `None` when there are too few replications
/// (three more than controls are needed), or the controls depend on each other or do not vary. Source: Lavenberg and
/// Welch, "A perspective on the use of control variables to increase the efficiency of Monte Carlo simulations",
/// Management Science 27 (1981): the regression estimator, whose interval takes Student's t with n − q − 1 degrees of
/// freedom.
///
/// # Panics
/// When a control has not as many observations as there are values, or `confidence` is not strictly between 0 and 1.
#[must_use]
pub fn controlled_mean(
    values: &[f64],
    controls: &[(Vec<f64>, f64)],
    confidence: f64,
) -> Option<Controlled> {
    let (count, order) = (values.len(), controls.len());
    if order == 0 || count < order + 3 {
        return None;
    }
    let tally: Tally = values.iter().copied().collect();
    let centred = |series: &[f64], mean: f64| -> Vec<f64> {
        series.iter().map(|value| value - mean).collect()
    };
    let figure = centred(values, tally.mean());
    let (mut around, mut off) = (Vec::new(), Vec::new());
    for (series, known) in controls {
        assert_eq!(
            series.len(),
            count,
            "a control is observed in every replication"
        );
        let mean = series.iter().sum::<f64>() / count as f64;
        around.push(centred(series, mean));
        off.push(mean - known);
    }
    let dot = |left: &[f64], right: &[f64]| -> f64 {
        left.iter()
            .zip(right)
            .map(|(left, right)| left * right)
            .sum()
    };
    let squares: Vec<Vec<f64>> = around
        .iter()
        .map(|left| around.iter().map(|right| dot(left, right)).collect())
        .collect();
    let factor = cholesky(&squares)?;
    let products: Vec<f64> = around.iter().map(|control| dot(control, &figure)).collect();
    let coefficients = solve(&factor, &products);
    let before = dot(&figure, &figure);
    let residual = (before - dot(&coefficients, &products)).max(0.0);
    let degrees = (count - order - 1) as f64;
    let spread = 1.0 / count as f64 + dot(&off, &solve(&factor, &off));
    Some(Controlled {
        estimate: Estimate {
            mean: tally.mean() - dot(&coefficients, &off),
            half_width: Some(t_half_width_of(
                residual / degrees * spread,
                degrees,
                confidence,
            )),
            count: tally.count(),
            min: tally.min(),
            max: tally.max(),
        },
        coefficients,
        variance_left: (before > 0.0).then(|| residual / before),
    })
}

/// The lower triangle L with L·Lᵀ = `matrix`; `None` when the matrix is not clearly positive definite.
fn cholesky(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    const NEARLY_DEPENDENT: f64 = 1e-10;
    let order = matrix.len();
    let mut factor = vec![vec![0.0; order]; order];
    for row in 0..order {
        for column in 0..=row {
            let known: f64 = (0..column)
                .map(|index| factor[row][index] * factor[column][index])
                .sum();
            let rest = matrix[row][column] - known;
            factor[row][column] = if row == column {
                if rest.is_nan() || rest <= NEARLY_DEPENDENT * matrix[row][row] {
                    return None;
                }
                libm::sqrt(rest)
            } else {
                rest / factor[column][column]
            };
        }
    }
    Some(factor)
}

/// The x with L·Lᵀ·x = `right`.
fn solve(factor: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let order = right.len();
    let mut x = right.to_vec();
    for row in 0..order {
        let known: f64 = (0..row).map(|index| factor[row][index] * x[index]).sum();
        x[row] = (x[row] - known) / factor[row][row];
    }
    for row in (0..order).rev() {
        let known: f64 = (row + 1..order)
            .map(|index| factor[index][row] * x[index])
            .sum();
        x[row] = (x[row] - known) / factor[row][row];
    }
    x
}
