//! What the server refuses, and how it says so.

use http_body_util::Full;
use hyper::Method;
use pluriverse_server::{Limits, Server, Settings, StartError};
use serde_json::{Value, json};

use crate::client::{DESK, site};

fn refusal(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn bad_input_is_answered_with_what_is_wrong() {
    let site = site(Limits {
        body_bytes: 10_000,
        ..Limits::default()
    });
    let post = |body: &'static str, content_type: &'static str| {
        let request = site
            .request(Method::POST, "/api/v1/worlds")
            .header("content-type", content_type);
        site.send(request.body(Full::from(body)).unwrap())
    };
    assert_eq!(
        post("{", "application/json").await.refusal(),
        refusal(400, "bad_json")
    );
    assert_eq!(
        post("{\"scenario\": 1}", "application/json")
            .await
            .refusal(),
        refusal(400, "bad_json")
    );
    assert_eq!(
        post("{}", "text/plain").await.refusal(),
        refusal(415, "not_json")
    );
    let large = "x".repeat(20_000);
    let body = json!({"scenario": {"name": "a.toml", "text": large}});
    assert_eq!(
        site.post("/api/v1/worlds", body).await.refusal(),
        refusal(413, "too_large")
    );
    let body = json!({"scenario": {"name": "a.toml", "text": DESK, "files": {"a": "?"}}});
    assert_eq!(
        site.post("/api/v1/worlds", body).await.refusal(),
        refusal(400, "bad_base64")
    );
    let body =
        json!({"scenario": {"name": "a.toml", "text": DESK}, "overrides": {"run.until": null}});
    assert_eq!(
        site.post("/api/v1/worlds", body).await.refusal(),
        refusal(400, "bad_override")
    );
    let body = json!({
        "scenario": {"name": "a.toml", "text": DESK},
        "set": {"run.until": "'1h'"},
        "overrides": {"run.until": "2h"},
    });
    assert_eq!(
        site.post("/api/v1/worlds", body).await.refusal(),
        refusal(422, "bad_override")
    );

    let body = json!({"scenario": {"name": "a.toml", "text": DESK.replace("1m", "-1m")}});
    let refused = site.post("/api/v1/worlds", body).await;
    assert_eq!(refused.refusal(), refusal(422, "bad_scenario"));
    let finding = &refused.json()["error"]["findings"][0];
    assert_eq!(finding["severity"], "error");
    assert!(finding["place"]["line"].as_u64().unwrap() > 1, "{finding}");
}

#[tokio::test]
async fn a_check_tells_everything_and_makes_nothing() {
    let site = site(Limits::default());
    let good = site
        .post("/api/v1/check", json!({"name": "a.toml", "text": DESK}))
        .await
        .json();
    assert_eq!(good["findings"], json!([]));
    let text = DESK.replace("agents", "agent");
    let bad = site
        .post("/api/v1/check", json!({"name": "a.toml", "text": text}))
        .await
        .json();
    assert!(
        bad["findings"][0]["help"]
            .as_str()
            .unwrap()
            .contains("agents"),
        "{bad}"
    );
    assert_eq!(site.get("/api/v1/worlds").await.json(), json!([]));
}

#[tokio::test]
async fn calls_that_do_not_fit_are_refused_and_change_nothing() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    let branch = site.post(&format!("{world}/branch"), Value::Null).await;
    assert_eq!(branch.refusal(), refusal(409, "wrong_phase"));
    site.post(&format!("{world}/start"), Value::Null).await;
    let again = site.post(&format!("{world}/start"), Value::Null).await;
    assert_eq!(again.refusal(), refusal(409, "wrong_phase"));
    for seconds in [json!(-1.0), json!(1e300)] {
        let sought = site
            .post(&format!("{world}/seek"), json!({"seconds": seconds}))
            .await;
        assert_eq!(sought.refusal(), refusal(400, "bad_time"));
    }
    let played = site
        .post(&format!("{world}/play"), json!({"speed": 0.0}))
        .await;
    assert_eq!(played.refusal(), refusal(400, "bad_speed"));
    assert_eq!(
        site.get(&format!("{world}/causes/9999")).await.refusal(),
        refusal(404, "unknown_row")
    );
    assert_eq!(
        site.get(&format!("{world}/causes/x")).await.refusal(),
        refusal(400, "bad_path")
    );
    assert_eq!(
        site.get(&format!("{world}/events")).await.refusal(),
        refusal(426, "no_websocket")
    );
    assert_eq!(
        site.get(&format!("{world}/state")).await.json()["events"],
        0
    );
}

