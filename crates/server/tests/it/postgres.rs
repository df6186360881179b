//! PostgreSQL behind the server: everything as with SQLite, and a database that goes away and comes back.

use std::{net::SocketAddr, time::Duration};

use hyper::StatusCode;
use pluriverse_server::Settings;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use crate::{
    client::{Answer, DESK, Site, site_in},
    cluster::{self, Server},
    runs::{self, ARROW, ended, ingest, run},
    uploads,
    worlds::straight,
};

/// A server whose runs are in an empty database of PostgreSQL.
fn on_postgres(name: &'static str) -> Site {
    let making = std::thread::spawn(|| cluster::make_database(name));
    on_database(tempfile::tempdir().unwrap(), making.join().unwrap())
}

fn on_database(folder: TempDir, address: String) -> Site {
    site_in(folder, |settings| settings.database = Some(address))
}

#[tokio::test]
async fn runs_and_ledgers_are_kept_as_in_sqlite() {
    runs::runs_are_kept(&on_postgres("runs")).await;
    runs::runs_stop(&on_postgres("stopped")).await;
    runs::ledgers_are_taken(&on_postgres("ledgers")).await;
}

#[tokio::test]
async fn uploads_are_taken_as_in_sqlite() {
    uploads::chunks_in_any_order(&on_postgres("order")).await;
    uploads::wrong_chunks(&on_postgres("wrong")).await;
    uploads::two_senders(&on_postgres("two")).await;
    uploads::other_ledgers(&on_postgres("other")).await;
}

/// The status and code of a refusal that says when to come back.
fn away(answer: &Answer) -> (u16, String) {
    let wait: u64 = answer.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait));
    answer.refusal()
}

async fn until_ready(site: &Site) {
    while site.get("/readyz").await.status != StatusCode::OK {
        tokio::task::yield_now().await;
    }
}

