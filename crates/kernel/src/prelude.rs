//! What a model and its first run are written with: `use pluriverse_kernel::prelude::*`.
//!
//! Holds names of other modules and nothing of its own. Whatever a model needs more rarely is imported from where it
//! lives.

pub use crate::{
    context::{Context, StreamId},
    ledger::{Dictionary, Ledger, NONE},
    model::Model,
    replicate::RunPlan,
    scenario::{Prototype, RunKey},
    simulation::Simulation,
    snapshot::{SnapshotError, SnapshotReader, SnapshotWriter},
    time::{SimDuration, SimTime},
    view::{Figure, Observation, Unit},
    world::{Progress, RunError, World},
};
pub use serde::{Deserialize, Serialize};
