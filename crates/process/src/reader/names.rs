//! The names in a file and the indices that they get: classes, attributes, stations and pools.
//!
//! Order is that of the file. A station with agents of its own has a pool of the same name, after the pools that
//! the file declares.

use crate::{
    document::{Cursor, Entry, Findings, Value},
    expression::{Expression, Names},
};

use super::format::{ATTRIBUTES_LIMIT, ENTRIES_LIMIT};

/// Name of the class where a file declares none.
const ONLY_CLASS: &str = "case";

/// All names, by index.
#[derive(Debug, Default)]
pub(super) struct NameTables {
    pub(super) classes: Vec<String>,
    /// Whether the file declares its classes; else a trace may bring its own.
    pub(super) are_classes_declared: bool,
    pub(super) attributes: Vec<String>,
    pub(super) stations: Vec<String>,
    pub(super) pools: Vec<String>,
}

impl NameTables {
    /// Gathers the names of a tree and notes those that cannot be.
    pub(super) fn collect(root: &Cursor<'_>, findings: &mut Findings<'_>) -> Self {
        let mut tables = Self::default();
        for (entry, _) in root.entries_of("classes").into_iter().take(ENTRIES_LIMIT) {
            refuse_reserved(entry, &["default"], findings);
            tables.classes.push(entry.key.clone());
        }
        for (entry, _) in root.entries_of("pools").into_iter().take(ENTRIES_LIMIT) {
            refuse_reserved(entry, &["unlimited"], findings);
            tables.pools.push(entry.key.clone());
        }
        tables.are_classes_declared = !tables.classes.is_empty();
        if !tables.are_classes_declared {
            tables.classes.push(ONLY_CLASS.to_owned());
        }
        tables.collect_stations(root, findings);
        tables.collect_attributes(root, findings);
        tables
    }

    fn collect_stations(&mut self, root: &Cursor<'_>, findings: &mut Findings<'_>) {
        for (entry, station) in root.entries_of("stations").into_iter().take(ENTRIES_LIMIT) {
            refuse_reserved(entry, &["exit", "next"], findings);
            self.stations.push(entry.key.clone());
            if !has_own_agents(&station) {
                continue;
            }
            if self.pools.contains(&entry.key) {
                let message = format!(
                    "`{}` is both a pool and a station with agents of its own",
                    entry.key
                );
                findings
                    .error(&entry.key_place, message)
                    .expected("different names")
                    .help(format!(
                        "should the pool serve here, write `agents = \"{}\"`",
                        entry.key
                    ));
            }
            self.pools.push(entry.key.clone());
        }
    }

    fn collect_attributes(&mut self, root: &Cursor<'_>, findings: &mut Findings<'_>) {
        let mut tables = Vec::new();
        for (_, source) in root.entries_of("sources") {
            tables.extend(source.get("attributes"));
            let trace = source
                .get("arrivals")
                .and_then(|arrivals| arrivals.get("trace"));
            tables.extend(trace.and_then(|trace| trace.get("attributes")));
        }
        tables.extend(
            root.entries_of("stations")
                .iter()
                .filter_map(|(_, station)| station.get("assign")),
        );
        for table in tables {
            for (entry, _) in table.entries() {
                if self.attributes.contains(&entry.key) {
                    continue;
                }
                check_attribute(entry, findings);
                if self.attributes.len() == ATTRIBUTES_LIMIT {
                    findings
                        .error(&entry.key_place, "there are too many attributes")
                        .expected(format!("at most {ATTRIBUTES_LIMIT}"));
                    return;
                }
                self.attributes.push(entry.key.clone());
            }
        }
    }

    /// The names as expressions see them.
    pub(super) fn in_expressions(&self) -> Names<'_> {
        Names {
            attributes: &self.attributes,
            classes: &self.classes,
            stations: &self.stations,
            pools: &self.pools,
        }
    }
}

/// Whether a station says how many agents it has, instead of naming a pool.
pub(super) fn has_own_agents(station: &Cursor<'_>) -> bool {
    station
        .get("agents")
        .is_some_and(|agents| match &agents.node.value {
            Value::Text(text) => text == "unlimited",
            _ => true,
        })
}

fn refuse_reserved(entry: &Entry, reserved: &[&str], findings: &mut Findings<'_>) {
    if reserved.contains(&entry.key.as_str()) {
        let message = format!("`{}` has a meaning of its own", entry.key);
        findings
            .error(&entry.key_place, message)
            .expected("another name");
    }
}

/// Attributes stand bare in expressions, so their names are words that mean nothing else there.
fn check_attribute(entry: &Entry, findings: &mut Findings<'_>) {
    let mut letters = entry.key.chars();
    let is_word = letters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|c| c.is_alphanumeric() || c == '_');
    if !is_word {
        let message = format!("{:?} is no name for an attribute", entry.key);
        findings
            .error(&entry.key_place, message)
            .expected("letters, digits and `_`, so that expressions can name it");
    } else if Expression::is_reserved(&entry.key) {
        let message = format!("`{}` has a meaning of its own in expressions", entry.key);
        findings
            .error(&entry.key_place, message)
            .expected("another name for the attribute");
    }
}
