//! Closed forms: models whose steady state or distribution is known exactly.
//!
//! Each claim is tested by independent replications: the exact value must lie in the confidence interval, and the
//! interval must be narrow, so that a wrong model fails. All intervals of this file hold together with a
//! probability of 1 − [`FAMILY_ERROR`]; seeds are fixed, so that a run that passed passes always.

mod contact_centre;
mod counts;
mod infinite;
mod networks;
mod single;
mod stations;

use crate::worlds::{replications, scenario, tally};

/// The probability that any claim of a correct engine fails.
const FAMILY_ERROR: f64 = 1e-3;
/// No more claims than this in the whole family (Bonferroni).
const CLAIMS: f64 = 200.0;

/// What is known of one figure.
struct Claim {
    figure: &'static str,
    exact: f64,
    /// The widest half width that still says something, as a share of the exact value.
    within: f64,
}

fn claim(figure: &'static str, exact: f64, within: f64) -> Claim {
    Claim {
        figure,
        exact,
        within,
    }
}

/// Runs a scenario often enough and checks what is known of it.
#[track_caller]
fn check(text: &str, count: u64, claims: &[Claim]) {
    let outcome = replications(&scenario(text), count);
    let mut failures = Vec::new();
    for Claim {
        figure,
        exact,
        within,
    } in claims
    {
        let estimate = tally(&outcome, figure).estimate_at(1.0 - FAMILY_ERROR / CLAIMS);
        let estimate = estimate.unwrap();
        let half_width = estimate.half_width.unwrap();
        let told = format!(
            "{figure}: {} ± {half_width}, exactly {exact}",
            estimate.mean
        );
        if !estimate.covers(*exact) {
            failures.push(format!("{told}: not within the interval"));
        }
        if half_width > within * exact {
            failures.push(format!("{told}: too wide"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
