//! SimPy's world on the engine's queue: the classes behind the Python package `pluriverse.simpy`.
//!
//! What a model can see is SimPy 4.1's: the order of events, what is raised and in which words, the attributes that
//! models and their monitors touch. What it cannot see is made only when it is looked at: lists of callbacks, the
//! events that start processes, the releases at the end of `with` blocks. Docstrings, exceptions, `run` and `step`
//! are in Python.

mod agenda;
mod attached;
mod condition;
mod environment;
mod event;
mod given;
mod interruption;
mod moment;
mod names;
mod process;
mod resources;
mod schedule;
mod timeout;
mod waiters;

use pyo3::prelude::*;
use resources::{base, container, priority, requests, resource, store};

/// Adds the classes to a module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("PENDING", names::pending(py)?)?;
    module.add("URGENT", agenda::URGENT)?;
    module.add("NORMAL", agenda::NORMAL)?;
    module.add("INFINITY", environment::infinity(py))?;
    module.add_class::<environment::Environment>()?;
    module.add_class::<schedule::Schedule>()?;
    module.add_class::<event::Event>()?;
    module.add_class::<timeout::Timeout>()?;
    module.add_class::<process::Process>()?;
    module.add_class::<process::Initialize>()?;
    module.add_class::<interruption::Interruption>()?;
    module.add_class::<condition::Condition>()?;
    module.add_class::<condition::AllOf>()?;
    module.add_class::<condition::AnyOf>()?;
    module.add_class::<condition::ConditionValue>()?;
    module.add_class::<base::BaseResource>()?;
    module.add_class::<requests::Put>()?;
    module.add_class::<requests::Get>()?;
    module.add_class::<resource::Resource>()?;
    module.add_class::<resource::Request>()?;
    module.add_class::<resource::Release>()?;
    module.add_class::<priority::PriorityResource>()?;
    module.add_class::<priority::PreemptiveResource>()?;
    module.add_class::<priority::PriorityRequest>()?;
    module.add_class::<container::Container>()?;
    module.add_class::<container::ContainerPut>()?;
    module.add_class::<container::ContainerGet>()?;
    module.add_class::<store::Store>()?;
    module.add_class::<store::StorePut>()?;
    module.add_class::<store::StoreGet>()?;
    module.add_class::<store::PriorityStore>()?;
    module.add_class::<store::FilterStore>()?;
    module.add_class::<store::FilterStoreGet>()
}
