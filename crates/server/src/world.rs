//! A running world from outside: orders go to its thread, answers come back, and what it shows is in its hub.
//!
//! The thread is the only one that touches the world. Whoever stops waiting for an answer takes the order back as
//! far as it has not been carried out. A world that has ended, for whatever reason, says why to everyone who asks.

mod actor;
mod hub;
mod movement;
#[cfg(test)]
mod seeking;

use std::sync::{
    Arc, Mutex, PoisonError,
    mpsc::{Sender, channel},
};
use std::time::{Duration, Instant};

use pluriverse_host::{
    document::{Description, Frame},
    session::Session,
};
use pluriverse_kernel::{
    time::SimTime,
    world::{Phase, Progress},
};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tracing::Instrument as _;

use crate::{memory::Memory, metrics::WorldCounters, observe, problem::Problem, scenario::Loaded};

use actor::Actor;
pub(crate) use hub::{FEED_ROWS, Hub, Reading};
pub(crate) use movement::{Move, Playing};

/// What a world is asked.
enum Order {
    /// To move, or to stop moving.
    Move(Move, Reply<Moved>),
    /// To play by itself from now on.
    Play(Option<f64>, Reply<Moved>),
    /// To play no more.
    StopPlaying(Reply<Moved>),
    /// To let somebody look at it.
    Ask(Box<dyn FnOnce(&mut Session) + Send>),
    /// To show how it stands to those who watch.
    Show,
    /// To end.
    End(&'static str),
}

/// Where the answer goes.
type Reply<T> = oneshot::Sender<Result<T, Problem>>;

/// How a world stands after an order.
pub(crate) struct Moved {
    pub(crate) progress: Progress,
    pub(crate) frame: Frame,
}

/// A world that its thread runs.
pub(crate) struct WorldHandle {
    pub(crate) id: String,
    pub(crate) description: Description,
    pub(crate) loaded: Loaded,
    pub(crate) hub: Arc<Hub>,
    orders: Sender<Order>,
    standing: Arc<Mutex<Standing>>,
}

/// What is known of a world without asking its thread.
struct Standing {
    now: SimTime,
    phase: Phase,
    playing: Option<Playing>,
    is_moving: bool,
    last_use: Instant,
    /// Why there is no thread any more.
    end: Option<End>,
}

/// Why a world has ended.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl WorldHandle {
    /// Gives a session a thread; the permit is given back when the thread ends.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(crate) fn spawn(
        id: String,
        session: Session,
        loaded: Loaded,
        conditions: Conditions,
        permit: OwnedSemaphorePermit,
    ) -> std::io::Result<Arc<Self>> {
        let (orders, inbox) = channel();
        let hub = Arc::new(Hub::new());
        let standing = Arc::new(Mutex::new(Standing {
            now: session.world().now(),
            phase: session.world().phase(),
            playing: None,
            is_moving: false,
            last_use: Instant::now(),
            end: None,
        }));
        let handle = Arc::new(Self {
            id: id.clone(),
            description: session.describe(),
            loaded,
            hub: Arc::clone(&hub),
            orders,
            standing: Arc::clone(&standing),
        });
        let actor = Actor::new(session, inbox, hub, standing, conditions);
        let thread = std::thread::Builder::new().name(format!("world {id}"));
        thread.spawn(move || {
            actor.run();
            drop(permit);
        })?;
        Ok(handle)
    }

    /// Moves the world.
    ///
    /// # Errors
    /// When it cannot be moved so, or has ended.
    pub(crate) async fn moved(&self, movement: Move) -> Result<Moved, Problem> {
        self.move_by(movement.name(), |reply| Order::Move(movement, reply))
            .await
    }

    /// Lets the world play at `speed` simulated seconds a second, or as fast as possible.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) async fn play(&self, speed: Option<f64>) -> Result<Moved, Problem> {
        self.move_by("play", |reply| Order::Play(speed, reply))
            .await
    }

    /// Lets the world play no more.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) async fn stop_playing(&self) -> Result<Moved, Problem> {
        self.move_by("stop_playing", Order::StopPlaying).await
    }

    /// What `look` sees in the world, between two events.
    ///
    /// # Errors
    /// When it has ended.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Session) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.order(|reply: Reply<T>| {
            Order::Ask(Box::new(move |session| {
                if !reply.is_closed() {
                    let seen = look(session);
                    // Whoever asked may have gone meanwhile.
                    let _ = reply.send(Ok(seen));
                }
            }))
        })
        .await
    }

    /// Has the world show how it stands to those who watch, if they have not seen it yet.
    pub(crate) fn show(&self) {
        // A world that has ended has nothing more to show.
        let _ = self.orders.send(Order::Show);
    }

    /// Ends the world, between two events.
    pub(crate) fn end(&self, reason: &'static str) {
        // A world that has ended need not end again.
        let _ = self.orders.send(Order::End(reason));
    }

    async fn move_by(
        &self,
        call: &'static str,
        order: impl FnOnce(Reply<Moved>) -> Order,
    ) -> Result<Moved, Problem> {
        let span = observe::world_call(&self.id, call);
        let moved = self.order(order).instrument(span.clone()).await;
        if let Ok(moved) = &moved {
            span.record("events", moved.frame.events);
        }
        moved
    }

    async fn order<T>(&self, order: impl FnOnce(Reply<T>) -> Order) -> Result<T, Problem> {
        self.standing().last_use = Instant::now();
        let (reply, answer) = oneshot::channel();
        if self.orders.send(order(reply)).is_err() {
            return Err(self.ended());
        }
        answer.await.unwrap_or_else(|_| Err(self.ended()))
    }

    /// What is told of a world that has no thread any more.
    fn ended(&self) -> Problem {
        let end = self.standing().end.clone();
        let end = end.unwrap_or_else(|| End {
            code: "world_ended",
            message: "it is ending".to_owned(),
        });
        Problem::new(
            axum::http::StatusCode::GONE,
            end.code,
            format!("the world `{}` has ended: {}", self.id, end.message),
        )
        .help("make another world of the same scenario")
    }

    /// Whether and how fast it plays.
    pub(crate) fn playing(&self) -> Option<Playing> {
        self.standing().playing
    }

    /// How far it was, and in which phase, a moment ago; the world is not asked.
    pub(crate) fn outlook(&self) -> (SimTime, Phase) {
        let standing = self.standing();
        (standing.now, standing.phase)
    }

    /// Why it has ended, if it has.
    pub(crate) fn end_reason(&self) -> Option<End> {
        self.standing().end.clone()
    }

    /// For how long nobody has moved, asked or watched it.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let standing = self.standing();
        let is_busy = standing.is_moving || standing.playing.is_some() || self.hub.watchers() > 0;
        (!is_busy || standing.end.is_some()).then_some(standing.last_use)
    }

    /// Somebody has just looked.
    pub(crate) fn touch(&self) {
        self.standing().last_use = Instant::now();
    }

    fn standing(&self) -> std::sync::MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What all worlds of a server have in common.
#[derive(Clone)]
pub(crate) struct Conditions {
    /// Wall time of one call.
    pub(crate) call_time: Duration,
    /// What they may grow in.
    pub(crate) memory: Arc<Memory>,
    /// Where they are counted.
    pub(crate) counters: WorldCounters,
}
