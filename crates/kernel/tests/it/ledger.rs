//! The ledger: one hash whatever is kept, chunks that join without a seam, subscribers that change nothing.

use std::sync::{Arc, Mutex};

use expect_test::{Expect, expect};
use pluriverse_kernel::{
    ledger::{
        CHUNK_ROWS, Chunk, Closing, Dictionary, EventKind, KindSet, Label, Ledger, LedgerDigest,
        LedgerHash, LedgerSink, NO_CAUSE, NONE, Noun, Row, SinkError,
    },
    time::SimTime,
};
use proptest::prelude::*;

const CHUNK: u64 = CHUNK_ROWS as u64;

fn dictionary() -> Arc<Dictionary> {
    let kind = |name: &str| EventKind {
        name: name.to_owned(),
        subject: Some(0),
        object: None,
        value: "wait [s]".to_owned(),
    };
    Arc::new(Dictionary {
        kinds: vec![kind("arrive"), kind("leave")],
        nouns: vec![Noun::named("desk", ["front", "back"])],
    })
}

/// A row with something to see in every column.
fn row(number: u64) -> Row {
    let short = u32::try_from(number).unwrap();
    Row {
        time: SimTime::from_nanos(i64::from(short) * 1_000 - 7),
        kind: u16::try_from(number % 3).unwrap(),
        subject: short.wrapping_mul(2_654_435_761),
        object: if number.is_multiple_of(5) {
            NONE
        } else {
            short
        },
        value: 1.0 / (number as f64 + 0.5),
        cause: number.checked_sub(1).unwrap_or(NO_CAUSE),
    }
}

fn filled(mut ledger: Ledger, rows: u64) -> Ledger {
    ledger.begin(dictionary());
    for number in 0..rows {
        assert_eq!(ledger.append(row(number)), number);
    }
    ledger
}

fn hash_of(rows: &[Row], dictionary: Arc<Dictionary>) -> LedgerHash {
    let mut ledger = Ledger::hashed();
    ledger.begin(dictionary);
    for row in rows {
        ledger.append(*row);
    }
    ledger.hash().unwrap()
}

/// What a sink has got, for looking at after the ledger has gone.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Stored>>);

#[derive(Default)]
struct Stored {
    chunks: Vec<Chunk>,
    closing: Option<Closing>,
    /// How many chunks it takes before it is full.
    room: Option<usize>,
    cannot_close: bool,
}

impl Store {
    fn with_room(room: usize) -> Self {
        let store = Self::default();
        store.0.lock().unwrap().room = Some(room);
        store
    }

    fn ledger(&self) -> Ledger {
        Ledger::to_sink(Box::new(self.clone()))
    }
}

fn refusal(message: &str) -> SinkError {
    SinkError {
        target: "run.ledger".to_owned(),
        message: message.to_owned(),
    }
}

impl LedgerSink for Store {
    fn write(&mut self, _dictionary: &Dictionary, chunk: &Chunk) -> Result<(), SinkError> {
        let mut stored = self.0.lock().unwrap();
        assert!(stored.closing.is_none(), "a closed sink gets no more rows");
        if stored.room == Some(stored.chunks.len()) {
            return Err(refusal("no space left"));
        }
        stored.chunks.push(chunk.clone());
        Ok(())
    }

    fn finish(&mut self, closing: &Closing) -> Result<(), SinkError> {
        let mut stored = self.0.lock().unwrap();
        assert!(stored.closing.is_none(), "a sink is closed once");
        if stored.cannot_close {
            return Err(refusal("no space for the footer"));
        }
        stored.closing = Some(closing.clone());
        Ok(())
    }
}

const SIZES: [u64; 8] = [
    0,
    1,
    CHUNK - 1,
    CHUNK,
    CHUNK + 1,
    2 * CHUNK,
    2 * CHUNK + 1,
    10_000,
];

