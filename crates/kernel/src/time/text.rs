//! Durations as people write them: `90s`, `1h30m`, `250ms`, `2d`; and as they read best.
//!
//! Parsing is exact for decimal fractions down to a nanosecond and refuses what it would have to round away.
//! Printing uses the largest units that leave no remainder, and parses back to the same value.

use std::{fmt, str::FromStr};

use super::{SimDuration, SimTime};

/// The units that a duration is written in, largest first, with their nanoseconds.
const UNITS: [(&str, i64); 8] = [
    ("w", 604_800_000_000_000),
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseDurationError {
    /// There was nothing to read.
    Empty,
    /// A number was expected at this place.
    NumberExpected {
        /// What stands there instead.
        got: String,
    },
    /// A number stands without its unit.
    UnitMissing {
        /// The number.
        number: String,
    },
    /// The unit is not one of `w d h m s ms us ns`.
    UnitUnknown {
        /// What stands in the unit's place.
        got: String,
    },
    /// More digits than nanoseconds can tell, or a duration over 292 years.
    OutOfRange {
        /// The text.
        got: String,
    },
}

impl fmt::Display for ParseDurationError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(out, "a duration is empty"),
            Self::NumberExpected { got } => write!(out, "a number was expected, not `{got}`"),
            Self::UnitMissing { number } => {
                write!(out, "`{number}` has no unit (w, d, h, m, s, ms, us or ns)")
            }
            Self::UnitUnknown { got } => {
                write!(
                    out,
                    "`{got}` is no unit of time (w, d, h, m, s, ms, us or ns)"
                )
            }
            Self::OutOfRange { got } => {
                write!(
                    out,
                    "`{got}` does not fit (whole nanoseconds, at most 292 years)"
                )
            }
        }
    }
}

impl std::error::Error for ParseDurationError {}

impl FromStr for SimDuration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (negative, mut rest) = match text.trim().strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.trim()),
        };
        if rest.is_empty() {
            return Err(ParseDurationError::Empty);
        }
        let out_of_range = || ParseDurationError::OutOfRange {
            got: text.to_owned(),
        };
        let mut total: i128 = 0;
        while !rest.is_empty() {
            let (nanos, tail) = component(rest)?;
            total = total.checked_add(nanos).ok_or_else(out_of_range)?;
            rest = tail.trim_start();
        }
        let total = if negative { -total } else { total };
        i64::try_from(total)
            .map(Self::from_nanos)
            .map_err(|_| out_of_range())
    }
}

/// Reads one number with its unit and returns its nanoseconds and what follows.
fn component(text: &str) -> Result<(i128, &str), ParseDurationError> {
    let digits = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'))
        .unwrap_or(text.len());
    let (number, tail) = text.split_at(digits);
    if !number.contains(|c: char| c.is_ascii_digit()) {
        return Err(ParseDurationError::NumberExpected {
            got: text.to_owned(),
        });
    }
    let tail = tail.trim_start();
    let letters = tail
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(tail.len());
    let (unit, tail) = tail.split_at(letters);
    if unit.is_empty() {
        return Err(ParseDurationError::UnitMissing {
            number: number.to_owned(),
        });
    }
    let unit = if unit == "µs" || unit == "μs" {
        "us"
    } else {
        unit
    };
    let Some((_, unit_nanos)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(ParseDurationError::UnitUnknown {
            got: unit.to_owned(),
        });
    };
    let out_of_range = || ParseDurationError::OutOfRange {
        got: text.to_owned(),
    };
    let number: String = number.chars().filter(|c| *c != '_').collect();
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    if fraction.contains('.') {
        return Err(ParseDurationError::NumberExpected {
            got: text.to_owned(),
        });
    }
    let whole: i128 = if whole.is_empty() {
        0
    } else {
        whole.parse().map_err(|_| out_of_range())?
    };
    let mut nanos = whole
        .checked_mul(i128::from(*unit_nanos))
        .ok_or_else(out_of_range)?;
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).map_err(|_| out_of_range())?);
        let scale = scale.ok_or_else(out_of_range)?;
        let parts: i128 = fraction.parse().map_err(|_| out_of_range())?;
        let scaled = parts
            .checked_mul(i128::from(*unit_nanos))
            .ok_or_else(out_of_range)?;
        if scaled % scale != 0 {
            return Err(out_of_range());
        }
        nanos = nanos.checked_add(scaled / scale).ok_or_else(out_of_range)?;
    }
    Ok((nanos, tail))
}

impl fmt::Display for SimDuration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.nanos().unsigned_abs();
        if left == 0 {
            return out.write_str("0s");
        }
        if self.is_negative() {
            out.write_str("-")?;
        }
        for (unit, nanos) in UNITS {
            let nanos = nanos.unsigned_abs();
            // Weeks read worse than days in a mixed duration.
            if unit == "w" && !left.is_multiple_of(nanos) {
                continue;
            }
            if left >= nanos {
                write!(out, "{}{unit}", left / nanos)?;
                left %= nanos;
            }
        }
        Ok(())
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        SimDuration::from_nanos(self.nanos()).fmt(out)
    }
}
