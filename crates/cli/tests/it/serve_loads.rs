//! Clients that send or take too much: the server's memory does not grow with them.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::{
    serving::{ARROW, Answer, Serving},
    workshop::{CLINIC, Workshop},
};

const MIB: u64 = 1 << 20;

/// Zeros that nobody would guess from the packed bytes.
const BOMB_BYTES: usize = 256 << 20;

fn too_large(answer: &Answer) {
    assert_eq!(answer.refusal(), (413, "too_large".to_owned()));
}

/// Ten gigabytes in pieces, as far as the server takes them.
fn pour(serving: &Serving) -> (u64, Answer) {
    let headers = format!("transfer-encoding: chunked\r\n{ARROW}");
    let path = "/api/v1/simulation/ingest?run_id=endless";
    let mut stream = serving.begin("POST", path, &headers);
    let reading = stream.try_clone().unwrap();
    let reader = std::thread::spawn(move || Serving::answer(reading).unwrap());
    let mut piece = b"100000\r\n".to_vec();
    piece.resize(piece.len() + 0x10_0000, 0);
    piece.extend(b"\r\n");
    let mut sent = 0;
    while sent < 10 << 30 && stream.write_all(&piece).is_ok() {
        sent += MIB;
    }
    (sent, reader.join().unwrap())
}

#[test]
fn uploads_without_end_and_bombs_are_cut_at_the_limit() {
    let workshop = Workshop::new();
    let serving = Serving::start(
        workshop.command("serve --address 127.0.0.1:0 --data-dir kept --upload-bytes 3000000"),
    );
    assert_eq!(serving.get("/readyz").status, 200);
    let before = serving.peak_bytes();

    // Announced, none of it is waited for.
    let headers = format!("content-length: 10000000000\r\n{ARROW}");
    let path = "/api/v1/simulation/ingest?run_id=huge";
    too_large(&Serving::answer(serving.begin("POST", path, &headers)).unwrap());
    // Not announced, it is cut.
    let (sent, answer) = pour(&serving);
    too_large(&answer);
    assert!(sent < 10 << 30, "{sent}");

    let zeros = vec![0; BOMB_BYTES];
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&zeros).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(&*zeros, 1).unwrap();
    for (encoding, bomb) in [("gzip", gzip), ("zstd", zstd)] {
        assert!(bomb.len() < 3_000_000);
        let headers = format!("content-encoding: {encoding}\r\n{ARROW}");
        let path = ("POST", "/api/v1/simulation/ingest?run_id=bomb");
        too_large(&serving.try_send(path, &headers, &bomb).unwrap());
    }
    let grown = serving.peak_bytes() - before;
    assert!(grown < 40 * MIB, "it has grown by {} MiB", grown / MIB);
    assert_eq!(serving.get("/api/v1/runs").json()["total"], 0);
    let scratch = workshop.path("kept").join("scratch");
    assert_eq!(scratch.read_dir().unwrap().count(), 0);
}

/// A WebSocket of a world, from which nothing has been read.
fn watch(serving: &Serving, world: &str) -> TcpStream {
    let headers = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    serving.begin("GET", &format!("{world}/events"), headers)
}

#[test]
fn watchers_that_never_read_cost_no_memory() {
    let workshop = Workshop::new();
    let serving = Serving::start(workshop.command("serve --address 127.0.0.1:0 --data-dir kept"));
    let text = CLINIC.replace("8h", "2000000h");
    let body = json!({"scenario": {"name": "clinic.toml", "text": text}});
    let made = serving.post("/api/v1/worlds", &body);
    let world = format!("/api/v1/worlds/{}", made.json()["id"].as_str().unwrap());
    let mut reader = watch(&serving, &world);
    let first = reader.read(&mut [0; 4096]).unwrap();
    assert!(first > 0);
    let before = serving.peak_bytes();
    let deaf: Vec<_> = (0..60).map(|_| watch(&serving, &world)).collect();
    let played = serving.post(&format!("{world}/play"), &json!({"speed": null}));
    assert_eq!(played.status, 200);
    // As much as this has been shown to each of them.
    let shown = std::io::copy(&mut (&reader).take(6 * MIB), &mut std::io::sink()).unwrap();
    assert_eq!(shown, 6 * MIB);
    let grown = serving.peak_bytes() - before;
    // Kept for each of them, it would be three times this; the rest is the world's own, and what is on its way.
    assert!(grown < 120 * MIB, "it has grown by {} MiB", grown / MIB);
    let seen =
        |serving: &Serving| -> Value { serving.get(&world).json()["frame"]["events"].clone() };
    let events = seen(&serving);
    while seen(&serving) == events {
        std::thread::yield_now();
    }
    drop(deaf);
}
