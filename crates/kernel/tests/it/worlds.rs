//! Worlds to test the kernel with: a desk with impatient customers, and one that does what it is told.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use pluriverse_kernel::{
    context::{Context, StreamId},
    ledger::{Dictionary, EventKind, Ledger, LedgerHash, NONE, Noun},
    model::Model,
    pending::{Priority, TimerId, Upcoming},
    random::Purpose,
    scenario::{RunDefaults, RunKey, Scenario},
    simulation::Simulation,
    snapshot::{SnapshotError, SnapshotReader, SnapshotWriter},
    time::{SimDuration, SimTime},
    view::{
        Column, Measures, Observation, Outline, Scalar, Series, Spread, State, Table, Unit, Values,
    },
    world::{Input, InputError, World},
};
use pluriverse_stats::{Histogram, TimeWeighted};
use serde::{Deserialize, Serialize};

pub(crate) const KEY: RunKey = RunKey {
    seed: 7,
    replication: 0,
};

pub(crate) fn secs(secs: i64) -> SimTime {
    SimTime::from_secs(secs)
}

/// All that must not depend on how a world was moved.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) hash: Option<LedgerHash>,
    pub(crate) rows: u64,
    pub(crate) state: State,
    pub(crate) measures: Measures,
}

impl Outcome {
    pub(crate) fn of(world: &dyn World) -> Self {
        Self {
            hash: world.ledger().hash(),
            rows: world.ledger().rows(),
            state: world.state(),
            measures: world.measures(),
        }
    }
}

