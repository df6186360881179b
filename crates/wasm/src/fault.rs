//! What is wrong with a call, for the caller: a word for programs, a sentence for people, findings about a text.

use pluriverse_host::document::Finding;
use pluriverse_kernel::{diagnostic::Diagnostic, ledger::SinkError, world::RunError};
use serde::Serialize;

/// Why there is no answer; the world is as it was, unless the run itself failed.
#[derive(Debug, Serialize)]
pub(crate) struct Fault {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
}

impl Fault {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            findings: Vec::new(),
        }
    }

    /// A call that makes no sense as it is.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new("bad_request", message)
    }

    /// A scenario that is no scenario.
    pub(crate) fn scenario(name: &str, text: &str, found: &[Diagnostic]) -> Self {
        let findings: Vec<_> = found.iter().map(|one| Finding::new(one, text)).collect();
        let errors = findings.iter().filter(|found| found.severity == "error");
        let first = findings.first().map_or("", |found| &*found.message);
        let message = match errors.count() {
            0 | 1 => format!("`{name}` is no scenario: {first}"),
            count => format!("`{name}` is no scenario: {first}; and {} more", count - 1),
        };
        Self {
            code: "bad_scenario",
            message,
            findings,
        }
    }
}

impl From<RunError> for Fault {
    fn from(error: RunError) -> Self {
        let code = match error {
            RunError::WrongPhase { .. } => "wrong_phase",
            RunError::NoCheckpoint { .. } => "no_checkpoint",
            RunError::Snapshot(_) | RunError::Rewind(_) => "bad_snapshot",
            _ => "run_failed",
        };
        Self::new(code, error.to_string())
    }
}

impl From<SinkError> for Fault {
    fn from(error: SinkError) -> Self {
        Self::new("ledger_failed", error.to_string())
    }
}
