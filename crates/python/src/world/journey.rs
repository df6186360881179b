//! How a world moves: in slices, between which signals are heard and those who listen get their events.

use std::{sync::PoisonError, time::Instant};

use pluriverse_kernel::{
    time::SimTime,
    world::{Progress, RunError, World as Simulated},
};
use pyo3::prelude::*;

use super::{World, listeners::Extent};
use crate::{fault::Fault, gate::Turn};

/// Events between two deliveries at most, so that a live feed's window is never overrun.
pub(super) const DELIVERY_EVENTS: u64 = 8192;

/// How a world moves on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Event by event, paused or not.
    Step,
    /// Up to a time, unless it is paused.
    Run(SimTime),
}

/// How a slice of a journey ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moved {
    /// More is to come on the way.
    Further,
    /// Nothing more is due on the way.
    There,
    /// The world is paused.
    Paused,
    /// Nothing is left to happen.
    Finished,
}

impl Moved {
    fn word(self) -> &'static str {
        match self {
            Self::Further | Self::There => "more",
            Self::Paused => "paused",
            Self::Finished => "finished",
        }
    }
}

fn step(world: &mut dyn Simulated, count: u64) -> Result<Progress, RunError> {
    let mut progress = Progress::More;
    for _ in 0..count {
        progress = world.step()?;
        if progress != Progress::More {
            break;
        }
    }
    Ok(progress)
}

impl World {
    /// Moves the world, at most `max_events` on, and delivers what happens.
    pub(super) fn travel(
        &self,
        py: Python<'_>,
        way: Way,
        max_events: u64,
    ) -> Result<&'static str, Fault> {
        let turn = self.gate.enter(py)?;
        py.detach(|| self.pause_before(&turn))?;
        let mut left = max_events;
        loop {
            let slice = left.min(self.listeners.slice_events());
            let moved = py.detach(|| self.move_on(&turn, way, slice));
            let (progress, handled) = match moved {
                Ok(moved) => moved,
                Err(fault) => return Err(self.deliver_last(py, &turn, fault)),
            };
            left -= handled.min(left);
            let is_last = progress != Moved::Further || left == 0;
            let extent = if is_last {
                Extent::Everything
            } else {
                Extent::FullBatches
            };
            self.deliver(py, &turn, extent)?;
            py.check_signals()?;
            self.pause_if_wanted(&turn);
            if is_last {
                return Ok(progress.word());
            }
        }
    }

    /// A slice of a journey: how it ended, and how many events it took.
    fn move_on(&self, turn: &Turn<'_>, way: Way, slice: u64) -> Result<(Moved, u64), Fault> {
        let began = Instant::now();
        let moved = self.ask(turn, |session| {
            let world = session.world_mut();
            let before = world.events();
            let progress = match way {
                Way::Step => step(world, slice)?,
                Way::Run(until) => world.run_until(until, slice)?,
            };
            let is_there = match way {
                Way::Step => false,
                Way::Run(until) => world.next_time().is_none_or(|next| next > until),
            };
            let moved = match progress {
                Progress::Finished => Moved::Finished,
                Progress::Paused => Moved::Paused,
                Progress::More if is_there => Moved::There,
                Progress::More => Moved::Further,
            };
            Ok((moved, world.events() - before))
        });
        let mut resident = self.resident.lock().unwrap_or_else(PoisonError::into_inner);
        resident.moved_for += began.elapsed();
        moved
    }

    /// Hands events to those who listen.
    pub(super) fn deliver(
        &self,
        py: Python<'_>,
        turn: &Turn<'_>,
        extent: Extent,
    ) -> Result<(), Fault> {
        if self.listeners.is_empty() {
            return Ok(());
        }
        self.ask(turn, |session| {
            self.listeners.gather(session.world().ledger());
            Ok(())
        })
        .or_else(|fault| match extent {
            // What was gathered before a world broke is told all the same.
            Extent::Everything => Ok(()),
            Extent::FullBatches => Err(fault),
        })?;
        self.listeners.deliver(py, &self.names, extent)?;
        Ok(())
    }

    /// Hands out what happened before a run failed, and says how it failed.
    fn deliver_last(&self, py: Python<'_>, turn: &Turn<'_>, fault: Fault) -> Fault {
        match self.deliver(py, turn, Extent::Everything) {
            Ok(()) => fault,
            Err(raised) => {
                let error = PyErr::from(fault);
                error.set_cause(py, Some(raised.into()));
                Fault::Raised(error)
            }
        }
    }
}
