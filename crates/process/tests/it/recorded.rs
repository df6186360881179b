//! A real log through the engine: 5,443 pieces of work on insurance claims, and who waits for whom when so many agents
//! do them. A few lines that know nothing of the engine work it out a second time, to the nanosecond.
//!
//! The log lies beside the repository; where it does not, the test says that it is skipped.

use std::{cmp::Reverse, collections::BinaryHeap};

use pluriverse_kernel::{ledger::Row, scenario::FileSource};

use crate::{
    reader::scenarios::recorded_logs,
    worlds::{live, read_scenario},
};

const FILE: &str = "insurance_claims.csv";
/// The work would keep 91 agents busy; nearly all of it comes in the first five hours.
const AGENTS: u32 = 95;

/// When a piece of work came, was begun and was done, in nanoseconds since the first came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Work {
    came: i64,
    begun: i64,
    done: i64,
}

/// Nanoseconds of `2023-01-02 09:00:16.440000+00:00`, all of that one day.
fn nanos(cell: &str) -> i64 {
    let clock = cell.strip_prefix("2023-01-02 ").unwrap();
    let clock = clock.strip_suffix("+00:00").unwrap();
    let [hours, minutes, seconds] = clock.split(':').collect::<Vec<_>>()[..] else {
        panic!("`{clock}` is a time of day")
    };
    let (seconds, micros) = seconds.split_once('.').unwrap();
    assert_eq!(micros.len(), 6);
    let [hours, minutes, seconds, micros] =
        [hours, minutes, seconds, micros].map(|digits| digits.parse::<i64>().unwrap());
    (((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros) * 1_000
}

/// Who is begun when, first come first served: each takes the agent who is free first.
fn by_hand(csv: &str) -> Vec<Work> {
    let rows = csv.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        (nanos(cells[2]), nanos(cells[3]))
    });
    let mut rows: Vec<(i64, i64)> = rows.collect();
    // Stable: of two that come at once, the one above in the file is first.
    rows.sort_by_key(|(start, _)| *start);
    let origin = rows[0].0;
    let mut free: BinaryHeap<Reverse<i64>> = (0..AGENTS).map(|_| Reverse(0)).collect();
    let served = rows.into_iter().map(|(start, end)| {
        let came = start - origin;
        let Reverse(free_at) = free.pop().unwrap();
        let begun = came.max(free_at);
        let done = begun + (end - start);
        free.push(Reverse(done));
        Work { came, begun, done }
    });
    served.collect()
}

fn secs(nanos: i128) -> f64 {
    nanos as f64 / 1e9
}

#[test]
fn a_recorded_log_runs_as_it_does_by_hand() {
    let Some(folder) = recorded_logs() else {
        return;
    };
    let text = format!(
        r#"
        kind = "process"
        [sources.claims.arrivals.trace]
        file = "{FILE}"
        time = "start_time"
        class = "activity"
        attributes = {{ work = {{ start = "start_time", end = "end_time" }} }}
        [stations.office]
        agents = {AGENTS}
        service = {{ attribute = "work" }}
        "#
    );
    let scenario = read_scenario("office.toml", &text, &[], &folder);
    let story = live(&scenario);
    let csv = String::from_utf8(folder.read(FILE).unwrap()).unwrap();
    let work = by_hand(&csv);

    let times = |kind: &str| -> Vec<i64> {
        let is_kind = |row: &&Row| story.dictionary.kinds[usize::from(row.kind)].name == kind;
        let rows = story.rows.iter().filter(is_kind);
        let mut times: Vec<_> = rows.map(|row| (row.subject, row.time.nanos())).collect();
        times.sort_unstable();
        times.into_iter().map(|(_, time)| time).collect()
    };
    let [came, begun, done] = ["arrive", "start", "leave"].map(times);
    assert_eq!((came.len(), begun.len(), done.len()), (5_443, 5_443, 5_443));
    let lived = (0..5_443).map(|index| Work {
        came: came[index],
        begun: begun[index],
        done: done[index],
    });
    assert!(lived.eq(work.iter().copied()));

    let total = |span: fn(&Work) -> i64| -> i128 { work.iter().map(|w| i128::from(span(w))).sum() };
    let waited = secs(total(|work| work.begun - work.came));
    let worked = secs(total(|work| work.done - work.begun));
    let last = work.iter().map(|work| work.done).max().unwrap();
    let close = |name: &str, expected: f64| {
        let got = story.figure(name).unwrap();
        assert!(
            (got - expected).abs() <= 1e-9 * expected,
            "{name}: {got}, by hand {expected}"
        );
    };
    assert!(waited > 5_443.0, "there is something to wait for: {waited}");
    assert!((worked - 1_882_821.68).abs() < 1e-6, "{worked}");
    close("claims.arrivals", 5_443.0);
    close("system.completed", 5_443.0);
    close("office.wait", waited / 5_443.0);
    close("office.sojourn", (waited + worked) / 5_443.0);
    assert_eq!(story.now.nanos(), last, "the world ends with the last");
    // Doors close on the period in which the last comes; who is inside is served, but levels are no longer counted.
    let open = scenario.spec().run.until.nanos();
    let within = |work: &Work| i128::from(work.done.min(open) - work.begun.min(open));
    let busy = secs(work.iter().map(within).sum());
    close(
        "office.utilization",
        busy / (f64::from(AGENTS) * secs(open.into())),
    );
}
