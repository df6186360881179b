//! Every figure that a world reports, computed again from its replay: lists and loops, in no hurry.

use std::collections::BTreeMap;

use pluriverse_kernel::{time::SimTime, view::Observation};
use pluriverse_process::spec::{AbandonedCount, Spec, StationSpec, WhenFull};
use pluriverse_stats::Histogram;

use super::replay::{Interval, Replay, Station, Stay, Wait};

const HOUR: f64 = 3.6e12;

/// Figures by name; series by chart and name.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) scalars: BTreeMap<String, Observation>,
    pub(super) series: BTreeMap<(String, String), Vec<Observation>>,
    pub(super) spreads: BTreeMap<String, Histogram>,
}

/// A span of time, in nanoseconds; what happens at its end is outside.
#[derive(Clone, Copy, Debug)]
struct Window {
    from: i64,
    to: i64,
}

impl Window {
    fn length(self) -> i64 {
        (self.to - self.from).max(0)
    }

    fn area(self, intervals: &[Interval]) -> i128 {
        let overlap =
            |(from, to): &Interval| i128::from((*to.min(&self.to) - *from.max(&self.from)).max(0));
        intervals.iter().map(overlap).sum()
    }

    /// The area under a level that changes.
    fn area_under(self, levels: &[(i64, usize)]) -> i128 {
        let next = levels.iter().skip(1).map(|(at, _)| *at).chain([i64::MAX]);
        let overlap = |((from, level), to): (&(i64, usize), i64)| {
            self.area(&[(*from, to)]) * i128::try_from(*level).unwrap()
        };
        levels.iter().zip(next).map(overlap).sum()
    }

    fn most(self, levels: &[(i64, usize)]) -> usize {
        let before = levels.iter().rev().find(|(at, _)| *at < self.from);
        let within = levels
            .iter()
            .filter(|(at, _)| (self.from..self.to).contains(at));
        let most = before
            .into_iter()
            .chain(within)
            .map(|(_, level)| *level)
            .max();
        most.unwrap_or(0)
    }
}

/// The figures of a replay.
pub(super) fn figures(spec: &Spec, replay: &Replay<'_>) -> Figures {
    let book = Book::new(spec, replay);
    let mut figures = Figures::default();
    for (source, arrivals) in spec.sources.iter().zip(&replay.arrivals) {
        let name = source.name.as_str();
        let all = book.count(arrivals.iter().copied());
        figures.scalar(format!("{name}.arrivals"), Observation::plain(all));
        let rates = book.by_period(|period| {
            let count = book.count_in(period, arrivals.iter().copied());
            Observation::ratio(count, book.window(period).length() as f64 / HOUR)
        });
        figures.series("Arrivals per hour", name, rates);
    }
    for (index, station) in spec.stations.iter().enumerate() {
        book.station(station, &replay.stations[index], &mut figures);
    }
    for (index, pool) in spec.pools.iter().enumerate() {
        let is_own = spec
            .stations
            .iter()
            .any(|station| station.name == pool.name);
        if !is_own && pool.agents.is_some() {
            let name = pool.name.as_str();
            let utilization = |window| book.utilization(window, index, &book.serving(index));
            figures.scalar(format!("{name}.utilization"), utilization(book.measured));
            let series = book.by_period(|period| utilization(book.window(period)));
            figures.series("Utilization", name, series);
        }
    }
    book.system(&mut figures);
    figures
}

impl Figures {
    fn scalar(&mut self, name: String, value: Observation) {
        assert!(
            self.scalars.insert(name, value).is_none(),
            "names are used once"
        );
    }

    fn series(&mut self, chart: &str, name: &str, values: Vec<Observation>) {
        self.series
            .insert((chart.to_owned(), name.to_owned()), values);
    }
}

/// What is measured when.
struct Book<'r> {
    spec: &'r Spec,
    replay: &'r Replay<'r>,
    measured: Window,
}

impl<'r> Book<'r> {
    fn new(spec: &'r Spec, replay: &'r Replay<'r>) -> Self {
        let until = spec.run.until.nanos();
        // A world without a stated end is measured up to its last case.
        let end = match replay.left.last() {
            Some(last) if spec.run.until == SimTime::MAX => last.at,
            _ => replay.now,
        };
        Self {
            spec,
            replay,
            measured: Window {
                from: spec.run.warm_up.nanos(),
                to: end.min(until),
            },
        }
    }

    fn is_measured(&self, at: i64) -> bool {
        at >= self.measured.from
    }

    /// The period of something that happens at an instant; what comes after the end belongs to the last one.
    fn period_of(&self, at: i64) -> usize {
        let at = at.min(self.spec.run.until.nanos() - 1);
        usize::try_from(at / self.spec.run.period.nanos()).unwrap()
    }

    fn window(&self, period: usize) -> Window {
        let length = self.spec.run.period.nanos();
        let from = i64::try_from(period).unwrap().saturating_mul(length);
        Window {
            from,
            to: from.saturating_add(length).min(self.measured.to),
        }
    }

