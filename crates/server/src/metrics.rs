//! What the server counts and measures of itself, as Prometheus reads it.
//!
//! Counters grow where something happens; what is so now is looked up when somebody asks. Names follow Prometheus's
//! practice: base units, `_total` for what only grows. Labels have few values: routes are patterns, never paths.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::{Method, StatusCode};
use pluriverse_archive::{IngestOutcome, Ingested, Status};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
    },
    registry::{Registry, Unit},
};

/// What [`Metrics::text`] is written in.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper bounds of the durations of requests that are told apart, in seconds.
const SECONDS: [f64; 10] = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 120.0];

/// The server's counters.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Family<OperationLabels, Histogram, fn() -> Histogram>,
    refusals: Family<RefusalLabels, Counter>,
    runs: Family<RunLabels, Counter>,
    ingests: Family<IngestLabels, Counter>,
    ingested_rows: Counter,
    ingested_bytes: Counter,
    now: NowGauges,
    /// Of all worlds.
    pub(crate) worlds: WorldCounters,
    /// Of all who watch.
    pub(crate) watchers: WatchCounters,
    /// Lines that the audit file has not taken.
    pub(crate) audit_lost: Counter,
}

/// What worlds count; clones count together.
#[derive(Clone, Default)]
pub(crate) struct WorldCounters {
    /// Worlds that were made.
    pub(crate) created: Counter,
    /// Worlds that a defect has ended.
    pub(crate) panicked: Counter,
    /// Events that they have handled.
    pub(crate) events: Counter,
}

/// What connections count that watch worlds.
#[derive(Default)]
pub(crate) struct WatchCounters {
    /// Frames sent.
    pub(crate) frames: Counter,
    /// Markers sent of messages that are missed.
    pub(crate) gaps: Counter,
    /// Messages missed.
    pub(crate) missed: Counter,
}

/// What is so at an instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    /// Worlds that there are.
    pub(crate) worlds: usize,
    /// Connections that watch them.
    pub(crate) watchers: usize,
    /// Runs that wait or go on.
    pub(crate) runs: usize,
    /// Whether the database answers.
    pub(crate) is_database_up: bool,
    /// Bytes of memory in use; 0 where the system does not tell.
    pub(crate) resident_bytes: u64,
}

