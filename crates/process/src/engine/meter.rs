//! What is measured while a world runs: exact integer sums, by station and class, by period and in total.
//!
//! The hot path adds to the current period only; at each boundary (period, warm-up, end) it is folded into the
//! period's and, once the warm-up is over, the total's sums. Time-weighted sums stop at the end of the run; cases
//! that are served after it still count.

use pluriverse_kernel::time::{SimDuration, SimTime};
use pluriverse_stats::{Histogram, TimeWeighted};
use serde::{Deserialize, Serialize};

use super::pools::Pools;
use crate::spec::{AbandonedCount, ServiceLevel, Spec};

mod check;

/// How many durations, and their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Durations {
    pub(super) count: u64,
    pub(super) nanos: i128,
}

impl Durations {
    #[inline(always)]
    fn record(&mut self, duration: SimDuration) {
        self.count += 1;
        self.nanos += i128::from(duration.nanos());
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.nanos += other.nanos;
    }
}

/// Counts of one station and class over some span.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Cell {
    pub(super) arrivals: u64,
    /// Services begun or resumed, counted where they can be interrupted; elsewhere each is the end of a wait.
    pub(super) started: u64,
    pub(super) served: u64,
    pub(super) abandoned: u64,
    pub(super) turned_away: u64,
    /// Waits that count for the service level, and those of them that met it.
    pub(super) judged: u64,
    pub(super) met: u64,
    pub(super) waits: Durations,
    pub(super) sojourns: Durations,
}

impl Cell {
    pub(super) fn fold(&mut self, other: &Self) {
        self.arrivals += other.arrivals;
        self.started += other.started;
        self.served += other.served;
        self.abandoned += other.abandoned;
        self.turned_away += other.turned_away;
        self.judged += other.judged;
        self.met += other.met;
        self.waits.merge(&other.waits);
        self.sojourns.merge(&other.sojourns);
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

/// A level over time, and its area over the measured span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Level {
    pub(super) current: TimeWeighted,
    pub(super) area: i128,
    pub(super) max: i64,
    /// Area by period.
    pub(super) periods: Vec<i128>,
}

impl Level {
    fn new(level: i64, period_count: usize) -> Self {
        Self {
            current: TimeWeighted::new(0, level),
            area: 0,
            max: 0,
            periods: vec![0; period_count],
        }
    }

    fn close(&mut self, span: &Span) {
        let area = self.current.area_until(span.end);
        if let Some(period) = self.periods.get_mut(span.period) {
            *period += area;
        }
        if span.is_measured {
            self.area += area;
            self.max = self.max.max(self.current.max());
        }
        self.current.restart(span.end);
    }
}

/// Several levels added up.
pub(super) struct LevelSum {
    pub(super) area: i128,
    pub(super) periods: Vec<i128>,
}

impl LevelSum {
    pub(super) fn of<'a>(levels: impl Iterator<Item = &'a Level>, period_count: usize) -> Self {
        let mut sum = Self {
            area: 0,
            periods: vec![0; period_count],
        };
        for level in levels {
            sum.area += level.area;
            for (sum, area) in sum.periods.iter_mut().zip(&level.periods) {
                *sum += area;
            }
        }
        sum
    }
}

/// What is measured of one class at one station.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct StationClass {
    /// Since the last boundary.
    pub(super) current: Cell,
    /// Over all measured spans.
    pub(super) total: Cell,
    /// In nanoseconds.
    pub(super) waits: Histogram,
}

/// What is measured at one station.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StationMeter {
    pub(super) queue: Level,
    pub(super) busy: Level,
    pub(super) classes: Vec<StationClass>,
    /// By period, all classes together.
    pub(super) periods: Vec<Cell>,
    target_nanos: i64,
    abandoned_count: Option<u8>,
}

/// What is measured of one source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct SourceMeter {
    pub(super) current: u64,
    pub(super) total: u64,
    pub(super) periods: Vec<u64>,
}

/// What is measured of one class from end to end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ClassMeter {
    pub(super) current: Durations,
    pub(super) total: Durations,
    pub(super) spread: Histogram,
}

/// All that is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Meter {
    until: i64,
    warm_up: i64,
    period: i64,
    /// Start of the span since the last boundary, and the next boundary.
    span_start: i64,
    next_boundary: i64,
    /// Cases that are held back from a full station.
    pub(super) held: Level,
    pub(super) stations: Vec<StationMeter>,
    /// Paid agents of each pool.
    pub(super) staffed: Vec<Level>,
    pub(super) sources: Vec<SourceMeter>,
    pub(super) classes: Vec<ClassMeter>,
}

