//! Values set over those of the file: `--set stations.desk.agents=5`.
//!
//! The key is a dotted path (steps with other letters are quoted, elements of a list are numbered from 0); missing
//! tables are made. The value is TOML, and what is no TOML is a text, so that `--set run.until=13h` needs no
//! quotes in a shell.

use super::{Entry, Findings, Node, Place, Table, Value, join, parse::toml_value};

/// Sets each override in turn.
pub(super) fn apply(root: &mut Node, overrides: &[(String, String)], findings: &mut Findings<'_>) {
    for (index, (key, value)) in overrides.iter().enumerate() {
        let place = Place::Override(index);
        let Some(steps) = steps(key) else {
            findings
                .error(&place, format!("`{key}` is no dotted key"))
                .expected("steps with dots in between, for example `stations.desk.agents`");
            continue;
        };
        set(root, &steps, toml_value(value, &place), findings);
    }
}

/// The steps of a dotted key; `None` when one is empty or a quote does not end.
fn steps(key: &str) -> Option<Vec<String>> {
    let mut steps = Vec::new();
    let mut rest = key.trim();
    loop {
        let (step, after) = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest[1..].split_once(quote)?,
            _ => {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                rest.split_at(end)
            }
        };
        let step = step.trim();
        if step.is_empty() || steps.len() >= 32 {
            return None;
        }
        steps.push(step.to_owned());
        let mut after = after.trim_start();
        while let Some((number, beyond)) = after
            .strip_prefix('[')
            .and_then(|inner| inner.split_once(']'))
        {
            steps.push(number.trim().to_owned());
            after = beyond.trim_start();
        }
        if after.is_empty() {
            return Some(steps);
        }
        rest = after.strip_prefix('.')?.trim_start();
    }
}

fn set(root: &mut Node, steps: &[String], value: Node, findings: &mut Findings<'_>) {
    let place = value.place.clone();
    let mut path = String::new();
    let mut node = root;
    for step in steps {
        let next_path = join(&path, step);
        node = match &mut node.value {
            Value::Table(table) => {
                if table.get(step).is_none() {
                    let node = Node {
                        value: Value::Table(Table::default()),
                        place: place.clone(),
                    };
                    table.entries.push(Entry {
                        key: step.clone(),
                        key_place: place.clone(),
                        node,
                    });
                }
                &mut table
                    .get_mut(step)
                    .expect("the key was there or was just made")
                    .node
            }
            Value::List(items) => {
                let count = items.len();
                match step
                    .parse::<usize>()
                    .ok()
                    .and_then(|index| items.get_mut(index))
                {
                    Some(item) => item,
                    None => {
                        findings
                            .error(&place, format!("`{path}` has no element `{step}`"))
                            .expected(format!("a number below {count}"));
                        return;
                    }
                }
            }
            other => {
                let kind = other.kind();
                findings
                    .error(&place, format!("`{path}` is {kind} and has no `{step}`"))
                    .help(format!("set `{path}` as a whole"));
                return;
            }
        };
        path = next_path;
    }
    *node = value;
}
