//! A session is played with in every way, and its ledger is that of a straight run.

use std::sync::Arc;

use pluriverse_host::{scenario, session::Session};
use pluriverse_kernel::{
    ledger::{KindSet, Ledger},
    replicate::RunPlan,
    scenario::{Draft, NoFiles, RunKey, Scenario},
    time::SimTime,
    world::{Phase, Progress},
};

const TEXT: &str = r#"
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
const KEY: RunKey = RunKey {
    seed: 7,
    replication: 0,
};

fn read() -> Arc<dyn Scenario> {
    let draft = Draft {
        file: "desk.toml",
        text: TEXT,
        overrides: &[],
        files: &NoFiles,
    };
    scenario::read(draft).ok().unwrap().0.into()
}

fn session(ledger: Ledger) -> Session {
    Session::new(read(), KEY, ledger)
}

fn straight() -> String {
    let outcome = RunPlan::new(7, 1).run(&*read()).unwrap();
    outcome.ledger_hash.unwrap().to_string()
}

fn hash(session: &Session) -> String {
    session.world().ledger().hash().unwrap().to_string()
}

#[test]
fn playing_looking_and_going_back_leave_the_ledger_of_a_straight_run() {
    let mut session = session(Ledger::hashed());
    session.world_mut().step().unwrap();
    for _ in 0..50 {
        session.play(61.5, 7).unwrap();
        session.frame();
        session.feed(3);
    }
    let back = SimTime::from_secs(600);
    session.world_mut().seek(back).unwrap();
    assert_eq!(session.world().now(), back);
    while session.play(1e6, 1000).unwrap() == Progress::More {
        let row = session.world().ledger().rows() - 1;
        assert_eq!(session.causes(row)[0].row, row);
    }
    assert_eq!(session.world().phase(), Phase::Finished);
    assert_eq!(hash(&session), straight());
    let results = serde_json::to_value(pluriverse_host::document::Results::new(
        &*read(),
        7,
        &session.outcome(),
    ))
    .unwrap();
    assert_eq!(results["ledger_hash"], straight());
    assert_eq!(results["metrics"]["desk.wait"]["n"], 1);
}

#[test]
fn a_feed_has_the_latest_rows_and_counts_the_others() {
    let mut session = session(Ledger::hashed());
    session.play(3600.0, u64::MAX).unwrap();
    let rows = session.world().ledger().rows();
    let feed = session.feed(10);
    assert_eq!(feed.events.len(), 10);
    assert_eq!(feed.dropped, rows - 10);
    assert_eq!(feed.events[9].row, rows - 1);
    assert_eq!(session.feed(10).events, []);
}

#[test]
fn a_further_feed_has_its_kinds_only_and_a_place_of_its_own() {
    let mut session = session(Ledger::hashed());
    let mut arrivals = session.subscribe(KindSet::only(vec![0]));
    session.play(3600.0, u64::MAX).unwrap();
    let all = session.feed(usize::MAX);
    let read = session.read(&mut arrivals, usize::MAX);
    let expected = all.events.iter().filter(|event| event.kind == 0).copied();
    assert_eq!(read.events, expected.collect::<Vec<_>>());
    assert!(read.events.len() > 30 && read.events.len() < all.events.len());
    assert_eq!(session.read(&mut arrivals, usize::MAX).events, []);
}

#[test]
fn causes_lead_back_to_the_first() {
    let mut session = session(Ledger::in_memory());
    session.play(3600.0, u64::MAX).unwrap();
    let last = session.world().ledger().rows() - 1;
    let chain = session.causes(last);
    assert_eq!(chain[0].row, last);
    assert!(chain.len() > 2);
    assert!(chain.is_sorted_by(|later, earlier| later.row > earlier.row));
    assert_eq!(chain.last().unwrap().cause, None);
    assert_eq!(session.causes(u64::MAX), []);
}

#[test]
fn a_snapshot_and_a_branch_go_on_as_the_world_does() {
    let mut session = session(Ledger::hashed());
    session.play(3600.0, u64::MAX).unwrap();
    let snapshot = session.world().snapshot();
    let mut branch = session.branch(Ledger::hashed()).unwrap();
    let mut other = self::session(Ledger::hashed());
    other.restore(&snapshot).unwrap();
    for session in [&mut session, &mut branch, &mut other] {
        session.play(1e9, u64::MAX).unwrap();
        assert_eq!(hash(session), straight());
    }
    assert!(other.restore(b"nothing").is_err());
    assert_eq!(hash(&other), straight());
}

#[test]
fn a_description_tells_what_can_be_drawn() {
    let session = session(Ledger::hashed());
    let description = serde_json::to_value(session.describe()).unwrap();
    assert_eq!(description["until_seconds"], 28800.0);
    let diagram = &description["diagram"];
    assert_eq!(diagram["nodes"].as_array().unwrap().len(), 3);
    let labels: Vec<_> = diagram["edges"].as_array().unwrap().iter().collect();
    let way = |edge: &serde_json::Value| {
        (
            edge["from"].clone(),
            edge["to"].clone(),
            edge["label"].clone(),
        )
    };
    let ways: Vec<_> = labels.into_iter().map(way).collect();
    assert_eq!(
        ways,
        [
            (0.into(), 1.into(), "".into()),
            (1.into(), 2.into(), "served".into()),
            (1.into(), 2.into(), "gives up".into()),
        ]
    );
}
