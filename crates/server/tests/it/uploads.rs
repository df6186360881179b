//! Ledgers that come in chunks: in any order, twice, damaged, from two at once, and never seen before they are whole.

use http_body_util::Full;
use hyper::{Method, StatusCode, body::Bytes};
use pluriverse_archive::{ChunkHash, chunk_bytes};
use pluriverse_kernel::ledger::Chunk;
use pluriverse_server::Limits;
use pluriverse_store::{Format, StoredLedger};
use serde_json::{Value, json};

use crate::{
    client::{Answer, Site, site},
    runs::{ARROW, ingest},
};

/// A ledger, whole and in pieces.
pub(crate) struct Upload {
    pub(crate) file: Bytes,
    pub(crate) hash: String,
    declaration: Value,
    chunks: Vec<Chunk>,
}

impl Upload {
    /// The ledger of a desk that is open for so long.
    pub(crate) async fn of(site: &Site, until: &str) -> Self {
        let world = site.desk(json!({"overrides": {"run.until": until}})).await;
        site.post(&format!("{world}/run"), Value::Null).await;
        let file = site.get(&format!("{world}/ledger?format=arrow")).await.body;
        let mut stored = StoredLedger::from_bytes(Format::ArrowIpc, file.to_vec(), None).unwrap();
        let closing = stored.seal().unwrap().closing.clone();
        let hash = closing.hash.to_string();
        let declaration = json!({
            "provenance": stored.provenance(),
            "dictionary": stored.dictionary(),
            "rows": closing.rows,
            "hash": hash,
            "chunks": closing.rows.div_ceil(4096),
        });
        let mut chunks = Vec::new();
        while let Some(chunk) = stored.next_chunk().unwrap() {
            chunks.push(chunk.clone());
        }
        Self {
            file,
            hash,
            declaration,
            chunks,
        }
    }

    pub(crate) async fn declare(&self, site: &Site, id: &str) -> Answer {
        site.post(&path(id), self.declaration.clone()).await
    }

    pub(crate) async fn try_put(&self, site: &Site, id: &str, number: usize) -> Answer {
        let chunk = &self.chunks[number];
        let hash = ChunkHash(chunk.hash()).to_string();
        send(site, id, number, &hash, chunk_bytes(chunk)).await
    }

