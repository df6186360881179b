//! Whether what a snapshot says was measured can have been: same things, sums within reach, spans that fit.

use super::{Cell, Durations, Level, Meter, StationClass, StationMeter};

/// More than anything that can be counted in a run, and small enough to add many of them up.
const COUNT_LIMIT: u64 = 1 << 60;
/// The same for durations and areas, in nanoseconds.
const SUM_LIMIT: i128 = 1 << 110;
/// The same for levels.
const LEVEL_LIMIT: i64 = 1 << 40;

impl Meter {
    /// Whether `self` measures the same things as `other`, by the lengths of all its lists and its boundaries.
    pub(in crate::engine) fn is_like(&self, other: &Self) -> bool {
        let levels = |level: &Level| level.periods.len();
        let station = |station: &StationMeter| {
            let by_period = [
                station.periods.len(),
                levels(&station.queue),
                levels(&station.busy),
            ];
            let level = (station.target_nanos, station.abandoned_count);
            (station.classes.len(), by_period, level)
        };
        let same_stations = self
            .stations
            .iter()
            .map(station)
            .eq(other.stations.iter().map(station));
        let same_pools = self
            .staffed
            .iter()
            .map(levels)
            .eq(other.staffed.iter().map(levels));
        let periods = |meter: &Self| -> Vec<usize> {
            meter
                .sources
                .iter()
                .map(|source| source.periods.len())
                .collect()
        };
        let rest = |meter: &Self| {
            let run = [meter.until, meter.warm_up, meter.period];
            (
                run,
                meter.classes.len(),
                levels(&meter.held),
                periods(meter),
            )
        };
        same_stations && same_pools && rest(self) == rest(other)
    }

    /// Whether all numbers fit each other and none is near its limit.
    pub(in crate::engine) fn is_sound(&self) -> bool {
        let is_span =
            self.span_start >= 0 && self.next_boundary == self.boundary_after(self.span_start);
        let sources = || self.sources.iter();
        let counts = sources()
            .flat_map(|source| [source.current, source.total])
            .chain(sources().flat_map(|source| source.periods.iter().copied()));
        is_span
            && self.levels().all(|level| self.is_level_sound(level))
            && self.stations.iter().all(StationMeter::is_sound)
            && counts.into_iter().all(|count| count < COUNT_LIMIT)
            && self.classes.iter().all(|class| {
                let sums = [&class.current, &class.total];
                sums.into_iter().all(Durations::is_sound) && class.spread.count() < COUNT_LIMIT
            })
    }

    /// The last instant at which anything was noted.
    pub(in crate::engine) fn last_change(&self) -> i64 {
        let changes = self.levels().map(|level| level.current.since());
        changes.fold(self.span_start, i64::max)
    }

    fn levels(&self) -> impl Iterator<Item = &Level> {
        self.present().chain(&self.staffed)
    }

    fn is_level_sound(&self, level: &Level) -> bool {
        let current = &level.current;
        let since = current.since();
        let is_within = current.start() == self.span_start
            && (self.span_start..self.next_boundary).contains(&since);
        let is_bounded = (0..=current.max()).contains(&current.level())
            && current.max().max(level.max) < LEVEL_LIMIT
            && level.max >= 0;
        let areas = || level.periods.iter().chain([&level.area]);
        is_within
            && is_bounded
            && (0..SUM_LIMIT).contains(&current.area_until(since))
            && areas().all(|area| (0..SUM_LIMIT).contains(area))
    }
}

impl StationMeter {
    fn is_sound(&self) -> bool {
        let is_class_sound = |class: &StationClass| {
            class.current.is_sound() && class.total.is_sound() && class.waits.count() < COUNT_LIMIT
        };
        self.classes.iter().all(is_class_sound) && self.periods.iter().all(Cell::is_sound)
    }
}

impl Cell {
    fn is_sound(&self) -> bool {
        let counts = [
            self.arrivals,
            self.started,
            self.served,
            self.turned_away,
            self.judged,
        ];
        counts.into_iter().all(|count| count < COUNT_LIMIT)
            && self.met <= self.judged
            && self.abandoned <= self.waits.count
            && self.waits.is_sound()
            && self.sojourns.is_sound()
    }
}

impl Durations {
    fn is_sound(&self) -> bool {
        self.count < COUNT_LIMIT && (0..SUM_LIMIT).contains(&self.nanos)
    }
}