    fn by_period(&self, value: impl FnMut(usize) -> Observation) -> Vec<Observation> {
        (0..self.spec.run.period_count()).map(value).collect()
    }

    fn count(&self, times: impl Iterator<Item = i64>) -> f64 {
        times.filter(|at| self.is_measured(*at)).count() as f64
    }

    fn count_in(&self, period: usize, times: impl Iterator<Item = i64>) -> f64 {
        times.filter(|at| self.period_of(*at) == period).count() as f64
    }

    fn serving(&self, pool: usize) -> Vec<Interval> {
        let stations = self.spec.stations.iter().zip(&self.replay.stations);
        let of_pool = stations.filter(|(station, _)| station.pool == pool);
        of_pool
            .flat_map(|(_, station)| station.serving.clone())
            .collect()
    }

    fn utilization(&self, window: Window, pool: usize, serving: &[Interval]) -> Observation {
        let staffed = window.area_under(&self.replay.pools[pool].staffed);
        Observation::ratio(window.area(serving) as f64, staffed as f64)
    }

    fn level(&self, window: Window, intervals: &[Interval]) -> Observation {
        Observation::ratio(window.area(intervals) as f64, window.length() as f64)
    }

    fn station(&self, spec: &StationSpec, station: &Station, figures: &mut Figures) {
        let name = spec.name.as_str();
        let came = self.count(station.came.iter().map(|(at, _)| *at));
        figures.scalar(format!("{name}.arrivals"), Observation::plain(came));
        self.of_class(spec, station, None, figures);
        if self.spec.classes.len() > 1 {
            for class in 0..self.spec.classes.len() {
                self.of_class(spec, station, Some(class), figures);
            }
        }
        let mut waits = Histogram::new();
        for wait in station
            .waits
            .iter()
            .filter(|wait| self.is_measured(wait.at))
        {
            waits.record(wait.nanos.unsigned_abs());
        }
        quantiles(&format!("{name}.wait"), &waits, figures);
        figures.spreads.insert(format!("{name}.wait"), waits);
        let queue = self.level(self.measured, &station.waiting);
        figures.scalar(format!("{name}.queue_length"), queue);
        let most = if self.measured.to < self.measured.from {
            0
        } else {
            self.measured.most(&station.lengths)
        };
        figures.scalar(
            format!("{name}.queue_length_max"),
            Observation::plain(most as f64),
        );
        let served = self.count(station.served.iter().map(|stay| stay.at));
        let hours = self.measured.length() as f64 / HOUR;
        figures.scalar(
            format!("{name}.throughput"),
            Observation::ratio(served, hours),
        );
        let lengths = self.by_period(|period| self.level(self.window(period), &station.waiting));
        figures.series("Queue length", name, lengths);
        if self.spec.pools[spec.pool].agents.is_some() {
            let utilization = |window| self.utilization(window, spec.pool, &station.serving);
            figures.scalar(format!("{name}.utilization"), utilization(self.measured));
            let series = self.by_period(|period| utilization(self.window(period)));
            figures.series("Utilization", name, series);
        } else {
            let serving = self.level(self.measured, &station.serving);
            figures.scalar(format!("{name}.in_service"), serving);
        }
        self.waits_by_period(spec, station, figures);
    }

    fn waits_by_period(&self, spec: &StationSpec, station: &Station, figures: &mut Figures) {
        let name = spec.name.as_str();
        let ended_in = |period| -> Vec<Wait> {
            let ended = station.waits.iter();
            ended
                .filter(|wait| self.period_of(wait.at) == period)
                .copied()
                .collect()
        };
        let means = self.by_period(|period| mean(ended_in(period).iter().map(|wait| wait.nanos)));
        figures.series("Wait", name, means);
        if spec.service_level.is_some() {
            let levels = self.by_period(|period| level(spec, &ended_in(period)));
            figures.series("Service level", name, levels);
        }
        if spec.patience.is_some() {
            let abandoned = self.by_period(|period| abandoned(&ended_in(period)));
            figures.series("Abandonment", name, abandoned);
        }
    }

    /// Figures of one class at a station, or of all.
    fn of_class(
        &self,
        spec: &StationSpec,
        station: &Station,
        class: Option<usize>,
        figures: &mut Figures,
    ) {
        let prefix = match class {
            Some(class) => format!("{}.{}", spec.name, self.spec.classes[class].name),
            None => spec.name.clone(),
        };
        let is_of = |other: usize| class.is_none_or(|class| class == other);
        let of = |(at, other): &&(i64, usize)| self.is_measured(*at) && is_of(*other);
        let waits: Vec<Wait> = station
            .waits
            .iter()
            .filter(|wait| self.is_measured(wait.at) && is_of(wait.class))
            .copied()
            .collect();
        figures.scalar(
            format!("{prefix}.wait"),
            mean(waits.iter().map(|wait| wait.nanos)),
        );
        let stays = station.served.iter();
        let stays = stays.filter(|stay| self.is_measured(stay.at) && is_of(stay.class));
        figures.scalar(
            format!("{prefix}.sojourn"),
            mean(stays.map(|stay| stay.nanos)),
        );
        if spec.service_level.is_some() {
            figures.scalar(format!("{prefix}.service_level"), level(spec, &waits));
        }
        if spec.patience.is_some() {
            figures.scalar(format!("{prefix}.abandoned"), abandoned(&waits));
        }
        if spec.buffer.is_some() && spec.when_full == WhenFull::Balk {
            let (away, came) = (
                station.turned_away.iter().filter(of).count(),
                station.came.iter().filter(of).count(),
            );
            let blocked = Observation::ratio(away as f64, came as f64);
            figures.scalar(format!("{prefix}.blocked"), blocked);
        }
    }

