//! Why a distribution cannot be made, and the checks that decide it.

use core::fmt;

/// A parameter that no distribution has. The constructor made nothing; a run under way is untouched.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DistributionError {
    /// A single number is out of range.
    Parameter {
        /// Name of the parameter.
        parameter: &'static str,
        /// What was given.
        got: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// One number of a list is out of range.
    Element {
        /// Name of the list.
        parameter: &'static str,
        /// Place in the list, from zero; in a matrix, row by row.
        index: usize,
        /// What was given.
        got: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// The numbers of a list do not add up.
    Sum {
        /// Name of the list.
        parameter: &'static str,
        /// Its sum.
        got: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// A list has no numbers.
    Empty {
        /// Name of the list.
        parameter: &'static str,
    },
    /// A list is not as long as the list that it belongs to.
    Length {
        /// Name of the list.
        parameter: &'static str,
        /// Numbers given.
        got: usize,
        /// Numbers needed.
        expected: usize,
    },
    /// A phase from which the chain never ends.
    NoExit {
        /// Number of the phase, from zero.
        phase: usize,
    },
    /// Distributions nested too deeply in one another.
    Depth {
        /// Levels asked for.
        got: usize,
        /// Most levels.
        expected: usize,
    },
}

impl fmt::Display for DistributionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter {
                parameter,
                got,
                expected,
            } => {
                write!(f, "`{parameter}` is {got:?}: expected {expected}")
            }
            Self::Element {
                parameter,
                index,
                got,
                expected,
            } => {
                write!(f, "`{parameter}[{index}]` is {got:?}: expected {expected}")
            }
            Self::Sum {
                parameter,
                got,
                expected,
            } => {
                write!(f, "`{parameter}` sums to {got:?}: expected {expected}")
            }
            Self::Empty { parameter } => {
                write!(f, "`{parameter}` is empty: expected one number or more")
            }
            Self::Length {
                parameter,
                got,
                expected,
            } => {
                write!(f, "`{parameter}` has {got} numbers: expected {expected}")
            }
            Self::NoExit { phase } => {
                write!(
                    f,
                    "phase {phase} never ends: expected a way out of each phase"
                )
            }
            Self::Depth { got, expected } => {
                write!(
                    f,
                    "distributions nested {got} deep: expected at most {expected}"
                )
            }
        }
    }
}

impl core::error::Error for DistributionError {}

pub(super) type Checked<T> = Result<T, DistributionError>;

/// What one number must satisfy, and how to say so.
#[derive(Clone, Copy)]
pub(super) struct Range {
    admits: fn(f64) -> bool,
    expected: &'static str,
}

pub(super) const FINITE: Range = Range {
    admits: f64::is_finite,
    expected: "a finite number",
};
pub(super) const POSITIVE: Range = Range {
    admits: |x| x > 0.0 && x.is_finite(),
    expected: "a finite number above zero",
};
/// Outside, a double cannot tell the draws from a limit case.
pub(super) const SHAPE: Range = Range {
    admits: |x| (1e-12..=1e12).contains(&x),
    expected: "a number from 1e-12 to 1e12",
};
pub(super) const NON_NEGATIVE: Range = Range {
    admits: |x| x >= 0.0 && x.is_finite(),
    expected: "a finite number of zero or more",
};
pub(super) const AT_LEAST_ONE: Range = Range {
    admits: |x| x >= 1.0 && x.is_finite(),
    expected: "a finite number of one or more",
};
const NUMBER: Range = Range {
    admits: |x| !x.is_nan(),
    expected: "a number",
};

impl Range {
    pub(super) fn check(self, parameter: &'static str, got: f64) -> Checked<f64> {
        if (self.admits)(got) {
            Ok(got)
        } else {
            Err(DistributionError::Parameter {
                parameter,
                got,
                expected: self.expected,
            })
        }
    }

    /// Checks each number of a list that may not be empty.
    pub(super) fn check_all(self, parameter: &'static str, list: &[f64]) -> Checked<()> {
        if list.is_empty() {
            return Err(DistributionError::Empty { parameter });
        }
        match list.iter().position(|&x| !(self.admits)(x)) {
            None => Ok(()),
            Some(index) => Err(DistributionError::Element {
                parameter,
                index,
                got: list[index],
                expected: self.expected,
            }),
        }
    }
}

/// The error of a parameter that is refused for a reason that involves other parameters.
pub(super) fn refused(
    parameter: &'static str,
    got: f64,
    expected: &'static str,
) -> DistributionError {
    DistributionError::Parameter {
        parameter,
        got,
        expected,
    }
}

/// Bounds that may be infinite, in order and with something between them.
pub(super) fn check_bounds(low: f64, high: f64) -> Checked<()> {
    NUMBER.check("low", low)?;
    NUMBER.check("high", high)?;
    if low == f64::INFINITY {
        return Err(refused("low", low, "a number below infinity"));
    }
    if low >= high {
        return Err(refused("high", high, "a number above `low`"));
    }
    Ok(())
}

pub(super) fn ensure_length(parameter: &'static str, got: usize, expected: usize) -> Checked<()> {
    if got == expected {
        Ok(())
    } else {
        Err(DistributionError::Length {
            parameter,
            got,
            expected,
        })
    }
}
