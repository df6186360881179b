//! The kinds of world that there are; no host knows one by name.

use pluriverse_kernel::scenario::Kind;

/// Every kind, in the order in which they are listed.
pub static KINDS: &[&dyn Kind] = &[&pluriverse_process::scenario::Process];

/// The kind of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Kind> {
    KINDS.iter().copied().find(|kind| kind.name() == name)
}
