//! Goodness of fit: p-values for the statistical tests, independent of the crate that they judge.
//!
//! Each test that uses them fixes its seed and splits [`FAMILY_WISE`] over its checks (Bonferroni), so that a
//! right sampler with new draws would fail it with at most that probability, and an unchanged one never.

use pluriverse_kernel::random::{Purpose, Stream, StreamKey};

/// Chance that a right implementation fails a whole test.
pub(crate) const FAMILY_WISE: f64 = 1e-3;

/// A stream of its own for each check.
pub(crate) fn stream(check: u64) -> Stream {
    Stream::new(StreamKey {
        seed: 20_240_613,
        replication: 0,
        entity: check,
        purpose: Purpose::named("goodness of fit"),
    })
}

/// Two-sided Kolmogorov–Smirnov p-value of draws against a distribution function; sorts the draws.
///
/// Limit law with the finite-sample correction of Stephens, JRSS B 32 (1970). Atoms make it conservative.
pub(crate) fn kolmogorov_smirnov(draws: &mut [f64], cdf: impl Fn(f64) -> f64) -> f64 {
    draws.sort_by(f64::total_cmp);
    let count = draws.len() as f64;
    let (mut distance, mut below) = (0.0_f64, 0);
    for ties in draws.chunk_by(|a, b| a == b) {
        let here = cdf(ties[0]);
        // An atom counts whole: what lies below it against what is expected below it.
        let before = if ties.len() > 1 {
            cdf(ties[0].next_down())
        } else {
            here
        };
        distance = distance.max(before - f64::from(below) / count);
        below += u32::try_from(ties.len()).unwrap();
        distance = distance.max(f64::from(below) / count - here);
    }
    let root = count.sqrt();
    let scaled = (root + 0.12 + 0.11 / root) * distance;
    let term = |k: i32| {
        let order = f64::from(k);
        let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
        sign * (-2.0 * order * order * scaled * scaled).exp()
    };
    if scaled < 0.2 {
        1.0
    } else {
        (1..=100).map(term).sum::<f64>().clamp(0.0, 1.0)
    }
}

/// Least expected count of a cell; smaller ones join the next.
const CELL_MIN: f64 = 20.0;

/// Upper p-value of Pearson's statistic over cells of (observed, expected) counts; zero when something was
/// observed that cannot be.
///
/// Wilson and Hilferty's normal approximation (1931).
pub(crate) fn chi_square_of_cells(cells: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    let mut merged: Vec<(f64, f64)> = Vec::new();
    let mut open = (0.0, 0.0);
    for (observed, expected) in cells {
        if observed > 0.0 && expected <= 0.0 {
            return 0.0;
        }
        open = (open.0 + observed, open.1 + expected);
        if open.1 >= CELL_MIN {
            merged.push(std::mem::take(&mut open));
        }
    }
    let last = merged.last_mut().expect("draws enough to fill one cell");
    *last = (last.0 + open.0, last.1 + open.1);
    if merged.len() == 1 {
        return 1.0;
    }
    let statistic: f64 = merged.iter().map(|(o, e)| (o - e) * (o - e) / e).sum();
    let freedom = (merged.len() - 1) as f64;
    let spread = 2.0 / (9.0 * freedom);
    upper_normal(((statistic / freedom).cbrt() - (1.0 - spread)) / spread.sqrt())
}

/// P(Z > z).
pub(crate) fn upper_normal(z: f64) -> f64 {
    0.5 * libm::erfc(z / std::f64::consts::SQRT_2)
}

/// The |z| that a standard normal exceeds with probability [`FAMILY_WISE`] / `checks`.
pub(crate) fn critical_z(checks: usize) -> f64 {
    let level = FAMILY_WISE / checks as f64;
    let (mut low, mut high) = (0.0, 20.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if 2.0 * upper_normal(middle) > level {
            low = middle
        } else {
            high = middle
        }
    }
    high
}

/// Mean and variance of the numbers, and the standard error of each.
pub(crate) struct Moments {
    pub(crate) mean: f64,
    pub(crate) mean_error: f64,
    pub(crate) variance: f64,
    pub(crate) variance_error: f64,
}

impl Moments {
    pub(crate) fn of(draws: &[f64]) -> Self {
        let count = draws.len() as f64;
        let mean = draws.iter().sum::<f64>() / count;
        let central = |order| draws.iter().map(|x| (x - mean).powi(order)).sum::<f64>() / count;
        let (variance, fourth) = (central(2), central(4));
        Self {
            mean,
            mean_error: (variance / count).sqrt(),
            variance,
            variance_error: ((fourth - variance * variance) / count).sqrt(),
        }
    }
}

/// The judges are judged: known critical values and a wrong hypothesis.
#[test]
fn p_values_are_those_of_the_tables() {
    let uniform = |count: u32| -> Vec<f64> {
        let mut stream = stream(1);
        (0..count).map(|_| stream.next_f64()).collect()
    };
    let shifted = kolmogorov_smirnov(&mut uniform(20_000), |x| (x + 0.03).min(1.0));
    assert!(shifted < 1e-9, "{shifted}");
    // Evenly spread draws have distance 1 / 2n, and the 5 % point of the limit law is 1.3581 / √n.
    let mut even: Vec<f64> = (0..1000).map(|i| (f64::from(i) + 0.5) / 1000.0).collect();
    assert!(kolmogorov_smirnov(&mut even, |x| x) > 0.999_999);
    let distance = 1.3581 / (1000_f64.sqrt() + 0.12 + 0.11 / 1000_f64.sqrt());
    let five = kolmogorov_smirnov(&mut even, |x| (x - distance + 0.0005).max(0.0));
    assert!((five - 0.05).abs() < 1e-4, "{five}");
    // Upper 5 % point of χ² with 10 degrees of freedom: 18.307.
    let mut cells = [(1e6, 1e6); 11];
    cells[0].0 += (18.307 * 1e6_f64).sqrt();
    let p = chi_square_of_cells(cells);
    assert!((p - 0.05).abs() < 1e-3, "{p}");
    assert!((critical_z(1) - 3.290_526_7).abs() < 1e-6);
}
