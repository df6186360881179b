//! Who serves: pools, and how the number of agents changes.

use super::{AGENTS_LIMIT, COST, ENTRIES_LIMIT, EVERY_DOC, REPEAT, REPEAT_DOC};
use crate::document::{Bound, Choice, Field, MapShape, Shape, TableShape, optional, required};

pub(super) const AGENTS_NUMBER: Shape = Shape::Integer {
    low: 0,
    high: AGENTS_LIMIT as i64,
};

pub(super) const AGENTS_EVERY: Shape = Shape::Table(&TableShape {
    doc: "Numbers of agents that change at even intervals.",
    fields: &[
        required!("every", Shape::Duration(Bound::Positive), EVERY_DOC),
        required!(
            "values",
            Shape::List(&AGENTS_NUMBER),
            "The numbers, one after the other."
        ),
        optional!("repeat", REPEAT, REPEAT_DOC),
    ],
});

pub(super) const AGENTS_SCHEDULE: Shape = Shape::Table(&TableShape {
    doc: "Numbers of agents that change at given times.",
    fields: &[
        required!(
            "schedule",
            Shape::List(&Shape::Table(&TableShape {
                doc: "A number of agents and from when it holds.",
                fields: &[
                    required!(
                        "from",
                        Shape::Duration(Bound::NotNegative),
                        "When this number starts."
                    ),
                    required!("agents", AGENTS_NUMBER, "The number from there on."),
                ],
            })),
            "The numbers and when they start, in order, the first at \"0s\".",
        ),
        optional!("repeat", REPEAT, REPEAT_DOC),
    ],
});

pub(super) const END_OF_SHIFT: Field = optional!(
    "end_of_shift",
    Shape::Choice(&[
        Choice {
            word: "finish",
            doc: "They finish the case that they have (the default)."
        },
        Choice {
            word: "preempt",
            doc: "They stop; the case waits and is resumed with what was left."
        },
    ]),
    "What busy agents do when their number falls.",
);
pub(super) const COST_PER_HOUR: Field =
    optional!("cost_per_hour", COST, "Cost of one agent on duty per hour.");
pub(super) const COST_PER_USE: Field = optional!(
    "cost_per_use",
    COST,
    "Cost each time an agent starts on a case."
);

pub(super) static POOLS: MapShape = MapShape {
    what: "pool",
    doc: "Agents who serve several stations, by name.",
    limit: ENTRIES_LIMIT,
    value: Shape::Table(&TableShape {
        doc: "A pool of agents.",
        fields: &[
            required!(
                "agents",
                Shape::OneOf(&[
                    AGENTS_NUMBER,
                    Shape::Choice(&[Choice {
                        word: "unlimited",
                        doc: "Nobody ever waits."
                    }]),
                    AGENTS_EVERY,
                    AGENTS_SCHEDULE,
                ]),
                "How many agents: a number, \"unlimited\", or numbers that change with time.",
            ),
            END_OF_SHIFT,
            COST_PER_HOUR,
            COST_PER_USE,
        ],
    }),
};
