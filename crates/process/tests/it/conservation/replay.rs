//! A world told again from its ledger alone: who was where from when to when.
//!
//! Every row must follow from those before it; whatever cannot be (an agent with two cases, a wait that is not as
//! long as told, a case ahead of its turn, an idle agent beside a queue) panics with the row.

use std::collections::BTreeMap;

use pluriverse_kernel::{ledger::Row, time::SimDuration};
use pluriverse_process::spec::{Arrivals, Discipline, EndOfShift, Preemption, SourceSpec, Spec};

use crate::worlds::Story;

/// Something that took from the first instant to the second, in nanoseconds.
pub(super) type Interval = (i64, i64);

/// The end of a wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub(super) at: i64,
    pub(super) class: usize,
    pub(super) nanos: i64,
    pub(super) is_abandoned: bool,
}

/// Something that took so long and ended then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stay {
    pub(super) at: i64,
    pub(super) class: usize,
    pub(super) nanos: i64,
}

/// What happened at a station.
#[derive(Clone, Debug, Default)]
pub(super) struct Station {
    /// When who came, was turned away, was begun with: time and class.
    pub(super) came: Vec<(i64, usize)>,
    pub(super) turned_away: Vec<(i64, usize)>,
    pub(super) begun: Vec<(i64, usize)>,
    pub(super) waits: Vec<Wait>,
    pub(super) served: Vec<Stay>,
    pub(super) waiting: Vec<Interval>,
    pub(super) serving: Vec<Interval>,
    /// The length of the queue after each change.
    pub(super) lengths: Vec<(i64, usize)>,
    queue: Vec<u32>,
    held: Vec<u32>,
}

/// What happened in a pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    on_duty: usize,
    engaged: usize,
    /// How many are paid after each change.
    pub(super) staffed: Vec<(i64, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Moving,
    Waiting(usize),
    Served(usize, u32),
    /// With the agent that is kept.
    Held(usize, Option<u32>),
    Gone,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    class: usize,
    place: Place,
    arrived: i64,
    entered: i64,
    since: i64,
    waited: i64,
    served: i64,
    /// What the last interruption left of the service, in seconds.
    left_secs: Option<f64>,
    /// Who has just served it, until it is somewhere else.
    ended_by: Option<u32>,
}

/// The whole story.
pub(super) struct Replay<'s> {
    spec: &'s Spec,
    story: &'s Story,
    cases: BTreeMap<u32, Case>,
    /// The case of each agent that has one, and the pool of each that was ever seen.
    agents: BTreeMap<u32, u32>,
    agent_pools: BTreeMap<u32, usize>,
    trace_entries: Vec<usize>,
    /// The last row that was an order from outside.
    ordered: Option<usize>,
    pub(super) arrivals: Vec<Vec<i64>>,
    pub(super) stations: Vec<Station>,
    pub(super) pools: Vec<Pool>,
    pub(super) held: Vec<Interval>,
    pub(super) left: Vec<Stay>,
    pub(super) now: i64,
}

/// What a case does that has come to a station or is let in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Next {
    Begins,
    Joins,
    FindsNoRoom,
}

/// The first entry of a source's trace that it brings.
fn first_entry(source: &SourceSpec) -> usize {
    match &source.arrivals {
        Arrivals::Trace(cases) => cases.partition_point(|case| case.at < source.from),
        _ => 0,
    }
}

impl<'s> Replay<'s> {
    /// Tells a world again.
    pub(super) fn of(spec: &'s Spec, story: &'s Story) -> Self {
        let mut replay = Self {
            spec,
            story,
            cases: BTreeMap::new(),
            agents: BTreeMap::new(),
            agent_pools: BTreeMap::new(),
            trace_entries: spec.sources.iter().map(first_entry).collect(),
            ordered: None,
            arrivals: vec![Vec::new(); spec.sources.len()],
            stations: vec![Station::default(); spec.stations.len()],
            pools: spec
                .pools
                .iter()
                .map(|pool| {
                    let on_duty = pool.agents.map_or(usize::MAX, |agents| agents as usize);
                    Pool {
                        on_duty,
                        engaged: 0,
                        staffed: vec![(0, pool.agents.map_or(0, |agents| agents as usize))],
                    }
                })
                .collect(),
            held: Vec::new(),
            left: Vec::new(),
            now: 0,
        };
        for index in 0..story.rows.len() {
            replay.row(index);
        }
        replay.check_instant();
        replay.now = story.now.nanos();
        replay.close();
        replay
    }

