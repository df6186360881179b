//! A server without an address: the program around it decides who comes in, everything else is as over the network.

use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, StatusCode, body::Bytes};
use hyper_util::rt::TokioIo;
use pluriverse_server::{Mounted, Server, Settings, StartError, Trust, Visitor};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::DuplexStream;
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::{
    client::{Answer, DESK},
    contract,
    watching::next,
    worlds::straight,
};

fn settings(folder: &TempDir) -> Settings {
    Settings::new("203.0.113.1:80".parse().unwrap(), folder.path())
}

/// Starting asks the database, which not every thread may.
fn start(settings: Settings) -> Mounted {
    let starting = std::thread::spawn(|| Mounted::start(settings));
    starting.join().unwrap().unwrap()
}

fn ada() -> Visitor {
    Visitor {
        address: "198.51.100.7:4711".parse().unwrap(),
        name: "ada".to_owned(),
    }
}

async fn send(mounted: &Mounted, request: Request<Full<Bytes>>) -> Answer {
    let stream = TokioIo::new(mounted.connect(ada()));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    let driver = tokio::spawn(connection);
    let (method, path) = (request.method().clone(), request.uri().to_string());
    let (parts, body) = sender.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    driver.abort();
    let answer = Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    };
    contract::hold(&method, &path, &answer);
    answer
}

/// A request as a browser sends it for a page of `origin`.
fn post(path: &str, origin: &str, body: &Value) -> Request<Full<Bytes>> {
    Request::post(path)
        .header("host", "desk.example")
        .header("origin", origin)
        .header("content-type", "application/json")
        .body(Full::from(body.to_string()))
        .unwrap()
}

async fn desk(mounted: &Mounted) -> String {
    let body = json!({"scenario": {"name": "desk.toml", "text": DESK}, "seed": 7});
    let made = send(
        mounted,
        post("/api/v1/worlds", "https://desk.example", &body),
    )
    .await;
    assert_eq!(made.status, StatusCode::CREATED, "{:?}", made.body);
    format!("/api/v1/worlds/{}", made.json()["id"].as_str().unwrap())
}

async fn watch(mounted: &Mounted, world: &str, query: &str) -> WebSocketStream<DuplexStream> {
    let address = format!("ws://desk.example{world}/events{query}");
    let (socket, _) = client_async(address, mounted.connect(ada())).await.unwrap();
    socket
}

#[tokio::test]
async fn whoever_the_program_lets_in_is_answered_and_named_in_the_audit() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(&folder);
    settings.cors = vec!["https://friend.example".parse().unwrap()];
    let mounted = start(settings);
    let world = desk(&mounted).await;

    let run = format!("{world}/run");
    let foreign = send(&mounted, post(&run, "https://evil.example", &json!({}))).await;
    assert_eq!(foreign.refusal(), (403, "foreign_origin".to_owned()));
    let friend = send(&mounted, post(&run, "https://friend.example", &json!({}))).await;
    assert_eq!(friend.status, StatusCode::OK);
    assert!(!friend.headers.contains_key("access-control-allow-origin"));
    let results = Request::get(format!("{world}/results")).body(Full::default());
    let results = send(&mounted, results.unwrap()).await.json();
    assert_eq!(results["ledger_hash"], straight(DESK, 7));

    let audit = std::fs::read_to_string(folder.path().join("audit.ndjson")).unwrap();
    let told: Vec<_> = audit
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| {
            assert_eq!(
                (&line["user"], &line["peer"]),
                (&json!("ada"), &json!("198.51.100.7:4711"))
            );
            (
                line["path"].as_str().unwrap().to_owned(),
                line["status"].as_u64().unwrap(),
            )
        })
        .collect();
    let told: Vec<_> = told
        .iter()
        .map(|(path, status)| (&**path, *status))
        .collect();
    assert_eq!(told, [("/api/v1/worlds", 201), (&*run, 403), (&*run, 200)]);
}

#[tokio::test]
async fn watchers_resume_and_are_told_that_the_server_stops() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = start(settings(&folder));
    let world = desk(&mounted).await;
    let mut socket = watch(&mounted, &world, "").await;
    assert_eq!(next(&mut socket).await["seq"], 1);
    socket.send(Message::text("ignored")).await.unwrap();
    drop(socket);
    let own = "http://desk.example";
    send(
        &mounted,
        post(&format!("{world}/run?max_events=50"), own, &json!({})),
    )
    .await;
    let mut socket = watch(&mounted, &world, "?from=2").await;
    let second = next(&mut socket).await;
    assert_eq!(
        (&second["seq"], &second["frame"]["events"]),
        (&json!(2), &json!(50))
    );

    let stopping = std::thread::spawn(move || mounted.stop());
    let end = next(&mut socket).await;
    assert_eq!(
        (&end["type"], &end["code"]),
        (&json!("end"), &json!("world_ended"))
    );
    while socket.next().await.is_some_and(|message| message.is_ok()) {}
    stopping.join().unwrap();
}

#[tokio::test]
async fn a_folder_is_of_one_server_until_that_stops() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = start(settings(&folder));
    let second = std::thread::spawn({
        let settings = settings(&folder);
        || Mounted::start(settings).err()
    });
    assert!(matches!(
        second.join().unwrap(),
        Some(StartError::InUse { path }) if path == folder.path()
    ));
    std::thread::spawn(|| mounted.stop()).join().unwrap();
    start(settings(&folder));
}

#[test]
fn a_server_with_an_address_lets_nobody_else_decide() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new("127.0.0.1:0".parse().unwrap(), folder.path());
    settings.trust = Trust::Host;
    assert!(matches!(
        Server::start(settings),
        Err(StartError::NeedsToken { .. })
    ));
}
