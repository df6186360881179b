//! `serve --otlp`: a collector gets a span for what was done, with what it belongs to.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use expect_test::expect;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message as _;

use crate::workshop::{Begun, Workshop};

/// How long spans may take to come, after the server has ended.
const PATIENCE: Duration = Duration::from_secs(10);

const DESK: &str = r#"
kind = "process"
[run]
until = "1h"
[sources.people]
arrivals = { poisson = { rate = "0.9/min" } }
[stations.desk]
agents = 1
service = { exponential = { mean = "1m" } }
"#;

/// A collector: its address, and what it has been sent.
fn collector() -> (String, Receiver<ExportTraceServiceRequest>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, received) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            while let Some(body) = request(&mut stream) {
                let sent = ExportTraceServiceRequest::decode(&*body).unwrap();
                // The test may have seen enough.
                let _ = sender.send(sent);
                let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
                stream.get_mut().write_all(answer).unwrap();
            }
        }
    });
    (format!("http://{address}"), received)
}

/// The body of the next request of a connection.
fn request(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut length = 0;
    let mut first = String::new();
    stream
        .read_line(&mut first)
        .ok()
        .filter(|count| *count > 0)?;
    assert_eq!(first, "POST /v1/traces HTTP/1.1\r\n");
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "content-type" => assert_eq!(value, "application/x-protobuf"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    Some(body)
}

/// Sends a request and returns the answer's body.
fn call(address: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "{head} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

fn text(value: &KeyValue) -> String {
    match value.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn attributes(span: &Span) -> BTreeMap<&str, String> {
    let pairs = span
        .attributes
        .iter()
        .map(|pair| (pair.key.as_str(), text(pair)));
    pairs.collect()
}

/// What is sent until there is a span whose name ends so: who sent it, and the spans.
fn spans_until(received: &Receiver<ExportTraceServiceRequest>, end: &str) -> (String, Vec<Span>) {
    let mut spans = Vec::new();
    let mut service = String::new();
    while !spans.iter().any(|span: &Span| span.name.ends_with(end)) {
        for resource in received.recv_timeout(PATIENCE).unwrap().resource_spans {
            let named = resource.resource.unwrap().attributes;
            let named = named.iter().find(|pair| pair.key == "service.name");
            service = named.map(text).unwrap();
            spans.extend(
                resource
                    .scope_spans
                    .into_iter()
                    .flat_map(|scope| scope.spans),
            );
        }
    }
    (service, spans)
}

/// A server that sends traces to this collector, and its address.
fn served(workshop: &Workshop, url: &str) -> (Begun, String) {
    let mut begun = workshop.begin(&format!(
        "serve --address 127.0.0.1:0 --data-dir kept --otlp {url}"
    ));
    let mut line = String::new();
    BufReader::new(begun.stdout()).read_line(&mut line).unwrap();
    let address = line
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split('/').next());
    let address = address.unwrap().to_owned();
    (begun, address)
}

#[test]
fn a_collector_gets_requests_calls_and_runs() {
    let workshop = Workshop::new();
    let (url, received) = collector();
    let (begun, address) = served(&workshop, &url);
    let address = address.as_str();

    let sent =
        serde_json::json!({"scenario": {"name": "desk.toml", "text": DESK}, "replications": 1});
    let run: serde_json::Value =
        serde_json::from_str(&call(address, "POST /api/v1/runs", &sent.to_string())).unwrap();
    let run = run["id"].as_str().unwrap();
    loop {
        let seen = call(address, &format!("GET /api/v1/runs/{run}"), "");
        assert!(!seen.contains("\"status\":\"failed\""), "{seen}");
        if seen.contains("\"status\":\"complete\"") {
            break;
        }
    }
    let mut sent = sent;
    sent.as_object_mut().unwrap().remove("replications");
    let world: serde_json::Value =
        serde_json::from_str(&call(address, "POST /api/v1/worlds", &sent.to_string())).unwrap();
    let world = world["id"].as_str().unwrap();
    call(address, &format!("POST /api/v1/worlds/{world}/run"), "");
    begun.interrupt();
    let called = begun.end();
    assert_eq!(called.code, 0, "{}", called.stderr);
    // Spans are not the log's business.
    assert!(!called.stderr.contains("http.route"), "{}", called.stderr);

    let (service, spans) = spans_until(&received, "/{id}/run");
    assert_eq!(service, "pluriverse");
    let find = |name: &str| {
        let found = spans.iter().find(|span| span.name == name);
        found.unwrap_or_else(|| panic!("no span `{name}`: {spans:#?}"))
    };
    let request = find("POST /api/v1/worlds/{id}/run");
    let told = attributes(request);
    assert_eq!(told["http.route"], "/api/v1/worlds/{id}/run");
    assert_eq!(
        (
            &*told["http.request.method"],
            &*told["http.response.status_code"]
        ),
        ("POST", "200")
    );
    assert!(request.end_time_unix_nano > request.start_time_unix_nano);

    let moved = find("world call");
    let told = attributes(moved);
    assert_eq!((&*told["call"], &*told["world"]), ("run", world));
    assert!(told["events"].parse::<u64>().unwrap() > 10, "{told:?}");
    // The call is a part of its request.
    assert_eq!(
        (&moved.trace_id, &moved.parent_span_id),
        (&request.trace_id, &request.span_id)
    );

    let ran = find("run");
    let told = attributes(ran);
    assert_eq!((&*told["run"], &*told["outcome"]), (run, "complete"));
    // A run outlives its request: it is a trace of its own, which names the other.
    let began = find("POST /api/v1/runs");
    assert!(ran.parent_span_id.is_empty() && ran.links[0].span_id == began.span_id);
}

#[test]
fn a_collector_that_cannot_be_is_refused() {
    Workshop::new().check(
        "serve --otlp https://collector.example --data-dir kept",
        expect![[r#"
            exit 2
            error: invalid value 'https://collector.example' for '--otlp <URL>': traces are sent without TLS: name a collector on this machine, which may send them on

            For more information, try '--help'.
        "#]],
    );
}

#[test]
fn a_collector_that_is_gone_keeps_nobody_waiting() {
    let workshop = Workshop::new();
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (begun, address) = served(&workshop, &format!("http://{gone}"));
    assert_eq!(call(&address, "GET /healthz", ""), "ok\n");
    begun.interrupt();
    let called = begun.end();
    assert_eq!(called.code, 0, "{}", called.stderr);
    assert!(
        called.stderr.contains("ERROR") || called.stderr.contains("WARN"),
        "{}",
        called.stderr
    );
}
