//! The committed corpus of the fuzz targets, replayed: seeds, and everything that once broke a reader.
//!
//! Searching for more takes a nightly toolchain and time; CONTRIBUTING.md says how.

mod scenario;
mod snapshot;

use std::path::{Path, PathBuf};

/// The inputs of a target, by name.
fn inputs(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect()
}

/// Replays a target's inputs and says how many of them were accepted, and of how many.
fn replay(target: &str, run: fn(&[u8]) -> bool) -> (usize, usize) {
    let inputs = inputs(target);
    let is_accepted = |(path, bytes): &(PathBuf, Vec<u8>)| {
        let outcome = std::panic::catch_unwind(|| run(bytes));
        outcome.unwrap_or_else(|_| panic!("`{target}` broke on {}", path.display()))
    };
    (
        inputs.iter().filter(|input| is_accepted(input)).count(),
        inputs.len(),
    )
}

/// Asserts that a corpus is there and reaches both what is refused and what is accepted.
fn reaches_both_sides((accepted, all): (usize, usize)) {
    assert!(
        accepted > 0 && accepted < all,
        "{accepted} of {all} were accepted"
    );
}

#[test]
fn scenarios_are_answered() {
    reaches_both_sides(replay("scenario", scenario::scenario));
}

#[test]
fn snapshots_are_answered() {
    reaches_both_sides(replay("snapshot", snapshot::snapshot));
}

#[test]
fn cooked_snapshots_are_answered() {
    reaches_both_sides(replay("snapshot_sections", snapshot::sections));
}

#[test]
fn sound_snapshots_are_taken() {
    for (index, original) in snapshot::originals().iter().enumerate() {
        assert!(snapshot::snapshot(original), "original {index}");
        let recipe = [u8::try_from(index).unwrap()];
        assert_eq!(
            snapshot::cooked(&recipe).as_ref(),
            Some(original),
            "an empty recipe changes nothing"
        );
    }
}

