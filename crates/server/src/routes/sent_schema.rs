//! Schemas of what callers send where no type of the handlers says enough, for OpenAPI.
//!
//! Never made, only described.

#![allow(dead_code, reason = "read by the derive macro alone")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// A value set over a scenario's: whatever TOML has, so no `null`.
#[derive(ToSchema)]
#[serde(untagged)]
pub(super) enum SetValue {
    /// A text; durations and the like are texts, too.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// A list.
    #[schema(no_recursion)]
    List(Vec<SetValue>),
    /// A table.
    #[schema(no_recursion)]
    Table(BTreeMap<String, SetValue>),
}
