//! Antithetic runs: each draw turned over, the same words used, nothing else changed.

use pluriverse_kernel::{
    random::{Purpose, Stream},
    scenario::RunKey,
};

const KEY: RunKey = RunKey {
    seed: 11,
    replication: 3,
};

fn stream(key: RunKey) -> Stream {
    key.stream(5, Purpose::named("mirrored"))
}

#[test]
fn a_key_is_its_partners_partner() {
    assert!(!KEY.is_mirrored());
    assert!(KEY.mirrored().is_mirrored());
    assert_eq!(KEY.mirrored().mirrored(), KEY);
}

#[test]
fn uniform_draws_sum_to_one() {
    let (mut plain, mut mirrored) = (stream(KEY), stream(KEY.mirrored()));
    for _ in 0..1_000 {
        assert_eq!(plain.next_u64() ^ mirrored.next_u64(), u64::MAX);
        assert_eq!(plain.next_open_f64() + mirrored.next_open_f64(), 1.0);
    }
}

#[test]
fn exponential_draws_have_opposite_ranks_and_use_the_same_words() {
    let (mut plain, mut mirrored) = (stream(KEY), stream(KEY.mirrored()));
    for _ in 0..10_000 {
        let (x, y) = (plain.exponential(), mirrored.exponential());
        let below = -libm::expm1(-x) - libm::expm1(-y);
        assert!((below - 1.0).abs() < 1e-12, "{x} {y}");
    }
    assert_eq!(plain.state(), mirrored.state());
}

#[test]
fn normal_draws_have_opposite_signs() {
    let (mut plain, mut mirrored) = (stream(KEY), stream(KEY.mirrored()));
    for _ in 0..10_000 {
        assert_eq!(plain.normal(), -mirrored.normal());
    }
    assert_eq!(plain.state(), mirrored.state());
}

/// Mean 1 and variance 1 within 4 standard errors, whose squares are 1/n and 8/n.
#[test]
fn mirrored_exponential_draws_are_exponential() {
    let mut mirrored = stream(KEY.mirrored());
    let count = 1_000_000;
    let (mut sum, mut squares) = (0.0, 0.0);
    for _ in 0..count {
        let x = mirrored.exponential();
        sum += x;
        squares += (x - 1.0) * (x - 1.0);
    }
    let count = f64::from(count);
    assert!((sum / count - 1.0).abs() < 4.0 / count.sqrt());
    assert!((squares / count - 1.0).abs() < 4.0 * (8.0 / count).sqrt());
}
