//! Ledgers are downloaded whole, in every format, and have the hash of the run.

use pluriverse_kernel::ledger::LedgerHash;
use pluriverse_server::Limits;
use pluriverse_store::open;
use serde_json::{Value, json};

use crate::{
    client::{DESK, site},
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
async fn a_world_that_keeps_no_ledger_has_its_hash() {
    let site = site(Limits::default());
    let world = site.desk(json!({"keep_ledger": false})).await;
    site.post(&format!("{world}/run"), Value::Null).await;
    assert_eq!(site.hash(&world).await, straight(DESK, 7));
    let refused = site.get(&format!("{world}/ledger")).await;
    assert_eq!(refused.refusal(), (409, "ledger_not_kept".to_owned()));
}

#[tokio::test]
async fn a_world_whose_ledger_is_full_goes_no_further() {
    let site = site(Limits {
        world_rows: 100,
        ..Limits::default()
    });
    let world = site.desk(json!({})).await;
    let first = site
        .post(&format!("{world}/run?max_events=200"), Value::Null)
        .await;
    assert_eq!(first.json()["progress"], "more");
    let refused = site.post(&format!("{world}/run"), Value::Null).await;
    assert_eq!(refused.refusal(), (409, "ledger_full".to_owned()));
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
