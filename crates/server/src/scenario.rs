//! Scenarios as callers send them: a text, the files that it refers to, and values to set over it.

use std::{collections::BTreeMap, sync::Arc};

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use pluriverse_host::{
    document::Finding,
    scenario::{self, GivenFiles},
};
use pluriverse_kernel::scenario::{Draft, RunKey, Scenario};
use pluriverse_store::{NotedFiles, Provenance};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{app::aside, problem::Problem, settings::Build};

/// The code of a refusal of a value that cannot be set.
const BAD_OVERRIDE: &str = "bad_override";
/// Largest text of a scenario.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// Values that may be set over a scenario's.
const OVERRIDES_MAX: usize = 1000;

/// A scenario's text and the files that it refers to.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScenarioText {
    /// The file's name; `.json` is read as JSON, all else as TOML.
    #[schema(example = "desk.toml", max_length = 255)]
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
    /// Files that it refers to, by path, in base64.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, crate::routes::FileContent>)]
    pub(crate) files: BTreeMap<String, String>,
}

/// A scenario as it was sent once.
#[derive(Serialize, ToSchema)]
pub(crate) struct SentScenario {
    /// The file's name.
    name: String,
    /// Its text.
    text: String,
    /// Files that it refers to, by path, in base64.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    files: BTreeMap<String, String>,
    /// Values that were set over those of the text, as TOML, by dotted key.
    overrides: BTreeMap<String, String>,
}

/// Values set over those of the text, by dotted key.
pub(crate) type Overrides = BTreeMap<String, serde_json::Value>;

/// The same, each as TOML writes it.
pub(crate) type SetTexts = BTreeMap<String, String>;

/// A scenario that has been read, and what it was read from.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) scenario: Arc<dyn Scenario>,
    /// What its ledgers say of where they come from, but for which run of it they are.
    pub(crate) origin: Arc<Provenance>,
    /// Files that came along, as they were sent.
    pub(crate) files: Arc<BTreeMap<String, String>>,
    pub(crate) warnings: Vec<Finding>,
}

/// Reads what a caller sent, which takes a while where it is large.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) async fn load(
    sent: ScenarioText,
    overrides: Overrides,
    set: SetTexts,
) -> Result<Loaded, Problem> {
    aside(move || read(sent, &overrides, set)).await
}

fn read(sent: ScenarioText, overrides: &Overrides, set: SetTexts) -> Result<Loaded, Problem> {
    let overrides = set_values(overrides, set)?;
    let files = decode(&sent)?;
    let files = NotedFiles::new(&files);
    let draft = Draft {
        file: &sent.name,
        text: &sent.text,
        overrides: &overrides,
        files: &files,
    };
    let told = |findings: Vec<_>| {
        findings
            .iter()
            .map(|found| Finding::new(found, &sent.text))
            .collect()
    };
    match scenario::read(draft) {
        Ok((scenario, warnings)) => Ok(Loaded {
            origin: Arc::new(Provenance::of(draft, &*scenario, files.digests())),
            scenario: scenario.into(),
            warnings: told(warnings),
            files: Arc::new(sent.files),
        }),
        Err(findings) => Err(Problem::scenario(told(findings))),
    }
}

fn decode(sent: &ScenarioText) -> Result<GivenFiles, Problem> {
    if sent.text.len() > TEXT_BYTES_MAX {
        return Err(Problem::too_large(format!(
            "the scenario's text has {} bytes, at most {TEXT_BYTES_MAX} are taken",
            sent.text.len()
        ))
        .help("recorded data belongs into files that a scenario refers to"));
    }
    let mut files = GivenFiles::default();
    for (path, content) in &sent.files {
        let content = STANDARD.decode(content).map_err(|error| {
            Problem::bad_request(
                "bad_base64",
                format!("the file `{path}` is not base64: {error}"),
            )
        })?;
        files.insert(path, content);
    }
    Ok(files)
}

/// The values as TOML, as a scenario reader takes them.
fn set_values(overrides: &Overrides, set: SetTexts) -> Result<Vec<(String, String)>, Problem> {
    if overrides.len() + set.len() > OVERRIDES_MAX {
        return Err(Problem::bad_request(
            "too_many_overrides",
            format!(
                "{} values are set, at most {OVERRIDES_MAX} may be",
                overrides.len() + set.len()
            ),
        ));
    }
    let mut values = set;
    for (key, value) in overrides {
        let refused = |status, message: String| Err(Problem::new(status, BAD_OVERRIDE, message));
        let Some(value) = toml_value(value) else {
            let message = format!("`{key}` cannot be set to null");
            return refused(StatusCode::BAD_REQUEST, message);
        };
        if values.insert(key.clone(), value).is_some() {
            // Each of the two is well formed, so that no schema can forbid it.
            let message = format!("`{key}` is set in `set` and in `overrides`");
            return refused(StatusCode::UNPROCESSABLE_ENTITY, message);
        }
    }
    Ok(values.into_iter().collect())
}

/// A JSON value as TOML; `None` where there is a null, which TOML has not.
fn toml_value(value: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
    Some(match value {
        Value::Null => return None,
        // Basic strings of TOML escape as JSON does, but for the slash, which needs none, and DEL.
        Value::String(_) => value.to_string().replace('\u{7f}', "\\u007F"),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(values) => {
            let values: Option<Vec<_>> = values.iter().map(toml_value).collect();
            format!("[{}]", values?.join(", "))
        }
        Value::Object(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| {
                let key = toml_value(&Value::String(key.clone()))?;
                Some(format!("{key} = {}", toml_value(value)?))
            });
            let pairs: Option<Vec<_>> = pairs.collect();
            format!("{{ {} }}", pairs?.join(", "))
        }
    })
}

impl Loaded {
    /// What was sent.
    pub(crate) fn sent(&self) -> SentScenario {
        SentScenario {
            name: self.origin.scenario_file.clone(),
            text: self.origin.scenario_text.clone(),
            files: (*self.files).clone(),
            overrides: self.origin.overrides.iter().cloned().collect(),
        }
    }

    /// What a ledger of the run `key` says of its origin.
    pub(crate) fn provenance(&self, build: &Build, key: RunKey) -> Provenance {
        Provenance {
            engine: build.version.clone(),
            revision: build.revision.clone(),
            seed: key.seed,
            replication: key.replication,
            ..(*self.origin).clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_to_set_are_written_as_toml() {
        let value = json!({"exponential": {"mean": "3\u{7f}m\n"}, "list": [1, 2.5, true]});
        assert_eq!(
            toml_value(&value).unwrap(),
            r#"{ "exponential" = { "mean" = "3\u007Fm\n" }, "list" = [1, 2.5, true] }"#
        );
        assert_eq!(toml_value(&json!([null])), None);
    }
}
