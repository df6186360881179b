//! Which alternatives are worth looking at when two things matter.

use alloc::vec::Vec;

/// Indices of the points that no other one beats in both coordinates (smaller is better), by the first coordinate.
///
/// A point is beaten by one that is no worse in both and better in one. Equal points are all kept, those with a
/// coordinate that is NaN never.
#[must_use]
pub fn pareto_front(points: &[(f64, f64)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len())
        .filter(|index| !points[*index].0.is_nan() && !points[*index].1.is_nan())
        .collect();
    order.sort_by(|left, right| {
        let (left, right) = (points[*left], points[*right]);
        left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1))
    });
    let mut front: Vec<usize> = Vec::new();
    for index in order {
        let beats =
            |last: &usize| points[*last].1 > points[index].1 || points[*last] == points[index];
        if front.last().is_none_or(beats) {
            front.push(index);
        }
    }
    front
}
