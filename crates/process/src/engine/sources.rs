//! Where cases come from: when the next one is due, and what it brings along.

use pluriverse_kernel::{
    distribution::Distribution,
    random::Stream,
    time::{SimDuration, SimTime},
};
use serde::{Deserialize, Serialize};

use super::{Event, Moment, between, duration, record, surroundings::Surroundings};
use crate::spec::{Arrivals, BATCH_LIMIT, Routing, SourceSpec, Spec};

/// One source between events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Source {
    /// Cases so far.
    pub(super) count: u64,
    /// Next entry of a schedule or trace.
    pub(super) next_entry: usize,
    /// Whether another case is on its way.
    pub(super) is_open: bool,
    /// What all rates are multiplied by in this run.
    pub(super) factor: f64,
}

/// All sources.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sources(pub(super) Vec<Source>);

impl Sources {
    pub(super) fn new(spec: &Spec) -> Self {
        Self(vec![
            Source {
                factor: 1.0,
                ..Source::default()
            };
            spec.sources.len()
        ])
    }
}

impl Sources {
    /// Whether any case is still to come.
    pub(super) fn are_open(&self) -> bool {
        self.0.iter().any(|source| source.is_open)
    }
}

impl Moment<'_> {
    /// Schedules the first case of each source.
    pub(super) fn start_sources(&mut self) {
        for (index, source) in (0..).zip(&self.spec.sources) {
            if let Arrivals::Rates {
                factor: Some(factor),
                ..
            } = &source.arrivals
            {
                // The day factor is drawn first, so that it is the same whatever the rates are.
                let drawn = factor.sample(self.cx.stream(self.streams.interval(index)));
                if !(drawn >= 0.0 && drawn.is_finite()) {
                    self.cx.fail(format!(
                        "the rate factor drawn for source `{}` is {drawn}",
                        source.name
                    ));
                    return;
                }
                self.state.sources.0[index as usize].factor = drawn;
            }
            let place = &mut self.state.sources.0[index as usize];
            place.next_entry = match &source.arrivals {
                Arrivals::Scheduled(times) => times.partition_point(|at| *at < source.from),
                Arrivals::Trace(cases) => cases.partition_point(|case| case.at < source.from),
                Arrivals::Renewal(_) | Arrivals::Rates { .. } => 0,
            };
            self.schedule_arrival(index, source, source.from);
        }
        self.end_if_over();
    }

    /// Schedules the next case of a source after `now`; `false` where there is none.
    #[inline(always)]
    fn schedule_arrival(&mut self, index: u32, spec: &SourceSpec, now: SimTime) -> bool {
        let source = &mut self.state.sources.0[index as usize];
        source.is_open = false;
        if spec.limit.is_some_and(|limit| source.count >= limit) {
            return false;
        }
        let stream = self.cx.stream(self.streams.interval(index));
        let next = match &spec.arrivals {
            Arrivals::Renewal(interval) => {
                let nanos = interval.sample(stream);
                match duration(nanos) {
                    Some(interval) => now.checked_add(interval),
                    // An interval beyond all time means that nobody comes any more.
                    None if nanos > 0.0 => None,
                    None => {
                        let secs = nanos / 1e9;
                        self.cx.fail(format!(
                            "an interval drawn for source `{}` is {secs} s",
                            spec.name
                        ));
                        None
                    }
                }
            }
            Arrivals::Rates { steps, cycle, .. } => {
                let after = next_at_rates(
                    steps,
                    *cycle,
                    source.factor,
                    between(spec.from, now),
                    stream,
                );
                after.and_then(|after| spec.from.checked_add(after))
            }
            Arrivals::Scheduled(times) => times.get(source.next_entry).copied(),
            Arrivals::Trace(cases) => cases.get(source.next_entry).map(|case| case.at),
        };
        let Some(next) = next.filter(|next| *next < spec.until) else {
            return false;
        };
        source.is_open = true;
        self.cx
            .schedule_at(next.max(now), Event::Arrive { source: index });
        true
    }

    /// The next case (or batch) of a source comes.
    #[inline(always)]
    pub(super) fn arrive(&mut self, index: u32) {
        // That one more may come was seen when it was scheduled.
        let spec = &self.spec.sources[index as usize];
        let source = &mut self.state.sources.0[index as usize];
        let entry = source.next_entry;
        source.next_entry += 1;
        let last_row = match &spec.batch {
            None => {
                source.count += 1;
                self.admit(index, spec, entry)
            }
            Some(batch) => self.admit_batch(index, spec, batch, entry),
        };
        let Some(last_row) = last_row else {
            return;
        };
        self.cx.set_cause(last_row);
        if !self.schedule_arrival(index, spec, self.cx.now()) {
            self.end_if_over();
        }
    }

    #[cold]
    fn refuse_case(&mut self) {
        let cases = &self.state.cases;
        self.cx.fail(if cases.count() >= cases.limit() {
            format!(
                "{} cases are in the world at once, and no more fit",
                cases.count()
            )
        } else {
            "more than 4,294,967,294 cases in one run".to_owned()
        });
    }

    #[cold]
    fn refuse_batch(&mut self, name: &str, drawn: f64) {
        self.cx.fail(format!(
            "a batch drawn for source `{name}` is of {drawn:e} cases, expected at most {BATCH_LIMIT}"
        ));
    }

    /// Several cases come at once, as many as are drawn and the source's limit lets; returns the last one's row.
    #[inline(never)]
    fn admit_batch(
        &mut self,
        index: u32,
        spec: &SourceSpec,
        batch: &Distribution,
        entry: usize,
    ) -> Option<u64> {
        let drawn = batch.sample(self.cx.stream(self.streams.batch(index)));
        let Some(size) = batch_size(drawn) else {
            self.refuse_batch(&spec.name, drawn);
            return None;
        };
        let cause = self.cx.cause();
        let mut last_row = cause;
        for _ in 0..size {
            let source = &mut self.state.sources.0[index as usize];
            if spec.limit.is_some_and(|limit| source.count >= limit) {
                break;
            }
            source.count += 1;
            self.cx.set_cause(cause);
            last_row = self.admit(index, spec, entry)?;
        }
        Some(last_row)
    }

    /// One case comes and goes where its source sends it; returns the row of its arrival.
    #[inline(always)]
    fn admit(&mut self, index: u32, source: &SourceSpec, entry: usize) -> Option<u64> {
        let now = self.cx.now();
        let recorded = match &source.arrivals {
            Arrivals::Trace(cases) => cases.get(entry),
            _ => None,
        };
        let class = recorded.and_then(|case| case.class).unwrap_or(source.class);
        let priority = self.spec.classes[class].priority;
        let class = u32::try_from(class).unwrap_or(0);
        let Some(slot) = self.state.cases.admit(now, class, priority) else {
            self.refuse_case();
            return None;
        };
        for (attribute, draw) in &source.attributes {
            let here = Surroundings {
                state: self.state,
                slot,
                now,
            };
            let value = here.draw(draw, self.cx.stream(self.streams.attribute(index)));
            self.state.cases.attributes_mut(slot)[*attribute] = value;
        }
        if let Some(recorded) = recorded {
            for (attribute, value) in &recorded.attributes {
                self.state.cases.attributes_mut(slot)[*attribute] = *value;
            }
        }
        self.state.meter.arrived(index);
        let number = self.state.cases[slot].number;
        let row = self.cx.record(record::ARRIVE, number, index, 0.0);
        let target = match &source.to {
            Routing::Always(target) => *target,
            choice => self.route_by(slot, choice, self.streams.source_route(index)),
        };
        self.send(slot, target);
        Some(row)
    }
}

