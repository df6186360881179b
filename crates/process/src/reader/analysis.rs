//! What a world that was read will do: impossible flows and overload, found before it runs.
use crate::{
    document::{Cursor, Findings},
    spec::Spec,
};
pub(super) fn analyse(_: &Spec, _: &Cursor<'_>, _: &mut Findings<'_>) {}
