//! Pages of other origins: refused, but for those that the operator names.

use http_body_util::Full;
use hyper::{Method, StatusCode};
use pluriverse_server::{
    Server, Settings, Trust,
    tokens::{self, Scope},
};
use tokio_tungstenite::{connect_async, tungstenite::client::IntoClientRequest as _};

use crate::client::{Answer, DESK, Site};

const FRIEND: &str = "https://desk.example";
const STRANGER: &str = "https://evil.example";

/// A server that lets pages of a friend in, and a token for it.
fn site() -> (Site, String) {
    let folder = tempfile::tempdir().unwrap();
    let token = tokens::create(folder.path(), Scope::Run).unwrap();
    let settings = Settings {
        cors: vec![FRIEND.parse().unwrap()],
        trust: Trust::Nobody,
        ..Settings::new("127.0.0.1:0".parse().unwrap(), folder.path())
    };
    let server = Server::start(settings).unwrap();
    (Site { server, folder }, token)
}

async fn preflight(site: &Site, origin: &str) -> Answer {
    let request = site
        .request(Method::OPTIONS, "/api/v1/worlds")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        );
    site.send(request.body(Full::default()).unwrap()).await
}

async fn create(site: &Site, origin: &str, token: Option<&str>) -> Answer {
    let body = serde_json::json!({"scenario": {"name": "desk.toml", "text": DESK}}).to_string();
    let mut request = site
        .request(Method::POST, "/api/v1/worlds")
        .header("origin", origin)
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    site.send(request.body(Full::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_named_origin_may_with_a_token_and_no_other_may_at_all() {
    let (site, token) = site();
    let asked = preflight(&site, FRIEND).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert_eq!(asked.headers["access-control-allow-origin"], FRIEND);
    let allowed = asked.headers["access-control-allow-headers"]
        .to_str()
        .unwrap();
    assert!(
        allowed.contains("authorization") && allowed.contains("content-type"),
        "{allowed}"
    );
    assert!(
        !asked
            .headers
            .contains_key("access-control-allow-credentials")
    );

    let made = create(&site, FRIEND, Some(&token)).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(made.headers["access-control-allow-origin"], FRIEND);
    // Without a token it is refused in words that the page can read.
    let refused = create(&site, FRIEND, None).await;
    assert_eq!(refused.refusal(), (401, "no_token".to_owned()));
    assert_eq!(refused.headers["access-control-allow-origin"], FRIEND);

    let asked = preflight(&site, STRANGER).await;
    assert!(!asked.headers.contains_key("access-control-allow-origin"));
    let refused = create(&site, STRANGER, Some(&token)).await;
    assert_eq!(refused.refusal(), (403, "foreign_origin".to_owned()));
    assert!(!refused.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_named_origin_may_watch_and_no_other() {
    let (site, token) = site();
    let made = create(&site, FRIEND, Some(&token)).await.json();
    let watch = async |origin: &str| {
        let url = format!(
            "ws://{}/api/v1/worlds/{}/events",
            site.address(),
            made["id"].as_str().unwrap()
        );
        let mut request = url.into_client_request().unwrap();
        request
            .headers_mut()
            .insert("origin", origin.parse().unwrap());
        let protocols = format!("pluriverse, bearer.{token}");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocols.parse().unwrap());
        connect_async(request).await
    };
    assert!(watch(FRIEND).await.is_ok());
    assert!(
        watch(STRANGER)
            .await
            .unwrap_err()
            .to_string()
            .contains("403")
    );
}

#[tokio::test]
async fn without_a_named_origin_nothing_is_said_of_any() {
    let site = crate::client::site(pluriverse_server::Limits::default());
    let asked = preflight(&site, FRIEND).await;
    assert_eq!(asked.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(!asked.headers.contains_key("access-control-allow-origin"));
    let refused = create(&site, FRIEND, None).await;
    assert_eq!(refused.refusal(), (403, "foreign_origin".to_owned()));
}
