//! That a way back is gone in slices: whoever wants the world meanwhile is heard, and its ledger is as ever.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use pluriverse_kernel::{
    prelude::*,
    replicate::RunPlan,
    scenario::Prototype,
    snapshot::{SnapshotError, SnapshotReader},
};
use tokio::sync::Notify;

use super::{Move, Moved, Reading, WorldHandle};
use crate::{
    memory::Memory, metrics::WorldCounters, scenario::Loaded, settings::Limits, worlds::Worlds,
};

/// Ticks every tenth of a second for an hour, so that there is one checkpoint, at the start.
#[derive(Clone, Default)]
struct Clockwork {
    gate: Arc<Gate>,
}

/// Where the next tick waits, once the gate was closed.
#[derive(Default)]
struct Gate {
    is_closed: AtomicBool,
    /// Somebody has come to it.
    come: Notify,
    /// They may go on.
    open: Notify,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Tick;

impl Model for Clockwork {
    type Event = Tick;
    const KIND: &'static str = "clockwork";

    fn start(&mut self, cx: &mut Context<Tick>) {
        cx.schedule_at(SimTime::ZERO, Tick);
    }

    fn handle(&mut self, now: SimTime, _event: Tick, cx: &mut Context<Tick>) {
        // Ordering: the flag publishes no data.
        if self.gate.is_closed.swap(false, Ordering::Relaxed) {
            self.gate.come.notify_one();
            let waiting = tokio::runtime::Builder::new_current_thread().build();
            waiting.unwrap().block_on(self.gate.open.notified());
        }
        let next = now.saturating_add(SimDuration::from_nanos(100_000_000));
        if next < SimTime::from_secs(3600) {
            cx.schedule_at(next, Tick);
        }
    }

    /// All of its state is what is to come.
    fn load(&mut self, _snapshot: &SnapshotReader<'_>) -> Result<(), SnapshotError> {
        Ok(())
    }
}

const KEY: RunKey = RunKey {
    seed: 7,
    replication: 0,
};
/// Fewer events than a slice has at the beginning: so it never grows.
const PIECE: u64 = 1000;
/// Where the world is when it goes back, and where to.
const THERE: SimTime = SimTime::from_secs(3500);
const BACK: SimTime = SimTime::from_secs(3400);

struct Site {
    worlds: Worlds,
    world: Arc<WorldHandle>,
    gate: Arc<Gate>,
    hash: String,
}

/// A world that has come far, in small pieces.
async fn far(call: Duration) -> Site {
    let limits = Limits {
        call,
        ..Limits::default()
    };
    let memory = Arc::new(Memory::new(u64::MAX));
    let worlds = Worlds::new(limits, memory, WorldCounters::default());
    let model = Clockwork::default();
    let gate = Arc::clone(&model.gate);
    let scenario = Arc::new(Prototype::new("clockwork", model));
    let outcome = RunPlan::new(KEY.seed, 1).run(&*scenario).unwrap();
    let loaded = Loaded {
        scenario,
        origin: Arc::default(),
        files: Arc::default(),
        warnings: Vec::new(),
    };
    let world = worlds.create(loaded, KEY).unwrap();
    while now(&moved(&world, run(THERE, PIECE)).await) < THERE {}
    Site {
        worlds,
        world,
        gate,
        hash: outcome.ledger_hash.unwrap().to_string(),
    }
}

fn run(until: SimTime, max_events: u64) -> Move {
    Move::Run { until, max_events }
}

async fn moved(world: &WorldHandle, movement: Move) -> Moved {
    world.moved(movement).await.ok().unwrap()
}

fn now(moved: &Moved) -> SimTime {
    let span = SimDuration::from_secs_f64(moved.frame.now_seconds);
    SimTime::ZERO.saturating_add(span.unwrap())
}

impl Site {
    /// Runs the world to its end, whose ledger must be that of a straight run.
    async fn assert_whole(&self) {
        while moved(&self.world, run(SimTime::MAX, u64::MAX))
            .await
            .progress
            == Progress::More
        {}
        let hash = self.world.ask(|session| session.world().ledger().hash());
        let hash = hash.await.ok().unwrap().unwrap();
        assert_eq!(hash.to_string(), self.hash);
    }

