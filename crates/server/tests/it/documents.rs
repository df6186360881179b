//! What worlds and runs look like as JSON, for every scenario of the gallery, against the OpenAPI document.
//!
//! The client holds every answer against the document; here is made sure that the answers are there, and that a
//! wrong one would be found.

use hyper::StatusCode;
use pluriverse_server::Limits;
use serde_json::{Value, json};

use crate::{
    client::{DESK, site},
    contract,
    runs::{ended, run},
};

#[tokio::test]
async fn worlds_of_every_scenario_are_as_the_document_says() {
    let site = site(Limits::default());
    let gallery = site.get("/api/v1/scenarios").await.json();
    for entry in gallery.as_array().unwrap() {
        let name = entry["name"].as_str().unwrap();
        let scenario = site.get(&format!("/api/v1/scenarios/{name}")).await.json();
        let made = site
            .post("/api/v1/worlds", json!({"scenario": scenario}))
            .await;
        assert_eq!(made.status, StatusCode::CREATED, "{name}: {:?}", made.body);
        let made = made.json();
        contract::hold_part("Description", &made["description"]);
        let world = format!("/api/v1/worlds/{}", made["id"].as_str().unwrap());
        let moved = site
            .post(&format!("{world}/run?max_events=3000"), Value::Null)
            .await;
        contract::hold_part("Frame", &moved.json()["frame"]);
        contract::hold_part(
            "Results",
            &site.get(&format!("{world}/results")).await.json(),
        );
        let causes = site.get(&format!("{world}/causes/2000")).await;
        assert_eq!(causes.status, StatusCode::OK, "{name}");
        assert!(site.get("/api/v1/worlds").await.json()[0]["kind"].is_string());
        site.delete(&world).await;
    }
    assert!(gallery.as_array().unwrap().len() > 2, "{gallery}");
}

#[tokio::test]
async fn runs_are_as_the_document_says_with_their_results() {
    let site = site(Limits::default());
    let mut ids = Vec::new();
    for replications in [1, 3] {
        let path = run(
            &site,
            json!({"replications": replications, "overrides": {"run.until": "2h"}}),
        )
        .await;
        let seen = ended(&site, &path).await;
        assert_eq!(seen["status"], "complete", "{seen}");
        contract::hold_part("Run", &seen);
        contract::hold_part("Results", &seen["results"]);
        ids.push(path.rsplit('/').next().unwrap().to_owned());
    }
    contract::hold_part("RunPage", &site.get("/api/v1/runs").await.json());
    let compared = site
        .get(&format!("/api/v1/runs/compare?ids={}", ids.join(",")))
        .await
        .json();
    contract::hold_part("Comparison", &compared);
    assert!(!compared["metrics"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn what_the_document_does_not_say_would_be_found() {
    let site = site(Limits::default());
    let world = site.desk(json!({})).await;
    let frame = site.get(&format!("{world}/state")).await.json();
    contract::hold_part("Frame", &frame);
    let differs = |change: fn(&mut Value)| {
        let mut changed = frame.clone();
        change(&mut changed);
        std::panic::catch_unwind(|| contract::hold_part("Frame", &changed)).is_err()
    };
    assert!(differs(|frame| frame["more"] = json!(1)));
    assert!(differs(|frame| frame["phase"] = json!(null)));
    assert!(differs(
        |frame| frame["tables"][0]["columns"][0]["values"] = json!([true])
    ));
    assert!(differs(|frame| {
        frame.as_object_mut().unwrap().remove("next_seconds");
    }));
    let checked = json!({"name": "a.toml", "text": DESK.replace("agents", "agent")});
    let checked = site.post("/api/v1/check", checked).await.json();
    contract::hold_part("Finding", &checked["findings"][0]);
}
