//! Where cases are served, and where they go from there.

use super::{
    ATTRIBUTES_LIMIT, COST, DURATION_DRAW, ENTRIES_LIMIT, EXPRESSION, STATION_NAME,
    agents::{
        AGENTS_EVERY, AGENTS_NUMBER, AGENTS_SCHEDULE, COST_PER_HOUR, COST_PER_USE, END_OF_SHIFT,
    },
};
use crate::document::{
    Bound, Choice, Definition, MapShape, Scope, Shape, TableShape, optional, required, with_default,
};

pub(super) static STATIONS: MapShape = MapShape {
    what: "station",
    doc: "Where cases are served, by name.",
    limit: ENTRIES_LIMIT,
    value: Shape::Table(&STATION),
};

static STATION: TableShape = TableShape {
    doc: "A station: a queue and the agents who serve it.",
    fields: &[
        required!(
            "agents",
            Shape::OneOf(&[AGENTS_NUMBER, Shape::Text { what: "a pool's name or \"unlimited\"" }, AGENTS_EVERY, AGENTS_SCHEDULE]),
            "Who serves: a number of agents, a pool's name, \"unlimited\", or numbers that change with time.", examples: &["10", "\"nurses\""]),
        required!("service", DURATION_DRAW, "How long service takes.", examples: &["\"5m\"", "{\"exponential\": {\"mean\": \"3m\"}}"]),
        optional!(
            "queue",
            Shape::Choice(&[
                Choice {
                    word: "fifo",
                    doc: "First come, first served (the default)."
                },
                Choice {
                    word: "lifo",
                    doc: "Last come, first served."
                },
                Choice {
                    word: "priority",
                    doc: "The most urgent class first (the default with `preemption`)."
                },
                Choice {
                    word: "shortest-processing",
                    doc: "The shortest service time first."
                },
            ]),
            "Who is next.",
        ),
        with_default!(
            "preemption",
            Shape::Choice(&[
                Choice {
                    word: "none",
                    doc: "Service is never stopped."
                },
                Choice {
                    word: "resume",
                    doc: "A more urgent case stops a less urgent one, which later resumes."
                },
            ]),
            "Whether a more urgent case stops a less urgent one in service.",
            "\"none\"",
        ),
        optional!(
            "buffer",
            Shape::Integer {
                low: 0,
                high: 1_000_000_000
            },
            "How many may wait; by default without limit."
        ),
        with_default!(
            "when_full",
            Shape::Choice(&[
                Choice {
                    word: "balk",
                    doc: "The case turns away."
                },
                Choice {
                    word: "block",
                    doc: "The case stays where it was and keeps its agent there."
                },
            ]),
            "What happens to a case that finds the buffer full.",
            "\"balk\"",
        ),
        with_default!(
            "balk_to",
            Shape::Named(&ROUTE),
            "Where a case that turns away goes.",
            "\"exit\""
        ),
        optional!(
            "patience",
            DURATION_DRAW,
            "How long a case waits before it gives up; by default for ever."
        ),
        with_default!(
            "renege_to",
            Shape::Named(&ROUTE),
            "Where a case that gave up goes.",
            "\"exit\""
        ),
        optional!("service_level", Shape::OneOf(&[Shape::Duration(Bound::NotNegative), SERVICE_LEVEL]), "Target for the wait.", examples: &["\"20s\""]),
        optional!(
            "assign",
            Shape::Map(&MapShape {
                what: "attribute",
                doc: "Attributes set when service ends: numbers or expressions.",
                limit: ATTRIBUTES_LIMIT,
                value: Shape::OneOf(&[EXPRESSION, Shape::Number(Bound::Any)]),
            }),
            "Attributes set when service ends.", examples: &["{\"loops\": \"loops + 1\"}"]),
        with_default!(
            "cost_per_case",
            COST,
            "Cost of each service, on top of the agents'.",
            "0"
        ),
        with_default!(
            "to",
            Shape::Named(&ROUTE),
            "Where a case goes after service.",
            "\"exit\""
        ),
        END_OF_SHIFT,
        COST_PER_HOUR,
        COST_PER_USE,
    ],
};

const SERVICE_LEVEL: Shape = Shape::Table(&TableShape {
    doc: "Target for the wait.",
    fields: &[
        required!(
            "within",
            Shape::Duration(Bound::NotNegative),
            "The longest wait that counts as met."
        ),
        with_default!(
            "abandoned",
            Shape::Choice(&[
                Choice {
                    word: "by_wait",
                    doc: "Met when they gave up within the target, else missed."
                },
                Choice {
                    word: "missed",
                    doc: "Always missed."
                },
                Choice {
                    word: "excluded",
                    doc: "Left out."
                },
            ]),
            "How cases that gave up count.",
            "\"by_wait\"",
        ),
    ],
});

pub(super) static ROUTE: Definition = Definition {
    name: "route",
    doc: "Where a case goes: a station, \"next\" (the station after this one in the file), \"exit\", a list with probabilities, or a list of rules of which the first that holds counts.",
    scope: Scope::Fixed,
    shape: Shape::OneOf(&[
        Shape::Text { what: STATION_NAME },
        Shape::List(&Shape::Table(&TableShape {
            doc: "A way and when it is taken.",
            fields: &[
                required!(
                    "to",
                    Shape::Text { what: STATION_NAME },
                    "A station's name, \"next\" or \"exit\"."
                ),
                optional!(
                    "probability",
                    Shape::Number(Bound::Fraction),
                    "How likely this way is; the last one may leave it out and gets the rest."
                ),
                optional!(
                    "when",
                    EXPRESSION,
                    "This way is taken when the expression holds; the last one leaves it out."
                ),
            ],
        })),
    ]),
};
