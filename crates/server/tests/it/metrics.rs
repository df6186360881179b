//! What the server counts of itself, and that it says when it cannot work.

use hyper::Method;
use pluriverse_server::{Limits, Server, Settings};
use serde_json::{Value, json};

use crate::{
    client::{Site, site},
    runs::{ended, ingest, run},
    watching::{next, watch},
};

/// The value of a line, labels and all.
fn value(text: &str, name: &str) -> Option<f64> {
    let mut values = text
        .lines()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    values.next()?.parse().ok()
}

async fn metrics(site: &Site) -> String {
    let answer = site.get("/metrics").await;
    assert_eq!(answer.status, 200);
    let content_type = answer.headers["content-type"].to_str().unwrap();
    assert!(
        content_type.starts_with("application/openmetrics-text"),
        "{content_type}"
    );
    String::from_utf8(answer.body.to_vec()).unwrap()
}

#[tokio::test]
async fn what_happens_is_counted() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    let mut watcher = watch(site.address(), &world, "").await;
    next(&mut watcher).await;
    let moved = site.post(&format!("{world}/run"), Value::Null).await.json();
    let ledger = site.get(&format!("{world}/ledger?format=arrow")).await.body;
    let size = ledger.len();
    let arrow = "application/vnd.apache.arrow.file";
    for _ in 0..2 {
        ingest(&site, "?run_id=mine", arrow, ledger.clone()).await;
    }
    ingest(&site, "?run_id=cut", arrow, ledger.slice(..size / 2)).await;
    let ran = run(&site, json!({"replications": 2})).await;
    ended(&site, &ran).await;
    site.get("/api/v1/worlds/nobody/state").await;
    let foreign = site
        .request(Method::DELETE, &world)
        .header("origin", "https://evil.test");
    site.send(foreign.body(http_body_util::Full::default()).unwrap())
        .await;

    let text = metrics(&site).await;
    let counted = |name: &str| value(&text, name).unwrap_or_else(|| panic!("{name} in {text}"));
    assert_eq!(counted("pluriverse_worlds"), 1.0);
    assert_eq!(counted("pluriverse_worlds_created_total"), 1.0);
    assert_eq!(counted("pluriverse_worlds_panicked_total"), 0.0);
    assert_eq!(
        counted("pluriverse_world_events_total"),
        moved["frame"]["events"].as_f64().unwrap()
    );
    assert_eq!(counted("pluriverse_watchers"), 1.0);
    assert!(counted("pluriverse_frames_sent_total") >= 1.0);
    assert_eq!(counted("pluriverse_gaps_sent_total"), 0.0);
    assert_eq!(counted(r#"pluriverse_runs_total{outcome="complete"}"#), 1.0);
    assert_eq!(counted("pluriverse_runs_active"), 0.0);
    assert_eq!(
        counted("pluriverse_ingested_rows_total"),
        moved["frame"]["rows"].as_f64().unwrap()
    );
    assert_eq!(
        counted("pluriverse_ingested_bytes_total"),
        (2 * size + size / 2) as f64
    );
    for outcome in ["stored", "already_there", "refused"] {
        let name = format!(r#"pluriverse_ingests_total{{outcome="{outcome}"}}"#);
        assert_eq!(counted(&name), 1.0, "{outcome}");
    }
    let refused = r#"pluriverse_http_requests_refused_total{reason="foreign_origin"}"#;
    assert_eq!(counted(refused), 1.0);
    let unknown = r#"pluriverse_http_requests_total{route="/api/v1/worlds/{id}/state",method="GET",status="404"}"#;
    assert_eq!(counted(unknown), 1.0);
    let buckets = r#"pluriverse_http_request_duration_seconds_bucket{le="+Inf",route="/api/v1/worlds",method="POST"}"#;
    assert_eq!(counted(buckets), 1.0);
    assert_eq!(counted("pluriverse_database_up"), 1.0);
    assert!(counted("process_start_time_seconds") > 1e9);
    if cfg!(target_os = "linux") {
        assert!(counted("process_resident_memory_bytes") > 1e6);
    }
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn metrics_take_a_token_where_tokens_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let token =
        pluriverse_server::tokens::create(folder.path(), pluriverse_server::tokens::Scope::Read)
            .unwrap();
    let settings = Settings {
        trust: pluriverse_server::Trust::Nobody,
        ..Settings::new("127.0.0.1:0".parse().unwrap(), folder.path())
    };
    let site = Site {
        server: Server::start(settings).unwrap(),
        folder,
    };
    assert_eq!(
        site.get("/metrics").await.refusal(),
        (401, "no_token".to_owned())
    );
    let ask = |token: &str| {
        site.request(Method::GET, "/metrics")
            .header("authorization", format!("Bearer {token}"))
            .body(http_body_util::Full::default())
            .unwrap()
    };
    let wrong = site.send(ask(&token[..token.len() - 1])).await;
    assert_eq!(wrong.refusal(), (401, "wrong_token".to_owned()));
    let right = site.send(ask(&token)).await;
    let text = String::from_utf8(right.body.to_vec()).unwrap();
    for reason in ["no_token", "wrong_token"] {
        let refused = format!(r#"pluriverse_http_requests_refused_total{{reason="{reason}"}}"#);
        assert_eq!(value(&text, &refused), Some(1.0), "{text}");
    }
}

#[tokio::test]
async fn a_server_without_its_database_is_not_ready_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let [kept, aside] = ["kept", "aside"].map(|name| folder.path().join(name));
    std::fs::create_dir(&kept).unwrap();
    let settings = Settings {
        database: Some(kept.join("runs.sqlite").display().to_string()),
        ..Settings::new("127.0.0.1:0".parse().unwrap(), folder.path())
    };
    let site = Site {
        server: Server::start(settings).unwrap(),
        folder,
    };
    let ready = site.get("/readyz").await;
    assert_eq!((ready.status.as_u16(), &*ready.body), (200, &b"ok\n"[..]));
    std::fs::rename(&kept, &aside).unwrap();
    let answer = site.get("/readyz").await;
    assert_eq!(answer.refusal(), (503, "not_ready".to_owned()));
    assert!(
        answer.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("runs.sqlite")
    );
    assert_eq!(
        value(&metrics(&site).await, "pluriverse_database_up"),
        Some(0.0)
    );
    assert_eq!(site.get("/healthz").await.status, 200);

    std::fs::rename(&aside, &kept).unwrap();
    assert_eq!(site.get("/readyz").await.status, 200);
}