    pub(crate) async fn put(&self, site: &Site, id: &str, number: usize) -> String {
        let answer = self.try_put(site, id, number).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        answer.json()["outcome"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn put_all(&self, site: &Site, id: &str) {
        for number in 0..self.chunks.len() {
            self.put(site, id, number).await;
        }
    }

    pub(crate) async fn status(&self, site: &Site, id: &str) -> Value {
        site.get(&path(id)).await.json()
    }

    pub(crate) async fn commit(&self, site: &Site, id: &str) -> Answer {
        site.post(&format!("{}/commit", path(id)), Value::Null)
            .await
    }
}

fn path(id: &str) -> String {
    format!("/api/v1/simulation/ingest/{id}")
}

async fn send(site: &Site, id: &str, number: usize, hash: &str, bytes: Vec<u8>) -> Answer {
    let path = format!("{}/chunks/{number}", path(id));
    let request = site
        .request(Method::PUT, &path)
        .header("x-chunk-hash", hash);
    site.send(request.body(Full::from(bytes)).unwrap()).await
}

async fn assert_unseen(site: &Site, id: &str) {
    for path in [
        format!("/api/v1/runs/{id}"),
        format!("/api/v1/runs/{id}/ledger"),
    ] {
        assert_eq!(site.get(&path).await.refusal().0, 404, "{path}");
    }
    assert_eq!(site.get("/api/v1/runs").await.json()["total"], 0);
}

#[tokio::test]
async fn chunks_come_in_any_order_and_more_than_once() {
    chunks_in_any_order(&site(Limits::default())).await;
}

pub(crate) async fn chunks_in_any_order(site: &Site) {
    let upload = Upload::of(site, "50h").await;
    assert_eq!(upload.chunks.len(), 4);
    let begun = upload.declare(site, "mine").await.json();
    assert_eq!(
        (&begun["chunks"], &begun["chunk_count"], &begun["committed"]),
        (&json!([]), &json!(4), &json!(false))
    );
    assert_eq!(upload.put(site, "mine", 3).await, "stored");
    assert_eq!(upload.put(site, "mine", 0).await, "stored");
    assert_eq!(upload.put(site, "mine", 3).await, "already_there");
    // Whoever lost the line declares again, and is told what is there.
    let again = upload.declare(site, "mine").await.json();
    assert_eq!(again["chunks"], json!([0, 3]));
    let early = upload.commit(site, "mine").await;
    assert_eq!(early.refusal(), (409, "upload_incomplete".to_owned()));
    assert_unseen(site, "mine").await;
    assert_eq!(upload.put(site, "mine", 2).await, "stored");
    assert_eq!(upload.put(site, "mine", 1).await, "stored");
    assert_eq!(
        upload.status(site, "mine").await["chunks"],
        json!([0, 1, 2, 3])
    );
    assert_unseen(site, "mine").await;

    let done = upload.commit(site, "mine").await.json();
    assert_eq!(
        (&done["outcome"], &done["hash"]),
        (&json!("stored"), &json!(upload.hash))
    );
    let run = site.get("/api/v1/runs/mine").await.json();
    assert_eq!(
        (&run["status"], &run["ledger_hash"]),
        (&json!("complete"), &json!(upload.hash))
    );
    let back = site.get("/api/v1/runs/mine/ledger?format=arrow").await.body;
    let mut stored = StoredLedger::from_bytes(Format::ArrowIpc, back.to_vec(), None).unwrap();
    while stored.next_chunk().unwrap().is_some() {}
    assert_eq!(stored.read_so_far().hash.to_string(), upload.hash);

    // All of it once more changes nothing.
    let status = upload.declare(site, "mine").await.json();
    assert_eq!(
        (&status["committed"], &status["chunks"]),
        (&json!(true), &json!([0, 1, 2, 3]))
    );
    assert_eq!(upload.put(site, "mine", 2).await, "already_there");
    assert_eq!(
        upload.commit(site, "mine").await.json()["outcome"],
        "already_there"
    );
    let whole = ingest(site, "?run_id=mine", ARROW, upload.file.clone()).await;
    assert_eq!(whole.json()["outcome"], "already_there");
}

#[tokio::test]
async fn what_is_not_the_chunk_is_refused_and_the_right_one_still_comes_in() {
    wrong_chunks(&site(Limits::default())).await;
}

pub(crate) async fn wrong_chunks(site: &Site) {
    let upload = Upload::of(site, "50h").await;
    let refusal = |status: u16, code: &str| (status, code.to_owned());
    let undeclared = upload.try_put(site, "mine", 0).await;
    assert_eq!(undeclared.refusal(), refusal(404, "no_such_upload"));
    assert_eq!(
        upload.commit(site, "mine").await.refusal(),
        refusal(404, "no_such_upload")
    );
    upload.declare(site, "mine").await;

    let hash = ChunkHash(upload.chunks[0].hash()).to_string();
    let bytes = chunk_bytes(&upload.chunks[0]);
    let mut flipped = bytes.clone();
    flipped[5000] ^= 1;
    let refused = send(site, "mine", 0, &hash, flipped).await;
    assert_eq!(refused.refusal(), refusal(422, "chunk_hash_mismatch"));
    let refused = send(site, "mine", 0, "0123456789abcdef", bytes.clone()).await;
    assert_eq!(refused.refusal(), refusal(422, "chunk_hash_mismatch"));
    let refused = send(site, "mine", 0, "xyz", bytes.clone()).await;
    assert_eq!(refused.refusal(), refusal(422, "invalid_value"));
    let request = site.request(Method::PUT, &format!("{}/chunks/0", path("mine")));
    let refused = site.send(request.body(Full::from(bytes.clone())).unwrap());
    assert_eq!(refused.await.refusal(), refusal(400, "no_chunk_hash"));
    let refused = send(site, "mine", 0, &hash, bytes[1..].to_vec()).await;
    assert_eq!(refused.refusal(), refusal(422, "chunk_length"));
    let refused = send(site, "mine", 4, &hash, bytes.clone()).await;
    assert_eq!(refused.refusal(), refusal(422, "invalid_value"));
    let refused = send(site, "mine", 0, &hash, vec![0; 20 << 20]).await;
    assert_eq!(refused.refusal(), refusal(413, "too_large"));
    assert_eq!(upload.status(site, "mine").await["chunks"], json!([]));

    // The first chunk's rows as the second's could be, by themselves.
    assert_eq!(
        send(site, "mine", 1, &hash, bytes.clone()).await.status,
        StatusCode::OK
    );
    let other = upload.try_put(site, "mine", 1).await;
    assert_eq!(other.refusal(), refusal(409, "conflict"));
    for number in [0, 2, 3] {
        upload.put(site, "mine", number).await;
    }
    // Each chunk is as it was sent, and together they are another ledger.
    assert_eq!(upload.commit(site, "mine").await.status.as_u16(), 422);
    assert_unseen(site, "mine").await;
    let discarded = site.delete(&path("mine")).await;
    assert_eq!(discarded.status, StatusCode::NO_CONTENT);
    upload.declare(site, "mine").await;
    upload.put_all(site, "mine").await;
    assert_eq!(
        upload.commit(site, "mine").await.json()["hash"],
        upload.hash
    );
}

#[tokio::test]
async fn another_ledger_under_the_same_name_is_refused() {
    other_ledgers(&site(Limits::default())).await;
}

pub(crate) async fn other_ledgers(site: &Site) {
    let (upload, other) = (Upload::of(site, "50h").await, Upload::of(site, "45h").await);
    let conflict = (409, "conflict".to_owned());
    upload.declare(site, "mine").await;
    upload.put(site, "mine", 0).await;
    assert_eq!(other.declare(site, "mine").await.refusal(), conflict);
    let mut facts = upload.declaration.clone();
    facts["provenance"]["seed"] = json!(8);
    assert_eq!(site.post(&path("mine"), facts).await.refusal(), conflict);
    let mut facts = upload.declaration.clone();
    facts["chunks"] = json!(5);
    assert_eq!(
        site.post(&path("mine"), facts).await.refusal(),
        (422, "invalid_value".to_owned())
    );
    assert_eq!(upload.status(site, "mine").await["chunks"], json!([0]));

    // The hash that was declared is not that of the rows.
    let mut facts = upload.declaration.clone();
    facts["hash"] = json!("0".repeat(64));
    assert_eq!(site.post(&path("false"), facts).await.status, 200);
    upload.put_all(site, "false").await;
    assert_eq!(
        upload.commit(site, "false").await.refusal(),
        (422, "ledger_hash_mismatch".to_owned())
    );
    assert_unseen(site, "false").await;

    // A run that is there keeps its ledger.
    let kept = ingest(site, "?run_id=kept", ARROW, upload.file.clone()).await;
    assert_eq!(kept.status, StatusCode::OK);
    assert_eq!(other.declare(site, "kept").await.refusal(), conflict);
    let replaced = ingest(site, "?run_id=kept", ARROW, other.file.clone()).await;
    assert_eq!(replaced.refusal(), conflict);
    let kept = site.get("/api/v1/runs/kept").await.json();
    assert_eq!(kept["ledger_hash"], upload.hash);
}

#[tokio::test]
async fn two_senders_of_one_ledger_do_not_disturb_each_other() {
    two_senders(&site(Limits::default())).await;
}

pub(crate) async fn two_senders(site: &Site) {
    let upload = Upload::of(site, "50h").await;
    let sender = async |numbers: [usize; 4]| {
        upload.declare(site, "mine").await;
        for number in numbers {
            upload.put(site, "mine", number).await;
        }
        upload.commit(site, "mine").await.json()
    };
    let (one, other) = tokio::join!(sender([0, 1, 2, 3]), sender([3, 2, 1, 0]));
    let mut outcomes = [&one["outcome"], &other["outcome"]].map(|told| told.as_str().unwrap());
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["already_there", "stored"]);

    let whole = async || {
        ingest(site, "?run_id=whole", ARROW, upload.file.clone())
            .await
            .json()
    };
    let (one, other) = tokio::join!(whole(), whole());
    let mut outcomes = [&one["outcome"], &other["outcome"]].map(|told| told.as_str().unwrap());
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["already_there", "stored"]);
    assert_eq!(site.get("/api/v1/runs").await.json()["total"], 2);
}
