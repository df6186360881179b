//! How cases move: into the world, into stations, on from there, and out.

use pluriverse_kernel::{
    context::StreamId,
    ledger::NONE,
    time::{SimDuration, SimTime},
};

use super::{
    Event, Held, Moment, NOBODY, between, cases::Place, duration, meter::WaitEnd, pools::Doing,
    record, station_of, surroundings::Surroundings,
};
use crate::spec::{Discipline, Preemption, Routing, Target, WhenFull};

/// What became of a case that came to a station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    /// It is at the station.
    Inside,
    /// It has been sent out of the world.
    Left,
    /// It is held back, at this station.
    HeldAt(u32),
}

impl Moment<'_> {
    /// Sends a case that no agent holds up to `target`.
    #[inline(always)]
    pub(super) fn send(&mut self, slot: u32, target: Target) {
        if let Entry::HeldAt(station) = self.go(slot, target) {
            self.hold(slot, station, NOBODY);
        }
    }

    /// Sends a case on that `agent` has just served; the agent is free once the case is off its hands.
    #[inline(always)]
    pub(super) fn send_on(&mut self, (agent, pool): (u32, u32), slot: u32, target: Target) {
        match self.go(slot, target) {
            Entry::Inside | Entry::Left => self.release(agent, pool),
            Entry::HeldAt(station) => {
                self.state.pools.agents[agent as usize].doing = Doing::Blocked;
                self.count_busy(self.cx.now(), agent, NOBODY);
                self.hold(slot, station, agent);
            }
        }
    }

    /// Moves a case to `target`, and on from stations that turn it away.
    #[inline(always)]
    fn go(&mut self, slot: u32, target: Target) -> Entry {
        let Some(station) = station_of(target) else {
            self.leave(slot);
            return Entry::Left;
        };
        if self.come(slot, station) {
            return Entry::Inside;
        }
        self.go_round(slot, station)
    }

    /// A case comes to a station; `false` when there is no room.
    #[inline(always)]
    fn come(&mut self, slot: u32, station: u32) -> bool {
        let case = &mut self.state.cases[slot];
        case.begin_visit(self.cx.now(), station);
        let waiting = self.state.stations[station as usize].queue.len;
        let meter = &mut self.state.meter.stations[station as usize];
        meter.classes[case.class as usize].current.arrivals += 1;
        self.cx
            .record(record::ENTER, case.number, station, f64::from(waiting));
        self.enter(slot, station)
    }

    /// What a case does that has come to a full station.
    #[cold]
    fn go_round(&mut self, slot: u32, full: u32) -> Entry {
        let (mut full, mut tries) = (full, self.spec.stations.len());
        loop {
            let spec = &self.spec.stations[full as usize];
            if spec.when_full == WhenFull::Block {
                return Entry::HeldAt(full);
            }
            let case = &self.state.cases[slot];
            let meter = &mut self.state.meter.stations[full as usize];
            meter.classes[case.class as usize].current.turned_away += 1;
            let waiting = f64::from(self.state.stations[full as usize].queue.len);
            self.cx.record(record::BALK, case.number, full, waiting);
            // Full stations that send to each other must not send a case round for ever: it goes on as often as
            // there are stations.
            if tries == 0 {
                break;
            }
            tries -= 1;
            let target = self.route(slot, full, &spec.balk_to);
            let Some(station) = station_of(target) else {
                break;
            };
            if self.come(slot, station) {
                return Entry::Inside;
            }
            full = station;
        }
        self.leave(slot);
        Entry::Left
    }

    /// Takes a case into its station: to an agent or into the queue; `false` when there is no room.
    #[inline(always)]
    fn enter(&mut self, slot: u32, station: u32) -> bool {
        let spec = &self.spec.stations[station as usize];
        let pool = u32::try_from(spec.pool).unwrap_or(NOBODY);
        let mut agent = self.state.pools.engage(pool);
        if agent.is_none() && spec.preemption == Preemption::Resume {
            agent = self.preempt_for(slot, pool);
        }
        if let Some(agent) = agent {
            self.begin(agent, slot, station);
            return true;
        }
        let queue = &mut self.state.stations[station as usize].queue;
        if spec.buffer.is_some_and(|buffer| queue.len >= buffer) {
            return false;
        }
        let is_by_service = spec.discipline == Discipline::ShortestProcessing;
        if is_by_service {
            let Some(service) = self.draw_service(slot, station) else {
                return true;
            };
            self.state.cases[slot].needs(service);
        }
        self.state.meter.queue(self.cx.now(), station, 1);
        let queue = &mut self.state.stations[station as usize].queue;
        queue.join(&mut self.state.cases, slot);
        if spec.patience.is_some() {
            self.start_patience(slot, station);
        }
        true
    }

    /// Draws how long a case waits before it gives up.
    fn start_patience(&mut self, slot: u32, station: u32) {
        let spec = &self.spec.stations[station as usize];
        let Some(patience) = &spec.patience else {
            return;
        };
        let here = Surroundings {
            state: self.state,
            slot,
            now: self.cx.now(),
        };
        let nanos = here.draw(patience, self.cx.stream(self.streams.patience(station)));
        match duration(nanos) {
            Some(patience) => {
                let timer = self.cx.timer_after(patience, Event::Renege { case: slot });
                self.state.cases[slot].patience = timer;
            }
            // Longer than time can tell is for ever.
            None if nanos > 0.0 => {}
            None => {
                let secs = nanos / 1e9;
                self.cx.fail(format!(
                    "the patience drawn at station `{}` is {secs} s",
                    spec.name
                ));
            }
        }
    }

    /// Where a case goes that leaves `station` by `routing`.
    #[inline(always)]
    pub(super) fn route(&mut self, slot: u32, station: u32, routing: &Routing) -> Target {
        match routing {
            Routing::Always(target) => *target,
            _ => self.route_by(slot, routing, self.streams.route(station)),
        }
    }

    /// Where a case goes by a choice, with chances from `stream`.
    #[inline(never)]
    pub(super) fn route_by(&mut self, slot: u32, routing: &Routing, stream: StreamId) -> Target {
        let here = Surroundings {
            state: self.state,
            slot,
            now: self.cx.now(),
        };
        here.route(routing, self.cx.stream(stream))
    }

    /// Keeps a case, and the agent that has it, outside a full station.
    fn hold(&mut self, slot: u32, station: u32, agent: u32) {
        let waiting = f64::from(self.state.stations[station as usize].queue.len);
        self.cx.record(
            record::HOLD,
            self.state.cases[slot].number,
            station,
            waiting,
        );
        self.state.cases[slot].place = Place::Held;
        self.state.meter.held(self.cx.now(), 1);
        self.state.stations[station as usize]
            .held
            .push_back(Held { case: slot, agent });
    }

    /// Lets held cases into the stations that have room again.
    #[inline]
    pub(super) fn fill_rooms(&mut self) {
        if !self.state.rooms.is_empty() {
            self.let_in();
        }
    }

    #[cold]
    fn let_in(&mut self) {
        while let Some(station) = self.state.rooms.pop() {
            while let Some(held) = self.state.stations[station as usize].held.front().copied()
                && self.has_room(held.case, station)
            {
                self.state.stations[station as usize].held.pop_front();
                self.state.meter.held(self.cx.now(), -1);
                let case = &mut self.state.cases[held.case];
                case.place = Place::Moving;
                case.begin_visit(self.cx.now(), station);
                let number = case.number;
                let waiting = f64::from(self.state.stations[station as usize].queue.len);
                self.cx.record(record::ADMIT, number, station, waiting);
                let is_inside = self.enter(held.case, station);
                assert!(is_inside, "a case finds the room that it was let in for");
                if held.agent != NOBODY {
                    let pool = self.state.pools.agents[held.agent as usize].pool;
                    self.release(held.agent, pool);
                }
            }
        }
    }

    /// Whether a case that comes to a station now would be served or could wait there.
    fn has_room(&self, slot: u32, station: u32) -> bool {
        let spec = &self.spec.stations[station as usize];
        let waiting = self.state.stations[station as usize].queue.len;
        let pool = u32::try_from(spec.pool).unwrap_or(NOBODY);
        spec.buffer.is_none_or(|buffer| waiting < buffer)
            || self.state.pools.has_idle(pool)
            || (spec.preemption == Preemption::Resume && self.stoppable_for(slot, pool).is_some())
    }

    /// Notes that there may be room at a station.
    #[inline]
    pub(super) fn note_room(&mut self, station: u32) {
        if !self.state.stations[station as usize].held.is_empty() {
            self.state.rooms.push(station);
        }
    }

    /// A waiting case gives up.
    #[inline(never)]
    pub(super) fn renege(&mut self, slot: u32) {
        let now = self.cx.now();
        self.state.cases[slot].patience = None;
        let station = self.leave_queue(now, slot);
        let case = self.state.cases[slot];
        let waited = SimDuration::from_nanos(case.waited_nanos);
        self.state.meter.stations[station as usize].waited(case.class, waited, WaitEnd::Abandoned);
        self.cx
            .record(record::ABANDON, case.number, station, waited.as_secs_f64());
        let target = self.route(
            slot,
            station,
            &self.spec.stations[station as usize].renege_to,
        );
        self.send(slot, target);
    }

    /// Takes a case out of the queue where it waits, and returns its station.
    #[inline(always)]
    pub(super) fn leave_queue(&mut self, now: SimTime, slot: u32) -> u32 {
        let case = &mut self.state.cases[slot];
        let links = case.stop_waiting(now);
        let (station, patience) = (case.station, case.patience.take());
        let place = &mut self.state.stations[station as usize];
        place.queue.remove(&mut self.state.cases, slot, links);
        if !place.held.is_empty() {
            self.state.rooms.push(station);
        }
        self.state.meter.queue(now, station, -1);
        if let Some(patience) = patience {
            self.cx.cancel(patience);
        }
        station
    }

    /// Sends a case out of the world.
    #[inline(always)]
    fn leave(&mut self, slot: u32) {
        let now = self.cx.now();
        let case = self.state.cases.release(slot);
        let (number, class, sojourn) = (case.number, case.class, between(case.arrived, now));
        self.cx
            .record(record::LEAVE, number, NONE, sojourn.as_secs_f64());
        self.state.meter.left(class, sojourn);
        if self.state.cases.count() == 0 {
            self.end_if_over();
        }
    }

    /// Ends a world that closes or has closed when nobody is there and nobody is still to come, whatever the
    /// calendars of its pools say after that.
    #[inline(never)]
    pub(super) fn end_if_over(&mut self) {
        let (until, now) = (self.spec.run.until, self.cx.now());
        let is_closed = until == SimTime::MAX || now >= until;
        if is_closed && self.state.cases.count() == 0 && !self.state.sources.are_open() {
            self.cx.set_horizon(now);
        }
    }
}
