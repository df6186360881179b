//! The thread of a world: takes orders between slices of events, plays, shows.
//!
//! However it is moved, in whatever slices, watched by whomever: its ledger is that of a straight run. A panic in
//! the world's code is caught here and ends this world only.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, TryRecvError},
    },
    time::{Duration, Instant},
};

use pluriverse_host::session::Session;
use pluriverse_kernel::{
    time::SimTime,
    world::{Phase, Progress, RunError},
};

use super::{Conditions, End, FEED_ROWS, Hub, Move, Moved, Order, Reply, Standing, movement::Pace};
use crate::problem::Problem;

/// Time between two frames, at least.
const FRAME_INTERVAL: Duration = Duration::from_millis(33);
/// A frame is shown no sooner than this many times what the last one cost.
const FRAME_REST: u32 = 5;
/// How long a slice of events should take: this long an order waits.
const SLICE: Duration = Duration::from_millis(5);
/// Events in a slice, at most.
const SLICE_EVENTS_MAX: u64 = 1 << 20;

/// A world and what it is doing.
pub(super) struct Actor {
    session: Session,
    inbox: Receiver<Order>,
    hub: Arc<Hub>,
    standing: Arc<Mutex<Standing>>,
    conditions: Conditions,
    call: Option<Call>,
    pace: Option<Pace>,
    slice_events: u64,
    /// Events that have been counted.
    counted_events: u64,
    /// Whether the world is as it was last shown.
    is_shown: bool,
    next_frame: Instant,
}

/// How a call leaves the world.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Afterwards {
    /// As it comes.
    Free,
    /// Held again.
    Held,
}

/// Which way a call leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// On.
    On,
    /// On, to a time that somebody has picked.
    Ahead,
    /// Back to such a time: forwards from a checkpoint before it, by what has happened before. Nobody is shown it.
    Back,
}

/// Where a call is to lead.
struct Aim {
    way: Way,
    until: SimTime,
    max_events: u64,
    afterwards: Afterwards,
}

/// A call that moves the world and that somebody waits for.
struct Call {
    way: Way,
    until: SimTime,
    events_left: u64,
    deadline: Instant,
    afterwards: Afterwards,
    reply: Reply<Moved>,
}

impl Actor {
    pub(super) fn new(
        session: Session,
        inbox: Receiver<Order>,
        hub: Arc<Hub>,
        standing: Arc<Mutex<Standing>>,
        conditions: Conditions,
    ) -> Self {
        Self {
            counted_events: session.world().events(),
            session,
            inbox,
            hub,
            standing,
            conditions,
            call: None,
            pace: None,
            slice_events: 1 << 10,
            is_shown: false,
            next_frame: Instant::now(),
        }
    }

    /// Lives until it is told to end, or a defect ends it.
    pub(super) fn run(mut self) {
        let lived = std::panic::catch_unwind(AssertUnwindSafe(|| self.live()));
        let end = lived.unwrap_or_else(|panic| self.panicked(&*panic));
        self.standing().end = Some(end.clone());
        self.standing().playing = None;
        self.hub.end(end);
        // What a defect left behind may not even be dropped without another one.
        let _ = std::panic::catch_unwind(AssertUnwindSafe(move || drop(self)));
    }

    fn live(&mut self) -> End {
        loop {
            match self.next_order() {
                Ok(Some(Order::End(reason))) => {
                    return End {
                        code: "world_ended",
                        message: reason.to_owned(),
                    };
                }
                Ok(Some(order)) => self.obey(order),
                Ok(None) => {}
                Err(()) => {
                    return End {
                        code: "world_ended",
                        message: "nobody holds it any more".to_owned(),
                    };
                }
            }
            self.advance_call();
            self.advance_play();
            self.note();
            self.count_events();
            self.show_if_due();
        }
    }

    fn panicked(&self, panic: &(dyn Any + Send)) -> End {
        let key = self.session.world().key();
        let message = RunError::panicked(key, panic).to_string();
        tracing::error!(%message, "a world panicked");
        self.conditions.counters.panicked.inc();
        End {
            code: "world_panicked",
            message,
        }
    }

