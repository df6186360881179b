//! Schemas of the kernel's parts of the documents, for OpenAPI: the kernel itself knows no schemas.
//!
//! Never made, only described; a test holds them against what the kernel writes.

#![allow(dead_code, reason = "read by the derive macro alone")]

use utoipa::{
    ToSchema,
    openapi::{
        Schema,
        schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type},
    },
};

/// Cells of one type: numbers, `null` for those that are not known, or texts.
pub(super) fn cells() -> Schema {
    let cell = SchemaType::from_iter([Type::Number, Type::String, Type::Null]);
    let cell = ObjectBuilder::new().schema_type(cell);
    ArrayBuilder::new()
        .items(cell)
        .description(Some(
            "Cells of one type: numbers, `null` for those not known, or texts",
        ))
        .build()
        .into()
}

/// What the ledger's numbers mean.
#[derive(ToSchema)]
#[schema(as = Dictionary)]
pub(super) struct DictionaryDocument {
    /// What can happen; a row's `kind` is an index here.
    kinds: Vec<EventKindDocument>,
    /// The sorts of things that subjects and objects are.
    nouns: Vec<NounDocument>,
}

/// One kind of event.
#[derive(ToSchema)]
#[schema(as = EventKind)]
pub(super) struct EventKindDocument {
    /// Its name, a verb: `arrive`.
    name: String,
    /// What its subjects are: an index into the nouns.
    subject: Option<u16>,
    /// What its objects are: an index into the nouns.
    object: Option<u16>,
    /// What its value means, with the unit; empty when unused.
    value: String,
}

/// A sort of thing.
#[derive(ToSchema)]
#[schema(as = Noun)]
pub(super) struct NounDocument {
    /// Its name: `station`.
    name: String,
    /// Names of ranges of its numbers, ascending.
    labels: Vec<LabelDocument>,
}

/// The name of a range of numbers.
#[derive(ToSchema)]
#[schema(as = Label)]
pub(super) struct LabelDocument {
    /// First number of the range.
    first: u32,
    /// How many numbers it spans.
    count: u32,
    /// Its name.
    name: String,
}

/// How the parts of a world hang together.
#[derive(ToSchema)]
#[schema(as = Diagram)]
pub(super) struct DiagramDocument {
    /// The parts.
    nodes: Vec<NodeDocument>,
    /// The ways between them.
    edges: Vec<EdgeDocument>,
}

/// A part of a world.
#[derive(ToSchema)]
#[schema(as = Node)]
pub(super) struct NodeDocument {
    /// What it is: the name of a noun of the dictionary, or `exit`.
    noun: String,
    /// Its number among those.
    number: u32,
    /// What it is called.
    name: String,
}

/// A way from one part to another.
#[derive(ToSchema)]
#[schema(as = Edge)]
pub(super) struct EdgeDocument {
    /// Index of the node where it begins.
    from: usize,
    /// Index of the node where it ends.
    to: usize,
    /// The share of those who leave by it.
    share: Option<f64>,
    /// What takes it.
    label: String,
}
