//! The probabilities on both sides of a point.
//!
//! Each is exact on its own: one minus the other would lose the small one.

/// The probabilities on both sides of a point x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tails {
    /// P(X ≤ x).
    pub below: f64,
    /// P(X > x).
    pub above: f64,
}

impl Tails {
    /// At a point below all values.
    pub const ALL_ABOVE: Self = Self {
        below: 0.0,
        above: 1.0,
    };
    /// At a point that no value exceeds.
    pub const ALL_BELOW: Self = Self {
        below: 1.0,
        above: 0.0,
    };

    /// From the lower one, where it is the smaller or small ones do not matter; one that rounding has carried past 1
    /// is 1.
    #[must_use]
    pub fn from_below(below: f64) -> Self {
        let below = below.min(1.0);
        Self {
            below,
            above: 1.0 - below,
        }
    }

    /// Of the mirror image.
    #[must_use]
    pub const fn swapped(self) -> Self {
        Self {
            below: self.above,
            above: self.below,
        }
    }

    /// Of a mixture, from probability and tails of each component.
    #[must_use]
    pub fn mixed(components: impl Iterator<Item = (f64, Self)>) -> Self {
        let sum = components.fold([0.0, 0.0], |[below, above], (p, tails)| {
            [below + p * tails.below, above + p * tails.above]
        });
        Self {
            below: sum[0].min(1.0),
            above: sum[1].min(1.0),
        }
    }
}
