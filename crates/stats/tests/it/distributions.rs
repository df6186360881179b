//! Quantiles and incomplete functions against references in 60-digit arithmetic.
#![allow(
    clippy::excessive_precision,
    reason = "references are given as computed, to 17 digits"
)]

use pluriverse_stats::{
    incomplete_beta, incomplete_gamma, normal_cdf, normal_quantile, student_t_quantile,
};
use proptest::prelude::*;

use crate::near::assert_near;

/// (p, degrees of freedom, t)
const STUDENT: [(f64, f64, f64); 28] = [
    (0.975, 1.0, 12.706204736174693),
    (0.975, 2.0, 4.3026527297494618),
    (0.975, 3.0, 3.1824463052837084),
    (0.975, 4.0, 2.7764451051977935),
    (0.975, 9.0, 2.262157162798205),
    (0.975, 29.0, 2.0452296421327039),
    (0.975, 99.0, 1.9842169515864171),
    (0.975, 999.0, 1.9623414611334496),
    (0.95, 5.0, 2.0150483733330235),
    (0.9, 7.0, 1.4149239276505086),
    (0.995, 3.0, 5.8409093097333554),
    (0.995, 30.0, 2.749995653567225),
    (0.9995, 12.0, 4.3177912836062473),
    (0.6, 3.0, 0.27667066233268985),
    (0.55, 17.0, 0.12755223401064828),
    (0.7, 1000.0, 0.52456770730922677),
    (0.500001, 5.0, 2.6343055242196798e-6),
    (1e-10, 3.0, -2225.7692846830932),
    (1e-10, 50.0, -7.9482437476462225),
    (1e-100, 7.0, -387862584049539.85),
    (1e-300, 40.0, -186620412.89710914),
    (1e-12, 500.0, -7.2159305506488698),
    (0.975, 2.5, 3.5746548420036818),
    (0.975, 50000.0, 1.9600114310936797),
    (0.999, 99999.0, 3.0903138102422978),
    (0.975, 1000000.0, 1.9599663568141067),
    (0.975, 1000000000.0, 1.9599639869123251),
    (1e-10, 1000000.0, -6.3614068488767426),
];

/// (p, z)
const NORMAL: [(f64, f64); 14] = [
    (0.6, 0.25334710313579974),
    (0.9, 1.2815515655446006),
    (0.925, 1.4395314709384562),
    (0.926, 1.4466320671589788),
    (0.95, 1.6448536269514723),
    (0.975, 1.9599639845400539),
    (0.995, 2.5758293035489005),
    (0.9999, 3.7190164854557084),
    (0.001, -3.0902323061678135),
    (1e-10, -6.3613409024040562),
    (1e-11, -6.7060231554951363),
    (1e-12, -7.0344838253011319),
    (1e-50, -14.933337534788489),
    (1e-300, -37.047096299361199),
];

/// (a, b, x, I)
const BETA: [(f64, f64, f64, f64); 10] = [
    (2.0, 3.0, 0.4, 0.5248),
    (0.5, 0.5, 0.25, 0.33333333333333333),
    (10.0, 1.0, 0.9, 0.34867844010000009),
    (5.0, 200.0, 0.01, 0.055409730342816325),
    (0.5, 50000.0, 1e-05, 0.68268949214313525),
    (1000.0, 1000.0, 0.49, 0.18555265943151145),
    (100000.0, 100000.0, 0.501, 0.81445325544244325),
    (30.0, 0.5, 0.99, 0.43933436890525101),
    (400.0, 400.0, 0.3, 1.8033739879835091e-32),
    (1000000.0, 3.0, 0.999999, 0.91969832701345202),
];

/// (a, x, P)
const GAMMA: [(f64, f64, f64); 12] = [
    (0.5, 0.5, 0.6826894921370859),
    (1.0, 2.0, 0.86466471676338731),
    (3.0, 1.0, 0.080301397071394196),
    (10.0, 5.0, 0.031828057306204812),
    (10.0, 20.0, 0.99500458769169241),
    (100.0, 90.0, 0.15822098918643017),
    (100.0, 130.0, 0.99724959163269347),
    (10000.0, 10100.0, 0.84134875044717962),
    (1000000.0, 999000.0, 0.15865521357430365),
    (400.0, 300.0, 2.2066520142884454e-8),
    (0.01, 0.001, 0.93857065252612899),
    (2.5, 40.0, 0.99999999999999916),
];

#[test]
fn student_quantiles() {
    for (p, df, expected) in STUDENT {
        assert_near(
            student_t_quantile(p, df),
            expected,
            1e-12,
            &format!("p {p}, df {df}"),
        );
    }
    assert_eq!(student_t_quantile(0.5, 7.0), 0.0);
    assert_eq!(student_t_quantile(0.0, 7.0), f64::NEG_INFINITY);
    assert_eq!(student_t_quantile(1.0, 1.0), f64::INFINITY);
}

