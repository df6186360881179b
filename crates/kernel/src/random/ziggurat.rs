//! Ziggurats of 256 layers of equal area for the exponential and the normal density.
//!
//! `EDGES[i]` is the right edge of layer i, falling from the base (i = 0, whose edge stands for its area with
//! the tail) to zero at i = 256; `HEIGHTS[i]` is the density there, so the layer reaches from `HEIGHTS[i]` up
//! to `HEIGHTS[i + 1]`. Layer and position come from separate bits of one word. The tables are written by the
//! test `ziggurat_tables_follow_from_the_formula`, which also checks them.

mod tables;

use super::Stream;
use tables::{EXPONENTIAL_EDGES, EXPONENTIAL_HEIGHTS, NORMAL_EDGES, NORMAL_HEIGHTS};

const UNIT_53: f64 = 1.0 / (1_u64 << 53) as f64;
const UNIT_52: f64 = 1.0 / (1_u64 << 52) as f64;

#[inline]
pub(super) fn exponential(stream: &mut Stream) -> f64 {
    let bits = stream.next_plain();
    let layer = (bits & 0xff) as usize;
    let x = (bits >> 11).cast_signed() as f64 * UNIT_53 * EXPONENTIAL_EDGES[layer];
    if x < EXPONENTIAL_EDGES[layer + 1] {
        x
    } else {
        exponential_edge(stream, layer, x)
    }
}

/// The draws that fall outside the rectangle under the density: the tail and the wedges.
#[inline(never)]
fn exponential_edge(stream: &mut Stream, mut layer: usize, mut x: f64) -> f64 {
    // The exponential has no memory: what is beyond the base is exponential again.
    let mut beyond = 0.0;
    loop {
        if layer == 0 {
            beyond += EXPONENTIAL_EDGES[1];
        } else if under(&EXPONENTIAL_HEIGHTS, layer, uniform(stream), libm::exp(-x)) {
            return beyond + x;
        }
        let bits = stream.next_plain();
        layer = (bits & 0xff) as usize;
        x = (bits >> 11).cast_signed() as f64 * UNIT_53 * EXPONENTIAL_EDGES[layer];
        if x < EXPONENTIAL_EDGES[layer + 1] {
            return beyond + x;
        }
    }
}

#[inline]
pub(super) fn normal(stream: &mut Stream) -> f64 {
    let (layer, x) = normal_candidate(stream);
    if libm::fabs(x) < NORMAL_EDGES[layer + 1] {
        x
    } else {
        normal_edge(stream, layer, x)
    }
}

#[inline]
fn normal_candidate(stream: &mut Stream) -> (usize, f64) {
    let bits = stream.next_plain();
    let layer = (bits & 0xff) as usize;
    // The arithmetic shift keeps the sign: a position in [-1, 1).
    (
        layer,
        (bits.cast_signed() >> 11) as f64 * UNIT_52 * NORMAL_EDGES[layer],
    )
}

#[inline(never)]
fn normal_edge(stream: &mut Stream, mut layer: usize, mut x: f64) -> f64 {
    loop {
        if layer == 0 {
            return libm::copysign(normal_tail(stream), x);
        }
        if under(
            &NORMAL_HEIGHTS,
            layer,
            uniform(stream),
            libm::exp(-0.5 * x * x),
        ) {
            return x;
        }
        (layer, x) = normal_candidate(stream);
        if libm::fabs(x) < NORMAL_EDGES[layer + 1] {
            return x;
        }
    }
}

/// A normal number beyond the edge of the base. Source: Marsaglia, Technometrics 6 (1964).
fn normal_tail(stream: &mut Stream) -> f64 {
    let edge = NORMAL_EDGES[1];
    loop {
        let x = exponential(stream) / edge;
        if 2.0 * exponential(stream) > x * x {
            return edge + x;
        }
    }
}

/// A uniform number in [0, 1), the same in the mirrored stream.
fn uniform(stream: &mut Stream) -> f64 {
    (stream.next_plain() >> 11) as f64 * UNIT_53
}

/// Whether a uniform height in the layer lies under the density.
fn under(heights: &[f64; 257], layer: usize, uniform: f64, density: f64) -> bool {
    heights[layer] + (heights[layer + 1] - heights[layer]) * uniform < density
}
