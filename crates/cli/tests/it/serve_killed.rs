//! A server that is killed: what it has accepted is there when it comes back, and of the rest nothing is seen.

use std::{
    path::Path,
    time::{Duration, Instant, SystemTime},
};

use pluriverse_archive::{ChunkHash, chunk_bytes};
use pluriverse_kernel::ledger::Chunk;
use pluriverse_store::open;
use serde_json::{Value, json};

use crate::{
    serving::{Answer, Serving},
    workshop::Workshop,
};

/// Enough for the database to write before it commits: 100 rows an hour.
const LONG: &str = "8000h";

fn serve(workshop: &Workshop) -> Serving {
    Serving::start(workshop.command("serve --address 127.0.0.1:0 --data-dir kept"))
}

/// A ledger of the clinic, open for so long, and its hash.
pub(crate) fn record(workshop: &Workshop, until: &str) -> (Vec<u8>, String) {
    let scenario = crate::workshop::CLINIC.replace("8h", until);
    workshop.write("long.toml", scenario.as_bytes());
    let called = workshop.call("run long.toml --replications 1 --ledger long.arrow --format json");
    let hash = called.json()["ledger_hash"].as_str().unwrap().to_owned();
    (std::fs::read(workshop.path("long.arrow")).unwrap(), hash)
}

/// When the database has last written what may not be committed yet.
fn written(workshop: &Workshop) -> Option<SystemTime> {
    let log = workshop.path("kept").join("runs.sqlite-wal");
    log.metadata().and_then(|log| log.modified()).ok()
}

/// Lets `send` begin something, and kills the server as soon as it has put rows into the database; nothing may have
/// been answered by then.
fn kill_in_the_middle(
    workshop: &Workshop,
    serving: Serving,
    send: impl Fn(&Serving) -> Option<Answer> + Sync,
) {
    let before = written(workshop);
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| send(&serving));
        let deadline = Instant::now() + Duration::from_secs(120);
        while written(workshop) == before {
            assert!(!sending.is_finished(), "it is done before it is killed");
            assert!(Instant::now() < deadline, "two minutes are enough to begin");
            std::thread::yield_now();
        }
        let kill = format!(
            "kill -KILL {}",
            serving.proc("").file_name().unwrap().display()
        );
        let killed = std::process::Command::new("sh")
            .args(["-c", &kill])
            .status();
        assert!(killed.unwrap().success());
        assert!(
            sending.join().unwrap().is_none(),
            "it was done before it was killed"
        );
    });
    serving.kill();
}

pub(crate) fn assert_kept(serving: &Serving, id: &str, hash: &str) {
    let run = serving.get(&format!("/api/v1/runs/{id}")).json();
    assert_eq!(
        (&run["status"], &run["ledger_hash"]),
        (&json!("complete"), &json!(hash))
    );
    let ledger = serving.get(&format!("/api/v1/runs/{id}/ledger?format=arrow"));
    assert_eq!(ledger.status, 200);
    let format = pluriverse_store::Format::ArrowIpc;
    let mut stored = pluriverse_store::StoredLedger::from_bytes(format, ledger.body, None).unwrap();
    while stored.next_chunk().unwrap().is_some() {}
    assert_eq!(stored.read_so_far().hash.to_string(), hash);
}

#[test]
fn in_the_middle_of_a_ledger_leaves_nothing_and_what_was_answered_stays() {
    let workshop = Workshop::new();
    let (small, small_hash) = record(&workshop, "8h");
    let (long, hash) = record(&workshop, LONG);
    let serving = serve(&workshop);
    assert_eq!(serving.ingest("small", &small).status, 200);
    // Its figures are written afterwards; what is written from here on is the long one's.
    while serving.get("/api/v1/runs/small").json()["results"].is_null() {
        std::thread::yield_now();
    }
    kill_in_the_middle(&workshop, serving, |serving| {
        serving.try_ingest("long", &long)
    });
    let scratch = workshop.path("kept").join("scratch");
    assert_eq!(scratch.read_dir().unwrap().count(), 1, "the upload's file");

    let serving = serve(&workshop);
    assert!(!scratch.exists() || scratch.read_dir().unwrap().count() == 0);
    assert_eq!(serving.get("/api/v1/runs").json()["total"], 1);
    assert_eq!(serving.get("/api/v1/runs/long").refusal().0, 404);
    assert_kept(&serving, "small", &small_hash);
    // Killed as soon as it has answered.
    assert_eq!(serving.ingest("long", &long).json()["outcome"], "stored");
    serving.kill();

    let serving = serve(&workshop);
    assert_kept(&serving, "long", &hash);
    assert_eq!(
        serving.ingest("long", &long).json()["outcome"],
        "already_there"
    );
}

/// A ledger's declaration and chunks.
fn pieces(path: &Path) -> (Value, Vec<Chunk>) {
    let mut stored = open(path).unwrap();
    let closing = stored.seal().unwrap().closing.clone();
    let declaration = json!({
        "provenance": stored.provenance(),
        "dictionary": stored.dictionary(),
        "rows": closing.rows,
        "hash": closing.hash.to_string(),
    });
    let mut chunks = Vec::new();
    while let Some(chunk) = stored.next_chunk().unwrap() {
        chunks.push(chunk.clone());
    }
    (declaration, chunks)
}

#[test]
fn between_the_chunks_and_in_the_commit_keeps_every_chunk() {
    let workshop = Workshop::new();
    let (_, hash) = record(&workshop, LONG);
    let (declaration, chunks) = pieces(&workshop.path("long.arrow"));
    let upload = "/api/v1/simulation/ingest/pieces";
    let put = |serving: &Serving, number: usize| {
        let chunk = &chunks[number];
        let header = format!("x-chunk-hash: {}\r\n", ChunkHash(chunk.hash()));
        let path = format!("{upload}/chunks/{number}");
        let answer = serving.try_send(("PUT", &path), &header, &chunk_bytes(chunk));
        assert_eq!(answer.unwrap().status, 200);
    };
    let serving = serve(&workshop);
    assert_eq!(serving.post(upload, &declaration).status, 200);
    put(&serving, 5);
    put(&serving, 2);
    serving.kill();

    let serving = serve(&workshop);
    let status = serving.get(upload).json();
    assert_eq!(
        (&status["chunks"], &status["committed"]),
        (&json!([2, 5]), &json!(false))
    );
    let early = serving.post(&format!("{upload}/commit"), &Value::Null);
    assert_eq!(early.refusal(), (409, "upload_incomplete".to_owned()));
    (0..chunks.len()).for_each(|number| put(&serving, number));
    kill_in_the_middle(&workshop, serving, |serving| {
        serving.try_send(("POST", &format!("{upload}/commit")), "", b"")
    });

    let serving = serve(&workshop);
    assert_eq!(serving.get("/api/v1/runs").json()["total"], 0);
    let status = serving.get(upload).json();
    assert_eq!(status["chunks"].as_array().unwrap().len(), chunks.len());
    let done = serving
        .post(&format!("{upload}/commit"), &Value::Null)
        .json();
    assert_eq!(
        (&done["outcome"], &done["hash"]),
        (&json!("stored"), &json!(hash))
    );
    serving.kill();
    assert_kept(&serve(&workshop), "pieces", &hash);
}