#[test]
fn student_quantiles_hand_over_smoothly_to_the_near_normal_series() {
    for p in [0.500_1, 0.6, 0.749, 0.751, 0.975, 1.0 - 1e-9] {
        let (newton, series) = (
            student_t_quantile(p, 1e5),
            student_t_quantile(p, 1e5 * (1.0 + 1e-12)),
        );
        assert_near(newton, series, 1e-11, &format!("p {p}"));
    }
}

#[test]
fn student_quantiles_rise_with_the_probability_to_the_ends_of_the_range() {
    let probabilities = [
        5e-324,
        1e-308,
        1e-16,
        0.249_999,
        0.25,
        0.250_001,
        0.5 - 1e-16,
        0.5 + 2e-16,
        0.75,
        1.0 - 2e-16,
    ];
    for df in [
        1.0,
        1.000_000_1,
        1.5,
        2.0,
        2.000_000_1,
        7.0,
        31.0,
        1e5,
        1.1e5,
        1e300,
    ] {
        let quantiles = probabilities.map(|p| student_t_quantile(p, df));
        assert!(
            quantiles.is_sorted_by(|a, b| a < b),
            "df {df}: {quantiles:?}"
        );
    }
}

#[test]
fn normal_quantiles() {
    for (p, expected) in NORMAL {
        assert_near(normal_quantile(p), expected, 2e-15, &format!("p {p}"));
    }
    assert_eq!(normal_quantile(0.5), 0.0);
    assert_eq!(
        (normal_quantile(0.0), normal_quantile(1.0)),
        (f64::NEG_INFINITY, f64::INFINITY)
    );
}

#[test]
fn incomplete_functions() {
    for (a, b, x, expected) in BETA {
        assert_near(
            incomplete_beta(a, b, x),
            expected,
            1e-12,
            &format!("beta {a} {b} {x}"),
        );
    }
    for (a, x, expected) in GAMMA {
        assert_near(
            incomplete_gamma(a, x),
            expected,
            1e-12,
            &format!("gamma {a} {x}"),
        );
    }
    assert_eq!(
        (
            incomplete_beta(2.0, 3.0, 0.0),
            incomplete_beta(2.0, 3.0, 1.0)
        ),
        (0.0, 1.0)
    );
    assert_eq!(
        (
            incomplete_gamma(2.0, 0.0),
            incomplete_gamma(2.0, f64::INFINITY)
        ),
        (0.0, 1.0)
    );
}

proptest! {
    #[test]
    fn a_student_quantile_has_its_probability(p in 1e-9_f64..0.5, log_df in 0.0_f64..5.0) {
        let df = 10_f64.powf(log_df);
        let t = student_t_quantile(p, df);
        let square = t * t;
        let tail = if square < df {
            0.5 - 0.5 * incomplete_beta(0.5, 0.5 * df, square / (df + square))
        } else {
            0.5 * incomplete_beta(0.5 * df, 0.5, df / (df + square))
        };
        prop_assert!((tail - p).abs() <= 1e-13 + 1e-10 * p, "p {p}, df {df}: t {t} leaves {tail}");
        prop_assert_eq!(student_t_quantile(1.0 - p, df).is_sign_positive(), true);
    }

    #[test]
    fn a_normal_quantile_has_its_probability(log_p in -300.0_f64..-0.302) {
        let p = 10_f64.powf(log_p);
        let z = normal_quantile(p);
        // An ulp of z changes the tail by z² times as much.
        assert_near(normal_cdf(z), p, 1e-15 * (4.0 + z * z), "tail");
    }

    #[test]
    fn the_incomplete_beta_function_is_symmetric(a in 0.1_f64..500.0, b in 0.1_f64..500.0, x in 0.001_f64..0.999) {
        let sum = incomplete_beta(a, b, x) + incomplete_beta(b, a, 1.0 - x);
        prop_assert!((sum - 1.0).abs() < 1e-12, "sum {sum}");
    }

    #[test]
    fn the_incomplete_gamma_function_obeys_its_recurrence(a in 0.1_f64..300.0, x in 0.01_f64..400.0) {
        // P(a, x) − P(a + 1, x) = x^a e^−x / Γ(a + 1)
        let step = (a * x.ln() - x - libm::lgamma(a + 1.0)).exp();
        let difference = incomplete_gamma(a, x) - incomplete_gamma(a + 1.0, x);
        prop_assert!((difference - step).abs() < 1e-12, "{difference} for {step}");
    }
}
