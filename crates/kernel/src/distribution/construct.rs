//! The checked constructors of [`Distribution`].
//!
//! Each one refuses NaN, infinities (but for open bounds) and what its family has no meaning for. Scale
//! parameters are in the unit of the draws.

use super::error::{AT_LEAST_ONE, Checked, DistributionError, POSITIVE, ensure_length, refused};
use super::{Distribution, Kind};
use super::{
    beta, bounded, combined, exponential, gamma, normal, observed, phase_type, positive, truncated,
};

/// # Constructors
///
/// All of them return [`DistributionError`] with the name of the parameter, what was given and what is allowed.
impl Distribution {
    /// Always `value`.
    ///
    /// # Errors
    /// When `value` is not finite.
    pub fn constant(value: f64) -> Result<Self, DistributionError> {
        bounded::Constant::new(value).map(|family| Self(Kind::Constant(family)))
    }

    /// Equally likely on [`low`, `high`).
    ///
    /// # Errors
    /// When the ends are not finite or not in order.
    pub fn uniform(low: f64, high: f64) -> Result<Self, DistributionError> {
        bounded::Uniform::new(low, high).map(|family| Self(Kind::Uniform(family)))
    }

    /// Exponential with this mean (rate 1 / mean).
    ///
    /// # Errors
    /// When `mean` is not finite and above zero.
    pub fn exponential(mean: f64) -> Result<Self, DistributionError> {
        exponential::Exponential::new(mean).map(|family| Self(Kind::Exponential(family)))
    }

    /// The sum of `shape` exponentials, with this mean in total.
    ///
    /// # Errors
    /// When `shape` is zero, or `mean` is not finite and above zero.
    pub fn erlang(shape: u32, mean: f64) -> Result<Self, DistributionError> {
        exponential::Erlang::new(shape, mean).map(|family| Self(Kind::Erlang(family)))
    }

    /// Gamma with mean shape × scale.
    ///
    /// # Errors
    /// When `shape` is not within 1e-12 and 1e12, or `scale` not finite and above zero.
    pub fn gamma(shape: f64, scale: f64) -> Result<Self, DistributionError> {
        gamma::Gamma::new(shape, scale).map(|family| Self(Kind::Gamma(family)))
    }

    /// Gamma with this mean and standard deviation.
    ///
    /// # Errors
    /// When `mean` is not finite and above zero, or `std_dev` not within 1e-6 and 1e6 times the mean.
    pub fn gamma_from_mean(mean: f64, std_dev: f64) -> Result<Self, DistributionError> {
        let variation = check_variation(mean, std_dev)?;
        Self::gamma(1.0 / (variation * variation), std_dev * variation)
    }

    /// Weibull: P(X > x) = exp(−(x / scale)^shape).
    ///
    /// # Errors
    /// When `shape` is not within 1e-12 and 1e12, or `scale` not finite and above zero.
    pub fn weibull(shape: f64, scale: f64) -> Result<Self, DistributionError> {
        positive::Weibull::new(shape, scale).map(|family| Self(Kind::Weibull(family)))
    }

    /// Log-normal: the natural logarithm is normal with this mean and standard deviation.
    ///
    /// # Errors
    /// When `log_mean` is not finite, or `log_std_dev` not finite and above zero.
    pub fn lognormal(log_mean: f64, log_std_dev: f64) -> Result<Self, DistributionError> {
        positive::LogNormal::new(log_mean, log_std_dev).map(|family| Self(Kind::LogNormal(family)))
    }

    /// Log-normal with this mean and standard deviation of the draws themselves.
    ///
    /// # Errors
    /// When `mean` is not finite and above zero, or `std_dev` not within 1e-6 and 1e6 times the mean.
    pub fn lognormal_from_mean(mean: f64, std_dev: f64) -> Result<Self, DistributionError> {
        let variation = check_variation(mean, std_dev)?;
        let log_variance = libm::log1p(variation * variation);
        let log_mean = libm::log(mean) - 0.5 * log_variance;
        Self::lognormal(log_mean, libm::sqrt(log_variance))
    }

