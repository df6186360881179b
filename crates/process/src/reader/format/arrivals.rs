//! When cases come: processes of arrivals, schedules and traces.

use super::{ATTRIBUTES_LIMIT, COLUMN, DISTRIBUTION, EVERY_DOC, REPEAT, REPEAT_DOC, TIME_UNITS};
use crate::document::{
    Bound, MapShape, Scope, Shape, TableShape, Unit, Variants, optional, required,
};

pub(super) static ARRIVALS: Variants = Variants {
    name: "arrivals",
    scope: Scope::Fixed,
    fields: &[
        required!(
            "poisson",
            Shape::Table(&TableShape {
                doc: "One at a time, independently: a Poisson process.",
                fields: &[
                    required!("rate", Shape::Rate, "How many per unit of time.", examples: &["\"100/h\""])
                ],
            }),
            "A Poisson process of constant rate.",
        ),
        required!(
            "renewal",
            Shape::Table(&TableShape {
                doc: "One after the other with independent intervals.",
                fields: &[required!(
                    "interval",
                    Shape::In(Unit::Duration, &Shape::Named(&DISTRIBUTION)),
                    "Time from one arrival to the next.",
                )],
            }),
            "Independent intervals of any distribution.",
        ),
        required!(
            "erlang",
            Shape::Table(&TableShape {
                doc: "Intervals that are Erlang distributed: more regular than Poisson.",
                fields: &[
                    required!(
                        "shape",
                        Shape::Integer {
                            low: 1,
                            high: 10_000
                        },
                        "How regular; 1 is Poisson."
                    ),
                    required!("rate", Shape::Rate, "How many per unit of time.", examples: &["\"100/h\""]),
                ],
            }),
            "Erlang intervals.",
        ),
        required!(
            "rates",
            Shape::OneOf(&[
                Shape::Table(&TableShape {
                    doc: "Rates that change at even intervals.",
                    fields: &[
                        required!("every", Shape::Duration(Bound::Positive), EVERY_DOC),
                        required!(
                            "values",
                            Shape::List(&Shape::Rate),
                            "The rates, one after the other."
                        ),
                        optional!("repeat", REPEAT, REPEAT_DOC),
                        optional!(
                            "factor",
                            Shape::In(Unit::Number, &Shape::Named(&DISTRIBUTION)),
                            FACTOR_DOC
                        ),
                    ],
                }),
                Shape::Table(&TableShape {
                    doc: "Rates that change at given times.",
                    fields: &[
                        required!(
                            "steps",
                            Shape::List(&Shape::Table(&TableShape {
                                doc: "A rate and from when it holds.",
                                fields: &[
                                    required!(
                                        "from",
                                        Shape::Duration(Bound::NotNegative),
                                        "When this rate starts, after the source does."
                                    ),
                                    required!("rate", Shape::Rate, "The rate from there on."),
                                ],
                            })),
                            "The rates and when they start, in order, the first at \"0s\".",
                        ),
                        optional!("repeat", REPEAT, REPEAT_DOC),
                        optional!(
                            "factor",
                            Shape::In(Unit::Number, &Shape::Named(&DISTRIBUTION)),
                            FACTOR_DOC
                        ),
                    ],
                }),
            ]),
            "A Poisson process whose rate changes with time.",
        ),
        required!(
            "scheduled",
            Shape::OneOf(&[
                Shape::Table(&TableShape {
                    doc: "At given times.",
                    fields: &[required!(
                        "at",
                        Shape::List(&Shape::Duration(Bound::NotNegative)),
                        "The times, in order."
                    )],
                }),
                Shape::Table(&TableShape {
                    doc: "At even intervals.",
                    fields: &[
                        required!(
                            "every",
                            Shape::Duration(Bound::Positive),
                            "Time from one arrival to the next."
                        ),
                        optional!(
                            "from",
                            Shape::Duration(Bound::NotNegative),
                            "When the first comes; by default when the source starts."
                        ),
                    ],
                }),
            ]),
            "At fixed times.",
        ),
        required!("trace", Shape::Table(&TRACE), "As recorded in a CSV file."),
    ],
};

const FACTOR_DOC: &str =
    "Drawn once a replication; all rates are multiplied by it (a busy day, a quiet day).";

static TRACE: TableShape = TableShape {
    doc: "Recorded cases in a CSV file with a header row.",
    fields: &[
        required!(
            "file",
            Shape::Text {
                what: "a file's path"
            },
            "The CSV file, relative to this one."
        ),
        required!("time", COLUMN, "Column of the arrival time."),
        optional!(
            "time_unit",
            Shape::Choice(TIME_UNITS),
            "Unit of the times when they are numbers; else they are ISO 8601 timestamps."
        ),
        optional!(
            "origin",
            Shape::Text {
                what: "a timestamp such as \"2023-01-02T09:00:00Z\""
            },
            "Timestamp of the scenario's origin; by default that of the first arrival.",
        ),
        optional!(
            "case",
            COLUMN,
            "Column of the case, when a case has several rows; the earliest one is its arrival."
        ),
        optional!("class", COLUMN, "Column of the class."),
        optional!(
            "attributes",
            Shape::Map(&MapShape {
                what: "attribute",
                doc: "Attributes and the columns that they come from.",
                limit: ATTRIBUTES_LIMIT,
                value: Shape::OneOf(&[
                    COLUMN,
                    Shape::Table(&TableShape {
                        doc: "A number, or a duration with its unit.",
                        fields: &[
                            required!("column", COLUMN, "The column."),
                            optional!(
                                "unit",
                                Shape::Choice(TIME_UNITS),
                                "Unit when it is a duration; the attribute is in seconds."
                            ),
                        ],
                    }),
                    Shape::Table(&TableShape {
                        doc: "The time between two timestamps, in seconds.",
                        fields: &[
                            required!("start", COLUMN, "Column of the start."),
                            required!("end", COLUMN, "Column of the end."),
                        ],
                    }),
                ]),
            }),
            "Attributes of the cases.",
        ),
    ],
};