/// One clerk, customers who come at random and do not wait for ever: M/M/1 + M.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Desk {
    waiting: VecDeque<Waiting>,
    serving: Option<u32>,
    customers: u32,
    gave_up: u64,
    length: TimeWeighted,
    waits: Histogram,
    wait_nanos: i64,
    arrivals_by_hour: Vec<u64>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Waiting {
    customer: u32,
    since: SimTime,
    patience: TimerId,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum DeskEvent {
    Arrive,
    Done,
    GiveUp(u32),
}

/// A group of customers at once, handed in from outside.
pub(crate) const GROUP: u16 = 4;
const ARRIVE: u16 = 0;
const START: u16 = 1;
const DONE: u16 = 2;
const GIVE_UP: u16 = 3;
const GAPS: StreamId = StreamId::nth(0);
const SERVICES: StreamId = StreamId::nth(1);
const PATIENCE: StreamId = StreamId::nth(2);

pub(crate) fn group(size: u32) -> Input {
    Input {
        kind: GROUP,
        subject: size,
        object: NONE,
        value: 0.5,
        payload: Vec::new(),
    }
}

impl Desk {
    pub(crate) fn world(ledger: Ledger) -> Box<dyn World> {
        Box::new(Simulation::new(Self::default(), KEY, ledger))
    }

    fn arrive(&mut self, now: SimTime, cx: &mut Context<DeskEvent>) {
        let customer = self.customers;
        self.customers += 1;
        let hour = usize::try_from(now.nanos() / 3_600_000_000_000).unwrap();
        if self.arrivals_by_hour.len() <= hour {
            self.arrivals_by_hour.resize(hour + 1, 0);
        }
        self.arrivals_by_hour[hour] += 1;
        let row = cx.record(ARRIVE, customer, NONE, self.waiting.len() as f64);
        if self.serving.is_none() {
            self.begin(customer, now, cx);
            cx.set_cause(row);
            return;
        }
        let patience = draw(cx, PATIENCE, 300.0);
        if let Some(patience) = cx.timer_after(patience, DeskEvent::GiveUp(customer)) {
            self.waiting.push_back(Waiting {
                customer,
                since: now,
                patience,
            });
        }
        self.length.add(now.nanos(), 1);
    }

    fn begin(&mut self, customer: u32, since: SimTime, cx: &mut Context<DeskEvent>) {
        let wait = cx.now().since(since);
        self.wait_nanos += wait.nanos();
        self.waits.record(wait.nanos().unsigned_abs());
        self.serving = Some(customer);
        cx.record(START, customer, 0, wait.as_secs_f64());
        let service = draw(cx, SERVICES, 110.0);
        cx.schedule_after(service, DeskEvent::Done);
    }

    fn done(&mut self, now: SimTime, cx: &mut Context<DeskEvent>) {
        let customer = self
            .serving
            .take()
            .expect("a clerk who is done served somebody");
        cx.record(DONE, customer, 0, 0.0);
        if let Some(next) = self.waiting.pop_front() {
            assert!(cx.cancel(next.patience), "who waits has not given up");
            self.length.add(now.nanos(), -1);
            self.begin(next.customer, next.since, cx);
        }
    }

    fn give_up(&mut self, now: SimTime, customer: u32, cx: &mut Context<DeskEvent>) {
        let before = self.waiting.len();
        self.waiting.retain(|waiting| waiting.customer != customer);
        assert!(self.waiting.len() + 1 == before, "who gives up was waiting");
        self.gave_up += 1;
        self.length.add(now.nanos(), -1);
        cx.record(GIVE_UP, customer, NONE, 0.0);
    }
}

fn draw(cx: &mut Context<DeskEvent>, stream: StreamId, mean_secs: f64) -> SimDuration {
    SimDuration::from_secs_f64(cx.stream(stream).exponential() * mean_secs).unwrap()
}

impl Model for Desk {
    type Event = DeskEvent;
    const KIND: &'static str = "desk";

    fn dictionary(&self) -> Arc<Dictionary> {
        let kind = |name: &str, object, value: &str| EventKind {
            name: name.to_owned(),
            subject: Some(0),
            object,
            value: value.to_owned(),
        };
        Arc::new(Dictionary {
            kinds: vec![
                kind("arrive", None, "queue length"),
                kind("start", Some(1), "wait [s]"),
                kind("done", Some(1), ""),
                kind("give up", None, ""),
                kind("group", None, ""),
            ],
            nouns: vec![
                Noun::named::<&str>("customer", []),
                Noun::named("clerk", ["clerk"]),
            ],
        })
    }

    fn start(&mut self, cx: &mut Context<DeskEvent>) {
        for purpose in ["gaps", "services", "patience"] {
            cx.open_stream(0, Purpose::named(purpose));
        }
        cx.schedule_at(SimTime::ZERO, DeskEvent::Arrive);
    }

    fn handle(&mut self, now: SimTime, event: DeskEvent, cx: &mut Context<DeskEvent>) {
        match event {
            DeskEvent::Arrive => {
                self.arrive(now, cx);
                let gap = draw(cx, GAPS, 120.0);
                cx.schedule_after(gap, DeskEvent::Arrive);
            }
            DeskEvent::Done => self.done(now, cx),
            DeskEvent::GiveUp(customer) => self.give_up(now, customer, cx),
        }
    }

    fn check_input(&self, input: &Input) -> Result<(), InputError> {
        if input.kind != GROUP {
            return Err(InputError::Unknown { kind: input.kind });
        }
        if (1..=100).contains(&input.subject) {
            return Ok(());
        }
        Err(InputError::OutOfRange {
            field: "subject",
            got: f64::from(input.subject),
            expected: "1 to 100 customers".to_owned(),
        })
    }

    fn handle_input(&mut self, now: SimTime, input: &Input, cx: &mut Context<DeskEvent>) {
        let row = cx.cause();
        for _ in 0..input.subject {
            cx.set_cause(row);
            self.arrive(now, cx);
        }
    }

    fn state(&self, _now: SimTime) -> Vec<Table> {
        let column = |name: &str, values| Column {
            name: name.to_owned(),
            values,
        };
        let customers = self
            .waiting
            .iter()
            .map(|waiting| i64::from(waiting.customer));
        let since = self
            .waiting
            .iter()
            .map(|waiting| waiting.since.as_secs_f64());
        vec![Table {
            name: "queue".to_owned(),
            columns: vec![
                column("customer", Values::I64(customers.collect())),
                column("since [s]", Values::F64(since.collect())),
            ],
        }]
    }

    fn outline(&self) -> Outline {
        let scalar = |name: &str, unit| Scalar {
            name: name.to_owned(),
            unit,
        };
        Outline {
            scalars: vec![
                scalar("wait", Unit::Seconds),
                scalar("queue", Unit::Number),
                scalar("gave up", Unit::Share),
            ],
            series: vec![Series {
                chart: "arrivals".to_owned(),
                name: "desk".to_owned(),
                unit: Unit::Count,
                period: SimDuration::from_secs(3_600),
            }],
            spreads: vec![Spread {
                name: "wait".to_owned(),
            }],
        }
    }

    fn measures(&self, now: SimTime) -> Measures {
        let wait_secs = SimDuration::from_nanos(self.wait_nanos).as_secs_f64();
        let area = self.length.area_until(now.nanos()) as f64;
        Measures {
            scalars: vec![
                Observation::ratio(wait_secs, self.waits.count() as f64),
                Observation::ratio(area, now.nanos() as f64),
                Observation::ratio(self.gave_up as f64, f64::from(self.customers)),
            ],
            series: vec![
                self.arrivals_by_hour
                    .iter()
                    .map(|count| Observation::plain(*count as f64))
                    .collect(),
            ],
            spreads: vec![self.waits.clone()],
        }
    }

    fn check_restored(
        &self,
        now: SimTime,
        upcoming: &[Upcoming<DeskEvent>],
    ) -> Result<(), SnapshotError> {
        let patience = |customer| {
            let mut waiting = self.waiting.iter();
            let waiting = waiting.find(|waiting| waiting.customer == customer);
            waiting.map(|waiting| waiting.patience)
        };
        let is_sound = |next: &Upcoming<DeskEvent>| match next.event {
            DeskEvent::Arrive => true,
            DeskEvent::Done => self.serving.is_some(),
            DeskEvent::GiveUp(customer) => next.timer.is_some() && next.timer == patience(customer),
        };
        if self.length.since() <= now.nanos() && upcoming.iter().all(is_sound) {
            return Ok(());
        }
        Err(SnapshotError::Invalid {
            section: "desk".to_owned(),
            reason: "it is not what is to come".to_owned(),
        })
    }

    fn save(&self, snapshot: &mut SnapshotWriter) {
        snapshot.record("desk", self);
    }

    fn load(&mut self, snapshot: &SnapshotReader<'_>) -> Result<(), SnapshotError> {
        *self = snapshot.record("desk")?;
        Ok(())
    }
}

/// What a [`Script`] can be told to do.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Action {
    /// Records a row.
    Note(u32),
    /// Schedules a note.
    Later(SimDuration),
    /// Schedules a note at a point in time.
    At(SimTime),
    /// Sets a timer of one second and cancels it.
    Cancelled,
    /// Sets a timer.
    Timer(SimDuration),
    /// Happens again at once, this many times.
    Again(u64),
    /// Happens again after every second, and records a row.
    EverySecond,
    /// Lets nothing happen after this.
    End(SimTime),
    /// Gives up.
    Fail,
    /// Breaks an invariant.
    Panic,
    /// Opens a stream while the world is running.
    OpenStream,
}

