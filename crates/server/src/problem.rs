//! What a caller is told when something cannot be done: a status, a code for programs, a sentence for people.
//!
//! Every refusal of the server has this shape, `{"error": {"code", "message", "findings"?, "help"?}}`; the codes are
//! part of the interface.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use pluriverse_archive::ArchiveError;
use pluriverse_host::document::Finding;
use pluriverse_kernel::world::RunError;
use pluriverse_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// The code of a scenario's text that cannot be used.
const BAD_SCENARIO: &str = "bad_scenario";
/// How long a database that is away should be left alone.
const DATABASE_PAUSE: Duration = Duration::from_secs(1);

/// How long a server that is stopping should be left alone: it takes up to ten seconds.
const RESTART_PAUSE: Duration = Duration::from_secs(10);

/// A refusal.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    error: ErrorDocument,
    retry_after: Option<Duration>,
}

/// The body of a refusal.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    error: ErrorDocument,
}

/// What went wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorDocument {
    /// For programs: what sort of refusal it is.
    #[schema(example = "unknown_world")]
    pub(crate) code: &'static str,
    /// For people: what is wrong, with the value.
    pub(crate) message: String,
    /// Everything that is wrong with a scenario's text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    findings: Vec<Finding>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    help: Option<String>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            error: ErrorDocument {
                code,
                message: message.into(),
                findings: Vec::new(),
                help: None,
            },
            retry_after: None,
        }
    }

    pub(crate) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    pub(crate) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    }

    /// A defect or a machine that refuses; the cause is told to the log, not to the caller.
    pub(crate) fn internal(what: &'static str, cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "{what}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", what)
    }

    /// What the archive refuses.
    pub(crate) fn from_archive(error: &ArchiveError) -> Self {
        let status = match error {
            ArchiveError::NoRun { .. }
            | ArchiveError::NoLedger { .. }
            | ArchiveError::NoUpload { .. } => StatusCode::NOT_FOUND,
            ArchiveError::Conflict { .. } | ArchiveError::Incomplete { .. } => StatusCode::CONFLICT,
            ArchiveError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            ArchiveError::Ledger(StoreError::Sink(_) | StoreError::Io { .. }) => {
                return Self::no_room(error);
            }
            ArchiveError::Invalid { .. }
            | ArchiveError::Ledger(_)
            | ArchiveError::Cut { .. }
            | ArchiveError::Row { .. }
            | ArchiveError::ChunkLength { .. }
            | ArchiveError::ChunkDiffers { .. }
            | ArchiveError::HashDiffers { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            ArchiveError::Unavailable { .. }
            | ArchiveError::Silent { .. }
            | ArchiveError::Claimed { .. }
            | ArchiveError::Locked { .. } => StatusCode::SERVICE_UNAVAILABLE,
            ArchiveError::Full { .. } | ArchiveError::Spool { .. } => {
                StatusCode::INSUFFICIENT_STORAGE
            }
            _ => return Self::internal("the archive cannot do this", error),
        };
        if status.is_server_error() {
            tracing::error!(%error, "the archive");
        }
        let problem = Self::new(status, error.code(), error.to_string()).help(error.help());
        if status == StatusCode::SERVICE_UNAVAILABLE {
            return problem.retry_after(DATABASE_PAUSE);
        }
        problem
    }

    /// The server is about to end.
    pub(crate) fn stopping() -> Self {
        let message = "the server is stopping and takes nothing new";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", message)
            .help("try again once it has been started again")
            .retry_after(RESTART_PAUSE)
    }

    /// A file of the server's own that it cannot write; the cause is told to the log.
    pub(crate) fn no_room(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a file cannot be written");
        Self::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "no_room",
            "the server has no room for the ledger's file",
        )
        .help("make room in the server's data folder, or ask for `parquet`, the smallest format")
    }

    /// Everything that is wrong with a scenario.
    pub(crate) fn scenario(findings: Vec<Finding>) -> Self {
        let first = findings.iter().find(|finding| finding.severity == "error");
        let message = first.map_or_else(
            || "the scenario cannot be used".to_owned(),
            |finding| finding.message.clone(),
        );
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, BAD_SCENARIO, message);
        problem.error.findings = findings;
        problem
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.error.help = Some(help.into());
        self
    }

    /// The caller may come back after this long.
    #[must_use]
    pub(crate) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// What is wrong with a scenario's text.
    ///
    /// # Errors
    /// Itself, when it is about something else.
    pub(crate) fn into_findings(self) -> Result<Vec<Finding>, Self> {
        match self.error.code {
            BAD_SCENARIO => Ok(self.error.findings),
            _ => Err(self),
        }
    }

    /// For programs: what sort of refusal it is.
    pub(crate) fn code(&self) -> &'static str {
        self.error.code
    }

    /// What is wrong, without the status.
    pub(crate) fn into_error(self) -> ErrorDocument {
        self.error
    }
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Self {
        let message = error.to_string();
        match error {
            RunError::WrongPhase { .. } => Self::conflict("wrong_phase", message),
            RunError::NoCheckpoint { .. } => Self::conflict("no_checkpoint", message),
            RunError::Rewind(_) => Self::conflict("ledger_is_written", message),
            RunError::Snapshot(_) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "bad_snapshot",
                message,
            )
            .help("a snapshot goes on only in a world of the same scenario, overrides and version"),
            _ => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "run_failed", message),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let document = ProblemDocument { error: self.error };
        let mut response = (self.status, Json(document)).into_response();
        if let Some(wait) = self.retry_after {
            let seconds = HeaderValue::from(wait.as_secs() + 1);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
