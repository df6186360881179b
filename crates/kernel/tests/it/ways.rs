//! However a world is moved, it comes to the same: in one go, in steps, in slices, paused, stored and restored,
//! sought back and forth, branched, watched.

use pluriverse_kernel::{
    executor::Executor,
    ledger::{KindSet, Ledger},
    random::{Purpose, Stream, StreamKey},
    time::{SimDuration, SimTime},
    world::{Input, Phase, Progress, World},
};

use crate::worlds::{Desk, Outcome, group, secs};

/// A world with what comes to it from outside, and how long to watch it.
pub(crate) struct Trial {
    pub(crate) world: fn(Ledger) -> Box<dyn World>,
    /// Who does the work, when it is not done in the drawn time.
    pub(crate) executor: Option<fn() -> Box<dyn Executor>>,
    /// Ascending, no two and no event at one instant.
    pub(crate) inputs: Vec<(SimTime, Input)>,
    pub(crate) until: SimTime,
}

impl Trial {
    fn equip(&self, mut world: Box<dyn World>) -> Box<dyn World> {
        if let Some(executor) = self.executor {
            world.set_executor(executor());
        }
        world
    }

    fn unstarted(&self) -> Box<dyn World> {
        self.equip((self.world)(Ledger::in_memory()))
    }

    /// A started world that knows all its inputs.
    fn started(&self) -> Box<dyn World> {
        let mut world = self.unstarted();
        world.start().unwrap();
        for (at, input) in &self.inputs {
            world.input(*at, input.clone()).unwrap();
        }
        world
    }

    fn finish(&self, mut world: Box<dyn World>) -> Outcome {
        world.resume();
        world.run_until(self.until, u64::MAX).unwrap();
        Outcome::of(&*world)
    }

    pub(crate) fn straight(&self) -> Outcome {
        self.finish(self.started())
    }

    fn stepped(&self) -> Outcome {
        let mut world = self.started();
        while world.next_time().is_some_and(|next| next <= self.until) {
            let before = world.events();
            world.step().unwrap();
            assert_eq!(world.events(), before + 1, "a step is one event");
        }
        self.finish(world)
    }

    fn sliced(&self, dice: &mut Dice) -> Outcome {
        let mut world = self.started();
        while world.now() < self.until {
            let until = dice.after(world.now(), self.until);
            let events = dice.below(200);
            let before = world.events();
            world.run_until(until, events).unwrap();
            assert!(world.now() <= until && world.events() - before <= events);
        }
        self.finish(world)
    }

    fn paused(&self, dice: &mut Dice) -> Outcome {
        let mut world = self.started();
        while world.now() < self.until {
            let until = dice.after(world.now(), self.until);
            world.run_until(until, 1 + dice.below(200)).unwrap();
            world.pause();
            if world.phase() == Phase::Paused {
                let before = Outcome::of(&*world);
                assert_eq!(world.run_until(self.until, u64::MAX), Ok(Progress::Paused));
                assert_eq!(Outcome::of(&*world), before, "paused is paused");
                if world.next_time().is_some_and(|next| next <= self.until) {
                    world.step().unwrap();
                }
            }
            world.resume();
        }
        self.finish(world)
    }

    /// Goes on in another world each time, and finds every snapshot to be what was stored.
    fn restored(&self, dice: &mut Dice) -> Outcome {
        let mut world = self.started();
        while world.now() < self.until {
            let until = dice.after(world.now(), self.until);
            world.run_until(until, dice.below(300)).unwrap();
            let snapshot = world.snapshot();
            let mut next = self.unstarted();
            next.restore(&snapshot).unwrap();
            assert_eq!(next.snapshot(), snapshot, "stored, restored, stored");
            assert_eq!(Outcome::of(&*next), Outcome::of(&*world));
            world = next;
        }
        self.finish(world)
    }

    fn sought(&self, dice: &mut Dice, interval: Option<SimDuration>) -> Outcome {
        let mut world = self.unstarted();
        world.keep_checkpoints(interval);
        world.start().unwrap();
        for (at, input) in &self.inputs {
            world.input(*at, input.clone()).unwrap();
        }
        for _ in 0..12 {
            let at = dice.after(SimTime::ZERO, self.until);
            world.seek(at).unwrap();
            assert_eq!(world.now(), at);
            let mut straight = self.started();
            straight.run_until(at, u64::MAX).unwrap();
            assert_eq!(Outcome::of(&*world), Outcome::of(&*straight), "at {at}");
        }
        self.finish(world)
    }

