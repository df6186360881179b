//! Kolmogorov–Smirnov and chi-square p-values against exact computations and tables.

use pluriverse_stats::{chi_square_cdf, chi_square_p_value, kolmogorov_p_value};

use crate::near::{SplitMix64, assert_near};

/// (distance, samples, p-value): Durbin's matrix in 60-digit arithmetic.
const EXACT: [(f64, u64, f64); 25] = [
    (0.75, 1, 0.5),
    (0.6, 2, 0.32),
    (0.4, 5, 0.3088),
    (0.2, 10, 0.74871904),
    (0.409, 10, 0.0502234081054746),
    (0.274, 10, 0.371520384543496),
    (0.294, 20, 0.0500939462310777),
    (0.1, 50, 0.662311270465818),
    (0.134, 100, 0.0500762605759809),
    (0.05, 100, 0.953215971063572),
    (0.07, 200, 0.268233920888071),
    (0.14, 200, 0.000698615056424822),
    (0.05, 201, 0.677335414912655),
    (0.07, 201, 0.265633590003717),
    (0.1, 201, 0.0334331542712431),
    (0.13, 201, 0.0020175003271921),
    (0.04, 500, 0.390251016326406),
    (0.06, 500, 0.0524345957715084),
    (0.085, 500, 0.00136437749242909),
    (0.11, 300, 0.00128799024703336),
    (0.062, 500, 0.0410151712203957),
    (0.031, 1000, 0.285806029066107),
    (0.0155, 2000, 0.716446115599284),
    (0.0062, 5000, 0.990077888548588),
    (0.0125, 5000, 0.412018980990217),
];

#[test]
fn kolmogorov_p_values_match_exact_arithmetic() {
    for (d, n, expected) in EXACT {
        let got = kolmogorov_p_value(d, n);
        let what = format!("d {d}, n {n}");
        if n <= 200 {
            assert_near(got, expected, 1e-10, &what);
        } else {
            assert!(
                (got - expected).abs() < 1e-7,
                "{what}: expected {expected}, got {got}"
            );
        }
    }
}

#[test]
fn kolmogorov_p_values_at_the_edges() {
    assert_eq!(kolmogorov_p_value(0.0, 10), 1.0);
    assert_eq!(kolmogorov_p_value(0.05, 10), 1.0);
    assert_eq!(kolmogorov_p_value(1.0, 10), 0.0);
    assert_eq!(kolmogorov_p_value(0.3, 0), 1.0);
    // Two-sided limit: the 5 % point of the Kolmogorov distribution is 1.358099.
    let large = 1e12_f64;
    assert!((kolmogorov_p_value(1.358_099 / large.sqrt(), 1_000_000_000_000) - 0.05).abs() < 1e-6);
}

#[test]
fn methods_meet_where_they_hand_over() {
    for n in [100, 200, 201, 1_000, 100_000, 100_001, 10_000_000] {
        let edge = (4.0 / n as f64).sqrt();
        let (below, above) = (edge * (1.0 - 1e-9), edge * (1.0 + 1e-9));
        let gap = kolmogorov_p_value(below, n) - kolmogorov_p_value(above, n);
        assert!(gap.abs() < 1e-7, "n {n}: {gap:e}");
    }
}

#[test]
fn p_values_of_true_samples_are_uniform() {
    // The mean of 2,000 uniform p-values is .5 ± 4 / √(12 · 2000); error rate 6 in 10⁵, seed fixed.
    let mut random = SplitMix64(99);
    let mean = (0..2_000)
        .map(|_| {
            let mut sample: Vec<f64> = (0..20).map(|_| random.uniform()).collect();
            sample.sort_by(f64::total_cmp);
            let distances = sample.iter().enumerate().map(|(i, u)| {
                let (below, above) = (i as f64 / 20.0, (i + 1) as f64 / 20.0);
                (u - below).max(above - u)
            });
            kolmogorov_p_value(distances.fold(0.0, f64::max), 20)
        })
        .sum::<f64>()
        / 2_000.0;
    assert!(
        (mean - 0.5).abs() < 4.0 / (12.0_f64 * 2_000.0).sqrt(),
        "mean p-value {mean}"
    );
}

#[test]
fn chi_square_tables() {
    // 95 % and 99 % points as every table prints them (three decimals).
    for (df, point95, point99) in [
        (1.0, 3.841, 6.635),
        (2.0, 5.991, 9.210),
        (10.0, 18.307, 23.209),
        (100.0, 124.342, 135.807),
    ] {
        assert!((chi_square_cdf(point95, df) - 0.95).abs() < 2e-4);
        assert!((chi_square_p_value(point99, df) - 0.01).abs() < 5e-5);
    }
    assert_near(
        chi_square_cdf(3.0, 2.0),
        1.0 - (-1.5_f64).exp(),
        1e-14,
        "two degrees: exponential",
    );
    assert_near(
        chi_square_p_value(400.0, 2.0),
        (-200.0_f64).exp(),
        1e-12,
        "far tail",
    );
}
