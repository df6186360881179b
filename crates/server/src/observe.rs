//! Every request is measured, whatever becomes of it.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};

use crate::app::App;

/// The route of what is answered without one: pages of the web app, and what is nowhere.
const NO_ROUTE: &str = "other";

/// Counts a request and how long its answer took to begin.
pub(crate) async fn measure(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let response = next.run(request).await;
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    app.metrics
        .request(route, &method, response.status(), began.elapsed());
    response
}
