//! What is wrong, as Python's exceptions: those of `pluriverse.errors`, with the words of the command line.
//!
//! A fault may arise where no Python is attached; it becomes an exception on its way out.

use std::io;

use pluriverse_experiment::wire::WireError;
use pluriverse_files::{
    experiment_state::{ResumeError, StateError, StateReason},
    render::{self, Colours},
    scenario_file::{Refused, SourceText},
};
use pluriverse_host::document::Finding;
use pluriverse_kernel::{diagnostic::Diagnostic, ledger::SinkError, world::RunError};
use pluriverse_store::StoreError;
use pyo3::{
    exceptions::{PyIndexError, PyTypeError, PyValueError},
    prelude::*,
    types::{PyTuple, PyType},
};

/// Where the exceptions are.
const MODULE: &str = "pluriverse.errors";

/// Why a call has no answer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// A scenario that is none.
    Scenario(Refused),
    /// A run that ended early, or a call that does not fit the world's phase.
    Run(RunError),
    /// An experiment that cannot go on.
    Failed(String),
    /// A ledger that cannot be read, written or believed.
    Ledger(String),
    /// A world that is moving, and cannot be asked by whom it called.
    Busy(String),
    /// A value that makes no sense.
    Value(String),
    /// A value of the wrong type.
    Type(String),
    /// The number of something that is not there.
    Index(String),
    /// What Python itself raised.
    Raised(PyErr),
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        Self::Scenario(refused)
    }
}

impl From<RunError> for Fault {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Ledger(error) => error.into(),
            error => Self::Run(error),
        }
    }
}

impl From<SinkError> for Fault {
    fn from(error: SinkError) -> Self {
        Self::Ledger(error.to_string())
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.to_string())
    }
}

impl From<StateError> for Fault {
    fn from(error: StateError) -> Self {
        let message = format!("{error}; {}", error.help());
        match error.reason {
            StateReason::Unusable(cause) | StateReason::Full(cause) => {
                Self::Raised(io::Error::new(cause.kind(), message).into())
            }
            StateReason::Misfit(_) => Self::Failed(message),
            _ => Self::Value(message),
        }
    }
}

impl From<ResumeError> for Fault {
    fn from(error: ResumeError) -> Self {
        match error {
            ResumeError::State(error) => error.into(),
            ResumeError::Experiment(error) => Self::Failed(error.to_string()),
        }
    }
}

impl From<WireError> for Fault {
    fn from(error: WireError) -> Self {
        Self::Value(error.to_string())
    }
}

impl From<PyErr> for Fault {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

impl From<Fault> for PyErr {
    fn from(fault: Fault) -> Self {
        let (class, message) = match fault {
            Fault::Raised(error) => return error,
            Fault::Value(message) => return PyValueError::new_err(message),
            Fault::Type(message) => return PyTypeError::new_err(message),
            Fault::Index(message) => return PyIndexError::new_err(message),
            Fault::Scenario(refused) => {
                return Python::attach(|py| {
                    scenario_error(py, &refused).unwrap_or_else(|error| error)
                });
            }
            Fault::Run(error) => ("RunError", error.to_string()),
            Fault::Failed(message) => ("RunError", message),
            Fault::Ledger(message) => ("LedgerError", message),
            Fault::Busy(message) => ("WorldBusyError", message),
        };
        Python::attach(|py| match class_of(py, class) {
            Ok(class) => Self::from_type(class, message),
            Err(error) => error,
        })
    }
}

fn class_of<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyType>> {
    Ok(py.import(MODULE)?.getattr(name)?.cast_into()?)
}

fn scenario_error(py: Python<'_>, refused: &Refused) -> PyResult<PyErr> {
    let Refused { findings, sources } = refused;
    let text = render::text(findings, sources, Colours::None);
    let found = findings
        .iter()
        .map(|finding| finding_of(py, finding, sources));
    let found = PyTuple::new(py, found.collect::<PyResult<Vec<_>>>()?)?;
    let arguments = (text.trim_end(), found).into_pyobject(py)?.unbind();
    Ok(PyErr::from_type(class_of(py, "ScenarioError")?, arguments))
}

/// A finding as Python sees it.
pub(crate) fn finding_of<'py>(
    py: Python<'py>,
    diagnostic: &Diagnostic,
    sources: &[SourceText],
) -> PyResult<Bound<'py, PyAny>> {
    let source = sources.iter().find(|source| source.name == diagnostic.file);
    let text = source.map_or("", |source| &source.text);
    let mut finding = Finding::new(diagnostic, text);
    // Without the text there is no line to tell.
    finding.place = finding.place.filter(|_| source.is_some());
    let place = finding.place.map(|place| (place.line, place.column));
    let words = (
        finding.severity,
        &diagnostic.file,
        place,
        finding.message,
        finding.expected,
        finding.help,
    );
    py.import(MODULE)?
        .getattr("Finding")?
        .call_method1("_of", words)
}
