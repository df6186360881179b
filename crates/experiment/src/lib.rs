//! Experiments: which runs to make, in which order their results count, and what follows from them.
//!
//! An experiment file names a scenario, what varies in it, how often it is run, and a question. [`read`] makes a [`Study`] of
//! it; [`Experiment`] is that study on its way, a state machine that hands out [`Job`]s and takes what they came to; a
//! [`Laboratory`] does a job, on whatever thread or machine. No files, no threads, no clock: those are the host's.
//!
//! ```
//! use pluriverse_experiment::{Experiment, Laboratory, read};
//! use pluriverse_host::scenario::GivenFiles;
//! use pluriverse_kernel::scenario::Draft;
//!
//! // Files come from wherever the host has them.
//! let mut files = GivenFiles::default();
//! files.insert("desk.toml", br#"
//!     kind = "process"
//!     run.until = "8h"
//!     sources.people.arrivals.poisson.rate = "20/h"
//!     stations.desk.agents = 2
//!     stations.desk.service.exponential.mean = "5m"
//! "#.to_vec());
//! let text = r#"
//!     kind = "experiment"
//!     scenario = "desk.toml"
//!     factors.agents = { key = "stations.desk.agents", values = [2, 3] }
//!     replications.count = 20
//!     question.compare.baseline = 1
//! "#;
//! let draft = Draft { file: "agents.toml", text, overrides: &[], files: &files };
//! let (study, warnings) = read(draft).expect("nothing is wrong with it");
//! assert!(warnings.is_empty());
//!
//! // One worker here; many do the same, each with a laboratory of its own. Jobs and results are plain values that
//! // serialise, results may come in any order and more than once, and the analysis is the same to the bit.
//! let mut laboratory = Laboratory::new(study.workload.clone());
//! let mut experiment = Experiment::new(study);
//! while let Some(job) = experiment.poll_job() {
//!     experiment.handle_result(laboratory.run(&job)).expect("it was asked for");
//! }
//! assert!(experiment.is_done() && experiment.failure().is_none());
//! let analysis = experiment.finish();
//! assert_eq!((analysis.points.len(), analysis.runs), (2, 40));
//! ```
//!
//! With several workers: poll until there is no job, hand in each result as it comes and poll again; when nothing is polled
//! and nothing is under way, the experiment is done. [`journal`] writes results down, so that an experiment that was killed
//! goes on where it was: a job whose result is in the journal is handed in rather than done. [`wire`] makes bytes of jobs and
//! results that keep every bit.

pub mod analysis;
pub mod design;
mod experiment;
mod expression;
pub mod job;
pub mod journal;
pub mod plan;
mod procedure;
mod reader;
mod store;
pub mod study;
pub mod wire;

pub use analysis::Analysis;
pub use experiment::{Experiment, ExperimentError, Progress, RUNS_LIMIT, Receipt};
pub use expression::{Expression, ExpressionError};
pub use job::{Job, JobResult, Laboratory, Trial};
pub use plan::Plan;
pub use reader::{Reading, Refusal, read, schema};
pub use study::{Study, Workload};
