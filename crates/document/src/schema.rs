//! The JSON Schema (2020-12) of a [`Shape`].
//!
//! Keys come out in the order of the tables, whatever features `serde_json` was built with, so that the committed
//! schema is the same everywhere.

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{
    Bound, Choice, MapShape, Shape, Unit,
    shape::{
        DURATION_PATTERN, Definition, Field, Presence, RATE_PATTERN, Scope, TableShape, Variants,
    },
};

/// The schema of files that look like `root`, as pretty-printed JSON.
pub fn schema(title: &str, root: &'static TableShape) -> String {
    let mut writer = Writer {
        unit: Unit::Number,
        definitions: BTreeMap::new(),
        started: BTreeSet::new(),
    };
    let mut object = vec![
        (
            "$schema".to_owned(),
            Json::text("https://json-schema.org/draft/2020-12/schema"),
        ),
        ("title".to_owned(), Json::text(title)),
    ];
    object.extend(writer.table(root));
    let definitions = writer.definitions.into_iter().collect();
    object.push(("$defs".to_owned(), Json::Object(definitions)));
    let mut text = serde_json::to_string_pretty(&Json::Object(object))
        .expect("a tree of texts and numbers is JSON");
    text.push('\n');
    text
}

type Object = Vec<(String, Json)>;

/// JSON that keeps the order of its keys.
enum Json {
    Boolean(bool),
    Integer(i64),
    Text(String),
    /// A value that was given as JSON.
    Value(serde_json::Value),
    List(Vec<Json>),
    Object(Object),
}

