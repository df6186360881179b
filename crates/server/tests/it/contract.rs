//! The OpenAPI document as a contract: every JSON answer that any test here gets is held against it.
//!
//! The document's schemas are read strictly: an answer may have nothing that they do not name, and must have all
//! that they do, but for what is left out where it is empty. So neither can change without the other.

use std::{collections::BTreeMap, sync::LazyLock};

use hyper::Method;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::client::Answer;

/// Properties that are left out where there is nothing to say, by schema.
const LEFT_OUT: [(&str, &[&str]); 3] = [
    ("Error", &["findings", "help"]),
    ("ScenarioText", &["files"]),
    ("SentScenario", &["files"]),
];

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

struct Contract {
    /// The document's schemas, made strict.
    components: Value,
    /// What is answered in JSON, by path, method and status; the path's parameters stand in braces.
    answers: BTreeMap<(String, String, String), Validator>,
}

impl Contract {
    fn read() -> Self {
        let document = serde_json::to_value(pluriverse_server::openapi()).unwrap();
        let mut schemas = document["components"]["schemas"].clone();
        for (name, schema) in schemas.as_object_mut().unwrap() {
            let left_out = LEFT_OUT.iter().find(|(of, _)| of == name);
            make_strict(schema, left_out.map_or(&[], |(_, keys)| keys));
        }
        let components = json!({"schemas": schemas});
        let mut answers = BTreeMap::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let responses = operation["responses"].as_object().unwrap();
                for (status, response) in responses {
                    let media = &response["content"]["application/json"];
                    if let Some(schema) = media.get("schema") {
                        let key = (path.clone(), method.to_uppercase(), status.clone());
                        answers.insert(key, validator(schema, &components));
                    }
                }
            }
        }
        Self {
            components,
            answers,
        }
    }

    fn find(&self, method: &Method, path: &str, status: u16) -> Option<&Validator> {
        let find = |status: &str| {
            let mut found = self.answers.iter().filter(|((pattern, of, given), _)| {
                of == method.as_str() && given == status && is_of(path, pattern)
            });
            // A path without parameters is the nearer one: `/runs/compare` is no run.
            found
                .by_ref()
                .min_by_key(|((pattern, _, _), _)| pattern.matches('{').count())
        };
        let found = find(&status.to_string()).or_else(|| find("default"));
        found.map(|(_, validator)| validator)
    }
}

fn validator(schema: &Value, components: &Value) -> Validator {
    let mut whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": components,
    });
    let whole_map = whole.as_object_mut().unwrap();
    whole_map.extend(schema.as_object().unwrap().clone());
    jsonschema::validator_for(&whole).unwrap()
}

/// Asks for every property that an object's schema names, and forbids all others.
fn make_strict(schema: &mut Value, left_out: &[&str]) {
    match schema {
        Value::Array(parts) => parts.iter_mut().for_each(|part| make_strict(part, &[])),
        Value::Object(object) => {
            for part in object.values_mut() {
                make_strict(part, &[]);
            }
            if let Some(parts) = object.get_mut("allOf").and_then(Value::as_array_mut) {
                for part in parts.iter_mut().filter_map(Value::as_object_mut) {
                    part.remove("additionalProperties");
                }
                object.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
            } else {
                ask_for_all(object, left_out);
            }
        }
        _ => {}
    }
}

fn ask_for_all(object: &mut Map<String, Value>, left_out: &[&str]) {
    let Some(properties) = object.get("properties").and_then(Value::as_object) else {
        return;
    };
    let names = properties
        .keys()
        .filter(|name| !left_out.contains(&name.as_str()));
    let names: Vec<Value> = names.map(|name| Value::from(name.as_str())).collect();
    object.insert("required".to_owned(), names.into());
    object
        .entry("additionalProperties")
        .or_insert(Value::Bool(false));
}

/// Whether `path` is one that `pattern` stands for.
fn is_of(path: &str, pattern: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let parts = || path.split('/').zip(pattern.split('/'));
    path.split('/').count() == pattern.split('/').count()
        && parts().all(|(part, of)| part == of || of.starts_with('{'))
}

/// Holds an answer against the document.
pub(crate) fn hold(method: &Method, path: &str, answer: &Answer) {
    let is_json = answer
        .headers
        .get("content-type")
        .is_some_and(|value| value == "application/json");
    if !path.starts_with("/api/v1/") || !is_json {
        return;
    }
    let Some(validator) = CONTRACT.find(method, path, answer.status.as_u16()) else {
        return;
    };
    let body = answer.json();
    let wrong: Vec<_> = validator
        .iter_errors(&body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(
        wrong.is_empty(),
        "{method} {path} {}: {wrong:#?}",
        answer.status
    );
}

/// Holds a part of an answer, or a message, against the schema of this name.
pub(crate) fn hold_part(name: &str, part: &Value) {
    let schema = json!({"$ref": format!("#/components/schemas/{name}")});
    let validator = validator(&schema, &CONTRACT.components);
    if let Err(error) = validator.validate(part) {
        panic!("{name}: {}: {error}", error.instance_path());
    }
}
