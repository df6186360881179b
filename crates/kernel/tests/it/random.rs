//! Streams: known answers, keys, and the shape of the primitive draws.

use pluriverse_kernel::random::{
    CounterStream, Purpose, Stream, StreamKey, ZeroState, philox4x32_10,
};

use crate::random_goodness::{FAMILY_WISE, chi_square_of_cells, critical_z, kolmogorov_smirnov};

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

/// Each bit of seed, replication and entity moves each bit of the state in half of the keys.
#[test]
fn each_bit_of_the_key_reaches_each_bit_of_the_state() {
    const KEYS: u32 = 2000;
    let critical = critical_z(192 * 256);
    for input in 0..192 {
        let mut flips = [0_u32; 256];
        for number in 0..u64::from(KEYS) {
            let mut words = [number, number >> 4, number * 3];
            let before = Stream::new(wide_key(words)).state();
            words[input / 64] ^= 1 << (input % 64);
            let after = Stream::new(wide_key(words)).state();
            for (output, flipped) in flips.iter_mut().enumerate() {
                let changed = before[output / 64] ^ after[output / 64];
                *flipped += u32::from(changed >> (output % 64) & 1 == 1);
            }
        }
        for (output, flipped) in flips.into_iter().enumerate() {
            let expected = 0.5 * f64::from(KEYS);
            let z = (f64::from(flipped) - expected) / (0.5 * expected).sqrt();
            assert!(
                z.abs() < critical,
                "bit {input} moves bit {output} {flipped} times of {KEYS}"
            );
        }
    }
}

fn wide_key([seed, replication, entity]: [u64; 3]) -> StreamKey {
    StreamKey {
        seed,
        replication,
        entity,
        ..key(0)
    }
}

#[test]
fn purposes_and_neighbours_have_streams_of_their_own() {
    let names = [
        "arrival", "service", "service ", "servicf", "ecivres", "", "a", "b",
    ];
    let first_draw = |name: &str, entity: u64| {
        let purpose = Purpose::named(name);
        Stream::new(StreamKey {
            purpose,
            entity,
            ..key(9)
        })
        .next_u64()
    };
    let mut first: Vec<u64> = names
        .into_iter()
        .flat_map(|name| (0..64).map(move |entity| first_draw(name, entity)))
        .collect();
    first.sort_unstable();
    first.dedup();
    assert_eq!(first.len(), 8 * 64);
}

/// Streams of consecutive keys together behave as one: uniform, and uncorrelated from key to key.
#[test]
fn consecutive_keys_give_independent_draws() {
    const KEYS: u32 = 100_000;
    let keys: [fn(u64) -> StreamKey; 4] = [
        |n| wide_key([n, 0, 0]),
        |n| wide_key([0, n, 0]),
        |n| wide_key([0, 0, n]),
        |n| wide_key([n, n, n]),
    ];
    let checks = 2 * keys.len();
    for key in keys {
        let draws = (0..u64::from(KEYS)).map(|n| Stream::new(key(n)).next_f64());
        let mut first: Vec<f64> = draws.collect();
        let products = first
            .windows(2)
            .map(|pair| (pair[0] - 0.5) * (pair[1] - 0.5));
        // Each product has variance 1/144, and they are uncorrelated.
        let z = 12.0 * products.sum::<f64>() / f64::from(KEYS).sqrt();
        assert!(z.abs() < critical_z(checks), "serial correlation {z}");
        assert!(kolmogorov_smirnov(&mut first, |x| x) > FAMILY_WISE / checks as f64);
    }
}

#[test]
fn neighbouring_streams_are_uncorrelated() {
    const DRAWS: u32 = 100_000;
    let critical = critical_z(20);
    for entity in 0..10 {
        let open = |entity| Stream::new(StreamKey { entity, ..key(3) });
        let mut pair = [open(entity), open(entity + 1)];
        let (mut at_once, mut lagged, mut last) = (0.0, 0.0, 0.0);
        for _ in 0..DRAWS {
            let [x, y] = pair.each_mut().map(|stream| stream.next_f64() - 0.5);
            at_once += x * y;
            lagged += last * y;
            last = x;
        }
        for sum in [at_once, lagged] {
            let z = 12.0 * sum / f64::from(DRAWS).sqrt();
            assert!(z.abs() < critical, "correlation {z} from entity {entity}");
        }
    }
}

/// The first bound is one where taking the high word alone would prefer every third number.
#[test]
fn integers_below_a_bound_are_unbiased() {
    let mut stream = Stream::new(key(11));
    let mut thirds = [(0.0, 100_000.0); 3];
    let mut sides = [(0.0, 100_000.0); 6];
    for _ in 0..300_000 {
        let number = stream.below(3 << 62);
        assert!(number < 3 << 62);
        thirds[usize::try_from(number % 3).unwrap()].0 += 1.0;
    }
    for _ in 0..600_000 {
        sides[usize::try_from(stream.below(6)).unwrap()].0 += 1.0;
    }
    assert!(chi_square_of_cells(thirds) > FAMILY_WISE / 2.0);
    assert!(chi_square_of_cells(sides) > FAMILY_WISE / 2.0);
    assert_eq!(stream.below(1), 0);
}

/// The words with all bits clear and all bits set, which no test would meet by chance.
#[test]
fn unit_draws_keep_their_ends() {
    // xoshiro256++ gives rotl(s0 + s3, 23) + s0: zero for s0 = s3 = 0, and all ones for s0 = 0, s3 = −1.
    let draw = |last: u64, draw: fn(&mut Stream) -> f64| {
        draw(&mut Stream::from_state([0, 1, 1, last]).unwrap())
    };
    let (least, most) = (f64::EPSILON / 2.0, 1.0 - f64::EPSILON / 2.0);
    assert_eq!(draw(0, Stream::next_f64), 0.0);
    assert_eq!(draw(u64::MAX, Stream::next_f64), most);
    assert_eq!(draw(0, Stream::next_open_f64), least);
    assert_eq!(draw(u64::MAX, Stream::next_open_f64), most);
    assert_eq!(draw(0, Stream::exponential), 0.0);
    assert!(draw(u64::MAX, Stream::normal).is_finite());
}
