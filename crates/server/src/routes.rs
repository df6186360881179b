//! What is answered at which path, and the OpenAPI document that says so: both are made from the same handlers.

#![allow(
    unused_qualifications,
    reason = "the macros that describe handlers write paths in full"
)]

use axum::{Json, Router, extract::DefaultBodyLimit, routing::get};
use utoipa::{
    Modify, OpenApi,
    openapi::{Content, Ref, ResponseBuilder, path::Operation},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, problem::ProblemDocument, settings::Limits};

mod archive_schema;
mod events;
mod gallery;
mod health;
mod ingest;
mod kinds;
mod ledger;
mod lifecycle;
mod look;
mod runs;
mod sent_schema;
mod worlds;

pub(crate) use sent_schema::FileContent;

/// Where the interface for programs lies.
const PREFIX: &str = "/api/v1";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Pluriverse",
        description = "Worlds and runs of the Pluriverse simulation engine. Times are in seconds, bodies are JSON \
                       unless said otherwise, and every refusal has the same shape.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(ProblemDocument, events::WatchMessage, sent_schema::RunName)),
    modifiers(&Refusals),
)]
struct Document;

/// Adds to every operation that it may be refused.
struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for item in document.paths.paths.values_mut() {
            let operations = [
                &mut item.get,
                &mut item.post,
                &mut item.put,
                &mut item.delete,
            ];
            operations.into_iter().flatten().for_each(add_refusal);
        }
    }
}

fn add_refusal(operation: &mut Operation) {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    let refusal = ResponseBuilder::new()
        .description("It is refused, and why")
        .content("application/json", content)
        .build();
    operation
        .responses
        .responses
        .insert("default".to_owned(), refusal.into());
}

/// The interface for programs.
pub(crate) fn api(limits: &Limits) -> OpenApiRouter<App> {
    let snapshots = OpenApiRouter::new()
        .routes(routes!(look::snapshot, look::restore))
        .layer(DefaultBodyLimit::max(limits.snapshot_bytes));
    let paths = OpenApiRouter::new()
        .routes(routes!(kinds::list))
        .routes(routes!(kinds::schema))
        .routes(routes!(kinds::check))
        .routes(routes!(gallery::list))
        .routes(routes!(gallery::read))
        .routes(routes!(worlds::list, worlds::create))
        .routes(routes!(worlds::read, worlds::delete))
        .routes(routes!(worlds::scenario))
        .routes(routes!(worlds::branch))
        .routes(routes!(lifecycle::start))
        .routes(routes!(lifecycle::step))
        .routes(routes!(lifecycle::run))
        .routes(routes!(lifecycle::run_until))
        .routes(routes!(lifecycle::seek))
        .routes(routes!(lifecycle::pause))
        .routes(routes!(lifecycle::resume))
        .routes(routes!(lifecycle::play))
        .routes(routes!(lifecycle::stop_playing))
        .routes(routes!(look::state))
        .routes(routes!(look::results))
        .routes(routes!(look::causes))
        .merge(snapshots)
        .routes(routes!(ledger::download))
        .routes(routes!(events::watch))
        .routes(routes!(runs::list, runs::create))
        .routes(routes!(runs::compare))
        .routes(routes!(runs::read, runs::delete))
        .routes(routes!(runs::cancel))
        .routes(routes!(runs::ledger))
        .routes(routes!(ingest::whole))
        .routes(routes!(ingest::status, ingest::declare, ingest::discard))
        .routes(routes!(ingest::chunk))
        .routes(routes!(ingest::commit));
    OpenApiRouter::with_openapi(Document::openapi()).nest(PREFIX, paths)
}

/// What is not for programs that play with worlds: the document itself, and what watches over the server.
pub(crate) fn root() -> Router<App> {
    Router::new()
        .route("/api/v1/openapi.json", get(async || Json(openapi())))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
}

/// The OpenAPI 3.1 document of all that is served for programs.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = api(&Limits::default()).into_openapi();
    Refusals.modify(&mut document);
    document
}