    /// Has the world go back, and does `meanwhile` when it is on its way; returns where the seek ended.
    async fn interrupt(&self, meanwhile: impl Future<Output = ()>) -> Result<Moved, &'static str> {
        // Ordering: the flag publishes no data.
        self.gate.is_closed.store(true, Ordering::Relaxed);
        let sought = self.world.moved(Move::Seek(BACK));
        let mut sought = std::pin::pin!(sought);
        tokio::select! {
            () = self.gate.come.notified() => {}
            _ = sought.as_mut() => panic!("it went back without going any way"),
        }
        let interrupting = async {
            // Its first step sends an order, which is there before the world goes on.
            let mut meanwhile = std::pin::pin!(meanwhile);
            let begun = std::future::poll_fn(|cx| {
                std::task::Poll::Ready(meanwhile.as_mut().poll(cx).is_ready())
            });
            let is_done = begun.await;
            self.gate.open.notify_one();
            if !is_done {
                meanwhile.await;
            }
        };
        let (sought, ()) = tokio::join!(sought, interrupting);
        sought.map_err(|problem| problem.into_error().code)
    }
}

#[tokio::test]
async fn a_way_back_takes_no_longer_than_a_call_may() {
    let site = far(Duration::ZERO).await;
    let mut sought = moved(&site.world, Move::Seek(BACK)).await;
    assert_eq!(sought.progress, Progress::More);
    assert!(now(&sought) < BACK, "it went all the way in one call");
    let mut calls = 1;
    while now(&sought) < BACK {
        sought = moved(&site.world, Move::Seek(BACK)).await;
        calls += 1;
    }
    assert!(calls > 2, "{calls}");
    assert_eq!(now(&sought), BACK);
    site.assert_whole().await;
}

#[tokio::test]
async fn a_way_back_is_ended_by_a_pause() {
    let site = far(Duration::from_secs(600)).await;
    let pause = async { drop(moved(&site.world, Move::Pause).await) };
    let sought = site.interrupt(pause).await.unwrap();
    assert_eq!(sought.progress, Progress::Paused);
    assert!(now(&sought) < BACK);
    // Held, it goes on only to where somebody wants it, and stays held.
    let sought = moved(&site.world, Move::Seek(BACK)).await;
    assert_eq!((now(&sought), sought.progress), (BACK, Progress::Paused));
    moved(&site.world, Move::Resume).await;
    site.assert_whole().await;
}

#[tokio::test]
async fn a_way_back_gives_way_to_another_and_to_no_run() {
    let site = far(Duration::from_secs(600)).await;
    let elsewhere = SimTime::from_secs(3450);
    let refused = async {
        let refused = site.world.moved(run(SimTime::MAX, 1)).await;
        assert_eq!(refused.err().unwrap().into_error().code, "busy");
    };
    assert_eq!(now(&site.interrupt(refused).await.unwrap()), BACK);
    moved(&site.world, Move::Seek(THERE)).await;
    let other = async {
        assert_eq!(
            now(&moved(&site.world, Move::Seek(elsewhere)).await),
            elsewhere
        );
    };
    assert!(now(&site.interrupt(other).await.unwrap()) < BACK);
    site.assert_whole().await;
}

#[tokio::test]
async fn a_way_back_is_ended_by_the_end_of_its_world() {
    let site = far(Duration::from_secs(600)).await;
    let deleted = async { site.worlds.delete(&site.world.id).unwrap() };
    assert_eq!(site.interrupt(deleted).await.err(), Some("world_ended"));
    assert!(site.world.outlook().0 < BACK);
}

#[tokio::test]
async fn nobody_is_shown_the_way_back() {
    let site = far(Duration::from_secs(600)).await;
    let _watching = site.world.hub.watch();
    let show = async { site.world.show() };
    assert_eq!(now(&site.interrupt(show).await.unwrap()), BACK);
    site.world.ask(|_| ()).await.ok().unwrap();
    let mut wanted = 1;
    while let Reading::Message(..) = site.world.hub.read(wanted) {
        wanted += 1;
    }
    for number in 1..wanted {
        let Reading::Message(_, message) = site.world.hub.read(number) else {
            continue;
        };
        let shown: serde_json::Value = serde_json::from_str(&message.text(0)).unwrap();
        let seconds = shown["frame"]["now_seconds"].as_f64().unwrap();
        assert!(seconds >= BACK.as_secs_f64(), "{seconds}");
    }
}