    /// Inputs handed in as they come, then sought: what came live comes again.
    fn sought_live(&self, dice: &mut Dice) -> Outcome {
        let mut world = self.unstarted();
        world.keep_checkpoints(Some(SimDuration::from_nanos(self.until.nanos() / 20)));
        world.start().unwrap();
        for (at, input) in &self.inputs {
            let before = SimTime::from_nanos(at.nanos() - 1);
            world
                .run_until(dice.after(world.now(), before), u64::MAX)
                .unwrap();
            world.input(*at, input.clone()).unwrap();
        }
        world.run_until(self.until, u64::MAX).unwrap();
        for _ in 0..5 {
            world.seek(dice.after(SimTime::ZERO, self.until)).unwrap();
        }
        self.finish(world)
    }

    /// The original and all that branched off on the way.
    fn branched(&self, dice: &mut Dice) -> Vec<Outcome> {
        let mut world = self.started();
        let mut outcomes = Vec::new();
        for part in 1..6 {
            let until = SimTime::from_nanos(self.until.nanos() / 6 * part);
            world.run_until(until, dice.below(400)).unwrap();
            let branch = world.branch(Ledger::hashed()).unwrap();
            assert_eq!(Outcome::of(&*branch), Outcome::of(&*world));
            outcomes.push(self.finish(self.equip(branch)));
        }
        outcomes.push(self.finish(world));
        outcomes
    }

    fn watched(&self, dice: &mut Dice) -> Outcome {
        let mut world = self.started();
        world.keep_checkpoints(Some(SimDuration::from_nanos(self.until.nanos() / 100 + 1)));
        let mut feeds = [
            world.subscribe(KindSet::All, 100_000),
            world.subscribe(KindSet::only(vec![1]), 0),
        ];
        let mut seen = 0;
        while world.now() < self.until {
            let until = dice.after(world.now(), self.until);
            world.run_until(until, u64::MAX).unwrap();
            let batch = world.read(&mut feeds[0], usize::MAX);
            assert_eq!(batch.dropped_count, 0);
            seen += batch.rows.len() as u64;
            world.read(&mut feeds[1], 3);
            world.state();
            world.measures();
        }
        assert_eq!(seen, world.ledger().rows());
        self.finish(world)
    }

    /// Checks all ways against the straight one.
    pub(crate) fn check(&self) {
        let straight = self.straight();
        assert!(straight.rows > 100, "something happens");
        let mut dice = Dice::new();
        assert_eq!(self.stepped(), straight, "step by step");
        for _ in 0..3 {
            assert_eq!(self.sliced(&mut dice), straight, "in slices");
            assert_eq!(self.paused(&mut dice), straight, "with pauses");
            assert_eq!(self.restored(&mut dice), straight, "restored");
        }
        let interval = SimDuration::from_nanos(self.until.nanos() / 50);
        for interval in [
            None,
            Some(interval),
            Some(SimDuration::from_nanos(self.until.nanos() / 2_000)),
        ] {
            assert_eq!(self.sought(&mut dice, interval), straight, "{interval:?}");
        }
        assert_eq!(
            self.sought_live(&mut dice),
            straight,
            "sought with live inputs"
        );
        for branch in self.branched(&mut dice) {
            assert_eq!(branch, straight, "branched");
        }
        assert_eq!(self.watched(&mut dice), straight, "watched");
    }
}

/// Where to stop, for this test and no world.
struct Dice(Stream);

impl Dice {
    fn new() -> Self {
        Self(Stream::new(StreamKey {
            seed: 3,
            replication: 0,
            entity: 0,
            purpose: Purpose::named("ways"),
        }))
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    /// A point after `from`, up to and with `until`; often a short way, sometimes all of it.
    fn after(&mut self, from: SimTime, until: SimTime) -> SimTime {
        let span = until.since(from).nanos().unsigned_abs();
        let span = (span >> self.below(8)).max(1);
        let nanos = i64::try_from(1 + self.below(span)).unwrap();
        SimTime::from_nanos(from.nanos() + nanos).min(until)
    }
}

#[test]
fn a_desk_comes_to_the_same_whatever_the_way() {
    let trial = Trial {
        world: Desk::world,
        executor: None,
        inputs: vec![],
        until: secs(40_000),
    };
    trial.check();
}

#[test]
fn a_desk_with_groups_from_outside_comes_to_the_same() {
    let trial = Trial {
        world: Desk::world,
        executor: None,
        inputs: (1..20)
            .map(|number| (secs(i64::from(number) * 1_777), group(number)))
            .collect(),
        until: secs(36_000),
    };
    trial.check();
}
