//! Which combinations of factors are looked at: grids, Latin hypercubes and the Sobol sequence.
//!
//! A design is a pure function of the plan. Points are in the unit cube first, one coordinate a factor, and then become
//! settings; a listed factor takes its values in equal shares of the unit interval.

use pluriverse_kernel::random::{Purpose, Stream, StreamKey};

use crate::plan::{Design, Factor, Grain, Levels, Plan, Setting};

mod sobol;

pub use sobol::{SOBOL_DIMENSIONS, sobol_point};

/// The settings of every point, in the order of the factors.
///
/// # Panics
/// When a grid has a factor without a countable number of values, or there are more factors than dimensions; a plan
/// that was read has neither.
#[must_use]
pub fn points(plan: &Plan) -> Vec<Vec<Setting>> {
    let factors = &plan.factors;
    if factors.is_empty() {
        return vec![Vec::new()];
    }
    match plan.design {
        Design::Grid => grid(factors),
        Design::LatinHypercube { points } => latin_hypercube(points, factors.len(), plan.seed)
            .into_iter()
            .map(|unit| settings(factors, &unit))
            .collect(),
        // The first point of the sequence is the origin, a corner of the cube that says little.
        Design::Sobol { points } => (1..=points)
            .map(|index| settings(factors, &sobol_point(index, factors.len())))
            .collect(),
    }
}

/// How many values a factor takes in a grid; `None` when they cannot be counted.
#[must_use]
pub fn level_count(levels: &Levels) -> Option<u64> {
    match levels {
        Levels::Listed(settings) => Some(settings.len() as u64),
        Levels::Range {
            min,
            max,
            grain: Grain::Whole,
            ..
        } => whole_count(*min, *max),
        Levels::Range { min, max, .. } => (min == max).then_some(1),
    }
}

/// How many whole numbers there are between two, where they can be counted.
fn whole_count(min: f64, max: f64) -> Option<u64> {
    let count = max - min + 1.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    (1.0..=1e15).contains(&count).then_some(count as u64)
}

/// All combinations; the last factor changes fastest.
fn grid(factors: &[Factor]) -> Vec<Vec<Setting>> {
    let mut points = vec![Vec::new()];
    for factor in factors {
        let count = level_count(&factor.levels).expect("the reader counts the values of a grid");
        points = points
            .into_iter()
            .flat_map(|point: Vec<Setting>| {
                (0..count).map(move |index| {
                    let mut longer = point.clone();
                    longer.push(level(&factor.levels, index));
                    longer
                })
            })
            .collect();
    }
    points
}

fn level(levels: &Levels, index: u64) -> Setting {
    match levels {
        Levels::Listed(settings) => {
            let index = usize::try_from(index).expect("an index of a list in memory");
            settings[index].clone()
        }
        Levels::Range { min, unit, .. } => with_unit(min + index as f64, unit),
    }
}

fn with_unit(number: f64, unit: &str) -> Setting {
    if unit.is_empty() {
        Setting::Number(number)
    } else {
        Setting::Text(format!("{number}{unit}"))
    }
}

fn settings(factors: &[Factor], unit: &[f64]) -> Vec<Setting> {
    let pairs = factors.iter().zip(unit);
    pairs
        .map(|(factor, unit)| at(&factor.levels, *unit))
        .collect()
}

/// The value at a place in [0, 1).
fn at(levels: &Levels, unit: f64) -> Setting {
    let share = |count: u64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a product of a share and a count"
        )]
        let index = (unit * count as f64) as u64;
        index.min(count - 1)
    };
    match levels {
        Levels::Listed(settings) => level(levels, share(settings.len() as u64)),
        Levels::Range {
            min,
            max,
            grain: Grain::Whole,
            ..
        } => match whole_count(*min, *max) {
            Some(count) => level(levels, share(count)),
            None => level(levels, 0),
        },
        Levels::Range {
            min,
            max,
            unit: suffix,
            ..
        } => with_unit(min + unit * (max - min), suffix),
    }
}

/// So many points of the unit cube, each coordinate once in each of as many equal intervals.
///
/// Source: McKay, Beckman and Conover, "A comparison of three methods for selecting values of input variables in the
/// analysis of output from a computer code", Technometrics 21 (1979).
#[must_use]
pub fn latin_hypercube(points: u64, dimensions: usize, seed: u64) -> Vec<Vec<f64>> {
    const LATIN_HYPERCUBE: Purpose = Purpose::named("latin hypercube");
    let columns: Vec<Vec<f64>> = (0..dimensions)
        .map(|dimension| {
            let mut stream = Stream::new(StreamKey {
                seed,
                replication: 0,
                entity: dimension as u64,
                purpose: LATIN_HYPERCUBE,
            });
            let mut order: Vec<u64> = (0..points).collect();
            // Fisher and Yates.
            for last in (1..order.len()).rev() {
                let other = usize::try_from(stream.below(last as u64 + 1))
                    .expect("below the length of a list in memory");
                order.swap(last, other);
            }
            let place = |interval: u64| (interval as f64 + stream.next_f64()) / points as f64;
            order.into_iter().map(place).collect()
        })
        .collect();
    let count = columns.first().map_or(0, Vec::len);
    (0..count)
        .map(|index| columns.iter().map(|column| column[index]).collect())
        .collect()
}
