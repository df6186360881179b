//! How cases are served: agents take them, are interrupted, finish, and look for the next.

use pluriverse_kernel::{
    context::Context,
    executor::{Completion, Work},
    time::{SimDuration, SimTime},
};

use super::{
    Event, NOBODY, State, Streams, cases::Place, duration, meter::WaitEnd, pools::Doing, record,
    surroundings::Surroundings,
};
use crate::spec::{EndOfShift, Preemption, Spec};

impl State {
    /// Draws the service time of a case at its station; `false`, and the run ends, when it is none.
    #[inline]
    pub(super) fn draw_service(
        &mut self,
        spec: &Spec,
        streams: &Streams,
        cx: &mut Context<Event>,
        slot: u32,
    ) -> bool {
        let station = self.cases[slot].station as usize;
        let here = Surroundings {
            state: self,
            slot,
            now: cx.now(),
        };
        let nanos = here.draw(
            &spec.stations[station].service,
            cx.stream(streams.services[station]),
        );
        let Some(service) = duration(nanos) else {
            let name = &spec.stations[station].name;
            let secs = nanos / 1e9;
            cx.fail(format!(
                "a service time drawn at station `{name}` is {secs} s, expected 0 s to 292 years"
            ));
            return false;
        };
        let case = &mut self.cases[slot];
        (case.service_nanos, case.left_nanos) = (service.nanos(), service.nanos());
        true
    }

    /// An engaged agent begins with a case, or goes on with one that was interrupted.
    #[inline]
    pub(super) fn begin(
        &mut self,
        spec: &Spec,
        streams: &Streams,
        cx: &mut Context<Event>,
        agent: u32,
        slot: u32,
    ) {
        if self.cases[slot].left_nanos < 0 && !self.draw_service(spec, streams, cx, slot) {
            return;
        }
        let now = cx.now();
        let case = &mut self.cases[slot];
        case.place = Place::Served;
        let (station, class) = (case.station, case.class);
        let waited = SimDuration::from_nanos(case.waited_nanos);
        cx.record(record::START, case.number, agent, waited.as_secs_f64());
        let drawn = SimDuration::from_nanos(case.left_nanos);
        let work = Work {
            subject: case.number,
            agent,
            drawn,
        };
        let worker = &mut self.pools.agents[agent as usize];
        let pool = worker.pool;
        (worker.case, worker.started, worker.timer) = (slot, now, None);
        let is_stoppable = self.pools.pools[pool as usize].is_stoppable;
        match cx.begin_work(work) {
            Completion::After(delay) if is_stoppable => {
                worker.doing = Doing::Serving;
                worker.timer = cx.timer_after(delay, Event::Finish { agent });
            }
            Completion::After(delay) => {
                worker.doing = Doing::Serving;
                cx.schedule_after(delay, Event::Finish { agent });
            }
            Completion::External => worker.doing = Doing::Outside,
        }
        self.meter.busy(now, station, pool, 1);
        if !is_stoppable {
            self.meter.stations[station as usize].waited(class, waited, WaitEnd::Served);
        }
    }

