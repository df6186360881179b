//! What every request must get past, and what every answer carries: the browser's and the network's side of safety.
//!
//! On a loopback address the server trusts whoever can reach it, which must not be a page of another origin: neither
//! by a form or script (the Origin is checked) nor by a name that resolves to this machine (the Host is checked). Where
//! the server is mounted in another program, that program has let the caller in; only the Origin is checked again.

use std::{net::SocketAddr, time::Instant};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    app::App, audit::Entry, connections::Visitor, cors, gate::Caller, problem::Problem,
    settings::Trust, tokens::Scope,
};

/// What browsers are told with every answer.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-embedder-policy"),
        "require-corp",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Tells browsers to come by TLS only, for a year.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The code of a refusal of an address that sends too much.
const TOO_MANY_REQUESTS: &str = "too_many_requests";
/// Bytes of a path that are noted.
const NOTED_PATH_BYTES: usize = 256;

/// Adds the headers that protect browsers.
pub(crate) async fn protect(State(app): State<App>, request: Request, next: Next) -> Response {
    let host = host_of(request.headers(), request.uri());
    // Said of this machine's own name it would hold for all its other programs, too.
    let is_strict = app.settings.tls.is_some() && !host.as_deref().is_none_or(is_loopback_name);
    let mut response = next.run(request).await;
    if is_strict {
        response
            .headers_mut()
            .insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Lets a request through, or refuses it.
pub(crate) async fn check(
    State(app): State<App>,
    ConnectInfo(visitor): ConnectInfo<Visitor>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let peer = visitor.address;
    let mut witness = Witness::of(&app, visitor, &parts);
    match admit(&app, peer, &parts).await {
        Ok(caller) => {
            witness.token = caller.map(|caller| caller.id).unwrap_or_default();
            witness.is_due = changes(&witness.method);
            let response = next.run(Request::from_parts(parts, body)).await;
            witness.status = Some(response.status());
            response
        }
        Err(problem) => {
            app.metrics.refusal(problem.code());
            // Whoever sends far too much must not fill the file as well.
            witness.is_due = problem.code() != TOO_MANY_REQUESTS;
            let response = problem.into_response();
            witness.status = Some(response.status());
            response
        }
    }
}

/// Notes who did what, or was kept from it, when it is dropped: also when the client has gone before the answer.
struct Witness {
    app: App,
    visitor: Visitor,
    token: String,
    method: Method,
    path: String,
    status: Option<StatusCode>,
    /// Whether there is anything to note.
    is_due: bool,
}

impl Witness {
    fn of(app: &App, visitor: Visitor, request: &Parts) -> Self {
        let path = request.uri.path();
        Self {
            app: App::clone(app),
            visitor,
            token: String::new(),
            method: request.method.clone(),
            path: path[..path.floor_char_boundary(NOTED_PATH_BYTES)].to_owned(),
            status: None,
            is_due: true,
        }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        if self.is_due {
            let entry = Entry {
                peer: self.visitor.address,
                user: &self.visitor.name,
                token: &self.token,
                method: self.method.as_str(),
                path: &self.path,
                status: self.status.map(|status| status.as_u16()),
            };
            audit(&self.app, &entry);
        }
    }
}

/// Who sends a request, where that matters.
async fn admit(app: &App, peer: SocketAddr, request: &Parts) -> Result<Option<Caller>, Problem> {
    app.requests
        .take(peer.ip(), Instant::now())
        .map_err(|wait| {
            let message = "more requests come from this address than this server takes";
            Problem::new(StatusCode::TOO_MANY_REQUESTS, TOO_MANY_REQUESTS, message)
                .retry_after(wait)
        })?;
    let host = host_of(&request.headers, &request.uri);
    let is_open = !app.asks_for_tokens;
    let is_mounted = app.settings.trust == Trust::Host;
    if is_open && !is_mounted && !host.as_deref().is_none_or(is_loopback_name) {
        let message = "this server answers to its loopback address only";
        return Err(
            Problem::new(StatusCode::MISDIRECTED_REQUEST, "foreign_host", message)
                .help("open it as http://127.0.0.1 or http://localhost with its port"),
        );
    }
    let is_upgrade = request.headers.contains_key(header::UPGRADE);
    let is_named = request
        .headers
        .get(header::ORIGIN)
        .is_some_and(|origin| cors::allows(&app.settings.cors, origin));
    if (changes(&request.method) || is_upgrade)
        && !is_named
        && is_cross_site(&request.headers, host.as_deref())
    {
        let message = "a page of another origin may not do this";
        return Err(
            Problem::new(StatusCode::FORBIDDEN, "foreign_origin", message)
                .help("an operator allows an origin by --cors"),
        );
    }
    let (false, Some(needed)) = (is_open, scope_of(&request.method, request.uri.path())) else {
        return Ok(None);
    };
    let caller = app.gate.admit(&request.headers, peer.ip()).await?;
    if caller.scope < needed {
        let message = format!(
            "this takes a token of scope `{needed}`, this one's is `{}`",
            caller.scope
        );
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "scope_too_small",
            message,
        ));
    }
    Ok(Some(caller))
}