/// Does what it is told, at the times it is told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub(crate) actions: Vec<(SimTime, Action)>,
    pub(crate) streams: u64,
    /// Events handled by this and all copies of it: what going back costs.
    pub(crate) handled: Arc<AtomicU64>,
    /// Snapshots taken of this and all copies of it.
    pub(crate) saved: Arc<AtomicU64>,
    pub(crate) notes: u64,
}

/// An input that a [`Script`] writes down, with an event at the same instant.
pub(crate) const TELL: u16 = 1;

pub(crate) fn tell(number: u32) -> Input {
    Input {
        kind: TELL,
        ..group(number)
    }
}

impl Script {
    pub(crate) fn of(actions: impl IntoIterator<Item = (i64, Action)>) -> Self {
        let actions = actions.into_iter();
        Self {
            actions: actions.map(|(at, action)| (secs(at), action)).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn world(self) -> Simulation<Self> {
        Simulation::new(self, KEY, Ledger::in_memory())
    }
}

impl Model for Script {
    type Event = Action;
    const KIND: &'static str = "script";

    fn dictionary(&self) -> Arc<Dictionary> {
        Arc::new(Dictionary::of_kinds(["note", "tell"]))
    }

    fn start(&mut self, cx: &mut Context<Action>) {
        for entity in 0..self.streams {
            cx.open_stream(entity, Purpose::named("script"));
        }
        for (at, action) in &self.actions {
            cx.schedule_at(*at, *action);
        }
    }

    fn handle(&mut self, now: SimTime, event: Action, cx: &mut Context<Action>) {
        self.handled.fetch_add(1, Ordering::Relaxed);
        match event {
            Action::Note(number) => {
                self.notes += 1;
                cx.record(0, number, NONE, 0.0);
            }
            Action::Later(delay) => cx.schedule_after(delay, Action::Note(0)),
            Action::At(time) => cx.schedule_at(time, Action::Note(0)),
            Action::Cancelled => {
                let timer = cx.timer_after(SimDuration::from_secs(1), Action::Panic);
                assert!(timer.is_some_and(|timer| cx.cancel(timer)));
            }
            Action::Timer(delay) => {
                let timer = cx.timer_after(delay, Action::Note(0));
                assert_eq!(timer.is_none(), delay.is_negative());
            }
            Action::Again(0) => {}
            Action::Again(times) => {
                cx.schedule_with_priority(now, Priority(0), Action::Again(times - 1));
            }
            Action::EverySecond => {
                self.notes += 1;
                cx.record(0, 0, NONE, self.notes as f64);
                cx.schedule_after(SimDuration::from_secs(1), Action::EverySecond);
            }
            Action::End(time) => cx.set_horizon(time),
            Action::Fail => cx.fail("told to"),
            Action::Panic => panic!("told to panic"),
            Action::OpenStream => {
                cx.open_stream(0, Purpose::named("late"));
            }
        }
    }

    fn check_input(&self, input: &Input) -> Result<(), InputError> {
        match input.kind {
            TELL => Ok(()),
            kind => Err(InputError::Unknown { kind }),
        }
    }

    fn handle_input(&mut self, now: SimTime, input: &Input, cx: &mut Context<Action>) {
        self.notes += 1;
        cx.schedule_at(now, Action::Note(input.subject));
    }

    fn state(&self, _now: SimTime) -> Vec<Table> {
        vec![]
    }

    fn save(&self, snapshot: &mut SnapshotWriter) {
        self.saved.fetch_add(1, Ordering::Relaxed);
        snapshot.record("notes", &self.notes);
    }

    fn load(&mut self, snapshot: &SnapshotReader<'_>) -> Result<(), SnapshotError> {
        self.notes = snapshot.record("notes")?;
        Ok(())
    }
}

/// A [`Desk`] that closes after eight hours.
#[derive(Clone, Debug, Default)]
pub(crate) struct Day(Desk);

impl Model for Day {
    type Event = DeskEvent;
    const KIND: &'static str = "day";

    fn dictionary(&self) -> Arc<Dictionary> {
        self.0.dictionary()
    }

    fn start(&mut self, cx: &mut Context<DeskEvent>) {
        cx.set_horizon(secs(8 * 3_600));
        self.0.start(cx);
    }

    fn handle(&mut self, now: SimTime, event: DeskEvent, cx: &mut Context<DeskEvent>) {
        self.0.handle(now, event, cx);
    }

    fn state(&self, now: SimTime) -> Vec<Table> {
        self.0.state(now)
    }

    fn outline(&self) -> Outline {
        self.0.outline()
    }

    fn measures(&self, now: SimTime) -> Measures {
        self.0.measures(now)
    }

    fn save(&self, snapshot: &mut SnapshotWriter) {
        self.0.save(snapshot);
    }

    fn load(&mut self, snapshot: &SnapshotReader<'_>) -> Result<(), SnapshotError> {
        self.0.load(snapshot)
    }
}

/// A scenario of either.
pub(crate) struct Described<F>(pub(crate) F);

impl<F: Fn(RunKey, Ledger) -> Box<dyn World> + Send + Sync> Scenario for Described<F> {
    fn kind(&self) -> &'static str {
        "test"
    }

    fn name(&self) -> &str {
        "test"
    }

    fn title(&self) -> &str {
        ""
    }

    fn defaults(&self) -> RunDefaults {
        RunDefaults {
            seed: 1,
            replications: 1,
            until: None,
        }
    }

    fn world(&self, key: RunKey, ledger: Ledger) -> Box<dyn World> {
        (self.0)(key, ledger)
    }
}
