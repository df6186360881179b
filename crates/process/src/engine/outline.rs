//! The figures that a process world reports, and their names.
//!
//! One walk over the meters names every figure and computes it; the outline keeps the names, the measures keep the
//! numbers, so that both always have the same order.

use pluriverse_kernel::{
    time::SimTime,
    view::{Measures, Observation, Outline, Scalar, Series, Spread, Unit},
};
use pluriverse_stats::Histogram;

use super::{
    Engine, State,
    meter::{Cell, Durations, Level, LevelSum, Meter, StationClass, StationMeter},
    pools::is_stoppable,
};
use crate::spec::{Spec, StationSpec, WhenFull};

const NANOS_PER_HOUR: f64 = 3.6e12;
const QUANTILES: [(&str, f64); 4] = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)];

/// Names and values of the quantiles that are told of every spread.
fn quantiles(spread: &Histogram) -> impl Iterator<Item = (&'static str, Observation)> {
    let values = spread.quantiles(QUANTILES.map(|(_, q)| q));
    let names = QUANTILES.map(|(name, _)| name);
    let secs = |nanos: Option<u64>| Observation::maybe(nanos.map(|nanos| nanos as f64 / 1e9));
    names.into_iter().zip(values.map(secs))
}

/// The names of all figures of worlds of `spec`.
pub(super) fn outline(spec: &Spec) -> Outline {
    let state = Engine::new(std::sync::Arc::new(spec.clone())).state;
    let mut names = Names {
        spec,
        outline: Outline::default(),
    };
    walk(spec, &state.meter.closed_at(SimTime::ZERO), &mut names);
    names.outline
}

/// All figures of a world at `now`.
pub(super) fn measures(spec: &Spec, state: &State, now: SimTime) -> Measures {
    let mut numbers = Measures::default();
    walk(spec, &state.meter.closed_at(now), &mut numbers);
    numbers
}

/// Takes figures in their order.
trait Figures {
    fn scalar(&mut self, name: impl FnOnce() -> String, unit: Unit, value: Observation);
    fn series(
        &mut self,
        chart: &str,
        name: &str,
        unit: Unit,
        values: impl Iterator<Item = Observation>,
    );
    fn spread(&mut self, name: impl FnOnce() -> String, histogram: &Histogram);
}

struct Names<'a> {
    spec: &'a Spec,
    outline: Outline,
}

impl Figures for Names<'_> {
    fn scalar(&mut self, name: impl FnOnce() -> String, unit: Unit, _value: Observation) {
        self.outline.scalars.push(Scalar { name: name(), unit });
    }

    fn series(
        &mut self,
        chart: &str,
        name: &str,
        unit: Unit,
        _values: impl Iterator<Item = Observation>,
    ) {
        let (chart, name) = (chart.to_owned(), name.to_owned());
        self.outline.series.push(Series {
            chart,
            name,
            unit,
            period: self.spec.run.period,
        });
    }

    fn spread(&mut self, name: impl FnOnce() -> String, _histogram: &Histogram) {
        self.outline.spreads.push(Spread { name: name() });
    }
}

impl Figures for Measures {
    fn scalar(&mut self, _name: impl FnOnce() -> String, _unit: Unit, value: Observation) {
        self.scalars.push(value);
    }

    fn series(
        &mut self,
        _chart: &str,
        _name: &str,
        _unit: Unit,
        values: impl Iterator<Item = Observation>,
    ) {
        self.series.push(values.collect());
    }

    fn spread(&mut self, _name: impl FnOnce() -> String, histogram: &Histogram) {
        self.spreads.push(histogram.clone());
    }
}

fn mean_secs(durations: &Durations) -> Observation {
    Observation::ratio(durations.nanos as f64 / 1e9, durations.count as f64)
}

fn share(part: u64, whole: u64) -> Observation {
    Observation::ratio(part as f64, whole as f64)
}

fn walk(spec: &Spec, meter: &Meter, out: &mut impl Figures) {
    let hours = meter.measured_nanos() as f64 / NANOS_PER_HOUR;
    for (source, seen) in spec.sources.iter().zip(&meter.sources) {
        let arrivals = Observation::plain(seen.total as f64);
        out.scalar(
            || format!("{}.arrivals", source.name),
            Unit::Count,
            arrivals,
        );
        let by_period = seen.periods.iter().enumerate();
        let rates =
            by_period.map(|(index, count)| per_hour(*count as f64, meter.period_nanos(index)));
        out.series("Arrivals per hour", &source.name, Unit::PerHour, rates);
    }
    for (station, seen) in spec.stations.iter().zip(&meter.stations) {
        station_figures(spec, station, meter, seen, out);
    }
    let own_pool = |name: &str| spec.stations.iter().any(|station| station.name == name);
    for (index, pool) in spec.pools.iter().enumerate() {
        if !own_pool(&pool.name) && pool.agents.is_some() {
            let (busy, staffed) = (pool_busy(spec, meter, index), &meter.staffed[index]);
            let utilization = Observation::ratio(busy.area as f64, staffed.area as f64);
            out.scalar(
                || format!("{}.utilization", pool.name),
                Unit::Share,
                utilization,
            );
            out.series(
                "Utilization",
                &pool.name,
                Unit::Share,
                ratios(&busy.periods, &staffed.periods),
            );
        }
    }
    system_figures(spec, meter, hours, out);
}

