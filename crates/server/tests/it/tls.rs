//! TLS: a real client against a certificate made here, and what an operator gets wrong.

use std::{net::SocketAddr, path::Path, sync::Arc};

use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Request, StatusCode, body::Bytes};
use hyper_util::rt::TokioIo;
use pluriverse_server::{Server, Settings, StartError, TlsError, TlsFiles};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    },
};
use tokio_tungstenite::client_async;

use crate::{client::DESK, watching::next};

/// A name that is not this machine's, which clients here look for at this machine.
const NAME: &str = "desk.example";

/// Writes a certificate that is valid in these years, and its key.
fn certificate(folder: &Path, years: (i32, i32)) -> TlsFiles {
    let mut params = CertificateParams::new([NAME.to_owned(), "localhost".to_owned()]).unwrap();
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    let key = KeyPair::generate().unwrap();
    let files = TlsFiles {
        certificate: folder.join("certificate.pem"),
        key: folder.join("key.pem"),
    };
    std::fs::write(&files.certificate, params.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(&files.key, key.serialize_pem()).unwrap();
    files
}

fn start(folder: &TempDir, tls: TlsFiles) -> Result<Server, StartError> {
    Server::start(Settings {
        tls: Some(tls),
        ..Settings::new("127.0.0.1:0".parse().unwrap(), folder.path())
    })
}

/// A connection to a server whose certificate this is.
async fn connect(address: SocketAddr, certificate: &Path) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(certificate).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from(NAME).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap()
}

async fn send(
    stream: TlsStream<TcpStream>,
    request: Request<Full<Bytes>>,
) -> (StatusCode, HeaderMap, Bytes) {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    let driver = tokio::spawn(connection);
    let (parts, body) = sender.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    driver.abort();
    (parts.status, parts.headers, body)
}

fn get(host: &str, path: &str) -> Request<Full<Bytes>> {
    Request::get(path)
        .header("host", host)
        .body(Full::default())
        .unwrap()
}

#[tokio::test]
async fn a_client_talks_and_watches_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let files = certificate(folder.path(), (2020, 2120));
    let server = start(&folder, files.clone()).unwrap();
    let address = server.address();
    // Whoever connects and says nothing keeps nobody waiting.
    let _silent = TcpStream::connect(address).await.unwrap();

    let body = json!({"scenario": {"name": "desk.toml", "text": DESK}});
    let host = format!("localhost:{}", address.port());
    let request = Request::post("/api/v1/worlds")
        .header("host", &host)
        .header("origin", format!("https://{host}"))
        .header("content-type", "application/json")
        .body(Full::from(body.to_string()))
        .unwrap();
    let (status, headers, body) = send(connect(address, &files.certificate).await, request).await;
    assert_eq!(status, StatusCode::CREATED, "{body:?}");
    // For this machine's own name it would hold for all its other programs.
    assert!(!headers.contains_key("strict-transport-security"));
    let made: Value = serde_json::from_slice(&body).unwrap();

    let (status, headers, _) = send(
        connect(address, &files.certificate).await,
        get(NAME, "/healthz"),
    )
    .await;
    assert_eq!(status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(headers["strict-transport-security"], "max-age=31536000");

    let url = format!(
        "wss://{host}/api/v1/worlds/{}/events",
        made["id"].as_str().unwrap()
    );
    let (mut socket, _) = client_async(url, connect(address, &files.certificate).await)
        .await
        .unwrap();
    assert_eq!(next(&mut socket).await["type"], "frame");

    // Who is audited is the client, not the listener.
    let audited = std::fs::read_to_string(folder.path().join("audit.ndjson")).unwrap();
    let line: Value = serde_json::from_str(audited.lines().next().unwrap()).unwrap();
    let peer: SocketAddr = line["peer"].as_str().unwrap().parse().unwrap();
    assert!(peer.ip().is_loopback() && peer != address, "{line}");

    let stopping = tokio::task::spawn_blocking(move || server.stop());
    assert_eq!(next(&mut socket).await["type"], "end");
    drop(socket);
    stopping.await.unwrap();
}

#[tokio::test]
async fn plain_http_is_not_answered_over_tls() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let folder = tempfile::tempdir().unwrap();
    let server = start(&folder, certificate(folder.path(), (2020, 2120))).unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    // The server hangs up, with or without a TLS alert.
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

/// The certificate that the server shows; nothing when it is not one that `trusted` vouches for.
async fn shown(address: SocketAddr, trusted: &CertificateDer<'static>) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from(NAME).unwrap();
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream);
    connected.await.is_ok()
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let files = certificate(folder.path(), (2020, 2120));
    let old = CertificateDer::from_pem_file(&files.certificate).unwrap();
    let server = start(&folder, files.clone()).unwrap();
    assert!(shown(server.address(), &old).await);

    certificate(folder.path(), (2021, 2121));
    let new = CertificateDer::from_pem_file(&files.certificate).unwrap();
    while !shown(server.address(), &new).await {
        assert!(shown(server.address(), &old).await || shown(server.address(), &new).await);
    }
    assert!(!shown(server.address(), &old).await);
}

#[test]
fn files_that_are_wrong_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let right = certificate(folder.path(), (2020, 2120));
    let refused = |files: TlsFiles| match start(&folder, files) {
        Err(StartError::Tls(error)) => error,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it started"),
    };
    let missing = refused(TlsFiles {
        certificate: folder.path().join("nowhere.pem"),
        ..right.clone()
    });
    assert!(matches!(&missing, TlsError::File { path, .. } if path.ends_with("nowhere.pem")));

    let no_pem = folder.path().join("no.pem");
    std::fs::write(&no_pem, "no certificate").unwrap();
    let malformed = refused(TlsFiles {
        certificate: no_pem.clone(),
        ..right.clone()
    });
    assert!(
        malformed.to_string().contains("no certificate in it"),
        "{malformed}"
    );
    let malformed = refused(TlsFiles {
        key: no_pem,
        ..right.clone()
    });
    assert!(
        malformed.to_string().contains("no private key in it"),
        "{malformed}"
    );

    let other = tempfile::tempdir().unwrap();
    let mismatch = refused(TlsFiles {
        key: certificate(other.path(), (2020, 2120)).key,
        ..right
    });
    assert!(matches!(mismatch, TlsError::Mismatch { .. }), "{mismatch}");
}
