//! Offered load: how many agents a pool needs just to keep up, from the traffic equations λ = a + Pᵀλ.
//!
//! Source: Jackson, "Jobshop-like queueing systems" (1963), per class since classes do not change. The equations
//! hold where routes are fixed or by chance and every case that comes is served; where a rule decides, or cases
//! turn away or give up, what follows is unknown and nothing is said about it. Rates are averages over the run.

use pluriverse_kernel::time::SimDuration;

use super::{Places, can_balk};
use crate::{
    document::Findings,
    spec::{Arrivals, Draw, PoolSpec, Routing, SourceSpec, Spec, Target},
};

/// The sparse equations are given up after so many single steps: a hint must not take long.
const STEPS_LIMIT: usize = 5_000_000;
/// Relative change at which the flows count as settled.
const PRECISION: f64 = 1e-12;

/// With fewer cases per agent than this a queue has no time to grow.
const FEW_CASES: f64 = 10.0;

/// What a pool has to do on average over the run.
#[derive(Clone, Copy, Default)]
struct Load {
    /// Agents who are busy if all work gets done.
    work: f64,
    /// Cases per nanosecond.
    flow: f64,
}

/// Warns of pools that have more to do than they can.
pub(super) fn overload(spec: &Spec, places: &Places, findings: &mut Findings<'_>) {
    let Some(loads) = offered_loads(spec) else {
        return;
    };
    for (index, pool) in spec.pools.iter().enumerate() {
        let (Some(Load { work: load, flow }), Some(capacity)) =
            (loads[index], mean_agents(spec, pool))
        else {
            continue;
        };
        let case_count = run_nanos(spec).map_or(f64::INFINITY, |run| run * flow);
        if load < capacity * (1.0 - 1e-9) || case_count < FEW_CASES * capacity.max(1.0) {
            continue;
        }
        let Some((place, path)) = places.agents.get(index) else {
            continue;
        };
        let agents = match capacity {
            1.0 => "the one agent".to_owned(),
            capacity if pool.shifts.is_empty() => format!("the {capacity} agents"),
            capacity => format!("the {} agents on average", rounded(capacity)),
        };
        let is_just_too_much = load <= capacity * (1.0 + 1e-9);
        let more = if is_just_too_much {
            "all that"
        } else {
            "more than"
        };
        let message = format!(
            "`{path}`: an offered load of {} is {more} {agents} can do",
            rounded(load)
        );
        let help = match libm::floor(load * (1.0 + 1e-9)) + 1.0 {
            needed if needed.is_infinite() => "the mean of a service here is infinite".to_owned(),
            1.0 => "the queue grows as long as the run lasts; one agent would keep up".to_owned(),
            needed => {
                format!("the queue grows as long as the run lasts; {needed} agents would keep up")
            }
        };
        findings.warning(place, message).help(help);
    }
}

/// `value` with four significant digits, for people.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let digits = 3.0 - libm::floor(libm::log10(libm::fabs(value)));
    let scale = libm::pow(10.0, digits);
    libm::round(value * scale) / scale
}

/// The loads of the pools; `None` where one is unknown, or all of them are.
fn offered_loads(spec: &Spec) -> Option<Vec<Option<Load>>> {
    let unknown = unknown_flows(spec);
    let mut loads: Vec<Option<Load>> = vec![Some(Load::default()); spec.pools.len()];
    for class in 0..spec.classes.len() {
        let flows = station_flows(spec, class)?;
        for ((station, flow), is_unknown) in spec.stations.iter().zip(flows).zip(&unknown) {
            let Some(load) = loads[station.pool] else {
                continue;
            };
            let loses = station.patience.is_some() || can_balk(station);
            let work = match mean(spec, &station.service, class) {
                _ if *is_unknown || loses => None,
                _ if flow == 0.0 => Some(0.0),
                mean => mean.map(|mean| mean * flow),
            };
            let work = work
                .map(|work| load.work + work)
                .filter(|work| !work.is_nan());
            loads[station.pool] = work.map(|work| Load {
                work,
                flow: load.flow + flow,
            });
        }
    }
    Some(loads)
}

/// Stations that cases reach by a rule, or after a station that loses some: how many come is unknown.
fn unknown_flows(spec: &Spec) -> Vec<bool> {
    let mut unknown = vec![false; spec.stations.len()];
    let mut open: Vec<Target> = Vec::new();
    let routes = spec
        .sources
        .iter()
        .map(|source| &source.to)
        .chain(spec.stations.iter().map(|station| &station.to));
    for route in routes.filter(|route| matches!(route, Routing::Rules(..))) {
        open.extend(super::targets(route));
    }
    for station in &spec.stations {
        if station.patience.is_some() {
            open.extend(super::targets(&station.to));
            open.extend(super::targets(&station.renege_to));
        }
        if can_balk(station) {
            open.extend(super::targets(&station.to));
            open.extend(super::targets(&station.balk_to));
        }
    }
    while let Some(target) = open.pop() {
        if let Target::Station(index) = target
            && !std::mem::replace(&mut unknown[index], true)
        {
            open.extend(super::targets(&spec.stations[index].to));
        }
    }
    unknown
}

