//! The rules of a process world: cases come, wait, are served, decide where to go, and leave.
//!
//! [`Engine`] is the kernel's model of a [`Spec`]. The description is shared and never changes; everything that
//! does is in [`State`], whose parts are one file each: the cases, the queues, the pools of agents, the sources and
//! the meters. Numbers of cases, stations, pools, agents and sources are dense indices.
//!
//! A case enters a station; an idle agent takes it, or it waits, preempts, turns away or blocks. When its service
//! ends it goes on before its agent is free again, so that a full next station can hold it back.

use std::sync::Arc;

use pluriverse_kernel::{
    context::{Context, StreamId},
    ledger::Dictionary,
    model::Model,
    pending::Upcoming,
    random::Purpose,
    snapshot::{SnapshotError, SnapshotReader, SnapshotWriter},
    time::{SimDuration, SimTime},
    view::{Measures, Outline, Table},
    world::{Input, InputError},
};
use serde::{Deserialize, Serialize};

use crate::spec::{AtEnd, Spec, Target};

mod cases;
mod flow;
mod meter;
mod outline;
mod outside;
mod pools;
mod queue;
mod record;
mod service;
mod sources;
mod surroundings;
mod tables;
mod validate;

use cases::Cases;
use meter::Meter;
use pools::Pools;
use queue::Queue;
use sources::Sources;

/// Stands for "no case", "no agent" and "no station" in dense indices.
pub(crate) const NOBODY: u32 = u32::MAX;

/// What can be due in a process world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The next case of a source.
    Arrive {
        /// The source.
        source: u32,
    },
    /// An agent is done.
    Finish {
        /// The agent.
        agent: u32,
    },
    /// A waiting case gives up.
    Renege {
        /// The case.
        case: u32,
    },
    /// The number of agents of a pool changes.
    Shift {
        /// The pool.
        pool: u32,
    },
    /// Nothing but the passing of time: the world closes at the end of its run.
    Close,
}

/// A process world's rules and state.
#[derive(Clone)]
pub struct Engine {
    spec: Arc<Spec>,
    /// The description's fingerprint, which is of some length to compute.
    fingerprint: u64,
    streams: Streams,
    dictionary: Arc<Dictionary>,
    state: State,
}

/// An event being handled: the world and all that it may ask of the kernel.
struct Moment<'a> {
    state: &'a mut State,
    spec: &'a Spec,
    streams: &'a Streams,
    cx: &'a mut Context<Event>,
}

/// Everything that changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    cases: Cases,
    stations: Vec<Station>,
    pools: Pools,
    sources: Sources,
    meter: Meter,
    /// Stations where a place has become free while cases may be held back for it; empty between events.
    rooms: Vec<u32>,
}

/// A station between events.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Station {
    queue: Queue,
    /// Cases held back elsewhere until there is room here, in order.
    held: std::collections::VecDeque<Held>,
}

/// A case held back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Held {
    case: u32,
    /// The agent that it keeps from other work; [`NOBODY`] for one that waits outside.
    agent: u32,
}

/// The streams of a world, in the order in which they are opened: all sources' by purpose, all stations' by purpose.
#[derive(Clone, Copy, Debug)]
struct Streams {
    sources: usize,
    stations: usize,
}

/// What a source draws for.
const SOURCE_PURPOSES: [&str; 4] = [
    "process.interval",
    "process.batch",
    "process.attribute",
    "process.source-route",
];
/// What a station draws for.
const STATION_PURPOSES: [&str; 3] = ["process.service", "process.patience", "process.route"];

/// Entity numbers of stations follow those of sources at this distance.
const STATION_ENTITIES: u64 = 1 << 32;

impl Streams {
    fn of(spec: &Spec) -> Self {
        Self {
            sources: spec.sources.len(),
            stations: spec.stations.len(),
        }
    }

    fn open(self, cx: &mut Context<Event>) {
        let mut expected = 0;
        let mut open = |count: usize, first_entity: u64, purposes: &[&str]| {
            for purpose in purposes {
                for entity in (first_entity..).take(count) {
                    let opened = cx.open_stream(entity, Purpose::named(purpose));
                    assert!(
                        opened == StreamId::nth(expected),
                        "streams are opened in the order of their numbers"
                    );
                    expected += 1;
                }
            }
        };
        open(self.sources, 0, &SOURCE_PURPOSES);
        open(self.stations, STATION_ENTITIES, &STATION_PURPOSES);
    }

    #[inline(always)]
    fn of_source(self, purpose: usize, source: u32) -> StreamId {
        StreamId::nth(purpose * self.sources + source as usize)
    }

    #[inline(always)]
    fn of_station(self, purpose: usize, station: u32) -> StreamId {
        let before = SOURCE_PURPOSES.len() * self.sources;
        StreamId::nth(before + purpose * self.stations + station as usize)
    }

    #[inline(always)]
    fn interval(self, source: u32) -> StreamId {
        self.of_source(0, source)
    }

    fn batch(self, source: u32) -> StreamId {
        self.of_source(1, source)
    }

    fn attribute(self, source: u32) -> StreamId {
        self.of_source(2, source)
    }

    fn source_route(self, source: u32) -> StreamId {
        self.of_source(3, source)
    }