    /// Normal; draws may be negative.
    ///
    /// # Errors
    /// When `mean` is not finite, or `std_dev` not finite and above zero.
    pub fn normal(mean: f64, std_dev: f64) -> Result<Self, DistributionError> {
        normal::Normal::new(mean, std_dev).map(|family| Self(Kind::Normal(family)))
    }

    /// Normal given that it lies in [`low`, `high`]; `mean` and `std_dev` are those before truncation.
    ///
    /// A bound may be infinite, and the interval may lie far in a tail.
    ///
    /// # Errors
    /// As [`normal`](Self::normal), and when the bounds are NaN or not in order.
    pub fn truncated_normal(
        mean: f64,
        std_dev: f64,
        low: f64,
        high: f64,
    ) -> Result<Self, DistributionError> {
        if low == f64::NEG_INFINITY && high == f64::INFINITY {
            return Self::normal(mean, std_dev);
        }
        truncated::TruncatedNormal::new(mean, std_dev, low, high)
            .map(|family| Self(Kind::TruncatedNormal(family)))
    }

    /// Triangular on [`low`, `high`] with its peak at `mode`.
    ///
    /// # Errors
    /// When a parameter is not finite, `low` is not below `high`, or `mode` is outside.
    pub fn triangular(low: f64, mode: f64, high: f64) -> Result<Self, DistributionError> {
        bounded::Triangular::new(low, mode, high).map(|family| Self(Kind::Triangular(family)))
    }

    /// PERT on [`low`, `high`]: the beta whose mean is (low + 4 mode + high) / 6.
    ///
    /// Source: Malcolm, Roseboom, Clark and Fazar, "Application of a technique for research and development
    /// program evaluation", Operations Research 7 (1959).
    ///
    /// # Errors
    /// When a parameter is not finite, `low` is not below `high`, or `mode` is outside.
    pub fn pert(low: f64, mode: f64, high: f64) -> Result<Self, DistributionError> {
        bounded::check_mode(low, mode, high)?;
        let peak = (mode - low) / (high - low);
        Self::beta_between(1.0 + 4.0 * peak, 1.0 + 4.0 * (1.0 - peak), low, high)
    }

    /// Beta on [0, 1] with mean alpha / (alpha + beta).
    ///
    /// # Errors
    /// When a shape is not within 1e-12 and 1e12.
    pub fn beta(alpha: f64, beta: f64) -> Result<Self, DistributionError> {
        Self::beta_between(alpha, beta, 0.0, 1.0)
    }

    /// Beta stretched to [`low`, `high`].
    ///
    /// # Errors
    /// As [`beta`](Self::beta), and when the ends are not finite or not in order.
    pub fn beta_between(
        alpha: f64,
        beta: f64,
        low: f64,
        high: f64,
    ) -> Result<Self, DistributionError> {
        beta::Beta::new(alpha, beta, low, high).map(|family| Self(Kind::Beta(family)))
    }

    /// Hyperexponential: an exponential whose mean is chosen by weight.
    ///
    /// # Errors
    /// When the lists differ in length, a mean is not finite and above zero, a weight is negative or not finite,
    /// or no weight is above zero.
    pub fn hyperexponential(weights: &[f64], means: &[f64]) -> Result<Self, DistributionError> {
        exponential::HyperExponential::new(weights, means)
            .map(|family| Self(Kind::HyperExponential(family)))
    }

    /// Hyperexponential of two branches with this mean and squared coefficient of variation (1 or more).
    ///
    /// Balanced means: both branches contribute the same to the mean. Source: Tijms, "A first course in
    /// stochastic models" (2003), appendix B.
    ///
    /// # Errors
    /// When `mean` is not finite and above zero, or `squared_cv` not finite and at least one.
    pub fn hyperexponential_from_mean(
        mean: f64,
        squared_cv: f64,
    ) -> Result<Self, DistributionError> {
        POSITIVE.check("mean", mean)?;
        AT_LEAST_ONE.check("squared_cv", squared_cv)?;
        let skew = libm::sqrt((squared_cv - 1.0) / (squared_cv + 1.0));
        // 1 − skew without cancellation for a large coefficient.
        let rare = 1.0 / ((squared_cv + 1.0) * (1.0 + skew));
        let weights = [1.0 - rare, rare];
        Self::hyperexponential(&weights, &weights.map(|weight| 0.5 * mean / weight))
    }

