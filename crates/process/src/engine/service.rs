//! How cases are served: agents take them, are interrupted, finish, and look for the next.

use std::cmp::Reverse;

use pluriverse_kernel::{
    executor::{Completion, Work},
    time::{SimDuration, SimTime},
};

use super::{
    Event, Moment, NOBODY, between,
    cases::{Case, Place},
    duration,
    meter::WaitEnd,
    pools::Doing,
    record,
    surroundings::Surroundings,
};
use crate::spec::{Draw, EndOfShift, Preemption};

/// A service and its agent, the one that is best interrupted first: priority, start, agent.
type Interruptible = (i32, Reverse<SimTime>, Reverse<u32>);

impl Moment<'_> {
    /// The service time of a case at its station; `None`, and the run ends, when the draw is none.
    #[inline(always)]
    pub(super) fn draw_service(&mut self, slot: u32, station: u32) -> Option<SimDuration> {
        let stream = self.streams.service(station);
        let nanos = match &self.spec.stations[station as usize].service {
            Draw::Distribution(distribution) => distribution.sample(self.cx.stream(stream)),
            draw => Surroundings {
                state: self.state,
                slot,
                now: self.cx.now(),
            }
            .draw(draw, self.cx.stream(stream)),
        };
        let service = duration(nanos);
        if service.is_none() {
            self.refuse_service(station, nanos);
        }
        service
    }

    #[cold]
    fn refuse_service(&mut self, station: u32, nanos: f64) {
        let (name, secs) = (&self.spec.stations[station as usize].name, nanos / 1e9);
        let expected = "expected 0 s to 292 years";
        self.cx.fail(format!(
            "a service time drawn at station `{name}` is {secs} s, {expected}"
        ));
    }

    /// An engaged agent begins with a case, or goes on with one that was interrupted.
    #[inline(always)]
    pub(super) fn begin(&mut self, agent: u32, slot: u32, station: u32) {
        let mut drawn = None;
        if self.state.cases[slot].left_nanos < 0 {
            drawn = self.draw_service(slot, station);
            if drawn.is_none() {
                return;
            }
        }
        let now = self.cx.now();
        let case = &mut self.state.cases[slot];
        if let Some(service) = drawn {
            case.needs(service);
        }
        case.place = Place::Served;
        let class = case.class;
        let waited = SimDuration::from_nanos(case.waited_nanos);
        self.cx
            .record(record::START, case.number, agent, waited.as_secs_f64());
        let drawn = SimDuration::from_nanos(case.left_nanos);
        let work = Work {
            subject: case.number,
            agent,
            drawn,
        };
        let worker = &mut self.state.pools.agents[agent as usize];
        let pool = worker.pool;
        (worker.case, worker.started, worker.timer) = (slot, now, None);
        let before = std::mem::replace(&mut worker.busy_at, station);
        let is_stoppable = self.state.pools.pools[pool as usize].is_stoppable;
        let completion = self.cx.begin_work(work);
        if let Completion::After(delay) = completion
            && delay != drawn
        {
            // It takes as long as the executor says, and so much is left when it is interrupted.
            let other = case.service_nanos - drawn.nanos();
            case.service_nanos = other.saturating_add(delay.nanos());
            case.left_nanos = delay.nanos();
        }
        match completion {
            Completion::After(delay) if is_stoppable => {
                worker.doing = Doing::Serving;
                worker.timer = self.cx.timer_after(delay, Event::Finish { agent });
            }
            Completion::After(delay) => {
                worker.doing = Doing::Serving;
                self.cx.schedule_after(delay, Event::Finish { agent });
            }
            Completion::External => worker.doing = Doing::Outside,
        }
        if before != station {
            self.move_busy(now, before, station);
        }
        let meter = &mut self.state.meter.stations[station as usize];
        if is_stoppable {
            meter.started(class);
        } else {
            meter.waited(class, waited, WaitEnd::Served);
        }
    }

    /// An agent is done with its case.
    #[inline(always)]
    pub(super) fn finish(&mut self, agent: u32) {
        let now = self.cx.now();
        let worker = &mut self.state.pools.agents[agent as usize];
        if !matches!(worker.doing, Doing::Serving | Doing::Outside) {
            self.cx
                .fail("an agent ended a service that it had not begun");
            return;
        }
        let (slot, pool) = (worker.case, worker.pool);
        let is_outside = worker.doing == Doing::Outside;
        worker.timer = None;
        let started = worker.started;
        let case = &mut self.state.cases[slot];
        case.place = Place::Moving;
        if is_outside {
            // What was left had been expected to take as long as drawn; it took as long as it did.
            case.service_nanos += between(started, now).nanos() - case.left_nanos;
        }
        let (station, class) = (case.station, case.class);
        let service = SimDuration::from_nanos(case.service_nanos);
        self.cx
            .record(record::END, case.number, station, service.as_secs_f64());
        let (sojourn, waited) = (
            between(case.entered, now),
            SimDuration::from_nanos(case.waited_nanos),
        );
        let meter = &mut self.state.meter.stations[station as usize];
        meter.served(class, sojourn);
        if self.state.pools.pools[pool as usize].is_stoppable {
            meter.waited(class, waited, WaitEnd::Served);
        }
        let spec = &self.spec.stations[station as usize];
        for (attribute, value) in &spec.assign {
            let value = value.eval(&Surroundings {
                state: self.state,
                slot,
                now,
            });
            self.state.cases.attributes_mut(slot)[*attribute] = value;
        }
        let target = self.route(slot, station, &spec.to);
        self.send_on((agent, pool), slot, target);
    }

    /// A free agent takes the next case of its pool, or has a rest.
    #[inline(always)]
    pub(super) fn release(&mut self, agent: u32, pool: u32) {
        let stays = self.state.pools.stays_on(pool);
        if stays && let Some(slot) = self.next_case(pool) {
            let station = self.leave_queue(self.cx.now(), slot);
            self.begin(agent, slot, station);
            return;
        }
        self.count_busy(self.cx.now(), agent, NOBODY);
        self.state.pools.disengage(agent);
        if stays {
            for index in 0..self.state.pools.pools[pool as usize].stations.len() {
                self.note_room(self.state.pools.pools[pool as usize].stations[index]);
            }
        } else {
            self.state
                .meter
                .staff(self.cx.now(), pool, &self.state.pools);
        }
    }

    /// Has an agent counted as busy at `station` from now on, and nowhere else.
    ///
    /// An agent that goes from one case to the next at once is not counted out and in again.
    #[inline(always)]
    pub(super) fn count_busy(&mut self, now: SimTime, agent: u32, station: u32) {
        let before = std::mem::replace(
            &mut self.state.pools.agents[agent as usize].busy_at,
            station,
        );
        if before != station {
            self.move_busy(now, before, station);
        }
    }

    /// One busy agent less at a station and one more at another; [`NOBODY`] stands for none.
    #[inline(always)]
    fn move_busy(&mut self, now: SimTime, before: u32, station: u32) {
        if before != NOBODY {
            self.state.meter.busy(now, before, -1);
        }
        if station != NOBODY {
            self.state.meter.busy(now, station, 1);
        }
    }

    /// The case that a pool should serve next: the most urgent, then the one that has been there longest.
    #[inline(always)]
    fn next_case(&self, pool: u32) -> Option<u32> {
        match self.state.pools.pools[pool as usize].stations.as_slice() {
            [only] => self.state.stations[*only as usize].queue.first(),
            stations => {
                let heads = stations
                    .iter()
                    .filter_map(|station| self.state.stations[*station as usize].queue.first());
                heads.min_by_key(|slot| {
                    let case = &self.state.cases[*slot];
                    (Reverse(case.priority), case.entered, case.number)
                })
            }
        }
    }

    /// Idle agents of a pool take what waits, as after a shift has begun.
    fn serve_waiting(&mut self, pool: u32) {
        while let Some(slot) = self.next_case(pool) {
            let Some(agent) = self.state.pools.engage(pool) else {
                return;
            };
            let station = self.leave_queue(self.cx.now(), slot);
            self.begin(agent, slot, station);
        }
    }

    /// Frees an agent for a case that is more urgent than one in service.
    #[inline(never)]
    pub(super) fn preempt_for(&mut self, slot: u32, pool: u32) -> Option<u32> {
        let agent = self.stoppable_for(slot, pool)?;
        self.interrupt(agent);
        Some(agent)
    }

    /// The agent whose service can be stopped for a more urgent case: the least urgent one, at a station that lets
    /// it be stopped.
    pub(super) fn stoppable_for(&self, slot: u32, pool: u32) -> Option<u32> {
        let stations = &self.spec.stations;
        let may_stop =
            |served: &Case| stations[served.station as usize].preemption == Preemption::Resume;
        let (priority, _, Reverse(agent)) = self.interruptible(pool, may_stop).min()?;
        (self.state.cases[slot].priority > priority).then_some(agent)
    }

    /// As many agents as wanted, where there are so many, whose services can best be interrupted.
    fn least_urgent_first(&self, pool: u32, count: usize) -> Vec<u32> {
        if count == 0 {
            return Vec::new();
        }
        let mut serving: Vec<Interruptible> = self.interruptible(pool, |_| true).collect();
        serving.sort_unstable();
        let numbers = serving.into_iter().map(|(.., Reverse(number))| number);
        numbers.take(count).collect()
    }

    /// The agents of a pool whose services can be interrupted, of cases that may be.
    fn interruptible(
        &self,
        pool: u32,
        may_stop: impl Fn(&Case) -> bool,
    ) -> impl Iterator<Item = Interruptible> {
        let agents = (0..).zip(&self.state.pools.agents);
        let serving = agents.filter(move |(_, agent)| {
            agent.pool == pool && agent.timer.is_some() && may_stop(&self.state.cases[agent.case])
        });
        serving.map(|(number, agent)| {
            let priority = self.state.cases[agent.case].priority;
            (priority, Reverse(agent.started), Reverse(number))
        })
    }

    /// Stops a service; the case goes to the head of its queue, the agent stays engaged.
    fn interrupt(&mut self, agent: u32) {
        let now = self.cx.now();
        let worker = &mut self.state.pools.agents[agent as usize];
        let (slot, started) = (worker.case, worker.started);
        if let Some(timer) = worker.timer.take() {
            self.cx.cancel(timer);
        }
        (worker.case, worker.doing) = (NOBODY, Doing::Nothing);
        let case = &mut self.state.cases[slot];
        case.left_nanos -= between(started, now).nanos();
        case.waiting_since = now;
        let station = case.station;
        let left = SimDuration::from_nanos(case.left_nanos);
        self.cx
            .record(record::PREEMPT, case.number, agent, left.as_secs_f64());
        self.state.meter.queue(now, station, 1);
        self.state.stations[station as usize]
            .queue
            .push_front(&mut self.state.cases, slot);
    }

    /// Schedules the first change of each pool's shift.
    pub(super) fn start_shifts(&mut self) {
        for pool in 0..self.state.pools.pools.len() {
            self.schedule_shift(u32::try_from(pool).unwrap_or(NOBODY));
        }
    }

    /// Schedules the next change of a pool's shift, if there is one.
    fn schedule_shift(&mut self, pool: u32) {
        let shifts = &self.spec.pools[pool as usize];
        let state = &mut self.state.pools.pools[pool as usize];
        if state.next_shift == shifts.shifts.len() {
            if shifts.cycle.is_none() || shifts.shifts.is_empty() {
                return;
            }
            state.next_shift = 0;
            state.round += 1;
        }
        if let Some(at) = state.next_change(shifts) {
            self.cx
                .schedule_with_priority(at, SHIFT_PRIORITY, Event::Shift { pool });
        }
    }

    /// The number of agents on duty changes as scheduled.
    #[inline(never)]
    pub(super) fn shift(&mut self, pool: u32) {
        let index = self.state.pools.pools[pool as usize].next_shift;
        self.change_staff(pool, self.spec.pools[pool as usize].shifts[index].1);
        self.state.pools.pools[pool as usize].next_shift += 1;
        self.schedule_shift(pool);
    }

    /// So many agents are on duty from here on.
    pub(super) fn change_staff(&mut self, pool: u32, on_duty: u32) {
        let too_many = self.state.pools.change_shift(pool, on_duty);
        self.cx.record(
            record::SHIFT,
            pool,
            pluriverse_kernel::ledger::NONE,
            f64::from(on_duty),
        );
        if self.spec.pools[pool as usize].end_of_shift == EndOfShift::Preempt {
            for agent in self.least_urgent_first(pool, too_many as usize) {
                self.interrupt(agent);
                self.count_busy(self.cx.now(), agent, NOBODY);
                self.state.pools.disengage(agent);
            }
        }
        self.state
            .meter
            .staff(self.cx.now(), pool, &self.state.pools);
        self.serve_waiting(pool);
        for index in 0..self.state.pools.pools[pool as usize].stations.len() {
            self.note_room(self.state.pools.pools[pool as usize].stations[index]);
        }
    }
}

/// A change of shift comes before what else happens at that instant.
const SHIFT_PRIORITY: pluriverse_kernel::pending::Priority =
    pluriverse_kernel::pending::Priority(64);
