//! What an experiment file looks like: the one table of keys behind the check, the messages and the schema.

use pluriverse_document::{
    Bound, Choice, MapShape, Scope, Shape, TableShape, Variants, optional, required, with_default,
};

use crate::experiment::RUNS_LIMIT;
use crate::plan::{FACTORS_LIMIT, POINTS_LIMIT, REPLICATIONS_LIMIT};

const NAME: Shape = Shape::Text {
    what: "a short name",
};
const METRIC: Shape = Shape::Text {
    what: "the name of a figure such as \"agents.service_level\"",
};
const SERIES: Shape = Shape::Text {
    what: "chart and name of a series such as \"Service level/agents\"",
};
const KEY: Shape = Shape::Text {
    what: "a dotted key of the scenario such as \"stations.desk.agents\"",
};
const CONFIDENCE: Shape = Shape::Number(Bound::Fraction);
const COUNT: Shape = Shape::Integer {
    low: 1,
    high: REPLICATIONS_LIMIT.cast_signed(),
};
const FIRST_STAGE: Shape = Shape::Integer {
    low: 3,
    high: 10_000,
};
const SETTING: Shape = Shape::OneOf(&[
    Shape::Number(Bound::Any),
    Shape::Text { what: "a text" },
    Shape::Boolean,
]);

/// The whole file.
pub(super) static EXPERIMENT: TableShape = TableShape {
    doc: "An experiment: runs of a scenario with something varied, and a question to them.",
    fields: &[
        required!(
            "kind",
            Shape::Choice(&[Choice {
                word: "experiment",
                doc: "An experiment."
            }]),
            "What kind of file this is."
        ),
        optional!(
            "name",
            NAME,
            "Short name; by default the file's name without its ending."
        ),
        optional!(
            "title",
            Shape::Text {
                what: "one line of text"
            },
            "One line for people."
        ),
        required!(
            "scenario",
            Shape::Text {
                what: "the path of a scenario file"
            },
            "The scenario to run, relative to this file."
        ),
        optional!(
            "set",
            Shape::Map(&SET),
            "Values set over the scenario's everywhere, by dotted key."
        ),
        optional!(
            "factors",
            Shape::Map(&FACTORS),
            "What varies, by name; without any, there is one point."
        ),
        optional!(
            "design",
            Shape::Table(&DESIGN),
            "Which combinations of factors are looked at; by default all."
        ),
        optional!(
            "replications",
            Shape::Table(&REPLICATIONS),
            "How often each point is run; by default as often as the scenario says."
        ),
        optional!(
            "seed",
            Shape::Integer {
                low: 0,
                high: i64::MAX
            },
            "Seed of all runs; by default the scenario's."
        ),
        with_default!(
            "confidence",
            CONFIDENCE,
            "Coverage that intervals aim at.",
            "0.95"
        ),
        with_default!(
            "common_random_numbers",
            Shape::Boolean,
            "Whether replication i of every point has the same random numbers, which makes differences sharper.",
            "true"
        ),
        with_default!(
            "antithetic",
            Shape::Boolean,
            "Whether every second replication mirrors the draws of the one before; the pair is then one observation.",
            "false"
        ),
        optional!(
            "control",
            Shape::List(&Shape::Table(&CONTROL)),
            "Figures whose mean is known exactly, used to correct all others."
        ),
        optional!(
            "metrics",
            Shape::List(&METRIC),
            "Figures to show; by default all."
        ),
        optional!(
            "question",
            Shape::Variant(&[&QUESTIONS]),
            "What to find out; by default what each point comes to."
        ),
    ],
};

static SET: MapShape = MapShape {
    what: "value",
    doc: "Values by dotted key.",
    value: SETTING,
    limit: 100,
};

static FACTORS: MapShape = MapShape {
    what: "factor",
    doc: "Factors by name.",
    value: Shape::Table(&FACTOR),
    limit: FACTORS_LIMIT,
};

static FACTOR: TableShape = TableShape {
    doc: "Something that varies: `values`, or `min` and `max`.",
    fields: &[
        required!("key", KEY, "What it sets in the scenario."),
        optional!("values", Shape::List(&SETTING), "The values that it takes."),
        optional!("min", Shape::Number(Bound::Any), "The least value."),
        optional!("max", Shape::Number(Bound::Any), "The greatest value."),
        with_default!(
            "integer",
            Shape::Boolean,
            "Whether only whole numbers count between `min` and `max`.",
            "false"
        ),
        optional!(
            "unit",
            Shape::Text { what: "a unit such as \"s\" or \"/h\"" },
            "What stands after a number from `min` to `max`, which makes a text of it.",
            examples: &["\"s\"", "\"/h\""]
        ),
    ],
};

