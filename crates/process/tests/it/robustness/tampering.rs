//! Snapshots that say something else than a world did, with checksums that fit.
//!
//! Bytes of one section are changed and the container is written anew, so that everything gets past the container
//! and to the reader of the state. What is refused leaves the world as it was; what is not refused must go on
//! without a panic, and be measured, shown and stored again.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pluriverse_kernel::{
    ledger::Ledger,
    scenario::Scenario,
    snapshot::{SnapshotReader, SnapshotWriter},
    time::SimTime,
    world::World,
};
use pluriverse_process::scenario::ProcessScenario;
use proptest::{collection::vec, prelude::*, test_runner::RngSeed};

use crate::worlds::{
    Draught, KEY,
    orders::{open, orders, staff, told},
    random::worlds,
    rows, scenario,
};

/// What came from outside, where anything did.
const PAST: &str = "kernel.past-inputs";
pub(super) const SECTIONS: [&str; 5] = [
    "kernel.world",
    "kernel.pending",
    "kernel.ledger",
    "process.shape",
    "process.state",
];

/// A change of some bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(u8),
    Flip(u8),
    Add(u8),
    /// The largest number that a varint of that length holds.
    Most,
    Insert(u8),
    Remove,
    /// Copies some bytes from elsewhere.
    Copy {
        from: usize,
        length: usize,
    },
    Cut,
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<u8>().prop_map(Change::Set),
        (0..8_u8).prop_map(|bit| Change::Flip(1 << bit)),
        prop_oneof![Just(1), Just(255), any::<u8>()].prop_map(Change::Add),
        Just(Change::Most),
        any::<u8>().prop_map(Change::Insert),
        Just(Change::Remove),
        (any::<usize>(), 1..40_usize).prop_map(|(from, length)| Change::Copy { from, length }),
        Just(Change::Cut),
    ]
}

impl Change {
    fn make(&self, bytes: &mut Vec<u8>, at: usize) {
        if bytes.is_empty() {
            return;
        }
        let at = at % bytes.len();
        match *self {
            Self::Set(value) => bytes[at] = value,
            Self::Flip(bit) => bytes[at] ^= bit,
            Self::Add(value) => bytes[at] = bytes[at].wrapping_add(value),
            Self::Most => {
                let end = bytes[at..].iter().position(|byte| *byte < 128);
                let end = at + end.unwrap_or(bytes.len() - at - 1);
                bytes[at..end].fill(255);
                bytes[end] = 127.min(bytes[end] | 1);
            }
            Self::Insert(value) => bytes.insert(at, value),
            Self::Remove => {
                bytes.remove(at);
            }
            Self::Copy { from, length } => {
                let from = from % bytes.len();
                let part = bytes[from..bytes.len().min(from + length)].to_vec();
                let end = bytes.len().min(at + part.len());
                bytes[at..end].copy_from_slice(&part[..end - at]);
            }
            Self::Cut => bytes.truncate(at),
        }
    }
}

/// The snapshot with one section changed.
fn tampered(snapshot: &[u8], section: &str, changes: &[(usize, Change)]) -> Vec<u8> {
    let reader = SnapshotReader::new(snapshot, "process").unwrap();
    let mut writer = SnapshotWriter::new("process");
    for name in SECTIONS.into_iter().chain([PAST]) {
        let Ok(bytes) = reader.bytes(name) else {
            assert_eq!(name, PAST, "every snapshot has the others");
            continue;
        };
        let mut bytes = bytes.to_vec();
        if name == section {
            for (at, change) in changes {
                change.make(&mut bytes, *at);
            }
        }
        writer.bytes(name, &bytes);
    }
    writer.finish()
}

/// Restores a snapshot and does with the world whatever a host may do.
fn try_out(scenario: &ProcessScenario, snapshot: &[u8]) {
    let mut world = scenario.simulation(KEY, Ledger::hashed());
    world.run(10).unwrap();
    let before = world.snapshot();
    if world.restore(snapshot).is_err() {
        assert!(
            world.snapshot() == before,
            "a refused snapshot changes nothing"
        );
        return;
    }
    look_at(&world);
    // A world that makes no sense may end with an error, as soon as it likes.
    for _ in 0..4 {
        if world.run(300).is_err() {
            break;
        }
        look_at(&world);
        let stored = world.snapshot();
        world
            .restore(&stored)
            .expect("a world that was let in stays sound");
    }
    look_at(&world);
}

fn look_at(world: &dyn World) {
    let _ = (world.state(), world.measures(), world.snapshot());
}

/// A world after so many events, as a snapshot.
fn snapshot_after(scenario: &ProcessScenario, events: u64) -> Vec<u8> {
    let mut world = scenario.world(KEY, Ledger::hashed());
    world.run(events).unwrap();
    world.snapshot()
}

fn check(text: &str, events: u64, section: &str, changes: &[(usize, Change)]) {
    let scenario = scenario(text);
    let snapshot = snapshot_after(&scenario, events);
    try_out(&scenario, &tampered(&snapshot, section, changes));
}

/// A world after so many events that has been told something and is to be told more, as a snapshot.
fn snapshot_of_told(scenario: &ProcessScenario, events: u64) -> Vec<u8> {
    let bytes: Vec<u8> = (0..90).collect();
    let orders = orders(scenario.spec(), &bytes);
    let mut world = told(scenario, &orders, Ledger::hashed());
    world.run(events).unwrap();
    world.snapshot()
}