/// Cases of a class per nanosecond that come to each station; `None` when the equations do not settle.
fn station_flows(spec: &Spec, class: usize) -> Option<Vec<f64>> {
    let count = spec.stations.len();
    let mut arrivals = vec![0.0; count];
    for source in &spec.sources {
        let rate = mean_rate(spec, source, class);
        for (probability, target) in chances(&source.to) {
            if let Target::Station(index) = target {
                arrivals[index] += rate * probability;
            }
        }
    }
    if arrivals.iter().all(|rate| *rate == 0.0) {
        return Some(arrivals);
    }
    // For each station where its cases come from.
    let mut sources: Vec<Vec<(usize, f64)>> = vec![Vec::new(); count];
    let mut edge_count = count;
    for (from, station) in spec.stations.iter().enumerate() {
        for (probability, target) in chances(&station.to) {
            if let Target::Station(to) = target {
                sources[to].push((from, probability));
                edge_count += 1;
            }
        }
    }
    let mut flows = arrivals.clone();
    for _ in 0..STEPS_LIMIT / edge_count {
        let mut change: f64 = 0.0;
        for index in 0..count {
            let inflow: f64 = sources[index]
                .iter()
                .map(|(from, probability)| flows[*from] * probability)
                .sum();
            let flow = arrivals[index] + inflow;
            change = change.max(libm::fabs(flow - flows[index]) / flow.max(f64::MIN_POSITIVE));
            flows[index] = flow;
        }
        if change < PRECISION {
            return Some(flows);
        }
    }
    None
}

/// The ways of a route with their probabilities; none where rules decide.
fn chances(routing: &Routing) -> Vec<(f64, Target)> {
    match routing {
        Routing::Always(target) => vec![(1.0, *target)],
        Routing::Chance(ways) => {
            let before = std::iter::once(0.0).chain(ways.iter().map(|(cumulative, _)| *cumulative));
            ways.iter()
                .zip(before)
                .map(|((cumulative, target), before)| (cumulative - before, *target))
                .collect()
        }
        Routing::Rules(..) => Vec::new(),
    }
}

/// The length of a run that ends, in nanoseconds.
fn run_nanos(spec: &Spec) -> Option<f64> {
    let until = spec.run.until.nanos();
    (until < i64::MAX).then_some(until as f64)
}

/// Cases of a class per nanosecond from a source, on average over the run (while the source works, when the run has
/// no end of its own).
fn mean_rate(spec: &Spec, source: &SourceSpec, class: usize) -> f64 {
    let active = source.until.since(source.from).nanos() as f64;
    let total = run_nanos(spec).unwrap_or(active);
    let batch = source
        .batch
        .as_ref()
        .map_or(1.0, |batch| batch.mean().max(0.0));
    let of_class = f64::from(u8::from(source.class == class));
    let expected = match &source.arrivals {
        Arrivals::Renewal(interval) => active / interval.mean() * of_class,
        Arrivals::Rates {
            steps,
            cycle,
            factor,
        } => {
            let factor = factor.as_ref().map_or(1.0, |factor| factor.mean());
            let steps = steps.iter().map(|(from, rate)| (*from, *rate));
            time_average(steps, *cycle, active) * active * factor * of_class
        }
        Arrivals::Scheduled(times) => times.len() as f64 * of_class,
        Arrivals::Trace(cases) => {
            let is_of_class = |case: &&_| trace_class(case, source) == class;
            cases.iter().filter(is_of_class).count() as f64
        }
    };
    let expected = expected * batch;
    match source.limit {
        // Without an end of the run the source stops at its limit, and until then its rate is what counts.
        Some(limit) if run_nanos(spec).is_some() => expected.min(limit as f64) / total,
        _ => expected / total,
    }
}

fn trace_class(case: &crate::spec::TraceCase, source: &SourceSpec) -> usize {
    case.class.unwrap_or(source.class)
}

/// The average of something that changes in steps, over `span` nanoseconds from its start or over its cycle.
fn time_average(
    steps: impl Iterator<Item = (SimDuration, f64)> + Clone,
    cycle: Option<SimDuration>,
    span: f64,
) -> f64 {
    let span = cycle.map_or(span, |cycle| cycle.nanos() as f64);
    let ends = steps
        .clone()
        .skip(1)
        .map(|(from, _)| from.nanos() as f64)
        .chain([f64::INFINITY]);
    let sum: f64 = steps
        .zip(ends)
        .map(|((from, value), end)| {
            let length = (end.min(span) - from.nanos() as f64).max(0.0);
            if length > 0.0 { value * length } else { 0.0 }
        })
        .sum();
    sum / span
}

/// Agents of a pool on duty, on average over the run; `None` without limit.
fn mean_agents(spec: &Spec, pool: &PoolSpec) -> Option<f64> {
    let first = (SimDuration::ZERO, f64::from(pool.agents?));
    let shifts = pool
        .shifts
        .iter()
        .map(|(from, agents)| (*from, f64::from(*agents)));
    if pool.shifts.is_empty() {
        return Some(first.1);
    }
    // A shift at zero follows the first number at once, which then has no length.
    let steps = std::iter::once(first).chain(shifts);
    Some(time_average(
        steps,
        pool.cycle,
        run_nanos(spec).unwrap_or(i64::MAX as f64),
    ))
}

/// The mean of a draw for a class, in its own unit; `None` where it depends on more than class and time.
fn mean(spec: &Spec, draw: &Draw, class: usize) -> Option<f64> {
    match draw {
        Draw::Distribution(distribution) => Some(distribution.mean()),
        Draw::ByClass(draws) => mean(spec, &draws[class], class),
        Draw::ByTime { steps, cycle } => {
            let means = steps
                .iter()
                .map(|(from, draw)| Some((*from, mean(spec, draw, class)?)));
            let means = means.collect::<Option<Vec<_>>>()?;
            Some(time_average(
                means.into_iter(),
                *cycle,
                run_nanos(spec).unwrap_or(i64::MAX as f64),
            ))
        }
        Draw::Expression { value, unit } => value.as_number().map(|value| value * unit),
        Draw::Scaled { factor, draw } => Some(factor.as_number()? * mean(spec, draw, class)?),
    }
}
