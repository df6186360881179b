//! Where a world is, for those who look without asking it: told after every slice that it moves.

use std::sync::{Mutex, PoisonError};

use pluriverse_kernel::{
    scenario::RunKey,
    time::SimTime,
    world::{Phase, World},
};

/// A world's key, time, events, rows and phase, as it last told.
pub(super) struct Position(Mutex<Told>);

#[derive(Clone, Copy)]
struct Told {
    key: RunKey,
    now: SimTime,
    events: u64,
    rows: u64,
    phase: Phase,
}

impl Told {
    fn by(world: &dyn World) -> Self {
        Self {
            key: world.key(),
            now: world.now(),
            events: world.events(),
            rows: world.ledger().rows(),
            phase: world.phase(),
        }
    }
}

impl Position {
    pub(super) fn of(world: &dyn World) -> Self {
        Self(Mutex::new(Told::by(world)))
    }

    pub(super) fn publish(&self, world: &dyn World) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Told::by(world);
    }

    /// The world is broken.
    pub(super) fn fail(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).phase = Phase::Failed;
    }

    fn told(&self) -> Told {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn key(&self) -> RunKey {
        self.told().key
    }

    pub(super) fn now(&self) -> SimTime {
        self.told().now
    }

    pub(super) fn events(&self) -> u64 {
        self.told().events
    }

    pub(super) fn rows(&self) -> u64 {
        self.told().rows
    }

    pub(super) fn phase(&self) -> Phase {
        self.told().phase
    }
}