/// A small world in which everything is going on: queues of all orders, held cases, shifts, timers.
const BUSY: &str = "
    [run]
    until = '10m'
    at_end = 'drain'
    warm_up = '30s'
    period = '1m'
    [classes]
    a.priority = 1
    b.priority = 2
    [sources.a]
    class = 'a'
    to = [{ probability = 0.5, to = 'list' }, { to = 'sorted' }]
    arrivals.poisson.rate = '1/s'
    attributes.size = { exponential = { mean = 2 } }
    [sources.b]
    class = 'b'
    to = 'stop'
    arrivals.rates = { every = '10s', values = ['1/s', '0.2/s'], repeat = true }
    [pools.shared]
    agents = { every = '20s', values = [2, 1, 3], repeat = true }
    end_of_shift = 'preempt'
    [stations.list]
    agents = 'shared'
    service = { attribute = 'size' }
    patience.exponential.mean = '20s'
    buffer = 9
    balk_to = 'sorted'
    to = 'narrow'
    [stations.sorted]
    agents = 'shared'
    queue = 'shortest-processing'
    service.exponential.mean = '1s'
    to = 'narrow'
    [stations.stop]
    agents = 2
    preemption = 'resume'
    service.exponential.mean = '2s'
    service_level = '5s'
    to = 'narrow'
    [stations.narrow]
    agents = 2
    service.exponential.mean = '2s'
    buffer = 1
    when_full = 'block'
    to = 'open'
    [stations.open]
    agents = 'unlimited'
    service.exponential.mean = '3s'
";

#[test]
fn bytes_from_end_to_end_count_or_do_no_harm() {
    let scenario = scenario(BUSY);
    let snapshot = snapshot_after(&scenario, 60);
    let changes = [
        Change::Add(1),
        Change::Add(255),
        Change::Most,
        Change::Flip(128),
    ];
    for section in SECTIONS {
        let reader = SnapshotReader::new(&snapshot, "process").unwrap();
        let length = reader.bytes(section).unwrap().len();
        for (at, change) in (0..length).step_by(61).zip(changes.iter().cycle()) {
            let changes = [(at, change.clone())];
            let tampered = tampered(&snapshot, section, &changes);
            let outcome = catch_unwind(AssertUnwindSafe(|| try_out(&scenario, &tampered)));
            assert!(outcome.is_ok(), "{section}, byte {at}: {changes:?}");
        }
    }
}

#[test]
fn a_snapshot_of_another_description_is_refused() {
    let snapshot = snapshot_after(&scenario(BUSY), 60);
    for (key, value) in [
        ("run.until", "'11m'"),
        ("run.period", "'2m'"),
        ("run.warm_up", "'31s'"),
        ("classes.c.priority", "1"),
        ("stations.more", "{ agents = 1, service = '1s' }"),
        ("sources.a.attributes.other", "1"),
        ("stations.list.queue", "'lifo'"),
        ("stations.sorted.queue", "'fifo'"),
        ("pools.shared.agents", "1"),
        ("stations.stop.agents", "3"),
        ("stations.open.agents", "3"),
        ("stations.stop.service_level", "'6s'"),
        ("stations.list.agents", "2"),
        ("sources.a.arrivals.poisson.rate", "'1.1/s'"),
        ("stations.narrow.service.exponential.mean", "'2.1s'"),
        ("stations.narrow.cost_per_case", "1"),
    ] {
        let other = Draught {
            text: BUSY,
            overrides: &[(key, value)],
            files: &[],
        }
        .scenario();
        let mut world = other.world(KEY, Ledger::hashed());
        assert!(world.restore(&snapshot).is_err(), "{key} = {value}");
    }
}

#[test]
fn an_order_that_was_changed_to_one_that_cannot_be_does_nothing() {
    let scenario = open(&scenario(BUSY));
    let mut world = scenario.simulation(KEY, Ledger::hashed());
    world.start().unwrap();
    world.input(SimTime::ZERO, staff(0, 2.0)).unwrap();
    let snapshot = world.snapshot();
    let reader = SnapshotReader::new(&snapshot, "process").unwrap();
    let section = reader.bytes("kernel.world").unwrap();
    let value = 2.0_f64.to_le_bytes();
    let place = section.windows(8).position(|bytes| bytes == value);
    let many = 1e9_f64.to_le_bytes().into_iter();
    let changes: Vec<(usize, Change)> = (place.unwrap()..).zip(many.map(Change::Set)).collect();
    let mut restored = scenario.simulation(KEY, Ledger::in_memory());
    restored
        .restore(&tampered(&snapshot, "kernel.world", &changes))
        .unwrap();
    restored.run(10).unwrap();
    let rows = rows(restored.ledger());
    assert_eq!(
        (rows[0].kind, rows[0].value),
        (12, 1e9),
        "the order is told"
    );
    assert!(rows.iter().all(|row| row.cause != 0), "and not obeyed");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(3),
        ..ProptestConfig::default()
    })]

    #[test]
    fn states_that_were_changed(
        changes in vec((any::<usize>(), changes()), 1..4),
        events in 0..200_u64,
    ) {
        check(BUSY, events, "process.state", &changes);
    }

    #[test]
    fn sections_of_the_kernel_that_were_changed(
        changes in vec((any::<usize>(), changes()), 1..4),
        section in 0..4_usize,
        events in 0..200_u64,
    ) {
        check(BUSY, events, SECTIONS[section], &changes);
    }

    #[test]
    fn orders_that_were_changed(
        changes in vec((any::<usize>(), changes()), 1..4),
        section in prop_oneof![Just("kernel.world"), Just(PAST)],
        events in 0..200_u64,
    ) {
        let scenario = open(&scenario(BUSY));
        let snapshot = snapshot_of_told(&scenario, events);
        try_out(&scenario, &tampered(&snapshot, section, &changes));
    }

    #[test]
    fn random_worlds_that_were_changed(
        text in worlds(),
        changes in vec((any::<usize>(), changes()), 1..4),
        events in 0..100_u64,
    ) {
        check(&text, events, "process.state", &changes);
    }
}
