//! Runs in the background and ledgers from elsewhere: kept, compared, fetched, and refused when they are not whole.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http_body_util::Full;
use hyper::{Method, StatusCode, body::Bytes};
use pluriverse_server::Limits;
use serde_json::{Value, json};

use crate::{
    client::{Answer, DESK, Site, site},
    worlds::straight,
};

pub(crate) const ARROW: &str = "application/vnd.apache.arrow.file";

pub(crate) async fn run(site: &Site, more: Value) -> String {
    let mut body = json!({"scenario": {"name": "desk.toml", "text": DESK}, "seed": 7});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let taken = site.post("/api/v1/runs", body).await;
    assert_eq!(taken.status, StatusCode::ACCEPTED, "{:?}", taken.body);
    format!("/api/v1/runs/{}", taken.json()["id"].as_str().unwrap())
}

/// Asks until the run has ended.
pub(crate) async fn ended(site: &Site, run: &str) -> Value {
    loop {
        let seen = site.get(run).await.json();
        if !["queued", "running"].contains(&seen["status"].as_str().unwrap()) {
            return seen;
        }
        tokio::task::yield_now().await;
    }
}

pub(crate) async fn ingest(site: &Site, query: &str, content_type: &str, body: Bytes) -> Answer {
    let path = format!("/api/v1/simulation/ingest{query}");
    let request = site
        .request(Method::POST, &path)
        .header("content-type", content_type);
    site.send(request.body(Full::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_run_ends_in_the_archive_with_its_ledger() {
    runs_are_kept(&site(Limits::default())).await;
}

pub(crate) async fn runs_are_kept(site: &Site) {
    let one = run(site, json!({"replications": 1})).await;
    let seen = ended(site, &one).await;
    assert_eq!(
        (&seen["status"], &seen["ledger_hash"]),
        (&json!("complete"), &json!(straight(DESK, 7)))
    );
    assert_eq!(seen["results"]["ledger_hash"], seen["ledger_hash"]);

    let many = run(site, json!({"replications": 5})).await;
    let seen = ended(site, &many).await;
    assert_eq!(
        (&seen["status"], &seen["results"]["replications"]),
        (&json!("complete"), &json!(5))
    );
    assert_eq!(
        site.get(&format!("{many}/ledger")).await.refusal(),
        (404, "no_ledger".to_owned())
    );

    let ids = [&one, &many]
        .map(|run| run.rsplit('/').next().unwrap().to_owned())
        .join(",");
    let compared = site
        .get(&format!("/api/v1/runs/compare?ids={ids}"))
        .await
        .json();
    assert_eq!(compared["runs"].as_array().unwrap().len(), 2);
    assert!(!compared["metrics"].as_array().unwrap().is_empty());
    assert_eq!(site.get("/api/v1/runs?limit=1").await.json()["total"], 2);

    assert_eq!(site.delete(&many).await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        site.get(&many).await.refusal(),
        (404, "no_such_run".to_owned())
    );
    let late = site.post(&format!("{one}/cancel"), Value::Null).await;
    assert_eq!(late.refusal(), (409, "run_has_ended".to_owned()));
}

#[tokio::test]
async fn a_run_can_be_stopped() {
    runs_stop(&site(Limits::default())).await;
}

pub(crate) async fn runs_stop(site: &Site) {
    let endless = run(site, json!({"replications": 1_000_000})).await;
    while site.get(&endless).await.json()["status"] != "running" {
        tokio::task::yield_now().await;
    }
    let stopped = site.post(&format!("{endless}/cancel"), Value::Null).await;
    assert_eq!(stopped.status, StatusCode::NO_CONTENT);
    assert_eq!(ended(site, &endless).await["status"], "cancelled");
}

#[tokio::test]
async fn a_ledger_from_elsewhere_is_taken_once_and_comes_back_the_same() {
    ledgers_are_taken(&site(Limits::default())).await;
}

pub(crate) async fn ledgers_are_taken(site: &Site) {
    let world = site.desk(json!({})).await;
    site.post(&format!("{world}/run"), Value::Null).await;
    let ledger = site.get(&format!("{world}/ledger?format=arrow")).await.body;

    let first = ingest(site, "?run_id=mine&source=browser", ARROW, ledger.clone())
        .await
        .json();
    assert_eq!(
        (&first["outcome"], &first["hash"]),
        (&json!("stored"), &json!(straight(DESK, 7)))
    );
    let again = ingest(site, "?run_id=mine&source=browser", ARROW, ledger.clone())
        .await
        .json();
    assert_eq!(again["outcome"], "already_there");
    assert_eq!(
        site.get("/api/v1/runs/mine").await.json()["source"],
        "browser"
    );
    let back = site.get("/api/v1/runs/mine/ledger?format=arrow").await.body;
    let copied = ingest(site, "?run_id=copy", ARROW, back).await.json();
    assert_eq!(copied["hash"], first["hash"]);

    let cut = ledger.slice(..ledger.len() / 2);
    let refused = ingest(site, "?run_id=cut", ARROW, cut).await;
    assert_eq!(refused.refusal(), (422, "invalid_ledger".to_owned()));
    let mut changed = ledger.to_vec();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    let refused = ingest(site, "?run_id=changed", ARROW, changed.into()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for id in ["cut", "changed"] {
        assert_eq!(
            site.get(&format!("/api/v1/runs/{id}")).await.refusal().0,
            404,
            "{id}"
        );
    }
    let unknown = ingest(site, "", "text/html", Bytes::new()).await;
    assert_eq!(unknown.refusal(), (415, "unknown_format".to_owned()));
    let climbing = ingest(site, "?run_id=../../x", ARROW, ledger).await;
    assert_eq!(climbing.refusal(), (422, "invalid_value".to_owned()));
}

#[tokio::test]
async fn an_upload_that_is_too_large_or_breaks_off_leaves_nothing() {
    let site = site(Limits {
        upload_bytes: 1000,
        ..Limits::default()
    });
    let refused = ingest(&site, "?run_id=x", ARROW, vec![0; 2000].into()).await;
    assert_eq!(refused.refusal(), (413, "too_large".to_owned()));
    let request = site
        .request(Method::POST, "/api/v1/simulation/ingest?run_id=x")
        .header("content-type", ARROW)
        .header("content-length", "10000000000");
    let huge = site.send(request.body(Full::default()).unwrap());
    // Ten gigabytes are refused by their announcement, before any of them comes.
    assert_eq!(huge.await.refusal(), (413, "too_large".to_owned()));
    assert_eq!(site.get("/api/v1/runs").await.json()["total"], 0);
}

#[tokio::test]
async fn a_ledger_that_is_sent_gets_the_figures_of_its_run() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    site.post(&format!("{world}/run"), Value::Null).await;
    let results = site.get(&format!("{world}/results")).await.json();
    let whole = site.get(&format!("{world}/ledger?format=arrow")).await.body;

    // Of this one a part is not in the ledger: the file that its cases come from.
    let traced = traced(&site).await;
    for (id, ledger) in [("traced", traced), ("whole", whole)] {
        let stored = ingest(&site, &format!("?run_id={id}"), ARROW, ledger).await;
        assert_eq!(stored.status, StatusCode::OK);
    }
    let figures = loop {
        let seen = site.get("/api/v1/runs/whole").await.json();
        if !seen["results"].is_null() {
            break seen["results"].clone();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(figures, results);
    // It had its turn before.
    let seen = site.get("/api/v1/runs/traced").await.json();
    assert_eq!(seen["results"], Value::Null);
}

/// The ledger of a world whose cases come from a file.
async fn traced(site: &Site) -> Bytes {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let text = std::fs::read_to_string(folder.join("claims-trace.toml")).unwrap();
    let claims = STANDARD.encode(std::fs::read(folder.join("claims.csv")).unwrap());
    let scenario = json!({"name": "claims.toml", "text": text, "files": {"claims.csv": claims}});
    let made = site
        .post("/api/v1/worlds", json!({"scenario": scenario}))
        .await;
    let world = format!("/api/v1/worlds/{}", made.json()["id"].as_str().unwrap());
    site.post(&format!("{world}/run"), Value::Null).await;
    site.get(&format!("{world}/ledger?format=arrow")).await.body
}
