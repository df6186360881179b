//! How cases move: into the world, into stations, on from there, and out.

use pluriverse_kernel::{
    ledger::NONE,
    time::{SimDuration, SimTime},
};

use super::{
    Event, Held, Moment, NOBODY, cases::Place, duration, meter::WaitEnd, pools::Doing, record,
    station_of, surroundings::Surroundings,
};
use crate::spec::{Discipline, Target, WhenFull};

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
    pub(super) fn send(&mut self, slot: u32, target: Target) {
        if let Entry::HeldAt(station) = self.go(slot, target) {
            self.hold(slot, station, NOBODY);
        }
    }

    /// Sends a case on that `agent` has just served; the agent is free once the case is off its hands.
    pub(super) fn send_on(&mut self, agent: u32, target: Target) {
        let slot = self.state.pools.agents[agent as usize].case;
        match self.go(slot, target) {
            Entry::Inside | Entry::Left => self.release(agent),
            Entry::HeldAt(station) => {
                self.state.pools.agents[agent as usize].doing = Doing::Blocked;
                self.count_busy(self.cx.now(), agent, NOBODY);
                self.hold(slot, station, agent);
            }
        }
    }

    /// Moves a case to `target`, and on from stations that turn it away.
    #[inline]
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
    #[inline]
    fn come(&mut self, slot: u32, station: u32) -> bool {
        let case = &mut self.state.cases[slot];
        case.station = station;
        let waiting = self.state.stations[station as usize].queue.len;
        let meter = &mut self.state.meter.stations[station as usize];
        meter.classes[case.class as usize].current.arrivals += 1;
        self.cx
            .record(record::ENTER, case.number, station, f64::from(waiting));
        self.enter(slot)
    }

    /// What a case does that has come to a full station.
    #[cold]
    fn go_round(&mut self, slot: u32, full: u32) -> Entry {
        let mut full = full;
        // Full stations that send to each other must not send a case round for ever: it tries as many as there are.
        for _ in 0..self.spec.stations.len() {
            let spec = &self.spec.stations[full as usize];
            if spec.when_full == WhenFull::Block {
                return Entry::HeldAt(full);
            }
            let case = &self.state.cases[slot];
            let meter = &mut self.state.meter.stations[full as usize];
            meter.classes[case.class as usize].current.turned_away += 1;
            let waiting = f64::from(self.state.stations[full as usize].queue.len);
            self.cx.record(record::BALK, case.number, full, waiting);
            let here = Surroundings {
                state: self.state,
                slot,
                now: self.cx.now(),
            };
            let target = here.route(
                &spec.balk_to,
                self.cx.stream(self.streams.routes[full as usize]),
            );
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
    #[inline]
    fn enter(&mut self, slot: u32) -> bool {
        let now = self.cx.now();
        let station = self.state.cases[slot].station;
        let (index, station_spec) = (station as usize, &self.spec.stations[station as usize]);
        let case = &mut self.state.cases[slot];
        (
            case.entered,
            case.waiting_since,
            case.waited_nanos,
            case.left_nanos,
        ) = (now, now, 0, -1);
        let pool = u32::try_from(station_spec.pool).unwrap_or(NOBODY);
        if let Some(agent) = self.state.pools.engage(pool) {
            self.begin(agent, slot);
            return true;
        }
        if let Some(agent) = self.preempt_for(slot, pool) {
            self.begin(agent, slot);
            return true;
        }
        if station_spec
            .buffer
            .is_some_and(|buffer| self.state.stations[index].queue.len >= buffer)
        {
            return false;
        }
        let is_by_service = station_spec.discipline == Discipline::ShortestProcessing;
        if is_by_service && !self.draw_service(slot) {
            return true;
        }
        self.state.meter.queue(now, station, 1);
        self.state.stations[index]
            .queue
            .join(&mut self.state.cases, slot);
        if let Some(patience) = &station_spec.patience {
            let here = Surroundings {
                state: self.state,
                slot,
                now,
            };
            let nanos = here.draw(patience, self.cx.stream(self.streams.patience[index]));
            match duration(nanos) {
                Some(patience) => {
                    self.state.cases[slot].patience =
                        self.cx.timer_after(patience, Event::Renege { case: slot })
                }
                // Longer than time can tell is for ever.
                None if nanos > 0.0 => {}
                None => self.cx.fail(format!(
                    "the patience drawn at station `{}` is {} s",
                    station_spec.name,
                    nanos / 1e9
                )),
            }
        }
        true
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
            while let Some(held) = self.state.stations[station as usize].held.front().copied() {
                self.state.cases[held.case].place = Place::Moving;
                if !self.enter(held.case) {
                    self.state.cases[held.case].place = Place::Held;
                    break;
                }
                self.state.stations[station as usize].held.pop_front();
                self.state.meter.held(self.cx.now(), -1);
                if held.agent != NOBODY {
                    self.release(held.agent);
                }
            }
        }
    }

    /// Notes that there may be room at a station.
    #[inline]
    pub(super) fn note_room(&mut self, station: u32) {
        if !self.state.stations[station as usize].held.is_empty() {
            self.state.rooms.push(station);
        }
    }

    /// A waiting case gives up.
    pub(super) fn renege(&mut self, slot: u32) {
        let now = self.cx.now();
        self.state.cases[slot].patience = None;
        let station = self.leave_queue(now, slot);
        let case = self.state.cases[slot];
        let waited = SimDuration::from_nanos(case.waited_nanos);
        self.state.meter.stations[station as usize].waited(case.class, waited, WaitEnd::Abandoned);
        self.cx
            .record(record::ABANDON, case.number, station, waited.as_secs_f64());
        let here = Surroundings {
            state: self.state,
            slot,
            now,
        };
        let routing = &self.spec.stations[station as usize].renege_to;
        let target = here.route(
            routing,
            self.cx.stream(self.streams.routes[station as usize]),
        );
        self.send(slot, target);
    }

    /// Takes a case out of the queue where it waits, and returns its station.
    #[inline]
    pub(super) fn leave_queue(&mut self, now: SimTime, slot: u32) -> u32 {
        let station = self.state.cases[slot].station;
        self.state.stations[station as usize]
            .queue
            .remove(&mut self.state.cases, slot);
        self.state.meter.queue(now, station, -1);
        let case = &mut self.state.cases[slot];
        case.waited_nanos += now.since(case.waiting_since).nanos();
        if let Some(patience) = case.patience.take() {
            self.cx.cancel(patience);
        }
        self.note_room(station);
        station
    }

    /// Sends a case out of the world.
    #[inline]
    fn leave(&mut self, slot: u32) {
        let now = self.cx.now();
        let case = &self.state.cases[slot];
        let (number, class, sojourn) = (case.number, case.class, now.since(case.arrived));
        self.cx
            .record(record::LEAVE, number, NONE, sojourn.as_secs_f64());
        self.state.meter.left(class, sojourn);
        self.state.cases.release(slot);
    }
}
