//! The `[run]` section: when a run ends, how it is measured.

use pluriverse_kernel::time::{SimDuration, SimTime};

use super::Reader;
use crate::{
    document::{Cursor, Place},
    spec::{AtEnd, RunSpec, Staffing},
};

/// No more periods a run than this.
const PERIODS_LIMIT: i64 = 10_000;
/// About how many periods a run has when the file says nothing.
const PERIODS_AIM: i64 = 48;

/// Whether and when a source stops by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// No arrival at this time or later.
    Before(SimTime),
    /// After some number of cases, at a time left to chance.
    Sometime,
    /// Not before the run ends.
    Never,
}

impl Reader<'_> {
    /// Reads the section; `ends` tells of each source when it stops by itself.
    pub(super) fn run(&mut self, root: &Cursor<'_>, ends: &[(&str, End)]) -> Option<RunSpec> {
        let run = root.get("run");
        let get = |key: &str| run.as_ref().and_then(|run| run.get(key));
        let period = get("period");
        let given_period = match &period {
            Some(cursor) => Some(cursor.duration().filter(|period| period.nanos() > 0)?),
            None => None,
        };
        let at_end = get("at_end");
        let (until, period_length) = match get("until") {
            Some(until) => {
                let until = SimTime::from_nanos(
                    until.duration().filter(|until| until.nanos() > 0)?.nanos(),
                );
                (
                    until,
                    given_period.unwrap_or_else(|| readable_period(until)),
                )
            }
            None => self.derived_until(root, ends, given_period)?,
        };
        let is_until_given = get("until").is_some();
        let at_end = match at_end.as_ref().and_then(Cursor::text) {
            Some("drain") => AtEnd::Drain,
            Some(_) if is_until_given => AtEnd::Cut,
            Some(_) => {
                let place = at_end
                    .as_ref()
                    .map_or(&Place::Whole, |cursor| cursor.place());
                self.findings
                    .error(
                        place,
                        "`run.at_end` = \"cut\" cuts nowhere without `run.until`",
                    )
                    .help("add `until`, or leave `at_end` out");
                return None;
            }
            None if is_until_given => AtEnd::Cut,
            None => AtEnd::Drain,
        };
        if let Some(cursor) = &period {
            self.check_period(cursor, until, period_length)?;
        }
        Some(RunSpec {
            until,
            at_end,
            warm_up: self.warm_up(get("warm_up"), until)?,
            period: period_length,
            seed: whole(get("seed"), 1)?,
            replications: whole(get("replications"), 1)?,
            staffing: match get("staffing").as_ref().and_then(Cursor::text) {
                Some("outside") => Staffing::Outside,
                _ => Staffing::Scheduled,
            },
        })
    }

    /// The end of a run whose file names none: after the last arrival, on a whole number of periods.
    fn derived_until(
        &mut self,
        root: &Cursor<'_>,
        ends: &[(&str, End)],
        period: Option<SimDuration>,
    ) -> Option<(SimTime, SimDuration)> {
        if let Some((name, _)) = ends.iter().find(|(_, end)| *end == End::Never) {
            let place = root
                .get("run")
                .map_or(Place::Whole, |run| run.place().clone());
            self.findings
                .error(&place, "`run.until` is missing")
                .expected("a duration such as \"13h\"")
                .help(format!("source `{name}` goes on for ever unless the run ends, or the source has an `until` or a `limit`"));
            return None;
        }
        let mut last = SimTime::ZERO;
        for (_, end) in ends {
            match end {
                End::Before(time) => last = last.max(*time),
                End::Sometime | End::Never => {
                    return Some((SimTime::MAX, period.unwrap_or(SimDuration::MAX)));
                }
            }
        }
        let last = last.max(SimTime::from_nanos(1));
        let period = period.unwrap_or_else(|| readable_period(last));
        let count = (last.nanos() - 1) / period.nanos() + 1;
        let until = period
            .checked_mul(count)
            .map_or(SimTime::MAX, |until| SimTime::from_nanos(until.nanos()));
        Some((until, period))
    }

    fn check_period(
        &mut self,
        cursor: &Cursor<'_>,
        until: SimTime,
        period: SimDuration,
    ) -> Option<()> {
        if until == SimTime::MAX {
            self.findings
                .error(cursor.place(), "`run.period` needs `run.until`")
                .help("add `until`, or leave `period` out");
            return None;
        }
        if (until.nanos() - 1) / period.nanos() >= PERIODS_LIMIT {
            let least = SimDuration::from_nanos(until.nanos() / PERIODS_LIMIT);
            self.findings
                .error(
                    cursor.place(),
                    format!("`run.period` cuts the run into more than {PERIODS_LIMIT} periods"),
                )
                .expected(format!("more than {least}"));
            return None;
        }
        Some(())
    }

    fn warm_up(&mut self, cursor: Option<Cursor<'_>>, until: SimTime) -> Option<SimDuration> {
        let Some(cursor) = cursor else {
            return Some(SimDuration::ZERO);
        };
        let warm_up = cursor.duration()?;
        if warm_up.nanos() >= until.nanos() {
            self.findings
                .error(cursor.place(), "`run.warm_up` leaves nothing to measure")
                .expected(format!("less than the {until} of the run"));
            return None;
        }
        Some(warm_up)
    }
}

/// A whole number of zero or more, or the default; `None` where the file says something else.
fn whole(cursor: Option<Cursor<'_>>, default: u64) -> Option<u64> {
    match cursor {
        Some(cursor) => u64::try_from(cursor.integer()?).ok(),
        None => Some(default),
    }
}

/// A length that people count in and that cuts `until` into at most 48 periods.
fn readable_period(until: SimTime) -> SimDuration {
    const SECOND: i64 = 1_000_000_000;
    const LENGTHS: [i64; 22] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600,
        43_200, 86_400, 172_800, 432_000, 864_000,
    ];
    let least = (until.nanos() - 1) / PERIODS_AIM + 1;
    if let Some(secs) = LENGTHS
        .iter()
        .find(|secs| **secs * SECOND >= least && least > SECOND / 2)
    {
        return SimDuration::from_nanos(secs * SECOND);
    }
    // Below a second and above ten days: one digit of 1, 2 or 5 in nanoseconds or days.
    let unit = if least <= SECOND { 1 } else { 86_400 * SECOND };
    let mut step = unit;
    loop {
        for digit in [1, 2, 5] {
            match step.checked_mul(digit) {
                Some(length) if length >= least => return SimDuration::from_nanos(length),
                Some(_) => {}
                None => return SimDuration::from_nanos(least),
            }
        }
        let Some(next) = step.checked_mul(10) else {
            return SimDuration::from_nanos(least);
        };
        step = next;
    }
}
