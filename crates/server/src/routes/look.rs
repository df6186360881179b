//! Looking into a world: its state, its results, what led to what, and its snapshot.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use pluriverse_host::document::{EventRow, Frame, Results};

use crate::{
    app::App,
    extract::{Raw, Segments},
    problem::Problem,
    world::Move,
};

use super::lifecycle::MovedDocument;

/// How the world stands.
#[utoipa::path(
    get,
    path = "/worlds/{id}/state",
    tag = "worlds",
    params(("id" = String, Path, description = "The world")),
    responses((status = OK, body = Frame)),
)]
pub(super) async fn state(
    State(app): State<App>,
    Segments(id): Segments<String>,
) -> Result<Json<Frame>, Problem> {
    let world = app.worlds.find(&id)?;
    world.ask(|session| session.frame()).await.map(Json)
}

/// What the world has come to.
#[utoipa::path(
    get,
    path = "/worlds/{id}/results",
    tag = "worlds",
    params(("id" = String, Path, description = "The world")),
    responses((status = OK, body = Results<'static>)),
)]
pub(super) async fn results(
    State(app): State<App>,
    Segments(id): Segments<String>,
) -> Result<Response, Problem> {
    let world = app.worlds.find(&id)?;
    let text = world.ask(|session| {
        let outcome = session.outcome();
        let seed = session.world().key().seed;
        serde_json::to_string(&Results::new(&**session.scenario(), seed, &outcome))
    });
    let text = text
        .await?
        .map_err(|error| Problem::internal("the results cannot be written", &error))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

/// A row of the ledger and what led to it, the first cause last, as far back as rows are kept.
#[utoipa::path(
    get,
    path = "/worlds/{id}/causes/{row}",
    tag = "worlds",
    params(
        ("id" = String, Path, description = "The world"),
        ("row" = u64, Path, maximum = 18_446_744_073_709_551_615_u64, description = "The row's number"),
    ),
    responses((status = OK, body = [EventRow])),
)]
pub(super) async fn causes(
    State(app): State<App>,
    Segments((id, row)): Segments<(String, u64)>,
) -> Result<Json<Vec<EventRow>>, Problem> {
    let world = app.worlds.find(&id)?;
    let causes = world.ask(move |session| session.causes(row)).await?;
    if causes.is_empty() {
        let message = format!("the world `{id}` has no row {row}, or keeps it no longer");
        return Err(Problem::not_found("unknown_row", message));
    }
    Ok(Json(causes))
}

/// The complete state, for going on elsewhere or later.
#[utoipa::path(
    get,
    path = "/worlds/{id}/snapshot",
    tag = "worlds",
    params(("id" = String, Path, description = "The world")),
    responses((status = OK, description = "A snapshot", body = super::sent_schema::Octets, content_type = "application/octet-stream")),
)]
pub(super) async fn snapshot(
    State(app): State<App>,
    Segments(id): Segments<String>,
) -> Result<Response, Problem> {
    let world = app.worlds.find(&id)?;
    let bytes = world.ask(|session| session.world().snapshot()).await?;
    let disposition = format!("attachment; filename=\"{id}.snapshot\"");
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, bytes).into_response())
}

/// Makes the world what a snapshot of such a world was.
#[utoipa::path(
    put,
    path = "/worlds/{id}/snapshot",
    tag = "worlds",
    params(("id" = String, Path, description = "The world")),
    request_body(content = super::sent_schema::Octets, content_type = "application/octet-stream", description = "A snapshot"),
    responses((status = OK, body = MovedDocument)),
)]
pub(super) async fn restore(
    State(app): State<App>,
    Segments(id): Segments<String>,
    Raw(bytes): Raw,
) -> Result<Json<MovedDocument>, Problem> {
    let world = app.worlds.find(&id)?;
    world
        .moved(Move::Restore(bytes.to_vec()))
        .await
        .map(Json::from)
}
