//! Worlds are moved in every way, and come to the same as a straight run.

use std::time::Duration;

use http_body_util::Full;
use hyper::{Method, StatusCode};
use pluriverse_host::scenario;
use pluriverse_kernel::{
    replicate::RunPlan,
    scenario::{Draft, NoFiles},
};
use pluriverse_server::Limits;
use serde_json::{Value, json};

use crate::client::{DESK, Site, site};

/// The hash of a run of `text` in one go.
pub(crate) fn straight(text: &str, seed: u64) -> String {
    let draft = Draft {
        file: "desk.toml",
        text,
        overrides: &[],
        files: &NoFiles,
    };
    let (scenario, _) = scenario::read(draft).ok().unwrap();
    let outcome = RunPlan::new(seed, 1).run(&*scenario).unwrap();
    outcome.ledger_hash.unwrap().to_string()
}

/// Asks until the world has finished.
pub(crate) async fn finished(site: &Site, world: &str) {
    loop {
        let seen = site.get(world).await.json();
        if seen["frame"]["phase"] == "finished" {
            assert_eq!(seen["playing"], Value::Null);
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_call_of_the_lifecycle_leads_to_the_ledger_of_a_straight_run() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    let post = |call: &str, body: Value| {
        let path = format!("{world}/{call}");
        let site = &site;
        async move {
            let answer = site.post(&path, body).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {:?}", answer.body);
            answer.json()
        }
    };
    assert_eq!(post("start", Value::Null).await["frame"]["phase"], "ready");
    assert_eq!(post("step", Value::Null).await["frame"]["events"], 1);
    let ran = post("run?max_events=10", Value::Null).await;
    assert_eq!(
        (&ran["frame"]["events"], &ran["progress"]),
        (&json!(11), &json!("more"))
    );
    let there = post("run_until", json!({"seconds": 3600.0})).await;
    assert_eq!(there["frame"]["now_seconds"], 3600.0);

    assert_eq!(post("pause", Value::Null).await["progress"], "paused");
    let held = post("run", Value::Null).await;
    assert_eq!(
        (&held["progress"], &held["frame"]["now_seconds"]),
        (&json!("paused"), &json!(3600.0))
    );
    let events = held["frame"]["events"].as_u64().unwrap();
    assert_eq!(
        post("step", Value::Null).await["frame"]["events"],
        events + 1
    );
    let ahead = post("seek", json!({"seconds": 7200.0})).await;
    assert_eq!(
        (&ahead["frame"]["now_seconds"], &ahead["frame"]["phase"]),
        (&json!(7200.0), &json!("paused"))
    );
    let back = post("seek", json!({"seconds": 1800.0})).await;
    assert_eq!(back["frame"]["now_seconds"], 1800.0);
    post("resume", Value::Null).await;

    let branch = site.post(&format!("{world}/branch"), Value::Null).await;
    assert_eq!(branch.status, StatusCode::CREATED);
    let branch = format!("/api/v1/worlds/{}", branch.json()["id"].as_str().unwrap());

    post("play", json!({"speed": 1000.0})).await;
    assert_eq!(
        site.get(&world).await.json()["playing"],
        json!({"speed": 1000.0})
    );
    post("stop_playing", Value::Null).await;
    assert_eq!(site.get(&world).await.json()["playing"], Value::Null);
    post("play", json!({"speed": null})).await;
    finished(&site, &world).await;

    let ended = site
        .post(&format!("{branch}/run"), Value::Null)
        .await
        .json();
    assert_eq!(ended["progress"], "finished");
    assert_eq!(site.hash(&world).await, straight(DESK, 7));
    assert_eq!(site.hash(&branch).await, straight(DESK, 7));
}

#[tokio::test]
async fn a_snapshot_goes_on_in_another_world() {
    let site = site(Limits::default());
    let one = site.desk(json!({})).await;
    site.post(&format!("{one}/run_until"), json!({"seconds": 5000.0}))
        .await;
    let snapshot = site.get(&format!("{one}/snapshot")).await.body;

    let other = site.desk(json!({})).await;
    let put = |bytes: hyper::body::Bytes| {
        let request = site.request(Method::PUT, &format!("{other}/snapshot"));
        site.send(request.body(Full::from(bytes)).unwrap())
    };
    let broken = put(snapshot.slice(..snapshot.len() / 2)).await;
    assert_eq!(broken.refusal(), (422, "bad_snapshot".to_owned()));
    let restored = put(snapshot).await.json();
    assert_eq!(restored["frame"]["now_seconds"], 5000.0);
    site.post(&format!("{other}/run"), Value::Null).await;
    assert_eq!(site.hash(&other).await, straight(DESK, 7));

    let foreign = DESK.replace("1m", "2m");
    let third = site.world(&foreign, json!({})).await;
    let snapshot = site.get(&format!("{one}/snapshot")).await.body;
    let request = site.request(Method::PUT, &format!("{third}/snapshot"));
    let refused = site.send(request.body(Full::from(snapshot)).unwrap()).await;
    assert_eq!(refused.refusal(), (422, "bad_snapshot".to_owned()));
}

#[tokio::test]
async fn a_call_comes_back_when_its_time_is_up_and_the_next_goes_on() {
    let limits = Limits {
        call: Duration::ZERO,
        ..Limits::default()
    };
    let site = site(limits);
    let world = site.desk(json!({"overrides": {"run.until": "800h"}})).await;
    let mut calls = 1;
    while site.post(&format!("{world}/run"), Value::Null).await.json()["progress"] == "more" {
        calls += 1;
    }
    assert!(calls > 1);
    assert_eq!(
        site.hash(&world).await,
        straight(&DESK.replace("\"8h\"", "\"800h\""), 7)
    );
}

#[tokio::test]
async fn the_gallery_runs() {
    let site = site(Limits::default());
    let gallery = site.get("/api/v1/scenarios").await.json();
    assert!(gallery.as_array().unwrap().len() >= 10);
    let trace = site.get("/api/v1/scenarios/claims-trace.toml").await.json();
    let world = site
        .post("/api/v1/worlds", json!({"scenario": trace}))
        .await
        .json();
    assert!(world["description"]["diagram"]["nodes"].is_array());
    let path = format!("/api/v1/worlds/{}", world["id"].as_str().unwrap());
    let ran = site.post(&format!("{path}/run"), Value::Null).await.json();
    assert_eq!(ran["progress"], "finished");
    let rows = ran["frame"]["rows"].as_u64().unwrap();
    let causes = site
        .get(&format!("{path}/causes/{}", rows - 1))
        .await
        .json();
    assert!(!causes.as_array().unwrap().is_empty());
}

#[tokio::test]
async fn overrides_change_the_scenario() {
    let site = site(Limits::default());
    let more = json!({"overrides": {"stations.desk.agents": 3, "run.until": "1h"}});
    let world = site.desk(more).await;
    let seen = site.get(&world).await.json();
    assert_eq!(seen["description"]["until_seconds"], 3600.0);
}

#[tokio::test]
async fn a_world_tells_what_it_was_made_of_and_how_far_it_is() {
    let site = site(Limits::default());
    let trace = site.get("/api/v1/scenarios/claims-trace.toml").await.json();
    let body = json!({"scenario": trace, "overrides": {"title": "Claims"}});
    let made = site.post("/api/v1/worlds", body).await.json();
    let path = format!("/api/v1/worlds/{}", made["id"].as_str().unwrap());
    let mut sent = site.get(&format!("{path}/scenario")).await.json();
    let overrides = sent.as_object_mut().unwrap().remove("overrides");
    assert_eq!(overrides, Some(json!({"title": "\"Claims\""})));
    assert_eq!(sent, trace);

    site.post(&format!("{path}/run"), Value::Null).await;
    let listed = &site.get("/api/v1/worlds").await.json()[0];
    assert!(listed["now_seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(
        (&listed["title"], &listed["phase"], &listed["watchers"]),
        (&json!("Claims"), &json!("finished"), &json!(0))
    );
}

#[tokio::test]
async fn worlds_are_listed_limited_and_deleted() {
    let limits = Limits {
        worlds: 2,
        ..Limits::default()
    };
    let site = site(limits);
    let (one, _two) = (site.desk(json!({})).await, site.desk(json!({})).await);
    let body = json!({"scenario": {"name": "desk.toml", "text": DESK}});
    let refused = site.post("/api/v1/worlds", body.clone()).await;
    assert_eq!(refused.refusal(), (429, "too_many_worlds".to_owned()));
    assert_eq!(
        site.get("/api/v1/worlds")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(site.delete(&one).await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        site.get(&one).await.refusal(),
        (404, "unknown_world".to_owned())
    );
    // The place is free once the world's thread has ended.
    while site.post("/api/v1/worlds", body.clone()).await.status != StatusCode::CREATED {
        tokio::task::yield_now().await;
    }
}

/// A queue that nobody serves, and that a million join every minute.
const CROWD: &str = r#"
kind = "process"
[run]
until = "30d"
[sources.people]
arrivals = { poisson = { rate = "1000000/min" } }
[stations.desk]
agents = 1
service = { exponential = { mean = "30d" } }
"#;

#[tokio::test]
async fn a_world_that_would_take_all_memory_is_stopped_and_the_server_goes_on() {
    let site = site(Limits {
        memory_bytes: resident_bytes() + (300 << 20),
        ..Limits::default()
    });
    let small = site.desk(json!({})).await;
    let crowd = site.world(CROWD, json!({})).await;
    let refused = site.post(&format!("{crowd}/run"), Value::Null).await;
    assert_eq!(refused.refusal(), (507, "no_memory".to_owned()));
    assert!(resident_bytes() < 2 << 30);
    let refused = site.post(&format!("{small}/step"), Value::Null).await;
    assert_eq!(refused.status, StatusCode::OK, "one event takes nothing");
    let refused = site.post(&format!("{small}/run"), Value::Null).await;
    assert_eq!(refused.refusal(), (507, "no_memory".to_owned()));

    site.delete(&crowd).await;
    let mut ran = site.post(&format!("{small}/run"), Value::Null).await;
    while ran.status != StatusCode::OK {
        assert_eq!(ran.refusal().1, "no_memory");
        tokio::time::sleep(Duration::from_millis(20)).await;
        ran = site.post(&format!("{small}/run"), Value::Null).await;
    }
    assert_eq!(site.hash(&small).await, straight(DESK, 7));
}

/// Memory of this process, as proc(5) tells it.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kibibytes: u64 = line.split_whitespace().next().unwrap().parse().unwrap();
    kibibytes * 1024
}