    /// An agent is done with its case.
    #[inline]
    pub(super) fn finish(
        &mut self,
        spec: &Spec,
        streams: &Streams,
        cx: &mut Context<Event>,
        agent: u32,
    ) {
        let now = cx.now();
        let worker = &mut self.pools.agents[agent as usize];
        if !matches!(worker.doing, Doing::Serving | Doing::Outside) {
            cx.fail(format!(
                "agent {agent} ended a service that it had not begun"
            ));
            return;
        }
        let (slot, pool) = (worker.case, worker.pool);
        let is_outside = worker.doing == Doing::Outside;
        worker.timer = None;
        let started = worker.started;
        let case = &mut self.cases[slot];
        case.place = Place::Moving;
        if is_outside {
            // What was left had been expected to take as long as drawn; it took as long as it did.
            case.service_nanos += now.since(started).nanos() - case.left_nanos;
        }
        let (station, class) = (case.station, case.class);
        let service = SimDuration::from_nanos(case.service_nanos);
        cx.record(record::END, case.number, station, service.as_secs_f64());
        let (sojourn, waited) = (
            now.since(case.entered),
            SimDuration::from_nanos(case.waited_nanos),
        );
        self.meter.busy(now, station, pool, -1);
        let meter = &mut self.meter.stations[station as usize];
        meter.served(class, sojourn);
        if self.pools.pools[pool as usize].is_stoppable {
            meter.waited(class, waited, WaitEnd::Served);
        }
        let station_spec = &spec.stations[station as usize];
        for (attribute, value) in &station_spec.assign {
            let value = value.eval(&Surroundings {
                state: self,
                slot,
                now,
            });
            self.cases.attributes_mut(slot)[*attribute] = value;
        }
        let here = Surroundings {
            state: self,
            slot,
            now,
        };
        let target = here.route(
            &station_spec.to,
            cx.stream(streams.routes[station as usize]),
        );
        self.send_on(spec, streams, cx, agent, target);
    }

    /// A free agent takes the next case of its pool, or has a rest.
    #[inline]
    pub(super) fn release(
        &mut self,
        spec: &Spec,
        streams: &Streams,
        cx: &mut Context<Event>,
        agent: u32,
    ) {
        let pool = self.pools.agents[agent as usize].pool;
        let stays = self.pools.stays_on(agent);
        if stays && let Some(slot) = self.next_case(pool) {
            self.leave_queue(cx, cx.now(), slot);
            self.begin(spec, streams, cx, agent, slot);
            return;
        }
        self.pools.disengage(agent);
        if stays {
            for index in 0..self.pools.pools[pool as usize].stations.len() {
                self.note_room(self.pools.pools[pool as usize].stations[index]);
            }
        } else {
            self.meter.staff(cx.now(), pool, &self.pools);
        }
    }

    /// The case that a pool should serve next: the most urgent, then the one that has been there longest.
    #[inline]
    fn next_case(&self, pool: u32) -> Option<u32> {
        match self.pools.pools[pool as usize].stations.as_slice() {
            [only] => self.stations[*only as usize].queue.first(),
            stations => {
                let heads = stations
                    .iter()
                    .filter_map(|station| self.stations[*station as usize].queue.first());
                heads.min_by_key(|slot| {
                    let case = &self.cases[*slot];
                    (std::cmp::Reverse(case.priority), case.entered, case.number)
                })
            }
        }
    }

    /// Idle agents of a pool take what waits, as after a shift has begun.
    fn serve_waiting(
        &mut self,
        spec: &Spec,
        streams: &Streams,
        cx: &mut Context<Event>,
        pool: u32,
    ) {
        while let Some(slot) = self.next_case(pool) {
            let Some(agent) = self.pools.engage(pool) else {
                return;
            };
            self.leave_queue(cx, cx.now(), slot);
            self.begin(spec, streams, cx, agent, slot);
        }
    }

    /// Frees an agent for a case that is more urgent than one in service, where the station says so.
    #[inline]
    pub(super) fn preempt_for(
        &mut self,
        spec: &Spec,
        cx: &mut Context<Event>,
        slot: u32,
        pool: u32,
    ) -> Option<u32> {
        let station = self.cases[slot].station;
        if spec.stations[station as usize].preemption == Preemption::None {
            return None;
        }
        let agent = self.least_urgent(pool)?;
        if self.cases[self.pools.agents[agent as usize].case].priority >= self.cases[slot].priority
        {
            return None;
        }
        self.interrupt(cx, agent);
        Some(agent)
    }

    /// The agent whose service can best be interrupted: the least urgent case, begun last.
    fn least_urgent(&self, pool: u32) -> Option<u32> {
        let agents = (0..).zip(&self.pools.agents);
        let serving = agents.filter(|(_, agent)| agent.pool == pool && agent.timer.is_some());
        let choice = serving.min_by_key(|(number, agent)| {
            let priority = self.cases[agent.case].priority;
            (
                priority,
                std::cmp::Reverse(agent.started),
                std::cmp::Reverse(*number),
            )
        });
        choice.map(|(number, _)| number)
    }

