//! Schemas of the archive's documents, for OpenAPI: the archive itself knows no schemas.
//!
//! Never made, only described.

#![allow(dead_code, reason = "read by the derive macro alone")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

use super::runs::ProgressOfRun;

/// A run, as a list shows it.
#[derive(ToSchema)]
pub(super) struct RunSummary {
    /// Its name in paths.
    id: String,
    /// When it was written down first, as RFC 3339 writes it.
    created_at: String,
    /// `server`, `browser` or `cli`.
    source: String,
    /// `queued`, `running`, `complete`, `failed` or `cancelled`.
    status: String,
    /// Why it failed.
    failure: Option<String>,
    /// Kind of world.
    kind: String,
    /// The scenario's name.
    scenario: String,
    /// The seed.
    seed: u64,
    /// How many replications.
    replications: u64,
    /// Version of the engine.
    engine: String,
    /// Revision that the engine was built from.
    revision: String,
    /// The ledger's hash, or one over all replications' ledgers.
    ledger_hash: Option<String>,
    /// Rows of the ledger that is here.
    ledger_rows: Option<u64>,
}

/// A part of a list.
#[derive(ToSchema)]
pub(super) struct RunPage {
    /// The runs.
    runs: Vec<RunSummary>,
    /// How many there are in all.
    total: u64,
}

/// A run with everything but its ledger.
#[derive(ToSchema)]
pub(super) struct Run {
    #[schema(inline)]
    #[serde(flatten)]
    summary: RunSummary,
    /// The scenario's text.
    scenario_text: String,
    /// Values set over those of the text: key and value.
    overrides: Vec<Vec<String>>,
    /// What it came to, as `Results`.
    results: Option<serde_json::Value>,
    /// How far it is, while it goes on.
    progress: Option<ProgressOfRun>,
}

/// Runs side by side.
#[derive(ToSchema)]
pub(super) struct Comparison {
    /// The runs, as they were asked for.
    runs: Vec<RunSummary>,
    /// Their figures.
    metrics: Vec<BTreeMap<String, serde_json::Value>>,
}

/// What a ledger became.
#[derive(ToSchema)]
pub(super) struct Ingested {
    /// The run that it belongs to.
    run: String,
    /// Number of its rows.
    rows: u64,
    /// Its hash.
    hash: String,
    /// `stored`, or `already_there`.
    outcome: String,
}

/// How far an upload is.
#[derive(ToSchema)]
pub(super) struct UploadStatus {
    /// The run that the ledger belongs to.
    run: String,
    /// Number of its rows.
    rows: u64,
    /// Its hash.
    hash: String,
    /// How many chunks make it whole.
    chunk_count: u64,
    /// Numbers of the chunks that are there.
    chunks: Vec<u64>,
    /// Whether it is stored as a ledger.
    committed: bool,
}
