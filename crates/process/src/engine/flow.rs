//! How cases move: into the world, into stations, on from there, and out.

use pluriverse_kernel::{
    context::Context,
    ledger::NONE,
    time::{SimDuration, SimTime},
};

use super::{
    Event, Held, NOBODY, State, Streams, cases::Place, duration, meter::WaitEnd, pools::Doing,
    record, station_of, surroundings::Surroundings,
};
use crate::spec::{Discipline, Spec, Target, WhenFull};

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

impl State {
    /// Sends a case that no agent holds up to `target`.
    pub(super) fn send(
        &mut self,
        spec: &Spec,
        streams: &Streams,
        cx: &mut Context<Event>,
        slot: u32,
        target: Target,
    ) {
        if let Entry::HeldAt(station) = self.go(spec, streams, cx, slot, target) {
            self.hold(cx, slot, station, NOBODY);
        }
    }

    /// Sends a case on that `agent` has just served; the agent is free once the case is off its hands.
    pub(super) fn send_on(
        &mut self,
        spec: &Spec,
        streams: &Streams,
        cx: &mut Context<Event>,
        agent: u32,
        target: Target,
    ) {
        let slot = self.pools.agents[agent as usize].case;
        match self.go(spec, streams, cx, slot, target) {
            Entry::Inside | Entry::Left => self.release(spec, streams, cx, agent),
            Entry::HeldAt(station) => {
                self.pools.agents[agent as usize].doing = Doing::Blocked;
                self.hold(cx, slot, station, agent);
            }
        }
    }

    /// Moves a case to `target`, and on from stations that turn it away.
    fn go(
        &mut self,
        spec: &Spec,
        streams: &Streams,
        cx: &mut Context<Event>,
        slot: u32,
        target: Target,
    ) -> Entry {
        let mut target = target;
        // Full stations that send to each other must not send a case round for ever: it tries each once.
        for _ in 0..=spec.stations.len() {
            let Some(station) = station_of(target) else {
                break;
            };
            let place = station as usize;
            let waiting = self.stations[place].queue.len;
            self.cases[slot].station = station;
            self.meter.stations[place].current[self.cases[slot].class as usize].arrivals += 1;
            cx.record(
                record::ENTER,
                self.cases[slot].number,
                station,
                f64::from(waiting),
            );
            if self.enter(spec, streams, cx, slot) {
                return Entry::Inside;
            }
            match spec.stations[place].when_full {
                WhenFull::Block => return Entry::HeldAt(station),
                WhenFull::Balk => {
                    let class = self.cases[slot].class as usize;
                    self.meter.stations[place].current[class].turned_away += 1;
                    cx.record(
                        record::BALK,
                        self.cases[slot].number,
                        station,
                        f64::from(waiting),
                    );
                    let here = Surroundings {
                        state: self,
                        slot,
                        now: cx.now(),
                    };
                    target = here.route(
                        &spec.stations[place].balk_to,
                        cx.stream(streams.routes[place]),
                    );
                }
            }
        }
        self.leave(cx, slot);
        Entry::Left
    }

    /// Takes a case into its station: to an agent or into the queue; `false` when there is no room.
    #[inline]
    fn enter(
        &mut self,
        spec: &Spec,
        streams: &Streams,
        cx: &mut Context<Event>,
        slot: u32,
    ) -> bool {
        let now = cx.now();
        let station = self.cases[slot].station;
        let (index, station_spec) = (station as usize, &spec.stations[station as usize]);
        let case = &mut self.cases[slot];
        (
            case.entered,
            case.waiting_since,
            case.waited_nanos,
            case.left_nanos,
        ) = (now, now, 0, -1);
        let pool = u32::try_from(station_spec.pool).unwrap_or(NOBODY);
        if let Some(agent) = self.pools.engage(pool) {
            self.begin(spec, streams, cx, agent, slot);
            return true;
        }
        if let Some(agent) = self.preempt_for(spec, cx, slot, pool) {
            self.begin(spec, streams, cx, agent, slot);
            return true;
        }
        if station_spec
            .buffer
            .is_some_and(|buffer| self.stations[index].queue.len >= buffer)
        {
            return false;
        }
        let is_by_service = station_spec.discipline == Discipline::ShortestProcessing;
        if is_by_service && !self.draw_service(spec, streams, cx, slot) {
            return true;
        }
        self.meter.queue(now, station, 1);
        self.stations[index].queue.join(&mut self.cases, slot);
        if let Some(patience) = &station_spec.patience {
            let here = Surroundings {
                state: self,
                slot,
                now,
            };
            let nanos = here.draw(patience, cx.stream(streams.patience[index]));
            match duration(nanos) {
                Some(patience) => {
                    self.cases[slot].patience =
                        cx.timer_after(patience, Event::Renege { case: slot })
                }
                // Longer than time can tell is for ever.
                None if nanos > 0.0 => {}
                None => cx.fail(format!(
                    "the patience drawn at station `{}` is {} s",
                    station_spec.name,
                    nanos / 1e9
                )),
            }
        }
        true
    }