#[derive(Default)]
struct NowGauges {
    worlds: Gauge,
    watchers: Gauge,
    runs: Gauge,
    database_up: Gauge,
    resident_memory: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OperationLabels {
    route: String,
    method: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RefusalLabels {
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RunLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct IngestLabels {
    outcome: &'static str,
}

impl Metrics {
    /// Counters at zero, of a server that starts now.
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            refusals: Family::default(),
            runs: Family::default(),
            ingests: Family::default(),
            ingested_rows: Counter::default(),
            ingested_bytes: Counter::default(),
            now: NowGauges::default(),
            worlds: WorldCounters::default(),
            watchers: WatchCounters::default(),
            audit_lost: Counter::default(),
        };
        metrics.register_requests();
        metrics.register_work();
        metrics.register_now();
        metrics
    }

    fn register_requests(&mut self) {
        let own = self.registry.sub_registry_with_prefix("pluriverse");
        own.register("http_requests", "Requests answered", self.requests.clone());
        own.register_with_unit(
            "http_request_duration",
            "Time until the answer began",
            Unit::Seconds,
            self.request_seconds.clone(),
        );
        own.register(
            "http_requests_refused",
            "Requests refused before anything was done: too many, foreign, without a right token",
            self.refusals.clone(),
        );
        own.register(
            "audit_lines_lost",
            "Lines that the audit file has not taken",
            self.audit_lost.clone(),
        );
    }

    fn register_work(&mut self) {
        let own = self.registry.sub_registry_with_prefix("pluriverse");
        let (worlds, watchers) = (&self.worlds, &self.watchers);
        own.register("worlds_created", "Worlds made", worlds.created.clone());
        own.register(
            "worlds_panicked",
            "Worlds that a defect has ended",
            worlds.panicked.clone(),
        );
        own.register(
            "world_events",
            "Events that worlds have handled",
            worlds.events.clone(),
        );
        own.register(
            "frames_sent",
            "Frames sent to those who watch",
            watchers.frames.clone(),
        );
        own.register(
            "gaps_sent",
            "Times that those who watch were told that they miss messages",
            watchers.gaps.clone(),
        );
        own.register(
            "messages_missed",
            "Messages that those who watch have missed",
            watchers.missed.clone(),
        );
        own.register("runs", "Runs that have ended", self.runs.clone());
        own.register("ingests", "Ledgers that were sent", self.ingests.clone());
        own.register(
            "ingested_rows",
            "Rows of the ledgers that were stored",
            self.ingested_rows.clone(),
        );
        own.register_with_unit(
            "ingested",
            "Bytes received of ledgers",
            Unit::Bytes,
            self.ingested_bytes.clone(),
        );
    }

    fn register_now(&mut self) {
        let now = &self.now;
        let own = self.registry.sub_registry_with_prefix("pluriverse");
        own.register("worlds", "Worlds that there are", now.worlds.clone());
        own.register(
            "watchers",
            "Connections that watch worlds",
            now.watchers.clone(),
        );
        own.register("runs_active", "Runs that wait or go on", now.runs.clone());
        own.register(
            "database_up",
            "Whether the database answers: 1 or 0",
            now.database_up.clone(),
        );
        let started = SystemTime::now().duration_since(UNIX_EPOCH);
        let started = started.map_or(0.0, |since| since.as_secs_f64());
        self.registry.register_with_unit(
            "process_start_time",
            "When the server started, since 1970",
            Unit::Seconds,
            ConstGauge::new(started),
        );
        self.registry.register_with_unit(
            "process_resident_memory",
            "Memory of the process, 0 where the system does not tell",
            Unit::Bytes,
            now.resident_memory.clone(),
        );
    }

    /// Counts a request of this route's pattern.
    pub(crate) fn request(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        let method = method_name(method);
        let route = route.to_owned();
        self.request_seconds
            .get_or_create(&OperationLabels {
                route: route.clone(),
                method,
            })
            .observe(took.as_secs_f64());
        let labels = RequestLabels {
            route,
            method,
            status: status.as_u16(),
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// Counts a request that was refused at the door for `reason`, a code.
    pub(crate) fn refusal(&self, reason: &'static str) {
        self.refusals.get_or_create(&RefusalLabels { reason }).inc();
    }

    /// Counts a run that has ended.
    pub(crate) fn run(&self, outcome: Status) {
        let outcome = outcome.name();
        self.runs.get_or_create(&RunLabels { outcome }).inc();
    }

    /// Counts bytes of a ledger that is sent.
    pub(crate) fn received(&self, bytes: usize) {
        self.ingested_bytes.inc_by(bytes as u64);
    }

    /// Counts a ledger that was sent, and hands on what became of it.
    pub(crate) fn ingest<E>(&self, ingested: Result<Ingested, E>) -> Result<Ingested, E> {
        let outcome = match &ingested {
            Ok(stored) if stored.outcome == IngestOutcome::Stored => {
                self.ingested_rows.inc_by(stored.rows);
                "stored"
            }
            Ok(_) => "already_there",
            Err(_) => "refused",
        };
        self.ingests.get_or_create(&IngestLabels { outcome }).inc();
        ingested
    }

    /// Everything, with what is so `now`.
    pub(crate) fn text(&self, now: Now) -> String {
        let gauges = &self.now;
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        gauges.worlds.set(count(now.worlds));
        gauges.watchers.set(count(now.watchers));
        gauges.runs.set(count(now.runs));
        gauges.database_up.set(now.is_database_up.into());
        let resident = i64::try_from(now.resident_bytes).unwrap_or(i64::MAX);
        gauges.resident_memory.set(resident);
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a String takes every write");
        text
    }
}

/// A method's name; one of those that clients may make up is `other`.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
