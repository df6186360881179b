//! Snapshots whose events to come, time or ledger are not those of their state: each is refused with what is wrong.

use expect_test::{Expect, expect};
use pluriverse_kernel::{
    ledger::{Ledger, Row},
    scenario::Scenario,
    snapshot::{SnapshotReader, SnapshotWriter},
    time::SimTime,
};
use pluriverse_process::engine::Event;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::tampering::SECTIONS;
use crate::worlds::{KEY, scenario};

/// As the kernel stores them.
#[derive(Serialize, Deserialize)]
struct Pending {
    entries: Vec<Entry>,
    timers: (Vec<u32>, Vec<u32>, usize),
    next_sequence: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    time: SimTime,
    rank: u64,
    cause: u64,
    /// Slot and generation.
    timer: (u32, u32),
    event: Event,
}

#[derive(Serialize, Deserialize)]
struct Position {
    is_on: bool,
    chunk_hashes: Vec<u64>,
    tail: Vec<Row>,
}

type RowChange<'c> = dyn Fn(&mut Vec<Row>) + 'c;

impl Pending {
    /// The first event of a sort.
    fn find(&mut self, is_it: fn(&Event) -> bool) -> &mut Entry {
        let found = self.entries.iter_mut().find(|entry| is_it(&entry.event));
        found.expect("there is one")
    }

    /// Another event besides those that there are.
    fn add(&mut self, event: Event) {
        let mut entry = self.find(|event| matches!(event, Event::Close)).clone();
        entry.event = event;
        entry.rank = (128 << 56) | self.next_sequence;
        self.next_sequence += 1;
        self.entries.push(entry);
        self.entries.sort_by_key(|entry| (entry.time, entry.rank));
    }

    /// All but the events of a sort; their timers are free.
    fn lose(&mut self, is_it: fn(&Event) -> bool) {
        let (generations, free, _) = &mut self.timers;
        for entry in self.entries.extract_if(.., |entry| is_it(&entry.event)) {
            if let Some(generation) = generations.get_mut(entry.timer.0 as usize) {
                *generation += 1;
                free.push(entry.timer.0);
            }
        }
    }
}

/// One is being served, one waits and will give up, more come, and the shift changes.
const DESK: &str = "
    [run]
    until = '1m'
    [sources.people]
    arrivals.scheduled.every = '2s'
    [stations.desk]
    agents = { every = '30s', values = [1, 2] }
    service = '10s'
    patience = '50s'
";