    /// Keeps a case, and the agent that has it, outside a full station.
    fn hold(&mut self, cx: &mut Context<Event>, slot: u32, station: u32, agent: u32) {
        let waiting = f64::from(self.stations[station as usize].queue.len);
        cx.record(record::HOLD, self.cases[slot].number, station, waiting);
        self.cases[slot].place = Place::Held;
        self.stations[station as usize]
            .held
            .push_back(Held { case: slot, agent });
    }

    /// Lets held cases into the stations that have room again.
    pub(super) fn fill_rooms(&mut self, spec: &Spec, streams: &Streams, cx: &mut Context<Event>) {
        while let Some(station) = self.rooms.pop() {
            while let Some(held) = self.stations[station as usize].held.front().copied() {
                self.cases[held.case].place = Place::Moving;
                if !self.enter(spec, streams, cx, held.case) {
                    self.cases[held.case].place = Place::Held;
                    break;
                }
                self.stations[station as usize].held.pop_front();
                if held.agent != NOBODY {
                    self.release(spec, streams, cx, held.agent);
                }
            }
        }
    }

    /// Notes that there may be room at a station.
    #[inline]
    pub(super) fn note_room(&mut self, station: u32) {
        if !self.stations[station as usize].held.is_empty() {
            self.rooms.push(station);
        }
    }

    /// A waiting case gives up.
    pub(super) fn renege(
        &mut self,
        spec: &Spec,
        streams: &Streams,
        cx: &mut Context<Event>,
        slot: u32,
    ) {
        let now = cx.now();
        self.cases[slot].patience = None;
        let station = self.leave_queue(cx, now, slot);
        let case = self.cases[slot];
        let waited = SimDuration::from_nanos(case.waited_nanos);
        self.meter.stations[station as usize].waited(case.class, waited, WaitEnd::Abandoned);
        cx.record(record::ABANDON, case.number, station, waited.as_secs_f64());
        let here = Surroundings {
            state: self,
            slot,
            now,
        };
        let routing = &spec.stations[station as usize].renege_to;
        let target = here.route(routing, cx.stream(streams.routes[station as usize]));
        self.send(spec, streams, cx, slot, target);
    }

    /// Takes a case out of the queue where it waits, and returns its station.
    #[inline]
    pub(super) fn leave_queue(&mut self, cx: &mut Context<Event>, now: SimTime, slot: u32) -> u32 {
        let station = self.cases[slot].station;
        self.stations[station as usize]
            .queue
            .remove(&mut self.cases, slot);
        self.meter.queue(now, station, -1);
        let case = &mut self.cases[slot];
        case.waited_nanos += now.since(case.waiting_since).nanos();
        if let Some(patience) = case.patience.take() {
            cx.cancel(patience);
        }
        self.note_room(station);
        station
    }

    /// Sends a case out of the world.
    #[inline]
    fn leave(&mut self, cx: &mut Context<Event>, slot: u32) {
        let now = cx.now();
        let case = &self.cases[slot];
        let (number, class, sojourn) = (case.number, case.class, now.since(case.arrived));
        cx.record(record::LEAVE, number, NONE, sojourn.as_secs_f64());
        self.meter.left(now, class, sojourn);
        self.cases.release(slot);
    }
}
