//! Whether the server lives, whether it can work, and what it has counted.

use std::{sync::atomic::Ordering, time::Duration};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use pluriverse_archive::Archive;

use crate::{
    app::App,
    metrics::{CONTENT_TYPE, Now},
    problem::Problem,
};

/// How long the database may take to answer.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(3);

/// It answers, so it lives.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// It can work: its database answers, and is its own.
pub(super) async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    let not_ready = |reason: String| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", reason)
            .retry_after(DATABASE_TIMEOUT)
    };
    // Ordering: the flag publishes no data.
    if app.is_ousted.load(Ordering::Relaxed) {
        return Err(not_ready(
            "another server has taken the database: one of the two must be stopped".to_owned(),
        ));
    }
    match tokio::time::timeout(DATABASE_TIMEOUT, app.archive(Archive::check)).await {
        Ok(Ok(())) => Ok("ok\n"),
        Ok(Err(problem)) => Err(not_ready(problem.into_error().message)),
        Err(_) => Err(not_ready(format!(
            "the database has not answered for {} s",
            DATABASE_TIMEOUT.as_secs()
        ))),
    }
}

/// What Prometheus collects.
pub(super) async fn metrics(State(app): State<App>) -> Response {
    let database = tokio::time::timeout(DATABASE_TIMEOUT, app.archive(Archive::check)).await;
    let text = app.metrics.text(Now {
        worlds: app.worlds.list().len(),
        // Ordering: the number publishes no data.
        watchers: app.watchers.load(Ordering::Relaxed),
        runs: app.runs.count(),
        is_database_up: matches!(database, Ok(Ok(()))),
        resident_bytes: app.memory.resident_bytes(),
    });
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response()
}