/// A snapshot of [`DESK`] at 5 s with one section made anew, and what a world answers to it.
fn answer_to(section: &str, change: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let mut world = scenario(DESK).world(KEY, Ledger::hashed());
    world.run_until(SimTime::from_secs(5), u64::MAX).unwrap();
    let snapshot = world.snapshot();
    let reader = SnapshotReader::new(&snapshot, "process").unwrap();
    let mut writer = SnapshotWriter::new("process");
    for name in SECTIONS {
        let bytes = reader.bytes(name).unwrap();
        if name == section {
            writer.bytes(name, &change(bytes));
        } else {
            writer.bytes(name, bytes);
        }
    }
    match world.restore(&writer.finish()) {
        Ok(()) => "it is taken".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// What is answered to each change of a record.
#[track_caller]
fn check<T: Serialize + DeserializeOwned>(
    section: &str,
    changes: &[&dyn Fn(&mut T)],
    expected: Expect,
) {
    let answers = changes.iter().map(|change| {
        let answer = answer_to(section, |bytes| {
            let mut record: T = postcard::from_bytes(bytes).unwrap();
            change(&mut record);
            postcard::to_allocvec(&record).unwrap()
        });
        answer + "\n"
    });
    expected.assert_eq(&answers.collect::<String>());
}

#[track_caller]
fn check_pending(changes: &[&dyn Fn(&mut Pending)], expected: Expect) {
    check("kernel.pending", changes, expected);
}

#[track_caller]
fn check_rows(changes: &[&RowChange<'_>], expected: Expect) {
    let answers = changes.iter().map(|change| {
        let answer = answer_to("kernel.ledger", |bytes| {
            let mut position: Position = postcard::from_bytes(bytes).unwrap();
            change(&mut position.tail);
            postcard::to_allocvec(&position).unwrap()
        });
        answer + "\n"
    });
    expected.assert_eq(&answers.collect::<String>());
}

fn is_end(event: &Event) -> bool {
    matches!(event, Event::Finish { .. })
}

fn is_patience(event: &Event) -> bool {
    matches!(event, Event::Renege { .. })
}

fn is_arrival(event: &Event) -> bool {
    matches!(event, Event::Arrive { .. })
}

#[test]
fn what_was_not_changed_is_taken() {
    check_pending(
        &[&|_| {}],
        expect![[r#"
        it is taken
    "#]],
    );
    check_rows(
        &[&|_| {}],
        expect![[r#"
        it is taken
    "#]],
    );
}

#[test]
fn events_come_once() {
    check_pending(
        &[
            &|pending| pending.add(Event::Arrive { source: 0 }),
            &|pending| pending.add(Event::Finish { agent: 0 }),
            &|pending| pending.add(Event::Renege { case: 1 }),
            &|pending| pending.add(Event::Shift { pool: 0 }),
        ],
        expect![[r#"
            the snapshot's section `kernel.pending` makes no sense: a case comes that its source does not wait for
            the snapshot's section `kernel.pending` makes no sense: an event comes at another time than its own
            the snapshot's section `kernel.pending` makes no sense: an event has another timer than its own
            the snapshot's section `kernel.pending` makes no sense: an event comes at another time than its own
        "#]],
    );
}

#[test]
fn events_are_of_what_there_is() {
    check_pending(
        &[
            &|pending| pending.add(Event::Arrive { source: 1 }),
            &|pending| pending.add(Event::Finish { agent: 1 }),
            &|pending| pending.add(Event::Finish { agent: 9 }),
            &|pending| pending.add(Event::Renege { case: 0 }),
            &|pending| pending.add(Event::Shift { pool: 1 }),
        ],
        expect![[r#"
            the snapshot's section `kernel.pending` makes no sense: a case comes that its source does not wait for
            the snapshot's section `kernel.pending` makes no sense: an agent is done that is not at work
            the snapshot's section `kernel.pending` makes no sense: an agent is done that is not at work
            the snapshot's section `kernel.pending` makes no sense: a case gives up that does not wait, or has patience
            the snapshot's section `kernel.pending` makes no sense: a pool changes that is not there, or is to change already
        "#]],
    );
}

#[test]
fn what_is_waited_for_comes() {
    check_pending(
        &[
            &|pending| pending.lose(is_arrival),
            &|pending| pending.lose(is_end),
            &|pending| pending.lose(is_patience),
        ],
        expect![[r#"
            the snapshot's section `kernel.pending` makes no sense: a source is open and nobody comes
            the snapshot's section `kernel.pending` makes no sense: a service never ends
            the snapshot's section `kernel.pending` makes no sense: a case never loses its patience
        "#]],
    );
}

#[test]
fn events_have_their_time_and_their_timer() {
    check_pending(
        &[
            &|pending| pending.find(is_arrival).time = SimTime::from_secs(4),
            &|pending| pending.find(is_end).time = SimTime::from_nanos(10_000_000_001),
            &|pending| {
                let timer = pending.find(is_patience).timer;
                let none = std::mem::replace(&mut pending.find(is_end).timer, timer);
                pending.find(is_patience).timer = none;
            },
            &|pending| pending.timers.0.push(1),
        ],
        expect![[r#"
            the snapshot's section `kernel.pending` makes no sense: an event lies in the past
            the snapshot's section `kernel.pending` makes no sense: an event comes at another time than its own
            the snapshot's section `kernel.pending` makes no sense: an event has another timer than its own
            the snapshot's section `kernel.pending` makes no sense: the events contradict their timers
        "#]],
    );
}

#[test]
fn events_have_their_place_and_their_cause() {
    check_pending(
        &[
            &|pending| pending.entries[1..].reverse(),
            &|pending| pending.next_sequence = 1,
            &|pending| pending.next_sequence = u64::MAX,
            &|pending| pending.find(is_end).cause = 1_000,
        ],
        expect![[r#"
            the snapshot's section `kernel.pending` makes no sense: the events are not in their order
            the snapshot's section `kernel.pending` makes no sense: an event has a number that was not given out
            the snapshot's section `kernel.pending` makes no sense: more events were scheduled than can be
            the snapshot's section `kernel.pending` makes no sense: an event's cause is a row that is not there
        "#]],
    );
}

#[test]
fn rows_have_their_place_and_their_kind() {
    check_rows(
        &[
            &|rows| rows.reverse(),
            &|rows| rows.last_mut().unwrap().time = SimTime::from_secs(6),
            &|rows| rows[0].kind = 500,
            &|rows| rows[1].cause = 1,
            &|rows| *rows = vec![rows[0]; 5_000],
        ],
        expect![[r#"
            the snapshot's section `kernel.ledger` makes no sense: its rows are not in the order of time
            the snapshot's section `kernel.ledger` makes no sense: its rows are not in the order of time
            the snapshot's section `kernel.ledger` makes no sense: a row is of a kind that there is not
            the snapshot's section `kernel.ledger` makes no sense: a row comes before its cause
            the snapshot's section `kernel.ledger` makes no sense: there are more rows than a chunk takes
        "#]],
    );
}

#[test]
fn a_world_is_not_behind_its_state() {
    // Seed, replication, time, events, how many of them at that instant; all else comes after these.
    type Start = (u64, u64, SimTime, u64, u64);
    let answer = |now, events, at_now| {
        let answer = answer_to("kernel.world", |bytes| {
            let (start, rest): (Start, &[u8]) = postcard::take_from_bytes(bytes).unwrap();
            let start: Start = (start.0, start.1, now, events, at_now);
            [&postcard::to_allocvec(&start).unwrap(), rest].concat()
        });
        answer + "\n"
    };
    let five = SimTime::from_secs(5);
    let answers = [
        answer(SimTime::from_secs(-1), 5, 1),
        answer(SimTime::from_secs(3), 5, 1),
        answer(five, u64::MAX, 1),
        answer(five, 5, u64::MAX),
    ];
    expect![[r#"
        the snapshot's section `kernel.world` makes no sense: its time lies before all time
        the snapshot's section `kernel.ledger` makes no sense: its rows are not in the order of time
        the snapshot's section `kernel.world` makes no sense: it has more events than can have happened
        the snapshot's section `kernel.world` makes no sense: it has more events than can have happened
    "#]].assert_eq(&answers.concat());
}
