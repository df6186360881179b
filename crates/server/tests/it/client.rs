//! A server on a free port, and a client of it.

use std::net::SocketAddr;

use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Method, Request, StatusCode, body::Bytes};
use hyper_util::rt::TokioIo;
use pluriverse_server::{Limits, Server, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::contract;

/// A small desk: 8 simulated hours, some 1,500 rows.
pub(crate) const DESK: &str = r#"
kind = "process"
[run]
until = "8h"
[sources.people]
arrivals = { poisson = { rate = "0.9/min" } }
[stations.desk]
agents = 1
service = { exponential = { mean = "1m" } }
patience = { exponential = { mean = "10m" } }
"#;

/// A server that ends with the test.
pub(crate) struct Site {
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
}

/// What the server answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {:?}", self.status, self.body))
    }

    /// The code of a refusal, with its status.
    pub(crate) fn refusal(&self) -> (u16, String) {
        let code = self.json()["error"]["code"].as_str().unwrap().to_owned();
        (self.status.as_u16(), code)
    }
}

/// A server with these limits.
pub(crate) fn site(limits: Limits) -> Site {
    site_in(tempfile::tempdir().unwrap(), |settings| {
        settings.limits = limits;
    })
}

/// A server that keeps its things in `folder`, with settings that `change` changes.
pub(crate) fn site_in(folder: TempDir, change: impl FnOnce(&mut Settings)) -> Site {
    let mut settings = Settings::new("127.0.0.1:0".parse().unwrap(), folder.path());
    change(&mut settings);
    // A server starts by asking its database, which blocks, and not every thread may.
    let starting = std::thread::spawn(|| Server::start(settings));
    let server = starting.join().unwrap().unwrap();
    Site { server, folder }
}

impl Site {
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Sends a request as it is; a JSON answer must be what the OpenAPI document says.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let stream = TcpStream::connect(self.address()).await.unwrap();
        self.send_over(stream, request).await
    }

    /// Sends a request over a connection of its own.
    pub(crate) async fn send_over(
        &self,
        stream: TcpStream,
        request: Request<Full<Bytes>>,
    ) -> Answer {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        let driver = tokio::spawn(connection);
        let (method, path) = (request.method().clone(), request.uri().to_string());
        let response = sender.send_request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        driver.abort();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        };
        contract::hold(&method, &path, &answer);
        answer
    }

    /// A request that can be changed before it is sent.
    pub(crate) fn request(&self, method: Method, path: &str) -> hyper::http::request::Builder {
        let host = self.address().to_string();
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", host)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(
            self.request(Method::GET, path)
                .body(Full::default())
                .unwrap(),
        )
        .await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(
            self.request(Method::DELETE, path)
                .body(Full::default())
                .unwrap(),
        )
        .await
    }

    /// Posts JSON; `null` posts nothing.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        let request = self.request(Method::POST, path);
        let request = match body {
            Value::Null => request.body(Full::default()),
            body => request
                .header("content-type", "application/json")
                .body(Full::from(body.to_string())),
        };
        self.send(request.unwrap()).await
    }

    /// Makes a world of the desk and returns its path.
    pub(crate) async fn desk(&self, more: Value) -> String {
        self.world(DESK, more).await
    }

    /// Makes a world of a scenario and returns its path.
    pub(crate) async fn world(&self, text: &str, more: Value) -> String {
        let mut body = json!({"scenario": {"name": "desk.toml", "text": text}, "seed": 7});
        if let Value::Object(more) = more {
            body.as_object_mut().unwrap().extend(more);
        }
        let made = self.post("/api/v1/worlds", body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{:?}", made.body);
        format!("/api/v1/worlds/{}", made.json()["id"].as_str().unwrap())
    }

    /// The hash of a world's ledger so far.
    pub(crate) async fn hash(&self, world: &str) -> String {
        let results = self.get(&format!("{world}/results")).await.json();
        results["ledger_hash"].as_str().unwrap().to_owned()
    }
}
