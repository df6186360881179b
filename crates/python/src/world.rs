//! One world as an object of Python: the lifecycle, with the interpreter free while it moves.
//!
//! A world moves in slices. Between two of them Ctrl-C is heard, callbacks get their events and whoever asked for a
//! pause gets it; none of this changes what happens. One thread uses a world at a time ([`Gate`]), and `now`,
//! `events_handled`, `rows` and `phase` can be read by anyone at any moment. A panic ends one world, and says so
//! to whoever asks it again.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use pluriverse_host::session::Session;
use pluriverse_kernel::{
    ledger::KindSet,
    replicate::RunPlan,
    scenario::RunKey,
    time::SimTime,
    view::{State, Values},
    world::{Phase, RunError},
};
use pyo3::{
    PyTraverseError, PyVisit,
    prelude::*,
    types::{PyByteArray, PyBytes, PyDict, PyMemoryView},
};

use crate::{
    duration,
    event::{Event, EventBatch},
    fault::Fault,
    gate::{Gate, Turn},
    ledger::Ledger,
    names::Names,
    numbers::{self, Whole},
    outcome::Outcome,
    scenario::{Held, Scenario},
};

mod feed;
mod journey;
mod listeners;
mod position;
mod record;
mod told;

pub(crate) use feed::Feed;
use journey::{DELIVERY_EVENTS, Way};
pub(crate) use listeners::Subscription;
use listeners::{Extent, Listeners};
use position::Position;
use record::Keeping;

/// A running instance of a scenario.
#[pyclass(
    frozen,
    subclass,
    weakref,
    module = "pluriverse._native",
    name = "World"
)]
pub(crate) struct World {
    held: Arc<Held>,
    names: Names,
    keeping: Keeping,
    gate: Gate,
    position: Position,
    wants_pause: AtomicBool,
    resident: Mutex<Resident>,
    listeners: Listeners,
}

/// What a turn is needed for.
struct Resident {
    session: Session,
    /// What ended it, when a panic did.
    broken: Option<RunError>,
    /// Wall time that it has moved for.
    moved_for: Duration,
}

impl World {
    fn around(held: Arc<Held>, session: Session, keeping: Keeping) -> Self {
        let mut session = session;
        // The first checkpoint alone: going back runs from there, and moving on costs nothing.
        session.world_mut().keep_checkpoints(None);
        let world = session.world();
        Self {
            names: Names::from(world.ledger().dictionary().clone()),
            position: Position::of(world),
            held,
            keeping,
            gate: Gate::default(),
            wants_pause: AtomicBool::new(false),
            resident: Mutex::new(Resident {
                session,
                broken: None,
                moved_for: Duration::ZERO,
            }),
            listeners: Listeners::default(),
        }
    }

    /// Does something with the world, in this thread's turn.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&mut Session) -> Result<T, Fault> + Send,
    ) -> Result<T, Fault> {
        let turn = self.gate.enter(py)?;
        let answer = py.detach(|| self.ask(&turn, ask));
        self.pause_if_wanted(&turn);
        answer
    }

    /// Does something with the world, whose turn it is; a panic ends it.
    fn ask<T>(
        &self,
        _turn: &Turn<'_>,
        ask: impl FnOnce(&mut Session) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut resident = self.resident.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = &resident.broken {
            return Err(error.clone().into());
        }
        let key = resident.session.world().key();
        let asked = std::panic::catch_unwind(AssertUnwindSafe(|| ask(&mut resident.session)));
        let answer = asked.unwrap_or_else(|panic| {
            let error = RunError::panicked(key, &*panic);
            resident.broken = Some(error.clone());
            Err(error.into())
        });
        match resident.broken {
            Some(_) => self.position.fail(),
            None => self.position.publish(resident.session.world()),
        }
        answer
    }

    /// Whoever wanted a pause before this journey gets it first: a new world begins, and is paused then.
    fn pause_before(&self, turn: &Turn<'_>) -> Result<(), Fault> {
        if self.position.phase() == Phase::New && self.is_pause_wanted() {
            self.ask(turn, |session| Ok(session.world_mut().start()?))?;
        }
        self.pause_if_wanted(turn);
        Ok(())
    }

    /// Whether a pause is wanted that has not come yet.
    fn is_pause_wanted(&self) -> bool {
        // Ordering: the flag publishes no data.
        self.wants_pause.load(Ordering::Relaxed)
    }

    /// Whoever wanted a pause while the world was busy gets it now; that of a world that is new comes when it has begun.
    fn pause_if_wanted(&self, turn: &Turn<'_>) {
        if self.position.phase() == Phase::New {
            return;
        }
        // Ordering: the flag publishes no data.
        if self.wants_pause.swap(false, Ordering::Relaxed) {
            // A world that is broken does not move anyway.
            let _ = self.ask(turn, |session| {
                session.world_mut().pause();
                Ok(())
            });
        }
    }

    /// The numbers of kinds of events by their names; every kind when none are named.
    fn kind_set(&self, names: Option<Vec<String>>) -> Result<KindSet, Fault> {
        let Some(names) = names else {
            return Ok(KindSet::All);
        };
        let kinds = names.iter().map(|name| {
            self.names.kind(name).ok_or_else(|| {
                let known = self.names.kinds.iter().map(|kind| kind.name.clone());
                let help = match pluriverse_host::scenario::nearest(name, known.clone()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("there are: {}", known.collect::<Vec<_>>().join(", ")),
                };
                Fault::Value(format!("this world has no kind of event `{name}`; {help}"))
            })
        });
        Ok(KindSet::only(kinds.collect::<Result<_, _>>()?))
    }
}

