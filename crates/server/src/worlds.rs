//! All worlds of a server: made, found, counted, and let go when nobody has wanted them for long enough.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use axum::http::StatusCode;
use pluriverse_host::session::Session;
use pluriverse_kernel::{ledger::Ledger, scenario::RunKey};
use tokio::sync::Semaphore;

use crate::{
    memory::Memory,
    metrics::WorldCounters,
    problem::Problem,
    scenario::Loaded,
    settings::Limits,
    world::{Conditions, WorldHandle},
};

/// Why worlds end when their server does.
const STOPPING: &str = "the server is stopping";

/// The worlds.
pub(crate) struct Worlds {
    limits: Limits,
    conditions: Conditions,
    /// One permit for each thread that may be.
    permits: Arc<Semaphore>,
    all: Mutex<All>,
}

/// The worlds that there are.
#[derive(Default)]
struct All {
    by_id: BTreeMap<String, Arc<WorldHandle>>,
    /// Whether no more are taken, for good.
    is_closed: bool,
}

impl Worlds {
    pub(crate) fn new(limits: Limits, memory: Arc<Memory>, counters: WorldCounters) -> Self {
        Self {
            limits,
            conditions: Conditions {
                call_time: limits.call,
                memory,
                counters,
            },
            permits: Arc::new(Semaphore::new(limits.worlds)),
            all: Mutex::default(),
        }
    }

    /// Makes a world of a scenario.
    ///
    /// # Errors
    /// When there are too many, or the server is stopping.
    pub(crate) fn create(&self, loaded: Loaded, key: RunKey) -> Result<Arc<WorldHandle>, Problem> {
        let session = Session::new(Arc::clone(&loaded.scenario), key, Ledger::hashed());
        self.admit(session, loaded)
    }

    /// Makes a second world that goes on from where `parent` is.
    ///
    /// # Errors
    /// When there are too many, or the parent has not started or has ended.
    pub(crate) async fn branch(&self, parent: &WorldHandle) -> Result<Arc<WorldHandle>, Problem> {
        let session = parent.ask(|session| session.branch(Ledger::hashed()));
        self.admit(session.await??, parent.loaded.clone())
    }

    fn admit(&self, session: Session, loaded: Loaded) -> Result<Arc<WorldHandle>, Problem> {
        if self.lock().is_closed {
            return Err(Problem::stopping());
        }
        self.conditions.memory.check()?;
        let permit = Arc::clone(&self.permits).try_acquire_owned().map_err(|_| {
            let message = format!("there are {} worlds, as many as this server takes", self.limits.worlds);
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_worlds", message)
                .help("delete one that is not needed any more, or raise the limit: `--worlds` of `serve`, `Limits(worlds=…)` in a FastAPI app")
        })?;
        let id = new_id()?;
        let conditions = self.conditions.clone();
        let handle = WorldHandle::spawn(id.clone(), session, loaded, conditions, permit)
            .map_err(|error| Problem::internal("the world has got no thread", &error))?;
        let mut all = self.lock();
        if all.is_closed {
            handle.end(STOPPING);
            return Err(Problem::stopping());
        }
        all.by_id.insert(id, Arc::clone(&handle));
        self.conditions.counters.created.inc();
        Ok(handle)
    }

