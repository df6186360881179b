//! Every family: pinned draws, checked parameters, storage, closed forms.

use expect_test::expect;
use pluriverse_kernel::distribution::{Distribution, DistributionError, catalogue, poisson};
use pluriverse_kernel::random::{CounterStream, Purpose, Stream, StreamKey};
use xxhash_rust::xxh3::xxh3_64;

const KEY: StreamKey = StreamKey {
    seed: 20_240_613,
    replication: 2,
    entity: 7,
    purpose: Purpose::named("golden"),
};

/// xxh3 of the little-endian bits of 10,000 draws.
fn hash_of_draws(mut draw: impl FnMut() -> u64) -> u64 {
    let bytes: Vec<u8> = (0..10_000).flat_map(|_| draw().to_le_bytes()).collect();
    xxh3_64(&bytes)
}

/// Hash of the draws from one key, then of the stored form. A changed line changes every ledger that draws
/// from this family, or breaks every snapshot that holds it.
#[test]
fn draws_and_stored_forms_are_pinned() {
    let mut table = String::new();
    for (name, distribution) in catalogue() {
        let mut stream = Stream::new(KEY);
        let draws = hash_of_draws(|| distribution.sample(&mut stream).to_bits());
        let stored = xxh3_64(&postcard::to_allocvec(&distribution).unwrap());
        table += &format!("{name:<26}{draws:016x} {stored:016x}\n");
    }
    expect![[r#"
        constant                  7cc6bfd330515b74 5d836ba486ab0d6e
        uniform                   ec0c63bfc4ffce03 39a214f2a59559b5
        exponential               24e09537409183ee 212ab8521888117e
        erlang_sum                b2251c020280246c b866dd7126ffc871
        erlang_gamma              dac93add9d49913b 52d2e673b5b4c0ff
        gamma_below_one           3a9e62432b90cbd2 57cb59660f862c1a
        gamma                     7d5b265433135f71 bd09242df802232c
        weibull                   14404e0eb396e187 f2a0e02163e71b7e
        lognormal                 058712c8e1a833f1 bb3ef080cb3dbdf5
        normal                    9ef88f7353d3e0fd 1339429aba5909fc
        truncated_normal_wide     d4a2722439441edf 3b92d309e04fefff
        truncated_normal_narrow   2dc2eed3164ac536 ed9fa7152317ab43
        truncated_normal_tail     d2ef6262c72c131d 39a0429a03a31b0c
        truncated_normal_mirrored 2f1104d5814b1dd5 b1189bf5830b0d58
        triangular                70494920c2f70c56 b33b2c7fc7d17322
        pert                      441149645a3e4158 6d673de383f9b4a3
        beta_johnk                a324a2cfa16faadd 5de9482336ecf249
        beta_gammas               1347d01dd3786e5f 38a430d3d102fd00
        hyperexponential          f18d54cf41ea4faf 1edbe167988c85f0
        phase_type                e511b006253643ab f29c0907d95e5caf
        pareto                    dc26860ba26b1a90 4cb9b88d28b1d996
        discrete                  ae0695a430f75b2d ed65620a7514e440
        empirical                 7afb3c4436e55771 70a0d412d1abf1d1
        histogram                 651b75b55e7cfbfc 72d71e63a8303b90
        mixture                   79e37ae35871b03c d771a1a801561874
        shifted                   e40456fec7ec6f15 6a34ea2e02661d77
        clamped                   1247747f1e3b89a3 eb076c9557fa7456
        scaled                    2cac46a0adbb2e5a 2f55a9271cfa4209
    "#]]
    .assert_eq(&table);
}

#[test]
fn primitive_draws_are_pinned() {
    let mut table = format!("{:<26}{:016x}\n", "purpose", KEY.purpose.value());
    let mut row = |name: &str, hash: u64| table += &format!("{name:<26}{hash:016x}\n");
    let mut stream = Stream::new(KEY);
    row("next_u64", hash_of_draws(|| stream.next_u64()));
    row("next_f64", hash_of_draws(|| stream.next_f64().to_bits()));
    row(
        "next_open_f64",
        hash_of_draws(|| stream.next_open_f64().to_bits()),
    );
    row("below", hash_of_draws(|| stream.below(1_000_003)));
    row(
        "exponential",
        hash_of_draws(|| stream.exponential().to_bits()),
    );
    row("normal", hash_of_draws(|| stream.normal().to_bits()));
    row(
        "poisson_inversion",
        hash_of_draws(|| poisson(2.5, &mut stream)),
    );
    row(
        "poisson_rejection",
        hash_of_draws(|| poisson(250.0, &mut stream)),
    );
    let counter_stream = CounterStream::new(KEY);
    let mut counter = 0;
    let mut at_next = || {
        counter += 1;
        counter_stream.f64_at(counter).to_bits()
    };
    row("counter", hash_of_draws(&mut at_next));
    expect![[r#"
        purpose                   d8f71b25ed525287
        next_u64                  67e7dd03da0c70df
        next_f64                  e9197a3494535823
        next_open_f64             5a571ed1429c924c
        below                     767418d5af684c32
        exponential               e5f9378825a61631
        normal                    69d4bb40749f0655
        poisson_inversion         4bba49b0727fe751
        poisson_rejection         d6b1bb2dfda96a7a
        counter                   640ebfcd0b4a3cc7
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_distribution_comes_back_from_its_bytes() {
    for (name, distribution) in catalogue() {
        let bytes = postcard::to_allocvec(&distribution).unwrap();
        let restored: Distribution = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(restored, distribution, "{name}");
    }
}

/// Bytes as a hostile file may hold them: nodes by number, with their fields.
#[test]
fn a_stored_distribution_is_checked() {
    let exponential = |mean: f64| [&[2_u8][..], &mean.to_le_bytes()].concat();
    let shifted = |offset: f64| [&[18_u8][..], &offset.to_le_bytes()].concat();
    let scaled = |factor: f64| [&[19_u8][..], &factor.to_le_bytes()].concat();
    let list = |nodes: &[Vec<u8>]| {
        let bytes = [postcard::to_allocvec(&nodes.len()).unwrap(), nodes.concat()].concat();
        postcard::from_bytes::<Distribution>(&bytes)
    };
    let good = list(&[exponential(2.0), shifted(1.0)]).unwrap();
    assert_eq!(
        good,
        Distribution::exponential(2.0)
            .unwrap()
            .shifted(1.0)
            .unwrap()
    );
    assert!(
        list(&[exponential(-2.0)]).is_err(),
        "a parameter out of range"
    );
    assert!(list(&[exponential(f64::NAN)]).is_err(), "not a number");
    assert!(list(&[shifted(1.0)]).is_err(), "a part that is not there");
    assert!(
        list(&[exponential(1.0), exponential(1.0)]).is_err(),
        "two instead of one"
    );
    assert!(list(&[]).is_err(), "none instead of one");
    for wrap in [shifted(1.0), scaled(0.5)] {
        let mut nested = vec![exponential(1.0)];
        nested.extend(std::iter::repeat_n(wrap, 100_000));
        assert!(list(&nested).is_err(), "nested without end");
    }
}

fn constant() -> Distribution {
    Distribution::constant(1.0).unwrap()
}

fn nested(levels: usize) -> Result<Distribution, DistributionError> {
    (0..levels).try_fold(constant(), |inner, _| inner.shifted(1.0))
}

fn messages<const N: usize>(refused: [Result<Distribution, DistributionError>; N]) -> String {
    refused
        .map(|made| format!("{}\n", made.unwrap_err()))
        .concat()
}

#[test]
fn parameters_are_refused_with_their_name() {
    let refused = [
        Distribution::constant(f64::NAN),
        Distribution::uniform(1.0, 1.0),
        Distribution::uniform(f64::NEG_INFINITY, 1.0),
        Distribution::uniform(-1e308, 1e308),
        Distribution::exponential(0.0),
        Distribution::exponential(f64::INFINITY),
        Distribution::erlang(0, 1.0),
        Distribution::erlang(2, -1.0),
        Distribution::gamma(0.0, 1.0),
        Distribution::gamma_from_mean(1.0, 0.0),
        Distribution::weibull(1.0, f64::NAN),
        Distribution::lognormal(0.0, -1.0),
        Distribution::lognormal_from_mean(-1.0, 1.0),
        Distribution::normal(f64::NAN, 1.0),
        Distribution::truncated_normal(0.0, 1.0, 3.0, 2.0),
        Distribution::truncated_normal(0.0, 1.0, f64::NAN, 2.0),
        Distribution::truncated_normal(1e300, 1.0, 0.0, 1.0),
        Distribution::triangular(0.0, 3.0, 2.0),
        Distribution::pert(0.0, -1.0, 2.0),
        Distribution::beta(1.0, 1e13),
        Distribution::hyperexponential_from_mean(1.0, 0.5),
        Distribution::pareto(-1.0, 1.0),
        constant().shifted(f64::NAN),
        constant().clamped(2.0, 1.0),
    ];
    expect![[r#"
        `value` is NaN: expected a finite number
        `high` is 1.0: expected a number above `low`
        `low` is -inf: expected a finite number
        `high` is 1e308: expected a finite distance from `low`
        `mean` is 0.0: expected a finite number above zero
        `mean` is inf: expected a finite number above zero
        `shape` is 0.0: expected a finite number of one or more
        `mean` is -1.0: expected a finite number above zero
        `shape` is 0.0: expected a number from 1e-12 to 1e12
        `std_dev` is 0.0: expected a number from 1e-6 to 1e6 times `mean`
        `scale` is NaN: expected a finite number above zero
        `log_std_dev` is -1.0: expected a finite number above zero
        `mean` is -1.0: expected a finite number above zero
        `mean` is NaN: expected a finite number
        `high` is 2.0: expected a number above `low`
        `low` is NaN: expected a number
        `high` is 1.0: expected a bound that rounding to standard deviations tells from `low`
        `mode` is 3.0: expected a number from `low` to `high`
        `mode` is -1.0: expected a number from `low` to `high`
        `beta` is 10000000000000.0: expected a number from 1e-12 to 1e12
        `squared_cv` is 0.5: expected a finite number of one or more
        `shape` is -1.0: expected a number from 1e-12 to 1e12
        `offset` is NaN: expected a finite number
        `high` is 1.0: expected a number above `low`
    "#]]
    .assert_eq(&messages(refused));
}

#[test]
fn lists_are_refused_with_the_place() {
    let phases = |initial: &[f64], rows: [&[f64]; 2]| {
        Distribution::phase_type(initial, &rows.map(<[f64]>::to_vec))
    };
    let refused = [
        Distribution::hyperexponential(&[1.0], &[1.0, 2.0]),
        phases(&[0.7, 0.7], [&[-1.0, 0.0], &[0.0, -1.0]]),
        phases(&[1.0, 0.0], [&[1.0, 0.0], &[0.0, -1.0]]),
        phases(&[1.0, 0.0], [&[-1.0, 2.0], &[0.0, -1.0]]),
        phases(&[1.0, 0.0], [&[-1.0, -0.5], &[0.0, -1.0]]),
        phases(&[1.0, 0.0], [&[-1.0, 1.0], &[1.0, -1.0]]),
        phases(&[1.0, 0.0], [&[-1.0, 1.0], &[1.0]]),
        Distribution::discrete(&[], &[]),
        Distribution::discrete(&[1.0, 2.0], &[0.0, 0.0]),
        Distribution::discrete(&[2.0, 1.0], &[1.0, -1.0]),
        Distribution::empirical(&[1.0, f64::INFINITY]),
        Distribution::histogram(&[0.0, 1.0, 1.0], &[1.0, 1.0]),
        Distribution::histogram(&[0.0, 1.0], &[1.0, 1.0]),
        Distribution::mixture(&[1.0, f64::NAN], vec![constant(), constant()]),
        Distribution::mixture(&[1.0], vec![]),
        nested(33),
    ];
    expect![[r#"
        `means` has 2 numbers: expected 1
        `initial` sums to 1.4: expected a number above zero and at most one
        `generator[0]` is 1.0: expected a rate below zero on the diagonal
        `generator[0]` is -1.0: expected a diagonal that outweighs the rest of its row
        `generator[1]` is -0.5: expected a rate of zero or more off the diagonal
        phase 0 never ends: expected a way out of each phase
        `generator` has 1 numbers: expected 2
        `values` is empty: expected one number or more
        `weights` sums to 0.0: expected a finite number above zero
        `weights[1]` is -1.0: expected a finite number of zero or more
        `samples[1]` is inf: expected a finite number
        `edges[2]` is 1.0: expected a number above the edge before it, at a finite distance
        `edges` has 2 numbers: expected 3
        `weights[1]` is NaN: expected a finite number of zero or more
        `components` has 0 numbers: expected 1
        distributions nested 33 deep: expected at most 32
    "#]]
    .assert_eq(&messages(refused));
    assert!(nested(32).is_ok());
}

/// Scaling moves parameters, not draws: the same words give the same draw times the factor.
#[test]
fn a_scaled_distribution_draws_scaled_numbers() {
    for factor in [1e9, 0.37] {
        for (name, distribution) in catalogue() {
            let scaled = distribution.clone().scaled(factor);
            let (mut one, mut other) = (Stream::new(KEY), Stream::new(KEY));
            for _ in 0..1000 {
                let (plain, moved) = (distribution.sample(&mut one), scaled.sample(&mut other));
                let size = plain.abs() + distribution.mean().abs();
                let gap = (moved - plain * factor).abs();
                assert!(gap <= 1e-13 * size * factor, "{name}");
                let (expected, got) = (
                    distribution.cdf(plain * 1.1),
                    scaled.cdf(plain * 1.1 * factor),
                );
                assert!(
                    (expected - got).abs() < 1e-11,
                    "{name} at {plain}: {expected} and {got}"
                );
            }
            let relative =
                |got: f64, expected: f64| (got - expected).abs() <= 1e-11 * expected.abs();
            assert!(
                relative(scaled.mean(), distribution.mean() * factor),
                "{name}"
            );
            assert!(
                relative(scaled.variance(), distribution.variance() * factor * factor),
                "{name}"
            );
            let (low, high) = distribution.support();
            assert_eq!(scaled.support(), (low * factor, high * factor), "{name}");
        }
    }
}

#[test]
fn scaling_out_of_range_keeps_the_draws_that_fit() {
    let huge = Distribution::exponential(1e305).unwrap().scaled(1e9);
    let back = huge.clone().scaled(1e-9).scaled(1e-300);
    assert!(huge.mean().is_infinite());
    assert!((back.mean() / 1e5 - 1.0).abs() < 1e-12);
    let bytes = postcard::to_allocvec(&huge).unwrap();
    assert_eq!(postcard::from_bytes::<Distribution>(&bytes).unwrap(), huge);
}

#[test]
fn draws_stay_inside_the_support() {
    for (name, distribution) in catalogue() {
        let (low, high) = distribution.support();
        let mut stream = Stream::new(KEY);
        for _ in 0..10_000 {
            let x = distribution.sample(&mut stream);
            assert!(low <= x && x <= high, "{name} drew {x}");
        }
        assert_eq!(distribution.cdf(high), 1.0, "{name}");
        assert!(
            distribution.cdf(low - 1e-9 * low.abs().max(1.0)) == 0.0,
            "{name}"
        );
        assert!(distribution.cdf(f64::NAN).is_nan(), "{name}");
    }
}
