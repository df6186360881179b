//! Runs: started, listed, looked at, compared, stopped, deleted; and their ledgers.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use pluriverse_archive::{Comparison, Filter, Page, Run, RunId, RunPage};
use pluriverse_kernel::replicate::RunPlan;
use pluriverse_store::{LedgerWriter, Plan};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ledger::{FormatName, LedgerQuery, send};
use crate::{
    app::App,
    extract::{Body, Parameters, Segments, Whole},
    problem::Problem,
    runs::{self, Order},
    scenario::{self, Overrides, ScenarioText, SetTexts},
};

/// Replications that a run may have.
const REPLICATIONS_MAX: u64 = 1_000_000;

/// A run to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunRequest {
    /// What is run.
    scenario: ScenarioText,
    /// Values set over those of the scenario, by dotted key.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, super::sent_schema::SetValue>)]
    overrides: Overrides,
    /// Further such values, each as TOML writes it, as `GET /worlds/{id}/scenario` tells them.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    set: SetTexts,
    /// Seed, in the place of the scenario's.
    #[schema(value_type = Option<u64>, maximum = 18_446_744_073_709_551_615_u64)]
    seed: Option<Whole>,
    /// How often, in the place of the scenario's number; with one replication the ledger is kept.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 1_000_000)]
    replications: Option<Whole>,
}

/// A run that has been taken.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunTaken {
    /// Its name in paths.
    id: String,
}

/// Which runs are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsQuery {
    /// How many at most, up to 1,000.
    #[param(maximum = 4_294_967_295_u32)]
    limit: Option<u32>,
    /// How many before them are left out.
    #[param(maximum = 18_446_744_073_709_551_615_u64)]
    offset: Option<u64>,
    /// Of this kind of world.
    kind: Option<String>,
    /// Of the scenario of this name.
    scenario: Option<String>,
    /// `queued`, `running`, `complete`, `failed` or `cancelled`.
    #[param(value_type = Option<super::sent_schema::StatusName>, inline)]
    status: Option<String>,
    /// `server`, `browser` or `cli`.
    #[param(value_type = Option<super::sent_schema::SourceName>, inline)]
    source: Option<String>,
}

/// Which runs are compared.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CompareQuery {
    /// Their ids, with commas between them.
    #[param(pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}(,[A-Za-z0-9_-][A-Za-z0-9._-]{0,99})*$")]
    ids: String,
}

/// A run with everything but its ledger.
#[derive(Serialize)]
pub(crate) struct RunDocument {
    #[serde(flatten)]
    run: Run,
    /// How far it is, while it goes on.
    progress: Option<ProgressOfRun>,
}

/// How far a run is.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProgressOfRun {
    /// Events handled so far.
    events: u64,
    /// Replications that are complete.
    replications: u64,
}

/// The id in a path or a query.
pub(super) fn run_id(text: &str) -> Result<RunId, Problem> {
    text.parse().map_err(|error| Problem::from_archive(&error))
}

/// Takes a run, which begins when its turn comes.
#[utoipa::path(
    post,
    path = "/runs",
    tag = "runs",
    request_body = RunRequest,
    responses((status = ACCEPTED, body = RunTaken)),
)]
pub(super) async fn create(
    State(app): State<App>,
    Body(request): Body<RunRequest>,
) -> Result<(StatusCode, Json<RunTaken>), Problem> {
    let loaded = scenario::load(request.scenario, request.overrides, request.set).await?;
    let defaults = loaded.scenario.defaults();
    let replications = request
        .replications
        .map_or(defaults.replications, Whole::get);
    if !(1..=REPLICATIONS_MAX).contains(&replications) {
        let message = format!("`replications` is {replications}");
        return Err(Problem::bad_request("bad_replications", message)
            .help(format!("name a number from 1 to {REPLICATIONS_MAX}")));
    }
    let plan = RunPlan {
        seed: request.seed.map_or(defaults.seed, Whole::get),
        replications,
        threads: app.settings.limits.run_threads.max(1),
    };
    let id = runs::begin(&app, Order { loaded, plan }).await?;
    Ok((StatusCode::ACCEPTED, Json(RunTaken { id: id.to_string() })))
}