    fn row(&mut self, index: usize) {
        let row = self.story.rows[index];
        let at = row.time.nanos();
        assert!(at >= self.now, "time goes on");
        if at > self.now {
            self.check_instant();
            self.now = at;
        }
        match self.kind_of(row) {
            "arrive" => self.arrive(row),
            "enter" => self.enter(index, row),
            "admit" => self.admit(index, row),
            "start" => self.start(index, row),
            "end" => self.end(row),
            "leave" => self.leave(row),
            "abandon" => self.abandon(row),
            "balk" => self.balk(row),
            "hold" => self.hold(row),
            "preempt" => self.preempt(row),
            "shift" => self.shift(index, row),
            "staff" => self.ordered = Some(index),
            other => panic!("a simulated world has no rows of kind {other}"),
        }
    }

    fn kind_of(&self, row: Row) -> &'s str {
        &self.story.dictionary.kinds[usize::from(row.kind)].name
    }

    fn case(&mut self, row: Row) -> &mut Case {
        let case = self.cases.get_mut(&row.subject);
        case.unwrap_or_else(|| panic!("{row:?} is about a case that never came"))
    }

    fn arrive(&mut self, row: Row) {
        assert_eq!(row.subject as usize, self.cases.len(), "cases are counted");
        let source = row.object as usize;
        let class = match &self.spec.sources[source].arrivals {
            Arrivals::Trace(cases) => cases[self.trace_entries[source]].class,
            _ => None,
        };
        self.trace_entries[source] += 1;
        self.arrivals[source].push(self.now);
        let case = Case {
            class: class.unwrap_or(self.spec.sources[source].class),
            place: Place::Moving,
            arrived: self.now,
            entered: self.now,
            since: self.now,
            waited: 0,
            served: 0,
            left_secs: None,
            ended_by: None,
        };
        self.cases.insert(row.subject, case);
    }

    /// What the rows right after say of a case that comes to a station.
    fn next(&self, index: usize, row: Row) -> Next {
        let rows = &self.story.rows[index + 1..];
        let kind = |row: &Row| {
            self.story.dictionary.kinds[usize::from(row.kind)]
                .name
                .as_str()
        };
        let case = &self.cases[&row.subject];
        let kept = match case.place {
            Place::Held(_, agent) => agent,
            _ => case.ended_by,
        };
        let own = |after: &&Row| after.subject == row.subject;
        // Who is still kept by the case cannot begin with it; the case has joined the queue and is taken from there.
        let begins = |after: &Row| kind(after) == "start" && kept != Some(after.object);
        match rows {
            [after, ..] if own(&after) && ["balk", "hold"].contains(&kind(after)) => {
                Next::FindsNoRoom
            }
            [after, ..] if own(&after) && begins(after) => Next::Begins,
            [stopped, after, ..] if kind(stopped) == "preempt" && own(&after) && begins(after) => {
                Next::Begins
            }
            _ => Next::Joins,
        }
    }

    fn enter(&mut self, index: usize, row: Row) {
        let (now, station) = (self.now, row.object as usize);
        let next = self.next(index, row);
        let waiting = self.stations[station].queue.len();
        assert_eq!(row.value, waiting as f64, "{row:?}");
        let case = self.case(row);
        assert_eq!(case.place, Place::Moving, "{row:?}");
        let class = case.class;
        self.stations[station].came.push((now, class));
        self.come_in(row, next);
    }

    fn admit(&mut self, index: usize, row: Row) {
        let (now, station) = (self.now, row.object as usize);
        let next = self.next(index, row);
        assert_eq!(
            row.value,
            self.stations[station].queue.len() as f64,
            "{row:?}"
        );
        let case = self.case(row);
        let Place::Held(at, agent) = case.place else {
            panic!("{row:?} lets in who is not held back");
        };
        assert_eq!(at, station, "{row:?}");
        let since = case.since;
        case.ended_by = None;
        assert_eq!(
            self.stations[station].held.remove(0),
            row.subject,
            "held cases come in order"
        );
        self.held.push((since, now));
        self.come_in(row, next);
        if let Some(agent) = agent {
            self.free(agent, row);
        }
    }

    fn come_in(&mut self, row: Row, next: Next) {
        let (now, station) = (self.now, row.object as usize);
        let spec = &self.spec.stations[station];
        let room = spec.buffer.map_or(usize::MAX, |buffer| buffer as usize);
        let has_room = self.stations[station].queue.len() < room;
        let pool = &self.pools[spec.pool];
        // Who has just served the case still has it until it is inside.
        let kept = self.cases[&row.subject]
            .ended_by
            .map(|agent| self.agent_pools[&agent]);
        let engaged = pool.engaged + usize::from(kept == Some(spec.pool));
        let is_somebody_idle = engaged < pool.on_duty;
        let case = self.case(row);
        (case.entered, case.since, case.waited, case.served) = (now, now, 0, 0);
        case.left_secs = None;
        match next {
            Next::Begins => case.place = Place::Waiting(station),
            Next::Joins => {
                assert!(has_room && !is_somebody_idle, "{row:?}: joins a queue");
                case.place = Place::Waiting(station);
                case.ended_by = None;
                self.stations[station].queue.push(row.subject);
                self.length_changed(station);
            }
            Next::FindsNoRoom => {
                assert!(!has_room && !is_somebody_idle, "{row:?}: finds no room");
                case.place = Place::Moving;
            }
        }
    }

    fn length_changed(&mut self, station: usize) {
        let station = &mut self.stations[station];
        station.lengths.push((self.now, station.queue.len()));
    }

    /// The pool that agents of this number belong to, unless it is one without limit.
    fn limited_pool(&self, agent: u32) -> Option<usize> {
        let mut first = 0;
        self.spec.pools.iter().position(|pool| {
            let most = pool.agents.map_or(0, |agents| {
                let counts = pool.shifts.iter().map(|(_, count)| *count);
                counts.fold(agents, u32::max)
            });
            first += most;
            (first - most..first).contains(&agent)
        })
    }

    fn start(&mut self, index: usize, row: Row) {
        let now = self.now;
        let case = *self.case(row);
        let Place::Waiting(station) = case.place else {
            panic!("{row:?} begins with a case that does not wait");
        };
        let waited = case.waited + now - case.since;
        assert_eq!(
            row.value,
            SimDuration::from_nanos(waited).as_secs_f64(),
            "{row:?}"
        );
        let place = self.stations[station]
            .queue
            .iter()
            .position(|waiting| *waiting == row.subject);
        if let Some(place) = place {
            self.check_turn(row, station, place);
            self.stations[station].queue.remove(place);
            self.stations[station].waiting.push((case.since, now));
            self.length_changed(station);
        }
        let pool = self.spec.stations[station].pool;
        let known = self.agent_pools.insert(row.object, pool);
        assert!(
            known.is_none_or(|known| known == pool),
            "{row:?}: an agent of another pool"
        );
        let limited = self.limited_pool(row.object);
        assert_eq!(
            limited,
            self.spec.pools[pool].agents.map(|_| pool),
            "{row:?}: an agent of another pool"
        );
        let before = self.agents.insert(row.object, row.subject);
        assert_eq!(before, None, "{row:?}: an agent has two cases");
        self.pools[pool].engaged += 1;
        // Who is stopped for a more urgent case takes it, also when the shift is over.
        let stopped = index.checked_sub(1).map(|index| self.story.rows[index]);
        let is_stopped = stopped.is_some_and(|stopped| {
            self.kind_of(stopped) == "preempt" && stopped.object == row.object
        });
        assert!(
            is_stopped || self.pools[pool].engaged <= self.pools[pool].on_duty,
            "{row:?}: more agents begin than are on duty"
        );
        self.staff_changed(pool);
        self.stations[station].begun.push((now, case.class));
        if !self.is_stoppable(pool) {
            self.stations[station].waits.push(Wait {
                at: now,
                class: case.class,
                nanos: waited,
                is_abandoned: false,
            });
        }
        let case = self.case(row);
        (case.place, case.since, case.waited) = (Place::Served(station, row.object), now, waited);
        case.ended_by = None;
    }

    /// Checks that nobody else at the station should have been taken.
    fn check_turn(&self, row: Row, station: usize, place: usize) {
        let queue = &self.stations[station].queue;
        let priority = |case: &u32| self.spec.classes[self.cases[case].class].priority;
        let is_next = match self.spec.stations[station].discipline {
            Discipline::Fifo => place == 0,
            Discipline::Lifo => place + 1 == queue.len(),
            Discipline::Priority => {
                queue
                    .iter()
                    .all(|other| priority(other) <= priority(&row.subject))
                    && queue[..place]
                        .iter()
                        .all(|other| priority(other) < priority(&row.subject))
            }
            // How long the services of those who wait would be is not in the ledger.
            Discipline::ShortestProcessing => true,
        };
        assert!(
            is_next,
            "{row:?}: it is not the turn of this case among {queue:?}"
        );
    }

    /// Whether services of a pool can be interrupted, so that a wait is over only when the service is.
    pub(super) fn is_stoppable(&self, pool: usize) -> bool {
        let mut stations = self
            .spec
            .stations
            .iter()
            .filter(|station| station.pool == pool);
        self.spec.pools[pool].end_of_shift == EndOfShift::Preempt
            || stations.any(|station| station.preemption == Preemption::Resume)
    }

    fn end(&mut self, row: Row) {
        let (now, station) = (self.now, row.object as usize);
        let case = *self.case(row);
        let Place::Served(at, agent) = case.place else {
            panic!("{row:?} ends a service that was not begun");
        };
        assert_eq!(at, station, "{row:?}");
        let (part, served) = (now - case.since, case.served + now - case.since);
        assert_eq!(
            row.value,
            SimDuration::from_nanos(served).as_secs_f64(),
            "{row:?}"
        );
        if let Some(left) = case.left_secs {
            assert_eq!(
                left,
                SimDuration::from_nanos(part).as_secs_f64(),
                "{row:?}: what was left"
            );
        }
        let (at, class) = (now, case.class);
        self.stations[station].serving.push((case.since, now));
        self.stations[station].served.push(Stay {
            at,
            class,
            nanos: now - case.entered,
        });
        let pool = self.spec.stations[station].pool;
        if self.is_stoppable(pool) {
            self.stations[station].waits.push(Wait {
                at,
                class,
                nanos: case.waited,
                is_abandoned: false,
            });
        }
        assert_eq!(
            now - case.entered,
            case.waited + served,
            "{row:?}: time is waited or served"
        );
        self.free(agent, row);
        let case = self.case(row);
        (case.place, case.ended_by) = (Place::Moving, Some(agent));
    }

    fn free(&mut self, agent: u32, row: Row) {
        assert_eq!(
            self.agents.remove(&agent),
            Some(row.subject),
            "{row:?}: whose agent"
        );
        let pool = self.agent_pools[&agent];
        self.pools[pool].engaged -= 1;
        self.staff_changed(pool);
    }

    fn staff_changed(&mut self, pool: usize) {
        let pool = &mut self.pools[pool];
        if pool.on_duty < usize::MAX {
            pool.staffed
                .push((self.now, pool.on_duty.max(pool.engaged)));
        }
    }

    fn preempt(&mut self, row: Row) {
        let now = self.now;
        let case = *self.case(row);
        let Place::Served(station, agent) = case.place else {
            panic!("{row:?} stops a service that was not begun");
        };
        assert_eq!(agent, row.object, "{row:?}");
        self.stations[station].serving.push((case.since, now));
        self.free(agent, row);
        let newest_first = self.spec.stations[station].discipline == Discipline::Lifo;
        let head = if newest_first {
            self.stations[station].queue.len()
        } else {
            0
        };
        self.stations[station].queue.insert(head, row.subject);
        self.length_changed(station);
        let case = self.case(row);
        case.served += now - case.since;
        (case.place, case.since) = (Place::Waiting(station), now);
        case.left_secs = Some(row.value);
    }

    fn abandon(&mut self, row: Row) {
        let (now, station) = (self.now, row.object as usize);
        let case = *self.case(row);
        assert_eq!(case.place, Place::Waiting(station), "{row:?}");
        let nanos = now - case.since;
        assert_eq!(
            row.value,
            SimDuration::from_nanos(nanos).as_secs_f64(),
            "{row:?}"
        );
        self.stations[station]
            .queue
            .retain(|waiting| *waiting != row.subject);
        self.stations[station].waiting.push((case.since, now));
        self.length_changed(station);
        self.stations[station].waits.push(Wait {
            at: now,
            class: case.class,
            nanos,
            is_abandoned: true,
        });
        self.case(row).place = Place::Moving;
    }

    fn balk(&mut self, row: Row) {
        let now = self.now;
        let case = self.case(row);
        assert_eq!(case.place, Place::Moving, "{row:?}");
        let class = case.class;
        self.stations[row.object as usize]
            .turned_away
            .push((now, class));
    }

    fn hold(&mut self, row: Row) {
        let (now, station) = (self.now, row.object as usize);
        let case = self.case(row);
        assert_eq!(case.place, Place::Moving, "{row:?}");
        let agent = case.ended_by.take();
        (case.place, case.since) = (Place::Held(station, agent), now);
        self.stations[station].held.push(row.subject);
        if let Some(agent) = agent {
            self.agents.insert(agent, row.subject);
            let pool = self.agent_pools[&agent];
            self.pools[pool].engaged += 1;
            self.staff_changed(pool);
        }
    }

    fn leave(&mut self, row: Row) {
        let now = self.now;
        let case = self.case(row);
        assert_eq!(case.place, Place::Moving, "{row:?}");
        case.place = Place::Gone;
        let stay = Stay {
            at: now,
            class: case.class,
            nanos: now - case.arrived,
        };
        assert_eq!(
            row.value,
            SimDuration::from_nanos(stay.nanos).as_secs_f64(),
            "{row:?}"
        );
        self.left.push(stay);
    }

    fn shift(&mut self, index: usize, row: Row) {
        let pool = row.subject as usize;
        let spec = &self.spec.pools[pool];
        let mut counts = spec.shifts.iter().map(|(_, count)| *count);
        let on_duty = match self.ordered.filter(|order| order + 1 == index) {
            Some(order) => {
                let order_row = self.story.rows[order];
                assert_eq!(
                    (order_row.subject, order_row.value),
                    (row.subject, row.value)
                );
                assert_eq!(row.cause, order as u64, "{row:?}");
                (0..=spec.most_agents().unwrap()).find(|count| f64::from(*count) == row.value)
            }
            None => counts.find(|count| f64::from(*count) == row.value),
        };
        self.pools[pool].on_duty = on_duty.expect("a number of the calendar, or an order") as usize;
        self.staff_changed(pool);
    }

    /// What must hold once everything at an instant has happened.
    fn check_instant(&self) {
        let at = self.now;
        for (station, spec) in self.stations.iter().zip(&self.spec.stations) {
            let pool = &self.pools[spec.pool];
            let is_somebody_idle = pool.engaged < pool.on_duty;
            let name = &spec.name;
            assert!(
                station.queue.is_empty() || !is_somebody_idle,
                "{at} ns: somebody is idle while cases wait at {name}"
            );
            let has_room = spec
                .buffer
                .is_none_or(|buffer| station.queue.len() < buffer as usize);
            assert!(
                station.held.is_empty() || !(has_room || is_somebody_idle),
                "{at} ns: cases are held back from {name}, which has room"
            );
        }
        assert!(
            self.cases.values().all(|case| case.place != Place::Moving),
            "{at} ns: somebody is nowhere"
        );
    }

    /// Ends what is still going on.
    fn close(&mut self) {
        let now = self.now;
        for case in self.cases.values() {
            match case.place {
                Place::Waiting(station) => self.stations[station].waiting.push((case.since, now)),
                Place::Served(station, _) => self.stations[station].serving.push((case.since, now)),
                Place::Held(..) => self.held.push((case.since, now)),
                Place::Moving | Place::Gone => {}
            }
        }
        let came: usize = self.arrivals.iter().map(Vec::len).sum();
        let present = self
            .cases
            .values()
            .filter(|case| case.place != Place::Gone)
            .count();
        assert_eq!(
            came,
            self.left.len() + present,
            "who came has left or is still there"
        );
        for station in &self.stations {
            let gone = station.served.len() + station.turned_away.len();
            let abandoned = station
                .waits
                .iter()
                .filter(|wait| wait.is_abandoned)
                .count();
            assert!(
                gone + abandoned <= station.came.len(),
                "who leaves a station had come to it"
            );
        }
    }
}