/// The whole number nearest to a draw, zero for less than a half; `None` when it is none or above the limit.
fn batch_size(drawn: f64) -> Option<u32> {
    let size = libm::rint(drawn.max(0.0));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the limit"
    )]
    let size = (!drawn.is_nan() && size <= f64::from(BATCH_LIMIT)).then_some(size as u32);
    size
}

/// How many of the next rounds, each `round_nanos` long, can be skipped for want of an arrival; `None` when none ever
/// comes. `left` falls by what they hold. A few rounds are left to be walked through, step by step.
fn rounds_without(
    steps: &[(SimDuration, f64)],
    factor: f64,
    round_nanos: i64,
    left: &mut f64,
) -> Option<i64> {
    const WALKED: f64 = 64.0;
    let ends = steps.iter().skip(1).map(|(from, _)| from.nanos());
    let expected: f64 = steps
        .iter()
        .zip(ends.chain([round_nanos]))
        .map(|((from, rate), end)| rate * factor * (end - from.nanos()) as f64)
        .sum();
    if expected <= 0.0 {
        return None;
    }
    let rounds = libm::floor(*left / expected) - WALKED;
    if rounds < 1.0 {
        return Some(0);
    }
    *left -= rounds * expected;
    // More than there is time for means that nobody comes any more.
    duration(rounds).map(SimDuration::nanos)
}

/// The next event of a Poisson process with piecewise constant rate, by inverting the cumulative rate.
///
/// All durations count from the source's origin. Source: Çinlar (1975), "Introduction to Stochastic Processes",
/// section 4.7: the inverse of the expectation function maps a unit-rate process to this one.
fn next_at_rates(
    steps: &[(SimDuration, f64)],
    cycle: Option<SimDuration>,
    factor: f64,
    now: SimDuration,
    stream: &mut Stream,
) -> Option<SimDuration> {
    let mut left = stream.exponential();
    let (mut round_start, mut place) = match cycle {
        Some(cycle) => {
            let into = now.nanos().rem_euclid(cycle.nanos());
            (now.nanos() - into, into)
        }
        None => (0, now.nanos()),
    };
    let mut step = steps
        .partition_point(|(from, _)| from.nanos() <= place)
        .saturating_sub(1);
    loop {
        let rate = steps[step].1 * factor;
        let next_start = steps.get(step + 1).map(|(from, _)| *from).or(cycle);
        let Some(step_end) = next_start else {
            // The last step holds on for ever.
            return (rate > 0.0)
                .then(|| duration(left / rate))
                .flatten()?
                .checked_add(SimDuration::from_nanos(round_start.checked_add(place)?));
        };
        let expected = rate * (step_end.nanos() - place) as f64;
        if expected > left {
            let after = duration(left / rate)?;
            return after.checked_add(SimDuration::from_nanos(round_start.checked_add(place)?));
        }
        left -= expected;
        place = step_end.nanos();
        step += 1;
        if step == steps.len() {
            let skipped = rounds_without(steps, factor, place, &mut left)?;
            round_start = round_start.checked_add(place.checked_mul(skipped + 1)?)?;
            (place, step) = (0, 0);
        }
    }
}
