//! Whether the server lives, and whether it can work.

use axum::extract::State;
use pluriverse_archive::Archive;

use crate::{app::App, problem::Problem};

/// It answers, so it lives.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// It can work: its database answers.
pub(super) async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    app.archive(Archive::check).await?;
    Ok("ok\n")
}
