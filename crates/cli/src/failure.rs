//! Why a command did not do what was asked: an exit code and what to tell the user.
//!
//! A failure is handled once, in `args::main`; everything below returns it. Results that exist nevertheless
//! (a run that was interrupted) are printed before.

use std::process::ExitCode;

use pluriverse_files::{
    experiment_state::{StateError, StateReason},
    scenario_file::{Refused, SourceText},
};
use pluriverse_kernel::{diagnostic::Diagnostic, world::RunError};

use crate::render;

/// Whose fault it is; the program's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The run failed, was interrupted, or did not agree: 1.
    Run,
    /// The input or the call: 2.
    Input,
}

impl From<Fault> for ExitCode {
    fn from(fault: Fault) -> Self {
        Self::from(match fault {
            Fault::Run => 1,
            Fault::Input => 2,
        })
    }
}

/// A command that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    fault: Fault,
    findings: Vec<Diagnostic>,
    sources: Vec<SourceText>,
}

impl Failure {
    /// Bad input or usage, in one finding.
    pub(crate) fn input(finding: Diagnostic) -> Self {
        Self {
            fault: Fault::Input,
            findings: vec![finding],
            sources: Vec::new(),
        }
    }

    /// A run that failed, in one finding.
    pub(crate) fn run(finding: Diagnostic) -> Self {
        Self {
            fault: Fault::Run,
            findings: vec![finding],
            sources: Vec::new(),
        }
    }

    /// What has been told already; only the exit code is left to give.
    pub(crate) fn told(fault: Fault) -> Self {
        Self {
            fault,
            findings: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Tells the user about every attempt that failed; says whether there was one.
    pub(crate) fn tell_all(attempts: impl IntoIterator<Item = Result<(), Self>>) -> bool {
        let failures = attempts.into_iter().filter_map(Result::err);
        failures.fold(false, |_, failure| {
            failure.tell();
            true
        })
    }

    /// Tells the user on standard error, and says how the program ends.
    pub(crate) fn tell(&self) -> ExitCode {
        render::tell(&self.findings, &self.sources);
        self.fault.into()
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self {
            fault: Fault::Input,
            findings: refused.findings,
            sources: refused.sources,
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let finding = Diagnostic::error("", error.to_string());
        match error {
            RunError::Panicked { .. } => Self::run(finding.help(
                "this is a defect of pluriverse: please report it with the scenario and the seed",
            )),
            RunError::Snapshot(_) => Self::input(finding.help(
                "a snapshot goes on only with the scenario, `--set` values and version that it was taken with",
            )),
            RunError::Ledger(_) => Self::run(finding.help("make room, or choose another place")),
            _ => Self::run(finding),
        }
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        let finding = finding(format!("--state {error}")).help(error.help());
        match error.reason {
            StateReason::Full(_) | StateReason::Misfit(_) => Self::run(finding),
            _ => Self::input(finding),
        }
    }
}

/// An error that is about the call as a whole, not about a file's text.
pub(crate) fn finding(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("", message)
}
