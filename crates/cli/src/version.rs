//! Which program this is.

use std::sync::LazyLock;

/// The version.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Revision that it was built from; empty where the build did not set `PLURIVERSE_REVISION`.
pub(crate) const REVISION: &str = match option_env!("PLURIVERSE_REVISION") {
    Some(revision) => revision,
    None => "",
};

/// Both, for people.
pub(crate) static SHOWN: LazyLock<String> = LazyLock::new(|| shown(VERSION, REVISION));

/// A version and its revision, for people.
pub(crate) fn shown(version: &str, revision: &str) -> String {
    if revision.is_empty() {
        version.to_owned()
    } else {
        format!("{version} ({revision})")
    }
}
