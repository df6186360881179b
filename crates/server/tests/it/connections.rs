//! Clients that keep the server waiting: it lets go of them, tells those who listen why, and goes on.

use std::{net::SocketAddr, time::Duration};

use pluriverse_server::Limits;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

use crate::client::{Site, site};

/// A server that waits no longer than this.
fn impatient(patience: Duration) -> Site {
    site(Limits {
        patience,
        ..Limits::default()
    })
}

/// Everything that comes until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that is reset has ended as well.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn assert_alive(site: &Site) {
    assert_eq!(site.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn headers_that_never_end_and_connections_that_say_nothing_are_closed() {
    let site = impatient(Duration::from_millis(300));
    let mut silent = TcpStream::connect(site.address()).await.unwrap();
    let mut slow = TcpStream::connect(site.address()).await.unwrap();
    let (mut slow_reads, mut slow_writes) = slow.split();
    let dripping = async {
        let drops = b"GET / HTTP/1.1\r\nx-drop: "
            .iter()
            .chain(std::iter::repeat(&b'x'));
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        for drop in drops {
            ticks.tick().await;
            if slow_writes.write_all(&[*drop]).await.is_err() {
                break;
            }
        }
    };
    let closed = async {
        let mut bytes = Vec::new();
        let _ = slow_reads.read_to_end(&mut bytes).await;
    };
    tokio::select! {
        () = dripping => {}
        () = closed => {}
    }
    rest(&mut silent).await;
    assert_alive(&site).await;
}

#[tokio::test]
async fn a_body_that_stalls_is_told_and_nothing_of_it_is_kept() {
    let site = impatient(Duration::from_millis(300));
    let requests = [
        (
            "/api/v1/worlds",
            "application/json",
            "400 Bad Request",
            "bad_body",
        ),
        (
            "/api/v1/simulation/ingest?run_id=stalled",
            "application/vnd.apache.arrow.file",
            "400 Bad Request",
            "broken_off",
        ),
    ];
    for (path, content_type, status, code) in requests {
        let mut stream = TcpStream::connect(site.address()).await.unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: {content_type}\r\ncontent-length: 1000\r\n\r\nhalf of",
            site.address()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(code),
            "{answer}"
        );
    }
    let scratch = site.folder.path().join("scratch");
    assert_eq!(std::fs::read_dir(scratch).unwrap().count(), 0);
    assert_eq!(site.get("/api/v1/runs").await.json()["total"], 0);
}

/// Lets this process have so many files open.
fn allow_files(count: u64) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < count) {
        limit.current = Some(count);
        setrlimit(Resource::Nofile, limit).unwrap();
    }
}

/// More uploads that come slowly than the server has threads for work that blocks.
#[tokio::test]
async fn slow_uploads_keep_nobody_from_the_database() {
    allow_files(4096);
    let site = site(Limits::default());
    let mut slow = Vec::new();
    for number in 0..600 {
        let mut stream = TcpStream::connect(site.address()).await.unwrap();
        let request = format!(
            "POST /api/v1/simulation/ingest?run_id=slow-{number} HTTP/1.1\r\nhost: {}\r\n\
             content-type: application/x-ndjson\r\ncontent-length: 1000\r\n\r\nhalf of",
            site.address()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    let scratch = site.folder.path().join("scratch");
    while std::fs::read_dir(&scratch).map_or(0, Iterator::count) < slow.len() {
        tokio::task::yield_now().await;
    }
    let runs = tokio::time::timeout(Duration::from_secs(30), site.get("/api/v1/runs"));
    assert_eq!(runs.await.unwrap().json()["total"], 0);
    drop(slow);
    while std::fs::read_dir(&scratch).unwrap().count() > 0 {
        tokio::task::yield_now().await;
    }
}

/// A connection that takes next to nothing from the network before it is read.
async fn narrow(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(address).await.unwrap()
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_not_held_for_ever() {
    let site = impatient(Duration::from_millis(300));
    let world = site.desk(json!({"overrides": {"run.until": "400h"}})).await;
    site.post(&format!("{world}/run"), Value::Null).await;
    let mut stream = narrow(site.address()).await;
    let request = format!(
        "GET {world}/ledger?format=ndjson HTTP/1.1\r\nhost: {}\r\n\r\n",
        site.address()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.readable().await.unwrap();
    let scratch = site.folder.path().join("scratch");
    while std::fs::read_dir(&scratch).unwrap().count() > 0 {
        tokio::task::yield_now().await;
    }
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"));
    let length = answer
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    assert!(answer.len() < length.unwrap().parse().unwrap());
    assert_alive(&site).await;
}

/// Whoever is refused while still sending hears why, although the server stops reading.
#[tokio::test]
async fn a_sender_is_told_that_he_is_refused_while_he_sends() {
    let site = site(Limits {
        upload_bytes: 100_000,
        ..Limits::default()
    });
    let (mut reads, mut writes) = TcpStream::connect(site.address())
        .await
        .unwrap()
        .into_split();
    let request = format!(
        "POST /api/v1/simulation/ingest?run_id=endless HTTP/1.1\r\nhost: {}\r\n\
         content-type: application/vnd.apache.arrow.file\r\ntransfer-encoding: chunked\r\n\r\n",
        site.address()
    );
    writes.write_all(request.as_bytes()).await.unwrap();
    let sending = tokio::spawn(async move {
        let mut piece = b"10000\r\n".to_vec();
        piece.extend([0; 0x10000]);
        piece.extend(b"\r\n");
        let mut sent = 0_u64;
        // Ten gigabytes, unless somebody stops it.
        while sent < 10 << 30 && writes.write_all(&piece).await.is_ok() {
            sent += 0x10000;
        }
        sent
    });
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains("}}") {
        assert!(reads.read_buf(&mut answer).await.unwrap() > 0);
    }
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("too_large"),
        "{answer}"
    );
    assert!(sending.await.unwrap() < 10 << 30);
    let scratch = site.folder.path().join("scratch");
    assert_eq!(std::fs::read_dir(scratch).unwrap().count(), 0);
}