async fn until_running(site: &Site, run: &str) {
    while site.get(run).await.json()["status"] != "running" {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_database_that_was_away_has_lost_nothing_that_was_accepted() {
    let mut database = Server::start();
    let site = on_database(tempfile::tempdir().unwrap(), database.url("postgres"));
    let unavailable = (503, "database_unavailable".to_owned());
    let upload = uploads::Upload::of(&site, "50h").await;
    assert_eq!(
        ingest(&site, "?run_id=whole", ARROW, upload.file.clone())
            .await
            .status,
        200
    );
    upload.declare(&site, "pieces").await;
    upload.put(&site, "pieces", 1).await;
    let endless = run(&site, json!({"replications": 1_000_000})).await;
    let waiting = run(&site, json!({"replications": 1})).await;
    until_running(&site, &endless).await;

    database.order("stop");
    for _ in 0..2 {
        assert_eq!(
            away(&site.get("/readyz").await),
            (503, "not_ready".to_owned())
        );
        assert_eq!(away(&site.get("/api/v1/runs").await), unavailable);
    }
    assert_eq!(site.get("/healthz").await.status, StatusCode::OK);
    let refused = ingest(&site, "?run_id=late", ARROW, upload.file.clone()).await;
    assert_eq!(away(&refused), unavailable);
    assert_eq!(away(&upload.try_put(&site, "pieces", 0).await), unavailable);
    let body = json!({"scenario": {"name": "desk.toml", "text": DESK}});
    assert_eq!(away(&site.post("/api/v1/runs", body).await), unavailable);
    // The run that goes on is stopped, and the next one begins; neither can be written down yet.
    let stopped = site.post(&format!("{endless}/cancel"), Value::Null).await;
    assert_eq!(stopped.status, StatusCode::NO_CONTENT);
    // Worlds need no database.
    let world = site.desk(json!({})).await;
    site.post(&format!("{world}/run"), Value::Null).await;
    assert_eq!(site.hash(&world).await, straight(DESK, 7));

    database.order("start");
    until_ready(&site).await;
    assert_eq!(ended(&site, &endless).await["status"], "cancelled");
    let seen = ended(&site, &waiting).await;
    assert_eq!(
        (&seen["status"], &seen["ledger_hash"]),
        (&json!("complete"), &json!(straight(DESK, 7)))
    );
    assert_eq!(site.get("/api/v1/runs").await.json()["total"], 3);
    assert_eq!(
        site.get("/api/v1/runs/whole").await.json()["ledger_hash"],
        upload.hash
    );
    assert_eq!(upload.status(&site, "pieces").await["chunks"], json!([1]));
    upload.put_all(&site, "pieces").await;
    assert_eq!(upload.commit(&site, "pieces").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_server_that_stops_while_its_database_is_away_tells_of_its_runs_later() {
    let mut database = Server::start();
    let address = database.url("postgres");
    let site = on_database(tempfile::tempdir().unwrap(), address.clone());
    let endless = run(&site, json!({"replications": 1_000_000})).await;
    until_running(&site, &endless).await;
    database.order("stop");
    let Site { server, folder } = site;
    server.stop();
    database.order("start");

    let site = on_database(folder, address);
    let seen = site.get(&endless).await.json();
    assert_eq!(
        (&seen["status"], &seen["failure"]),
        (
            &json!("failed"),
            &json!("the server stopped before it had ended")
        )
    );
}

/// What is answered to whoever asks for the runs.
async fn list_runs(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request =
        format!("GET /api/v1/runs HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_database_that_hangs_is_told_and_has_lost_nothing_that_was_accepted() {
    let mut database = Server::start();
    let site = site_in(tempfile::tempdir().unwrap(), |settings| {
        settings.database = Some(database.url("postgres"));
        settings.limits.database_answer = Duration::from_secs(2);
    });
    let silent = (503, "database_silent".to_owned());
    let upload = uploads::Upload::of(&site, "50h").await;
    let whole = ingest(&site, "?run_id=whole", ARROW, upload.file.clone()).await;
    assert_eq!(whole.status, 200);
    upload.declare(&site, "pieces").await;
    upload.put(&site, "pieces", 1).await;
    let endless = run(&site, json!({"replications": 1_000_000})).await;
    let waiting = run(&site, json!({"replications": 1})).await;
    until_running(&site, &endless).await;

    database.order("freeze");
    assert_eq!(
        away(&site.get("/readyz").await),
        (503, "not_ready".to_owned())
    );
    assert_eq!(away(&site.get("/api/v1/runs").await), silent);
    let late = ingest(&site, "?run_id=late", ARROW, upload.file.clone()).await;
    assert_eq!(away(&late), silent);
    assert_eq!(away(&upload.try_put(&site, "pieces", 0).await), silent);
    assert_eq!(site.get("/healthz").await.status, StatusCode::OK);
    // A hundred who ask hold nobody who makes a world.
    let mut asked = JoinSet::new();
    for _ in 0..100 {
        asked.spawn(list_runs(site.address()));
    }
    let world = site.desk(json!({})).await;
    site.post(&format!("{world}/run"), Value::Null).await;
    assert_eq!(site.hash(&world).await, straight(DESK, 7));
    while let Some(answer) = asked.join_next().await {
        let answer = answer.unwrap();
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        assert!(answer.contains("database_silent"), "{answer}");
    }
    let stopped = site.post(&format!("{endless}/cancel"), Value::Null).await;
    assert_eq!(stopped.status, StatusCode::NO_CONTENT);

    database.order("thaw");
    until_ready(&site).await;
    assert_eq!(ended(&site, &endless).await["status"], "cancelled");
    let seen = ended(&site, &waiting).await;
    assert_eq!(
        (&seen["status"], &seen["ledger_hash"]),
        (&json!("complete"), &json!(straight(DESK, 7)))
    );
    assert_eq!(
        site.get("/api/v1/runs/whole").await.json()["ledger_hash"],
        upload.hash
    );
    upload.put_all(&site, "pieces").await;
    assert_eq!(upload.commit(&site, "pieces").await.status, StatusCode::OK);
    let again = ingest(&site, "?run_id=late", ARROW, upload.file.clone()).await;
    assert_eq!(again.status, StatusCode::OK);
}

#[tokio::test]
async fn a_database_has_one_server_at_a_time() {
    let first = on_postgres("alone");
    let endless = run(&first, json!({"replications": 1_000_000})).await;
    until_running(&first, &endless).await;
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new("127.0.0.1:0".parse().unwrap(), folder.path());
    let address = std::thread::spawn(|| cluster::address_of("alone"));
    settings.database = Some(address.join().unwrap());
    let second = settings.clone();
    let refused = std::thread::spawn(|| pluriverse_server::Server::start(second).err());
    let refused = refused.join().unwrap().unwrap().to_string();
    assert!(
        refused.contains("another server keeps its runs in the database postgres://127.0.0.1"),
        "{refused}"
    );
    // What goes on in the first one is as it was.
    assert_eq!(first.get(&endless).await.json()["status"], "running");
    first.server.stop();
    let next = std::thread::spawn(|| pluriverse_server::Server::start(settings).err());
    assert!(next.join().unwrap().is_none());
}
