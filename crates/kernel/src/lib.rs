//! One deterministic simulation kernel for many kinds of world: time, pending events, streams of random numbers, the
//! ledger of all that happened, snapshots, and one lifecycle.
//!
//! A **model** is rules and state of one kind of world, written against a [`Context`](context::Context). A
//! [`Simulation`](simulation::Simulation) of it is a [`World`](world::World), which hosts move, store, branch and
//! watch without knowing its kind. A result is a function of revision, model, scenario and seed: the same
//! [hash](ledger::LedgerHash) on any machine, natively and as WebAssembly, in one go or in steps, before and after
//! a snapshot.
//!
//! # A world of one's own
//!
//! State is a struct, what can be due is an enum, and all else that a model needs it asks of the context. There are
//! no processes to suspend and nothing is boxed: an event is copied, handled in a `match`, and schedules others. Here
//! is an espresso bar with customers who come at random, and twenty times thirty days of it:
//!
//! ```
//! use pluriverse_kernel::prelude::*;
//!
//! #[derive(Clone, Default)]
//! struct Bar { intervals: StreamId, services: StreamId, free_at: SimTime, stay: Observation }
//!
//! #[derive(Clone, Copy, Debug, Serialize, Deserialize)]
//! enum Event { Arrive, Leave { came: SimTime } }
//!
//! impl Model for Bar {
//!     type Event = Event;
//!     const KIND: &'static str = "bar";
//!
//!     fn start(&mut self, cx: &mut Context<Event>) {
//!         [self.intervals, self.services] = cx.open_streams(["interval", "service"]);
//!         cx.set_horizon(SimTime::from_secs(30 * 86_400));
//!         cx.schedule_at(SimTime::ZERO, Event::Arrive);
//!     }
//!
//!     fn handle(&mut self, now: SimTime, event: Event, cx: &mut Context<Event>) {
//!         match event {
//!             Event::Arrive => {
//!                 let interval = cx.exponential(self.intervals, 60.0);
//!                 cx.schedule_after(interval, Event::Arrive);
//!                 self.free_at = self.free_at.max(now).saturating_add(cx.exponential(self.services, 45.0));
//!                 cx.schedule_at(self.free_at, Event::Leave { came: now });
//!             }
//!             Event::Leave { came } => self.stay.add(now.since(came).as_secs_f64()),
//!         }
//!     }
//!
//!     fn figures(&self, _now: SimTime) -> Vec<Figure> {
//!         vec![Figure::new("stay", Unit::Seconds, self.stay)]
//!     }
//! }
//!
//! let outcome = RunPlan::new(1, 20).run(&Prototype::new("espresso", Bar::default())).expect("no faults");
//! // An M/M/1 queue, of which theory says that customers stay 1 / (1/45 - 1/60) seconds.
//! assert!(outcome.estimate("stay").is_some_and(|stay| stay.covers(180.0)));
//! ```
//!
//! # A world to look into
//!
//! That model measures and keeps no record. One that is to be watched, stored and branched says what its rows mean,
//! records them, and saves its state, which `serde` does for most. The chapters below have this bar:
//!
//! ```
#![doc = include_str!("tour.txt")]
//! ```
//!
//! # Running and looking
//!
//! `run`, `run_until` and `step` go through the same loop, so that it makes no difference which one is called. They
//! take a number of events after which to come back, for hosts that have other things to do.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour.txt"));
//! use pluriverse_kernel::ledger::NO_CAUSE;
//!
//! # fn main() -> Result<(), RunError> {
//! let key = RunKey { seed: 1, replication: 0 };
//! let mut bar = Simulation::new(Bar::default(), key, Ledger::in_memory());
//! bar.run_until(SimTime::from_secs(3_600), u64::MAX)?;
//! assert_eq!(bar.now(), SimTime::from_secs(3_600));
//! assert_eq!(bar.step()?, Progress::More);
//!
//! // The ledger has a row for each thing that happened, and tells which row led to it: back to the first arrival.
//! let ledger = bar.ledger();
//! let mut row = ledger.row(ledger.rows() - 1).expect("all rows are in memory");
//! while let Some(cause) = ledger.row(row.cause) {
//!     assert!(cause.time <= row.time);
//!     row = cause;
//! }
//! assert_eq!((row.time, row.cause), (SimTime::ZERO, NO_CAUSE));
//!
//! // However it is moved, it comes to the same.
//! let mut other = Simulation::new(Bar::default(), key, Ledger::hashed());
//! other.run(bar.events())?;
//! assert_eq!(other.ledger().hash(), bar.ledger().hash());
//! assert_eq!(other.measures(), bar.measures());
//! # Ok(())
//! # }
//! ```
//!
//! A model's mistakes (an event in the past, time that overflows or stands still) end the run with an error that
//! says where; what was recorded until then can be read.
//!
//! # Storing, going back, branching
//!
//! A [snapshot](snapshot) is the complete state between two events. Who goes on from it has never stopped. One that
//! is damaged, foreign or from a newer version is refused, and the world that refused it is as it was.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour.txt"));
//! # fn main() -> Result<(), RunError> {
//! # let key = RunKey { seed: 1, replication: 0 };
//! let [noon, evening] = [43_200, 64_800].map(SimTime::from_secs);
//! let mut bar = Simulation::new(Bar::default(), key, Ledger::in_memory());
//! bar.keep_checkpoints(Some(SimDuration::from_secs(600)));
//! bar.run_until(noon, u64::MAX)?;
//!
//! // Another world goes on from here; this one too.
//! let snapshot = bar.snapshot();
//! let mut other = Simulation::new(Bar::default(), key, Ledger::in_memory());
//! other.restore(&snapshot)?;
//! let mut branch = bar.branch(Ledger::hashed())?;
//! for world in [&mut bar as &mut dyn World, &mut other, &mut *branch] {
//!     world.run_until(evening, u64::MAX)?;
//! }
//! assert_eq!(bar.ledger().hash(), other.ledger().hash());
//! assert_eq!(bar.ledger().hash(), branch.ledger().hash());
//!
//! // Back to noon by way of a checkpoint, and forwards again.
//! bar.seek(noon)?;
//! assert_eq!(bar.snapshot(), snapshot);
//! bar.seek(evening)?;
//! assert_eq!(bar.ledger().hash(), other.ledger().hash());
//!
//! assert!(bar.restore(&snapshot[..100]).is_err());
//! assert_eq!(bar.now(), evening);
//! # Ok(())
//! # }
//! ```
//!
//! # Watching
//!
//! A subscriber reads the ledger's last rows at its own pace. The world neither waits for it nor knows it; what a
//! slow one misses is counted.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour.txt"));
//! # fn main() -> Result<(), RunError> {
//! # let key = RunKey { seed: 1, replication: 0 };
//! use pluriverse_kernel::ledger::KindSet;
//!
//! let mut bar = Simulation::new(Bar::default(), key, Ledger::hashed());
//! let serve = bar.ledger().dictionary().kind("serve").expect("the bar serves");
//! let mut feed = bar.subscribe(KindSet::only(vec![serve]), 1_000);
//! for hour in 1..=8 {
//!     bar.run_until(SimTime::from_secs(3_600 * hour), u64::MAX)?;
//!     let batch = bar.read(&mut feed, usize::MAX);
//!     assert_eq!(batch.dropped_count, 0);
//!     let longest = batch.rows.iter().map(|(_, row)| row.value).fold(0.0, f64::max);
//!     assert!((1.0..3_600.0).contains(&longest));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Replications
//!
//! A [`RunPlan`](replicate::RunPlan) runs a scenario as often as wanted, on as many threads as there are (feature
//! `threads`), and adds up in one order, so that the estimate is the same to the bit on any number of threads.
//! [`replicate`](replicate::replicate) also takes ledgers of one's own and an observer.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour.txt"));
//! use pluriverse_stats::queueing::m_m_c;
//!
//! # fn main() -> Result<(), RunError> {
//! let scenario = Prototype::new("espresso", Bar::default());
//! let one = RunPlan::new(1, 20).run(&scenario)?;
//! let two = RunPlan { threads: 2, ..RunPlan::new(1, 20) }.run(&scenario)?;
//! assert_eq!(one.ledger_hash, two.ledger_hash);
//!
//! let stay = one.estimate("stay").expect("customers were served");
//! assert_eq!(Some(&stay), two.estimate("stay").as_ref());
//! let theory = m_m_c(1, 1.0 / 60.0, 1.0 / 45.0).expect("the barista keeps up").sojourn_time;
//! assert!((theory - 180.0).abs() < 1e-9);
//! assert!(stay.covers(theory), "{} ± {:?} s", stay.mean, stay.half_width);
//! # Ok(())
//! # }
//! ```
//!
//! # Simulated or real
//!
//! Who says when the next event may happen is a [`Clock`](clock::Clock), who does the work an
//! [`Executor`](executor::Executor): a simulated world jumps to its next event and takes drawn durations at their
//! word; a production world follows the wall clock, hands its work to people and machines, and hears from them by
//! [inputs](world::World::input). Inputs are rows of the ledger, so what happened in production can be replayed. The
//! examples `thermostat` (driven from outside, replayed) and `predator_prey` (a million cells in synchronous ticks)
//! are whole worlds of these sorts.
//!
//! # What it does not do
//!
//! It knows no kind of world, no file format of scenarios or ledgers, no network and no screen: models, stores and
//! hosts do. It reads no wall clock and no environment, and starts no thread but those of the feature `threads`. It
//! does not run one world on several processors: runs are spread over them instead. Events of a world have one total
//! order, so there is nothing to synchronise and nothing to roll back.

pub mod clock;
pub mod context;
pub mod diagnostic;
pub mod distribution;
pub mod executor;
pub mod ledger;
pub mod model;
pub mod pending;
pub mod prelude;
pub mod random;
pub mod replicate;
pub mod scenario;
pub mod simulation;
pub mod snapshot;
pub mod time;
pub mod view;
pub mod world;

mod xxh3;
