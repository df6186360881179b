//! The JSON Schema of scenario files, held against the reader: what the one takes, the other takes too.

use pluriverse_process::reader::schema;
use serde_json::Value;

use super::{EVERYTHING, scenarios::scenario_texts};

/// A validator for the part of JSON Schema (2020-12) that the schema uses; patterns are left out.
struct Validator {
    root: Value,
}

impl Validator {
    /// Says why `value` does not fit `schema`, if so.
    fn mismatch(&self, schema: &Value, value: &Value, path: &str) -> Option<String> {
        for (keyword, expected) in schema.as_object().unwrap() {
            let problem = match keyword.as_str() {
                "$ref" => {
                    let name = expected.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                    self.mismatch(&self.root["$defs"][name], value, path)
                }
                "type" => (!is_of_type(value, expected.as_str().unwrap()))
                    .then(|| format!("no {expected}")),
                "const" => (value != expected).then(|| format!("not {expected}")),
                "minimum" => (value.as_f64() < expected.as_f64()).then(|| "too small".to_owned()),
                "exclusiveMinimum" => {
                    (value.as_f64() <= expected.as_f64()).then(|| "too small".to_owned())
                }
                "maximum" => (value.as_f64() > expected.as_f64()).then(|| "too large".to_owned()),
                "minItems" => {
                    (value.as_array().is_some_and(Vec::is_empty)).then(|| "empty".to_owned())
                }
                "items" => value
                    .as_array()
                    .into_iter()
                    .flatten()
                    .find_map(|item| self.mismatch(expected, item, &format!("{path}[]"))),
                "properties" => self.properties(schema, value, path),
                "additionalProperties" if expected.is_object() => {
                    let entries = value.as_object().into_iter().flatten();
                    entries.into_iter().find_map(|(key, value)| {
                        self.mismatch(expected, value, &format!("{path}.{key}"))
                    })
                }
                "required" => {
                    let missing = expected
                        .as_array()
                        .unwrap()
                        .iter()
                        .find(|key| value.get(key.as_str().unwrap()).is_none());
                    missing.map(|key| format!("without {key}"))
                }
                "oneOf" => {
                    let count = self.matches(expected, value, path);
                    (count != 1).then(|| format!("fits {count} of oneOf"))
                }
                "anyOf" => (self.matches(expected, value, path) == 0)
                    .then(|| "fits none of anyOf".to_owned()),
                "$schema"
                | "$defs"
                | "title"
                | "description"
                | "default"
                | "examples"
                | "pattern"
                | "additionalProperties"
                | "maxProperties" => None,
                other => Some(format!("unknown keyword {other}")),
            };
            if let Some(problem) = problem {
                return Some(format!("{path}: {problem}"));
            }
        }
        None
    }

    fn properties(&self, schema: &Value, value: &Value, path: &str) -> Option<String> {
        value
            .as_object()
            .into_iter()
            .flatten()
            .find_map(|(key, value)| match schema["properties"].get(key) {
                Some(schema) => self.mismatch(schema, value, &format!("{path}.{key}")),
                None if schema["additionalProperties"] == Value::Bool(false) => {
                    Some(format!("{path}: unknown key {key}"))
                }
                None => None,
            })
    }

    fn matches(&self, schemas: &Value, value: &Value, path: &str) -> usize {
        let schemas = schemas.as_array().unwrap().iter();
        schemas
            .filter(|schema| self.mismatch(schema, value, path).is_none())
            .count()
    }
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|value| value.fract() == 0.0),
        "number" => value.is_number(),
        other => panic!("no such type: {other}"),
    }
}

fn validator() -> Validator {
    Validator {
        root: serde_json::from_str(&schema()).unwrap(),
    }
}

fn mismatch(text: &str) -> Option<String> {
    let validator = validator();
    let value: Value = toml::from_str(text).unwrap();
    validator.mismatch(&validator.root, &value, "")
}

#[test]
fn what_the_reader_takes_fits_the_schema() {
    assert_eq!(mismatch(EVERYTHING), None);
    for (name, text) in scenario_texts() {
        assert_eq!(mismatch(&text), None, "{name}");
    }
}

#[test]
fn what_has_the_wrong_shape_does_not_fit() {
    let changes = [
        ("agents = \"clerks\"", "agnets = \"clerks\""),
        ("agents = \"clerks\"", ""),
        ("agents = \"clerks\"", "agents = 2.5"),
        ("agents = \"clerks\"", "agents = -1"),
        ("queue = \"lifo\"", "queue = \"filo\""),
        (
            "service = { attribute = \"work\" }",
            "service = { attribute = \"work\", expression = \"1\" }",
        ),
        (
            "service = { attribute = \"work\" }",
            "service = { exponential = { maen = \"1s\" } }",
        ),
        ("service = { attribute = \"work\" }", "service = 5"),
        ("rate = \"6/h\"", "rate = 6"),
        ("probability = 0.3", "probability = 1.3"),
        ("kind = \"process\"", "kind = \"swarm\""),
        ("values = [2, 3]", "values = []"),
    ];
    for (from, to) in changes {
        let text = EVERYTHING.replacen(from, to, 1);
        assert_ne!(text, EVERYTHING, "{from} is there");
        assert!(mismatch(&text).is_some(), "{to}");
    }
}

#[test]
fn every_key_is_explained_and_every_reference_leads_somewhere() {
    let validator = validator();
    let mut open = vec![("", &validator.root)];
    let mut key_count = 0;
    while let Some((name, value)) = open.pop() {
        match value {
            Value::Object(object) => {
                if let Some(Value::String(reference)) = object.get("$ref") {
                    let target = reference.strip_prefix("#/$defs/").unwrap();
                    assert!(validator.root["$defs"].get(target).is_some(), "{reference}");
                }
                if name == "properties" {
                    for (key, schema) in object {
                        let doc = schema["description"].as_str().unwrap_or("");
                        assert!(doc.ends_with('.'), "`{key}` is explained in a sentence");
                        key_count += 1;
                    }
                }
                open.extend(object.iter().map(|(key, value)| (key.as_str(), value)));
            }
            Value::Array(items) => open.extend(items.iter().map(|item| ("", item))),
            _ => {}
        }
    }
    assert!(key_count > 100, "{key_count} keys");
}

#[test]
fn the_schema_does_not_depend_on_the_order_of_a_map() {
    let text = schema();
    let position = |key: &str| text.find(&format!("\"{key}\"")).unwrap();
    assert!(position("$schema") < position("title") && position("kind") < position("run"));
    assert!(
        position("until") < position("at_end"),
        "keys come in the order of the documentation"
    );
}