    /// Stops a service; the case goes to the head of its queue, the agent stays engaged.
    fn interrupt(&mut self, cx: &mut Context<Event>, agent: u32) {
        let now = cx.now();
        let worker = &mut self.pools.agents[agent as usize];
        let (slot, pool, started) = (worker.case, worker.pool, worker.started);
        if let Some(timer) = worker.timer.take() {
            cx.cancel(timer);
        }
        (worker.case, worker.doing) = (NOBODY, Doing::Nothing);
        let case = &mut self.cases[slot];
        case.left_nanos -= now.since(started).nanos();
        case.waiting_since = now;
        let station = case.station;
        let left = SimDuration::from_nanos(case.left_nanos);
        cx.record(record::PREEMPT, case.number, agent, left.as_secs_f64());
        self.meter.busy(now, station, pool, -1);
        self.meter.queue(now, station, 1);
        self.stations[station as usize]
            .queue
            .push_front(&mut self.cases, slot);
    }

    /// Schedules the first change of each pool's shift.
    pub(super) fn start_shifts(&mut self, spec: &Spec, cx: &mut Context<Event>) {
        for pool in 0..self.pools.pools.len() {
            self.schedule_shift(spec, cx, u32::try_from(pool).unwrap_or(NOBODY));
        }
    }

    /// Schedules the next change of a pool's shift, if there is one.
    fn schedule_shift(&mut self, spec: &Spec, cx: &mut Context<Event>, pool: u32) {
        let shifts = &spec.pools[pool as usize];
        let state = &mut self.pools.pools[pool as usize];
        if state.next_shift == shifts.shifts.len() {
            if shifts.cycle.is_none() || shifts.shifts.is_empty() {
                return;
            }
            state.next_shift = 0;
            state.round += 1;
        }
        let cycle = shifts.cycle.map_or(0, SimDuration::nanos);
        let origin = cycle.checked_mul(state.round);
        let at =
            origin.and_then(|origin| origin.checked_add(shifts.shifts[state.next_shift].0.nanos()));
        // Shifts go on while there may be somebody to serve, and no longer: a world without cases ends.
        let is_over = self.is_closed && self.cases.count() == 0;
        if let (Some(at), false) = (at, is_over) {
            cx.schedule_with_priority(
                SimTime::from_nanos(at),
                SHIFT_PRIORITY,
                Event::Shift { pool },
            );
        }
    }

    /// The number of agents on duty changes.
    pub(super) fn shift(
        &mut self,
        spec: &Spec,
        streams: &Streams,
        cx: &mut Context<Event>,
        pool: u32,
    ) {
        let pool_spec = &spec.pools[pool as usize];
        let index = self.pools.pools[pool as usize].next_shift;
        let on_duty = pool_spec.shifts[index].1;
        let too_many = self.pools.change_shift(pool, on_duty);
        cx.record(
            record::SHIFT,
            pool,
            pluriverse_kernel::ledger::NONE,
            f64::from(on_duty),
        );
        if pool_spec.end_of_shift == EndOfShift::Preempt {
            for _ in 0..too_many {
                let Some(agent) = self.least_urgent(pool) else {
                    break;
                };
                self.interrupt(cx, agent);
                self.pools.disengage(agent);
            }
        }
        self.meter.staff(cx.now(), pool, &self.pools);
        self.serve_waiting(spec, streams, cx, pool);
        for index in 0..self.pools.pools[pool as usize].stations.len() {
            self.note_room(self.pools.pools[pool as usize].stations[index]);
        }
        self.pools.pools[pool as usize].next_shift += 1;
        self.schedule_shift(spec, cx, pool);
    }
}

/// A change of shift comes before what else happens at that instant.
const SHIFT_PRIORITY: pluriverse_kernel::pending::Priority =
    pluriverse_kernel::pending::Priority(64);