    fn system(&self, figures: &mut Figures) {
        let measured: Vec<Stay> = self
            .replay
            .left
            .iter()
            .filter(|stay| self.is_measured(stay.at))
            .copied()
            .collect();
        let count = measured.len() as f64;
        figures.scalar("system.completed".to_owned(), Observation::plain(count));
        figures.scalar(
            "system.sojourn".to_owned(),
            mean(measured.iter().map(|stay| stay.nanos)),
        );
        let hours = self.measured.length() as f64 / HOUR;
        figures.scalar(
            "system.throughput".to_owned(),
            Observation::ratio(count, hours),
        );
        if self.spec.classes.len() > 1 {
            for (index, class) in self.spec.classes.iter().enumerate() {
                let stays = measured.iter().filter(|stay| stay.class == index);
                let sojourn = mean(stays.map(|stay| stay.nanos));
                figures.scalar(format!("system.{}.sojourn", class.name), sojourn);
            }
        }
        let mut spread = Histogram::new();
        measured
            .iter()
            .for_each(|stay| spread.record(stay.nanos.unsigned_abs()));
        quantiles("system.sojourn", &spread, figures);
        figures.spreads.insert("system.sojourn".to_owned(), spread);
        let at_stations = self.replay.stations.iter();
        let mut present: Vec<Interval> = at_stations
            .flat_map(|station| station.waiting.iter().chain(&station.serving).copied())
            .collect();
        present.extend(&self.replay.held);
        let level = self.level(self.measured, &present);
        figures.scalar("system.present".to_owned(), level);
        let series = self.by_period(|period| self.level(self.window(period), &present));
        figures.series("Cases present", "system", series);
        let cost = self.cost();
        if let Some(cost) = cost {
            figures.scalar("system.cost".to_owned(), Observation::plain(cost));
        }
    }

    fn cost(&self) -> Option<f64> {
        let mut is_costly = false;
        let mut cost = 0.0;
        for (index, pool) in self.spec.pools.iter().enumerate() {
            is_costly |= pool.cost_per_hour > 0.0 || pool.cost_per_use > 0.0;
            let paid = match pool.agents {
                Some(_) => self.measured.area_under(&self.replay.pools[index].staffed),
                None => self.measured.area(&self.serving(index)),
            };
            cost += pool.cost_per_hour * paid as f64 / HOUR;
        }
        for (spec, station) in self.spec.stations.iter().zip(&self.replay.stations) {
            is_costly |= spec.cost_per_case > 0.0;
            let served = self.count(station.served.iter().map(|stay| stay.at));
            let begun = self.count(station.begun.iter().map(|(at, _)| *at));
            cost += spec.cost_per_case * served + self.spec.pools[spec.pool].cost_per_use * begun;
        }
        is_costly.then_some(cost)
    }
}

fn mean(nanos: impl Iterator<Item = i64>) -> Observation {
    let all: Vec<i128> = nanos.map(i128::from).collect();
    Observation::ratio(all.iter().sum::<i128>() as f64 / 1e9, all.len() as f64)
}

fn abandoned(waits: &[Wait]) -> Observation {
    let abandoned = waits.iter().filter(|wait| wait.is_abandoned).count();
    Observation::ratio(abandoned as f64, waits.len() as f64)
}

fn level(spec: &StationSpec, waits: &[Wait]) -> Observation {
    let level = spec.service_level.unwrap();
    let counts = |wait: &&Wait| !(wait.is_abandoned && level.abandoned == AbandonedCount::Excluded);
    let is_met = |wait: &&Wait| {
        let is_in_time = wait.nanos <= level.within.nanos();
        is_in_time && !(wait.is_abandoned && level.abandoned == AbandonedCount::Missed)
    };
    let judged: Vec<&Wait> = waits.iter().filter(counts).collect();
    let met = judged.iter().filter(|wait| is_met(wait)).count();
    Observation::ratio(met as f64, judged.len() as f64)
}

fn quantiles(name: &str, histogram: &Histogram, figures: &mut Figures) {
    for (quantile, q) in [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)] {
        let value = histogram.quantile(q).map(|nanos| nanos as f64 / 1e9);
        figures.scalar(format!("{name}_{quantile}"), Observation::maybe(value));
    }
}
