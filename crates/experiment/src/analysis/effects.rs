//! Main effects: what a figure is on average at each value of a factor, whatever the others are.

use serde::Serialize;

use super::{Analysis, Value};

/// A value of a factor, and the average of a figure over the points that have it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// The value.
    pub value: Value,
    /// Mean of the points' means.
    pub mean: f64,
    /// Points that have it.
    pub points: usize,
}

/// The main effects of the factor of this index on the figure of that index, by value.
///
/// In a grid, points that differ in nothing but this factor are averaged over all others; in other designs each value
/// stands alone. Source: Law, Simulation Modeling and Analysis, section 12.2.
#[must_use]
pub fn main_effects(analysis: &Analysis, factor: usize, metric: usize) -> Vec<Effect> {
    let mut effects: Vec<Effect> = Vec::new();
    for point in &analysis.points {
        let (Some(value), Some(Some(estimate))) =
            (point.settings.get(factor), point.estimates.get(metric))
        else {
            continue;
        };
        match effects.iter_mut().find(|effect| effect.value == *value) {
            Some(effect) => {
                effect.points += 1;
                effect.mean += (estimate.mean - effect.mean) / effect.points as f64;
            }
            None => effects.push(Effect {
                value: value.clone(),
                mean: estimate.mean,
                points: 1,
            }),
        }
    }
    let number = |effect: &Effect| effect.value.setting().number();
    if effects.iter().all(|effect| number(effect).is_some()) {
        effects.sort_by(|one, other| {
            let (one, other) = (number(one), number(other));
            one.unwrap_or(0.0).total_cmp(&other.unwrap_or(0.0))
        });
    }
    effects
}
