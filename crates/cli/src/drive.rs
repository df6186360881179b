//! Drives one world: by the wall clock, up to a point, from a snapshot or into one.
//!
//! Batches of runs that need none of this go through `kernel::replicate`. Both handle events in the same order
//! and record the same ledger.

use std::panic::AssertUnwindSafe;

use pluriverse_kernel::{
    replicate::{Observer, SLICE_EVENTS, Verdict},
    time::SimTime,
    world::{Phase, Progress, RunError, World},
};

use crate::{
    interrupt::Interrupt,
    realtime::{Waited, Wall},
    results::Ending,
};

/// What makes a world wait, or not.
pub(crate) enum Pace {
    /// As fast as possible.
    Unhurried,
    /// Event by event, when the wall clock says so.
    Wall(Wall),
}

/// A world on its way.
pub(crate) struct Drive<'a> {
    pub(crate) world: &'a mut dyn World,
    /// Stops here, where that is before the end.
    pub(crate) limit: Option<SimTime>,
    /// Where the world ends by itself, where that is known.
    pub(crate) end: Option<SimTime>,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) interrupt: &'a Interrupt,
}

impl Drive<'_> {
    /// Drives the world to its end, to the limit, or to where it is stopped. Its ledger is left open.
    ///
    /// # Errors
    /// Whatever ends the run early; the ledger is to be finished all the same.
    pub(crate) fn run(mut self, pace: &mut Pace) -> Result<Ending, RunError> {
        let key = self.world.key();
        let moved = std::panic::catch_unwind(AssertUnwindSafe(|| match pace {
            Pace::Unhurried => self.at_full_speed(),
            Pace::Wall(wall) => self.by_the_wall(wall),
        }));
        let ending = moved.unwrap_or_else(|panic| Err(RunError::panicked(key, &*panic)))?;
        if ending == Ending::Finished {
            self.observer.completed(key, self.world);
        }
        Ok(ending)
    }

    fn at_full_speed(&mut self) -> Result<Ending, RunError> {
        let limit = self.limit.unwrap_or(SimTime::MAX);
        loop {
            let before = self.world.events();
            let progress = self.world.run_until(limit, SLICE_EVENTS)?;
            let verdict = self.observer.moved(
                self.world.key(),
                self.world.now(),
                self.world.events() - before,
            );
            if progress != Progress::More {
                return Ok(Ending::Finished);
            }
            if self.limit.is_some() && self.world.next_time().is_none_or(|next| next > limit) {
                return Ok(Ending::PausedAt(limit));
            }
            if verdict == Verdict::Stop {
                return Ok(Ending::Interrupted);
            }
        }
    }

    fn by_the_wall(&mut self, wall: &mut Wall) -> Result<Ending, RunError> {
        if self.world.phase() == Phase::New {
            self.world.start()?;
        }
        let limit = self.limit.unwrap_or(SimTime::MAX);
        let key = self.world.key();
        let observer = self.observer;
        let tick = |now: SimTime| {
            // Whether to stop is looked up while waiting.
            let _ = observer.moved(key, now, 0);
        };
        while let Some(due) = self.world.next_time().filter(|due| *due <= limit) {
            if wall.wait_for_event(due, self.interrupt, &tick) == Waited::Interrupted {
                return Ok(Ending::Interrupted);
            }
            if self.world.step()? != Progress::More {
                return Ok(Ending::Finished);
            }
            self.observer.moved(key, self.world.now(), 1);
        }
        // Nothing is due any more; the world still lives until its end.
        let end = self
            .end
            .unwrap_or(SimTime::ZERO)
            .max(self.world.now())
            .min(limit);
        if wall.wait(end, self.interrupt, &tick) == Waited::Interrupted {
            return Ok(Ending::Interrupted);
        }
        match self.world.run_until(limit, u64::MAX)? {
            Progress::More => Ok(Ending::PausedAt(limit)),
            Progress::Paused | Progress::Finished => Ok(Ending::Finished),
        }
    }
}
