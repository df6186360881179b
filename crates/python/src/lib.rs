//! The engine as a module of Python: `pluriverse._native`, which the package in `python/` is built on.
//!
//! Conversion only: from Python's objects to the engine's and back. Rules of models are in the pure ring, files in
//! `store`, and what is pleasant to use in Python itself. Built for the stable ABI of Python 3.10 and later, by
//! `cargo xtask wheel`; no interpreter is needed to compile it.

use pyo3::prelude::*;

/// What `import pluriverse._native` finds.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))
}
