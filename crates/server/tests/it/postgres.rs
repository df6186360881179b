//! PostgreSQL behind the server: everything as with SQLite, and a database that goes away and comes back.

use hyper::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

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
