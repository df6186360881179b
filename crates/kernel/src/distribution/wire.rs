//! How a distribution is stored: the arguments of its constructors, parts before wholes.
//!
//! A flat list, so that reading a hostile file never recurses; each node takes the distributions it is made of
//! from those before it, and one distribution must remain. All checks are those of the constructors.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Distribution, DistributionError, Kind, MAX_DEPTH, combined::Scaled, phase_type::PhaseType,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Node {
    Constant {
        value: f64,
    },
    Uniform {
        low: f64,
        high: f64,
    },
    Exponential {
        mean: f64,
    },
    Erlang {
        shape: u32,
        mean: f64,
    },
    Gamma {
        shape: f64,
        scale: f64,
    },
    Weibull {
        shape: f64,
        scale: f64,
    },
    LogNormal {
        log_mean: f64,
        log_std_dev: f64,
    },
    Normal {
        mean: f64,
        std_dev: f64,
    },
    TruncatedNormal {
        mean: f64,
        std_dev: f64,
        low: f64,
        high: f64,
    },
    Triangular {
        low: f64,
        mode: f64,
        high: f64,
    },
    Beta {
        alpha: f64,
        beta: f64,
        low: f64,
        high: f64,
    },
    HyperExponential {
        weights: Vec<f64>,
        means: Vec<f64>,
    },
    PhaseType {
        initial: Vec<f64>,
        generator: Vec<f64>,
        time_unit: f64,
    },
    Pareto {
        shape: f64,
        scale: f64,
    },
    Discrete {
        values: Vec<f64>,
        weights: Vec<f64>,
    },
    Empirical {
        samples: Vec<f64>,
    },
    Histogram {
        edges: Vec<f64>,
        weights: Vec<f64>,
    },
    Mixture {
        weights: Vec<f64>,
    },
    Shifted {
        offset: f64,
    },
    Scaled {
        factor: f64,
    },
    Clamped {
        low: f64,
        high: f64,
    },
}

/// A stored distribution that cannot be one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum WireError {
    Refused(DistributionError),
    /// A node needs a part that is not there.
    MissingPart,
    /// The list ends with this many distributions instead of one.
    Parts(usize),
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::MissingPart => f.write_str("a stored distribution lacks a part it is made of"),
            Self::Parts(got) => write!(f, "{got} stored distributions: expected one"),
        }
    }
}

impl From<DistributionError> for WireError {
    fn from(error: DistributionError) -> Self {
        Self::Refused(error)
    }
}

impl From<Distribution> for Vec<Node> {
    fn from(distribution: Distribution) -> Self {
        let mut nodes = Vec::new();
        distribution.write(&mut nodes);
        nodes
    }
}

impl TryFrom<Vec<Node>> for Distribution {
    type Error = WireError;

    fn try_from(nodes: Vec<Node>) -> Result<Self, WireError> {
        let mut parts: Vec<Self> = Vec::new();
        for node in nodes {
            let whole = read(node, &mut parts)?;
            parts.push(whole);
        }
        match (parts.pop(), parts.len()) {
            (Some(distribution), 0) => Ok(distribution),
            (None, _) => Err(WireError::Parts(0)),
            (Some(_), left) => Err(WireError::Parts(left + 1)),
        }
    }
}

fn read(node: Node, parts: &mut Vec<Distribution>) -> Result<Distribution, WireError> {
    let made = match node {
        Node::Constant { value } => Distribution::constant(value),
        Node::Uniform { low, high } => Distribution::uniform(low, high),
        Node::Exponential { mean } => Distribution::exponential(mean),
        Node::Erlang { shape, mean } => Distribution::erlang(shape, mean),
        Node::Gamma { shape, scale } => Distribution::gamma(shape, scale),
        Node::Weibull { shape, scale } => Distribution::weibull(shape, scale),
        Node::LogNormal {
            log_mean,
            log_std_dev,
        } => Distribution::lognormal(log_mean, log_std_dev),
        Node::Normal { mean, std_dev } => Distribution::normal(mean, std_dev),
        Node::TruncatedNormal {
            mean,
            std_dev,
            low,
            high,
        } => Distribution::truncated_normal(mean, std_dev, low, high),
        Node::Triangular { low, mode, high } => Distribution::triangular(low, mode, high),
        Node::Beta {
            alpha,
            beta,
            low,
            high,
        } => Distribution::beta_between(alpha, beta, low, high),
        Node::HyperExponential { weights, means } => {
            Distribution::hyperexponential(&weights, &means)
        }
        Node::PhaseType {
            initial,
            generator,
            time_unit,
        } => PhaseType::new(initial, generator)
            .and_then(|chain| chain.with_time_unit(time_unit))
            .map(|family| Distribution(Kind::PhaseType(family))),

        Node::Pareto { shape, scale } => Distribution::pareto(shape, scale),
        Node::Discrete { values, weights } => Distribution::discrete(&values, &weights),
        Node::Empirical { samples } => Distribution::empirical(&samples),
        Node::Histogram { edges, weights } => Distribution::histogram(&edges, &weights),
        Node::Mixture { weights } => {
            let first = parts
                .len()
                .checked_sub(weights.len())
                .ok_or(WireError::MissingPart)?;
            Distribution::mixture(&weights, parts.split_off(first))
        }
        Node::Shifted { offset } => pop(parts)?.shifted(offset),
        Node::Clamped { low, high } => pop(parts)?.clamped(low, high),
        Node::Scaled { factor } => read_scaled(pop(parts)?, factor),
    };
    Ok(made?)
}

fn pop(parts: &mut Vec<Distribution>) -> Result<Distribution, WireError> {
    parts.pop().ok_or(WireError::MissingPart)
}

fn read_scaled(inner: Distribution, factor: f64) -> Result<Distribution, DistributionError> {
    super::error::POSITIVE.check("factor", factor)?;
    let scaled = Distribution(Kind::Scaled(Scaled::new(inner, factor)));
    // Twice the limit of the constructors: scaling may add levels that no caller asked for.
    let (got, expected) = (scaled.depth(), 2 * MAX_DEPTH);
    if got > expected {
        Err(DistributionError::Depth { got, expected })
    } else {
        Ok(scaled)
    }
}