fn per_hour(count: f64, nanos: i64) -> Observation {
    Observation::ratio(count, nanos as f64 / NANOS_PER_HOUR)
}

fn ratios(part: &[i128], whole: &[i128]) -> impl Iterator<Item = Observation> {
    let both = part.iter().zip(whole);
    both.map(|(part, whole)| Observation::ratio(*part as f64, *whole as f64))
}

/// What all stations of a pool have of its agents.
fn pool_busy(spec: &Spec, meter: &Meter, pool: usize) -> LevelSum {
    let of_pool = spec
        .stations
        .iter()
        .zip(&meter.stations)
        .filter(|(station, _)| station.pool == pool);
    LevelSum::of(of_pool.map(|(_, seen)| &seen.busy), spec.run.period_count())
}

fn station_figures(
    spec: &Spec,
    station: &StationSpec,
    meter: &Meter,
    seen: &StationMeter,
    out: &mut impl Figures,
) {
    let name = station.name.as_str();
    let mut all = Cell::default();
    let mut waits = Histogram::new();
    for class in &seen.classes {
        all.fold(&class.total);
        waits.merge(&class.waits);
    }
    let span = meter.measured_nanos() as f64;
    let staffed = &meter.staffed[station.pool];
    let is_limited = spec.pools[station.pool].agents.is_some();

    out.scalar(
        || format!("{name}.arrivals"),
        Unit::Count,
        Observation::plain(all.arrivals as f64),
    );
    cell_figures(|figure| format!("{name}.{figure}"), station, &all, out);
    for (quantile, wait) in quantiles(&waits) {
        out.scalar(|| format!("{name}.wait_{quantile}"), Unit::Seconds, wait);
    }
    let queue_length = Observation::ratio(seen.queue.area as f64, span);
    out.scalar(|| format!("{name}.queue_length"), Unit::Count, queue_length);
    let longest = Observation::plain(seen.queue.max as f64);
    out.scalar(|| format!("{name}.queue_length_max"), Unit::Count, longest);
    if is_limited {
        let utilization = Observation::ratio(seen.busy.area as f64, staffed.area as f64);
        out.scalar(|| format!("{name}.utilization"), Unit::Share, utilization);
    } else {
        let in_service = Observation::ratio(seen.busy.area as f64, span);
        out.scalar(|| format!("{name}.in_service"), Unit::Count, in_service);
    }
    let throughput = Observation::ratio(all.served as f64, span / NANOS_PER_HOUR);
    out.scalar(|| format!("{name}.throughput"), Unit::PerHour, throughput);
    if spec.classes.len() > 1 {
        for (class, measured) in spec.classes.iter().zip(&seen.classes) {
            let name = |figure: &str| format!("{name}.{}.{figure}", class.name);
            cell_figures(name, station, &measured.total, out);
        }
    }
    station_series(station, meter, seen, is_limited.then_some(staffed), out);
    out.spread(|| format!("{name}.wait"), &waits);
}

/// Figures that a station has in all, and for each class.
fn cell_figures(
    name: impl Fn(&str) -> String,
    station: &StationSpec,
    cell: &Cell,
    out: &mut impl Figures,
) {
    out.scalar(|| name("wait"), Unit::Seconds, mean_secs(&cell.waits));
    out.scalar(|| name("sojourn"), Unit::Seconds, mean_secs(&cell.sojourns));
    let waited = cell.waits.count;
    if station.service_level.is_some() {
        out.scalar(
            || name("service_level"),
            Unit::Share,
            share(cell.met, cell.judged),
        );
    }
    if station.patience.is_some() {
        out.scalar(
            || name("abandoned"),
            Unit::Share,
            share(cell.abandoned, waited),
        );
    }
    if station.buffer.is_some() && station.when_full == WhenFull::Balk {
        out.scalar(
            || name("blocked"),
            Unit::Share,
            share(cell.turned_away, cell.arrivals),
        );
    }
}

