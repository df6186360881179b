//! The kinds of world that this program knows; nothing else in this crate knows one.

use pluriverse_kernel::scenario::Kind;

/// Every kind, in the order in which they are listed.
pub(crate) static KINDS: &[&dyn Kind] = &[&pluriverse_process::scenario::Process];

/// The kind of this name.
pub(crate) fn find(name: &str) -> Option<&'static dyn Kind> {
    KINDS.iter().copied().find(|kind| kind.name() == name)
}
