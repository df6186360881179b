//! ISO 8601 timestamps of data files, as nanoseconds since the UTC epoch.
//!
//! Read are `2023-01-02`, `2023-01-02T09:00`, `2023-01-02 09:00:16.44` and what follows as a zone: `Z`, `+01:00`,
//! `+0100`, `+01`; without a zone it is UTC. Leap seconds are read as the second after. Knows no other calendar.

/// Nanoseconds since 1970-01-01T00:00:00Z; `None` for what is no timestamp or lies outside 1677 to 2262.
pub(super) fn nanos_since_epoch(text: &str) -> Option<i64> {
    let mut rest = Digits { text: text.trim() };
    let year = rest.number(4)?;
    rest.literal('-')?;
    let month = rest.number(2).filter(|month| (1..=12).contains(month))?;
    rest.literal('-')?;
    let day = rest
        .number(2)
        .filter(|day| *day >= 1 && *day <= days_in_month(year, month))?;
    let mut nanos = days_since_epoch(year, month, day) * 86_400 * 1_000_000_000;
    if rest.text.is_empty() {
        return i64::try_from(nanos).ok();
    }
    rest.literal('T')
        .or_else(|| rest.literal('t'))
        .or_else(|| rest.literal(' '))?;
    nanos += rest.time_of_day()?;
    nanos -= rest.zone()?;
    rest.text.is_empty().then_some(())?;
    i64::try_from(nanos).ok()
}

/// What is left to read.
struct Digits<'t> {
    text: &'t str,
}

impl Digits<'_> {
    /// A number of exactly `count` digits.
    fn number(&mut self, count: usize) -> Option<i128> {
        let digits = self
            .text
            .get(..count)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        self.text = &self.text[count..];
        digits.parse().ok()
    }

    fn literal(&mut self, letter: char) -> Option<()> {
        self.text = self.text.strip_prefix(letter)?;
        Some(())
    }

    fn time_of_day(&mut self) -> Option<i128> {
        let hour = self.number(2).filter(|hour| *hour <= 23)?;
        self.literal(':')?;
        let minute = self.number(2).filter(|minute| *minute <= 59)?;
        let mut nanos = (hour * 60 + minute) * 60 * 1_000_000_000;
        if self.literal(':').is_some() {
            nanos += self.number(2).filter(|second| *second <= 60)? * 1_000_000_000;
            if self.literal('.').or_else(|| self.literal(',')).is_some() {
                nanos += self.fraction()?;
            }
        }
        Some(nanos)
    }

    /// Digits after the point; those below a nanosecond are cut off.
    fn fraction(&mut self) -> Option<i128> {
        let length = self
            .text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.text.len());
        let digits = self
            .text
            .get(..length)
            .filter(|digits| !digits.is_empty())?;
        let nanos = digits.bytes().chain(std::iter::repeat(b'0')).take(9);
        let nanos = nanos.fold(0, |nanos, digit| nanos * 10 + i128::from(digit - b'0'));
        self.text = &self.text[length..];
        Some(nanos)
    }

    /// Offset from UTC in nanoseconds.
    fn zone(&mut self) -> Option<i128> {
        self.text = self.text.trim_start();
        if self.text.is_empty() || self.literal('Z').or_else(|| self.literal('z')).is_some() {
            return Some(0);
        }
        let sign = if self.literal('+').is_some() {
            1
        } else {
            self.literal('-')?;
            -1
        };
        let hours = self.number(2).filter(|hours| *hours <= 23)?;
        let has_minutes = self.literal(':').is_some() || !self.text.is_empty();
        let minutes = if has_minutes {
            self.number(2).filter(|minutes| *minutes <= 59)?
        } else {
            0
        };
        Some(sign * (hours * 60 + minutes) * 60 * 1_000_000_000)
    }
}

fn days_in_month(year: i128, month: i128) -> i128 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
///
/// Years are counted from March, so that the leap day comes last: 400 years have 146,097 days, and the months from
/// March on have (153 m + 2) / 5 days before them.
fn days_since_epoch(year: i128, month: i128, day: i128) -> i128 {
    let year = if month <= 2 { year - 1 } else { year };
    let months_since_march = (month + 9) % 12;
    let day_of_year = (153 * months_since_march + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

#[cfg(test)]
mod tests {
    use super::nanos_since_epoch;

    const SECOND: i64 = 1_000_000_000;

    #[test]
    fn timestamps_are_read_to_the_nanosecond() {
        let cases = [
            ("1970-01-01", 0),
            ("1970-01-01T00:00:01Z", SECOND),
            ("1969-12-31T23:59:59Z", -SECOND),
            ("2000-02-29", 951_782_400 * SECOND),
            (
                "2023-01-02 09:00:16.440000+00:00",
                1_672_650_016 * SECOND + 440_000_000,
            ),
            (
                "2023-01-02T10:00:16,44+0100",
                1_672_650_016 * SECOND + 440_000_000,
            ),
            ("2023-01-02T04:00-05", 1_672_650_000 * SECOND),
            (
                " 2023-01-02T09:00:00.0000000019 ",
                1_672_650_000 * SECOND + 1,
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(nanos_since_epoch(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_timestamp_is_refused() {
        let cases = [
            "",
            "2023",
            "2023-1-2",
            "2023-13-01",
            "2023-02-29",
            "1900-02-29",
            "2023-01-02T25:00",
            "2023-01-02T10",
            "2023-01-02T10:00:00.",
            "2023-01-02T10:00:00 UTC",
            "2023-01-02T10:00Zx",
            "9999-01-01",
            "02/01/2023",
            "2023-01-02T10:00+1",
            "２023-01-02",
        ];
        for text in cases {
            assert_eq!(nanos_since_epoch(text), None, "{text}");
        }
    }
}
