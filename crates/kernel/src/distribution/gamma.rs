//! The gamma family, and the gamma sampler that Erlang and beta draws share.

use super::error::{Checked, POSITIVE, SHAPE};
use super::{
    Distribution, Family,
    special::{self, Tails},
    wire::Node,
};
use crate::random::Stream;

/// Draws gamma numbers of scale 1.
///
/// Source: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000); below
/// shape 1 the draw of shape + 1 is multiplied by U^(1/shape), their section 6.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct GammaSampler {
    /// Shape − 1/3, of the shape that is drawn.
    offset: f64,
    /// 1 / (3 √offset).
    slope: f64,
    /// 1 / shape where the shape is below 1, else zero.
    boost: f64,
}

impl GammaSampler {
    /// `shape` is checked.
    pub(super) fn new(shape: f64) -> Self {
        let (drawn, boost) = if shape < 1.0 {
            (shape + 1.0, 1.0 / shape)
        } else {
            (shape, 0.0)
        };
        let offset = drawn - 1.0 / 3.0;
        Self {
            offset,
            slope: 1.0 / (3.0 * libm::sqrt(offset)),
            boost,
        }
    }

    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        let unboosted = self.sample_unboosted(stream);
        if self.boost > 0.0 {
            // U^(1/shape) with −ln U drawn at once.
            unboosted * libm::exp(-stream.exponential() * self.boost)
        } else {
            unboosted
        }
    }

    #[inline]
    fn sample_unboosted(&self, stream: &mut Stream) -> f64 {
        loop {
            let normal = stream.normal();
            let root = 1.0 + self.slope * normal;
            if root <= 0.0 {
                continue;
            }
            let cube = root * root * root;
            let uniform = stream.next_open_f64();
            let square = normal * normal;
            if uniform < 1.0 - 0.0331 * square * square
                || libm::log(uniform) < 0.5 * square + self.offset * (1.0 - cube + libm::log(cube))
            {
                return self.offset * cube;
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gamma {
    shape: f64,
    scale: f64,
    sampler: GammaSampler,
}

impl Gamma {
    pub(super) fn new(shape: f64, scale: f64) -> Checked<Self> {
        SHAPE.check("shape", shape)?;
        POSITIVE.check("scale", scale)?;
        Ok(Self {
            shape,
            scale,
            sampler: GammaSampler::new(shape),
        })
    }
}

impl Family for Gamma {
    fn sample(&self, stream: &mut Stream) -> f64 {
        self.scale * self.sampler.sample(stream)
    }

    fn mean(&self) -> f64 {
        self.shape * self.scale
    }

    fn variance(&self) -> f64 {
        self.shape * self.scale * self.scale
    }

    fn tails(&self, x: f64) -> Tails {
        special::gamma_tails(self.shape, x / self.scale)
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn scaled(&self, factor: f64) -> Checked<Distribution> {
        Distribution::gamma(self.shape, self.scale * factor)
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        nodes.push(Node::Gamma {
            shape: self.shape,
            scale: self.scale,
        });
    }
}
