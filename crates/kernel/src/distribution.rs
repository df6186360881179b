//! Shapes of chance: durations, counts and sizes as checked values that draw from a [`Stream`].
//!
//! A [`Distribution`] is made by a constructor that refuses what no distribution has, so each one that exists
//! can be drawn from without a check. It knows no unit: a caller that thinks in seconds and computes in
//! nanoseconds calls [`Distribution::scaled`] once. All mathematics is `libm`, and a golden hash pins the
//! draws of each family ([`catalogue()`]). Cloning is cheap whatever the size. Parsing scenario text is left to
//! the models.
//!
//! ```
//! use pluriverse_kernel::distribution::Distribution;
//! use pluriverse_kernel::random::{Purpose, Stream, StreamKey};
//!
//! let service = Distribution::lognormal_from_mean(180.0, 60.0)?.clamped(30.0, f64::INFINITY)?;
//! let key = StreamKey { seed: 1, replication: 0, entity: 0, purpose: Purpose::named("service") };
//! let secs = service.sample(&mut Stream::new(key));
//! assert!(secs >= 30.0);
//!
//! let in_nanos = service.clone().scaled(1e9);
//! assert!((in_nanos.mean() / service.mean() - 1e9).abs() < 1.0);
//!
//! let refused = Distribution::exponential(-3.0).unwrap_err();
//! assert_eq!(refused.to_string(), "`mean` is -3.0: expected a finite number above zero");
//! # Ok::<(), pluriverse_kernel::distribution::DistributionError>(())
//! ```

mod alias;
mod beta;
mod bounded;
mod catalogue;
mod combined;
mod construct;
mod error;
mod exponential;
mod gamma;
mod normal;
mod observed;
mod phase_type;
mod poisson;
mod positive;
mod quadrature;
mod special;
mod truncated;
mod wire;

use serde::{Deserialize, Serialize};

pub use catalogue::catalogue;
pub use error::DistributionError;
pub use poisson::poisson;

use crate::random::Stream;
use error::Checked;
use special::Tails;
use wire::Node;

/// Most levels of distributions in one another.
const MAX_DEPTH: usize = 32;

/// A probability distribution on the real line, with all parameters checked.
///
/// Serialises as the arguments of its constructors and passes through them again on the way back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Node>", into = "Vec<Node>")]
pub struct Distribution(Kind);

/// The families; the parameters live in one struct each.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Constant(bounded::Constant),
    Exponential(exponential::Exponential),
    Uniform(bounded::Uniform),
    Triangular(bounded::Triangular),
    Erlang(exponential::Erlang),
    HyperExponential(exponential::HyperExponential),
    Gamma(gamma::Gamma),
    Beta(beta::Beta),
    Weibull(positive::Weibull),
    LogNormal(positive::LogNormal),
    Pareto(positive::Pareto),
    Normal(normal::Normal),
    TruncatedNormal(truncated::TruncatedNormal),
    PhaseType(phase_type::PhaseType),
    Discrete(observed::Discrete),
    Empirical(observed::Empirical),
    Histogram(observed::Histogram),
    Mixture(combined::Mixture),
    Shifted(combined::Shifted),
    Scaled(combined::Scaled),
    Clamped(combined::Clamped),
}

/// What each family knows about itself.
trait Family {
    fn sample(&self, stream: &mut Stream) -> f64;
    fn mean(&self) -> f64;
    fn variance(&self) -> f64;
    /// On both sides of x, which is not NaN.
    fn tails(&self, x: f64) -> Tails;
    fn support(&self) -> (f64, f64);
    /// The same family with other parameters; an error when those leave the range of `f64`.
    fn scaled(&self, factor: f64) -> Checked<Distribution>;
    /// Appends this distribution after those it is made of.
    fn write(&self, nodes: &mut Vec<Node>);

    /// First and second moment of min(max(X, low), high).
    fn clamped_moments(&self, low: f64, high: f64) -> [f64; 2] {
        quadrature::clamped_moments(self, low, high)
    }

