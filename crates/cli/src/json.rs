//! Results as one JSON object: for programs, and exact.
//!
//! Times are in seconds, numbers are printed so that they read back to the same bits, what is unknown is `null`,
//! and metrics keep the order in which the world tells them.

use pluriverse_host::document::Metrics;
use pluriverse_kernel::clock::Punctuality;
use serde::Serialize;

use crate::{realtime, results::Results};

#[derive(Serialize)]
struct Document<'a> {
    scenario: &'a str,
    kind: &'a str,
    seed: u64,
    replications: u64,
    events: u64,
    sim_seconds: f64,
    wall_seconds: f64,
    speedup: f64,
    ledger_hash: Option<String>,
    complete: bool,
    /// Why every `half_width_95` is `null`, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_interval: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    punctuality: Option<PunctualityEntry>,
    warnings: &'a [String],
    metrics: Metrics<'a>,
}

#[derive(Serialize)]
struct PunctualityEntry {
    events: u64,
    late_events: u64,
    late_after_seconds: f64,
    mean_drift_seconds: Option<f64>,
    worst_drift_seconds: f64,
}

/// The results, as one line per key and a newline at the end.
pub(crate) fn document(results: &Results<'_>) -> String {
    let outcome = results.outcome;
    let document = Document {
        scenario: results.scenario.name(),
        kind: results.scenario.kind(),
        seed: results.plan.seed,
        replications: outcome.replications,
        events: outcome.events,
        sim_seconds: outcome.sim_seconds,
        wall_seconds: results.wall_seconds(),
        speedup: results.speedup(),
        ledger_hash: outcome.ledger_hash.map(|hash| hash.to_string()),
        complete: outcome.is_complete,
        no_interval: results.no_interval(),
        punctuality: results.punctuality.as_ref().map(punctuality),
        warnings: &results.warnings,
        metrics: Metrics::of(outcome),
    };
    print(&document)
}

/// A document of numbers and texts, printed.
pub(crate) fn print(document: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(document)
        .expect("numbers and texts under text keys always encode");
    text + "\n"
}

fn punctuality(seen: &Punctuality) -> PunctualityEntry {
    PunctualityEntry {
        events: seen.events,
        late_events: seen.late_events,
        late_after_seconds: realtime::TOLERANCE.as_secs_f64(),
        mean_drift_seconds: realtime::mean_drift_seconds(seen),
        worst_drift_seconds: seen.worst.as_secs_f64(),
    }
}
