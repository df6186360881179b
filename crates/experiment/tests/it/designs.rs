//! Designs: evenly spread as they promise, and the published points of the Sobol sequence.

use expect_test::{Expect, expect};
use pluriverse_experiment::design::{SOBOL_DIMENSIONS, latin_hypercube, sobol_point};

use crate::studies::study;

fn check(text: &str, expected: Expect) {
    let study = study(text);
    let points = study.points.iter().enumerate();
    let shown: Vec<String> = points
        .map(|(index, point)| format!("{}: {}", index + 1, point.shown(&study.plan.factors)))
        .collect();
    expected.assert_eq(&(shown.join("\n") + "\n"));
}

#[test]
fn a_grid_has_all_combinations() {
    check(
        r#"
            [factors]
            service = { key = "stations.desk.service.exponential.mean", values = ["4m", "6m"] }
            agents = { key = "stations.desk.agents", min = 1, max = 3, integer = true }
        "#,
        expect![[r#"
            1: service = 4m, agents = 1
            2: service = 4m, agents = 2
            3: service = 4m, agents = 3
            4: service = 6m, agents = 1
            5: service = 6m, agents = 2
            6: service = 6m, agents = 3
        "#]],
    );
}

#[test]
fn a_sobol_design_begins_in_the_middle() {
    check(
        r#"
            design = { method = "sobol", points = 4 }
            [factors]
            rate = { key = "sources.people.arrivals.poisson.rate", min = 10, max = 30, unit = "/h" }
            agents = { key = "stations.desk.agents", values = [1, 2] }
        "#,
        expect![[r#"
            1: rate = 20/h, agents = 2
            2: rate = 25/h, agents = 1
            3: rate = 15/h, agents = 2
            4: rate = 17.5/h, agents = 1
        "#]],
    );
}

/// The first points in three dimensions as Joe and Kuo's program prints them.
#[test]
fn the_sobol_sequence_is_the_published_one() {
    let published = [
        [0.0, 0.0, 0.0],
        [0.5, 0.5, 0.5],
        [0.75, 0.25, 0.25],
        [0.25, 0.75, 0.75],
        [0.375, 0.375, 0.625],
        [0.875, 0.875, 0.125],
        [0.625, 0.125, 0.875],
        [0.125, 0.625, 0.375],
        [0.1875, 0.3125, 0.9375],
        [0.6875, 0.8125, 0.4375],
    ];
    for (index, point) in (0..).zip(published) {
        assert_eq!(sobol_point(index, 3), point);
    }
}

/// Of the first 2^k points, each interval of length 2^-k holds one, in every dimension.
#[test]
fn every_dimension_of_the_sobol_sequence_is_stratified() {
    for bits in [4_u32, 8] {
        let count = 1_u64 << bits;
        let points: Vec<Vec<f64>> = (0..count)
            .map(|index| sobol_point(index, SOBOL_DIMENSIONS))
            .collect();
        for dimension in 0..SOBOL_DIMENSIONS {
            assert_stratified(points.iter().map(|point| point[dimension]), count);
        }
    }
}

#[test]
fn a_latin_hypercube_is_stratified_and_its_columns_are_not_in_step() {
    let points = latin_hypercube(100, 3, 9);
    for dimension in 0..3 {
        assert_stratified(points.iter().map(|point| point[dimension]), 100);
    }
    // The correlation of two random permutations of 100 has standard deviation 0.1.
    let product: f64 = points
        .iter()
        .map(|point| (point[0] - 0.5) * (point[1] - 0.5))
        .sum();
    assert!((12.0 * product / 100.0).abs() < 0.4);
    assert_eq!(points, latin_hypercube(100, 3, 9), "the seed says it all");
    assert_ne!(points, latin_hypercube(100, 3, 10));
}

fn assert_stratified(values: impl Iterator<Item = f64>, count: u64) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "places in the unit interval"
    )]
    let mut strata: Vec<u64> = values.map(|value| (value * count as f64) as u64).collect();
    strata.sort_unstable();
    assert_eq!(strata, (0..count).collect::<Vec<u64>>());
}
