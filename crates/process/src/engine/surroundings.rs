//! What expressions can see of a world, and how draws that depend on it are made.

use pluriverse_kernel::{
    random::Stream,
    time::{SimDuration, SimTime},
};

use super::{State, cases::Case};
use crate::{
    expression::Environment,
    spec::{Draw, Routing, Target},
};

/// A world as one of its cases sees it.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) state: &'a State,
    pub(super) slot: u32,
    pub(super) now: SimTime,
}

impl Surroundings<'_> {
    fn case(&self) -> &Case {
        &self.state.cases[self.slot]
    }

    /// Draws a value for the case.
    #[inline]
    pub(super) fn draw(&self, draw: &Draw, stream: &mut Stream) -> f64 {
        match draw {
            Draw::Distribution(distribution) => distribution.sample(stream),
            _ => self.draw_any(draw, stream),
        }
    }

    #[inline(never)]
    fn draw_any(&self, draw: &Draw, stream: &mut Stream) -> f64 {
        match draw {
            Draw::Distribution(distribution) => distribution.sample(stream),
            Draw::ByClass(draws) => self.draw_any(&draws[self.class()], stream),
            Draw::ByTime { steps, cycle } => {
                let place = place_in_cycle(self.now, *cycle);
                let step = steps
                    .partition_point(|(from, _)| *from <= place)
                    .saturating_sub(1);
                self.draw_any(&steps[step].1, stream)
            }
            Draw::Expression { value, unit } => value.eval(self) * unit,
            Draw::Scaled { factor, draw } => factor.eval(self) * self.draw_any(draw, stream),
        }
    }

    /// Where the case goes.
    #[inline]
    pub(super) fn route(&self, routing: &Routing, stream: &mut Stream) -> Target {
        match routing {
            Routing::Always(target) => *target,
            Routing::Chance(ways) => {
                let chance = stream.next_f64();
                let way = ways
                    .iter()
                    .find(|(cumulative, _)| chance < *cumulative)
                    .or(ways.last());
                way.map_or(Target::Exit, |(_, target)| *target)
            }
            Routing::Rules(rules, otherwise) => {
                // As in conditions within expressions, NaN is not true.
                let holds = |value: f64| value != 0.0 && !value.is_nan();
                let rule = rules.iter().find(|(rule, _)| holds(rule.eval(self)));
                rule.map_or(*otherwise, |(_, target)| *target)
            }
        }
    }
}

/// How far `now` is into the cycle.
pub(super) fn place_in_cycle(now: SimTime, cycle: Option<SimDuration>) -> SimDuration {
    let nanos = now.nanos();
    SimDuration::from_nanos(cycle.map_or(nanos, |cycle| nanos.rem_euclid(cycle.nanos())))
}

impl Environment for Surroundings<'_> {
    fn attribute(&self, index: usize) -> f64 {
        self.state.cases.attributes(self.slot)[index]
    }

    fn time_secs(&self) -> f64 {
        self.now.as_secs_f64()
    }

    fn class(&self) -> usize {
        self.case().class as usize
    }

    fn priority(&self) -> f64 {
        f64::from(self.case().priority)
    }

    fn waited_secs(&self) -> f64 {
        let case = self.case();
        let waiting = case.place == super::cases::Place::Waiting;
        let current = if waiting {
            self.now.since(case.waiting_since).nanos()
        } else {
            0
        };
        SimDuration::from_nanos(case.waited_nanos.saturating_add(current)).as_secs_f64()
    }

    fn age_secs(&self) -> f64 {
        self.now.since(self.case().arrived).as_secs_f64()
    }

    fn queue_length(&self, station: usize) -> f64 {
        f64::from(self.state.stations[station].queue.len)
    }

    fn busy(&self, pool: usize) -> f64 {
        f64::from(self.state.pools.pools[pool].engaged)
    }

    fn agents(&self, pool: usize) -> f64 {
        match self.state.pools.pools[pool].on_duty {
            u32::MAX => f64::INFINITY,
            on_duty => f64::from(on_duty),
        }
    }
}
