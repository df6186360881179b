//! A server whose disk is full: it says so, nothing is half there, and with room again it goes on as if nothing had
//! been.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    serve_killed::{assert_kept, record},
    serving::Serving,
    workshop::{CLINIC, Workshop},
};

/// Runs what follows with a small disk of its own, which nobody else sees, as the folder `kept`.
const SMALL_DISK: &str = "mount -t tmpfs -o size=24m none kept && exec \"$@\"";

/// What runs a command with a small disk; `None` where the system allows nobody one.
fn on_small_disk(workshop: &Workshop) -> Option<Command> {
    std::fs::create_dir(workshop.path("kept")).unwrap();
    let unshare = |more: &[&str]| {
        let mut command = Command::new("unshare");
        command
            .arg("--mount")
            .args(more)
            .args(["sh", "-c", SMALL_DISK, "sh"])
            .current_dir(workshop.folder())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        command
    };
    for more in [&[][..], &["--map-root-user"]] {
        let tried = unshare(more).arg("true").stderr(Stdio::null()).status();
        if tried.is_ok_and(|status| status.success()) {
            return Some(unshare(more));
        }
    }
    eprintln!("skipped: a full disk, because `unshare --mount` with a tmpfs is not allowed here");
    None
}

/// The rest of the disk, taken by a file.
struct Filler(PathBuf);

impl Filler {
    /// Fills the disk and then leaves room for so many bytes.
    fn leaving(folder: &Path, bytes: u64) -> Self {
        let path = folder.join("filler");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length - bytes).unwrap();
        Self(path)
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

fn ended(serving: &Serving, run: &str) -> Value {
    loop {
        let seen = serving.get(run).json();
        if !["queued", "running"].contains(&seen["status"].as_str().unwrap()) {
            return seen;
        }
        std::thread::yield_now();
    }
}

fn begin_run(serving: &Serving, text: &str, replications: u64) -> String {
    let body = json!({
        "scenario": {"name": "clinic.toml", "text": text},
        "replications": replications,
    });
    let taken = serving.post("/api/v1/runs", &body);
    assert_eq!(taken.status, 202);
    format!("/api/v1/runs/{}", taken.json()["id"].as_str().unwrap())
}

/// The lines of the audit file.
fn audited(data_dir: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(data_dir.join("audit.ndjson")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

#[test]
fn a_full_disk_is_told_and_nothing_is_half_there() {
    let workshop = Workshop::new();
    let Some(mut command) = on_small_disk(&workshop) else {
        return;
    };
    let (small, small_hash) = record(&workshop, "8h");
    let (large, large_hash) = record(&workshop, "400h");
    command.arg(env!("CARGO_BIN_EXE_pluriverse")).args([
        "serve",
        "--address",
        "127.0.0.1:0",
        "--data-dir",
        "kept",
    ]);
    let serving = Serving::start(command);
    let kept = workshop.path("kept");
    let disk = serving.proc("root").join(kept.strip_prefix("/").unwrap());
    assert_eq!(serving.ingest("small", &small).status, 200);
    let body = json!({"scenario": {"name": "clinic.toml", "text": CLINIC.replace("8h", "400h")}});
    let made = serving.post("/api/v1/worlds", &body).json();
    let world = format!("/api/v1/worlds/{}", made["id"].as_str().unwrap());
    let endless = begin_run(&serving, CLINIC, 1_000_000);
    while serving.get(&endless).json()["status"] != "running" {
        std::thread::yield_now();
    }

    let full = Filler::leaving(&disk, 0);
    let refused = serving.ingest("large", &large).refusal();
    assert_eq!(refused, (507, "no_temporary_file".to_owned()));
    let ran = serving.post(&format!("{world}/run"), &Value::Null).json();
    assert_eq!(ran["progress"], "finished", "worlds need no disk");
    for ledger in [
        format!("{world}/ledger?format=ndjson"),
        "/api/v1/runs/small/ledger?format=ndjson".to_owned(),
    ] {
        assert_eq!(
            serving.get(&ledger).refusal(),
            (507, "no_room".to_owned()),
            "{ledger}"
        );
    }
    assert_eq!(serving.get("/api/v1/runs").json()["total"], 2);
    assert_eq!(serving.get("/readyz").status, 200);
    // More lines for the audit file than fit into the block that it has begun.
    for _ in 0..60 {
        let text = json!({"name": "clinic.toml", "text": CLINIC});
        assert_eq!(serving.post("/api/v1/check", &text).status, 200);
    }
    let stopped = serving.post(&format!("{endless}/cancel"), &Value::Null);
    assert_eq!(stopped.status, 204);
    drop(full);
    // It is written down at the latest when there is room again.
    assert_eq!(ended(&serving, &endless)["status"], "cancelled");

    // Room for what comes, but not for it in the database, or for the ledger of a long run.
    let full = Filler::leaving(&disk, large.len() as u64 + 100_000);
    let refused = serving.ingest("large", &large).refusal();
    assert_eq!(refused, (507, "database_full".to_owned()));
    let long = begin_run(&serving, &CLINIC.replace("8h", "4000h"), 1);
    let failed = ended(&serving, &long);
    assert_eq!(failed["status"], "failed", "{failed}");
    let reason = failed["failure"].as_str().unwrap();
    assert!(
        reason.contains("No space left") || reason.contains("room"),
        "{reason}"
    );
    assert_eq!(serving.get("/api/v1/runs/large").refusal().0, 404);
    assert_eq!(disk.join("scratch").read_dir().unwrap().count(), 0);
    drop(full);

    // Lines are missing from the time without room, none is half there, and there are new ones.
    assert_eq!(serving.ingest("large", &large).json()["outcome"], "stored");
    assert_eq!(audited(&disk).last().unwrap()["status"], 200);
    assert_kept(&serving, "small", &small_hash);
    assert_kept(&serving, "large", &large_hash);
}

#[test]
fn a_token_that_cannot_be_kept_is_none_and_the_others_stay() {
    let workshop = Workshop::new();
    workshop.call("token new --scope run --data-dir kept");
    let before = std::fs::read(workshop.path("kept/tokens.json")).unwrap();
    let list = || workshop.call("token list --data-dir kept").stdout;
    let listed = list();
    // No file may grow, as on a full disk, and the signal of that is ignored.
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_pluriverse"))
        .args("token new --scope admin --data-dir kept".split(' '))
        .current_dir(workshop.folder());
    let refused = command.output().unwrap();
    assert!(!refused.status.success());
    assert!(refused.stdout.is_empty(), "no token that opens nothing");
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("tokens.json"), "{told}");
    assert_eq!(
        std::fs::read(workshop.path("kept/tokens.json")).unwrap(),
        before
    );
    assert_eq!(workshop.path("kept").read_dir().unwrap().count(), 1);
    assert_eq!(list(), listed);
}
