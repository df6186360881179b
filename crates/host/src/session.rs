//! One world that somebody looks at and plays with: it can be moved, asked, gone back in and branched.
//!
//! A session never changes what happens in its world: its ledger is that of a straight run. It knows no clock; a
//! host that plays at a speed says how far to go each time.

use std::sync::Arc;

use pluriverse_kernel::{
    ledger::{Batch, Cursor, KindSet, Ledger},
    replicate::Outcome,
    scenario::{RunKey, Scenario},
    time::{SimDuration, SimTime},
    world::{Progress, RunError, World},
};

use crate::document::{Description, EventRow, Frame};

/// Rows that stay readable for the feed and for causes at least.
pub const WINDOW_ROWS: usize = 1 << 16;
/// Checkpoints that a run of known length begins with; the kernel thins them out.
const CHECKPOINTS: i64 = 256;

/// A world and its live feed.
pub struct Session {
    scenario: Arc<dyn Scenario>,
    world: Box<dyn World>,
    feed: Cursor,
}

/// What has happened since the feed was read last.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Feed {
    /// The latest rows, in order.
    pub events: Vec<EventRow>,
    /// Rows before them that are left out.
    pub dropped: u64,
}

impl Feed {
    fn of(batch: Batch) -> Self {
        let rows = batch.rows.iter();
        Self {
            events: rows
                .map(|(number, row)| EventRow::new(*number, row))
                .collect(),
            dropped: batch.dropped_count,
        }
    }
}

impl Session {
    /// A new world of `scenario`, before its start, that writes into `ledger`.
    #[must_use]
    pub fn new(scenario: Arc<dyn Scenario>, key: RunKey, ledger: Ledger) -> Self {
        let world = scenario.world(key, ledger);
        Self::of(scenario, world)
    }

    fn of(scenario: Arc<dyn Scenario>, mut world: Box<dyn World>) -> Self {
        let until = scenario.defaults().until;
        let interval = until.map_or(3_600_000_000_000, |until| until.nanos() / CHECKPOINTS);
        world.keep_checkpoints(Some(SimDuration::from_nanos(interval.max(1))));
        let feed = world.subscribe(KindSet::All, WINDOW_ROWS);
        Self {
            scenario,
            world,
            feed,
        }
    }

    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> &Arc<dyn Scenario> {
        &self.scenario
    }

    /// The world.
    #[must_use]
    pub fn world(&self) -> &dyn World {
        &*self.world
    }

    /// The world, to move it.
    pub fn world_mut(&mut self) -> &mut dyn World {
        &mut *self.world
    }

    /// What stays the same.
    #[must_use]
    pub fn describe(&self) -> Description {
        Description::of(&*self.scenario, &*self.world)
    }

    /// How the world stands.
    pub fn frame(&mut self) -> Frame {
        Frame::of(&mut *self.world)
    }

    /// What the world has come to.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        Outcome::of(&*self.world)
    }

    /// Lets `seconds` of simulated time pass, but handles at most `max_events`.
    ///
    /// # Errors
    /// Whatever ends the run.
    pub fn play(&mut self, seconds: f64, max_events: u64) -> Result<Progress, RunError> {
        let until = SimDuration::from_secs_f64(seconds.max(0.0))
            .map_or(SimTime::MAX, |span| self.world.now().saturating_add(span));
        self.world.run_until(until, max_events)
    }

    /// What has happened since the last call, at most the latest `limit` rows.
    pub fn feed(&mut self, limit: usize) -> Feed {
        Feed::of(self.world.ledger().read_latest(&mut self.feed, limit))
    }

    /// Opens a further feed, of these kinds of events only.
    pub fn subscribe(&mut self, kinds: KindSet) -> Cursor {
        self.world.subscribe(kinds, WINDOW_ROWS)
    }

    /// What of its kinds has happened since `feed` was read last, among the latest `limit` rows of any kind.
    #[must_use]
    pub fn read(&self, feed: &mut Cursor, limit: usize) -> Feed {
        Feed::of(self.world.ledger().read_latest(feed, limit))
    }

    /// A row and what led to it, the first cause last; as far back as rows are kept.
    #[must_use]
    pub fn causes(&self, row: u64) -> Vec<EventRow> {
        let ledger = self.world.ledger();
        let next = |found: &EventRow| {
            let number = found.cause?;
            Some(EventRow::new(number, &ledger.row(number)?))
        };
        let first = ledger.row(row).map(|found| EventRow::new(row, &found));
        std::iter::successors(first, next).collect()
    }

    /// Becomes what `snapshot` was.
    ///
    /// # Errors
    /// When the bytes are no snapshot of such a world; this one is then as before.
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), RunError> {
        self.world.restore(snapshot)
    }

    /// A second session that goes on from here by itself, writing to `ledger`.
    ///
    /// # Errors
    /// When this world has not started.
    pub fn branch(&self, ledger: Ledger) -> Result<Self, RunError> {
        let world = self.world.branch(ledger)?;
        Ok(Self::of(Arc::clone(&self.scenario), world))
    }
}
