//! From text to tree, for TOML and JSON.
//!
//! Both parsers limit the nesting of brackets; the parts of dotted TOML keys are limited here. Keys keep the order
//! of the file.

use std::ops::Range;

use jsonc_parser::ast;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Entry, Findings, Node, Place, Table, Value, overrides};

/// No longer files than this many bytes; data belongs in the files that a scenario refers to.
const TEXT_LIMIT_BYTES: usize = 16 << 20;
/// No more parts than this in one dotted key.
const KEY_PARTS_LIMIT: usize = 16;
/// No deeper trees than this.
const NESTING_LIMIT: usize = 64;

/// Reads a file and what is set over it. `None` when there is no tree at all; findings then say why.
pub fn parse(
    file: &str,
    text: &str,
    overrides: &[(String, String)],
    findings: &mut Findings<'_>,
) -> Option<Node> {
    if text.len() > TEXT_LIMIT_BYTES {
        findings
            .error(&Place::Whole, format!("the file has {} bytes", text.len()))
            .expected(format!("at most {TEXT_LIMIT_BYTES}"))
            .help("put recorded data into a CSV file and name that");
        return None;
    }
    let is_json = file.len() >= 5
        && file.is_char_boundary(file.len() - 5)
        && file[file.len() - 5..].eq_ignore_ascii_case(".json");
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        findings
            .error(&Place::Whole, "the file is empty")
            .help("a scenario starts with its kind, for example `kind = \"process\"`");
        return None;
    }
    let mut root = if is_json {
        parse_json(text, findings)
    } else {
        parse_toml(text, findings)
    }?;
    overrides::apply(&mut root, overrides, findings);
    Some(root)
}

fn parse_toml(text: &str, findings: &mut Findings<'_>) -> Option<Node> {
    if let Some(range) = overlong_key(text) {
        findings
            .error(&Place::File(range), "a dotted key has too many parts")
            .expected(format!("at most {KEY_PARTS_LIMIT}"));
        return None;
    }
    match DeTable::parse(text) {
        Ok(table) => {
            let value = Value::Table(from_toml_table(table.get_ref(), NESTING_LIMIT, findings));
            Some(Node {
                value,
                place: Place::Whole,
            })
        }
        Err(error) => {
            let place = error.span().map_or(Place::Whole, Place::File);
            if error.message() == "duplicate key" {
                let key = error.span().and_then(|span| text.get(span)).unwrap_or("");
                findings
                    .error(&place, format!("duplicate key `{key}`"))
                    .help("keep one of the two");
                return None;
            }
            let (message, expected) = error
                .message()
                .split_once(", expected ")
                .unwrap_or((error.message(), ""));
            findings
                .error(&place, format!("this is no TOML: {message}"))
                .expected(expected);
            None
        }
    }
}

/// Finds a dotted key with so many parts that a nest of such keys would be deeper than a small stack, before the
/// parser builds it. (The parser limits parts and brackets each, but not their product.)
fn overlong_key(text: &str) -> Option<Range<usize>> {
    let (mut start, mut dots) = (0, 0);
    let mut quote = None;
    let mut is_escaped = false;
    for (index, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(b'#'), b'\n') => quote = None,
            (Some(b'"'), b'\\') if !is_escaped => {
                is_escaped = true;
                continue;
            }
            (Some(open), byte) if open == byte && open != b'#' && !is_escaped => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'#') => quote = Some(byte),
            (None, b'.') => dots += 1,
            (None, b'=' | b',' | b'[' | b'{' | b'\n') => (start, dots) = (index + 1, 0),
            (None, _) => {}
        }
        is_escaped = false;
        if dots >= KEY_PARTS_LIMIT {
            return Some(start..index + 1);
        }
    }
    None
}

fn from_toml_table(table: &DeTable<'_>, levels: usize, findings: &mut Findings<'_>) -> Table {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_place: Place::File(key.span()),
            node: from_toml(value, levels, findings),
        })
        .collect();
    entries.sort_by_key(|entry| match &entry.key_place {
        Place::File(range) => range.start,
        _ => 0,
    });
    Table { entries }
}

fn from_toml(value: &Spanned<DeValue<'_>>, levels: usize, findings: &mut Findings<'_>) -> Node {
    let place = Place::File(value.span());
    let Some(levels) = levels.checked_sub(1) else {
        return too_deep(place, findings);
    };
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(integer) => Value::Integer(integer),
            Err(_) => too_large(&place, integer.as_str(), findings),
        },
        DeValue::Float(float) => match float.as_str().parse::<f64>() {
            Ok(number)
                if number.is_finite() || float.as_str().contains("inf") || number.is_nan() =>
            {
                Value::Float(number)
            }
            _ => too_large(&place, float.as_str(), findings),
        },
        DeValue::Boolean(value) => Value::Boolean(*value),
        DeValue::Datetime(value) => Value::DateTime(value.to_string()),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| from_toml(item, levels, findings))
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(from_toml_table(table, levels, findings)),
    };
    Node { value, place }
}

