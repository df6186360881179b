//! The web app, from the program itself; where it was not built in, a page that says how to.
//!
//! Paths are looked up in a list, so there is nothing to escape from. Files whose names carry their hash are kept by
//! browsers for good, all others are asked for anew.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use crate::{embedded::APP, problem::Problem};

/// The page that the app begins with.
const INDEX: &str = "index.html";
/// Where the app's files lie whose names carry their hash.
const HASHED: &str = "assets/";
/// Forms in which a file may lie beside itself: encoding and ending, the better one first.
const ENCODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

/// A file of the app.
struct Asset {
    content: &'static [u8],
    tag: String,
}

static ASSETS: LazyLock<BTreeMap<&'static str, Asset>> = LazyLock::new(|| {
    let assets = APP.iter().map(|(name, content)| {
        let hash = blake3::hash(content).to_hex();
        (
            *name,
            Asset {
                content,
                tag: format!("\"{}\"", &hash[..16]),
            },
        )
    });
    assets.collect()
});

/// Whether the app is in the program.
pub(crate) fn is_built() -> bool {
    !APP.is_empty()
}

/// Answers whatever is no other route.
pub(crate) async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") {
        return Problem::not_found("unknown_route", format!("there is nothing at `{path}`"))
            .into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "no_such_method",
            "pages can be read only",
        )
        .into_response();
    }
    if !is_built() {
        return (
            [(header::CACHE_CONTROL, "no-store")],
            Html(include_str!("unbuilt.html")),
        )
            .into_response();
    }
    let name = path.trim_start_matches('/');
    // A path without an ending is a view of the app, which finds its way itself.
    let is_view = !name.rsplit('/').next().unwrap_or_default().contains('.');
    let name = if is_view { INDEX } else { name };
    match find(name, request.headers()) {
        Some(response) => response,
        None => {
            Problem::not_found("unknown_page", format!("there is no page `{path}`")).into_response()
        }
    }
}

fn find(name: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = ASSETS.get(name)?;
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let accepted = accepted.unwrap_or_default();
    let packed = ENCODINGS.iter().find_map(|(encoding, ending)| {
        let is_accepted = accepted
            .split(',')
            .any(|one| one.trim().split(';').next() == Some(*encoding));
        let asset = ASSETS.get(&*format!("{name}.{ending}"))?;
        is_accepted.then_some((*encoding, asset))
    });
    let cache = if name.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let tag = HeaderValue::from_str(&plain.tag).ok()?;
    let is_known = headers.get(header::IF_NONE_MATCH) == Some(&tag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        packed
            .map_or(plain.content, |(_, asset)| asset.content)
            .into_response()
    };
    let answer = response.headers_mut();
    answer.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(name)),
    );
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(header::ETAG, tag);
    if let (Some((encoding, _)), false) = (packed, is_known) {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
