//! What a process scenario file looks like: the one table of keys behind the check, the messages and the schema.
//!
//! Only what one value says on its own is here; what holds between values is checked by the readers of each
//! section.

use crate::document::{
    Bound, Choice, MapShape, Shape, TableShape, Unit, optional, required, with_default,
};

mod agents;
mod arrivals;
mod distribution;
mod draw;
mod station;

use agents::POOLS;
use arrivals::ARRIVALS;
pub(super) use distribution::DISTRIBUTION;
use draw::DRAW;
use station::{ROUTE, STATIONS};

/// No more agents in one pool than this.
pub(super) const AGENTS_LIMIT: u32 = 1_000_000;
/// No more stations, pools, sources or classes than this, each.
pub(super) const ENTRIES_LIMIT: usize = 1_000;
/// No more attributes than this.
pub(super) const ATTRIBUTES_LIMIT: usize = 256;

const EXPRESSION: Shape = Shape::Text {
    what: "an expression such as \"loops < 3\"",
};
const STATION_NAME: &str = "a station's name, \"next\" or \"exit\"";
const COLUMN: Shape = Shape::Text {
    what: "a column's name",
};
const COST: Shape = Shape::Number(Bound::NotNegative);

/// A duration drawn for each case.
const DURATION_DRAW: Shape = Shape::In(Unit::Duration, &Shape::Named(&DRAW));
/// A number drawn for each case.
const NUMBER_DRAW: Shape = Shape::In(Unit::Number, &Shape::Named(&DRAW));

const REPEAT: Shape = Shape::OneOf(&[Shape::Boolean, Shape::Duration(Bound::Positive)]);
const REPEAT_DOC: &str = "Whether it starts over: `true` after the last value, or a duration such as \"24h\"; else the last value holds on.";
const EVERY_DOC: &str = "How long each of the values holds.";

/// The whole file.
pub(super) static SCENARIO: TableShape = TableShape {
    doc: "A process world: cases come from sources and flow through stations, where agents serve them.",
    fields: &[
        required!(
            "kind",
            Shape::Choice(&[Choice {
                word: "process",
                doc: "A process world."
            }]),
            "What kind of world this is."
        ),
        optional!(
            "name",
            Shape::Text {
                what: "a short name"
            },
            "Short name; by default the file's name without its ending."
        ),
        optional!(
            "title",
            Shape::Text {
                what: "one line of text"
            },
            "One line for people."
        ),
        optional!("run", Shape::Table(&RUN), "How a run goes."),
        optional!(
            "classes",
            Shape::Map(&CLASSES),
            "Classes of cases, by name."
        ),
        required!(
            "sources",
            Shape::Map(&SOURCES),
            "Where cases come from, by name."
        ),
        optional!(
            "pools",
            Shape::Map(&POOLS),
            "Agents who serve several stations, by name."
        ),
        required!(
            "stations",
            Shape::Map(&STATIONS),
            "Where cases are served, by name."
        ),
    ],
};

static RUN: TableShape = TableShape {
    doc: "How a run goes.",
    fields: &[
        optional!("until", Shape::Duration(Bound::Positive), "Sources stop at this time; required unless every source ends by itself.", examples: &["\"13h\""]),
        optional!(
            "at_end",
            Shape::Choice(&[
                Choice {
                    word: "cut",
                    doc: "The run ends at once."
                },
                Choice {
                    word: "drain",
                    doc: "Cases still there are served to the last one."
                },
            ]),
            "What happens to the cases still there at `until`: `cut` (the default) or `drain` (the default without `until`).",
        ),
        with_default!(
            "warm_up",
            Shape::Duration(Bound::NotNegative),
            "Measures start at this time.",
            "\"0s\""
        ),
        optional!("period", Shape::Duration(Bound::Positive), "Measures are also kept per period of this length; by default about a 48th of the run.", examples: &["\"1h\""]),
        with_default!(
            "seed",
            Shape::Integer {
                low: 0,
                high: i64::MAX
            },
            "Seed of the random streams.",
            "1"
        ),
        with_default!(
            "replications",
            Shape::Integer {
                low: 1,
                high: 1_000_000_000
            },
            "How many independent runs.",
            "1"
        ),
        with_default!(
            "staffing",
            Shape::Choice(&[
                Choice {
                    word: "scheduled",
                    doc: "The pools' own numbers and schedules."
                },
                Choice {
                    word: "outside",
                    doc: "Whoever moves the world, too: by inputs of the kind `staff`, up to the most agents that the pool ever has by its schedule, which goes on."
                },
            ]),
            "Who says how many agents are on duty.",
            "\"scheduled\""
        ),
    ],
};

static CLASSES: MapShape = MapShape {
    what: "class",
    doc: "Classes of cases, by name.",
    limit: ENTRIES_LIMIT,
    value: Shape::Table(&TableShape {
        doc: "A class of cases.",
        fields: &[with_default!(
            "priority",
            Shape::Integer {
                low: -1_000_000,
                high: 1_000_000
            },
            "Larger is more urgent.",
            "0",
        )],
    }),
};

static SOURCES: MapShape = MapShape {
    what: "source",
    doc: "Where cases come from, by name.",
    limit: ENTRIES_LIMIT,
    value: Shape::Table(&TableShape {
        doc: "A source of cases.",
        fields: &[
            required!("arrivals", Shape::Variant(&[&ARRIVALS]), "When cases come.", examples: &["{\"poisson\": {\"rate\": \"100/h\"}}"]),
            optional!(
                "batch",
                Shape::In(Unit::Number, &Shape::Named(&DISTRIBUTION)),
                "How many cases come at once; by default one."
            ),
            optional!(
                "class",
                Shape::Text {
                    what: "a class's name"
                },
                "Class of the cases."
            ),
            optional!(
                "attributes",
                Shape::Map(&DRAWN_ATTRIBUTES),
                "Attributes that the cases carry from the start."
            ),
            optional!(
                "to",
                Shape::Named(&ROUTE),
                "Where the cases go; by default to the only station."
            ),
            with_default!(
                "from",
                Shape::Duration(Bound::NotNegative),
                "When the source starts; its rates count from there.",
                "\"0s\""
            ),
            optional!(
                "until",
                Shape::Duration(Bound::Positive),
                "When the source stops; by default at the run's `until`."
            ),
            optional!(
                "limit",
                Shape::Integer {
                    low: 1,
                    high: i64::MAX
                },
                "No more cases than this."
            ),
        ],
    }),
};

static DRAWN_ATTRIBUTES: MapShape = MapShape {
    what: "attribute",
    doc: "Attributes and their values: numbers, distributions or expressions.",
    limit: ATTRIBUTES_LIMIT,
    value: Shape::OneOf(&[EXPRESSION, NUMBER_DRAW]),
};

/// Units of numbers in data files.
const TIME_UNITS: &[Choice] = &[
    Choice {
        word: "s",
        doc: "Seconds.",
    },
    Choice {
        word: "m",
        doc: "Minutes.",
    },
    Choice {
        word: "h",
        doc: "Hours.",
    },
    Choice {
        word: "d",
        doc: "Days.",
    },
    Choice {
        word: "ms",
        doc: "Milliseconds.",
    },
    Choice {
        word: "us",
        doc: "Microseconds.",
    },
    Choice {
        word: "ns",
        doc: "Nanoseconds.",
    },
];