/// A span between two boundaries.
struct Span {
    end: i64,
    period: usize,
    is_measured: bool,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitEnd {
    Served,
    Abandoned,
}

const COUNT_BY_WAIT: u8 = 0;
const COUNT_MISSED: u8 = 1;
const COUNT_EXCLUDED: u8 = 2;

impl StationMeter {
    fn new(class_count: usize, period_count: usize, target: Option<ServiceLevel>) -> Self {
        Self {
            queue: Level::new(0, period_count),
            busy: Level::new(0, period_count),
            classes: vec![StationClass::default(); class_count],
            periods: vec![Cell::default(); period_count],
            target_nanos: target.map_or(-1, |target| target.within.nanos()),
            abandoned_count: target.map(|target| match target.abandoned {
                AbandonedCount::ByWait => COUNT_BY_WAIT,
                AbandonedCount::Missed => COUNT_MISSED,
                AbandonedCount::Excluded => COUNT_EXCLUDED,
            }),
        }
    }

    /// A wait has ended.
    #[inline(always)]
    pub(super) fn waited(&mut self, class: u32, wait: SimDuration, end: WaitEnd) {
        let class = &mut self.classes[class as usize];
        let cell = &mut class.current;
        cell.waits.record(wait);
        class.waits.record(wait.nanos().unsigned_abs());
        let is_met = wait.nanos() <= self.target_nanos;
        match (end, self.abandoned_count) {
            (WaitEnd::Served, _) => {
                cell.judged += 1;
                cell.met += u64::from(is_met);
            }
            (WaitEnd::Abandoned, count) => {
                cell.abandoned += 1;
                cell.judged += u64::from(count != Some(COUNT_EXCLUDED));
                cell.met += u64::from(is_met && count == Some(COUNT_BY_WAIT));
            }
        }
    }

    /// A service that can be interrupted begins or goes on.
    #[inline(always)]
    pub(super) fn started(&mut self, class: u32) {
        self.classes[class as usize].current.started += 1;
    }

    /// A service has ended, this long after the case entered.
    #[inline(always)]
    pub(super) fn served(&mut self, class: u32, sojourn: SimDuration) {
        let class = &mut self.classes[class as usize];
        class.current.served += 1;
        class.current.sojourns.record(sojourn);
    }

    fn close(&mut self, span: &Span) {
        self.queue.close(span);
        self.busy.close(span);
        self.fold(span);
    }

    /// Moves the counts since the last boundary to where they belong.
    fn fold(&mut self, span: &Span) {
        for class in &mut self.classes {
            if let Some(period) = self.periods.get_mut(span.period) {
                period.fold(&class.current);
            }
            if span.is_measured {
                class.total.fold(&class.current);
            }
            class.current.clear();
        }
    }
}

impl Meter {
    pub(super) fn new(spec: &Spec) -> Self {
        let period_count = spec.run.period_count();
        let station = |target| StationMeter::new(spec.classes.len(), period_count, target);
        let staffed = |agents: Option<u32>| Level::new(agents.map_or(0, i64::from), period_count);
        let mut meter = Self {
            until: spec.run.until.nanos(),
            warm_up: spec.run.warm_up.nanos(),
            period: spec.run.period.nanos(),
            span_start: 0,
            next_boundary: 0,
            held: Level::new(0, period_count),
            stations: spec
                .stations
                .iter()
                .map(|spec| station(spec.service_level))
                .collect(),
            staffed: spec.pools.iter().map(|pool| staffed(pool.agents)).collect(),
            sources: vec![
                SourceMeter {
                    periods: vec![0; period_count],
                    ..SourceMeter::default()
                };
                spec.sources.len()
            ],
            classes: vec![ClassMeter::default(); spec.classes.len()],
        };
        meter.next_boundary = meter.boundary_after(0);
        meter
    }

    /// The first boundary after `time`: end of a period, of the warm-up or of the run.
    fn boundary_after(&self, time: i64) -> i64 {
        if time >= self.until {
            return i64::MAX;
        }
        let period_end = (time / self.period + 1).saturating_mul(self.period);
        let warm_up = if time < self.warm_up {
            self.warm_up
        } else {
            i64::MAX
        };
        period_end.min(warm_up).min(self.until)
    }

    /// Closes every span that ends at or before `now`.
    #[inline(always)]
    pub(super) fn roll(&mut self, now: SimTime) {
        if now.nanos() >= self.next_boundary {
            self.roll_over(now.nanos());
        }
    }