fn parse_json(text: &str, findings: &mut Findings<'_>) -> Option<Node> {
    let options = jsonc_parser::ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let collect = jsonc_parser::CollectOptions {
        comments: jsonc_parser::CommentCollectionStrategy::Off,
        tokens: false,
    };
    match jsonc_parser::parse_to_ast(text, &collect, &options) {
        Ok(parsed) => {
            let mut node = from_json(&parsed.value?, NESTING_LIMIT, findings);
            if !matches!(node.value, Value::Table(_)) {
                findings
                    .error(&node.place, format!("the file is {}", node.value.kind()))
                    .expected("an object, for example `{ \"kind\": \"process\" }`");
                return None;
            }
            node.place = Place::Whole;
            Some(node)
        }
        Err(error) => {
            let range = error.range();
            let message = error.kind().to_string();
            findings.error(
                &Place::File(range.start..range.end),
                format!("this is no JSON: {}", lowered(&message)),
            );
            None
        }
    }
}

fn from_json(value: &ast::Value<'_>, levels: usize, findings: &mut Findings<'_>) -> Node {
    let place = |range: jsonc_parser::common::Range| Place::File(range.start..range.end);
    let range = match value {
        ast::Value::StringLit(literal) => literal.range,
        ast::Value::NumberLit(literal) => literal.range,
        ast::Value::BooleanLit(literal) => literal.range,
        ast::Value::NullKeyword(literal) => literal.range,
        ast::Value::Object(object) => object.range,
        ast::Value::Array(array) => array.range,
    };
    let here = place(range);
    let Some(levels) = levels.checked_sub(1) else {
        return too_deep(here, findings);
    };
    let value = match value {
        ast::Value::StringLit(literal) => Value::Text(literal.value.to_string()),
        ast::Value::NumberLit(literal) => json_number(literal.value, &here, findings),
        ast::Value::BooleanLit(literal) => Value::Boolean(literal.value),
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::Array(array) => Value::List(
            array
                .elements
                .iter()
                .map(|item| from_json(item, levels, findings))
                .collect(),
        ),
        ast::Value::Object(object) => {
            let mut table = Table::default();
            for property in &object.properties {
                let key = property.name.as_str().to_owned();
                let key_place = place(jsonc_parser::common::Ranged::range(&property.name));
                if table.get(&key).is_some() {
                    findings
                        .error(&key_place, format!("duplicate key `{key}`"))
                        .help("keep one of the two");
                    continue;
                }
                let node = from_json(&property.value, levels, findings);
                table.entries.push(Entry {
                    key,
                    key_place,
                    node,
                });
            }
            Value::Table(table)
        }
    };
    Node { value, place: here }
}

fn json_number(text: &str, place: &Place, findings: &mut Findings<'_>) -> Value {
    if let Ok(integer) = text.parse::<i64>() {
        return Value::Integer(integer);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && text.contains(['.', 'e', 'E']) => Value::Float(number),
        _ => too_large(place, text, findings),
    }
}

/// Notes a number that no 64 bits hold and stands in for it.
fn too_large(place: &Place, text: &str, findings: &mut Findings<'_>) -> Value {
    findings
        .error(
            place,
            format!(
                "`{}` does not fit",
                text.chars().take(40).collect::<String>()
            ),
        )
        .expected("a whole number of 64 bits, or one with a decimal point below 1.8e308");
    Value::Broken
}

fn too_deep(place: Place, findings: &mut Findings<'_>) -> Node {
    findings
        .error(&place, "tables and lists are nested too deeply")
        .expected(format!("at most {NESTING_LIMIT} levels"));
    Node {
        value: Value::Broken,
        place,
    }
}

/// `text` with a small first letter, to stand after a colon.
fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

/// The TOML value that `text` spells; `text` itself when it spells none.
pub(super) fn toml_value(text: &str, place: &Place) -> Node {
    let as_text = || Node {
        value: Value::Text(text.to_owned()),
        place: place.clone(),
    };
    if overlong_key(text).is_some() {
        return as_text();
    }
    let mut ignored = Findings::new("", text, &[]);
    match DeValue::parse(text) {
        Ok(value) => {
            let mut node = from_toml(&value, NESTING_LIMIT, &mut ignored);
            if ignored.error_count() > 0 {
                return as_text();
            }
            relocate(&mut node, place);
            node
        }
        Err(_) => as_text(),
    }
}

/// Moves a whole tree to `place`.
fn relocate(node: &mut Node, place: &Place) {
    node.place = place.clone();
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| relocate(item, place)),
        Value::Table(table) => {
            for entry in &mut table.entries {
                entry.key_place = place.clone();
                relocate(&mut entry.node, place);
            }
        }
        _ => {}
    }
}
