//! The snapshot container: fixed bytes, and nothing that is damaged, foreign or hostile gets in.

use expect_test::{Expect, expect};
use pluriverse_kernel::{
    ledger::Ledger,
    model::Model,
    simulation::Simulation,
    snapshot::{SNAPSHOT_FORMAT, SnapshotReader, SnapshotWriter, snapshot_model},
    time::{SimDuration, SimTime},
    world::{RunError, World},
};
use proptest::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use crate::worlds::{Action, Desk, KEY, Script, group, secs, tell};

fn small() -> Vec<u8> {
    let mut writer = SnapshotWriter::new("model");
    writer.bytes("column", &[1, 2, 3, 4, 5]);
    writer.record("record", &(7_u32, "seven"));
    writer.bytes("empty", &[]);
    writer.finish()
}

fn hex(bytes: &[u8]) -> String {
    let lines = bytes.chunks(16).map(|line| {
        let digits: Vec<_> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}\n", digits.join(" "))
    });
    lines.collect()
}

/// Snapshots are kept for years: these bytes never change under this format number.
#[test]
fn the_container_is_these_bytes() {
    expect![[r#"
        50 4c 55 52 53 4e 41 50 01 00 3a 00 00 00 05 6d
        6f 64 65 6c 03 06 63 6f 6c 75 6d 6e 05 c1 87 ca
        a4 f6 f0 a0 db 59 06 72 65 63 6f 72 64 07 cc c0
        d7 cb d1 e2 e1 94 d3 01 05 65 6d 70 74 79 00 c2
        a9 ce c6 d3 80 a0 83 2d 45 37 6f 35 c5 85 51 63
        01 02 03 04 05 07 05 73 65 76 65 6e
    "#]]
    .assert_eq(&hex(&small()));
}

/// The layout as the documentation tells it, put together by other means.
#[test]
fn the_container_is_what_the_documentation_says() {
    let sections: [(&str, &[u8]); 3] = [
        ("column", &[1, 2, 3, 4, 5]),
        ("record", &[7, 5, b's', b'e', b'v', b'e', b'n']),
        ("empty", &[]),
    ];
    let described: Vec<_> = sections
        .iter()
        .map(|(name, bytes)| (*name, bytes.len() as u64, xxh3_64(bytes)))
        .collect();
    let header = postcard::to_allocvec(&("model", described)).unwrap();
    let mut bytes = b"PLURSNAP".to_vec();
    bytes.extend(1_u16.to_le_bytes());
    bytes.extend(u32::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(&header);
    bytes.extend(xxh3_64(&header).to_le_bytes());
    bytes.extend(sections.iter().flat_map(|(_, bytes)| *bytes));
    assert_eq!(bytes, small());
}

#[test]
fn what_was_written_is_read() {
    let bytes = small();
    let reader = SnapshotReader::new(&bytes, "model").unwrap();
    assert_eq!(reader.bytes("column").unwrap(), [1, 2, 3, 4, 5]);
    assert_eq!(reader.record("record"), Ok((7_u32, "seven".to_owned())));
    assert_eq!(reader.bytes("empty").unwrap(), [0_u8; 0]);
    assert_eq!(snapshot_model(&bytes).as_deref(), Some("model"));
    assert_eq!(snapshot_model(b"PLURSNAP"), None);
}

fn check_refused(bytes: &[u8], expected: Expect) {
    let error = SnapshotReader::new(bytes, "model").unwrap_err();
    expected.assert_eq(&error.to_string());
}

#[test]
fn refusals_say_what_and_where() {
    let good = small();
    check_refused(
        b"",
        expect!["this is not a snapshot (it does not begin with PLURSNAP)"],
    );
    check_refused(
        b"PLURSHOP and more",
        expect!["this is not a snapshot (it does not begin with PLURSNAP)"],
    );
    check_refused(
        &good[..10],
        expect!["the snapshot ends at byte 10, at least 4 too early"],
    );
    check_refused(
        &good[..30],
        expect!["the snapshot ends at byte 30, at least 42 too early"],
    );
    check_refused(
        &good[..good.len() - 1],
        expect!["the snapshot ends at byte 91, at least 1 too early"],
    );
    check_refused(
        &[&good[..], &[0]].concat(),
        expect!["the snapshot's section `end` makes no sense: there is more after byte 92"],
    );
    let changed = |place: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[place] = byte;
        bytes
    };
    check_refused(
        &changed(8, 2),
        expect!["the snapshot has format 2, this version reads up to 1"],
    );
    check_refused(
        &changed(9, 1),
        expect!["the snapshot has format 257, this version reads up to 1"],
    );
    check_refused(
        &changed(8, 0),
        expect!["the snapshot's section `format` makes no sense: formats are numbered from 1"],
    );
    check_refused(
        &changed(20, 0),
        expect!["the snapshot's section `header` at byte 14 does not match its checksum"],
    );
    check_refused(
        &changed(good.len() - 1, 0),
        expect!["the snapshot's section `record` at byte 85 does not match its checksum"],
    );
    check_refused(
        &changed(13, 0xff),
        expect!["the snapshot ends at byte 92, at least 4278190060 too early"],
    );
    let foreign = SnapshotReader::new(&good, "other").unwrap_err();
    expect!["the snapshot is of a `model` world, expected `other`"].assert_eq(&foreign.to_string());
    let reader = SnapshotReader::new(&good, "model").unwrap();
    expect!["the snapshot has no section `rows`"]
        .assert_eq(&reader.bytes("rows").unwrap_err().to_string());
    expect!["the snapshot's section `record` makes no sense: 6 bytes too many"]
        .assert_eq(&reader.record::<u8>("record").unwrap_err().to_string());
    expect![
        "the snapshot's section `empty` makes no sense: Hit the end of buffer, expected more data"
    ]
    .assert_eq(&reader.record::<u8>("empty").unwrap_err().to_string());
}

/// A container around a header that says anything, with sound checksums: what a careful attacker would send.
fn forged(header: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = b"PLURSNAP".to_vec();
    bytes.extend(SNAPSHOT_FORMAT.to_le_bytes());
    bytes.extend(u32::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header);
    bytes.extend(xxh3_64(header).to_le_bytes());
    bytes.extend(body);
    bytes
}

#[test]
fn hostile_lengths_neither_panic_nor_allocate() {
    let lengths = [
        0,
        1,
        4,
        5,
        6,
        1 << 31,
        1 << 32,
        1 << 62,
        u64::MAX - 21,
        u64::MAX,
    ];
    for len in lengths {
        let header =
            postcard::to_allocvec(&("model", vec![("all", len, xxh3_64(b"bytes"))])).unwrap();
        let bytes = forged(&header, b"bytes");
        let result = SnapshotReader::new(&bytes, "model");
        assert_eq!(result.is_ok(), len == 5, "a section of {len} bytes");
    }
    // Two sections that together wrap around.
    let sections = vec![("first", u64::MAX, 0_u64), ("second", 6, xxh3_64(b"bytes"))];
    let header = postcard::to_allocvec(&("model", sections)).unwrap();
    assert!(SnapshotReader::new(&forged(&header, b"bytes"), "model").is_err());
    // A header that announces 2^60 sections, or a name of as many bytes.
    let mut header = vec![5, b'm', b'o', b'd', b'e', b'l'];
    header.extend([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]);
    assert!(SnapshotReader::new(&forged(&header, b""), "model").is_err());
    assert!(SnapshotReader::new(&forged(&header[6..], b""), "model").is_err());
    // A header that is longer than what it says.
    let mut header = postcard::to_allocvec(&("model", Vec::<(&str, u64, u64)>::new())).unwrap();
    assert!(SnapshotReader::new(&forged(&header, b""), "model").is_ok());
    header.push(0);
    assert!(SnapshotReader::new(&forged(&header, b""), "model").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(SnapshotReader::new(&bytes, "model").is_err());
        let _ = SnapshotReader::new(&forged(&bytes, &[]), "model");
    }
}

/// A world in the middle of things: people waiting, patience running, inputs to come.
fn busy() -> Simulation<Desk> {
    let mut world = Simulation::new(Desk::default(), KEY, Ledger::in_memory());
    world.run_until(secs(300), u64::MAX).unwrap();
    world.input(secs(301), group(4)).unwrap();
    world.input(secs(5_000), group(2)).unwrap();
    world.run_until(secs(310), u64::MAX).unwrap();
    world
}

/// Hands `bytes` to a world that must take no notice.
fn check_untouched(world: &mut Simulation<Desk>, before: &[u8], bytes: &[u8], what: &str) {
    let refused = world.restore(bytes);
    assert!(
        matches!(refused, Err(RunError::Snapshot(_))),
        "{what}: {refused:?}"
    );
    assert_eq!(world.snapshot(), before, "{what}");
}

#[test]
fn a_truncated_snapshot_changes_nothing_wherever_it_ends() {
    let mut world = Simulation::new(Desk::default(), KEY, Ledger::in_memory());
    world.run_until(secs(500), u64::MAX).unwrap();
    let before = world.snapshot();
    let other = busy().snapshot();
    for len in 0..other.len() {
        check_untouched(&mut world, &before, &other[..len], &format!("{len} bytes"));
    }
    world.restore(&other).unwrap();
    assert_eq!(world.snapshot(), other);
}

#[test]
fn a_flipped_bit_changes_nothing_wherever_it_is() {
    let mut world = Simulation::new(Desk::default(), KEY, Ledger::in_memory());
    world.run_until(secs(500), u64::MAX).unwrap();
    let before = world.snapshot();
    let mut other = busy().snapshot();
    for place in 0..other.len() {
        for bit in 0..8 {
            other[place] ^= 1 << bit;
            let what = format!("bit {bit} of byte {place}");
            let refused = world.restore(&other);
            assert!(
                matches!(refused, Err(RunError::Snapshot(_))),
                "{what}: {refused:?}"
            );
            other[place] ^= 1 << bit;
        }
    }
    assert_eq!(world.snapshot(), before);
}

#[test]
fn a_snapshot_of_another_kind_or_description_is_refused() {
    let mut desk = busy();
    let before = desk.snapshot();
    let mut script = Script::of([(1, Action::Note(0))]).world();
    script.run(u64::MAX).unwrap();
    check_untouched(&mut desk, &before, &script.snapshot(), "a script");
    let foreign = desk.restore(&script.snapshot()).unwrap_err();
    expect!["the snapshot is of a `script` world, expected `desk`"].assert_eq(&foreign.to_string());

    let two_streams = Script {
        streams: 2,
        ..Script::default()
    };
    let mut other = two_streams.world();
    other.start().unwrap();
    for mut world in [Script::of([]).world(), script] {
        let error = world.restore(&other.snapshot()).unwrap_err();
        expect!["the snapshot is of another world: it has 2 streams, here are 0"]
            .assert_eq(&error.to_string());
    }
}

/// The sections of `bytes` with `name` replaced, checksums and all.
fn with_section(bytes: &[u8], kind: &str, name: &str, content: &[u8]) -> Vec<u8> {
    let reader = SnapshotReader::new(bytes, kind).unwrap();
    let mut writer = SnapshotWriter::new(kind);
    for section in ["kernel.world", "kernel.pending", "kernel.ledger", "desk"] {
        let kept = reader.bytes(section).unwrap();
        writer.bytes(section, if section == name { content } else { kept });
    }
    writer.finish()
}

/// Sound checksums around contents that are not: each byte of each section changed and cut.
#[test]
fn contents_that_make_no_sense_never_panic() {
    let good = busy().snapshot();
    let reader = SnapshotReader::new(&good, Desk::KIND).unwrap();
    let mut world = busy();
    let (mut refused, mut taken) = (0, 0);
    for section in ["kernel.world", "kernel.pending", "kernel.ledger", "desk"] {
        let content = reader.bytes(section).unwrap().to_vec();
        let cut = (0..content.len()).map(|len| content[..len].to_vec());
        let changed = (0..content.len()).flat_map(|place| {
            [0x00, 0x7f, 0x80, 0xff].map(|byte| {
                let mut content = content.clone();
                content[place] = byte;
                content
            })
        });
        let before = world.snapshot();
        for content in cut.chain(changed) {
            match world.restore(&with_section(&good, Desk::KIND, section, &content)) {
                Ok(()) => {
                    taken += 1;
                    world.restore(&before).unwrap();
                }
                Err(_) => refused += 1,
            }
        }
        assert_eq!(world.snapshot(), before);
    }
    assert!(
        refused > 500 && taken > 0,
        "{refused} refused, {taken} taken"
    );
}

#[test]
fn contradictions_within_a_snapshot_are_told() {
    let world = busy();
    let good = world.snapshot();
    let mut later = Simulation::new(Desk::default(), KEY, Ledger::in_memory());
    later.run_until(secs(900), u64::MAX).unwrap();
    let later = later.snapshot();
    let mut target = busy();
    let section = |name| {
        SnapshotReader::new(&later, Desk::KIND)
            .unwrap()
            .bytes(name)
            .unwrap()
            .to_vec()
    };
    let mut refusal = |name| {
        let mixed = with_section(&good, Desk::KIND, name, &section(name));
        format!("{}\n", target.restore(&mixed).unwrap_err())
    };
    let lines = ["kernel.world", "desk"].map(&mut refusal);
    expect![[r#"
        the snapshot's section `kernel.pending` makes no sense: an event lies in the past
        the snapshot's section `desk` makes no sense: it is not what is to come
    "#]]
    .assert_eq(&lines.concat());
    assert_eq!(target.snapshot(), good);
}

#[test]
fn a_world_that_records_needs_a_snapshot_with_a_ledger() {
    let mut silent = Simulation::new(Desk::default(), KEY, Ledger::off());
    silent.run_until(secs(100), u64::MAX).unwrap();
    let mut world = busy();
    let before = world.snapshot();
    let error = world.restore(&silent.snapshot()).unwrap_err();
    expect!["the snapshot was taken without a ledger, this world keeps one"]
        .assert_eq(&error.to_string());
    assert_eq!(world.snapshot(), before);
    // The other way round is fine: nothing is recorded from there on.
    silent.restore(&before).unwrap();
    assert_eq!((silent.now(), silent.ledger().hash()), (world.now(), None));
}

/// Thousands of timers and events, beyond what the heap holds, in mid-flight.
#[test]
fn pending_events_go_on_from_a_snapshot_in_the_same_order() {
    let mut script = Script::of([]);
    for number in 0..5_000_u32 {
        let at = SimTime::from_nanos(i64::from(number.wrapping_mul(2_654_435_761) >> 8));
        let delay = SimDuration::from_nanos(i64::from(number % 977) * 31);
        script.actions.push((at, Action::Note(number)));
        script.actions.push((at, Action::Timer(delay)));
        script.actions.push((at, Action::Cancelled));
    }
    let make = || Simulation::new(script.clone(), KEY, Ledger::hashed());
    let mut straight = make();
    straight.run(u64::MAX).unwrap();
    let mut world = make();
    for events in [0, 1, 2_000, 3_000, 5_000, 4_000, 700] {
        world.run(events).unwrap();
        let snapshot = world.snapshot();
        world = make();
        world.restore(&snapshot).unwrap();
        assert_eq!(world.snapshot(), snapshot);
    }
    world.run(u64::MAX).unwrap();
    assert_eq!(world.ledger().hash(), straight.ledger().hash());
    assert_eq!(world.ledger().rows(), 10_000);
}

#[test]
fn a_snapshot_before_the_start_is_of_a_world_before_its_start() {
    let new = Simulation::new(Desk::default(), KEY, Ledger::in_memory()).snapshot();
    let mut world = busy();
    world.restore(&new).unwrap();
    world.run_until(secs(1_000), u64::MAX).unwrap();
    let mut straight = Simulation::new(Desk::default(), KEY, Ledger::in_memory());
    straight.run_until(secs(1_000), u64::MAX).unwrap();
    assert_eq!(world.snapshot(), straight.snapshot());
}

#[test]
fn waiting_inputs_are_part_of_a_snapshot() {
    let mut world = Script::of([]).world();
    world.start().unwrap();
    let mut input = tell(3);
    input.payload = vec![1, 2, 3];
    world.input(secs(5), input).unwrap();
    let mut other = Script::of([]).world();
    other.restore(&world.snapshot()).unwrap();
    for world in [&mut world, &mut other] {
        world.run(u64::MAX).unwrap();
    }
    assert_eq!(other.ledger().rows(), 3);
    assert_eq!(other.ledger().hash(), world.ledger().hash());
}
