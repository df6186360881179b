//! The families of distributions and their parameters.
//!
//! Parameters that measure what is drawn are quantities: durations where a duration is wanted, else numbers.

use crate::document::{
    Bound, Definition, Field, Scope, Shape, TableShape, Variants, optional, required,
};

const POSITIVE: Shape = Shape::Quantity(Bound::Positive);
const QUANTITY: Shape = Shape::Quantity(Bound::Any);
const SHAPE: Shape = Shape::Number(Bound::Positive);
const WEIGHT: Field = required!(
    "weight",
    Shape::Number(Bound::NotNegative),
    "How often, in proportion to the other weights."
);

/// A distribution, or the constant that always comes.
pub(in crate::reader) static DISTRIBUTION: Definition = Definition {
    name: "distribution",
    doc: "A constant, or a table with one family of distributions.",
    scope: Scope::PerUnit,
    shape: Shape::OneOf(&[QUANTITY, Shape::Variant(&[&FAMILIES])]),
};

/// The key of the distribution that another is made from. (A constant that refers to this static could not be part
/// of it.)
macro_rules! of {
    () => {
        required!("of", Shape::Named(&DISTRIBUTION), "The distribution.")
    };
}

macro_rules! family {
    ($key:literal, $doc:literal, [$($field:expr),+ $(,)?]) => {
        required!($key, Shape::Table(&TableShape { doc: $doc, fields: &[$($field),+] }), $doc)
    };
}

