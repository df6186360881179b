//! Schemas of what is sent where no type of the handlers says enough, for OpenAPI.
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

/// Bytes, as they are.
#[derive(ToSchema)]
#[schema(format = Binary)]
pub(super) struct Octets(String);

/// The bytes of a file in base64, with padding.
#[derive(ToSchema)]
#[schema(
    pattern = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$"
)]
pub(crate) struct FileContent(String);

/// The name of a run: letters, digits, `-`, `_` and `.`, of which it does not begin with the last.
#[derive(ToSchema)]
#[schema(pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")]
pub(super) struct RunName(String);

/// Where a run was made.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SourceName {
    Server,
    Browser,
    Cli,
}

/// How far a run is.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StatusName {
    Queued,
    Running,
    Complete,
    Failed,
    Cancelled,
}
