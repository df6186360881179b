//! The scenarios that come with the program.

use axum::Json;

use crate::{
    extract::Segments,
    gallery::{self, GALLERY, GalleryEntry},
    problem::Problem,
    scenario::ScenarioText,
};

/// The gallery.
#[utoipa::path(get, path = "/scenarios", tag = "scenarios", responses((status = OK, body = [GalleryEntry])))]
pub(super) async fn list() -> Json<&'static [GalleryEntry]> {
    Json(&GALLERY)
}

/// A scenario of the gallery, ready to be sent back as it is.
#[utoipa::path(
    get,
    path = "/scenarios/{name}",
    tag = "scenarios",
    params(("name" = String, Path, description = "Its file's name", example = "contact-centre.toml")),
    responses((status = OK, body = ScenarioText)),
)]
pub(super) async fn read(Segments(name): Segments<String>) -> Result<Json<ScenarioText>, Problem> {
    let scenario = gallery::find(&name);
    let unknown = || Problem::not_found("unknown_scenario", format!("the gallery has no `{name}`"));
    scenario.map(Json).ok_or_else(unknown)
}
