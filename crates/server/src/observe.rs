//! Every request is measured and traced, whatever becomes of it.
//!
//! Spans have the target [`SPANS`] and the names of OpenTelemetry's conventions for HTTP servers; where nobody collects
//! them they cost nothing.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument as _, Span, field::Empty};

use crate::app::App;

/// Target of all spans of the server: what is done, for whom, and how long it takes.
pub const SPANS: &str = "spans";
/// The route of what is answered without one: pages of the web app, and what is nowhere.
const NO_ROUTE: &str = "other";

/// Counts a request and how long its answer took to begin.
pub(crate) async fn measure(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let method = request.method().clone();
    let span = tracing::info_span!(
        target: SPANS,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = %method,
        http.route = route,
        url.path = request.uri().path(),
        http.response.status_code = Empty,
        otel.status_code = Empty,
    );
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    app.metrics.request(route, &method, status, began.elapsed());
    response
}

/// A call that moves a world.
pub(crate) fn world_call(world: &str, call: &'static str) -> Span {
    tracing::info_span!(target: SPANS, "world call", world, call, events = Empty)
}

/// A run in the background, which its request does not wait for.
pub(crate) fn run(id: &str, replications: u64) -> Span {
    let span = tracing::info_span!(
        target: SPANS,
        parent: None,
        "run",
        run = id,
        replications,
        outcome = Empty,
    );
    span.follows_from(Span::current());
    span
}

/// A ledger that is taken.
pub(crate) fn ingest(run: &str) -> Span {
    tracing::info_span!(target: SPANS, "ingest", run, rows = Empty)
}