fn station_series(
    station: &StationSpec,
    meter: &Meter,
    seen: &StationMeter,
    staffed: Option<&Level>,
    out: &mut impl Figures,
) {
    let name = station.name.as_str();
    let lengths = seen.queue.periods.iter().enumerate();
    let lengths = lengths
        .map(|(index, area)| Observation::ratio(*area as f64, meter.period_nanos(index) as f64));
    out.series("Queue length", name, Unit::Count, lengths);
    let waits = seen.periods.iter().map(|cell| mean_secs(&cell.waits));
    out.series("Wait", name, Unit::Seconds, waits);
    if let Some(staffed) = staffed {
        out.series(
            "Utilization",
            name,
            Unit::Share,
            ratios(&seen.busy.periods, &staffed.periods),
        );
    }
    if station.service_level.is_some() {
        let levels = seen.periods.iter().map(|cell| share(cell.met, cell.judged));
        out.series("Service level", name, Unit::Share, levels);
    }
    if station.patience.is_some() {
        let abandoned = seen
            .periods
            .iter()
            .map(|cell| share(cell.abandoned, cell.waits.count));
        out.series("Abandonment", name, Unit::Share, abandoned);
    }
}

fn system_figures(spec: &Spec, meter: &Meter, hours: f64, out: &mut impl Figures) {
    let (mut sojourns, mut spread) = (Durations::default(), Histogram::new());
    for class in &meter.classes {
        sojourns.merge(&class.total);
        spread.merge(&class.spread);
    }
    out.scalar(
        || "system.completed".to_owned(),
        Unit::Count,
        Observation::plain(sojourns.count as f64),
    );
    out.scalar(
        || "system.sojourn".to_owned(),
        Unit::Seconds,
        mean_secs(&sojourns),
    );
    for (quantile, sojourn) in quantiles(&spread) {
        out.scalar(
            || format!("system.sojourn_{quantile}"),
            Unit::Seconds,
            sojourn,
        );
    }
    if spec.classes.len() > 1 {
        for (class, seen) in spec.classes.iter().zip(&meter.classes) {
            let name = || format!("system.{}.sojourn", class.name);
            out.scalar(name, Unit::Seconds, mean_secs(&seen.total));
        }
    }
    let all_present = LevelSum::of(meter.present(), spec.run.period_count());
    let present = Observation::ratio(all_present.area as f64, meter.measured_nanos() as f64);
    out.scalar(|| "system.present".to_owned(), Unit::Count, present);
    let throughput = Observation::ratio(sojourns.count as f64, hours);
    out.scalar(|| "system.throughput".to_owned(), Unit::PerHour, throughput);
    let lengths = all_present.periods.iter().enumerate();
    let lengths = lengths
        .map(|(index, area)| Observation::ratio(*area as f64, meter.period_nanos(index) as f64));
    out.series("Cases present", "system", Unit::Count, lengths);
    if let Some(cost) = cost(spec, meter) {
        out.scalar(
            || "system.cost".to_owned(),
            Unit::Money,
            Observation::plain(cost),
        );
    }
    out.spread(|| "system.sojourn".to_owned(), &spread);
}

/// What the measured span cost, when anything has a cost.
fn cost(spec: &Spec, meter: &Meter) -> Option<f64> {
    let of_pools = spec.pools.iter().enumerate();
    let of_stations = spec.stations.iter().zip(&meter.stations);
    let costly_pool =
        |pool: &crate::spec::PoolSpec| pool.cost_per_hour != 0.0 || pool.cost_per_use != 0.0;
    let is_costly = spec.pools.iter().any(costly_pool)
        || spec
            .stations
            .iter()
            .any(|station| station.cost_per_case != 0.0);
    let on_duty: f64 = of_pools
        .map(|(index, pool)| {
            let paid = match pool.agents {
                Some(_) => meter.staffed[index].area,
                None => pool_busy(spec, meter, index).area,
            };
            pool.cost_per_hour * (paid as f64 / NANOS_PER_HOUR)
        })
        .sum();
    let by_case: f64 = of_stations
        .map(|(station, seen)| {
            let is_stoppable = is_stoppable(spec, station.pool);
            let (mut served, mut begun) = (0, 0);
            for StationClass { total, .. } in &seen.classes {
                served += total.served;
                // A service that cannot be interrupted begins once, at the end of a wait.
                begun += if is_stoppable {
                    total.started
                } else {
                    total.waits.count - total.abandoned
                };
            }
            let cost_per_use = spec.pools[station.pool].cost_per_use;
            station.cost_per_case * served as f64 + cost_per_use * begun as f64
        })
        .sum();
    is_costly.then_some(on_duty + by_case)
}
