//! Worlds: made, listed, found, branched, deleted.

use axum::{Json, extract::State, http::StatusCode};
use pluriverse_host::document::{Description, Frame};
use pluriverse_kernel::{scenario::RunKey, time::SimTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::{App, aside},
    extract::{Body, Segments, Whole},
    problem::Problem,
    scenario::{self, Overrides, ScenarioText, SentScenario, SetTexts},
    world::{Playing, WorldHandle},
};

/// A world to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateRequest {
    /// What it is to be like.
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
    /// Number of the replication, from 0.
    #[serde(default)]
    #[schema(value_type = u64, maximum = 18_446_744_073_709_551_615_u64)]
    replication: Whole,
}

/// A world.
#[derive(Serialize, ToSchema)]
pub(crate) struct WorldDocument {
    /// Its name in paths.
    id: String,
    /// What stays the same.
    description: Description,
    /// How it stands.
    frame: Frame,
    /// How it plays by itself, if it does.
    playing: Option<Playing>,
    /// Connections that watch it.
    watchers: usize,
}

/// A world in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct WorldEntry {
    /// Its name in paths.
    id: String,
    /// The kind's name.
    kind: &'static str,
    /// The scenario's name.
    name: String,
    /// One line for people.
    title: String,
    /// Seed of this run.
    seed: u64,
    /// Number of this replication.
    replication: u64,
    /// How far it is.
    now_seconds: f64,
    /// Where the run ends, where that is known.
    until_seconds: Option<f64>,
    /// `new`, `ready`, `paused`, `finished` or `failed`.
    phase: &'static str,
    /// How it plays by itself, if it does.
    playing: Option<Playing>,
    /// Connections that watch it.
    watchers: usize,
    /// Why it has ended, if it has.
    ended: Option<String>,
}

/// How `world` stands.
async fn whole(world: &WorldHandle) -> Result<Json<WorldDocument>, Problem> {
    let frame = world.ask(|session| session.frame()).await?;
    Ok(Json(WorldDocument {
        id: world.id.clone(),
        description: world.description.clone(),
        frame,
        playing: world.playing(),
        watchers: world.hub.watchers(),
    }))
}

/// What a list says of `world`, which is not asked, and so does not count as used.
fn entry(world: &WorldHandle) -> WorldEntry {
    let (now, phase) = world.outlook();
    WorldEntry {
        id: world.id.clone(),
        kind: world.description.kind,
        name: world.description.name.clone(),
        title: world.description.title.clone(),
        seed: world.description.seed,
        replication: world.description.replication,
        now_seconds: SimTime::as_secs_f64(now),
        until_seconds: world.description.until_seconds,
        phase: phase.name(),
        playing: world.playing(),
        watchers: world.hub.watchers(),
        ended: world.end_reason().map(|end| end.message),
    }
}

/// Makes a world.
#[utoipa::path(
    post,
    path = "/worlds",
    tag = "worlds",
    request_body = CreateRequest,
    responses((status = CREATED, body = WorldDocument)),
)]
pub(super) async fn create(
    State(app): State<App>,
    Body(request): Body<CreateRequest>,
) -> Result<(StatusCode, Json<WorldDocument>), Problem> {
    let loaded = scenario::load(request.scenario, request.overrides, request.set).await?;
    let key = RunKey {
        seed: request
            .seed
            .map_or(loaded.scenario.defaults().seed, Whole::get),
        replication: request.replication.get(),
    };
    let world = aside(move || app.worlds.create(loaded, key)).await?;
    Ok((StatusCode::CREATED, whole(&world).await?))
}

/// All worlds.
#[utoipa::path(get, path = "/worlds", tag = "worlds", responses((status = OK, body = [WorldEntry])))]
pub(super) async fn list(State(app): State<App>) -> Json<Vec<WorldEntry>> {
    Json(app.worlds.list().iter().map(|world| entry(world)).collect())
}

/// A world.
#[utoipa::path(
    get,
    path = "/worlds/{id}",
    tag = "worlds",
    params(("id" = String, Path, description = "The world")),
    responses((status = OK, body = WorldDocument)),
)]
pub(super) async fn read(
    State(app): State<App>,
    Segments(id): Segments<String>,
) -> Result<Json<WorldDocument>, Problem> {
    let world = app.worlds.find(&id)?;
    whole(&world).await
}

/// What a world was made of: the scenario as it was sent, and the values that were set over it.
#[utoipa::path(
    get,
    path = "/worlds/{id}/scenario",
    tag = "worlds",
    params(("id" = String, Path, description = "The world")),
    responses((status = OK, body = SentScenario)),
)]
pub(super) async fn scenario(
    State(app): State<App>,
    Segments(id): Segments<String>,
) -> Result<Json<SentScenario>, Problem> {
    let world = app.worlds.find(&id)?;
    Ok(Json(world.loaded.sent()))
}

/// Ends a world.
#[utoipa::path(
    delete,
    path = "/worlds/{id}",
    tag = "worlds",
    params(("id" = String, Path, description = "The world")),
    responses((status = NO_CONTENT, description = "It has ended")),
)]
pub(super) async fn delete(
    State(app): State<App>,
    Segments(id): Segments<String>,
) -> Result<StatusCode, Problem> {
    app.worlds.delete(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a second world that goes on from where this one is, by itself; its ledger is whole.
#[utoipa::path(
    post,
    path = "/worlds/{id}/branch",
    tag = "worlds",
    params(("id" = String, Path, description = "The world")),
    responses((status = CREATED, body = WorldDocument)),
)]
pub(super) async fn branch(
    State(app): State<App>,
    Segments(id): Segments<String>,
) -> Result<(StatusCode, Json<WorldDocument>), Problem> {
    let parent = app.worlds.find(&id)?;
    let world = app.worlds.branch(&parent).await?;
    Ok((StatusCode::CREATED, whole(&world).await?))
}
