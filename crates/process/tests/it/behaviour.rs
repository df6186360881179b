//! What each feature does, told row by row: scenarios without chance, small enough to follow by hand.

mod blocking;
mod figures;
mod flow;
mod outside;
mod preemption;
mod queues;
mod rooms;
mod shifts;
mod sources;

use expect_test::Expect;

use crate::worlds::{live, scenario};

/// Runs a scenario and compares all its rows.
#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&live(&scenario(text)).told());
}

/// Runs a scenario and compares some of its figures.
#[track_caller]
fn check_figures(text: &str, names: &[&str], expected: Expect) {
    expected.assert_eq(&live(&scenario(text)).figures(names));
}
