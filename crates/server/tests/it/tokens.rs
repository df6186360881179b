//! Tokens on the wire: each opens what its scope says, wrong ones open nothing, and guessing ends soon.

use futures_util::future::join_all;
use http_body_util::Full;
use hyper::{Method, StatusCode};
use pluriverse_server::{
    Trust,
    tokens::{self, Scope},
};
use serde_json::json;
use tokio::net::TcpSocket;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{self, client::IntoClientRequest as _},
};

use crate::client::{Answer, DESK, Site, site_in};

/// A server that asks everybody for a token, and a token of each scope.
fn guarded() -> (Site, [String; 3]) {
    let folder = tempfile::tempdir().unwrap();
    let made = Scope::ALL.map(|scope| tokens::create(folder.path(), scope).unwrap());
    let site = site_in(folder, |settings| settings.trust = Trust::Nobody);
    (site, made)
}

/// Asks from the loopback address of this number.
async fn ask(site: &Site, from: u8, (method, path): (&str, &str), token: Option<&str>) -> Answer {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, from], 0).into()).unwrap();
    let stream = socket.connect(site.address()).await.unwrap();
    let request = site.request(Method::from_bytes(method.as_bytes()).unwrap(), path);
    let request = match token {
        Some(token) => request.header("authorization", format!("Bearer {token}")),
        None => request,
    };
    site.send_over(stream, request.body(Full::default()).unwrap())
        .await
}

const WRONG: &str = "pv_00000000_0000";

#[tokio::test]
async fn each_token_opens_what_its_scope_says() {
    let (site, made) = guarded();
    let routes: [(usize, &[(&str, &str)]); 3] = [
        (
            0,
            &[
                ("GET", "/api/v1/worlds"),
                ("GET", "/api/v1/openapi.json"),
                ("GET", "/api/v1/runs/x/ledger"),
                ("GET", "/api/v1/worlds/x/events"),
                ("GET", "/api/v1/nothing"),
                ("POST", "/api/v1/check"),
            ],
        ),
        (
            1,
            &[
                ("POST", "/api/v1/worlds"),
                ("DELETE", "/api/v1/worlds/x"),
                ("PUT", "/api/v1/worlds/x/snapshot"),
                ("POST", "/api/v1/runs"),
                ("POST", "/api/v1/simulation/ingest"),
                ("PUT", "/api/v1/simulation/ingest/x/chunks/0"),
                ("POST", "/api/v1/simulation/ingest/x/commit"),
                ("DELETE", "/api/v1/simulation/ingest/x"),
            ],
        ),
        (2, &[("DELETE", "/api/v1/runs/x")]),
    ];
    for (needed, routes) in routes {
        for route in routes {
            let none = ask(&site, 1, *route, None).await;
            assert_eq!(none.refusal(), (401, "no_token".to_owned()), "{route:?}");
            assert_eq!(none.headers["www-authenticate"], "Bearer");
            for (scope, token) in made.iter().enumerate() {
                let answer = ask(&site, 1, *route, Some(token)).await;
                if scope < needed {
                    assert_eq!(
                        answer.refusal(),
                        (403, "scope_too_small".to_owned()),
                        "{route:?}"
                    );
                } else {
                    assert!(
                        ![401, 403].contains(&answer.status.as_u16()),
                        "{route:?}: {:?}",
                        answer.body
                    );
                }
            }
        }
    }
    for (from, route) in (10..).zip([
        ("GET", "/api/v1/worlds"),
        ("POST", "/api/v1/runs"),
        ("DELETE", "/api/v1/runs/x"),
    ]) {
        let wrong = ask(&site, from, route, Some(WRONG)).await;
        assert_eq!(wrong.refusal(), (401, "wrong_token".to_owned()));
    }
    // What says nothing of worlds and runs is for everybody.
    for path in ["/", "/healthz", "/readyz"] {
        assert_eq!(
            ask(&site, 1, ("GET", path), None).await.status,
            StatusCode::OK
        );
    }
}

#[tokio::test]
async fn a_revoked_token_opens_nothing_any_more() {
    let (site, [read, ..]) = guarded();
    let route = ("GET", "/api/v1/worlds");
    assert_eq!(
        ask(&site, 1, route, Some(&read)).await.status,
        StatusCode::OK
    );
    tokens::revoke(site.folder.path(), &read[3..11]).unwrap();
    assert_eq!(
        ask(&site, 1, route, Some(&read)).await.refusal(),
        (401, "wrong_token".to_owned())
    );
}

/// Guesses that come all at once are counted before they are tried, so that trying them keeps nobody waiting.
#[tokio::test]
async fn whoever_guesses_is_soon_not_heard_and_others_are() {
    let (site, [read, run, _]) = guarded();
    let route = ("GET", "/api/v1/worlds");
    // Guesses with the id of a real token, which is no secret.
    let guesses: Vec<_> = (0..60)
        .map(|number| format!("{}_{number}", &read[..11]))
        .collect();
    let guessing = guesses
        .iter()
        .map(|guess| ask(&site, 66, route, Some(guess)));
    let (answers, friend) = tokio::join!(join_all(guessing), ask(&site, 1, route, Some(&read)));
    assert_eq!(friend.status, StatusCode::OK);
    let (tried, unheard): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .partition(|answer| answer.status == StatusCode::UNAUTHORIZED);
    // Ten at once, and one more every six seconds.
    assert!((10..20).contains(&tried.len()), "{}", tried.len());
    for answer in unheard {
        assert_eq!(answer.refusal(), (429, "too_many_wrong_tokens".to_owned()));
        let wait: u64 = answer.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((1..=60).contains(&wait));
    }
    // A right one from there is not heard either, or guessing would go on, but for those known already: others may
    // share the address, behind a proxy.
    assert_eq!(ask(&site, 66, route, Some(&run)).await.status, 429);
    assert_eq!(ask(&site, 66, route, Some(&read)).await.status, 200);
    assert_eq!(ask(&site, 1, route, Some(&read)).await.status, 200);
}

#[tokio::test]
async fn a_browser_sends_its_token_as_a_protocol() {
    let (site, [read, run, _]) = guarded();
    let body = json!({"scenario": {"name": "desk.toml", "text": DESK}});
    let request = site
        .request(Method::POST, "/api/v1/worlds")
        .header("authorization", format!("Bearer {run}"))
        .header("content-type", "application/json");
    let made = site
        .send(request.body(Full::from(body.to_string())).unwrap())
        .await
        .json();
    let open = async |protocols: Option<String>| {
        let address = format!(
            "ws://{}/api/v1/worlds/{}/events",
            site.address(),
            made["id"].as_str().unwrap()
        );
        let mut request = address.into_client_request().unwrap();
        if let Some(protocols) = protocols {
            request
                .headers_mut()
                .insert("sec-websocket-protocol", protocols.parse().unwrap());
        }
        connect_async(request).await
    };
    let (_, answer) = open(Some(format!("pluriverse, bearer.{read}")))
        .await
        .unwrap();
    // The token does not come back.
    assert_eq!(answer.headers()["sec-websocket-protocol"], "pluriverse");
    for protocols in [
        None,
        Some("pluriverse".to_owned()),
        Some(format!("pluriverse, bearer.{WRONG}")),
    ] {
        let Err(tungstenite::Error::Http(refused)) = open(protocols).await else {
            panic!("it was let in");
        };
        assert_eq!(refused.status(), 401);
    }
}