#[test]
fn zz_generate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    for (i, o) in snapshot::originals().iter().enumerate() {
        let name = format!(
            "{}-{}",
            ["desk", "hotline", "line"][i / 4],
            ["start", "early", "busy", "later"][i % 4]
        );
        if i % 4 != 1 {
            std::fs::write(root.join("snapshot").join(&name), o).unwrap();
        }
        std::fs::write(root.join("snapshot_sections").join(&name), [i as u8]).unwrap();
        if i == 6 {
            let mut bad = o.clone();
            bad.truncate(o.len() / 2);
            std::fs::write(root.join("snapshot/cut"), bad).unwrap();
            let mut bad = o.clone();
            let n = o.len() / 2;
            bad[n] ^= 4;
            std::fs::write(root.join("snapshot/flipped"), bad).unwrap();
            let mut bad = o.clone();
            bad[8] = 9;
            std::fs::write(root.join("snapshot/too-new"), bad).unwrap();
            std::fs::write(root.join("snapshot/empty"), b"").unwrap();
            std::fs::write(root.join("snapshot/other-world"), {
                let mut w = pluriverse_kernel::snapshot::SnapshotWriter::new("swarm");
                w.bytes("x", b"y");
                w.finish()
            })
            .unwrap();
            std::fs::write(
                root.join("snapshot/no-sections"),
                pluriverse_kernel::snapshot::SnapshotWriter::new("process").finish(),
            )
            .unwrap();
            for s in 0..5_u8 {
                let len = 0;
                let _ = len;
                std::fs::write(
                    root.join(format!("snapshot_sections/section-{s}-without-its-head")),
                    [i as u8, s, 0, 0, 3, 0],
                )
                .unwrap();
                std::fs::write(
                    root.join(format!("snapshot_sections/section-{s}-longer")),
                    [i as u8, s, 255, 255, 0, 2, 1, 1],
                )
                .unwrap();
            }
        }
    }
}
#[test]
fn zz_explore() {
    let Ok(secs) = std::env::var("EXPLORE") else {
        return;
    };
    let which = std::env::var("TARGET").unwrap();
    let secs: u64 = secs.parse().unwrap();
    let seed: u64 = std::env::var("SEED").map_or(1, |s| s.parse().unwrap());
    explore(&which, secs, seed);
}
fn explore(which: &str, secs: u64, seed: u64) {
    use std::time::{Duration, Instant};
    let run: fn(&[u8]) -> bool = match which {
        "scenario" => scenario::scenario,
        "snapshot_sections" => snapshot::sections,
        _ => snapshot::snapshot,
    };
    let seeds = inputs(which);
    let mut x = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut r = move |n: usize| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 11) as usize % n.max(1)
    };
    let tokens: Vec<Vec<u8>> = {
        let mut t = Vec::new();
        for (_, b) in &seeds {
            if which == "scenario" {
                t.extend(
                    String::from_utf8_lossy(b)
                        .split([' ', '\n'])
                        .map(|s| s.as_bytes().to_vec()),
                );
            }
        }
        for v in [
            "0",
            "-1",
            "1e308",
            "nan",
            "9223372036854775807",
            "\"1ns\"",
            "\"292y\"",
            "1000000",
            "\"unlimited\"",
            "[]",
            "{}",
            "\"exit\"",
            "\"next\"",
            "0.5",
            "1e-300",
            "true",
            "2",
            "3",
        ] {
            t.push(v.as_bytes().to_vec());
        }
        t.sort();
        t.dedup();
        t
    };
    let end = Instant::now() + Duration::from_secs(secs);
    let (mut n, mut ok) = (0_u64, 0_u64);
    let last = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let sink = last.clone();
    std::panic::set_hook(Box::new(move |p| {
        *sink.lock().unwrap() = p.to_string();
    }));
    let mut seen = std::collections::BTreeSet::new();
    while Instant::now() < end {
        let mut b = seeds[r(seeds.len())].1.clone();
        if which == "snapshot_sections" {
            b.truncate(1);
            b[0] = r(12) as u8;
            for _ in 0..1 + r(3) {
                let put = r(11);
                let len = r(6);
                b.extend([
                    [0_u8, 1, 4, 4, 4, 2][r(6)],
                    r(256) as u8,
                    r(24) as u8,
                    [1, len as u8, put as u8][r(3)],
                    0,
                ]);
                let at = b.len() - 1;
                let ins: Vec<u8> = match r(5) {
                    0 => vec![0xff; 9].into_iter().chain([1]).collect(),
                    1 => vec![r(256) as u8],
                    2 => vec![0xff, 0xff, 0xff, 0xff, 0x0f],
                    3 => vec![r(4) as u8],
                    _ => (0..put).map(|_| r(256) as u8).collect(),
                };
                b[at] = ins.len() as u8;
                b.extend(ins);
            }
        } else {
            for _ in 0..1 + r(4) {
                let len = b.len().max(1);
                match r(6) {
                    0 => {
                        let i = r(len);
                        if i < b.len() {
                            b[i] = r(256) as u8;
                        }
                    }
                    1 => {
                        let i = r(len).min(b.len());
                        let j = (i + r(20)).min(b.len());
                        b.drain(i..j);
                    }
                    2 | 3 if which == "scenario" => {
                        let words: Vec<(usize, usize)> = {
                            let mut w = vec![];
                            let mut s = 0;
                            for (i, c) in b.iter().enumerate() {
                                if *c == b' ' || *c == b'\n' {
                                    if i > s {
                                        w.push((s, i));
                                    }
                                    s = i + 1;
                                }
                            }
                            w
                        };
                        if !words.is_empty() {
                            let (s, e) = words[r(words.len())];
                            let t = tokens[r(tokens.len())].clone();
                            b.splice(s..e, t);
                        }
                    }
                    4 => {
                        let o = &seeds[r(seeds.len())].1;
                        let i = r(o.len());
                        let j = (i + r(120)).min(o.len());
                        let at = r(len).min(b.len());
                        let part = o[i.min(o.len())..j].to_vec();
                        b.splice(at..at, part);
                    }
                    _ => {
                        let i = r(len);
                        if i < b.len() {
                            b[i] = b"0123456789.-eE\"{}[]=,#"[r(23)];
                        }
                    }
                }
            }
        }
        n += 1;
        let at = Instant::now();
        std::fs::write(format!("/tmp/fz-current-{which}-{seed}"), &b).unwrap();
        match std::panic::catch_unwind(|| run(&b)) {
            Ok(o) => ok += u64::from(o),
            Err(_) => {
                let m = last.lock().unwrap().clone();
                let key: String = m.lines().next().unwrap_or("").to_owned();
                if seen.insert(key.clone()) {
                    std::fs::write(format!("/tmp/fz-crash-{which}-{seed}-{}", seen.len()), &b)
                        .unwrap();
                    println!("CRASH {} {m}", seen.len());
                }
            }
        }
        if at.elapsed() > Duration::from_secs(3) {
            std::fs::write(format!("/tmp/fz-slow-{which}-{seed}-{n}"), &b).unwrap();
            println!("SLOW {:?} {n}", at.elapsed());
        }
    }
    println!(
        "{which}: {n} inputs, {ok} accepted, {} kinds of crash",
        seen.len()
    );
}