    #[cold]
    fn roll_over(&mut self, now: i64) {
        while now >= self.next_boundary && self.next_boundary < i64::MAX {
            let end = self.next_boundary;
            self.close(end);
            if end == self.warm_up {
                self.forget_spreads();
            }
            self.next_boundary = self.boundary_after(end);
        }
    }

    fn span(&self, end: i64) -> Span {
        // What happens after the end of the run belongs to its last period.
        let instant = self.span_start.min(self.until - 1);
        let period = usize::try_from(instant / self.period).unwrap_or(usize::MAX);
        Span {
            end,
            period,
            is_measured: self.span_start >= self.warm_up,
        }
    }

    fn close(&mut self, end: i64) {
        let span = self.span(end);
        self.held.close(&span);
        for station in &mut self.stations {
            station.close(&span);
        }
        for staffed in &mut self.staffed {
            staffed.close(&span);
        }
        self.fold_counts(&span);
        self.span_start = end;
    }

    fn fold_counts(&mut self, span: &Span) {
        for source in &mut self.sources {
            if let Some(period) = source.periods.get_mut(span.period) {
                *period += source.current;
            }
            source.total += if span.is_measured { source.current } else { 0 };
            source.current = 0;
        }
        for class in &mut self.classes {
            if span.is_measured {
                class.total.merge(&class.current);
            }
            class.current = Durations::default();
        }
    }

    /// Spreads are not kept by period, so they start over when the warm-up ends.
    fn forget_spreads(&mut self) {
        for class in self
            .stations
            .iter_mut()
            .flat_map(|station| &mut station.classes)
        {
            class.waits.clear();
        }
        for class in &mut self.classes {
            class.spread.clear();
        }
    }

    /// Everything measured up to `now`, with nothing left in the current span.
    pub(super) fn closed_at(&self, now: SimTime) -> Self {
        let mut closed = self.clone();
        closed.roll(now);
        if now.nanos() < self.until {
            closed.close(now.nanos());
        } else {
            let span = closed.span(self.until);
            closed.fold_counts(&span);
            for station in &mut closed.stations {
                station.fold(&span);
            }
        }
        if now.nanos() < self.warm_up {
            closed.forget_spreads();
        }
        closed
    }

    /// Nanoseconds of a closed meter's measured span.
    pub(super) fn measured_nanos(&self) -> i64 {
        (self.span_start - self.warm_up).max(0)
    }

    /// Nanoseconds of a closed meter's period of this index that have passed.
    pub(super) fn period_nanos(&self, index: usize) -> i64 {
        let start = i64::try_from(index)
            .unwrap_or(i64::MAX)
            .saturating_mul(self.period);
        let end = start.saturating_add(self.period).min(self.span_start);
        (end - start).max(0)
    }

    #[inline(always)]
    pub(super) fn arrived(&mut self, source: u32) {
        self.sources[source as usize].current += 1;
    }

    #[inline(always)]
    pub(super) fn left(&mut self, class: u32, sojourn: SimDuration) {
        let class = &mut self.classes[class as usize];
        class.current.record(sojourn);
        class.spread.record(sojourn.nanos().unsigned_abs());
    }

    /// One more (or less) waits at a station.
    #[inline(always)]
    pub(super) fn queue(&mut self, now: SimTime, station: u32, delta: i64) {
        self.stations[station as usize]
            .queue
            .current
            .add(now.nanos(), delta);
    }

    /// One more (or less) is served at a station.
    #[inline(always)]
    pub(super) fn busy(&mut self, now: SimTime, station: u32, delta: i64) {
        self.stations[station as usize]
            .busy
            .current
            .add(now.nanos(), delta);
    }

    /// The number of paid agents may have changed.
    pub(super) fn staff(&mut self, now: SimTime, pool: u32, pools: &Pools) {
        let staffed = pools.pools[pool as usize].staffed();
        self.staffed[pool as usize]
            .current
            .set(now.nanos(), i64::from(staffed));
    }

    /// One more (or less) is held back from a full station.
    pub(super) fn held(&mut self, now: SimTime, delta: i64) {
        self.held.current.add(now.nanos(), delta);
    }

    /// Cases in the world as sums of levels: those that wait, those that are served, those that are held back.
    pub(super) fn present(&self) -> impl Iterator<Item = &Level> {
        let at_stations = self
            .stations
            .iter()
            .flat_map(|station| [&station.queue, &station.busy]);
        at_stations.chain([&self.held])
    }
}