    /// Phase-type: the time until a Markov chain ends that starts with probabilities `initial` and moves with
    /// the rates of the sub-generator `generator`.
    ///
    /// `generator` has a row for each phase: off the diagonal the rate to another phase, on it minus the rate
    /// of leaving; what a row lacks to zero is the rate of ending. What `initial` lacks to one is the
    /// probability of ending at once. Rates are per unit of the draws.
    ///
    /// # Errors
    /// When the sizes differ, a number is not finite or has the wrong sign, a row sums to more than zero,
    /// `initial` sums to zero or to more than one, or some phase has no way to the end.
    pub fn phase_type(initial: &[f64], generator: &[Vec<f64>]) -> Result<Self, DistributionError> {
        ensure_length("generator", generator.len(), initial.len())?;
        for row in generator {
            ensure_length("generator", row.len(), initial.len())?;
        }
        phase_type::PhaseType::new(initial.to_vec(), generator.concat())
            .map(|family| Self(Kind::PhaseType(family)))
    }

    /// Pareto: P(X > x) = (scale / x)^shape above `scale`, its least value.
    ///
    /// # Errors
    /// When `shape` is not within 1e-12 and 1e12, or `scale` not finite and above zero.
    pub fn pareto(shape: f64, scale: f64) -> Result<Self, DistributionError> {
        positive::Pareto::new(shape, scale).map(|family| Self(Kind::Pareto(family)))
    }

    /// One of `values`, by weight.
    ///
    /// # Errors
    /// When the lists are empty or differ in length, a value is not finite, a weight is negative or not finite,
    /// or no weight is above zero.
    pub fn discrete(values: &[f64], weights: &[f64]) -> Result<Self, DistributionError> {
        observed::Discrete::new(values, weights).map(|family| Self(Kind::Discrete(family)))
    }

    /// One of the observed `samples`, each as likely.
    ///
    /// # Errors
    /// When there is none, or one is not finite.
    pub fn empirical(samples: &[f64]) -> Result<Self, DistributionError> {
        observed::Empirical::new(samples).map(|family| Self(Kind::Empirical(family)))
    }

    /// A bin by weight, then uniform inside; bin i reaches from `edges[i]` to `edges[i + 1]`.
    ///
    /// # Errors
    /// When there is not one edge more than weights, the edges are not finite and rising, a weight is negative
    /// or not finite, or no weight is above zero.
    pub fn histogram(edges: &[f64], weights: &[f64]) -> Result<Self, DistributionError> {
        observed::Histogram::new(edges, weights).map(|family| Self(Kind::Histogram(family)))
    }

    /// A component by weight, then a draw from it.
    ///
    /// # Errors
    /// When the lists are empty or differ in length, a weight is negative or not finite, no weight is above
    /// zero, or the nesting is deeper than 32.
    pub fn mixture(weights: &[f64], components: Vec<Self>) -> Result<Self, DistributionError> {
        combined::Mixture::new(weights, components).map(|family| Self(Kind::Mixture(family)))
    }

    /// A draw plus `offset`.
    ///
    /// # Errors
    /// When `offset` is not finite, or the nesting is deeper than 32.
    pub fn shifted(self, offset: f64) -> Result<Self, DistributionError> {
        combined::Shifted::new(self, offset).map(|family| Self(Kind::Shifted(family)))
    }

    /// A draw moved to the nearer bound where it lies outside [`low`, `high`]; a bound may be infinite.
    ///
    /// # Errors
    /// When a bound is NaN, the bounds are not in order, or the nesting is deeper than 32.
    pub fn clamped(self, low: f64, high: f64) -> Result<Self, DistributionError> {
        combined::Clamped::new(self, low, high).map(|family| Self(Kind::Clamped(family)))
    }
}

/// The coefficient of variation that a mean and a standard deviation give.
fn check_variation(mean: f64, std_dev: f64) -> Checked<f64> {
    POSITIVE.check("mean", mean)?;
    let variation = std_dev / mean;
    if (1e-6..=1e6).contains(&variation) {
        Ok(variation)
    } else {
        let expected = "a number from 1e-6 to 1e6 times `mean`";
        Err(refused("std_dev", std_dev, expected))
    }
}