    fn depth(&self) -> usize {
        0
    }
}

/// Calls one expression on whichever family it is.
macro_rules! on_family {
    ($kind:expr, $family:ident => $call:expr) => {
        match $kind {
            Kind::Constant($family) => $call,
            Kind::Exponential($family) => $call,
            Kind::Uniform($family) => $call,
            Kind::Triangular($family) => $call,
            Kind::Erlang($family) => $call,
            Kind::HyperExponential($family) => $call,
            Kind::Gamma($family) => $call,
            Kind::Beta($family) => $call,
            Kind::Weibull($family) => $call,
            Kind::LogNormal($family) => $call,
            Kind::Pareto($family) => $call,
            Kind::Normal($family) => $call,
            Kind::TruncatedNormal($family) => $call,
            Kind::PhaseType($family) => $call,
            Kind::Discrete($family) => $call,
            Kind::Empirical($family) => $call,
            Kind::Histogram($family) => $call,
            Kind::Mixture($family) => $call,
            Kind::Shifted($family) => $call,
            Kind::Scaled($family) => $call,
            Kind::Clamped($family) => $call,
        }
    };
}

impl Distribution {
    /// One draw, inside [`support`](Self::support).
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        match &self.0 {
            Kind::Constant(constant) => constant.sample(stream),
            Kind::Exponential(exponential) => exponential.sample(stream),
            _ => self.sample_any(stream),
        }
    }

    #[inline(never)]
    fn sample_any(&self, stream: &mut Stream) -> f64 {
        on_family!(&self.0, family => family.sample(stream))
    }

    /// The expectation; infinite for a Pareto of shape 1 or less, for what is made of one, and beyond `f64`.
    pub fn mean(&self) -> f64 {
        on_family!(&self.0, family => family.mean())
    }

    /// The variance; infinite for a Pareto of shape 2 or less, for what is made of one, and beyond `f64`.
    pub fn variance(&self) -> f64 {
        on_family!(&self.0, family => family.variance())
    }

    /// The probability of `x` or less, in [0, 1]; NaN for NaN.
    ///
    /// Closed or numerical for every family, to about twelve digits; far slower than a draw.
    pub fn cdf(&self, x: f64) -> f64 {
        if x.is_nan() { x } else { self.tails(x).below }
    }

    /// The probability of more than `x`, in [0, 1]; NaN for NaN.
    ///
    /// Where a family has a long tail, it keeps its digits after [`cdf`](Self::cdf) has rounded to one.
    pub fn survival(&self, x: f64) -> f64 {
        if x.is_nan() { x } else { self.tails(x).above }
    }

    fn tails(&self, x: f64) -> Tails {
        on_family!(&self.0, family => family.tails(x))
    }

    /// The smallest closed interval (low, high) that holds all draws; an end may be infinite.
    pub fn support(&self) -> (f64, f64) {
        on_family!(&self.0, family => family.support())
    }

    /// The distribution of `factor` times a draw.
    ///
    /// The parameters are scaled, so a draw costs what it did before.
    ///
    /// # Panics
    /// When `factor` is not finite and above zero.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        assert!(
            factor > 0.0 && factor.is_finite(),
            "a distribution scaled by {factor}: expected a finite factor above zero"
        );
        match on_family!(&self.0, family => family.scaled(factor)) {
            Ok(scaled) => scaled,
            // Parameters beyond the range of `f64`: the draws may still be inside.
            Err(_) => Self(Kind::Scaled(combined::Scaled::new(self, factor))),
        }
    }

    fn clamped_moments(&self, low: f64, high: f64) -> [f64; 2] {
        on_family!(&self.0, family => family.clamped_moments(low, high))
    }

    fn write(&self, nodes: &mut Vec<Node>) {
        on_family!(&self.0, family => family.write(nodes));
    }

    fn depth(&self) -> usize {
        on_family!(&self.0, family => family.depth())
    }
}