#[test]
fn the_hash_does_not_depend_on_what_is_kept() {
    for size in SIZES {
        let hashed = filled(Ledger::hashed(), size);
        let kept = filled(Ledger::in_memory(), size);
        let store = Store::default();
        let mut stored = filled(store.ledger(), size);
        let mut windowed = Ledger::hashed();
        windowed.subscribe(KindSet::All, 5_000);
        let windowed = filled(windowed, size);

        let hash = hashed.hash();
        assert!(hash.is_some());
        for other in [kept.hash(), stored.hash(), windowed.hash()] {
            assert_eq!(other, hash, "{size} rows");
        }
        stored.finish().unwrap();
        let closing = store.0.lock().unwrap().closing.clone().unwrap();
        assert_eq!((closing.rows, Some(closing.hash)), (size, hash));
    }
}

/// What a reader of a stored ledger computes is what the run said.
#[test]
fn a_digest_over_the_chunks_is_the_hash() {
    for size in SIZES {
        let store = Store::default();
        let mut ledger = filled(store.ledger(), size);
        ledger.finish().unwrap();
        let mut digest = LedgerDigest::default();
        for chunk in &store.0.lock().unwrap().chunks {
            digest.add(chunk);
        }
        assert_eq!(Some(digest.finish(&dictionary())), ledger.hash());

        let mut digest = LedgerDigest::default();
        filled(Ledger::in_memory(), size)
            .chunks()
            .for_each(|chunk| digest.add(chunk));
        assert_eq!(Some(digest.finish(&dictionary())), ledger.hash());
    }
}

