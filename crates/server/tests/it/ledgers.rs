//! Ledgers are downloaded whole, in every format, and have the hash of the run.

use std::time::Duration;

use http_body_util::Full;
use hyper::{Method, StatusCode};
use pluriverse_kernel::ledger::LedgerHash;
use pluriverse_server::Limits;
use pluriverse_store::open;
use serde_json::{Value, json};

use crate::{
    client::{DESK, Site, site},
    worlds::straight,
};

#[tokio::test]
async fn a_ledger_is_downloaded_in_every_format() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    site.post(&format!("{world}/run"), Value::Null).await;
    for (format, content_type) in [
        ("parquet", "application/vnd.apache.parquet"),
        ("arrow", "application/vnd.apache.arrow.file"),
        ("ndjson", "application/x-ndjson"),
    ] {
        let answer = site.get(&format!("{world}/ledger?format={format}")).await;
        assert_eq!(answer.headers["content-type"], content_type);
        let path = site.folder.path().join(format!("copy.{format}"));
        std::fs::write(&path, &answer.body).unwrap();
        let mut stored = open(&path).unwrap();
        assert_eq!(
            (stored.provenance().seed, stored.provenance().kind.as_str()),
            (7, "process")
        );
        while stored.next_chunk().unwrap().is_some() {}
        let LedgerHash(hash) = stored.read_so_far().hash;
        assert_eq!(LedgerHash(hash).to_string(), straight(DESK, 7));
    }
    let csv = site.get(&format!("{world}/ledger?format=csv")).await;
    assert!(
        csv.body.starts_with(b"seq,") || csv.body.starts_with(b"time"),
        "{:?}",
        &csv.body[..40]
    );
    let unknown = site.get(&format!("{world}/ledger?format=xlsx")).await;
    assert_eq!(unknown.refusal(), (400, "bad_query".to_owned()));
    let scratch = site.folder.path().join("scratch");
    assert_eq!(
        std::fs::read_dir(scratch).unwrap().count(),
        0,
        "nothing is left behind"
    );
}

#[tokio::test]
async fn a_ledger_is_whole_wherever_its_world_began() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    assert_eq!(rows_and_hash(&site, &world).await.0, 0);

    site.post(&format!("{world}/run_until"), json!({"seconds": 5000.0}))
        .await;
    let branch = site.post(&format!("{world}/branch"), Value::Null).await;
    let branch = format!("/api/v1/worlds/{}", branch.json()["id"].as_str().unwrap());
    let restored = site.desk(json!({})).await;
    let snapshot = site.get(&format!("{world}/snapshot")).await.body;
    let put = site.request(Method::PUT, &format!("{restored}/snapshot"));
    site.send(put.body(Full::from(snapshot)).unwrap()).await;

    let begun = rows_and_hash(&site, &world).await;
    assert!(begun.0 > 0);
    for other in [&branch, &restored] {
        assert_eq!(rows_and_hash(&site, other).await, begun);
        site.post(&format!("{other}/run"), Value::Null).await;
        assert_eq!(rows_and_hash(&site, other).await.1, straight(DESK, 7));
    }
    site.post(&format!("{world}/run"), Value::Null).await;
    site.post(&format!("{world}/seek"), json!({"seconds": 5000.0}))
        .await;
    assert_eq!(rows_and_hash(&site, &world).await, begun);
}

async fn rows_and_hash(site: &Site, world: &str) -> (u64, String) {
    let answer = site.get(&format!("{world}/ledger?format=arrow")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let path = site.folder.path().join("copy.arrow");
    std::fs::write(&path, &answer.body).unwrap();
    let mut stored = open(&path).unwrap();
    while stored.next_chunk().unwrap().is_some() {}
    let read = stored.read_so_far();
    (read.rows, read.hash.to_string())
}

#[tokio::test]
async fn a_ledger_that_takes_too_long_is_refused() {
    let site = site(Limits {
        call: Duration::ZERO,
        ..Limits::default()
    });
    let world = site.desk(json!({})).await;
    site.post(&format!("{world}/step"), Value::Null).await;
    let refused = site.get(&format!("{world}/ledger")).await;
    assert_eq!(refused.refusal(), (409, "ledger_too_long".to_owned()));
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written_is_answered_and_the_world_lives_on() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    // A file stands where the server wants its folder, as unwritable as a full disk.
    std::fs::write(site.folder.path().join("scratch"), "").unwrap();
    let refused = site.get(&format!("{world}/ledger")).await;
    assert_eq!(refused.refusal(), (507, "no_room".to_owned()));
    let ran = site.post(&format!("{world}/run"), Value::Null).await.json();
    assert_eq!(ran["progress"], "finished");
}