impl Json {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Reads JSON from a static table; a mistake there is shown as a text.
    fn literal(json: &str) -> Self {
        serde_json::from_str(json).map_or_else(|_| Self::text(json), Self::Value)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Value(value) => value.serialize(serializer),
            Self::List(items) => items.serialize(serializer),
            Self::Object(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

struct Writer {
    unit: Unit,
    definitions: BTreeMap<String, Json>,
    /// Definitions that are written or being written; they may refer to themselves.
    started: BTreeSet<String>,
}

fn entry(key: &str, value: Json) -> (String, Json) {
    (key.to_owned(), value)
}

fn typed(name: &str) -> Object {
    vec![entry("type", Json::text(name))]
}

impl Writer {
    fn shape(&mut self, shape: &'static Shape) -> Object {
        match shape {
            Shape::Boolean => typed("boolean"),
            Shape::Text { what } => {
                let mut object = typed("string");
                object.push(entry("description", Json::text(*what)));
                object
            }
            Shape::Integer { low, high } => {
                let mut object = typed("integer");
                object.push(entry("minimum", Json::Integer(*low)));
                if *high != i64::MAX {
                    object.push(entry("maximum", Json::Integer(*high)));
                }
                object
            }
            Shape::Number(bound) => number(*bound),
            Shape::Duration(bound) => self.duration(*bound),
            Shape::Rate => self.rate(),
            Shape::Quantity(bound) => match self.unit {
                Unit::Duration => self.duration(*bound),
                Unit::Number => number(*bound),
            },
            Shape::Choice(choices) => choice(choices),
            Shape::List(item) => {
                let mut object = typed("array");
                object.push(entry("items", Json::Object(self.shape(item))));
                object.push(entry("minItems", Json::Integer(1)));
                object
            }
            Shape::Table(table) => self.table(table),
            Shape::Map(map) => self.map(map),
            Shape::Variant(groups) => match groups {
                [group] => self.variants(group),
                groups => {
                    let groups = groups
                        .iter()
                        .map(|group| Json::Object(self.variants(group)));
                    vec![entry("oneOf", Json::List(groups.collect()))]
                }
            },
            Shape::OneOf(shapes) => {
                let shapes = shapes
                    .iter()
                    .map(|shape| Json::Object(self.shape(shape)))
                    .collect();
                vec![entry("anyOf", Json::List(shapes))]
            }
            Shape::In(unit, shape) => {
                let outer = std::mem::replace(&mut self.unit, *unit);
                let object = self.shape(shape);
                self.unit = outer;
                object
            }
            Shape::Named(definition) => self.named(definition),
        }
    }

    fn map(&mut self, map: &'static MapShape) -> Object {
        let mut object = typed("object");
        object.push(entry("description", Json::text(map.doc)));
        object.push(entry(
            "additionalProperties",
            Json::Object(self.shape(&map.value)),
        ));
        let limit = i64::try_from(map.limit).unwrap_or(i64::MAX);
        object.push(entry("maxProperties", Json::Integer(limit)));
        object
    }

    fn table(&mut self, table: &'static TableShape) -> Object {
        let mut object = typed("object");
        object.push(entry("description", Json::text(table.doc)));
        let properties = table
            .fields
            .iter()
            .map(|field| (field.key.to_owned(), Json::Object(self.field(field))));
        object.push(entry("properties", Json::Object(properties.collect())));
        let required = table
            .fields
            .iter()
            .filter(|field| field.presence == Presence::Required);
        let required: Vec<Json> = required.map(|field| Json::text(field.key)).collect();
        if !required.is_empty() {
            object.push(entry("required", Json::List(required)));
        }
        object.push(entry("additionalProperties", Json::Boolean(false)));
        object
    }

    /// A table with this one key.
    fn variant(&mut self, field: &'static Field) -> Object {
        let mut object = typed("object");
        object.push(entry(
            "properties",
            Json::Object(vec![(
                field.key.to_owned(),
                Json::Object(self.field(field)),
            )]),
        ));
        object.push(entry("required", Json::List(vec![Json::text(field.key)])));
        object.push(entry("additionalProperties", Json::Boolean(false)));
        object
    }

    fn field(&mut self, field: &'static Field) -> Object {
        let mut object = described(field.doc, self.shape(&field.shape));
        if let Presence::Default(default) = field.presence {
            object.push(entry("default", Json::literal(default)));
        }
        if !field.examples.is_empty() {
            let examples = field
                .examples
                .iter()
                .map(|example| Json::literal(example))
                .collect();
            object.push(entry("examples", Json::List(examples)));
        }
        object
    }

    fn variants(&mut self, group: &'static Variants) -> Object {
        let name = self.scoped(group.name, group.scope);
        if self.started.insert(name.clone()) {
            let variants = group
                .fields
                .iter()
                .map(|field| Json::Object(self.variant(field)))
                .collect();
            let object = vec![entry("oneOf", Json::List(variants))];
            self.definitions.insert(name.clone(), Json::Object(object));
        }
        reference(&name)
    }

    fn named(&mut self, definition: &'static Definition) -> Object {
        let name = self.scoped(definition.name, definition.scope);
        if self.started.insert(name.clone()) {
            let object = described(definition.doc, self.shape(&definition.shape));
            self.definitions.insert(name.clone(), Json::Object(object));
        }
        reference(&name)
    }

    /// The name of a definition where quantities are what they are now.
    fn scoped(&self, name: &str, scope: Scope) -> String {
        match (scope, self.unit) {
            (Scope::Fixed, _) => name.to_owned(),
            (Scope::PerUnit, Unit::Duration) => format!("duration_{name}"),
            (Scope::PerUnit, Unit::Number) => format!("number_{name}"),
        }
    }

    fn duration(&mut self, bound: Bound) -> Object {
        let (name, pattern) = match bound {
            Bound::Any => ("signed_duration", DURATION_PATTERN.to_owned()),
            _ => ("duration", DURATION_PATTERN.replacen("-?", "", 1)),
        };
        self.definitions.entry(name.to_owned()).or_insert_with(|| {
            let mut object = vec![entry(
                "description",
                Json::text("Numbers with units: w, d, h, m, s, ms, us, ns."),
            )];
            object.extend(typed("string"));
            object.push(entry("pattern", Json::Text(pattern)));
            object.push(entry(
                "examples",
                Json::List(vec![Json::text("90s"), Json::text("1h30m")]),
            ));
            Json::Object(object)
        });
        reference(name)
    }

    fn rate(&mut self) -> Object {
        self.definitions
            .entry("rate".to_owned())
            .or_insert_with(|| {
                let doc = "So many per unit of time: w, d, h, min, s, ms, us, ns.";
                let mut object = vec![entry("description", Json::text(doc))];
                object.extend(typed("string"));
                object.push(entry("pattern", Json::text(RATE_PATTERN)));
                object.push(entry(
                    "examples",
                    Json::List(vec![Json::text("100/h"), Json::text("2.5/s")]),
                ));
                Json::Object(object)
            });
        reference("rate")
    }
}

/// The same schema with this description in place of its own.
fn described(doc: &str, schema: Object) -> Object {
    let rest = schema.into_iter().filter(|(key, _)| key != "description");
    std::iter::once(entry("description", Json::text(doc)))
        .chain(rest)
        .collect()
}

fn reference(name: &str) -> Object {
    vec![entry("$ref", Json::Text(format!("#/$defs/{name}")))]
}

fn number(bound: Bound) -> Object {
    let mut object = typed("number");
    match bound {
        Bound::Any => {}
        Bound::NotNegative => object.push(entry("minimum", Json::Integer(0))),
        Bound::Positive => object.push(entry("exclusiveMinimum", Json::Integer(0))),
        Bound::Fraction => {
            object.push(entry("minimum", Json::Integer(0)));
            object.push(entry("maximum", Json::Integer(1)));
        }
    }
    object
}

fn choice(choices: &'static [Choice]) -> Object {
    let words = choices.iter().map(|choice| {
        Json::Object(vec![
            entry("const", Json::text(choice.word)),
            entry("description", Json::text(choice.doc)),
        ])
    });
    let mut object = typed("string");
    object.push(entry("oneOf", Json::List(words.collect())));
    object
}
