//! Placeholder docs.

pub mod clock;
pub mod context;
pub mod diagnostic;
pub mod distribution;
pub mod executor;
pub mod ledger;
pub mod model;
pub mod pending;
pub mod random;
pub mod replicate;
pub mod scenario;
pub mod simulation;
pub mod snapshot;
pub mod time;
pub mod view;
pub mod world;