static DESIGN: TableShape = TableShape {
    doc: "Which combinations of factors are looked at.",
    fields: &[
        with_default!(
            "method",
            Shape::Choice(&[
                Choice {
                    word: "grid",
                    doc: "All combinations."
                },
                Choice {
                    word: "latin-hypercube",
                    doc: "As many as `points`, each factor evenly spread (McKay, Beckman and Conover 1979)."
                },
                Choice {
                    word: "sobol",
                    doc: "The first `points` of the Sobol sequence after its origin (Joe and Kuo 2008)."
                },
            ]),
            "How they are chosen.",
            "\"grid\""
        ),
        optional!(
            "points",
            Shape::Integer {
                low: 1,
                high: POINTS_LIMIT.cast_signed()
            },
            "How many; a grid has as many as there are combinations."
        ),
    ],
};

static REPLICATIONS: TableShape = TableShape {
    doc: "How often each point is run: `count`, or `stop`.",
    fields: &[
        optional!("count", COUNT, "So often."),
        optional!(
            "stop",
            Shape::Table(&STOP),
            "Until a figure is known well enough."
        ),
    ],
};

static STOP: TableShape = TableShape {
    doc: "Until a figure is known well enough.",
    fields: &[
        required!("metric", METRIC, "Which figure."),
        required!(
            "relative_half_width",
            Shape::Number(Bound::Fraction),
            "Half width of its interval over its mean, to be reached.",
            examples: &["0.01"]
        ),
        with_default!(
            "confidence",
            CONFIDENCE,
            "Coverage of that interval.",
            "0.95"
        ),
        with_default!(
            "min",
            Shape::Integer {
                low: 2,
                high: REPLICATIONS_LIMIT.cast_signed()
            },
            "At least so many replications.",
            "10"
        ),
        with_default!("max", COUNT, "At most so many.", "10000"),
    ],
};

static CONTROL: TableShape = TableShape {
    doc: "A figure whose mean is known exactly.",
    fields: &[
        required!("metric", METRIC, "Which figure."),
        required!("mean", Shape::Number(Bound::Any), "Its mean."),
    ],
};

static QUESTIONS: Variants = Variants {
    name: "question",
    scope: Scope::Fixed,
    fields: &[
        required!(
            "compare",
            Shape::Table(&COMPARE),
            "How points differ from one of them: paired differences."
        ),
        required!(
            "select",
            Shape::Table(&SELECT),
            "Which point is the best: ranking and selection."
        ),
        required!(
            "staffing",
            Shape::Table(&STAFFING),
            "How few of something each period needs."
        ),
        required!(
            "warm_up",
            Shape::Table(&WARM_UP),
            "How long a run warms up: Welch's graph and MSER-5."
        ),
        required!(
            "steady_state",
            Shape::Table(&STEADY_STATE),
            "What one long run says about the steady state: batch means."
        ),
    ],
};

static COMPARE: TableShape = TableShape {
    doc: "How points differ from one of them.",
    fields: &[with_default!(
        "baseline",
        Shape::Integer {
            low: 1,
            high: POINTS_LIMIT.cast_signed()
        },
        "Number of that point, from 1.",
        "1"
    )],
};