    #[inline(always)]
    fn service(self, station: u32) -> StreamId {
        self.of_station(0, station)
    }

    fn patience(self, station: u32) -> StreamId {
        self.of_station(1, station)
    }

    fn route(self, station: u32) -> StreamId {
        self.of_station(2, station)
    }
}

impl Engine {
    /// A world of `spec` before its start.
    #[must_use]
    pub fn new(spec: Arc<Spec>) -> Self {
        Self {
            state: Self::new_state(&spec),
            streams: Streams::of(&spec),
            fingerprint: spec.fingerprint(),
            dictionary: Arc::new(record::dictionary(&spec)),
            spec,
        }
    }

    fn new_state(spec: &Spec) -> State {
        State {
            cases: Cases::new(spec.attributes.len()),
            stations: spec
                .stations
                .iter()
                .map(|station| Station {
                    queue: Queue::new(station.discipline, &spec.classes),
                    held: std::collections::VecDeque::new(),
                })
                .collect(),
            pools: Pools::new(spec),
            sources: Sources::new(spec),
            meter: Meter::new(spec),
            rooms: Vec::new(),
        }
    }

    fn shape(&self) -> validate::Shape {
        validate::Shape::of(&self.spec, self.fingerprint)
    }

    #[inline]
    fn moment<'a>(&'a mut self, cx: &'a mut Context<Event>) -> Moment<'a> {
        Moment {
            state: &mut self.state,
            spec: &self.spec,
            streams: &self.streams,
            cx,
        }
    }

    /// Another world of the same description, before its start.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self {
            spec: Arc::clone(&self.spec),
            dictionary: Arc::clone(&self.dictionary),
            state: Self::new_state(&self.spec),
            ..*self
        }
    }
}

impl Model for Engine {
    type Event = Event;
    const KIND: &'static str = "process";

    fn dictionary(&self) -> Arc<Dictionary> {
        Arc::clone(&self.dictionary)
    }

    fn start(&mut self, cx: &mut Context<Event>) {
        self.streams.open(cx);
        if self.spec.run.at_end == AtEnd::Cut {
            cx.set_horizon(self.spec.run.until);
        }
        if self.spec.run.until < SimTime::MAX {
            cx.schedule_at(self.spec.run.until, Event::Close);
        }
        let mut moment = self.moment(cx);
        moment.start_sources();
        moment.start_shifts();
    }

    #[inline(always)]
    fn handle(&mut self, now: SimTime, event: Event, cx: &mut Context<Event>) {
        let mut moment = self.moment(cx);
        moment.state.meter.roll(now);
        match event {
            Event::Arrive { source } => moment.arrive(source),
            Event::Finish { agent } => moment.finish(agent),
            Event::Renege { case } => moment.renege(case),
            Event::Shift { pool } => moment.shift(pool),
            Event::Close => moment.end_if_over(),
        }
        moment.fill_rooms();
    }

    fn check_input(&self, input: &Input) -> Result<(), InputError> {
        outside::check(&self.spec, &self.state, input)
    }

    fn handle_input(&mut self, now: SimTime, input: &Input, cx: &mut Context<Event>) {
        let mut moment = self.moment(cx);
        moment.state.meter.roll(now);
        moment.take(input);
        moment.fill_rooms();
    }

    fn state(&self, _now: SimTime) -> Vec<Table> {
        tables::tables(&self.spec, &self.state)
    }

    fn outline(&self) -> Outline {
        outline::outline(&self.spec)
    }

    fn measures(&self, now: SimTime) -> Measures {
        outline::measures(&self.spec, &self.state, now)
    }

    fn check_restored(
        &self,
        now: SimTime,
        upcoming: &[Upcoming<Event>],
    ) -> Result<(), SnapshotError> {
        validate::check_restored(&self.spec, &self.state, now, upcoming)
    }

    fn save(&self, snapshot: &mut SnapshotWriter) {
        snapshot.record("process.shape", &self.shape());
        snapshot.record("process.state", &self.state);
    }

    fn load(&mut self, snapshot: &SnapshotReader<'_>) -> Result<(), SnapshotError> {
        let shape: validate::Shape = snapshot.record("process.shape")?;
        shape.check(&self.shape())?;
        let state: State = snapshot.record("process.state")?;
        let fresh = Self::new_state(&self.spec);
        validate::check(&self.spec, &fresh, &state)?;
        self.state = state;
        Ok(())
    }
}

/// A duration draw in nanoseconds as a duration, or `None` when it is none.
#[inline(always)]
fn duration(nanos: f64) -> Option<SimDuration> {
    SimDuration::from_nanos_f64(nanos).filter(|duration| !duration.is_negative())
}

/// From one instant of a world to a later one. Both lie within 0 and [`SimTime::MAX`], so it cannot overflow.
#[inline(always)]
fn between(earlier: SimTime, later: SimTime) -> SimDuration {
    SimDuration::from_nanos(later.nanos() - earlier.nanos())
}

/// The station that `target` names, if it names one.
#[inline(always)]
fn station_of(target: Target) -> Option<u32> {
    match target {
        Target::Station(index) => u32::try_from(index).ok(),
        Target::Exit => None,
    }
}
