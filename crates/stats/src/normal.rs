//! The standard normal distribution.

use core::f64::consts::FRAC_1_SQRT_2;

use crate::tails::Tails;

/// Probability that a standard normal variable is at most `x`; full relative accuracy in the lower tail.
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    normal_tails(x).below
}

/// The probabilities that a standard normal variable is at most `x`, and above it.
#[must_use]
pub fn normal_tails(x: f64) -> Tails {
    Tails {
        below: 0.5 * libm::erfc(-x * FRAC_1_SQRT_2),
        above: 0.5 * libm::erfc(x * FRAC_1_SQRT_2),
    }
}

/// The `x` with [`normal_cdf`]`(x) = p`, to about 1 part in 10¹⁵; infinite at 0 and 1.
///
/// Source: Wichura (1988), algorithm AS 241, routine PPND16.
///
/// # Panics
/// When `p` is not within 0 and 1.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    assert!(
        (0.0..=1.0).contains(&p),
        "a probability is within 0 and 1, got {p}"
    );
    let central = p - 0.5;
    if libm::fabs(central) <= 0.425 {
        let r = 0.180625 - central * central;
        return central * polynomial(&CENTRE_NUMERATOR, r) / polynomial(&CENTRE_DENOMINATOR, r);
    }
    let tail = if central < 0.0 { p } else { 1.0 - p };
    let distance = if tail == 0.0 {
        f64::INFINITY
    } else {
        tail_distance(tail)
    };
    if central < 0.0 { -distance } else { distance }
}

/// Distance from zero beyond which the upper tail holds `tail`, above 0 and below 0.075.
fn tail_distance(tail: f64) -> f64 {
    let r = libm::sqrt(-libm::log(tail));
    if r <= 5.0 {
        polynomial(&NEAR_NUMERATOR, r - 1.6) / polynomial(&NEAR_DENOMINATOR, r - 1.6)
    } else {
        polynomial(&FAR_NUMERATOR, r - 5.0) / polynomial(&FAR_DENOMINATOR, r - 5.0)
    }
}

/// Value at `x` of the polynomial with the given coefficients, constant first.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * x + coefficient)
}

const CENTRE_NUMERATOR: [f64; 8] = [
    3.387_132_872_796_366_6,
    133.141_667_891_784_38,
    1_971.590_950_306_551_4,
    13_731.693_765_509_46,
    45_921.953_931_549_87,
    67_265.770_927_008_7,
    33_430.575_583_588_13,
    2_509.080_928_730_122_7,
];
const CENTRE_DENOMINATOR: [f64; 8] = [
    1.0,
    42.313_330_701_600_91,
    687.187_007_492_057_9,
    5_394.196_021_424_751,
    21_213.794_301_586_596,
    39_307.895_800_092_71,
    28_729.085_735_721_943,
    5_226.495_278_852_854,
];
const NEAR_NUMERATOR: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    0.241_780_725_177_450_6,
    0.022_723_844_989_269_184,
    7.745_450_142_783_414e-4,
];
const NEAR_DENOMINATOR: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    0.689_767_334_985_1,
    0.148_103_976_427_480_08,
    0.015_198_666_563_616_457,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const FAR_NUMERATOR: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    0.296_560_571_828_504_87,
    0.026_532_189_526_576_124,
    0.001_242_660_947_388_078_4,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const FAR_DENOMINATOR: [f64; 8] = [
    1.0,
    0.599_832_206_555_888,
    0.136_929_880_922_735_8,
    0.014_875_361_290_850_615,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];