static SELECT: TableShape = TableShape {
    doc: "Which point is the best: `minimize` or `maximize`.",
    fields: &[
        optional!("minimize", OBJECTIVE, "What there should be least of.", examples: &["\"system.cost\"", "\"30 * agents + desk.wait\""]),
        optional!("maximize", OBJECTIVE, "What there should be most of."),
        optional!(
            "subject_to",
            Shape::List(&Shape::Table(&CONSTRAINT)),
            "What a point has to meet to be selected."
        ),
        with_default!(
            "method",
            Shape::Choice(&[
                Choice {
                    word: "kn",
                    doc: "Kim and Nelson 2001: points drop out one by one; the only one that takes `subject_to`."
                },
                Choice {
                    word: "rinott",
                    doc: "Rinott 1978: two stages."
                },
                Choice {
                    word: "ocba",
                    doc: "Chen et al. 2000: a budget is spent where it tells most; no guarantee, an estimate of being right."
                },
            ]),
            "How it is found.",
            "\"kn\""
        ),
        optional!(
            "indifference",
            Shape::Number(Bound::Positive),
            "The smallest difference of the objective that matters; for `kn` and `rinott`."
        ),
        with_default!(
            "confidence",
            CONFIDENCE,
            "Probability with which the answer is to be right.",
            "0.95"
        ),
        with_default!(
            "first_stage",
            FIRST_STAGE,
            "Replications of every point to begin with.",
            "20"
        ),
        with_default!(
            "step",
            COUNT,
            "Replications of a point that are made at a time from then on.",
            "10"
        ),
        with_default!(
            "max",
            COUNT,
            "At most so many replications of a point; where that does not do, the answer says so.",
            "100000"
        ),
        optional!(
            "budget",
            Shape::Integer {
                low: 1,
                high: RUNS_LIMIT.cast_signed()
            },
            "Replications in all; for `ocba`."
        ),
    ],
};

const OBJECTIVE: Shape = Shape::Text {
    what: "a figure, or an expression of figures and factors",
};

static CONSTRAINT: TableShape = TableShape {
    doc: "What a point has to meet: `metric`, or `series` and `period`; `at_least` or `at_most`.",
    fields: &[
        optional!("metric", METRIC, "Which figure of the run."),
        optional!("series", SERIES, "Which series."),
        optional!(
            "period",
            Shape::Integer {
                low: 1,
                high: 1_000_000
            },
            "Which of its periods, from 1."
        ),
        optional!(
            "at_least",
            Shape::Number(Bound::Any),
            "It has to be this or more."
        ),
        optional!(
            "at_most",
            Shape::Number(Bound::Any),
            "It has to be this or less."
        ),
        required!(
            "tolerance",
            Shape::Number(Bound::Positive),
            "A difference from that which does not matter."
        ),
    ],
};

static STAFFING: TableShape = TableShape {
    doc: "How few of something each period needs so that the figure of every period meets `at_least` or `at_most`.",
    fields: &[
        required!("key", KEY, "A list of whole numbers in the scenario, one for each period.", examples: &["\"stations.agents.agents.values\""]),
        required!(
            "series",
            SERIES,
            "The series whose periods have to meet the limit."
        ),
        optional!(
            "at_least",
            Shape::Number(Bound::Any),
            "Each period's figure has to be this or more."
        ),
        optional!(
            "at_most",
            Shape::Number(Bound::Any),
            "Each period's figure has to be this or less."
        ),
        required!(
            "tolerance",
            Shape::Number(Bound::Positive),
            "A difference from that which does not matter."
        ),
        with_default!(
            "min",
            Shape::Integer {
                low: 0,
                high: 1_000_000
            },
            "The fewest that a period may get.",
            "1"
        ),
        required!(
            "max",
            Shape::Integer {
                low: 1,
                high: 1_000_000
            },
            "The most that a period may get."
        ),
        with_default!(
            "confidence",
            CONFIDENCE,
            "Probability with which the answer is to be right.",
            "0.95"
        ),
        with_default!(
            "search",
            Shape::Integer {
                low: 2,
                high: 100_000
            },
            "Replications of each plan that the search looks at.",
            "200"
        ),
        with_default!(
            "first_stage",
            FIRST_STAGE,
            "Replications from which variances are estimated when a plan is certified, and that are added at a time.",
            "200"
        ),
        with_default!(
            "report",
            Shape::Integer {
                low: 2,
                high: 1_000_000
            },
            "Replications of the answer on their own, for the intervals that are shown.",
            "1000"
        ),
        with_default!(
            "max_replications",
            COUNT,
            "At most so many to certify one plan.",
            "100000"
        ),
    ],
};

static WARM_UP: TableShape = TableShape {
    doc: "How long a run warms up.",
    fields: &[
        required!("series", SERIES, "The series to look at."),
        with_default!(
            "window",
            Shape::Integer {
                low: 0,
                high: 100_000
            },
            "Periods on each side of Welch's moving average.",
            "5"
        ),
    ],
};

static STEADY_STATE: TableShape = TableShape {
    doc: "What one long run says about the steady state.",
    fields: &[
        required!("series", SERIES, "The series to look at."),
        optional!(
            "warm_up",
            Shape::Integer {
                low: 0,
                high: 1_000_000
            },
            "Periods to leave out at the beginning; by default as MSER-5 says."
        ),
    ],
};