/// Runs, the youngest first.
#[utoipa::path(
    get,
    path = "/runs",
    tag = "runs",
    params(RunsQuery),
    responses((status = OK, description = "A page of runs", body = super::archive_schema::RunPage)),
)]
pub(super) async fn list(
    State(app): State<App>,
    Parameters(query): Parameters<RunsQuery>,
) -> Result<Json<RunPage>, Problem> {
    let archived = |error| Problem::from_archive(&error);
    let filter = Filter {
        kind: query.kind,
        scenario: query.scenario,
        status: query
            .status
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(archived)?,
        source: query
            .source
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(archived)?,
    };
    let page = Page {
        limit: query.limit.unwrap_or(Page::default().limit),
        offset: query.offset.unwrap_or(0),
    };
    app.archive(move |archive| archive.runs(&filter, page))
        .await
        .map(Json)
}

/// A run.
#[utoipa::path(
    get,
    path = "/runs/{id}",
    tag = "runs",
    params(("id" = super::sent_schema::RunName, Path, description = "The run")),
    responses((status = OK, body = super::archive_schema::Run)),
)]
pub(super) async fn read(
    State(app): State<App>,
    Segments(id): Segments<String>,
) -> Result<Json<RunDocument>, Problem> {
    let id = run_id(&id)?;
    let progress = app.runs.advance(&id).map(|advance| ProgressOfRun {
        events: advance.events,
        replications: advance.completed,
    });
    let run = app.archive(move |archive| archive.run(&id)).await?;
    Ok(Json(RunDocument { run, progress }))
}

/// Stops a run that waits or goes on.
#[utoipa::path(
    post,
    path = "/runs/{id}/cancel",
    tag = "runs",
    params(("id" = super::sent_schema::RunName, Path, description = "The run")),
    responses((status = NO_CONTENT, description = "It stops")),
)]
pub(super) async fn cancel(
    State(app): State<App>,
    Segments(id): Segments<String>,
) -> Result<StatusCode, Problem> {
    let id = run_id(&id)?;
    if app.runs.cancel(&id) {
        return Ok(StatusCode::NO_CONTENT);
    }
    let run = app.archive(move |archive| archive.run(&id)).await?;
    let message = format!("the run is {} already", run.summary.status.name());
    Err(Problem::conflict("run_has_ended", message))
}

/// Forgets a run and its ledger; one that goes on is stopped.
#[utoipa::path(
    delete,
    path = "/runs/{id}",
    tag = "runs",
    params(("id" = super::sent_schema::RunName, Path, description = "The run")),
    responses((status = NO_CONTENT, description = "It is forgotten")),
)]
pub(super) async fn delete(
    State(app): State<App>,
    Segments(id): Segments<String>,
) -> Result<StatusCode, Problem> {
    let id = run_id(&id)?;
    if app.runs.cancel(&id) {
        return Err(
            Problem::conflict("run_goes_on", "the run goes on and has been told to stop")
                .help("delete it again in a moment"),
        );
    }
    app.archive(move |archive| archive.delete_run(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Runs side by side.
#[utoipa::path(
    get,
    path = "/runs/compare",
    tag = "runs",
    params(CompareQuery),
    responses((status = OK, body = super::archive_schema::Comparison)),
)]
pub(super) async fn compare(
    State(app): State<App>,
    Parameters(query): Parameters<CompareQuery>,
) -> Result<Json<Comparison>, Problem> {
    let ids: Vec<RunId> = query.ids.split(',').map(run_id).collect::<Result<_, _>>()?;
    app.archive(move |archive| archive.compare(&ids))
        .await
        .map(Json)
}

/// The ledger of a run.
#[utoipa::path(
    get,
    path = "/runs/{id}/ledger",
    tag = "runs",
    params(("id" = super::sent_schema::RunName, Path, description = "The run"), LedgerQuery),
    responses((
        status = OK,
        description = "The file",
        content(
            (super::sent_schema::Octets = "application/vnd.apache.parquet"),
            (super::sent_schema::Octets = "application/vnd.apache.arrow.file"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
        ),
    )),
)]
pub(super) async fn ledger(
    State(app): State<App>,
    Segments(name): Segments<String>,
    Parameters(query): Parameters<LedgerQuery>,
) -> Result<Response, Problem> {
    let id = run_id(&name)?;
    let format: FormatName = query.format;
    let file = app.ledger_file(format.format())?;
    let target = file.path.clone();
    app.archive(move |archive| {
        let ledger = archive.ledger(&id)?;
        let plan = Plan::new(format.format(), ledger.provenance().clone());
        let mut writer = LedgerWriter::to_path(&target, plan)?;
        ledger.copy_to(&mut writer)
    })
    .await?;
    send(file, format, &name)
}
