//! When cases come: each kind of arrivals becomes intervals, rates or instants.

use pluriverse_kernel::{
    distribution::Distribution,
    time::{SimDuration, SimTime},
};

use super::{Reader, timetable::Spelling};
use crate::{
    document::{Cursor, Unit},
    spec::{Arrivals, TraceCase},
};

/// No more instants than this that schedules make at intervals, in the whole scenario.
pub(super) const INSTANTS_LIMIT: i64 = 10_000_000;
/// The longest time there is, in nanoseconds.
const LONGEST_NANOS: f64 = 9.223_372_036_854_775e18;

/// From when to when a source works, and how many cases it may make.
type Extent = ((SimTime, SimTime), Option<u64>);

impl Reader<'_> {
    /// Reads the arrivals of a source; `trace` is what was recorded, where it has a trace.
    pub(super) fn arrivals(
        &mut self,
        cursor: &Cursor<'_>,
        trace: Option<Vec<TraceCase>>,
        extent: Extent,
    ) -> Option<Arrivals> {
        let (kind, value) = cursor.variant()?;
        match kind {
            "poisson" => {
                let mean = self.mean_interval(&value.get("rate")?)?;
                Distribution::exponential(mean).ok().map(Arrivals::Renewal)
            }
            "erlang" => {
                let mean = self.mean_interval(&value.get("rate")?)?;
                let shape = u32::try_from(value.get("shape")?.integer()?).ok()?;
                Distribution::erlang(shape, mean)
                    .ok()
                    .map(Arrivals::Renewal)
            }
            "renewal" => self.renewal(&value.get("interval")?),
            "rates" => self.rates(&value),
            "scheduled" => self.scheduled(&value, extent),
            "trace" => {
                let mut cases = trace?;
                let ((from, until), _) = extent;
                cases.retain(|case| (from..until).contains(&case.at));
                self.check_instants(cursor, cases.len())?;
                Some(Arrivals::Trace(cases))
            }
            _ => None,
        }
    }

    /// The mean time between arrivals of a rate, in nanoseconds.
    fn mean_interval(&mut self, cursor: &Cursor<'_>) -> Option<f64> {
        let (count, nanos) = cursor.rate()?;
        let shown = cursor.node.value.shown();
        if count == 0.0 {
            self.findings
                .error(
                    cursor.place(),
                    format!("`{}` = {shown} is zero", cursor.path),
                )
                .expected("a rate above zero")
                .help("without arrivals, leave the source out");
            return None;
        }
        let mean = nanos / count;
        if !(f64::MIN_POSITIVE..=LONGEST_NANOS).contains(&mean) {
            self.findings
                .error(
                    cursor.place(),
                    format!("`{}` = {shown} is out of range", cursor.path),
                )
                .expected("at least one in 292 years");
            return None;
        }
        Some(mean)
    }

    fn renewal(&mut self, cursor: &Cursor<'_>) -> Option<Arrivals> {
        let interval = self.distribution(cursor, Unit::Duration)?;
        if interval.support().1 <= 0.0 {
            self.findings
                .error(
                    cursor.place(),
                    format!(
                        "`{}` is always zero: all cases would come at once, without end",
                        cursor.path
                    ),
                )
                .expected("a duration above zero");
            return None;
        }
        Some(Arrivals::Renewal(interval))
    }

    fn rates(&mut self, cursor: &Cursor<'_>) -> Option<Arrivals> {
        let spelling = Spelling {
            steps: "steps",
            value: "rate",
        };
        let timetable = self.timetable(cursor, spelling, |_, item| {
            item.rate().map(|(count, nanos)| count / nanos)
        });
        let factor = self.optional(cursor, "factor", |reader, factor| reader.factor(factor));
        let timetable = timetable?;
        if timetable.steps.iter().all(|(_, rate)| *rate == 0.0) {
            self.findings
                .error(cursor.place(), format!("`{}` are all zero", cursor.path))
                .expected("a rate above zero at some time");
            return None;
        }
        Some(Arrivals::Rates {
            steps: timetable.steps,
            cycle: timetable.cycle,
            factor: factor?,
        })
    }

    fn factor(&mut self, cursor: &Cursor<'_>) -> Option<Distribution> {
        let factor = self.distribution(cursor, Unit::Number)?;
        if factor.support().0 < 0.0 {
            self.findings
                .error(cursor.place(), format!("`{}` can be negative", cursor.path))
                .expected(
                    "numbers of zero or more, such as `{ gamma = { shape = 400, mean = 1 } }`",
                );
            return None;
        }
        Some(factor)
    }

    fn scheduled(&mut self, cursor: &Cursor<'_>, extent: Extent) -> Option<Arrivals> {
        let ((from, until), limit) = extent;
        if let Some(at) = cursor.get("at") {
            let mut times: Vec<SimTime> = Vec::new();
            for item in at.items() {
                let time = SimTime::from_nanos(item.duration()?.nanos());
                if let Some(last) = times.last().filter(|last| **last > time) {
                    let message = format!("`{}` = \"{time}\" comes before \"{last}\"", item.path);
                    self.findings
                        .error(item.place(), message)
                        .expected("times in order");
                    return None;
                }
                times.push(time);
            }
            times.retain(|time| (from..until).contains(time));
            self.check_instants(cursor, times.len())?;
            return Some(Arrivals::Scheduled(times));
        }
        let every_cursor = cursor.get("every")?;
        let every = every_cursor.duration().filter(|every| every.nanos() > 0)?;
        let first = match cursor.get("from") {
            Some(first) => SimTime::from_nanos(first.duration()?.nanos()).max(from),
            None => from,
        };
        if until == SimTime::MAX && limit.is_none() {
            // The run has no end; that was noted where it should stand.
            return None;
        }
        let limit = limit
            .and_then(|limit| i64::try_from(limit).ok())
            .unwrap_or(i64::MAX);
        let span = until.since(first).nanos();
        let count = if span <= 0 {
            0
        } else {
            ((span - 1) / every.nanos()).saturating_add(1).min(limit)
        };
        if count > self.instants_left {
            self.findings
                .error(
                    every_cursor.place(),
                    format!("`{}` makes {count} arrivals", every_cursor.path),
                )
                .expected(format!("at most {INSTANTS_LIMIT} in all"))
                .help("for so many write `renewal = { interval = \"…\" }`");
            return None;
        }
        self.check_instants(cursor, usize::from(count > 0))?;
        self.instants_left -= count;
        let instants = (0..count).map(|index| {
            first.checked_add(SimDuration::from_nanos(every.nanos().checked_mul(index)?))
        });
        instants
            .collect::<Option<Vec<_>>>()
            .map(Arrivals::Scheduled)
    }
    /// Refuses a source of which no arrival falls into the time in which it works.
    fn check_instants(&mut self, cursor: &Cursor<'_>, count: usize) -> Option<()> {
        if count > 0 {
            return Some(());
        }
        self.findings
            .error(
                cursor.place(),
                format!("`{}` has no arrival while the source works", cursor.path),
            )
            .expected("at least one arrival between the source's `from` and `until`");
        None
    }
}