    /// The world of this id.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn find(&self, id: &str) -> Result<Arc<WorldHandle>, Problem> {
        self.lock()
            .by_id
            .get(id)
            .cloned()
            .ok_or_else(|| unknown(id))
    }

    /// All worlds, in the order of their ids.
    pub(crate) fn list(&self) -> Vec<Arc<WorldHandle>> {
        self.lock().by_id.values().cloned().collect()
    }

    /// Ends a world.
    ///
    /// # Errors
    /// When there is none of this id.
    pub(crate) fn delete(&self, id: &str) -> Result<(), Problem> {
        let handle = self.lock().by_id.remove(id).ok_or_else(|| unknown(id))?;
        handle.end("it was deleted");
        Ok(())
    }

    /// Ends the worlds that nobody has wanted for too long at `now`.
    pub(crate) fn sweep(&self, now: Instant) {
        let mut all = self.lock();
        let is_stale = |handle: &WorldHandle| {
            let idle = handle
                .idle_since()
                .map(|since| now.saturating_duration_since(since));
            idle.is_some_and(|idle| idle >= self.limits.world_idle)
        };
        all.by_id.retain(|_, handle| {
            let stays = !is_stale(handle);
            if !stays {
                tracing::info!(world = handle.id, "a world that nobody wanted is let go");
                handle.end("nobody has used it for a while");
            }
            stays
        });
    }

    /// Ends all worlds, and takes no more.
    pub(crate) fn end_all(&self) {
        let mut all = self.lock();
        all.is_closed = true;
        for handle in std::mem::take(&mut all.by_id).into_values() {
            handle.end(STOPPING);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unknown(id: &str) -> Problem {
    Problem::not_found("unknown_world", format!("there is no world `{id}`"))
        .help("worlds that nobody uses are let go after a while: make another")
}

/// A name that nothing else has.
pub(crate) fn new_id() -> Result<String, Problem> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| Problem::internal("the system gives no random numbers", &error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::StreamExt as _;
    use pluriverse_archive::{Archive, Filter, Location, Options, Page, Status};
    use pluriverse_kernel::{prelude::*, replicate::RunPlan, scenario::Prototype};
    use serde_json::Value;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
    };

    use super::*;
    use crate::{
        app::{App, Shared, router},
        audit::AuditFile,
        connections,
        gate::Gate,
        runs::{Order, begin},
        settings::Settings,
        world::{Move, Reading},
    };

    /// A model with a defect: its only event breaks it.
    #[derive(Clone)]
    struct Bomb;

    #[derive(Clone, Copy, Debug, Serialize, Deserialize)]
    struct Tick;

    impl Model for Bomb {
        type Event = Tick;
        const KIND: &'static str = "bomb";

        fn start(&mut self, cx: &mut Context<Tick>) {
            cx.schedule_at(SimTime::from_secs(1), Tick);
        }

        fn handle(&mut self, _now: SimTime, _event: Tick, _cx: &mut Context<Tick>) {
            panic!("the bomb went off");
        }
    }

    const KEY: RunKey = RunKey {
        seed: 7,
        replication: 0,
    };

    fn loaded() -> Loaded {
        Loaded {
            scenario: Arc::new(Prototype::new("bomb", Bomb)),
            origin: Arc::default(),
            files: Arc::default(),
            warnings: Vec::new(),
        }
    }

    fn run() -> Move {
        Move::Run {
            until: SimTime::MAX,
            max_events: u64::MAX,
        }
    }

    fn memory() -> Arc<Memory> {
        Arc::new(Memory::new(u64::MAX))
    }

    #[tokio::test]
    async fn a_defect_ends_its_own_world_and_says_so() {
        let limits = Limits {
            worlds: 2,
            ..Limits::default()
        };
        let worlds = Worlds::new(limits, memory(), WorldCounters::default());
        let one = worlds.create(loaded(), KEY).unwrap();
        let other = worlds.create(loaded(), KEY).unwrap();
        let refused = one.moved(run()).await.err().unwrap().into_error();
        assert_eq!(refused.code, "world_panicked");
        assert!(
            refused.message.contains("the bomb went off"),
            "{}",
            refused.message
        );
        assert!(refused.message.contains("seed 7"), "{}", refused.message);
        assert!(matches!(one.hub.read(1), Reading::Ended(_)));
        let again = one
            .ask(|session| session.frame())
            .await
            .err()
            .unwrap()
            .into_error();
        assert_eq!(again.code, "world_panicked");
        assert_eq!(
            (
                worlds.conditions.counters.created.get(),
                worlds.conditions.counters.panicked.get()
            ),
            (2, 1)
        );

        assert!(other.moved(Move::Start).await.is_ok());
        worlds.delete(&one.id).unwrap();
        // Its thread's place is free again.
        while worlds.permits.available_permits() == 0 {
            tokio::task::yield_now().await;
        }
        assert!(worlds.create(loaded(), KEY).is_ok());
    }

    fn app(folder: &std::path::Path) -> App {
        let location = Location::parse(&folder.join("runs.sqlite").display().to_string());
        Arc::new(Shared::new(
            Settings::new("127.0.0.1:0".parse().unwrap(), folder),
            Gate::new(folder.to_owned()).unwrap(),
            Archive::open(location.unwrap(), Options::default()).unwrap(),
            AuditFile::open(folder, u64::MAX).unwrap(),
        ))
    }

    /// Posts nothing to `path` and returns what comes back.
    async fn post(address: std::net::SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// What a watcher of a world is told, until the server closes the connection.
    async fn told(address: std::net::SocketAddr, world: &WorldHandle) -> Vec<Value> {
        let address = format!("ws://{address}/api/v1/worlds/{}/events", world.id);
        let (socket, _) = tokio_tungstenite::connect_async(address).await.unwrap();
        let messages = socket.filter_map(async |message| {
            let text = message.ok()?.into_text().ok()?;
            serde_json::from_str(&text).ok()
        });
        messages.collect().await
    }

    #[tokio::test]
    async fn over_http_a_defect_ends_its_world_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let app = app(folder.path());
        let one = app.worlds.create(loaded(), KEY).unwrap();
        let other = app.worlds.create(loaded(), KEY).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        let service = connections::Service {
            router: router(Arc::clone(&app)),
            tls: None,
            patience: Duration::from_secs(60),
            stopped,
        };
        tokio::spawn(connections::serve(listener, service));
        let breaking = async {
            while one.hub.watchers() == 0 {
                tokio::task::yield_now().await;
            }
            post(address, &format!("/api/v1/worlds/{}/run", one.id)).await
        };
        let (told, answer) = tokio::join!(told(address, &one), breaking);
        assert!(
            answer.starts_with("HTTP/1.1 410") && answer.contains("world_panicked"),
            "{answer}"
        );
        let end = told.last().unwrap();
        assert_eq!(
            (&end["type"], &end["code"]),
            (&"end".into(), &"world_panicked".into())
        );
        assert!(end["reason"].as_str().unwrap().contains("seed 7"), "{end}");

        let answer = post(address, &format!("/api/v1/worlds/{}/start", other.id)).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

        // A run in the background fails, and says why.
        let order = Order {
            loaded: loaded(),
            plan: RunPlan::new(7, 3),
        };
        let id = begin(&app, order).await.unwrap();
        let failed = loop {
            let named = id.clone();
            let run = app
                .archive(move |archive| archive.run(&named))
                .await
                .unwrap();
            if !matches!(run.summary.status, Status::Queued | Status::Running) {
                break run.summary;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(failed.status, Status::Failed);
        assert!(failed.failure.unwrap().contains("the bomb went off"));
    }

    #[tokio::test]
    async fn once_the_worlds_have_ended_no_more_are_taken_and_neither_are_runs() {
        let folder = tempfile::tempdir().unwrap();
        let app = app(folder.path());
        let parent = app.worlds.create(loaded(), KEY).unwrap();
        parent.moved(Move::Start).await.ok().unwrap();
        app.runs.stop();
        app.worlds.end_all();
        let created = app.worlds.create(loaded(), KEY).err().unwrap();
        assert_eq!(created.into_error().code, "stopping");
        let order = Order {
            loaded: loaded(),
            plan: RunPlan::new(7, 3),
        };
        let begun = begin(&app, order).await.err().unwrap();
        assert_eq!(begun.into_error().code, "stopping");
        assert!(app.worlds.list().is_empty());
        assert_eq!(
            app.archive
                .runs(&Filter::default(), Page::default())
                .unwrap()
                .total,
            0
        );
    }

    #[tokio::test]
    async fn worlds_that_nobody_wants_are_let_go_and_others_stay() {
        let limits = Limits {
            world_idle: Duration::from_secs(60),
            ..Limits::default()
        };
        let worlds = Worlds::new(limits, memory(), WorldCounters::default());
        let idle = worlds.create(loaded(), KEY).unwrap();
        let watched = worlds.create(loaded(), KEY).unwrap();
        let _watching = watched.hub.watch();
        worlds.sweep(Instant::now());
        assert_eq!(worlds.list().len(), 2);
        worlds.sweep(Instant::now() + Duration::from_secs(61));
        assert!(worlds.find(&idle.id).is_err());
        assert!(worlds.find(&watched.id).is_ok());
    }
}
