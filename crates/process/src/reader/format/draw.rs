//! Values drawn for each case.

use super::{ENTRIES_LIMIT, EVERY_DOC, EXPRESSION, REPEAT, REPEAT_DOC, distribution::FAMILIES};
use crate::document::{
    Bound, Definition, MapShape, Scope, Shape, TableShape, Variants, optional, required,
};

pub(super) static DRAW: Definition = Definition {
    name: "draw",
    doc: "A value for each case: constant, drawn, by class, by time or computed.",
    scope: Scope::PerUnit,
    shape: Shape::OneOf(&[
        Shape::Quantity(Bound::Any),
        Shape::Variant(&[&FAMILIES, &DRAWS]),
        Shape::Table(&TableShape {
            doc: "A draw, multiplied by an expression.",
            fields: &[
                required!("scale", EXPRESSION, "What the draw is multiplied by."),
                required!("of", Shape::Named(&DRAW), "The draw."),
            ],
        }),
    ]),
};

static DRAWS: Variants = Variants {
    name: "computed_draws",
    scope: Scope::PerUnit,
    fields: &[
        required!(
            "by_class",
            Shape::Map(&MapShape {
                what: "class",
                doc: "A draw for each class; `default` is for the others.",
                limit: ENTRIES_LIMIT + 1,
                value: Shape::Named(&DRAW),
            }),
            "By the case's class.",
        ),
        required!(
            "by_time",
            Shape::OneOf(&[
                Shape::Table(&TableShape {
                    doc: "Draws that change at even intervals.",
                    fields: &[
                        required!("every", Shape::Duration(Bound::Positive), EVERY_DOC),
                        required!(
                            "values",
                            Shape::List(&Shape::Named(&DRAW)),
                            "The draws, one after the other."
                        ),
                        optional!("repeat", REPEAT, REPEAT_DOC),
                    ],
                }),
                Shape::Table(&TableShape {
                    doc: "Draws that change at given times.",
                    fields: &[
                        required!(
                            "steps",
                            Shape::List(&Shape::Table(&TableShape {
                                doc: "A draw and from when it holds.",
                                fields: &[
                                    required!(
                                        "from",
                                        Shape::Duration(Bound::NotNegative),
                                        "When this draw starts."
                                    ),
                                    required!("of", Shape::Named(&DRAW), "The draw from there on."),
                                ],
                            })),
                            "The draws and when they start, in order, the first at \"0s\".",
                        ),
                        optional!("repeat", REPEAT, REPEAT_DOC),
                    ],
                }),
            ]),
            "By the time of day or of the run.",
        ),
        required!(
            "attribute",
            Shape::Text {
                what: "an attribute's name"
            },
            "The case's attribute; seconds where a duration is wanted."
        ),
        required!(
            "expression",
            EXPRESSION,
            "Computed; seconds where a duration is wanted."
        ),
    ],
};