/// What a token must allow for a request; `None` for what anybody may see.
fn scope_of(method: &Method, path: &str) -> Option<Scope> {
    let is_for_programs = path.starts_with("/api/") || path == "/metrics";
    match *method {
        _ if !is_for_programs => None,
        Method::GET | Method::HEAD | Method::OPTIONS => Some(Scope::Read),
        Method::POST if path == "/api/v1/check" => Some(Scope::Read),
        Method::DELETE if path.starts_with("/api/v1/runs/") => Some(Scope::Admin),
        _ => Some(Scope::Run),
    }
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Notes who did what, or was kept from it.
fn audit(app: &App, entry: &Entry<'_>) {
    tracing::info!(
        target: "audit",
        peer = %entry.peer,
        user = entry.user,
        token = entry.token,
        method = entry.method,
        path = entry.path,
        status = entry.status,
    );
    if let Err(error) = app.audit.write(entry) {
        app.metrics.audit_lost.inc();
        tracing::error!(%error, "the audit file does not take a line");
    }
}

fn host_of(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    // One that cannot be read is some name, but not this machine's.
    let header = headers
        .get(header::HOST)
        .map(|value| value.to_str().unwrap_or_default());
    let host = header.or_else(|| uri.authority().map(|authority| authority.as_str()));
    host.map(str::to_owned)
}

/// Whether a host and port name this machine to itself.
fn is_loopback_name(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').unwrap_or_default(),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let has_port = port
        .strip_prefix(':')
        .is_some_and(|port| port.bytes().all(|digit| digit.is_ascii_digit()));
    if !port.is_empty() && !has_port {
        return false;
    }
    let is_loopback = name
        .parse::<std::net::IpAddr>()
        .is_ok_and(|ip| ip.is_loopback());
    is_loopback || name.eq_ignore_ascii_case("localhost")
}

/// Whether a browser says that a page of another origin sends this.
fn is_cross_site(headers: &HeaderMap, host: Option<&str>) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        let site = headers
            .get("sec-fetch-site")
            .and_then(|value| value.to_str().ok());
        return site.is_some_and(|site| site == "cross-site");
    };
    let origin = origin.to_str().unwrap_or_default();
    let origin_host = origin.split_once("://").map(|(_, host)| host);
    origin_host.is_none() || origin_host != host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_need_only_what_is_asked() {
        assert_eq!(scope_of(&Method::GET, "/"), None);
        assert_eq!(scope_of(&Method::GET, "/healthz"), None);
        assert_eq!(scope_of(&Method::GET, "/metrics"), Some(Scope::Read));
        assert_eq!(scope_of(&Method::GET, "/api/v1/worlds"), Some(Scope::Read));
        assert_eq!(scope_of(&Method::POST, "/api/v1/check"), Some(Scope::Read));
        assert_eq!(scope_of(&Method::POST, "/api/v1/worlds"), Some(Scope::Run));
        assert_eq!(
            scope_of(&Method::DELETE, "/api/v1/runs/x"),
            Some(Scope::Admin)
        );
    }

    #[test]
    fn loopback_names_are_known() {
        for host in [
            "localhost",
            "LOCALHOST:7878",
            "127.0.0.1:1",
            "[::1]:7878",
            "127.1.2.3",
        ] {
            assert!(is_loopback_name(host), "{host}");
        }
        for host in [
            "evil.test:7878",
            "localhost.evil.test",
            "10.0.0.1",
            "",
            "[::1",
            "127.0.0.1.evil.test",
            "[::1].evil.test:7878",
            "127.0.0.1:7878@evil.test",
            "user:x@127.0.0.1:7878",
        ] {
            assert!(!is_loopback_name(host), "{host}");
        }
    }

    #[test]
    fn only_the_own_origin_may_change_things() {
        let with = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )])
        };
        let own = Some("127.0.0.1:7878");
        assert!(!is_cross_site(&HeaderMap::new(), own));
        assert!(!is_cross_site(
            &with("origin", "http://127.0.0.1:7878"),
            own
        ));
        assert!(is_cross_site(&with("origin", "http://127.0.0.1:80"), own));
        assert!(is_cross_site(&with("origin", "null"), own));
        assert!(is_cross_site(&with("sec-fetch-site", "cross-site"), own));
        assert!(!is_cross_site(&with("sec-fetch-site", "same-origin"), own));
    }
}