/// All families.
pub(super) static FAMILIES: Variants = Variants {
    name: "families",
    scope: Scope::PerUnit,
    fields: &[
        required!("constant", QUANTITY, "Always the same."),
        family!(
            "exponential",
            "Exponential: memoryless, as for independent arrivals.",
            [required!("mean", POSITIVE, "Mean."),]
        ),
        family!(
            "erlang",
            "Erlang: the sum of `shape` exponentials.",
            [
                required!(
                    "shape",
                    Shape::Integer {
                        low: 1,
                        high: 10_000
                    },
                    "How many exponentials."
                ),
                required!("mean", POSITIVE, "Mean of the sum."),
            ]
        ),
        family!(
            "gamma",
            "Gamma, by `shape` and `scale`, by `shape` and `mean`, or by `mean` and `std_dev`.",
            [
                optional!("shape", SHAPE, "Shape."),
                optional!("scale", POSITIVE, "Scale; the mean is shape × scale."),
                optional!("mean", POSITIVE, "Mean."),
                optional!("std_dev", POSITIVE, "Standard deviation."),
            ]
        ),
        family!(
            "lognormal",
            "Log-normal, by `mean` and `std_dev`, or by those of the logarithm.",
            [
                optional!("mean", POSITIVE, "Mean of the draws."),
                optional!("std_dev", POSITIVE, "Standard deviation of the draws."),
                optional!(
                    "log_mean",
                    Shape::Number(Bound::Any),
                    "Mean of the natural logarithm (of seconds for durations)."
                ),
                optional!(
                    "log_std_dev",
                    SHAPE,
                    "Standard deviation of the natural logarithm."
                ),
            ]
        ),
        family!(
            "weibull",
            "Weibull.",
            [
                required!(
                    "shape",
                    SHAPE,
                    "Shape; below 1 the hazard falls, above 1 it rises."
                ),
                required!("scale", POSITIVE, "Scale."),
            ]
        ),
        family!(
            "normal",
            "Normal; for durations truncated at zero.",
            [
                required!("mean", QUANTITY, "Mean before truncation."),
                required!("std_dev", POSITIVE, "Standard deviation before truncation."),
            ]
        ),
        family!(
            "truncated_normal",
            "Normal between two bounds; for durations `low` is zero by default.",
            [
                required!("mean", QUANTITY, "Mean before truncation."),
                required!("std_dev", POSITIVE, "Standard deviation before truncation."),
                optional!("low", QUANTITY, "Least value."),
                optional!("high", QUANTITY, "Greatest value."),
            ]
        ),
        family!(
            "uniform",
            "Equally likely between two bounds.",
            [
                required!("low", QUANTITY, "Least value."),
                required!("high", QUANTITY, "Greatest value."),
            ]
        ),
        family!(
            "triangular",
            "Triangular.",
            [
                required!("low", QUANTITY, "Least value."),
                required!("mode", QUANTITY, "Most likely value."),
                required!("high", QUANTITY, "Greatest value."),
            ]
        ),
        family!(
            "pert",
            "PERT: like triangular, but smooth; mean (low + 4 mode + high) / 6.",
            [
                required!("low", QUANTITY, "Least value."),
                required!("mode", QUANTITY, "Most likely value."),
                required!("high", QUANTITY, "Greatest value."),
            ]
        ),
        family!(
            "beta",
            "Beta, stretched between two bounds.",
            [
                required!("alpha", SHAPE, "First shape."),
                required!("beta", SHAPE, "Second shape."),
                optional!("low", QUANTITY, "Least value; by default zero."),
                optional!(
                    "high",
                    QUANTITY,
                    "Greatest value; by default 1 for numbers."
                ),
            ]
        ),
        family!(
            "hyperexponential",
            "Mixture of exponentials, by `mean` and `squared_cv` (two balanced branches) or by `branches`.",
            [
                optional!("mean", POSITIVE, "Mean."),
                optional!(
                    "squared_cv",
                    Shape::Number(Bound::Positive),
                    "Squared coefficient of variation, 1 or more."
                ),
                optional!(
                    "branches",
                    Shape::List(&Shape::Table(&TableShape {
                        doc: "An exponential and its weight.",
                        fields: &[WEIGHT, required!("mean", POSITIVE, "Mean of this branch.")],
                    })),
                    "Exponentials and their weights."
                ),
            ]
        ),
        family!(
            "phase_type",
            "Phase-type: time until a Markov chain ends.",
            [
                required!(
                    "initial",
                    Shape::List(&Shape::Number(Bound::Fraction)),
                    "Probability to start in each phase."
                ),
                required!(
                    "generator",
                    Shape::List(&Shape::List(&Shape::Number(Bound::Any))),
                    "Rates between phases, row by row; diagonals are negative."
                ),
                optional!(
                    "per",
                    POSITIVE,
                    "What the rates are per, such as \"1m\"; required for durations, by default 1 for numbers."
                ),
            ]
        ),
        family!(
            "pareto",
            "Pareto: P(X > x) = (scale / x)^shape above `scale`.",
            [
                required!("shape", SHAPE, "Shape; the mean is infinite at 1 or less."),
                required!("scale", POSITIVE, "Least value."),
            ]
        ),
        required!(
            "discrete",
            Shape::List(&Shape::Table(&TableShape {
                doc: "A value and its weight.",
                fields: &[required!("value", QUANTITY, "The value."), WEIGHT],
            })),
            "One of some values, by weight."
        ),
        family!(
            "empirical",
            "One of some observed values, each as likely: `samples`, or a `column` of a CSV `file`.",
            [
                optional!("samples", Shape::List(&QUANTITY), "The observed values."),
                optional!(
                    "file",
                    Shape::Text {
                        what: "a file's path"
                    },
                    "A CSV file with a header row."
                ),
                optional!(
                    "column",
                    Shape::Text {
                        what: "a column's name"
                    },
                    "The column of the values."
                ),
                optional!(
                    "unit",
                    Shape::Choice(super::TIME_UNITS),
                    "Unit of the values when they are durations."
                ),
            ]
        ),
        family!(
            "histogram",
            "A bin by weight, then equally likely inside.",
            [
                required!(
                    "edges",
                    Shape::List(&QUANTITY),
                    "Bounds of the bins, rising: one more than weights."
                ),
                required!(
                    "weights",
                    Shape::List(&Shape::Number(Bound::NotNegative)),
                    "Weights of the bins."
                ),
            ]
        ),
        required!(
            "mixture",
            Shape::List(&Shape::Table(&TableShape {
                doc: "A distribution and its weight.",
                fields: &[WEIGHT, of!()],
            })),
            "One of some distributions, by weight."
        ),
        family!(
            "shifted",
            "A draw plus a constant.",
            [required!("by", QUANTITY, "What is added."), of!(),]
        ),
        family!(
            "scaled",
            "A draw times a constant.",
            [
                required!(
                    "factor",
                    Shape::Number(Bound::Positive),
                    "What it is multiplied by."
                ),
                of!(),
            ]
        ),
        family!(
            "clamped",
            "A draw, moved to the nearer bound where it lies outside.",
            [
                optional!("low", QUANTITY, "Least value."),
                optional!("high", QUANTITY, "Greatest value."),
                of!(),
            ]
        ),
    ],
};
