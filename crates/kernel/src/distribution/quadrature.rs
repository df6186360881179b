//! Numerical integration for moments without a closed form. Never on the path of a draw.

use super::Family;

/// Positive abscissae and weights of the 8-point Gauss–Legendre rule on [−1, 1]. Source: DLMF 3.5(v).
const GAUSS: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_3),
];
const GAUSS_PANELS: u32 = 64;

/// Halvings of the interval towards its lower end before the adaptive rule starts.
const GRADED_PANELS: i32 = 60;
/// Relative error of one interval that finer steps would not improve, for want of digits in f.
const ROUNDING: f64 = 1e-14;
/// Most evaluations of one adaptive integral.
const EVALUATIONS_MAX: u32 = 20_000;

/// ∫ f over a finite interval, for an analytic f on the scale of a 64th of it.
pub(super) fn gauss_panels(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    let half = 0.5 * (to - from) / f64::from(GAUSS_PANELS);
    let panel = |index: u32| {
        let centre = from + half * f64::from(2 * index + 1);
        let pair =
            |&(x, weight): &(f64, f64)| weight * (f(centre - half * x) + f(centre + half * x));
        GAUSS.iter().map(pair).sum::<f64>()
    };
    half * (0..GAUSS_PANELS).map(panel).sum::<f64>()
}

/// First and second moment of min(max(X, low), high), from the distribution function of X.
///
/// `E[Yᵏ] = cᵏ + ∫ k xᵏ⁻¹ P(X > x) dx` from the lower bound c to the upper one; where that is infinite, the
/// moments of X are corrected below c instead. One end of the support of X must be finite.
pub(super) fn clamped_moments<F: Family + ?Sized>(family: &F, low: f64, high: f64) -> [f64; 2] {
    let (least, most) = family.support();
    if high <= least {
        return [high, high * high];
    }
    if low >= most {
        return [low, low * low];
    }
    let (from, to) = (low.max(least), high.min(most));
    let above = |x: f64| family.tails(x).above;
    let below = |x: f64| family.tails(x).below;
    let mean = family.mean();
    let square = family.variance() + mean * mean;
    if from == f64::NEG_INFINITY {
        let first = integrate(to, most, above);
        let second = integrate(to, most, |x| 2.0 * x * above(x));
        return [mean - first, square - second];
    }
    if least == f64::NEG_INFINITY {
        // Mirrored, so that the panels are finest where the probability is.
        let first = integrate(-to, -from, |x| below(-x));
        let second = integrate(-to, -from, |x| 2.0 * x * below(-x));
        return [to - first, to * to + second];
    }
    if to == f64::INFINITY {
        let first = integrate(least, from, below);
        let second = integrate(least, from, |x| 2.0 * x * below(x));
        return [mean + first, square + second];
    }
    let first = integrate(from, to, above);
    let second = integrate(from, to, |x| 2.0 * x * above(x));
    [from + first, from * from + second]
}

/// One interval of the adaptive rule with f at its ends and its middle.
#[derive(Clone, Copy)]
struct Interval {
    ends: [f64; 2],
    values: [f64; 3],
    tolerance: f64,
}

impl Interval {
    fn simpson(&self) -> f64 {
        let [left, middle, right] = self.values;
        (self.ends[1] - self.ends[0]) / 6.0 * (left + 4.0 * middle + right)
    }
}

/// ∫ f over a finite interval by adaptive Simpson on panels graded towards the lower end, to about 10⁻¹².
fn integrate(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    let width = to - from;
    if width.is_nan() || width <= 0.0 {
        return 0.0;
    }
    let edge = |index: i32| {
        if index > GRADED_PANELS {
            from
        } else {
            from + width * libm::ldexp(1.0, -index)
        }
    };
    let panels: Vec<(f64, f64)> = (0..=GRADED_PANELS)
        .rev()
        .map(|index| (edge(index + 1), edge(index)))
        .collect();
    let least =
        |(left, right): (f64, f64)| (right - left) * libm::fabs(f(left)).min(libm::fabs(f(right)));
    let scale: f64 = panels.iter().copied().map(least).sum();
    let tolerance = 1e-12 * scale / f64::from(GRADED_PANELS);
    let mut stack: Vec<Interval> = panels
        .into_iter()
        .map(|(left, right)| Interval {
            ends: [left, right],
            values: [f(left), f(0.5 * (left + right)), f(right)],
            tolerance,
        })
        .collect();
    let mut sum = 0.0;
    let mut evaluations = 0;
    while let Some(whole) = stack.pop() {
        let [left, right] = whole.ends;
        let middle = 0.5 * (left + right);
        let quarters = [f(0.5 * (left + middle)), f(0.5 * (middle + right))];
        evaluations += 2;
        let halves = [0, 1].map(|side| Interval {
            ends: [[left, middle], [middle, right]][side],
            values: [whole.values[side], quarters[side], whole.values[side + 1]],
            tolerance: 0.5 * whole.tolerance,
        });
        let refined = halves[0].simpson() + halves[1].simpson();
        let error = (refined - whole.simpson()) / 15.0;
        let allowed = whole.tolerance.max(ROUNDING * libm::fabs(refined));
        if libm::fabs(error) <= allowed || evaluations >= EVALUATIONS_MAX {
            sum += refined + error;
        } else {
            stack.extend(halves);
        }
    }
    sum
}
