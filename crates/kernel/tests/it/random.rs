//! Streams: known answers, keys, and the shape of the primitive draws.

use pluriverse_kernel::random::{
    CounterStream, Purpose, Stream, StreamKey, ZeroState, philox4x32_10,
};

fn key(seed: u64) -> StreamKey {
    StreamKey {
        seed,
        replication: 0,
        entity: 0,
        purpose: Purpose::named("test"),
    }
}

/// Output of the authors' xoshiro256plusplus.c from the state 1, 2, 3, 4.
#[test]
fn xoshiro256_plus_plus_gives_the_published_numbers() {
    let mut stream = Stream::from_state([1, 2, 3, 4]).unwrap();
    let expected = [
        41_943_041,
        58_720_359,
        3_588_806_011_781_223,
        3_591_011_842_654_386,
        9_228_616_714_210_784_205,
        9_973_669_472_204_895_162,
        14_011_001_112_246_962_877,
        12_406_186_145_184_390_807,
        15_849_039_046_786_891_736,
        10_450_023_813_501_588_000,
    ];
    assert_eq!(expected.map(|_| stream.next_u64()), expected);
}

/// The `philox4x32 10` lines of Random123's kat_vectors: counter, key, block.
#[test]
fn philox_gives_the_published_blocks() {
    let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
    let known = [
        (
            [0; 4],
            [0; 2],
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
        ),
        (
            [u32::MAX; 4],
            [u32::MAX; 2],
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
        ),
        (
            pi,
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];
    for (counter, key, block) in known {
        assert_eq!(philox4x32_10(counter, key), block);
    }
}

#[test]
fn a_zero_state_is_refused() {
    assert_eq!(Stream::from_state([0; 4]), Err(ZeroState));
    let bytes = postcard::to_allocvec(&[0_u64; 4]).unwrap();
    assert!(postcard::from_bytes::<Stream>(&bytes).is_err());
}

#[test]
fn a_stream_continues_from_its_saved_state() {
    let mut stream = Stream::new(key(5));
    stream.normal();
    let bytes = postcard::to_allocvec(&stream).unwrap();
    let mut restored: Stream = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(restored.next_u64(), stream.next_u64());
    assert_eq!(Stream::from_state(stream.state()), Ok(stream));
}

#[test]
fn blocks_differ_between_numbers_and_keys() {
    let (one, other) = (CounterStream::new(key(1)), CounterStream::new(key(2)));
    let mut seen: Vec<u64> = (0..1000)
        .flat_map(|n| [one.u64_at(n), other.u64_at(n)])
        .collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 2000);
    assert_eq!(one.block(u128::MAX), one.block(u128::MAX));
    assert!((0.0..1.0).contains(&one.f64_at(3)));
}
