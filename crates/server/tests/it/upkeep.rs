//! What stays behind: who did what, and runs and uploads only as long as they are wanted.

use std::time::Duration;

use http_body_util::Full;
use hyper::Method;
use pluriverse_archive::{Archive, ArchiveError, Location, Options, Source};
use pluriverse_server::{
    Limits, Server, Settings, StartError, Trust,
    tokens::{self, Scope},
};
use pluriverse_store::{Format, StoredLedger};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    client::{DESK, Site, site},
    runs::{ended, run},
    watching,
};

/// A server with what another has left in its folder.
fn again(folder: TempDir, change: impl FnOnce(&mut Settings)) -> Site {
    let mut settings = Settings::new("127.0.0.1:0".parse().unwrap(), folder.path());
    change(&mut settings);
    Site {
        server: Server::start(settings).unwrap(),
        folder,
    }
}

/// Asks until the answer is `wanted`.
async fn until(site: &Site, path: &str, wanted: u16) {
    while site.get(path).await.status.as_u16() != wanted {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn changes_and_refusals_are_audited_without_what_is_secret() {
    let folder = tempfile::tempdir().unwrap();
    let token = tokens::create(folder.path(), Scope::Run).unwrap();
    let site = again(folder, |settings| settings.trust = Trust::Nobody);
    let request = |method: Method, path: &str| {
        site.request(method, path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
    };
    let body = Full::from(r#"{"scenario": {"name": "a.toml", "text": "a secret"}}"#);
    let made = request(Method::POST, "/api/v1/worlds?note=hidden");
    site.send(made.body(body).unwrap()).await;
    site.send(
        request(Method::GET, "/api/v1/worlds")
            .body(Full::default())
            .unwrap(),
    )
    .await;
    site.get("/api/v1/worlds").await;
    let deleted = request(Method::DELETE, "/api/v1/runs/x");
    site.send(deleted.body(Full::default()).unwrap()).await;

    let text = std::fs::read_to_string(site.folder.path().join("audit.ndjson")).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["method"].as_str().unwrap(),
                line["path"].as_str().unwrap(),
                line["status"].as_u64().unwrap(),
            )
        })
        .collect();
    // Who reads is not written down, but who was not let in.
    assert_eq!(
        told,
        [
            ("POST", "/api/v1/worlds", 422),
            ("GET", "/api/v1/worlds", 401),
            ("DELETE", "/api/v1/runs/x", 403),
        ]
    );
    assert_eq!(lines[0]["token"], token[3..11]);
    assert!(lines[0]["peer"].as_str().unwrap().starts_with("127.0.0.1:"));
    for secret in [&token[12..], "secret", "hidden"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn what_was_asked_for_is_written_down_when_whoever_asked_has_gone() {
    let site = site(Limits::default());
    let world = site.world(&DESK.replace("8h", "200000h"), json!({})).await;
    let mut asking = TcpStream::connect(site.address()).await.unwrap();
    let request = format!(
        "POST {world}/run HTTP/1.1\r\nhost: {}\r\n\r\n",
        site.address()
    );
    asking.write_all(request.as_bytes()).await.unwrap();
    while site.get(&format!("{world}/state")).await.json()["events"] == 0 {}
    drop(asking);
    let file = site.folder.path().join("audit.ndjson");
    let line = loop {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        if let Some(line) = lines.find(|line: &Value| line["path"] == format!("{world}/run")) {
            break line;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(line["status"], Value::Null);
}

#[tokio::test]
async fn a_folder_has_one_server_at_a_time() {
    let first = site(Limits::default());
    let settings = Settings::new("127.0.0.1:0".parse().unwrap(), first.folder.path());
    let second = std::thread::spawn(|| Server::start(settings))
        .join()
        .unwrap();
    assert!(matches!(second, Err(StartError::InUse { .. })));
    // What the first one has there is as it was.
    let path = run(&first, json!({"replications": 1})).await;
    assert_eq!(ended(&first, &path).await["status"], "complete");
    let Site { server, folder } = first;
    server.stop();
    again(folder, |_| {});
}

#[tokio::test]
async fn runs_are_kept_as_long_as_the_operator_wants() {
    let first = site(Limits::default());
    let path = run(&first, json!({"replications": 1})).await;
    ended(&first, &path).await;
    let Site { server, folder } = first;
    server.stop();

    let kept = again(folder, |settings| {
        settings.keep_runs = Some(Duration::from_secs(3600))
    });
    until(&kept, "/readyz", 200).await;
    assert_eq!(kept.get(&path).await.json()["status"], "complete");
    let Site { server, folder } = kept;
    server.stop();

    let after = again(folder, |settings| {
        settings.keep_runs = Some(Duration::from_millis(1))
    });
    until(&after, &path, 404).await;
    assert_eq!(after.get("/api/v1/runs").await.json()["total"], 0);
}

#[tokio::test]
async fn of_the_latest_runs_as_many_are_kept_as_the_operator_wants() {
    let first = site(Limits::default());
    let mut paths = Vec::new();
    for _ in 0..3 {
        let path = run(&first, json!({"replications": 1})).await;
        ended(&first, &path).await;
        paths.push(path);
    }
    let Site { server, folder } = first;
    server.stop();

    let after = again(folder, |settings| settings.keep_latest = Some(2));
    until(&after, &paths[0], 404).await;
    assert_eq!(after.get("/api/v1/runs").await.json()["total"], 2);
    assert_eq!(after.get(&paths[2]).await.status, 200);
}

#[tokio::test]
async fn a_sqlite_file_has_one_server_at_a_time_wherever_it_lies() {
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("shared.sqlite").display().to_string();
    let first = again(tempfile::tempdir().unwrap(), |settings| {
        settings.database = Some(file.clone());
    });
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new("127.0.0.1:0".parse().unwrap(), folder.path());
    settings.database = Some(file);
    let second = Server::start(settings.clone());
    assert!(
        matches!(
            second,
            Err(StartError::Archive(ArchiveError::Claimed { .. }))
        ),
        "it started, or for another reason did not"
    );
    first.server.stop();
    assert!(Server::start(settings).is_ok());
}

#[tokio::test]
async fn a_ledger_whose_figures_were_lost_with_its_server_gets_them_from_the_next() {
    let first = site(Limits::default());
    let world = first.desk(json!({})).await;
    first.post(&format!("{world}/run"), Value::Null).await;
    let results = first.get(&format!("{world}/results")).await.json();
    let ledger = first
        .get(&format!("{world}/ledger?format=arrow"))
        .await
        .body;
    let Site { server, folder } = first;
    server.stop();

    // As a server leaves it that was killed right after it had taken the ledger.
    let file = folder.path().join("runs.sqlite").display().to_string();
    let archive = Archive::open(Location::parse(&file).unwrap(), Options::default()).unwrap();
    let mut stored = StoredLedger::from_bytes(Format::ArrowIpc, ledger.to_vec(), None).unwrap();
    let left = "left".parse().unwrap();
    archive.ingest(&left, Source::Browser, &mut stored).unwrap();
    drop(archive);

    let next = again(folder, |_| {});
    let figures = loop {
        let seen = next.get("/api/v1/runs/left").await.json();
        if !seen["results"].is_null() {
            break seen["results"].clone();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(figures, results);
}

#[tokio::test]
async fn what_still_comes_while_the_server_stops_is_refused() {
    let site = site(Limits::default());
    let watched = site.desk(json!({})).await;
    let mut socket = watching::watch(site.address(), &watched, "").await;
    let body = json!({"scenario": {"name": "desk.toml", "text": DESK}}).to_string();
    let mut begun = Vec::new();
    for path in ["/api/v1/worlds", "/api/v1/runs"] {
        let mut stream = TcpStream::connect(site.address()).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nexpect: 100-continue\r\n\r\n",
            site.address(),
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // It is being read, so the server finishes it.
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 100");
        begun.push(stream);
    }
    let Site { server, folder } = site;
    let stopping = tokio::task::spawn_blocking(move || server.stop());
    while watching::next(&mut socket).await["type"] != "end" {}
    drop(socket);
    for mut stream in begun {
        stream.write_all(body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains("HTTP/1.1 503"), "{answer}");
        assert!(
            answer.contains("\"stopping\"") && answer.contains("retry-after: "),
            "{answer}"
        );
    }
    stopping.await.unwrap();
    let after = again(folder, |_| {});
    assert_eq!(after.get("/api/v1/runs").await.json()["total"], 0);
}

#[tokio::test]
async fn an_upload_that_nobody_goes_on_with_is_discarded() {
    let first = site(Limits::default());
    let declaration = json!({
        "provenance": {
            "engine": "0.1.0", "revision": "", "kind": "process", "scenario_file": "a.toml", "scenario_text": "",
            "overrides": [], "files": [], "seed": 7, "replication": 0, "until_nanos": null,
        },
        "dictionary": {"kinds": [], "nouns": []},
        "rows": 5000, "hash": "0".repeat(64),
    });
    let path = "/api/v1/simulation/ingest/begun";
    let begun = first.post(path, declaration).await;
    assert_eq!(begun.status, 200, "{:?}", begun.body);
    let Site { server, folder } = first;
    server.stop();

    let kept = again(folder, |_| {});
    until(&kept, "/readyz", 200).await;
    assert_eq!(kept.get(path).await.status, 200);
    let Site { server, folder } = kept;
    server.stop();

    let after = again(folder, |settings| {
        settings.limits.upload_idle = Duration::ZERO
    });
    until(&after, path, 404).await;
}
