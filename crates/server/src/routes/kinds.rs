//! Kinds of world, their schemas, and whether a scenario is right.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::header,
    response::{IntoResponse, Response},
};
use pluriverse_host::{
    document::Finding,
    kinds::{self, KINDS},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    extract::{Body, Segments},
    problem::Problem,
    scenario::{self, Overrides, ScenarioText, SetTexts},
};

/// A kind of world.
#[derive(Serialize, ToSchema)]
pub(crate) struct KindDocument {
    /// Its name, as a scenario's `kind` says it.
    name: &'static str,
    /// One sentence about it.
    summary: &'static str,
}

/// The kinds of world that there are.
#[utoipa::path(get, path = "/kinds", tag = "scenarios", responses((status = OK, body = [KindDocument])))]
pub(super) async fn list() -> Json<Vec<KindDocument>> {
    let kinds = KINDS.iter().map(|kind| KindDocument {
        name: kind.name(),
        summary: kind.summary(),
    });
    Json(kinds.collect())
}

/// The JSON Schema of a kind's scenarios.
#[utoipa::path(
    get,
    path = "/kinds/{kind}/schema",
    tag = "scenarios",
    params(("kind" = String, Path, description = "The kind's name")),
    responses((status = OK, description = "A JSON Schema (2020-12)", body = serde_json::Value)),
)]
pub(super) async fn schema(Segments(name): Segments<String>) -> Result<Response, Problem> {
    let kind = kinds::find(&name)
        .ok_or_else(|| Problem::not_found("unknown_kind", format!("there is no kind `{name}`")))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], kind.schema()).into_response())
}

/// A scenario to check.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckRequest {
    /// The file's name; `.json` is read as JSON, all else as TOML.
    #[schema(example = "desk.toml")]
    name: String,
    /// Its text.
    text: String,
    /// Files that it refers to, by path, in base64.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, super::FileContent>)]
    files: BTreeMap<String, String>,
    /// Values set over those of the text, by dotted key.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, super::sent_schema::SetValue>)]
    overrides: Overrides,
}

/// What was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckDocument {
    /// Errors and warnings; without an error the scenario can be run.
    findings: Vec<Finding>,
}

/// Everything that is wrong with a scenario, or strange.
#[utoipa::path(
    post,
    path = "/check",
    tag = "scenarios",
    request_body = CheckRequest,
    responses((status = OK, body = CheckDocument)),
)]
pub(super) async fn check(
    Body(request): Body<CheckRequest>,
) -> Result<Json<CheckDocument>, Problem> {
    let sent = ScenarioText {
        name: request.name,
        text: request.text,
        files: request.files,
    };
    let findings = match scenario::load(sent, request.overrides, SetTexts::new()).await {
        Ok(loaded) => loaded.warnings,
        Err(problem) => problem.into_findings()?,
    };
    Ok(Json(CheckDocument { findings }))
}