    /// The next order, waiting for one as long as there is nothing else to do.
    fn next_order(&self) -> Result<Option<Order>, ()> {
        let is_behind = self.pace.is_some_and(|pace| pace.playing.speed.is_none());
        if self.call.is_some() || is_behind {
            return match self.inbox.try_recv() {
                Ok(order) => Ok(Some(order)),
                Err(TryRecvError::Empty) => Ok(None),
                Err(TryRecvError::Disconnected) => Err(()),
            };
        }
        let must_show = !self.is_shown && self.hub.watchers() > 0;
        if self.pace.is_none() && !must_show {
            return self.inbox.recv().map(Some).map_err(|_| ());
        }
        let wait = self.next_frame.saturating_duration_since(Instant::now());
        match self.inbox.recv_timeout(wait) {
            Ok(order) => Ok(Some(order)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(()),
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Move(movement, reply) => self.begin(movement, reply),
            Order::Play(speed, reply) => {
                self.session.world_mut().resume();
                self.set_pace(Some(Pace::new(
                    speed,
                    Instant::now(),
                    self.session.world().now(),
                )));
                self.answer(reply, Ok(Progress::More));
            }
            Order::StopPlaying(reply) => {
                self.set_pace(None);
                let progress = self.progress();
                self.answer(reply, Ok(progress));
            }
            Order::Ask(look) => look(&mut self.session),
            // Showing comes next in any case, and whoever may end the world has looked for that order.
            Order::Show | Order::End(_) => {}
        }
    }

    fn begin(&mut self, movement: Move, reply: Reply<Moved>) {
        if reply.is_closed() {
            return;
        }
        self.is_shown = false;
        let world = self.session.world_mut();
        match movement {
            Move::Start => {
                let started = world.start();
                self.finish(reply, started.map(|()| Progress::More));
            }
            Move::Step => {
                let stepped = world.step();
                self.set_pace(None);
                self.finish(reply, stepped);
            }
            Move::Run { until, max_events } => {
                self.set_pace(None);
                let aim = Aim {
                    way: Way::On,
                    until,
                    max_events,
                    afterwards: Afterwards::Free,
                };
                self.begin_call(aim, reply);
            }
            Move::Seek(at) => self.seek(at, reply),
            Move::Pause => {
                world.pause();
                self.set_pace(None);
                self.end_call();
                let progress = self.progress();
                self.finish(reply, Ok(progress));
            }
            Move::Resume => {
                world.resume();
                let progress = self.progress();
                self.finish(reply, Ok(progress));
            }
            Move::Restore(snapshot) => {
                self.set_pace(None);
                let restored = self.session.restore(&snapshot);
                self.counted_events = self.session.world().events();
                let progress = self.progress();
                self.finish(reply, restored.map(|()| progress));
            }
        }
    }

    /// Goes to a time in slices like every other call; back, to a checkpoint first. One that is under way to another
    /// time ends where it is.
    fn seek(&mut self, at: SimTime, reply: Reply<Moved>) {
        if self.call.as_ref().is_some_and(|call| call.way == Way::On) {
            busy(reply);
            return;
        }
        self.end_call();
        let world = self.session.world_mut();
        let mut way = Way::Ahead;
        if at < world.now() {
            way = Way::Back;
            if let Err(error) = world.rewind(at) {
                self.finish(reply, Err(error));
                return;
            }
            self.counted_events = world.events();
        }
        let afterwards = if world.phase() == Phase::Paused {
            Afterwards::Held
        } else {
            Afterwards::Free
        };
        world.resume();
        let aim = Aim {
            way,
            until: at,
            max_events: u64::MAX,
            afterwards,
        };
        self.begin_call(aim, reply);
    }

    fn begin_call(&mut self, aim: Aim, reply: Reply<Moved>) {
        if self.call.is_some() {
            busy(reply);
            return;
        }
        self.call = Some(Call {
            way: aim.way,
            until: aim.until,
            events_left: aim.max_events,
            deadline: Instant::now() + self.conditions.call_time,
            afterwards: aim.afterwards,
            reply,
        });
        self.standing().is_moving = true;
    }

    /// Goes on with the call that is under way, if one is.
    fn advance_call(&mut self) {
        let Some(call) = &mut self.call else {
            return;
        };
        if call.reply.is_closed() {
            self.end_call();
            return;
        }
        let (until, wanted) = (call.until, call.events_left);
        let before = self.session.world().events();
        let moved = self.slice(until, wanted);
        if self.is_going_back() {
            // They have been counted when they happened first.
            self.counted_events = self.session.world().events();
        }
        let Some(call) = &mut self.call else {
            return;
        };
        call.events_left -= (self.session.world().events() - before).min(call.events_left);
        let is_there = call.events_left == 0
            || self
                .session
                .world_mut()
                .next_time()
                .is_none_or(|next| next > until)
            || Instant::now() >= call.deadline;
        match moved {
            Ok(Progress::More) if !is_there => {}
            Ok(_) => self.end_call(),
            Err(problem) => {
                if let Some(call) = self.take_call() {
                    // Whoever called may have gone meanwhile.
                    let _ = call.reply.send(Err(problem));
                }
            }
        }
    }

    /// Ends the call that is under way, if one is, with what it has come to.
    fn end_call(&mut self) {
        if let Some(call) = self.take_call() {
            let progress = self.progress();
            self.answer(call.reply, Ok(progress));
        }
    }

    fn take_call(&mut self) -> Option<Call> {
        let call = self.call.take()?;
        if call.afterwards == Afterwards::Held {
            self.session.world_mut().pause();
        }
        if let Some(pace) = self.pace {
            let at = self.session.world().now();
            self.set_pace(Some(Pace::new(pace.playing.speed, Instant::now(), at)));
        }
        self.standing().is_moving = false;
        Some(call)
    }

    /// Plays on, if it plays and nobody's call comes first.
    fn advance_play(&mut self) {
        let (Some(pace), None) = (self.pace, &self.call) else {
            return;
        };
        let target = pace.target(Instant::now());
        let moved = self.slice(target, u64::MAX);
        let mut late = pace;
        late.wait_for(Instant::now(), self.session.world().now());
        match moved {
            Ok(Progress::More) => self.pace = Some(late),
            Ok(Progress::Paused | Progress::Finished) => self.set_pace(None),
            Err(problem) => {
                self.set_pace(None);
                self.hub.tell(&problem.into_error());
            }
        }
    }

    /// Handles events up to `until`, as many as fit into a slice, at most `max_events`.
    fn slice(&mut self, until: SimTime, max_events: u64) -> Result<Progress, Problem> {
        // A world that goes back becomes no larger than it has been.
        if !self.is_going_back() {
            self.conditions.memory.check()?;
        }
        self.is_shown = false;
        let began = Instant::now();
        let count = self.slice_events.min(max_events);
        let before = self.session.world().events();
        let progress = self.session.world_mut().run_until(until, count)?;
        let took = began.elapsed();
        let handled = self.session.world().events() - before;
        if took > SLICE * 2 {
            self.slice_events = (self.slice_events / 2).max(1);
        } else if took < SLICE && handled == self.slice_events {
            self.slice_events = (self.slice_events * 2).min(SLICE_EVENTS_MAX);
        }
        Ok(progress)
    }

    /// Whether the world is on its way to where it has been before.
    fn is_going_back(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.way == Way::Back)
    }

