//! Families on a bounded interval with closed forms: constant, uniform, triangular.

use super::error::{Checked, FINITE, check_bounds, refused};
use super::{Distribution, Family, special::Tails, wire::Node};
use crate::random::Stream;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Constant {
    value: f64,
}

impl Constant {
    pub(super) fn new(value: f64) -> Checked<Self> {
        Ok(Self {
            value: FINITE.check("value", value)?,
        })
    }
}

impl Family for Constant {
    #[inline]
    fn sample(&self, _: &mut Stream) -> f64 {
        self.value
    }

    fn mean(&self) -> f64 {
        self.value
    }

    fn variance(&self) -> f64 {
        0.0
    }

    fn tails(&self, x: f64) -> Tails {
        if x < self.value {
            Tails::ALL_ABOVE
        } else {
            Tails::ALL_BELOW
        }
    }

    fn support(&self) -> (f64, f64) {
        (self.value, self.value)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::constant(self.value * factor)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        nodes.push(Node::Constant { value: self.value });
    }

    fn clamped_moments(&self, low: f64, high: f64) -> [f64; 2] {
        let value = self.value.clamp(low, high);
        [value, value * value]
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Uniform {
    low: f64,
    high: f64,
}

impl Uniform {
    pub(super) fn new(low: f64, high: f64) -> Checked<Self> {
        check_interval(low, high)?;
        Ok(Self { low, high })
    }
}

impl Family for Uniform {
    fn sample(&self, stream: &mut Stream) -> f64 {
        // The width may have been rounded up.
        (self.low + (self.high - self.low) * stream.next_f64()).min(self.high)
    }

    fn mean(&self) -> f64 {
        self.low + 0.5 * (self.high - self.low)
    }

    fn variance(&self) -> f64 {
        let width = self.high - self.low;
        width * width / 12.0
    }

    fn tails(&self, x: f64) -> Tails {
        Tails::from_below(((x - self.low) / (self.high - self.low)).clamp(0.0, 1.0))
    }

    fn support(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::uniform(self.low * factor, self.high * factor)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        nodes.push(Node::Uniform {
            low: self.low,
            high: self.high,
        });
    }

    fn clamped_moments(&self, low: f64, high: f64) -> [f64; 2] {
        let (from, to) = (self.low.clamp(low, high), self.high.clamp(low, high));
        let width = self.high - self.low;
        let (below, above) = ((from - self.low) / width, (self.high - to) / width);
        let inside = (to - from) / width;
        [
            below * from + above * to + inside * 0.5 * (from + to),
            below * from * from
                + above * to * to
                + inside * (from * from + from * to + to * to) / 3.0,
        ]
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Triangular {
    low: f64,
    mode: f64,
    high: f64,
    /// Probability below the mode.
    rise: f64,
}

impl Triangular {
    pub(super) fn new(low: f64, mode: f64, high: f64) -> Checked<Self> {
        check_mode(low, mode, high)?;
        let rise = (mode - low) / (high - low);
        Ok(Self {
            low,
            mode,
            high,
            rise,
        })
    }
}

impl Family for Triangular {
    /// The inverse of the distribution function.
    fn sample(&self, stream: &mut Stream) -> f64 {
        let width = self.high - self.low;
        let uniform = stream.next_f64();
        let x = if uniform < self.rise {
            self.low + width * libm::sqrt(uniform * self.rise)
        } else {
            self.high - width * libm::sqrt((1.0 - uniform) * (1.0 - self.rise))
        };
        x.clamp(self.low, self.high)
    }

    fn mean(&self) -> f64 {
        self.low + ((self.mode - self.low) + (self.high - self.low)) / 3.0
    }

    fn variance(&self) -> f64 {
        let width = self.high - self.low;
        width * width * (1.0 - self.rise * (1.0 - self.rise)) / 18.0
    }

    fn tails(&self, x: f64) -> Tails {
        let width = self.high - self.low;
        if x <= self.low {
            Tails::ALL_ABOVE
        } else if x >= self.high {
            Tails::ALL_BELOW
        } else if x < self.mode {
            let gap = x - self.low;
            Tails::from_below(gap / width * (gap / (self.mode - self.low)))
        } else {
            let gap = self.high - x;
            Tails::from_below(gap / width * (gap / (self.high - self.mode))).swapped()
        }
    }

    fn support(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::triangular(self.low * factor, self.mode * factor, self.high * factor)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        nodes.push(Node::Triangular {
            low: self.low,
            mode: self.mode,
            high: self.high,
        });
    }
}

/// Finite ends in order, at a finite distance.
pub(super) fn check_interval(low: f64, high: f64) -> Checked<()> {
    FINITE.check("low", low)?;
    FINITE.check("high", high)?;
    check_bounds(low, high)?;
    if (high - low).is_infinite() {
        return Err(refused("high", high, "a finite distance from `low`"));
    }
    Ok(())
}

pub(super) fn check_mode(low: f64, mode: f64, high: f64) -> Checked<()> {
    check_interval(low, high)?;
    FINITE.check("mode", mode)?;
    if mode < low || mode > high {
        return Err(refused("mode", mode, "a number from `low` to `high`"));
    }
    Ok(())
}
