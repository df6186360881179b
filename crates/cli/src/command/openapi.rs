//! `pluriverse openapi`: the document that a server has at `/api/v1/openapi.json`, without a server.
//!
//! Hidden: `docs/openapi.json` is made by it, and people find the document there.

use crate::{
    failure::{Failure, finding},
    output,
};

pub(super) fn run() -> Result<(), Failure> {
    let document = pluriverse_server::openapi();
    let text = document.to_pretty_json().map_err(|error| {
        Failure::run(finding(format!("the document cannot be written: {error}")))
    })?;
    output::print(&format!("{text}\n"))
}
