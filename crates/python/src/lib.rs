//! The engine as a module of Python: `pluriverse._native`, which the package in `python/` is built on.
//!
//! Conversion only: from Python's objects to the engine's and back. Rules of models are in the pure ring, files in
//! `store` and `files`, and what is pleasant to use in Python itself. Built for the stable ABI of Python 3.10 and later,
//! by `cargo xtask wheel`; no interpreter is needed to compile it.
//!
//! No call of the module panics into Python or waits for a lock with the interpreter in hand: what is wrong is a
//! [`fault`], and whose turn it is at a world says its [`gate`].

use pyo3::prelude::*;

mod columns;
mod duration;
mod event;
mod experiment;
mod fault;
mod gate;
mod ledger;
mod mounted;
mod names;
mod numbers;
mod outcome;
mod packed;
mod rows;
mod run;
mod scenario;
mod simpy;
mod verify;
mod world;

/// What `import pluriverse._native` finds.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<columns::Column>()?;
    module.add_class::<event::Event>()?;
    module.add_class::<event::EventBatch>()?;
    module.add_class::<experiment::Study>()?;
    module.add_class::<experiment::Experiment>()?;
    module.add_class::<experiment::Analysis>()?;
    module.add_class::<experiment::Laboratory>()?;
    module.add_class::<ledger::Ledger>()?;
    module.add_class::<names::Legend>()?;
    module.add_class::<outcome::Outcome>()?;
    module.add_class::<rows::Rows>()?;
    module.add_class::<scenario::Scenario>()?;
    module.add_class::<world::Feed>()?;
    module.add_class::<world::Subscription>()?;
    module.add_class::<world::World>()?;
    module.add_function(wrap_pyfunction!(
        experiment::experiment_schema_json,
        module
    )?)?;
    module.add_function(wrap_pyfunction!(duration::nanos, module)?)?;
    module.add_function(wrap_pyfunction!(ledger::read_ledger, module)?)?;
    module.add_function(wrap_pyfunction!(run::run, module)?)?;
    module.add_function(wrap_pyfunction!(scenario::kinds, module)?)?;
    module.add_function(wrap_pyfunction!(scenario::schema_json, module)?)?;
    module.add_function(wrap_pyfunction!(verify::check_hash, module)?)?;
    module.add_function(wrap_pyfunction!(verify::check_rerun, module)?)?;
    let parts = PyModule::new(module.py(), "simpy")?;
    simpy::register(&parts)?;
    module.add_submodule(&parts)?;
    // So that `import pluriverse._native.simpy` finds it, and not only the attribute.
    let loaded = module.py().import("sys")?.getattr("modules")?;
    loaded.set_item("pluriverse._native.simpy", parts)?;
    mounted::register(module)
}