#[tokio::test]
async fn paths_that_lead_nowhere_are_not_found_whatever_they_climb() {
    let site = site(Limits::default());
    for path in [
        "/api/v1/worlds/nobody",
        "/api/v1/scenarios/..%2FCargo.toml",
        "/api/v1/scenarios/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/api/v1/kinds/..%2f/schema",
        "/api/v1/nothing",
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.refusal().0, 404, "{path}");
    }
    let unfit = site.get("/api/v1/scenarios/%ff").await;
    assert_eq!(unfit.refusal(), refusal(400, "bad_path"));
    let answer = site.get("/../../../../etc/passwd").await;
    assert!(!String::from_utf8_lossy(&answer.body).contains("root:"));
    let method = site
        .send(
            site.request(Method::PUT, "/api/v1/worlds")
                .body(Full::default())
                .unwrap(),
        )
        .await;
    assert_eq!(method.refusal(), refusal(405, "no_such_method"));
}

#[tokio::test]
async fn pages_of_other_origins_and_names_are_kept_out() {
    let site = site(Limits::default());
    let post = |name: &'static str, value: &'static str| {
        let request = site
            .request(Method::POST, "/api/v1/worlds/x/start")
            .header(name, value);
        site.send(request.body(Full::default()).unwrap())
    };
    assert_eq!(
        post("origin", "http://evil.test").await.refusal(),
        refusal(403, "foreign_origin")
    );
    assert_eq!(
        post("origin", "null").await.refusal(),
        refusal(403, "foreign_origin")
    );
    assert_eq!(
        post("sec-fetch-site", "cross-site").await.refusal(),
        refusal(403, "foreign_origin")
    );
    let own = format!("http://{}", site.address());
    let request = site
        .request(Method::POST, "/api/v1/worlds/x/start")
        .header("origin", own);
    let passed = site.send(request.body(Full::default()).unwrap()).await;
    assert_eq!(passed.refusal(), refusal(404, "unknown_world"));
    let request = hyper::Request::get("/api/v1/kinds").header("host", "evil.test");
    let rebound = site.send(request.body(Full::default()).unwrap()).await;
    assert_eq!(rebound.refusal(), refusal(421, "foreign_host"));
}

#[tokio::test]
async fn every_answer_protects_the_browser() {
    let site = site(Limits::default());
    for path in ["/", "/api/v1/kinds", "/api/v1/nothing", "/healthz"] {
        let headers = site.get(path).await.headers;
        for name in [
            "content-security-policy",
            "x-content-type-options",
            "cross-origin-opener-policy",
        ] {
            assert!(headers.contains_key(name), "{path}: {name}");
        }
        assert!(!headers.contains_key("access-control-allow-origin"));
    }
}

#[test]
fn another_address_than_loopback_needs_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new("0.0.0.0:0".parse().unwrap(), folder.path());
    let refused = Server::start(settings).err().unwrap();
    assert!(
        matches!(refused, StartError::NeedsToken { .. }),
        "{refused}"
    );
}

/// Names that climb out of a folder, or mean something to some system.
const CLIMBING: [&str; 10] = [
    "..",
    "../../../../etc/passwd",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%252e%252e%252fetc%252fpasswd",
    "..%5c..%5cwin.ini",
    "%2fetc%2fpasswd",
    "..%c0%af..%c0%afetc%c0%afpasswd",
    "x%00.toml",
    "contact-centre.toml%2f..%2f..%2fx",
];

/// Everything below a folder with sizes, but for the files that grow with every request.
fn files_below(folder: &std::path::Path) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if !["sqlite", "audit"]
            .iter()
            .any(|own| path.to_string_lossy().contains(own))
        {
            found.push((path.display().to_string(), path.metadata().unwrap().len()));
        }
    }
    found
}