/// Stored ledgers are verified by other versions of this program: the hash of given rows never changes.
#[test]
fn the_hash_of_given_rows_is_fixed() {
    let hashes: String = SIZES
        .map(|size| {
            format!(
                "{size} {}\n",
                filled(Ledger::hashed(), size).hash().unwrap()
            )
        })
        .concat();
    expect![[r#"
        0 ffd32af6f7a3841a8dac29c1c4f449398ecc4a1f3746f9e5cf53c5060e9998aa
        1 a7eddbd242639125751a8411566f2978752d248b1dd517c3410a2d3dce0c3dc5
        4095 c1163f95683b59b2cfdfce04eb299105f3d80b46a438dad2be34a2d48be109ee
        4096 61f1e80370055f88d809f926af95037ae30481feb42ae5d3c925af85964bd4ec
        4097 dc2c989b92867f99b41157066f002aeec48ce15e23f57c9eafff90fb14f3e376
        8192 68ba7f2e06f178d2534c1c445b7ee12313e572d2def1aae0e8ae85f98f2ee754
        8193 68b4084012fa082969bc964ac1b08287cef86fc4689d4a5acffe5eb199cc85b8
        10000 f8904a12cd0cc0307543c8fb33ce25dac4f246e43f0d705fd41effdc04d3a12e
    "#]]
    .assert_eq(&hashes);
}

/// The format as its documentation tells it, computed by other means.
#[test]
fn the_hash_is_what_the_documentation_says() {
    let rows: Vec<_> = (0..10_000).map(row).collect();
    let mut blake3 = blake3::Hasher::new_derive_key("pluriverse ledger 1");
    blake3.update(&dictionary().fingerprint());
    blake3.update(&10_000_u64.to_le_bytes());
    for chunk in rows.chunks(CHUNK_ROWS) {
        let mut bytes = Vec::new();
        bytes.extend(chunk.iter().flat_map(|row| row.time.nanos().to_le_bytes()));
        bytes.extend(chunk.iter().flat_map(|row| row.kind.to_le_bytes()));
        bytes.extend(chunk.iter().flat_map(|row| row.subject.to_le_bytes()));
        bytes.extend(chunk.iter().flat_map(|row| row.object.to_le_bytes()));
        bytes.extend(chunk.iter().flat_map(|row| row.value.to_le_bytes()));
        bytes.extend(chunk.iter().flat_map(|row| row.cause.to_le_bytes()));
        blake3.update(&xxhash_rust::xxh3::xxh3_64(&bytes).to_le_bytes());
    }
    let expected = LedgerHash(*blake3.finalize().as_bytes());
    assert_eq!(hash_of(&rows, dictionary()), expected);
}

#[test]
fn every_field_of_every_row_is_hashed() {
    let rows: Vec<_> = (0..CHUNK + 3).map(row).collect();
    let original = hash_of(&rows, dictionary());
    let changes: [fn(&mut Row); 6] = [
        |row| row.time = SimTime::from_nanos(row.time.nanos() ^ 1),
        |row| row.kind ^= 1,
        |row| row.subject ^= 1 << 31,
        |row| row.object ^= 1,
        |row| row.value = -row.value,
        |row| row.cause ^= 1 << 63,
    ];
    for place in [0, 1, CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 2] {
        for change in changes {
            let mut changed = rows.clone();
            change(&mut changed[place]);
            assert_ne!(hash_of(&changed, dictionary()), original, "row {place}");
        }
    }
    for (first, second) in [(0, 1), (CHUNK_ROWS - 1, CHUNK_ROWS)] {
        let mut swapped = rows.clone();
        swapped.swap(first, second);
        assert_ne!(hash_of(&swapped, dictionary()), original);
    }
    assert_ne!(hash_of(&rows[..rows.len() - 1], dictionary()), original);
}

#[test]
fn the_meaning_of_the_numbers_is_hashed_too() {
    let rows = [row(0)];
    let original = hash_of(&rows, dictionary());
    let changes: [fn(&mut Dictionary); 5] = [
        |dictionary| dictionary.kinds[1].name.push('s'),
        |dictionary| dictionary.kinds[0].object = Some(0),
        |dictionary| dictionary.kinds[0].value.clear(),
        |dictionary| dictionary.nouns[0].labels[0].count = 2,
        |dictionary| dictionary.nouns.clear(),
    ];
    for change in changes {
        let mut changed = (*dictionary()).clone();
        change(&mut changed);
        assert_ne!(hash_of(&rows, Arc::new(changed)), original);
    }
}

/// The payload of a NaN differs between machines; the sign of a zero does not.
#[test]
fn every_nan_is_one_and_zeros_are_two() {
    let with = |value| hash_of(&[Row { value, ..row(0) }], dictionary());
    let other_nan = f64::from_bits(f64::NAN.to_bits() | 1 | 1 << 63);
    assert!(other_nan.is_nan());
    assert_eq!(with(f64::NAN), with(other_nan));
    assert_ne!(with(0.0), with(-0.0));
}

#[test]
fn a_sink_gets_full_chunks_in_order_and_one_short_one() {
    for size in SIZES {
        let store = Store::default();
        let mut ledger = filled(store.ledger(), size);
        ledger.finish().unwrap();
        let stored = store.0.lock().unwrap();
        let mut next = 0;
        for (place, chunk) in stored.chunks.iter().enumerate() {
            assert_eq!(chunk.first_row(), next);
            let is_last = place + 1 == stored.chunks.len();
            assert!(chunk.is_full() || is_last);
            assert!(!chunk.is_empty() || size == 0);
            for index in 0..chunk.len() {
                assert_eq!(chunk.row(index), row(next));
                next += 1;
            }
        }
        assert_eq!(next, size);
        let expected = size.div_ceil(CHUNK).max(1);
        assert_eq!(
            stored.chunks.len() as u64,
            expected,
            "an empty ledger is told too"
        );
    }
}

#[test]
fn a_sink_is_closed_once_and_takes_nothing_after() {
    let store = Store::default();
    let mut ledger = filled(store.ledger(), 10);
    ledger.finish().unwrap();
    ledger.finish().unwrap();
    ledger.append(row(10));
    let error = ledger.finish().unwrap_err();
    expect![
        "the ledger cannot be written to `ledger`: it has been closed, and more rows have come"
    ]
    .assert_eq(&error.to_string());

    let store = Store::default();
    let mut ledger = filled(store.ledger(), 10);
    ledger.finish().unwrap();
    for number in 10..=CHUNK {
        ledger.append(row(number));
    }
    assert!(
        ledger.sink_error().is_some(),
        "told at the first full chunk"
    );
    assert_eq!(store.0.lock().unwrap().chunks.len(), 1);
}

#[test]
fn a_sink_that_fails_keeps_what_it_has_and_gets_no_more() {
    let store = Store::with_room(2);
    let mut ledger = filled(store.ledger(), 3 * CHUNK);
    assert_eq!(ledger.sink_error(), None, "the third chunk is still here");
    ledger.append(row(3 * CHUNK));
    assert_eq!(ledger.sink_error(), Some(&refusal("no space left")));
    for number in 3 * CHUNK + 1..6 * CHUNK {
        ledger.append(row(number));
    }
    assert_eq!(ledger.finish(), Err(refusal("no space left")));
    assert_eq!(store.0.lock().unwrap().chunks.len(), 2);
    assert!(store.0.lock().unwrap().closing.is_none());
    let undisturbed = filled(Ledger::hashed(), 6 * CHUNK);
    assert_eq!(ledger.hash(), undisturbed.hash());
}

#[test]
fn a_sink_that_cannot_close_says_so_each_time() {
    let store = Store::default();
    store.0.lock().unwrap().cannot_close = true;
    let mut ledger = filled(store.ledger(), 3);
    for _ in 0..2 {
        assert_eq!(ledger.finish(), Err(refusal("no space for the footer")));
    }
}

#[test]
fn rows_are_found_by_number_while_they_are_kept() {
    let kept = filled(Ledger::in_memory(), 10_000);
    assert_eq!((kept.rows(), kept.first_kept_row()), (10_000, 0));
    for number in [0, 1, CHUNK - 1, CHUNK, 9_999] {
        assert_eq!(kept.row(number), Some(row(number)));
    }
    for number in [10_000, 12_288, 1 << 40, u64::MAX] {
        assert_eq!(kept.row(number), None);
    }
    let let_go = filled(Ledger::hashed(), 10_000);
    assert_eq!(let_go.first_kept_row(), 2 * CHUNK);
    assert_eq!(let_go.row(2 * CHUNK - 1), None);
    assert_eq!(let_go.row(2 * CHUNK), Some(row(2 * CHUNK)));
    assert_eq!(Ledger::in_memory().row(0), None);
}

#[test]
fn a_ledger_begins_anew_with_its_buffers() {
    let mut ledger = filled(Ledger::in_memory(), 10_000);
    let before = ledger.hash();
    ledger.begin(Arc::default());
    assert_eq!((ledger.rows(), ledger.row(0)), (0, None));
    assert_ne!(ledger.hash(), before);
    assert_eq!(filled(ledger, 10_000).hash(), before);
}

#[test]
fn a_ledger_that_is_off_records_nothing() {
    let mut ledger = Ledger::off();
    ledger.begin(dictionary());
    assert_eq!(ledger.append(row(0)), NO_CAUSE);
    assert_eq!(
        (ledger.is_on(), ledger.rows(), ledger.hash()),
        (false, 0, None)
    );
    assert_eq!(ledger.finish(), Ok(()));
}

#[test]
fn ledgers_of_an_experiment_have_one_hash_in_their_order() {
    let hashes: Vec<_> = [1, 2, 3]
        .map(|rows| filled(Ledger::hashed(), rows).hash().unwrap())
        .to_vec();
    let combined = LedgerHash::combine(hashes.iter().copied());
    let reversed = LedgerHash::combine(hashes.iter().rev().copied());
    assert_ne!(combined, reversed);
    assert_ne!(LedgerHash::combine([hashes[0]]), hashes[0]);
    expect!["799b645fb45d48aab6d89278ceec496115d7921ec80f12b38d7f709f2dffdd3d"]
        .assert_eq(&combined.to_string());
}

#[test]
fn a_slow_subscriber_is_told_what_it_missed() {
    let mut ledger = Ledger::hashed();
    let mut slow = ledger.subscribe(KindSet::All, CHUNK_ROWS);
    let mut ledger = filled(ledger, 3 * CHUNK + 10);
    let batch = ledger.read(&mut slow, usize::MAX);
    assert_eq!(batch.dropped_count, 2 * CHUNK);
    assert_eq!(batch.rows.len(), CHUNK_ROWS + 10);
    assert_eq!(batch.rows[0], (2 * CHUNK, row(2 * CHUNK)));
    assert_eq!(ledger.read(&mut slow, usize::MAX), Default::default());
    let hash = filled(Ledger::hashed(), 3 * CHUNK + 10).hash();
    assert_eq!(ledger.hash(), hash, "whoever reads changes nothing");

    ledger.append(row(3 * CHUNK + 10));
    let batch = ledger.read(&mut slow, usize::MAX);
    assert_eq!((batch.rows.len(), batch.dropped_count), (1, 0));
}

#[test]
fn a_subscriber_gets_its_kinds_from_where_it_began() {
    let mut ledger = filled(Ledger::in_memory(), 100);
    let mut cursor = ledger.subscribe(KindSet::only(vec![2, 0, 2]), 0);
    for number in 100..400 {
        ledger.append(row(number));
    }
    let mut seen = Vec::new();
    loop {
        let batch = ledger.read(&mut cursor, 7);
        assert!(batch.rows.len() <= 7 && batch.dropped_count == 0);
        if batch.rows.is_empty() {
            break;
        }
        seen.extend(batch.rows);
    }
    let expected: Vec<_> = (100..400)
        .filter(|number| number % 3 != 1)
        .map(|number| (number, row(number)))
        .collect();
    assert_eq!(seen, expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Read or dropped: every row is accounted for, once, and in order.
    #[test]
    fn no_row_is_lost_without_being_counted(
        window in 0..9_000_usize,
        turns in prop::collection::vec((0..3_000_u64, 0..2_000_usize), 1..20),
    ) {
        let mut ledger = Ledger::hashed();
        ledger.begin(dictionary());
        let mut cursor = ledger.subscribe(KindSet::All, window);
        let (mut next, mut expected) = (0, 0);
        for (rows, limit) in turns {
            for number in next..next + rows {
                ledger.append(row(number));
            }
            next += rows;
            let batch = ledger.read(&mut cursor, limit);
            prop_assert!(batch.dropped_count == 0 || next - expected > window as u64);
            expected += batch.dropped_count;
            for (number, seen) in batch.rows {
                prop_assert_eq!((number, seen), (expected, row(expected)));
                expected += 1;
            }
        }
        let rest = ledger.read(&mut cursor, usize::MAX);
        prop_assert_eq!(expected + rest.dropped_count + rest.rows.len() as u64, next);
        prop_assert_eq!(ledger.hash(), filled(Ledger::hashed(), next).hash());
    }
}

#[test]
fn a_chunk_takes_as_many_rows_as_it_says() {
    let mut chunk = Chunk::starting_at(100);
    for number in 0..CHUNK {
        assert_eq!(chunk.push(row(number)), 100 + number);
    }
    assert!(chunk.is_full() && chunk.contains(100 + CHUNK - 1) && !chunk.contains(99));
    let mut full = chunk.clone();
    let too_many = std::panic::catch_unwind(move || full.push(row(0)));
    assert!(too_many.is_err());
    let columns = [
        chunk.times().len(),
        chunk.kinds().len(),
        chunk.subjects().len(),
        chunk.objects().len(),
        chunk.values().len(),
        chunk.causes().len(),
    ];
    assert_eq!(columns, [CHUNK_ROWS; 6]);
    chunk.reset(7);
    assert!(chunk.is_empty() && !chunk.contains(7));
    assert!(std::panic::catch_unwind(move || chunk.row(0)).is_err());
}

fn check_names(noun: &Noun, numbers: &[u32], expected: Expect) {
    let names: Vec<_> = numbers.iter().map(|number| noun.name_of(*number)).collect();
    expected.assert_eq(&names.join(", "));
    let back = names.iter().map(|name| noun.number_of(name));
    assert!(back.eq(numbers.iter().map(|number| Some(*number))));
}

#[test]
fn things_are_called_by_label_and_number() {
    let label = |first, count, name: &str| Label {
        first,
        count,
        name: name.to_owned(),
    };
    let agents = Noun {
        name: "agent".to_owned(),
        labels: vec![
            label(2, 3, "nurse"),
            label(7, 1, "doctor"),
            label(8, 2, "clerk"),
        ],
    };
    check_names(
        &agents,
        &[0, 2, 3, 4, 5, 7, 8, 9, 10, u32::MAX],
        expect![
            "agent 0, nurse#1, nurse#2, nurse#3, agent 5, doctor, clerk#1, clerk#2, agent 10, agent 4294967295"
        ],
    );
    check_names(
        &Noun::named("desk", ["front", "back"]),
        &[0, 1, 2],
        expect!["front, back, desk 2"],
    );
    assert_eq!(dictionary().kind("leave"), Some(1));
    assert_eq!(dictionary().kind("fly"), None);
}