/// The bytes of a snapshot.
fn bytes_of<'py>(given: &Bound<'py, PyAny>) -> Result<Bound<'py, PyBytes>, Fault> {
    if let Ok(bytes) = given.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    if given.is_instance_of::<PyByteArray>() || given.is_instance_of::<PyMemoryView>() {
        let bytes = given.py().get_type::<PyBytes>().call1((given,))?;
        return Ok(bytes.cast_into::<PyBytes>().map_err(PyErr::from)?);
    }
    let kind = given.get_type().name()?;
    Err(Fault::Type(format!(
        "`snapshot` is a {kind}, expected the bytes that `snapshot()` gives"
    )))
}

#[pymethods]
impl World {
    /// A new world of a scenario, before its start.
    #[new]
    #[pyo3(
        signature = (scenario, seed=None, replication=Whole::Number(0), *, keep_rows=true),
        text_signature = "(scenario, seed=None, replication=0, *, keep_rows=True)"
    )]
    #[allow(
        clippy::fn_params_excessive_bools,
        reason = "Python calls it by its name"
    )]
    fn new(
        scenario: &Scenario,
        seed: Option<Whole>,
        replication: Whole,
        keep_rows: bool,
    ) -> Result<Self, Fault> {
        let held = Arc::clone(&scenario.0);
        let key = RunKey {
            seed: numbers::within(seed, "seed", numbers::ANY)?.unwrap_or(held.defaults().seed),
            replication: replication.within("replication", numbers::ANY)?,
        };
        let keeping = if keep_rows {
            Keeping::All
        } else {
            Keeping::Latest
        };
        let session = Session::new(Arc::clone(&held.scenario), key, keeping.record());
        Ok(Self::around(held, session, keeping))
    }

    /// The scenario.
    #[getter]
    fn scenario(&self) -> Scenario {
        Scenario(Arc::clone(&self.held))
    }

    /// Seed of this run.
    #[getter]
    fn seed(&self) -> u64 {
        self.position.key().seed
    }

    /// Number of this replication.
    #[getter]
    fn replication(&self) -> u64 {
        self.position.key().replication
    }

    /// Whether every row stays in memory.
    #[getter]
    fn keep_rows(&self) -> bool {
        self.keeping == Keeping::All
    }

    /// Simulated time in seconds.
    #[getter]
    fn now(&self) -> f64 {
        self.position.now().as_secs_f64()
    }

    /// Simulated time in nanoseconds.
    #[getter]
    fn now_nanos(&self) -> i64 {
        self.position.now().nanos()
    }

    /// Events handled so far.
    #[getter]
    fn events_handled(&self) -> u64 {
        self.position.events()
    }

    /// Rows recorded so far.
    #[getter]
    fn rows(&self) -> u64 {
        self.position.rows()
    }

    /// `new`, `ready`, `paused`, `finished` or `failed`.
    #[getter]
    fn phase(&self) -> &'static str {
        self.position.phase().name()
    }

    /// Begins; moving a new world begins it too.
    fn start(&self, py: Python<'_>) -> Result<(), Fault> {
        self.with(py, |session| Ok(session.world_mut().start()?))?;
        let turn = self.gate.enter(py)?;
        self.deliver(py, &turn, Extent::Everything)
    }

    /// Handles so many events.
    #[pyo3(signature = (count=Whole::Number(1)), text_signature = "($self, count=1)")]
    fn step(&self, py: Python<'_>, count: Whole) -> Result<&'static str, Fault> {
        self.travel(py, Way::Step, count.within("count", numbers::SOME)?)
    }

    /// Handles everything to the end, but at most so many events.
    #[pyo3(signature = (*, max_events=None))]
    fn run(&self, py: Python<'_>, max_events: Option<Whole>) -> Result<&'static str, Fault> {
        let most = numbers::within(max_events, "max_events", numbers::ANY)?;
        self.travel(py, Way::Run(SimTime::MAX), most.unwrap_or(u64::MAX))
    }

    /// Handles everything that is due up to a time, but at most so many events.
    #[pyo3(signature = (time, *, max_events=None))]
    fn run_until(
        &self,
        py: Python<'_>,
        time: &Bound<'_, PyAny>,
        max_events: Option<Whole>,
    ) -> Result<&'static str, Fault> {
        let until = Way::Run(duration::time(time)?);
        let most = numbers::within(max_events, "max_events", numbers::ANY)?;
        self.travel(py, until, most.unwrap_or(u64::MAX))
    }

    /// Holds the world: at once, or once the slice is done that it is moving; a new world, once it has begun.
    fn pause(&self) {
        // Ordering: the flag publishes no data.
        self.wants_pause.store(true, Ordering::Relaxed);
        if let Ok(turn) = self.gate.try_enter() {
            self.pause_if_wanted(&turn);
        }
    }

    /// Whether it is new and will be paused once it has begun.
    #[getter]
    #[pyo3(name = "_pauses_first")]
    fn pauses_first(&self) -> bool {
        self.position.phase() == Phase::New && self.is_pause_wanted()
    }

    /// Lets it go on.
    fn resume(&self, py: Python<'_>) -> Result<(), Fault> {
        // Ordering: the flag publishes no data.
        self.wants_pause.store(false, Ordering::Relaxed);
        self.with(py, |session| {
            session.world_mut().resume();
            Ok(())
        })
    }

    /// Goes to a time, forwards or back.
    fn seek(&self, py: Python<'_>, time: &Bound<'_, PyAny>) -> Result<&'static str, Fault> {
        let at = duration::time(time)?;
        let was_paused = self.with(py, |session| {
            let world = session.world_mut();
            let mut was_paused = world.phase() == Phase::Paused;
            if world.phase() == Phase::New {
                // Ordering: the flag publishes no data.
                was_paused = self.wants_pause.swap(false, Ordering::Relaxed);
                world.start()?;
            }
            world.rewind(at)?;
            // On its way there it goes on.
            world.resume();
            Ok(was_paused)
        })?;
        let gone = self.travel(py, Way::Run(at), u64::MAX);
        if was_paused {
            self.pause();
        }
        gone
    }

    /// Hands in something from outside: its kind, its subject and object, and its value.
    #[pyo3(name = "_input")]
    fn input(
        &self,
        kind: &str,
        parties: (Bound<'_, PyAny>, Bound<'_, PyAny>),
        value: &Bound<'_, PyAny>,
        at: &Bound<'_, PyAny>,
    ) -> Result<(), Fault> {
        let statement = told::statement(kind, (&parties.0, &parties.1), value)?;
        let at = (!at.is_none()).then(|| duration::time(at)).transpose()?;
        let dictionary = &*self.names;
        self.with(value.py(), |session| {
            told::tell(session.world_mut(), &statement, (at, dictionary))
        })
    }

    /// Keeps a checkpoint for every so long that something happens in, so that going back is quick.
    fn keep_checkpoints(&self, py: Python<'_>, every: &Bound<'_, PyAny>) -> Result<(), Fault> {
        let every = duration::duration(every)?;
        if every.nanos() <= 0 {
            return Err(Fault::Value(format!(
                "checkpoints every {every}: expected more than nothing"
            )));
        }
        self.with(py, |session| {
            session.world_mut().keep_checkpoints(Some(every));
            Ok(())
        })
    }

    /// The state, a table by each name, its columns by theirs.
    #[pyo3(name = "_tables")]
    fn tables<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyDict>, Fault> {
        let state: State = self.with(py, |session| Ok(session.world().state()))?;
        let tables = PyDict::new(py);
        for table in state.tables {
            let columns = PyDict::new(py);
            for column in table.columns {
                match column.values {
                    Values::I64(cells) => columns.set_item(column.name, cells)?,
                    Values::F64(cells) => columns.set_item(column.name, cells)?,
                    Values::F32(cells) => columns.set_item(column.name, cells)?,
                    Values::Text(cells) => columns.set_item(column.name, cells)?,
                }
            }
            tables.set_item(table.name, columns)?;
        }
        Ok(tables)
    }

    /// When the next event is due, in seconds; `None` when none is.
    fn next_time(&self, py: Python<'_>) -> Result<Option<f64>, Fault> {
        let next = self.with(py, |session| Ok(session.world_mut().next_time()))?;
        Ok(next.map(SimTime::as_secs_f64))
    }

    /// The names of all single figures, in order.
    #[pyo3(name = "_figure_names")]
    fn figure_names(&self, py: Python<'_>) -> Result<Vec<String>, Fault> {
        let outline = self.with(py, |session| Ok(session.world().outline()))?;
        let scalars = outline.scalars.into_iter();
        Ok(scalars.map(|scalar| scalar.name).collect())
    }

    /// Numerators and denominators of all single figures so far, in the order of their names.
    #[pyo3(name = "_figures")]
    fn figures(&self, py: Python<'_>) -> Result<Vec<(f64, f64)>, Fault> {
        let measures = self.with(py, |session| Ok(session.world().measures()))?;
        let scalars = measures.scalars.into_iter();
        Ok(scalars
            .map(|seen| (seen.numerator, seen.denominator))
            .collect())
    }

    /// What it has come to.
    #[pyo3(name = "_outcome")]
    fn outcome(&self, py: Python<'_>) -> Result<Outcome, Fault> {
        let measured = self.with(py, |session| Ok(session.outcome()))?;
        let plan = RunPlan::new(self.position.key().seed, 1);
        let resident = self.resident.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Outcome::new(&self.held, plan, measured, resident.moved_for))
    }

    /// The complete state.
    fn snapshot<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>, Fault> {
        let snapshot = self.with(py, |session| Ok(session.world().snapshot()))?;
        Ok(PyBytes::new(py, &snapshot))
    }

    /// Becomes what the snapshot was.
    fn restore(&self, snapshot: &Bound<'_, PyAny>) -> Result<(), Fault> {
        let snapshot = bytes_of(snapshot)?;
        let bytes = snapshot.as_bytes();
        self.with(snapshot.py(), |session| Ok(session.restore(bytes)?))
    }

    /// The complete state of a world that has started.
    #[pyo3(name = "_branch_snapshot")]
    fn branch_snapshot<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>, Fault> {
        let snapshot = self.with(py, |session| {
            let world = session.world();
            match world.phase() {
                Phase::New => Err(Fault::Run(RunError::WrongPhase {
                    call: "branch",
                    phase: Phase::New,
                })),
                _ => Ok(world.snapshot()),
            }
        })?;
        Ok(PyBytes::new(py, &snapshot))
    }

    /// The ledger's hash so far, in hexadecimal.
    #[pyo3(name = "_hash")]
    fn hash(&self, py: Python<'_>) -> Result<String, Fault> {
        let hash = self.with(py, |session| Ok(session.world().ledger().hash()))?;
        Ok(hash.map_or_else(String::new, |hash| hash.to_string()))
    }

    /// The ledger so far. Rows that are not kept any more are made again, by a second world that goes as far.
    fn ledger<'py>(&self, py: Python<'py>) -> Result<Bound<'py, Ledger>, Fault> {
        let held = &self.held;
        let names = self.names.clone();
        let taken = self.with(py, |session| record::so_far(held, session, names))?;
        Ok(Bound::new(py, taken)?)
    }

    /// A row and what led to it, the first cause last; as far back as rows are kept.
    fn causes(&self, py: Python<'_>, row: Whole) -> Result<Vec<Event>, Fault> {
        let row = row.within("row", numbers::ANY)?;
        let names = &self.names;
        self.with(py, |session| {
            let ledger = session.world().ledger();
            let rows = ledger.rows();
            if row >= rows {
                return Err(Fault::Index(format!("{row} is no index among {rows} rows")));
            }
            let next = |found: &(u64, _)| {
                let (_, row): &(u64, pluriverse_kernel::ledger::Row) = found;
                Some((row.cause, ledger.row(row.cause)?))
            };
            let first = ledger.row(row).map(|found| (row, found));
            let chain = std::iter::successors(first, next);
            Ok(chain
                .map(|(number, row)| Event::new(number, row, names))
                .collect())
        })
    }

    /// Calls `callback` with the events of these kinds as they happen, at most `batch` at a time.
    #[pyo3(name = "_listen")]
    #[pyo3(signature = (callback, kinds, batch))]
    fn listen(
        &self,
        py: Python<'_>,
        callback: Py<PyAny>,
        kinds: Option<Vec<String>>,
        batch: Whole,
    ) -> Result<Subscription, Fault> {
        let batch = numbers::count(batch.within("batch", numbers::SOME)?);
        if !callback.bind(py).is_callable() {
            let kind = callback.bind(py).get_type().name()?;
            return Err(Fault::Type(format!("a {kind} cannot be called back")));
        }
        let kinds = self.kind_set(kinds)?;
        let cursor = self.with(py, |session| Ok(session.subscribe(kinds)))?;
        Ok(self.listeners.add(callback, cursor, batch))
    }

    /// Opens a feed of these kinds of events, for reading step by step.
    #[pyo3(name = "_open_feed")]
    #[pyo3(signature = (kinds=None))]
    fn open_feed(&self, py: Python<'_>, kinds: Option<Vec<String>>) -> Result<Feed, Fault> {
        let kinds = self.kind_set(kinds)?;
        let cursor = self.with(py, |session| Ok(session.subscribe(kinds)))?;
        Ok(Feed::new(cursor))
    }

    /// The next events of a feed, at most `limit`; where there are none, the world moves on, by as many events
    /// at most and not past `until`.
    /// Says also how that ended, when it did.
    #[pyo3(name = "_pull")]
    #[pyo3(signature = (feed, limit, until=None))]
    fn pull<'py>(
        &self,
        py: Python<'py>,
        feed: &Feed,
        limit: Whole,
        until: Option<&Bound<'_, PyAny>>,
    ) -> Result<(Bound<'py, EventBatch>, Option<&'static str>), Fault> {
        let until = until
            .map(duration::time)
            .transpose()?
            .unwrap_or(SimTime::MAX);
        let limit = limit.within("batch", numbers::SOME)?;
        let ahead = limit.min(DELIVERY_EVENTS);
        let limit = numbers::count(limit);
        let read = |session: &mut Session| Ok(feed.read(session.world().ledger(), limit));
        let mut batch = self.with(py, read)?;
        let mut ended = None;
        if batch.rows.is_empty() && batch.dropped_count == 0 {
            let word = self.travel(py, Way::Run(until), ahead)?;
            let is_there = self.with(py, |session| {
                Ok(session
                    .world_mut()
                    .next_time()
                    .is_none_or(|next| next > until))
            })?;
            ended = (word != "more" || is_there).then_some(word);
            batch = self.with(py, read)?;
        }
        Ok((EventBatch::of(py, &batch, &self.names)?, ended))
    }

    fn __repr__(&self) -> String {
        let name = self.held.scenario.name();
        let now = self.position.now();
        format!("<pluriverse.World of {name:?} at {now}, {}>", self.phase())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.listeners.visit(visit)
    }

    fn __clear__(&self) {
        self.listeners.clear();
    }
}