    /// Where the world stands, as a call would have said.
    fn progress(&self) -> Progress {
        match self.session.world().phase() {
            Phase::Paused => Progress::Paused,
            Phase::Finished | Phase::Failed => Progress::Finished,
            Phase::New | Phase::Ready => Progress::More,
        }
    }

    fn finish(&mut self, reply: Reply<Moved>, moved: Result<Progress, RunError>) {
        self.answer(reply, moved.map_err(Problem::from));
    }

    fn answer(&mut self, reply: Reply<Moved>, moved: Result<Progress, Problem>) {
        self.note();
        let answer = moved.map(|progress| Moved {
            progress,
            frame: self.session.frame(),
        });
        // Whoever called may have gone meanwhile.
        let _ = reply.send(answer);
    }

    /// Counts what was handled since the last time; going back handles nothing.
    fn count_events(&mut self) {
        let events = self.session.world().events();
        let handled = events.saturating_sub(self.counted_events);
        self.conditions.counters.events.inc_by(handled);
        self.counted_events = events;
    }

    fn set_pace(&mut self, pace: Option<Pace>) {
        let playing = pace.map(|pace| pace.playing);
        let has_ended = self.pace.is_some() && pace.is_none();
        // Whoever watches is to see that it plays, or no longer does, though nothing else has changed.
        self.is_shown &= playing == self.pace.map(|pace| pace.playing);
        self.pace = pace;
        let mut standing = self.standing();
        standing.playing = playing;
        if has_ended {
            // It may have played for long without anybody: from now on it waits for somebody.
            standing.last_use = Instant::now();
        }
    }

    /// Notes how far the world is for those who do not ask its thread.
    fn note(&self) {
        let world = self.session.world();
        let (now, phase) = (world.now(), world.phase());
        let mut standing = self.standing();
        standing.now = now;
        standing.phase = phase;
    }

    /// Shows how the world stands, if somebody watches, it has changed, and the last frame is long enough ago.
    fn show_if_due(&mut self) {
        let began = Instant::now();
        let is_due = !self.is_shown && began >= self.next_frame && !self.is_going_back();
        if !is_due || self.hub.watchers() == 0 {
            if self.pace.is_some() && began >= self.next_frame {
                self.next_frame = began + FRAME_INTERVAL;
            }
            return;
        }
        let frame = self.session.frame();
        let feed = self.session.feed(FEED_ROWS);
        let playing = self.pace.map(|pace| pace.playing);
        self.hub.publish(&frame, playing, feed);
        self.is_shown = true;
        self.next_frame = began + FRAME_INTERVAL.max(began.elapsed() * FRAME_REST);
    }

    fn standing(&self) -> std::sync::MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses a call that comes while another one moves the world.
fn busy(reply: Reply<Moved>) {
    let busy = Problem::conflict("busy", "another call is moving this world");
    // Whoever called may have gone meanwhile.
    let _ = reply.send(Err(busy.help("wait for its answer, or pause the world")));
}