#[tokio::test]
async fn no_name_in_any_path_leads_out_of_its_place() {
    let site = site(Limits::default());
    let before = files_below(site.folder.path());
    for name in CLIMBING {
        for (method, path) in [
            (Method::GET, format!("/api/v1/scenarios/{name}")),
            (Method::GET, format!("/api/v1/kinds/{name}/schema")),
            (Method::GET, format!("/api/v1/worlds/{name}/ledger")),
            (Method::PUT, format!("/api/v1/worlds/{name}/snapshot")),
            (Method::GET, format!("/api/v1/runs/{name}/ledger")),
            (Method::GET, format!("/api/v1/runs/compare?ids={name}")),
            (Method::DELETE, format!("/api/v1/runs/{name}")),
            (Method::GET, format!("/api/v1/simulation/ingest/{name}")),
            (
                Method::PUT,
                format!("/api/v1/simulation/ingest/{name}/chunks/0"),
            ),
            (
                Method::POST,
                format!("/api/v1/simulation/ingest?run_id={name}"),
            ),
        ] {
            let request = site
                .request(method, &path)
                .header("content-type", "application/x-ndjson")
                .header("x-chunk-hash", "0123456789abcdef");
            let answer = site.send(request.body(Full::from("{}")).unwrap()).await;
            assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
            assert!(!answer.refusal().1.is_empty());
        }
        // Pages are in the program; whatever is no file of the app is a view of it, or nothing.
        for path in [format!("/{name}"), format!("/assets/{name}")] {
            let answer = site.get(&path).await;
            assert!(!answer.status.is_server_error(), "{path}");
            assert!(
                !String::from_utf8_lossy(&answer.body).contains("root:"),
                "{path}"
            );
        }
    }
    assert_eq!(files_below(site.folder.path()), before);
}

#[tokio::test]
async fn a_scenario_reads_no_file_but_those_that_were_sent() {
    let site = site(Limits::default());
    let trace = site.get("/api/v1/scenarios/claims-trace.toml").await.json();
    let text = trace["text"].as_str().unwrap();
    for name in [
        "/etc/passwd",
        "../../../../etc/passwd",
        "runs.sqlite",
        "tokens.json",
    ] {
        let changed = text.replace("claims.csv", name);
        assert_ne!(changed, text);
        let body = json!({"scenario": {"name": "../x.toml", "text": changed}});
        let refused = site.post("/api/v1/worlds", body).await;
        assert_eq!(refused.refusal(), refusal(422, "bad_scenario"));
        assert!(refused.json().to_string().contains("not among the files"));

        // Sent along, it is that content, whatever it is called.
        let files = json!({name: trace["files"]["claims.csv"]});
        let body = json!({"scenario": {"name": "../x.toml", "text": changed, "files": files}});
        let made = site.post("/api/v1/worlds", body).await;
        assert_eq!(made.status, 201, "{:?}", made.body);
    }
    assert!(!site.folder.path().parent().unwrap().join("x.toml").exists());
}

#[tokio::test]
async fn hosts_and_origins_that_only_look_right_are_kept_out() {
    let site = site(Limits::default());
    let port = site.address().port();
    for host in [
        format!("127.0.0.1.evil.test:{port}"),
        format!("localhost.evil.test:{port}"),
        format!("evil.test:x@127.0.0.1:{port}"),
        format!("127.0.0.1:{port}@evil.test"),
        "[::1].evil.test:1".to_owned(),
        "10.0.0.1".to_owned(),
        String::new(),
    ] {
        let request = hyper::Request::get("/api/v1/kinds").header("host", &host);
        let answer = site.send(request.body(Full::default()).unwrap()).await;
        assert_eq!(answer.refusal(), refusal(421, "foreign_host"), "{host}");
    }
    for origin in [
        format!("http://127.0.0.1:{port}.evil.test"),
        format!("http://evil.test#127.0.0.1:{port}"),
        format!("127.0.0.1:{port}"),
        format!("http://user@127.0.0.1:{port}"),
        "file://".to_owned(),
        String::new(),
    ] {
        for (method, path) in [
            (Method::POST, "/api/v1/worlds"),
            (Method::DELETE, "/api/v1/runs/x"),
            (Method::GET, "/api/v1/worlds/x/events"),
        ] {
            let request = site.request(method, path).header("origin", &origin);
            // Reading is guarded by the browser, which a WebSocket is not.
            let request = request.header("upgrade", "websocket");
            let answer = site.send(request.body(Full::default()).unwrap()).await;
            assert_eq!(answer.refusal(), refusal(403, "foreign_origin"), "{origin}");
        }
    }
}
