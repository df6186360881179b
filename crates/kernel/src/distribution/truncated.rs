//! The normal family between two bounds, exact in the far tails as well.
//!
//! Source: Robert, "Simulation of truncated normal variables", Statistics and Computing 5 (1995). The method is
//! chosen once, so that each accepts about half of its proposals or more.

use super::error::{Checked, FINITE, POSITIVE, check_bounds, refused};
use super::{
    Distribution, Family, quadrature,
    special::{self, Tails},
    wire::Node,
};
use crate::random::Stream;

/// √(2π): above this standardised width the normal proposal beats the uniform one.
const WIDE: f64 = 2.506_628_274_631_000_2;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct TruncatedNormal {
    mean: f64,
    std_dev: f64,
    low: f64,
    high: f64,
    /// The bounds in standard deviations from the mean, mirrored if need be so that |from| ≤ |to|.
    from: f64,
    to: f64,
    mirrored: bool,
    method: Method,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Method {
    /// Normal proposals until one lies inside.
    Normal,
    /// Uniform proposals on the interval, for a narrow one.
    Uniform,
    /// `from` plus an exponential of this rate, for a tail.
    Tail { rate: f64 },
}

impl TruncatedNormal {
    pub(super) fn new(mean: f64, std_dev: f64, low: f64, high: f64) -> Checked<Self> {
        FINITE.check("mean", mean)?;
        POSITIVE.check("std_dev", std_dev)?;
        check_bounds(low, high)?;
        let (a, b) = ((low - mean) / std_dev, (high - mean) / std_dev);
        if a >= b {
            let expected = "a bound that rounding to standard deviations tells from `low`";
            return Err(refused("high", high, expected));
        }
        let mirrored = libm::fabs(b) < libm::fabs(a);
        let (from, to) = if mirrored { (-b, -a) } else { (a, b) };
        Ok(Self {
            mean,
            std_dev,
            low,
            high,
            from,
            to,
            mirrored,
            method: method(from, to),
        })
    }

    /// The smallest distance from the mean, in standard deviations, that lies inside the bounds.
    fn peak(&self) -> f64 {
        self.from.max(0.0)
    }

    /// A standardised draw, by its distance from `peak`.
    fn sample_from_peak(&self, stream: &mut Stream) -> f64 {
        match self.method {
            Method::Normal => loop {
                let z = stream.normal();
                if self.from <= z && z <= self.to {
                    return z;
                }
            },
            Method::Uniform => loop {
                let t = (self.from - self.peak()) + (self.to - self.from) * stream.next_f64();
                if stream.exponential() >= self.fall(t) {
                    return t;
                }
            },
            Method::Tail { rate } => loop {
                let t = stream.exponential() / rate;
                let miss = self.from + t - rate;
                if t <= self.to - self.from && stream.exponential() >= 0.5 * miss * miss {
                    return t;
                }
            },
        }
    }

    /// How far the logarithm of the density has fallen at a distance from the peak.
    fn fall(&self, t: f64) -> f64 {
        t * (0.5 * t + self.peak())
    }

    /// ∫ g(t) exp(−fall(t)) dt over the standardised interval.
    fn integrate(&self, weight: impl Fn(f64) -> f64) -> f64 {
        // Beyond a fall of 45 nothing is left of a double.
        let peak = self.peak();
        let reach = 90.0 / (libm::sqrt(peak * peak + 90.0) + peak);
        let from = (self.from - peak).max(-reach);
        let to = (self.to - peak).min(reach);
        quadrature::gauss_panels(from, to, |t| weight(t) * libm::exp(-self.fall(t)))
    }

    /// Standardised mean, as distance from the peak.
    fn mean_from_peak(&self) -> f64 {
        self.integrate(|t| t) / self.integrate(|_| 1.0)
    }

    fn restore(&self, from_peak: f64) -> f64 {
        // From the nearer bound in a tail, where mean + deviation would cancel.
        let peak = self.peak();
        let x = match (peak > 0.0, self.mirrored) {
            (true, false) => self.low + self.std_dev * from_peak,
            (true, true) => self.high - self.std_dev * from_peak,
            (false, false) => self.mean + self.std_dev * from_peak,
            (false, true) => self.mean - self.std_dev * from_peak,
        };
        x.clamp(self.low, self.high)
    }
}

fn method(from: f64, to: f64) -> Method {
    if from <= 0.0 {
        return if to - from > WIDE {
            Method::Normal
        } else {
            Method::Uniform
        };
    }
    let root = libm::sqrt(from * from + 4.0);
    let rate = 0.5 * (from + root);
    // Robert's bound: below this width the uniform proposal is accepted more often than the exponential one.
    let width = 2.0 / (from + root) * libm::exp(0.5 + 0.25 * from * (from - root));
    if to - from > width {
        Method::Tail { rate }
    } else {
        Method::Uniform
    }
}

impl Family for TruncatedNormal {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.restore(self.sample_from_peak(stream))
    }

    fn mean(&self) -> f64 {
        self.restore(self.mean_from_peak())
    }

    fn variance(&self) -> f64 {
        let centre = self.mean_from_peak();
        let second = self.integrate(|t| (t - centre) * (t - centre));
        self.std_dev * self.std_dev * second / self.integrate(|_| 1.0)
    }

    fn tails(&self, x: f64) -> Tails {
        if x < self.low {
            return Tails::ALL_ABOVE;
        }
        if x >= self.high {
            return Tails::ALL_BELOW;
        }
        let distance = if self.mirrored {
            self.mean - x
        } else {
            x - self.mean
        };
        let z = distance / self.std_dev;
        let tails = special::normal_between(self.from, z, self.to);
        if self.mirrored {
            tails.swapped()
        } else {
            tails
        }
    }

    fn support(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        let Self {
            mean,
            std_dev,
            low,
            high,
            ..
        } = *self;
        Distribution::truncated_normal(mean * factor, std_dev * factor, low * factor, high * factor)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        let Self {
            mean,
            std_dev,
            low,
            high,
            ..
        } = *self;
        nodes.push(Node::TruncatedNormal {
            mean,
            std_dev,
            low,
            high,
        });
    }
}
