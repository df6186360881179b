//! The calls that move a world, under the names that they have everywhere.

use axum::{Json, extract::State};
use pluriverse_host::document::Frame;
use pluriverse_kernel::{
    time::{SimDuration, SimTime},
    world::Progress,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::{App, Shared},
    extract::{Body, Parameters, Segments},
    problem::Problem,
    world::{Move, Moved},
};

/// How a world stands after a call.
#[derive(Serialize, ToSchema)]
pub(crate) struct MovedDocument {
    /// `more` when there is more to come, `paused` while the world is held, `finished` when nothing is left.
    progress: ProgressDocument,
    /// How it stands.
    frame: Frame,
}

/// What a call ended with.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Progress)]
pub(crate) enum ProgressDocument {
    /// The limit of the call was reached.
    More,
    /// The world is held.
    Paused,
    /// Nothing is left to happen.
    Finished,
}

/// A simulated time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimeRequest {
    /// Seconds since the world's beginning.
    #[schema(minimum = 0, maximum = 9_223_372_036.0)]
    seconds: f64,
}

/// How to play.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlayRequest {
    /// Simulated seconds a second, above 0; `null` for as fast as possible.
    #[schema(exclusive_minimum = 0)]
    speed: Option<f64>,
}

/// How far to go.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunQuery {
    /// At most so many events.
    #[param(maximum = 18_446_744_073_709_551_615_u64)]
    max_events: Option<u64>,
}

type Answer = Result<Json<MovedDocument>, Problem>;

impl From<Moved> for Json<MovedDocument> {
    fn from(moved: Moved) -> Self {
        Self(MovedDocument {
            progress: match moved.progress {
                Progress::More => ProgressDocument::More,
                Progress::Paused => ProgressDocument::Paused,
                Progress::Finished => ProgressDocument::Finished,
            },
            frame: moved.frame,
        })
    }
}

async fn moved(app: &Shared, id: &str, movement: Move) -> Answer {
    let world = app.worlds.find(id)?;
    world.moved(movement).await.map(Json::from)
}

fn instant(request: &TimeRequest) -> Result<SimTime, Problem> {
    let span = SimDuration::from_secs_f64(request.seconds).filter(|_| request.seconds >= 0.0);
    let span = span.ok_or_else(|| {
        Problem::bad_request("bad_time", format!("`seconds` is {}", request.seconds))
            .help("name a time from 0 on, in seconds since the world's beginning")
    })?;
    Ok(SimTime::ZERO.saturating_add(span))
}

/// Begins: from here on there are events.
#[utoipa::path(
    post,
    path = "/worlds/{id}/start",
    tag = "lifecycle",
    params(("id" = String, Path, description = "The world")),
    responses((status = OK, body = MovedDocument)),
)]
pub(super) async fn start(State(app): State<App>, Segments(id): Segments<String>) -> Answer {
    moved(&app, &id, Move::Start).await
}

/// Handles one event.
#[utoipa::path(
    post,
    path = "/worlds/{id}/step",
    tag = "lifecycle",
    params(("id" = String, Path, description = "The world")),
    responses((status = OK, body = MovedDocument)),
)]
pub(super) async fn step(State(app): State<App>, Segments(id): Segments<String>) -> Answer {
    moved(&app, &id, Move::Step).await
}

/// Runs to the end, or as far as one call may take.
#[utoipa::path(
    post,
    path = "/worlds/{id}/run",
    tag = "lifecycle",
    params(("id" = String, Path, description = "The world"), RunQuery),
    responses((status = OK, body = MovedDocument)),
)]
pub(super) async fn run(
    State(app): State<App>,
    Segments(id): Segments<String>,
    Parameters(query): Parameters<RunQuery>,
) -> Answer {
    let max_events = query.max_events.unwrap_or(u64::MAX);
    moved(
        &app,
        &id,
        Move::Run {
            until: SimTime::MAX,
            max_events,
        },
    )
    .await
}

/// Runs up to a time, or as far as one call may take.
#[utoipa::path(
    post,
    path = "/worlds/{id}/run_until",
    tag = "lifecycle",
    params(("id" = String, Path, description = "The world"), RunQuery),
    request_body = TimeRequest,
    responses((status = OK, body = MovedDocument)),
)]
pub(super) async fn run_until(
    State(app): State<App>,
    Segments(id): Segments<String>,
    Parameters(query): Parameters<RunQuery>,
    Body(request): Body<TimeRequest>,
) -> Answer {
    let until = instant(&request)?;
    let max_events = query.max_events.unwrap_or(u64::MAX);
    moved(&app, &id, Move::Run { until, max_events }).await
}

/// Goes to a time, forwards or back, or as far on the way as one call may take. Another seek meanwhile takes its place.
#[utoipa::path(
    post,
    path = "/worlds/{id}/seek",
    tag = "lifecycle",
    params(("id" = String, Path, description = "The world")),
    request_body = TimeRequest,
    responses((status = OK, body = MovedDocument)),
)]
pub(super) async fn seek(
    State(app): State<App>,
    Segments(id): Segments<String>,
    Body(request): Body<TimeRequest>,
) -> Answer {
    let at = instant(&request)?;
    moved(&app, &id, Move::Seek(at)).await
}

/// Holds the world, and stops it playing: only `step` and `seek` move it until it is resumed.
#[utoipa::path(
    post,
    path = "/worlds/{id}/pause",
    tag = "lifecycle",
    params(("id" = String, Path, description = "The world")),
    responses((status = OK, body = MovedDocument)),
)]
pub(super) async fn pause(State(app): State<App>, Segments(id): Segments<String>) -> Answer {
    moved(&app, &id, Move::Pause).await
}

/// Lets a paused world go on.
#[utoipa::path(
    post,
    path = "/worlds/{id}/resume",
    tag = "lifecycle",
    params(("id" = String, Path, description = "The world")),
    responses((status = OK, body = MovedDocument)),
)]
pub(super) async fn resume(State(app): State<App>, Segments(id): Segments<String>) -> Answer {
    moved(&app, &id, Move::Resume).await
}

/// Lets the world move by itself from now on; a paused one is resumed.
#[utoipa::path(
    post,
    path = "/worlds/{id}/play",
    tag = "lifecycle",
    params(("id" = String, Path, description = "The world")),
    request_body = PlayRequest,
    responses((status = OK, body = MovedDocument)),
)]
pub(super) async fn play(
    State(app): State<App>,
    Segments(id): Segments<String>,
    Body(request): Body<PlayRequest>,
) -> Answer {
    if let Some(speed) = request.speed
        && !(speed.is_finite() && speed > 0.0)
    {
        return Err(
            Problem::bad_request("bad_speed", format!("`speed` is {speed}"))
                .help("name a number above 0, or null for as fast as possible"),
        );
    }
    let world = app.worlds.find(&id)?;
    world.play(request.speed).await.map(Json::from)
}

/// Lets the world move by itself no more.
#[utoipa::path(
    post,
    path = "/worlds/{id}/stop_playing",
    tag = "lifecycle",
    params(("id" = String, Path, description = "The world")),
    responses((status = OK, body = MovedDocument)),
)]
pub(super) async fn stop_playing(State(app): State<App>, Segments(id): Segments<String>) -> Answer {
    let world = app.worlds.find(&id)?;
    world.stop_playing().await.map(Json::from)
}
